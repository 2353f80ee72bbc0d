"""Obligations: one duty, owed by one organ on one occasion, and the steps by which an overdue one has climbed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Organisation, Person, Region
from huiqi.rules.words import Words

from ..duties.definitions import Duty, duties
from ..queries import EscalationStepQuerySet, ObligationQuerySet

OPEN, FULFILLED, WAIVED, DROPPED = "open", "fulfilled", "waived", "dropped"
STATES: dict[str, Words] = {
    OPEN: Words("待办", "open"),
    FULFILLED: Words("已办", "done"),
    WAIVED: Words("免除", "waived"),
    DROPPED: Words("不再需要", "no longer owed"),
}

#: Why an obligation has no last day.
DATED, NO_DAY, CALENDAR_MISSING = "", "no_day", "calendar_missing"

#: Why an obligation climbs, or why a step of the way is nobody's.
OVERDUE, STILL_OVERDUE, NO_OWNER, NO_ORGAN, NOBODY_ABOVE = (
    "overdue",
    "still_overdue",
    "no_owner",
    "no_organ",
    "nobody_above",
)
REASONS = (OVERDUE, STILL_OVERDUE, NO_OWNER, NO_ORGAN, NOBODY_ABOVE)

_IS_OPEN = Q(state=OPEN)


class Obligation(models.Model):
    """What one organ has to do on one occasion, such as the disclosure of 2026, or the decision on one declaration.

    ``organ`` is empty where no organ of the place owns the duty: then the finding itself climbs (article 56(2) of the
    measures). ``starts_on`` is the day of the event, from which the clock counts; ``opened_on`` the day on which it
    came to stand here. ``due`` is the last day; why there is none says ``undated``. ``level`` counts how often it has
    climbed, ``holder`` is the organ that it has climbed to, ``climb_on`` the day on which it climbs next.
    """

    duty = models.CharField("义务", max_length=60)
    organ = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="义务机关", related_name="obligations", null=True, blank=True
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="obligations")
    occasion = models.CharField("事由", max_length=80)
    object_kind = models.CharField("对象种类", max_length=60, blank=True)
    object_id = models.CharField("对象", max_length=60, blank=True)
    opening_event = models.BigIntegerField("引发的事件", null=True, blank=True)
    starts_on = models.DateField("起算日")
    opened_on = models.DateField("列出日期")
    rule = models.CharField("期限规则", max_length=60, blank=True)
    due = models.DateField("最后一天", null=True, blank=True)
    undated = models.CharField("没有日期的原因", max_length=20, blank=True)
    warn_on = models.DateField("提醒日", null=True, blank=True)
    warned_at = models.DateTimeField("提醒时间", null=True, blank=True)
    state = models.CharField("状态", max_length=10, default=OPEN)
    level = models.PositiveSmallIntegerField("已上报几级", default=0)
    holder = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="上报到", related_name="climbed_obligations", null=True, blank=True
    )
    climb_on = models.DateField("下一次上报日", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closed_on = models.DateField("办结日", null=True, blank=True)
    closing_event = models.BigIntegerField("办结的事件", null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, related_name="closed_obligations", null=True, blank=True)
    closed_for = models.ForeignKey(
        Organisation, models.PROTECT, related_name="closed_obligations", null=True, blank=True
    )
    reason = models.CharField("免除理由", max_length=500, blank=True)
    evidence_text = models.CharField("办理情况", max_length=1000, blank=True)
    evidence_name = models.CharField("文件名", max_length=200, blank=True)
    evidence_type = models.CharField("文件类型", max_length=60, blank=True)
    evidence = models.BinaryField("文件", null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待办义务"
        ordering = ("due", "pk")
        indexes = (
            models.Index(name="open_obligations_by_due", fields=("due", "id"), condition=_IS_OPEN),
            models.Index(name="open_obligations_of_an_organ", fields=("organ", "due", "id"), condition=_IS_OPEN),
            models.Index(name="open_obligations_of_a_place", fields=("region", "due", "id"), condition=_IS_OPEN),
            models.Index(
                name="obligations_climbed_to", fields=("holder", "due", "id"), condition=_IS_OPEN & Q(level__gt=0)
            ),
            models.Index(name="obligations_to_warn_of", fields=("warn_on",), condition=_IS_OPEN & Q(warned_at=None)),
            models.Index(name="obligations_that_climb", fields=("climb_on",), condition=_IS_OPEN),
            models.Index(name="obligations_of_a_duty", fields=("duty", "state", "due")),
            models.Index(name="closed_obligations", fields=("closed_at",), condition=~_IS_OPEN),
            models.Index(name="obligations_about_an_object", fields=("object_kind", "object_id")),
        )
        constraints = (
            models.UniqueConstraint(
                name="an_organ_owes_a_duty_once_an_occasion",
                fields=("duty", "organ", "occasion"),
                condition=Q(organ__isnull=False),
            ),
            models.UniqueConstraint(
                name="a_place_lacks_an_owner_once_an_occasion",
                fields=("duty", "region", "occasion"),
                condition=Q(organ__isnull=True),
            ),
            models.CheckConstraint(name="an_obligation_has_a_known_state", condition=Q(state__in=list(STATES))),
            models.CheckConstraint(
                name="an_obligation_has_a_last_day_or_says_why_not",
                condition=Q(due__isnull=False, undated="")
                | Q(due__isnull=True, undated__in=(NO_DAY, CALENDAR_MISSING)),
            ),
            models.CheckConstraint(
                name="what_is_no_longer_open_says_since_when",
                condition=Q(state=OPEN, closed_at__isnull=True) | Q(~Q(state=OPEN), closed_at__isnull=False),
            ),
            models.CheckConstraint(name="a_waiver_gives_its_reason", condition=~Q(state=WAIVED) | ~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.duty} {self.occasion}"

    @property
    def definition(self) -> Duty:
        """The duty. KeyError for one that a newer version no longer has."""
        return duties()[self.duty]


class EscalationStep(models.Model):
    """One step on the way up, or the reason why it could not be taken. Rows are added and never changed (a trigger).

    ``number`` counts the steps of an obligation from 1 on; ``level`` is how high it stands after the step. A step that
    led to no organ has no ``to_organ``, and ``reason`` says why.
    """

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField("第几步")
    level = models.PositiveSmallIntegerField("第几级")
    on = models.DateField("日期")
    at = models.DateTimeField("时间", auto_now_add=True)
    from_organ = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    to_organ = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", null=True, blank=True)
    reason = models.CharField("理由", max_length=20)
    due = models.DateField("当时的最后一天", null=True, blank=True)

    objects = EscalationStepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上报记录"
        ordering = ("obligation", "number")
        constraints = (
            models.UniqueConstraint(name="a_step_is_taken_once", fields=("obligation", "number")),
            models.CheckConstraint(name="a_step_has_a_known_reason", condition=Q(reason__in=REASONS)),
            models.CheckConstraint(
                name="a_step_leads_to_an_organ_or_says_why_not",
                condition=Q(to_organ__isnull=False) | Q(reason__in=(NO_ORGAN, NOBODY_ABOVE)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.number}"
