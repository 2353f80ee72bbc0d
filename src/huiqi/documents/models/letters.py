"""Letters of organs, all versions of what they say, the file that was issued, and the numbers that organs give."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Organisation, Person
from huiqi.registry.vocabulary import choices
from huiqi.rules.words import Words

from ..letters import reading
from ..letters.kinds import Kind, kinds

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

DRAFT, APPROVED, ISSUED, DELIVERED = "draft", "approved", "issued", "delivered"
STATES: dict[str, Words] = {
    DRAFT: Words("草稿", "draft"),
    APPROVED: Words("已审批", "approved"),
    ISSUED: Words("已签发", "issued"),
    DELIVERED: Words("已送达", "delivered"),
}
#: From then on nothing of what the letter says can change.
OUT = (ISSUED, DELIVERED)

IN_APP, EMAIL, POST, IN_PERSON = "in_app", "email", "post", "in_person"
WAYS: dict[str, Words] = {
    IN_APP: Words("在本平台送达", "on this platform"),
    EMAIL: Words("电子邮件", "by e-mail"),
    POST: Words("邮寄", "by post"),
    IN_PERSON: Words("当面交付", "in person"),
}


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, actor: Actor) -> Self:
        """The letters of what one handles; issued ones of what one may read, and those that one is sent.

        A letter whose addressee is withheld is seen by those who handle it and by the addressee, and by nobody else.
        """
        return self.filter(
            reading.handled_by(actor) | (Q(state__in=OUT) & (reading.read_by(actor) | reading.sent_to(actor)))
        )

    def handled_by(self, actor: Actor) -> Self:
        """The letters that one's organ writes, of what one handles for it."""
        return self.filter(reading.handled_by(actor))

    def sent_to(self, actor: Actor) -> Self:
        """The issued letters of which one is the addressee."""
        return self.filter(reading.sent_to(actor), state__in=OUT)


