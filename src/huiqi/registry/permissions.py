"""Who acts, and in which role.

A person may hold several roles: her own firm's owner and an officer of an office, say. Each role is a *hat*
(:class:`~huiqi.registry.models.Membership`). One hat is worn at a time; it is kept in the session, and looked up
again at every request, so that a hat that has ended can never be used.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huiqi.journal import Who
from huiqi.rules.dictionary import Fact, dictionary

from .vocabulary import AUDITOR, ENTERPRISE, ORGAN, READING_ROLES, certifying_functions

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .models import Membership, Organisation, Person

SESSION_KEY = "hat"


@dataclass(frozen=True)
class Actor:
    """A person and the hat that she wears; neither for the public, no hat for a person without a role.

    Raises ValueError when the hat is somebody else's or is not held on the day (today in Asia/Shanghai by default).
    """

    person: Person | None = None
    membership: Membership | None = None
    on: dt.date | None = None

    def __post_init__(self) -> None:
        if self.membership is None:
            return
        if self.person is None or self.membership.person_id != self.person.pk:
            raise ValueError("a hat can be worn by the person who holds it only")
        if not self.person.is_active:
            raise ValueError("this account is closed")
        if not self.membership.active_on(self.on or timezone.localdate()):
            raise ValueError("this hat is not held on this day")

    @property
    def organisation(self) -> Organisation | None:
        return self.membership.organisation if self.membership else None

    @property
    def role(self) -> str | None:
        return self.membership.role if self.membership else None

    @property
    def who(self) -> Who:
        """The actor as the journal names her."""
        hat = self.membership
        return Who(
            person=self.person.pk if self.person else None,
            membership=hat.pk if hat else None,
            organisation=hat.organisation_id if hat else None,
            role=hat.role if hat else "",
        )

    @property
    def reads_all_events(self) -> bool:
        """Whether the actor reads the journal of her whole region: the auditors of organs do."""
        return self.role == AUDITOR and self.jurisdiction is not None

    @property
    def own_enterprise(self) -> int | None:
        """The id of the enterprise for which the actor acts, or None."""
        organisation = self.organisation
        if organisation is None or organisation.kind != ENTERPRISE or self.role not in READING_ROLES:
            return None
        return organisation.pk

    @property
    def jurisdiction(self) -> str | None:
        """The leading digits of all regions that the actor's organ serves; None unless the actor works in an organ."""
        organisation = self.organisation
        if organisation is None or organisation.kind != ORGAN or self.role not in READING_ROLES:
            return None
        return organisation.region.prefix if organisation.region else None

    @property
    def works_in_organ(self) -> bool:
        """Whether the hat is one of an organ, in whatever role."""
        return self.organisation is not None and self.organisation.kind == ORGAN

    @property
    def serves_corps_only(self) -> bool:
        """Whether the actor works in an organ of the Production and Construction Corps."""
        return self.organisation is not None and self.works_in_organ and self.organisation.is_bingtuan

    @property
    def organ_function(self) -> str | None:
        return self.organisation.organ_function if self.jurisdiction is not None and self.organisation else None


PUBLIC = Actor()

#: Functions of organs that certify at least one fact, and so have a task for which they read facts.
CERTIFYING_FUNCTIONS: frozenset[str] = frozenset().union(*(certifying_functions(fact) for fact in dictionary().stored))

#: Facts that an officer reads only where her organ certifies them (Personal Information Protection Law, article 28).
_SENSITIVE = frozenset({"sensitive"})


def may_read_fact(actor: Actor, fact: Fact) -> bool:
    """Whether an actor who sees an enterprise's row may read this fact in it.

    The enterprise reads all of its own facts. An officer of a certifying organ reads them too, except sensitive
    ones, which only the organs that certify them read.
    """
    if actor.own_enterprise is not None:
        return True
    if actor.organ_function not in CERTIFYING_FUNCTIONS:
        return fact.sensitivity == "public" and actor.jurisdiction is not None
    return fact.sensitivity not in _SENSITIVE or actor.organ_function in certifying_functions(fact)


def hat_of(request: HttpRequest) -> Membership | None:
    """The hat worn in this request: the one chosen, else the only one there is, else None.

    A hat in the session that has ended, or that belongs to another person, counts as not chosen.
    """
    person = request.user
    if not person.is_authenticated or not person.is_active:
        return None
    hats = person.hats(timezone.localdate())
    chosen = request.session.get(SESSION_KEY)
    for hat in hats:
        if hat.pk == chosen:
            return hat
    return hats[0] if len(hats) == 1 else None


def wear_hat(request: HttpRequest, membership_id: int) -> Membership:
    """Choose a hat for this session. Raises PermissionDenied when the person does not hold it today."""
    if request.user.is_authenticated and request.user.is_active:
        for hat in request.user.hats(timezone.localdate()):
            if hat.pk == membership_id:
                request.session[SESSION_KEY] = hat.pk
                return hat
    raise PermissionDenied("not a role that you hold today")


def actor_of(request: HttpRequest) -> Actor:
    """The actor of this request; the public when nobody is logged in."""
    if not request.user.is_authenticated or not request.user.is_active:
        return PUBLIC
    return Actor(request.user, hat_of(request))
