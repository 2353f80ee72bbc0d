"""The tables of the journal. Rows are added and never changed: triggers refuse it, also to the tables' owner.

None has a foreign key into other packages: what the journal says must stay when a row that it speaks of is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .queries import BlockQuerySet, ChangeQuerySet, EventQuerySet


class Event(models.Model):
    """One act of somebody. ``id`` is given when the act begins; the order for readers is :class:`Leaf`."""

    journal_exempt = "it is the journal"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("时间", db_index=True)
    person = models.BigIntegerField("人", null=True)
    membership = models.BigIntegerField("身份", null=True)
    organisation = models.BigIntegerField("所代表的组织", null=True)
    role = models.CharField("角色", max_length=20, blank=True)
    machine = models.CharField("程序", max_length=60, blank=True)
    verb = models.CharField("行为", max_length=60)
    object_kind = models.CharField("对象种类", max_length=60, blank=True)
    object_id = models.CharField("对象", max_length=60, blank=True)
    subject = models.BigIntegerField("相关组织", null=True)
    region = models.CharField("地区", max_length=6, blank=True)
    articles = ArrayField(models.PositiveSmallIntegerField(), verbose_name="依据的条", default=list)
    reason = models.TextField("理由", blank=True)
    details = models.JSONField("细节", default=dict)
    cause = models.BigIntegerField("起因", null=True)
    salt = models.BinaryField("盐")

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        ordering = ("-id",)
        indexes = (
            models.Index(name="events_of_an_object", fields=("object_kind", "object_id", "id")),
            models.Index(name="events_about_a_firm", fields=("subject", "id")),
            models.Index(name="events_of_an_organ", fields=("organisation", "id")),
            models.Index(name="events_of_a_person", fields=("person", "id")),
            models.Index(name="events_by_verb", fields=("verb", "id")),
            models.Index(name="events_by_cause", fields=("cause",), condition=models.Q(cause__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.verb}"


class Change(models.Model):
    """What an act did to one row: the columns that differ, ``before`` and ``after``. Written by triggers only."""

    journal_exempt = "it is the journal"

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.DO_NOTHING, db_column="event", related_name="changes", db_index=False)
    kind = models.CharField("种类", max_length=60)
    row = models.CharField("行", max_length=60)
    operation = models.CharField("动作", max_length=6)
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)

    if TYPE_CHECKING:
        event_id: int

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变化"
        ordering = ("event", "id")
        indexes = (
            models.Index(name="changes_of_an_event", fields=("event", "id")),
            models.Index(name="changes_of_a_row", fields=("kind", "row", "id")),
        )

    def __str__(self) -> str:
        return f"{self.event_id} {self.operation} {self.kind} {self.row}"


class Waiting(models.Model):
    """An event that is not sealed yet. Put here by a trigger, taken away by the job that seals."""

    journal_exempt = "a queue within the journal"

    event = models.BigIntegerField(primary_key=True)

    objects: ClassVar[models.Manager[Waiting]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "待封存"

    def __str__(self) -> str:
        return str(self.event)


class Block(models.Model):
    """Events sealed together. ``hash`` covers the block and, by ``previous``, all before it."""

    journal_exempt = "it is the journal"

    number = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField("起")
    count = models.IntegerField("事件数")
    root = models.BinaryField("根")
    previous = models.BinaryField("上一块")
    sealed_at = models.DateTimeField("封存时间")
    hash = models.BinaryField("散列")

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区块"
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number}"


class Leaf(models.Model):
    """The place of an event in the one order, from 0 on without a gap, and its hash."""

    journal_exempt = "it is the journal"

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.DO_NOTHING, db_column="event", related_name="leaf")
    hash = models.BinaryField("散列")

    objects: ClassVar[models.Manager[Leaf]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "叶"

    def __str__(self) -> str:
        return f"{self.position}"


class Reader(models.Model):
    """How far somebody has read: the position of the last event that had its effect, -1 before the first."""

    journal_exempt = "how far a reader of the journal has come; it says nothing about anybody"

    name = models.CharField(primary_key=True, max_length=60)
    position = models.BigIntegerField("读到", default=-1)

    objects: ClassVar[models.Manager[Reader]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "读者"

    def __str__(self) -> str:
        return f"{self.name} {self.position}"
