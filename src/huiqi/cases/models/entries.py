"""What stands in the file of a case: steps, messages, notes, attachments, tasks."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from huiqi.registry.models import Organisation, Person
from huiqi.rules.words import Words

from ..queries import AttachmentQuerySet, EntryQuerySet, TaskQuerySet
from ..vocabulary import PARTS
from .cases import Case

STEP, MESSAGE, NOTE = "step", "message", "note"
ENTRY_KINDS: dict[str, Words] = {
    STEP: Words("办理", "step"),
    MESSAGE: Words("留言", "message"),
    NOTE: Words("内部记录", "internal note"),
}

#: Lines that no procedure has: how it came in, a warning, a step up of what is overdue.
FILED, WARNED, CLIMBED = "filed", "warned", "climbed"
EVENT_WORDS: dict[str, Words] = {
    FILED: Words("登记了", "registered"),
    WARNED: Words("提醒：时间过了四分之三", "warned: three quarters of the time are over"),
    CLIMBED: Words("逾期，自动上报", "overdue: it climbed by itself"),
}

WAITING, CLEAN, REFUSED = "waiting", "clean", "refused"
QUARANTINE: dict[str, Words] = {
    WAITING: Words("待检查", "being checked"),
    CLEAN: Words("可下载", "may be taken"),
    REFUSED: Words("已隔离", "kept apart"),
}


class Entry(models.Model):
    """One line of the timeline. Rows are added and never changed (a trigger).

    ``part`` is in which part somebody acted (:data:`~huiqi.cases.vocabulary.PARTS`); ``person`` and ``organisation`` stand
    empty for a complainant, whose identity is kept in one place only. ``shown_to`` are the parts that may read it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="entries")
    at = models.DateTimeField("时间")
    kind = models.CharField("种类", max_length=10)
    event = models.CharField("步骤", max_length=30, blank=True)
    part = models.CharField("身份", max_length=20)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    text = models.TextField("内容", max_length=5000, blank=True)
    data = models.JSONField("数据", default=dict)
    shown_to = ArrayField(models.CharField(max_length=20), verbose_name="谁能看")

    journal_hidden = ("text",)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        indexes = (models.Index(name="entries_of_a_case", fields=("case", "at")),)
        constraints = (
            models.CheckConstraint(name="an_entry_is_of_a_known_kind", condition=Q(kind__in=list(ENTRY_KINDS))),
            models.CheckConstraint(name="an_entry_is_made_in_a_known_part", condition=Q(part__in=[*PARTS, "system"])),
            models.CheckConstraint(
                name="a_complainant_is_named_in_one_place_only",
                condition=~Q(part="complainant") | Q(person__isnull=True, organisation__isnull=True),
            ),
            models.CheckConstraint(
                name="a_note_is_of_the_handling_office", condition=~Q(kind=NOTE) | Q(part="handler")
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.event or self.kind}"


class Attachment(models.Model):
    """A file of a case. What it is was read from its content, photographs have lost what cameras write beside the picture."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    at = models.DateTimeField("时间")
    part = models.CharField("身份", max_length=20)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField("文件名", max_length=200)
    type = models.CharField("类型", max_length=60)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("摘要", max_length=64)
    content = models.BinaryField("内容")
    quarantine = models.CharField("检查", max_length=10, default=WAITING)
    shown_to = ArrayField(models.CharField(max_length=20), verbose_name="谁能看")

    journal_hidden = ("name",)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                name="an_attachment_is_checked_waits_or_is_kept_apart", condition=Q(quarantine__in=list(QUARANTINE))
            ),
            models.CheckConstraint(
                name="an_attachment_of_a_complainant_names_nobody",
                condition=~Q(part="complainant") | Q(person__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class Task(models.Model):
    """Something to be done within the handling office."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks")
    title = models.CharField("事项", max_length=200)
    assignee = models.ForeignKey(Person, models.PROTECT, related_name="case_tasks", null=True, blank=True)
    due = models.DateField("最后一天", null=True, blank=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    done_at = models.DateTimeField("办完时间", null=True, blank=True)
    done_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)

    journal_hidden = ("title",)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("due", "pk")

    def __str__(self) -> str:
        return f"task {self.pk}"
