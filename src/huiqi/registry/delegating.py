"""Delegation (委托代理): an enterprise lets an agent act for it, in named scopes and for a time (Civil Code, articles 161
to 165 and 173).

The owner gives, changes and ends it, and whatever she does counts at once: whoever acts is looked up at every request.
An agent cannot delegate on. The agent may give it up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from huiqi.journal import Act, act

from .models import Delegation, Organisation
from .vocabulary import ENTERPRISE, OWNER, SCOPE_NEEDS, SCOPES, SERVICE_AGENCY

if TYPE_CHECKING:
    from .permissions import Actor

#: Organisations to which a firm may delegate: agencies, and enterprises that keep the books of others.
AGENCIES = (SERVICE_AGENCY, ENTERPRISE)


class BadTerms(ValueError):
    """Terms that make no sense; ``field`` names the one: scopes, start or end."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class NoAgency(ValueError):
    """No agency here has this credit code, or it is the firm itself."""


class Overlapping(ValueError):
    """The agent has a delegation of this firm for some of these days already."""


def closed(scopes: Iterable[str]) -> list[str]:
    """Scopes with those that they need, in the order of the list."""
    asked = set(scopes)
    wanted = asked | {SCOPE_NEEDS[scope] for scope in asked if scope in SCOPE_NEEDS}
    return [scope for scope in SCOPES if scope in wanted]


def checked_terms(
    scopes: Iterable[str], start: dt.date | None, end: dt.date | None, on: dt.date
) -> tuple[list[str], dt.date, dt.date]:
    """The terms of a delegation, given today (``on``). Raises BadTerms."""
    asked = list(scopes)
    if not asked or not set(asked) <= set(SCOPES):
        raise BadTerms("scopes")
    begins = start or on
    if begins < on:
        raise BadTerms("start")
    if end is None or end < begins:
        raise BadTerms("end")
    return closed(asked), begins, end


def delegate_to_agency(
    actor: Actor, code: str, scopes: Iterable[str], start: dt.date | None, end: dt.date | None, on: dt.date
) -> Delegation:
    """Let the agency of this credit code act for the firm. A person is invited with a code instead, see :mod:`.inviting`.

    Raises PermissionDenied for whoever is not the owner, BadTerms, NoAgency, Overlapping.
    """
    firm = _owned(actor)
    agreed, begins, ends = checked_terms(scopes, start, end, on)
    agencies = Organisation.objects.active_on(on).filter(kind__in=AGENCIES, uscc=code)
    agency = agencies.exclude(pk=firm).first()
    if agency is None:
        raise NoAgency(code)
    with act(actor.who, "delegation.given", articles=(6,)) as this:
        made = _made(organisation_id=firm, agency=agency, scopes=agreed, start=begins, end=ends, given_by=actor.person)
        _tell_of(this, made)
        return made


def change(actor: Actor, delegation_id: int, scopes: Iterable[str], end: dt.date | None, on: dt.date) -> Delegation:
    """Other scopes, or another last day. The delegation ends at once and another one follows it.

    The delegation itself when nothing would change. Raises PermissionDenied, BadTerms, Delegation.DoesNotExist when the
    firm has none like this that is not over.
    """
    firm = _owned(actor)
    with act(actor.who, "delegation.changed", articles=(6,)) as this:
        former = _held(Q(organisation=firm), delegation_id, on)
        agreed, begins, ends = checked_terms(scopes, max(former.start, on), end, on)
        if (agreed, ends) == (closed(former.scopes), former.end):
            return former
        _end(actor, former)
        made = _made(
            organisation_id=former.organisation_id,
            agent_id=former.agent_id,
            agency_id=former.agency_id,
            scopes=agreed,
            start=begins,
            end=ends,
            given_by=actor.person,
            follows=former,
        )
        _tell_of(this, made)
        return made


def end(actor: Actor, delegation_id: int, on: dt.date) -> Delegation:
    """End a delegation at once: the owner of the firm, or the agent who gives it up.

    Raises Delegation.DoesNotExist when there is none that the actor may end.
    """
    if actor.person is None:
        raise PermissionDenied("a delegation is ended by somebody who is signed in")
    mine = Q(agent=actor.person)
    if actor.role == OWNER:
        mine |= Q(agency=actor.organisation) | Q(organisation=actor.organisation)
    with act(actor.who, "delegation.ended", articles=(6,)) as this:
        delegation = _end(actor, _held(mine, delegation_id, on))
        _tell_of(this, delegation)
        return delegation


def _owned(actor: Actor) -> int:
    """The firm that the actor owns. Raises PermissionDenied."""
    if actor.role != OWNER or actor.runs_firm is None:
        raise PermissionDenied("only the owner delegates for her firm")
    return actor.runs_firm


def _held(mine: Q, delegation_id: int, on: dt.date) -> Delegation:
    """A delegation that is not over, one of these, locked."""
    found: Delegation = (
        Delegation.objects.filter(mine, ended_at__isnull=True, end__gte=on)
        .select_for_update(of=("self",))
        .select_related("organisation", "agent", "agency")
        .get(pk=delegation_id)
    )
    return found


def _end(actor: Actor, delegation: Delegation) -> Delegation:
    delegation.ended_at, delegation.ended_by = timezone.now(), actor.person
    delegation.save(update_fields=["ended_at", "ended_by"])
    return delegation


def _tell_of(this: Act, delegation: Delegation) -> None:
    """Let the event say what it is about."""
    this.about(delegation)
    this.subject, this.region = delegation.organisation_id, delegation.organisation.region_id or ""


def _made(**terms: object) -> Delegation:
    try:
        with transaction.atomic():
            return Delegation.objects.create(**terms)
    except IntegrityError as problem:
        raise Overlapping from problem
