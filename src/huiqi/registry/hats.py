"""Asking to act for an enterprise, and the decision on it. Until it is approved the person sees nothing of the firm."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huiqi.journal import Act, Who, act

from .models import Membership, Organisation, Person
from .models.requests import APPROVED, REFUSED, ROLES, WAITING, HatRequest, HatRequestQuerySet
from .vocabulary import AUDITOR, CLERK, ENTERPRISE, OWNER

if TYPE_CHECKING:
    from .permissions import Actor


class AlreadyHeld(ValueError):
    """The person acts for this enterprise already."""


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
    if not reason.strip():
        raise ValueError("a refusal gives its reason")
    with act(actor.who, "hat.refused", articles=(6,), reason=reason.strip()) as this:
        return _decided(actor, _to_decide(actor, request_id, this), REFUSED, reason.strip())


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
