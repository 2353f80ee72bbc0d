"""The clocks of a case."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huiqi.rules.words import Words

from ..queries import OfCaseQuerySet
from .cases import Case

ACCEPT, FINISH, FIRST_FOLLOW_UP, SECOND_FOLLOW_UP = "accept", "finish", "follow_up_first", "follow_up_second"
CLOCK_WORDS: dict[str, Words] = {
    ACCEPT: Words("受理", "acceptance"),
    FINISH: Words("书面答复", "written reply"),
    FIRST_FOLLOW_UP: Words("第一次回访", "first follow-up"),
    SECOND_FOLLOW_UP: Words("第二次回访", "second follow-up"),
}

IN_TIME, LATE, NOT_NEEDED = "in_time", "late", "not_needed"
#: How a clock ended.
OUTCOMES: dict[str, Words] = {
    IN_TIME: Words("按时", "in time"),
    LATE: Words("逾期", "late"),
    NOT_NEEDED: Words("不再需要", "no longer needed"),
}


class CaseClock(models.Model):
    """One step of a case that has to be done in time: by which rule, from which day, and what became of it.

    ``due`` is the last day by the clock that ends first, with the pauses and the extension so far; while the time stands
    still it is empty. The day-by-day account is reckoned anew from the rule whenever somebody asks.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks")
    step = models.CharField("步骤", max_length=20)
    rule = models.CharField("期限规则", max_length=60)
    starts_on = models.DateField("起算日")
    due = models.DateField("最后一天", null=True, blank=True)
    extension = models.JSONField("延期", null=True, blank=True)
    pauses = models.JSONField("中止", default=list)
    stopped_on = models.DateField("停止日", null=True, blank=True)
    outcome = models.CharField("结果", max_length=20, blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                name="a_step_of_a_case_has_one_running_clock", fields=("case", "step"), condition=Q(stopped_on=None)
            ),
            models.CheckConstraint(
                name="a_stopped_clock_says_how_it_ended",
                condition=Q(stopped_on__isnull=True, outcome="") | Q(stopped_on__isnull=False) & ~Q(outcome=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"