class Letter(models.Model):
    """One letter of an organ: what it belongs to, to whom it goes, how far it is, and its number once it is issued.

    ``about_kind`` and ``about_id`` name what it belongs to (``"case"``, 12) in a package above. ``version`` is the number
    of the version that counts; what it says stands in :class:`LetterVersion`.
    """

    kind = models.CharField("文种", max_length=20)
    about_kind = models.CharField("所属事项的种类", max_length=40)
    about_id = models.BigIntegerField("所属事项")
    organ = models.ForeignKey(Organisation, models.PROTECT, related_name="letters")
    addressee = models.CharField("收件人", max_length=200)
    addressee_organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="letters_received", null=True, blank=True
    )
    addressee_person = models.ForeignKey(Person, models.PROTECT, related_name="letters_received", null=True, blank=True)
    addressee_is_person = models.BooleanField("收件人是个人", default=False)
    addressee_hidden = models.BooleanField("收件人身份保密", default=False)
    state = models.CharField("状态", max_length=10, choices=choices(STATES), default=DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    drafted_by = models.ForeignKey(Person, models.PROTECT, related_name="drafted_letters")
    drafted_at = models.DateTimeField("起草时间", auto_now_add=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="approved_letters", null=True, blank=True)
    approved_at = models.DateTimeField("审批时间", null=True, blank=True)
    approved_alone = models.BooleanField("起草人自己审批", default=False)
    sent_back = models.CharField("退回的理由", max_length=500, blank=True)
    issued_by = models.ForeignKey(Person, models.PROTECT, related_name="issued_letters", null=True, blank=True)
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    issued_on = models.DateField("成文日期", null=True, blank=True)
    number = models.CharField("发文字号", max_length=60, blank=True)
    year = models.PositiveSmallIntegerField("年份", null=True, blank=True)
    sequence = models.PositiveIntegerField("序号", null=True, blank=True)
    code = models.CharField("核验码", max_length=12, null=True, blank=True, unique=True)
    sha256 = models.CharField("散列", max_length=64, blank=True)
    delivered_by = models.ForeignKey(Person, models.PROTECT, related_name="delivered_letters", null=True, blank=True)
    delivered_at = models.DateTimeField("送达时间", null=True, blank=True)
    delivered_how = models.CharField("送达方式", max_length=10, choices=choices(WAYS), blank=True)
    delivery_note = models.CharField("送达说明", max_length=500, blank=True)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="opened_letters", null=True, blank=True)
    opened_at = models.DateTimeField("打开时间", null=True, blank=True)

    #: Who is written to may have asked that nobody knows; notes and reasons may name her. The code opens the check.
    journal_hidden = (
        "addressee",
        "addressee_organisation",
        "addressee_person",
        "sent_back",
        "delivery_note",
        "opened_by",
        "code",
    )

    if TYPE_CHECKING:
        organ_id: int
        addressee_organisation_id: int | None

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        ordering = ("-drafted_at", "-pk")
        indexes = (
            models.Index(name="letters_of_a_matter", fields=("about_kind", "about_id")),
            models.Index(name="letters_of_an_organ", fields=("organ", "state")),
        )
        constraints = (
            models.CheckConstraint(name="a_letter_has_a_known_state", condition=Q(state__in=list(STATES))),
            models.CheckConstraint(
                name="an_approved_letter_names_who_approved",
                condition=Q(state=DRAFT, approved_by__isnull=True, approved_at__isnull=True)
                | Q(~Q(state=DRAFT), approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_issued_letter_has_number_and_code_and_no_other_has",
                condition=Q(
                    ~Q(number=""),
                    ~Q(sha256=""),
                    state__in=OUT,
                    year__isnull=False,
                    sequence__isnull=False,
                    code__isnull=False,
                    issued_by__isnull=False,
                    issued_at__isnull=False,
                    issued_on__isnull=False,
                )
                | Q(
                    ~Q(state__in=OUT),
                    number="",
                    sha256="",
                    year__isnull=True,
                    sequence__isnull=True,
                    code__isnull=True,
                    issued_by__isnull=True,
                    issued_at__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="a_delivered_letter_says_how",
                condition=Q(~Q(state=DELIVERED), delivered_at__isnull=True, delivered_how="")
                | Q(state=DELIVERED, delivered_at__isnull=False, delivered_how__in=list(WAYS)),
            ),
            models.CheckConstraint(
                name="only_an_issued_letter_is_opened", condition=Q(opened_at__isnull=True) | Q(state__in=OUT)
            ),
            models.UniqueConstraint(
                name="an_organ_gives_each_number_of_a_year_once", fields=("organ", "year", "sequence")
            ),
            models.UniqueConstraint(name="no_two_letters_have_one_number", fields=("number",), condition=~Q(number="")),
        )

    def __str__(self) -> str:
        return self.number or f"{self.kind} {self.pk}"

    @property
    def definition(self) -> Kind:
        return kinds()[self.kind]

    @property
    def out(self) -> bool:
        """Whether it is issued, so that nothing of it can change any more."""
        return self.state in OUT

    @property
    def shown_code(self) -> str:
        """The code in groups of four, as it is printed."""
        code = self.code or ""
        return "-".join(code[at : at + 4] for at in range(0, len(code), 4))

    @property
    def now(self) -> LetterVersion:
        """The version that counts."""
        return self.versions.get(number=self.version)


class LetterVersionQuerySet(models.QuerySet["LetterVersion"]):
    def visible_to(self, actor: Actor) -> Self:
        """All versions of the letters that one handles; of others that one sees, the one that was issued."""
        handled = Letter.objects.handled_by(actor).order_by().values("pk")
        seen = Letter.objects.visible_to(actor).order_by().values("pk")
        return self.filter(Q(letter__in=handled) | Q(letter__in=seen, number=models.F("letter__version")))


class LetterVersion(models.Model):
    """What a letter said at one time: the fields of its kind as text. Added to and never changed."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    content = models.JSONField("内容")
    by = models.ForeignKey(Person, models.PROTECT, related_name="letter_versions")
    at = models.DateTimeField("时间", auto_now_add=True)

    journal_hidden = ("content",)

    objects = LetterVersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书的版本"
        ordering = ("letter", "number")
        constraints = (models.UniqueConstraint(name="a_letter_has_each_version_once", fields=("letter", "number")),)

    def __str__(self) -> str:
        return f"{self.letter} ({self.number})"


class LetterFileQuerySet(models.QuerySet["LetterFile"]):
    def visible_to(self, actor: Actor) -> Self:
        """The files of the letters that one sees."""
        return self.filter(letter__in=Letter.objects.visible_to(actor).order_by().values("pk"))


class LetterFile(models.Model):
    """The PDF of a letter as it was issued. It stands by itself, so that no list of letters reads it."""

    letter = models.OneToOneField(Letter, models.PROTECT, related_name="file", primary_key=True)
    pdf = models.BinaryField("文件")

    objects = LetterFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书的文件"

    def __str__(self) -> str:
        return str(self.letter)


MAIL_SENDING, MAIL_SENT, MAIL_FAILED, MAIL_UNKNOWN = "sending", "sent", "failed", "unknown"
MAIL_STATES: dict[str, Words] = {
    MAIL_SENDING: Words("正在发", "being sent"),
    MAIL_SENT: Words("邮件服务器已收下", "taken by the mail server"),
    MAIL_FAILED: Words("没发成", "failed"),
    MAIL_UNKNOWN: Words("不知道发没发成", "not known whether it was sent"),
}


class LetterMailQuerySet(models.QuerySet["LetterMail"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the letters that one handles: where somebody is reached is nobody else's."""
        return self.filter(letter__in=Letter.objects.handled_by(actor).order_by().values("pk"))


class LetterMail(models.Model):
    """One try to deliver an issued letter by e-mail, and what became of it: the proof that the mail server took it.

    ``key`` makes the Message-ID: a further try to the same address has the same, so that mail programs show one letter.
    ``reason`` is a key of :data:`huiqi.documents.sending.reasons.REASONS`.
    """

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="mails")
    address = models.EmailField("电子邮箱")
    key = models.UUIDField("哪一封")
    state = models.CharField("状态", max_length=10, choices=choices(MAIL_STATES), default=MAIL_SENDING)
    reason = models.CharField("原因", max_length=20, blank=True)
    provider_id = models.CharField("承运方的编号", max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField("开始发的时间")
    ended_at = models.DateTimeField("结束的时间", null=True, blank=True)

    journal_hidden = ("address",)

    objects = LetterMailQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书的邮件"
        ordering = ("-begun_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="a_letter_is_mailed_once_at_a_time", fields=("letter",), condition=Q(state=MAIL_SENDING)
            ),
            models.CheckConstraint(name="a_mail_has_a_known_state", condition=Q(state__in=list(MAIL_STATES))),
            models.CheckConstraint(
                name="a_mail_that_has_ended_says_when",
                condition=Q(state=MAIL_SENDING, ended_at__isnull=True)
                | Q(~Q(state=MAIL_SENDING), ended_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.letter_id} {self.state}"


class LetterCode(models.Model):
    """The code of an organ in the numbers of its letters (发文机关代字), such as 喀什工信."""

    organ = models.OneToOneField(Organisation, models.PROTECT, related_name="letter_code", primary_key=True)
    code = models.CharField("机关代字", max_length=20, unique=True)

    objects: ClassVar[models.Manager[LetterCode]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "机关代字"
        constraints = (models.CheckConstraint(name="a_letter_code_is_not_empty", condition=~Q(code="")),)

    def __str__(self) -> str:
        return self.code


class LetterCounter(models.Model):
    """The last number that an organ has given in a year. Taken with a lock that lasts until the letter is there."""

    journal_exempt = "the numbers that it has given stand on the letters"

    organ = models.ForeignKey(Organisation, models.PROTECT, related_name="letter_counters")
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("最后一个序号")

    objects: ClassVar[models.Manager[LetterCounter]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "文号"
        constraints = (models.UniqueConstraint(name="an_organ_counts_a_year_once", fields=("organ", "year")),)

    def __str__(self) -> str:
        return f"{self.organ} {self.year} {self.last}"
