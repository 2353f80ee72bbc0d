"""Hats: asking to act for an enterprise and the decision on it, giving a hat and ending one.

Until it is approved the person sees nothing of the firm; a hat that is ended is over at once.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from huiqi.journal import Act, Who, act

from .accounts import looked_after_here
from .models import Membership, Organisation, Person
from .models.requests import APPROVED, REFUSED, ROLES, WAITING, HatRequest, HatRequestQuerySet
from .permissions import administers_accounts
from .reasons import given_reason
from .vocabulary import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    CLERK,
    ENTERPRISE,
    OFFICER,
    ORGAN,
    OWNER,
    SUPERVISOR,
)

if TYPE_CHECKING:
    from .permissions import Actor

#: Roles that the security administrator gives on a page: in an organ, and in another body. The three of the service are
#: appointed on the machine, and who acts for an enterprise is said by its owner or by the SME authority.
ROLES_IN_ORGANS = (OFFICER, SUPERVISOR, CLERK, ADMINISTRATOR, AUDITOR)
ROLES_IN_BODIES = (OWNER, AGENT)


class AlreadyHeld(ValueError):
    """The person acts for this enterprise already, or holds this hat already."""


class LastOwner(ValueError):
    """Nobody would be left who may say who acts for the firm."""


def ask(person: Person, code: str, role: str, on: dt.date) -> HatRequest | None:
    """Ask to act for the enterprise of this credit code (as ``credit_code.check`` gives it).

    None when no enterprise here has the code. A request that waits already is the answer. Raises AlreadyHeld.
    """
    if role not in ROLES:
        raise ValueError(f"{role} is not asked for")
    with act(Who(person=person.pk), "hat.requested", articles=(6,)) as this:
        # two requests of one person at once wait for each other here
        Person.objects.select_for_update().get(pk=person.pk)
        firm = Organisation.objects.enterprises().active_on(on).filter(uscc=code).first()
        if firm is None:
            return None
        if Membership.objects.active_on(on).filter(person=person, organisation=firm).exists():
            raise AlreadyHeld(code)
        waiting = HatRequest.objects.filter(person=person, organisation=firm, state=WAITING).first()
        request = waiting or HatRequest.objects.create(person=person, organisation=firm, role=role)
        _tell_of(this, request)
        return request


def approve(actor: Actor, request_id: int, on: dt.date) -> HatRequest:
    """Give the hat, from this day. Raises HatRequest.DoesNotExist when the actor may not decide it (any more)."""
    with act(actor.who, "hat.approved", articles=(6,)) as this:
        request = _to_decide(actor, request_id, this)
        held = Membership.objects.active_on(on).filter(
            person=request.person, organisation=request.organisation, role=request.role
        )
        if not held.exists():
            Membership.objects.create(
                person=request.person, organisation=request.organisation, role=request.role, start=on
            )
        return _decided(actor, request, APPROVED, "")


def refuse(actor: Actor, request_id: int, reason: str) -> HatRequest:
    """Do not give the hat. ValueError without a reason."""
    given = given_reason(reason)
    with act(actor.who, "hat.refused", articles=(6,), reason=given) as this:
        return _decided(actor, _to_decide(actor, request_id, this), REFUSED, given)


def give(
    actor: Actor, person_id: int, organisation_id: int, role: str, start: dt.date, end: dt.date | None, reason: str
) -> Membership:
    """The security administrator gives a hat in an organ or another body.

    Raises AlreadyHeld, Organisation.DoesNotExist, PermissionDenied for a role that is not hers to give there, ValueError
    without a reason or when it would end before it begins.
    """
    given = given_reason(reason)
    if end is not None and end < start:
        raise ValueError("a hat does not end before it begins")
    with act(actor.who, "hat.given", reason=given, details={"person": person_id}) as this:
        person = looked_after_here(actor, person_id)
        organisation = Organisation.objects.get(pk=organisation_id)
        if role not in roles_in(organisation):
            raise PermissionDenied(f"{role} is not given on a page in this organisation")
        held = Membership.objects.filter(person=person, organisation=organisation, role=role, ended_at__isnull=True)
        overlapping = held.filter(Q(end__isnull=True) | Q(end__gte=start))
        if (overlapping.filter(start__lte=end) if end else overlapping).exists():
            raise AlreadyHeld(role)
        hat = Membership.objects.create(person=person, organisation=organisation, role=role, start=start, end=end)
        _tell_whose(this, hat)
        return hat


def roles_in(organisation: Organisation) -> tuple[str, ...]:
    """The roles that the security administrator may give in this organisation."""
    if organisation.kind == ENTERPRISE:
        return ()
    return ROLES_IN_ORGANS if organisation.kind == ORGAN else ROLES_IN_BODIES


def end(actor: Actor, membership_id: int, reason: str) -> Membership:
    """End a hat, at once: the owner those of her firm, the security administrator any but her own and those of the three.

    Raises Membership.DoesNotExist when there is no such hat that the actor may end, LastOwner when the firm's only owner
    would go by her own hand, ValueError without a reason.
    """
    given = given_reason(reason)
    with act(actor.who, "hat.ended", articles=(6,), reason=given) as this:
        hat = _to_end(actor, membership_id)
        _tell_whose(this, hat)
        if not administers_accounts(actor) and hat.role == OWNER:
            owners = Membership.objects.active_on(timezone.localdate()).filter(
                organisation=hat.organisation_id, role=OWNER
            )
            if not owners.exclude(pk=hat.pk).exists():
                raise LastOwner(membership_id)
        hat.ended_at, hat.ended_by, hat.end_reason = timezone.now(), actor.person, given
        hat.save(update_fields=["ended_at", "ended_by", "end_reason"])
    return hat


def _tell_whose(this: Act, hat: Membership) -> None:
    """Let the event say whose hat it is, and in which organisation."""
    this.about(hat)
    this.subject, this.region = hat.organisation_id, hat.organisation.region_id or ""


def _to_end(actor: Actor, membership_id: int) -> Membership:
    """The hat, held. The firm's other hats are held first, so that two owners never end each other at one moment."""
    mine = Membership.objects.filter(ended_at__isnull=True)
    if actor.role == OWNER and actor.runs_firm is not None:
        of_firm = mine.filter(organisation=actor.runs_firm)
        list(of_firm.select_for_update().order_by("pk"))
        return of_firm.select_related("person", "organisation").get(pk=membership_id)
    hat: Membership = (
        mine.select_for_update(of=("self",)).select_related("person", "organisation").get(pk=membership_id)
    )
    looked_after_here(actor, hat.person_id)
    return hat


