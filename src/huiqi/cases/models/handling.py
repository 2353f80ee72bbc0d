"""Who handles a case, who may not, and who else takes part."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Organisation, Person

from ..queries import ConflictQuerySet, OfCaseQuerySet
from ..vocabulary import INVITED, RESPONDENT
from .cases import Case


class Handling(models.Model):
    """One stay of a case with an office: from when to when, and why it came there. Every bounce is a row."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="stays")
    organ = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    came_from = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    since = models.DateTimeField("从")
    until = models.DateTimeField("到", null=True, blank=True)
    reason = models.CharField("理由", max_length=1000, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)

    journal_hidden = ("reason",)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        ordering = ("since", "pk")
        constraints = (
            models.UniqueConstraint(
                name="a_case_is_with_one_office_at_a_time", fields=("case",), condition=Q(until__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} with {self.organ_id}"


class Conflict(models.Model):
    """A reason why an officer has no part in a case: declared by herself, or found by the system."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="conflicts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    declared = models.BooleanField("本人申报")
    reason = models.CharField("理由", max_length=500)
    at = models.DateTimeField("时间")

    objects = ConflictQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(name="one_conflict_of_a_person_a_case", fields=("case", "person")),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.person_id}"


class Party(models.Model):
    """An organisation that takes part: the respondent from when it was heard, an association that helps, a third party.

    An invited one may be released again: ``until`` when, by whom, and why. From then on it sees nothing of the case.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="parties")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    part = models.CharField("身份", max_length=20)
    since = models.DateTimeField("从")
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    until = models.DateTimeField("到", null=True, blank=True)
    released_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)

    journal_hidden = ("reason",)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="an_organisation_takes_a_part_once",
                fields=("case", "organisation", "part"),
                condition=Q(until__isnull=True),
            ),
            models.CheckConstraint(
                name="a_released_party_says_by_whom_and_why",
                condition=Q(until__isnull=True, released_by__isnull=True, reason="")
                | Q(~Q(reason=""), until__isnull=False, released_by__isnull=False, part__in=list(INVITED)),
            ),
            models.CheckConstraint(name="a_party_takes_a_known_part", condition=Q(part__in=[*INVITED, RESPONDENT])),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.part}"
