"""A case, who complains, and a complaint that is still being written."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from huiqi.registry import vocabulary as registry_vocabulary
from huiqi.registry.models import Organisation, Person, Region

from .. import vocabulary
from ..kinds import Kind, kinds
from ..queries import CaseQuerySet, ComplainantQuerySet, FilingDraftFileQuerySet, FilingDraftQuerySet

_OPEN_STATES = ("received", "supplementing", "handling", "paused", "decided")


class Case(models.Model):
    """One matter that is handled by one office at a time.

    ``handling`` is the organ that has it, ``handler`` the officer who looks after it, ``overseers`` the ids of the organs
    above it that may see how it goes. ``due`` is the last day of the clock that ends first, empty while none runs.
    ``version`` grows with every step: whoever decided on what has changed meanwhile is told. ``told`` and ``wish`` are
    the complainant's own words; ``told_to_respondent`` is what the office lets the other side read.
    """

    number = models.CharField("编号", max_length=30, unique=True)
    secret = models.CharField("查询密钥的摘要", max_length=64)
    procedure = models.CharField("程序", max_length=30, default="complaint")
    kind = models.CharField("事由", max_length=30)
    state = models.CharField("状态", max_length=20, default="received")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="发生地", related_name="cases")
    channel = models.CharField("渠道", max_length=10, choices=registry_vocabulary.choices(vocabulary.CHANNELS))
    respondent = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="被投诉单位", related_name="cases_against", null=True, blank=True
    )
    respondent_name = models.CharField("被投诉方名称", max_length=200, blank=True)
    handling = models.ForeignKey(Organisation, models.PROTECT, verbose_name="承办机关", related_name="handled_cases")
    handler = models.ForeignKey(
        Person, models.PROTECT, verbose_name="承办人", related_name="handled_cases", null=True, blank=True
    )
    overseers = ArrayField(models.BigIntegerField(), verbose_name="上级机关", default=list)
    settled = models.BooleanField("责任机关已由上级指定", default=False)
    withheld = models.BooleanField("对被投诉方隐去身份", default=False)
    told = models.TextField("情况", max_length=5000)
    wish = models.CharField("要求", max_length=1000)
    told_to_respondent = models.TextField("告知被投诉方的内容", max_length=5000, blank=True)
    happened_on = models.DateField("发生日期", null=True, blank=True)
    amount = models.DecimalField("涉及金额（元）", max_digits=16, decimal_places=2, null=True, blank=True)
    filed_at = models.DateTimeField("登记时间")
    answered_at = models.DateTimeField("答复送达时间", null=True, blank=True)
    due = models.DateField("最后一天", null=True, blank=True)
    ending = models.CharField("结果", max_length=20, blank=True)
    ended_by = models.CharField("由谁提出", max_length=20, blank=True)
    extended = models.BooleanField("已延期", default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, related_name="merged", null=True, blank=True)
    before_merge = models.JSONField("并入前", null=True, blank=True)
    version = models.PositiveIntegerField("版次", default=1)

    #: Words of a complainant name people; that they are there is noted, and not what they say.
    journal_hidden = ("secret", "told", "wish", "told_to_respondent", "respondent_name")

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        ordering = ("due", "pk")
        indexes = (
            models.Index(
                name="open_cases_of_an_organ", fields=("handling", "due", "id"), condition=Q(state__in=_OPEN_STATES)
            ),
            models.Index(
                name="cases_of_a_handler", fields=("handler", "due", "id"), condition=Q(state__in=_OPEN_STATES)
            ),
            models.Index(name="cases_of_an_organ_by_state", fields=("handling", "state")),
            models.Index(name="cases_against", fields=("respondent", "filed_at")),
            GinIndex(name="cases_overseen", fields=("overseers",)),
        )
        constraints = (
            models.CheckConstraint(name="a_case_is_of_a_known_kind", condition=Q(kind__in=list(kinds()))),
            models.CheckConstraint(
                name="a_case_came_in_by_a_known_channel", condition=Q(channel__in=list(vocabulary.CHANNELS))
            ),
            models.CheckConstraint(
                name="a_case_ends_in_a_known_way",
                condition=Q(ending="") | Q(ending__in=list(vocabulary.ENDINGS)),
            ),
            models.CheckConstraint(
                name="the_respondent_never_handles_its_own_case",
                condition=Q(respondent__isnull=True) | ~Q(respondent=models.F("handling")),
            ),
            models.CheckConstraint(
                name="a_case_is_answered_with_an_ending_and_a_time",
                condition=~Q(state="answered") | Q(answered_at__isnull=False) & ~Q(ending=""),
            ),
            models.CheckConstraint(
                name="a_joined_case_names_the_other",
                condition=Q(state="merged", merged_into__isnull=False)
                | ~Q(state="merged") & Q(merged_into__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def matter(self) -> Kind:
        return kinds()[self.kind]

    @property
    def open(self) -> bool:
        """Whether somebody still has to act on it."""
        return self.state in _OPEN_STATES

    def days_left(self, on: dt.date) -> int | None:
        """Days to the last day, negative when it is over; None while no clock runs."""
        return None if self.due is None else (self.due - on).days


OPEN_STATES = _OPEN_STATES


class Complainant(models.Model):
    """Who complains, kept apart from the case: whoever may see the case may not always see this."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="complainant")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="complaints", verbose_name="企业", null=True, blank=True
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="complaints", null=True, blank=True)
    name = models.CharField("名称", max_length=200)
    contact = models.CharField("联系人", max_length=60, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    language = models.CharField("语言", max_length=10, default="zh-hans")

    journal_hidden = ("organisation", "person", "name", "contact", "phone", "email")

    objects = ComplainantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投诉人"
        constraints = (models.CheckConstraint(name="a_complainant_has_a_name", condition=~Q(name="")),)

    def __str__(self) -> str:
        return f"complainant of {self.case_id}"

    @property
    def names(self) -> list[str]:
        """All by which she could be known; what is shorter than two characters tells nobody anything."""
        firm = [self.organisation.name_zh, self.organisation.uscc or ""] if self.organisation is not None else []
        given = (self.name, self.contact, self.phone, self.email, *firm)
        return [each for each in given if len(each.strip()) >= 2]


class CaseNumber(models.Model):
    """The last number that was given at a place in a year; its row is locked while the next is taken, so that none is missing."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    journal_exempt = "a counter; the case that takes a number is noted"

    class Meta:
        constraints = (models.UniqueConstraint(name="one_counter_of_cases_a_year", fields=("region", "year")),)

    def __str__(self) -> str:
        return f"{self.region_id} {self.year}"


class FilingDraft(models.Model):
    """A complaint that is still being written: by somebody signed in, or by whoever has its secret."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", null=True, blank=True)
    secret = models.CharField(max_length=64, unique=True)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField()

    journal_exempt = "not yet said to anybody; filing it is noted"

    objects = FilingDraftQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(name="drafts_of_complaints_by_end", fields=("expires_at",)),)

    def __str__(self) -> str:
        return f"draft {self.pk}"


class FilingDraftFile(models.Model):
    """A file that goes with a complaint that is still being written."""

    draft = models.ForeignKey(FilingDraft, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    journal_exempt = "not yet said to anybody; filing it is noted"

    objects = FilingDraftFileQuerySet.as_manager()

    def __str__(self) -> str:
        return f"file {self.pk}"
