"""Querysets of the registry. Every view, API call, export and search starts from ``visible_to(actor)``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

from .permissions import CERTIFYING_FUNCTIONS
from .vocabulary import (
    ACTING_ROLES,
    ADMINISTRATOR,
    AUDIT_ADMIN,
    ENTERPRISE,
    OWNER,
    SECURITY_ADMIN,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .models import Membership, Person
    from .permissions import Actor


class RegionQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Regions are public."""
        return self

    def under(self, code: str) -> Self:
        """The region of this code and all below it in the code hierarchy (for totals and maps).

        Raises ``Region.DoesNotExist`` for an unknown code. The code hierarchy says nothing about who supervises whom:
        see :meth:`huiqi.registry.models.Region.superiors`.
        """
        return self.filter(code__startswith=self.model._default_manager.get(pk=code).prefix)


class IndustryQuerySet(models.QuerySet[Any]):
    def under(self, code: str) -> Self:
        """The industry of this code and all below it; a section is given by its letter."""
        if code.isalpha():
            return self.filter(section=code)
        return self.filter(code__startswith=code)


def enterprises_of(actor: Actor, path: str = "") -> Q:
    """The condition on an enterprise (reached over ``path``) for which the actor acts or in whose region it serves.

    The Corps' organs stand beside the regional ones and serve the enterprises of the Corps only.
    """
    if actor.own_enterprise is not None:
        return Q(**{f"{path}pk": actor.own_enterprise})
    if actor.jurisdiction is None:
        return Q(pk__in=())
    region = Q(**{f"{path}region__code__startswith": actor.jurisdiction})
    return region & Q(**{f"{path}facts__is_bingtuan": True}) if actor.serves_corps_only else region


class OrganisationQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Organs, banks and the like are public. An enterprise is seen by its own people and by the organs of its region.

        By the code of the place of registration: an organ of a prefecture sees the enterprises of its counties.
        """
        return self.filter(~Q(kind=ENTERPRISE) | Q(Q(kind=ENTERPRISE) & enterprises_of(actor)))

    def enterprises(self) -> Self:
        return self.filter(kind=ENTERPRISE)

    def active_on(self, day: dt.date) -> Self:
        """Organisations that exist on this day; an open end is no end."""
        return self.filter(
            Q(active_from__isnull=True) | Q(active_from__lte=day), Q(active_to__isnull=True) | Q(active_to__gte=day)
        )


class EnterpriseFactsQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The enterprise's own people, and officers of certifying organs within their region. Nobody else.

        A bank sees nothing without a consent that covers it. Which facts of a row an officer may read is
        :func:`huiqi.registry.permissions.may_read_fact`.
        """
        if actor.own_enterprise is None and actor.organ_function not in CERTIFYING_FUNCTIONS:
            return self.none()
        return self.filter(enterprises_of(actor, "organisation__"))


class SizeSnapshotQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """As for the facts that the snapshot was taken from."""
        if actor.own_enterprise is None and actor.organ_function not in CERTIFYING_FUNCTIONS:
            return self.none()
        return self.filter(enterprises_of(actor, "organisation__"))


class PersonQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Oneself; everybody, for the security administrator of the service; for those who audit, whoever did what they
        read in the journal."""
        if actor.person is None:
            return self.none()
        if actor.role == SECURITY_ADMIN:
            return self.all()
        oneself = Q(pk=actor.person.pk)
        if actor.reads_all_events:
            from huiqi.journal.models import Event

            return self.filter(oneself | Q(pk__in=Event.objects.visible_to(actor).values("person")))
        return self.filter(oneself)


class MembershipQuerySet(models.QuerySet[Any]):
    def active_on(self, day: dt.date) -> Self:
        """Hats held on this day; the last day of a hat is a day on which it is held, unless somebody ended it."""
        return self.filter(Q(ended_at__isnull=True, start__lte=day), Q(end__isnull=True) | Q(end__gte=day))

    def visible_to(self, actor: Actor) -> Self:
        """One's own hats; those of one's firm; for an administrator of an organ those of the organ, and for the security
        and the audit administrator of the service all."""
        if actor.person is None:
            return self.none()
        if actor.role in (SECURITY_ADMIN, AUDIT_ADMIN):
            return self.all()
        own = Q(person=actor.person)
        if actor.runs_firm is not None:
            return self.filter(own | Q(organisation=actor.runs_firm))
        if actor.role == ADMINISTRATOR:
            return self.filter(own | Q(organisation=actor.organisation))
        return self.filter(own)


class DelegationQuerySet(models.QuerySet[Any]):
    def active_on(self, day: dt.date) -> Self:
        """Delegations under which somebody may act on this day: begun, not over, not ended."""
        return self.filter(ended_at__isnull=True, start__lte=day, end__gte=day)

    def held_by(self, person: Person, day: dt.date, held: Iterable[Membership] | None = None) -> Self:
        """Those under which this person may act on this day: her own, and those of an agency for which she acts.

        ``held`` are the roles that she holds on that day, where they are at hand.
        """
        if held is None:
            held = person.memberships.active_on(day)
        acts_for = [hat.organisation_id for hat in held if hat.role in ACTING_ROLES]
        whose = Q(agent=person) | Q(agency__in=acts_for) if acts_for else Q(agent=person)
        found = self.active_on(day).filter(whose)
        return found.select_related("organisation__region").order_by("start", "pk")

    def visible_to(self, actor: Actor) -> Self:
        """Those of the firm that one runs or works for, those to oneself, and those to the agency for which one acts."""
        if actor.person is None:
            return self.none()
        if actor.role in (SECURITY_ADMIN, AUDIT_ADMIN):
            return self.all()
        seen = Q(agent=actor.person)
        if actor.role in ACTING_ROLES:
            seen |= Q(organisation=actor.organisation) | Q(agency=actor.organisation)
        return self.filter(seen)


class InvitationQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Those to act for the firm that one owns, and those that one's organ made."""
        if actor.person is None or actor.organisation is None:
            return self.none()
        if actor.role == OWNER and actor.runs_firm is not None:
            return self.filter(organisation=actor.runs_firm)
        return self.filter(made_for=actor.organisation) if actor.jurisdiction is not None else self.none()

    def open(self) -> Self:
        """Those whose code may still be used."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=Now())


class RosterImportQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The imports that one made oneself, and those made by people of one's organ while one acts for it."""
        if actor.person is None:
            return self.none()
        own = Q(by=actor.person)
        if actor.jurisdiction is None and actor.role != ADMINISTRATOR:
            return self.filter(own)
        return self.filter(own | Q(organisation=actor.organisation))


class RosterTrialQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The trials that one made oneself for the organ for which one acts, while they are kept."""
        if actor.person is None or actor.jurisdiction is None:
            return self.none()
        return self.filter(by=actor.person, organisation=actor.organisation, expires_at__gt=Now())


class StatementQuerySet(models.QuerySet[Any]):
    def valid_on(self, day: dt.date) -> Self:
        """Statements that still hold on this day."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))


class DateRange(Func):
    """PostgreSQL's ``daterange`` with both ends included; an empty end is open."""

    function = "daterange"
    output_field = models.Field()

    def __init__(self, start: str, end: str) -> None:
        super().__init__(F(start), F(end), Value("[]"))
