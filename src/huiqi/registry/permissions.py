"""Who acts, and in which role.

A person may hold several roles: her own firm's owner and an officer of an office, say. Each role is a *hat*
(:class:`~huiqi.registry.models.Membership`). One hat is worn at a time; it is kept in the session, and looked up
again at every request, so that a hat that has ended can never be used.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeAlias

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huiqi.journal import Who
from huiqi.rules.dictionary import Fact, dictionary

from . import second_factor
from .vocabulary import (
    ACTING_ROLES,
    AUDIT_ADMIN,
    AUDITOR,
    ENTERPRISE,
    ORGAN,
    READ_FACTS,
    READING_ROLES,
    SCOPES,
    SECURITY_ADMIN,
    SYSTEM_ADMIN,
    certifying_functions,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .models import Delegation, Membership, Organisation, Person

    #: What is worn: a role that is held, or a delegation.
    Hat: TypeAlias = Membership | Delegation

SESSION_KEY = "hat"


@dataclass(frozen=True)
class Actor:
    """A person and the hat that she wears; neither for the public, no hat for a person without a role.

    The hat is a role that she holds (``membership``) or a delegation of an enterprise to her or to the agency for which
    she works (``delegation``); with a delegation to an agency, ``membership`` is her role there.
    Raises ValueError when the hat is somebody else's or is not held on the day (today in Asia/Shanghai by default).
    """

    person: Person | None = None
    membership: Membership | None = None
    on: dt.date | None = None
    delegation: Delegation | None = None

    def __post_init__(self) -> None:
        if self.hat is None:
            return
        day = self.on or timezone.localdate()
        if self.person is None or (self.membership is not None and self.membership.person_id != self.person.pk):
            raise ValueError("a hat can be worn by the person who holds it only")
        if not self.person.is_active:
            raise ValueError("this account is closed")
        if not all(hat is None or hat.active_on(day) for hat in (self.membership, self.delegation)):
            raise ValueError("this hat is not held on this day")
        if self.delegation is not None and not self._is_agent():
            raise ValueError("a delegation can be used by the agent to whom it was given only")

    def _is_agent(self) -> bool:
        assert self.delegation is not None and self.person is not None
        if self.delegation.agent_id is not None:
            return self.delegation.agent_id == self.person.pk and self.membership is None
        return (
            self.membership is not None
            and self.membership.organisation_id == self.delegation.agency_id
            and self.membership.role in ACTING_ROLES
        )

    @classmethod
    def wearing(cls, person: Person, hat: Hat | None, on: dt.date | None = None) -> Self:
        """This person in one of her hats (:meth:`~huiqi.registry.models.Person.hats`), or in none."""
        from .models import Membership  # the models ask for actors

        if hat is None or isinstance(hat, Membership):
            return cls(person, hat, on)
        through = None
        if hat.agency_id is not None:
            day = on or timezone.localdate()
            at_agency = person.memberships.active_on(day).filter(organisation=hat.agency_id, role__in=ACTING_ROLES)
            through = at_agency.order_by("start", "pk").first()
        return cls(person, through, on, hat)

    @property
    def hat(self) -> Hat | None:
        """What is worn: the delegation where there is one, else the role."""
        return self.delegation or self.membership

    @property
    def organisation(self) -> Organisation | None:
        return self.hat.organisation if self.hat else None

    @property
    def role(self) -> str | None:
        return self.hat.role if self.hat else None

    @property
    def scopes(self) -> frozenset[str]:
        """What the actor may do for the enterprise for which she acts, of :data:`~.vocabulary.SCOPES`.

        Its owner and its agents do everything, whoever acts under a delegation what that says, others only read.
        """
        if self.delegation is not None:
            return frozenset(self.delegation.scopes)
        organisation = self.organisation
        if organisation is None or organisation.kind != ENTERPRISE or self.role not in READING_ROLES:
            return frozenset()
        return frozenset(SCOPES) if self.role in ACTING_ROLES else frozenset({READ_FACTS})

    def may(self, scope: str) -> bool:
        """Whether the actor may do this for the enterprise for which she acts."""
        return scope in self.scopes

    @property
    def acts_for(self) -> int | None:
        """The id of the enterprise for which the actor does anything at all, or None."""
        return self.hat.organisation_id if self.hat is not None and self.scopes else None

    @property
    def who(self) -> Who:
        """The actor as the journal names her."""
        return Who(
            person=self.person.pk if self.person else None,
            membership=self.membership.pk if self.membership else None,
            organisation=self.hat.organisation_id if self.hat else None,
            role=self.hat.role if self.hat else "",
        )

    @property
    def reads_all_events(self) -> bool:
        """Whether the actor reads all events: the audit administrator of the service those of everywhere, the auditors of
        organs those of their region."""
        return audits(self) or (self.role == AUDITOR and self.jurisdiction is not None)

    @property
    def own_enterprise(self) -> int | None:
        """The id of the enterprise whose facts the actor reads because she acts for it, or None."""
        return self.acts_for if self.may(READ_FACTS) else None

    @property
    def runs_firm(self) -> int | None:
        """The id of the enterprise in which the actor is at home, as its owner or one of its agents; not by delegation."""
        return self.acts_for if self.role in ACTING_ROLES else None

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


def administers_system(actor: Actor) -> bool:
    """Whether the actor is the system administrator of the service: organs, calendar, settings; no accounts."""
    return actor.role == SYSTEM_ADMIN


def administers_accounts(actor: Actor) -> bool:
    """Whether the actor is the security administrator of the service: accounts, roles, locks, sessions; no records."""
    return actor.role == SECURITY_ADMIN


def audits(actor: Actor) -> bool:
    """Whether the actor is the audit administrator of the service, who reads what was done and changes nothing."""
    return actor.role == AUDIT_ADMIN


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


def hat_of(request: HttpRequest) -> Hat | None:
    """The hat worn in this request: the one chosen, else the only one there is, else None.

    A hat in the session that has ended, or that belongs to another person, counts as not chosen. One that asks for a
    second factor is not worn in a session that has not proved one.
    """
    person = request.user
    if not person.is_authenticated or not person.is_active:
        return None
    hats = person.hats(timezone.localdate())
    chosen = str(request.session.get(SESSION_KEY))
    worn = next((hat for hat in hats if hat.key == chosen), hats[0] if len(hats) == 1 else None)
    if worn is not None and second_factor.asked_for(worn) and not second_factor.proved(request):
        return None
    return worn


def withheld(request: HttpRequest) -> list[Hat]:
    """The hats that the person of this request holds and may not wear before she has proved a second factor."""
    person = request.user
    if not person.is_authenticated or not person.is_active:
        return []
    asking = [hat for hat in person.hats(timezone.localdate()) if second_factor.asked_for(hat)]
    return asking if asking and not second_factor.proved(request) else []


def wear_hat(request: HttpRequest, key: int | str) -> Hat:
    """Choose a hat for this session. Raises PermissionDenied when the person does not hold it today, or may not wear it
    before she has proved a second factor."""
    if request.user.is_authenticated and request.user.is_active:
        for hat in request.user.hats(timezone.localdate()):
            if hat.key == str(key):
                if second_factor.asked_for(hat) and not second_factor.proved(request):
                    raise PermissionDenied("this role asks for a second factor")
                request.session[SESSION_KEY] = hat.key
                return hat
    raise PermissionDenied("not a role that you hold today")


def actor_of(request: HttpRequest) -> Actor:
    """The actor of this request; the public when nobody is logged in."""
    if not request.user.is_authenticated or not request.user.is_active:
        return PUBLIC
    return Actor.wearing(request.user, hat_of(request))
