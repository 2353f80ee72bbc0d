"""What became of a case: what the complainant says, what a follow-up found, and what happened to her afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Organisation, Person

from ..queries import AlertQuerySet, OfCaseQuerySet
from ..vocabulary import ANSWERS
from .cases import Case


class Rating(models.Model):
    """Whether the matter was solved, and after that how people were. It says nothing about the firm and makes no score of it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="ratings")
    at = models.DateTimeField("时间")
    solved = models.CharField("解决了没有", max_length=10)
    courtesy = models.PositiveSmallIntegerField("态度", null=True, blank=True)
    comment = models.CharField("意见", max_length=1000, blank=True)

    journal_hidden = ("comment",)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(name="a_matter_is_solved_partly_or_not", condition=Q(solved__in=list(ANSWERS))),
            models.CheckConstraint(
                name="courtesy_is_between_1_and_5",
                condition=Q(courtesy__isnull=True) | Q(courtesy__gte=1, courtesy__lte=5),
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.solved}"


class FollowUp(models.Model):
    """What a follow-up found: how it stands, and whether what was promised was kept."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="follow_ups")
    at = models.DateTimeField("时间")
    step = models.CharField("步骤", max_length=20)
    solved = models.CharField("解决了没有", max_length=10)
    kept = models.BooleanField("承诺兑现了", null=True)
    text = models.CharField("情况", max_length=1000)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    journal_hidden = ("text",)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(name="a_follow_up_says_how_it_stands", condition=Q(solved__in=list(ANSWERS))),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"


class Alert(models.Model):
    """Sealed: something happened to the complainant by the respondent within the time of watch (article 56(3)).

    It goes to the organ above the respondent, and to nobody else. A signal opens a check; it is no finding.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="alerts")
    to = models.ForeignKey(Organisation, models.PROTECT, related_name="alerts")
    what = models.CharField("事项", max_length=30)
    on = models.DateField("日期")
    text = models.CharField("情况", max_length=1000)
    at = models.DateTimeField("时间")
    seen_at = models.DateTimeField("查看时间", null=True, blank=True)
    seen_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    finding = models.CharField("核查结论", max_length=1000, blank=True)

    #: Whose complaint it is about, and who looks into it, is sealed as well.
    journal_hidden = ("case", "to", "text", "finding", "what", "on")

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(name="one_alert_an_occurrence", fields=("case", "what", "on")),)

    def __str__(self) -> str:
        return f"alert {self.pk}"