def decides(actor: Actor) -> bool:
    """Whether the actor is somebody who decides on requests at all: an owner, or an officer of an SME authority."""
    if actor.own_enterprise is not None:
        return actor.role == OWNER
    return actor.organ_function == "industry_and_it" and actor.role not in (CLERK, AUDITOR)


def waiting_for(actor: Actor) -> HatRequestQuerySet:
    """The requests that wait for the actor's decision; none for a role that decides on nothing."""
    waiting = HatRequest.objects.visible_to(actor)
    return HatRequest.objects.decidable_by(actor) if decides(actor) else waiting.none()


def _to_decide(actor: Actor, request_id: int, this: Act) -> HatRequest:
    if not decides(actor):
        raise PermissionDenied("this role decides on no requests")
    request = (
        HatRequest.objects.decidable_by(actor)
        .select_for_update(of=("self",))
        .select_related("person", "organisation")
        .get(pk=request_id, organisation__kind=ENTERPRISE)
    )
    _tell_of(this, request)
    return request


def _tell_of(this: Act, request: HatRequest) -> None:
    this.about(request)
    this.subject, this.region = request.organisation_id, request.organisation.region_id or ""


def _decided(actor: Actor, request: HatRequest, state: str, reason: str) -> HatRequest:
    request.state, request.reason = state, reason
    request.decided_by, request.decided_at = actor.person, timezone.now()
    request.save()
    return request
