"""Requests to act for an enterprise: approved by its owner or by an officer of the SME authority of its region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from huiqi.rules.words import Words

from ..queries import enterprises_of
from ..vocabulary import ADMINISTRATOR, AGENT, OFFICER, OWNER, SUPERVISOR, choices
from ..vocabulary import ROLES as ALL_ROLES
from .organisations import Organisation
from .people import Person

if TYPE_CHECKING:
    from ..permissions import Actor

WAITING, APPROVED, REFUSED = "waiting", "approved", "refused"
STATES: dict[str, Words] = {
    WAITING: Words("等待决定", "waits for the decision"),
    APPROVED: Words("已同意", "approved"),
    REFUSED: Words("未同意", "refused"),
}
ROLES = {role: ALL_ROLES[role] for role in (OWNER, AGENT)}
#: Roles in an organ whose people may decide on requests.
DECIDING_ROLES = (OFFICER, SUPERVISOR, ADMINISTRATOR)


class HatRequestQuerySet(models.QuerySet["HatRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own requests, those for the firm that one owns, and for the SME authority those of its region."""
        if actor.person is None:
            return self.none()
        seen = Q(person=actor.person)
        if actor.own_enterprise is not None and actor.role == OWNER:
            seen |= Q(organisation=actor.own_enterprise)
        if (
            actor.jurisdiction is not None
            and actor.organ_function == "industry_and_it"
            and actor.role in DECIDING_ROLES
        ):
            seen |= enterprises_of(actor, "organisation__")
        return self.filter(seen)

    def decidable_by(self, actor: Actor) -> Self:
        """Waiting requests that the actor may decide: never one's own."""
        return self.visible_to(actor).filter(state=WAITING).exclude(person=actor.person)


class HatRequest(models.Model):
    """A person asks to act for an enterprise in a role. Until it is approved she sees nothing of the enterprise."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="hat_requests")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="hat_requests")
    role = models.CharField("角色", max_length=20, choices=choices(ROLES))
    state = models.CharField("状态", max_length=10, default=WAITING)
    asked_at = models.DateTimeField("申请时间", auto_now_add=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="decided_hat_requests", null=True, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)

    objects = HatRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "身份申请"
        ordering = ("asked_at", "pk")
        constraints = (
            models.CheckConstraint(
                name="a_hat_request_has_a_known_state", condition=Q(state__in=(WAITING, APPROVED, REFUSED))
            ),
            models.CheckConstraint(
                name="a_refused_hat_request_gives_its_reason", condition=~Q(state=REFUSED) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="nobody_decides_on_her_own_request",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("person")),
            ),
            models.UniqueConstraint(
                name="one_request_for_a_hat_waits_at_a_time",
                fields=("person", "organisation"),
                condition=Q(state=WAITING),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} → {self.organisation}"
