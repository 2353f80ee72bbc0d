"""Decisions of the registry together with the notice that tells of them: both are written, or neither."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction

from huiqi.journal import Who, act
from huiqi.registry import declaring, hats
from huiqi.registry.models import Declaration, HatRequest, Person

from .models import Notice

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

_KINDS = {"certified": "fact_certified", "corrected": "fact_corrected", "refused": "fact_refused"}


def certify(actor: Actor, declaration_id: int, on: dt.date, valid_until: dt.date | None = None) -> Declaration:
    """:func:`huiqi.registry.declaring.certify`, and the firm is told."""
    with transaction.atomic():
        return _tell_firm(actor, declaring.certify(actor, declaration_id, on, valid_until), valid_until)


def correct(
    actor: Actor, declaration_id: int, value: Any, reason: str, on: dt.date, valid_until: dt.date | None = None
) -> Declaration:
    """:func:`huiqi.registry.declaring.correct`, and the firm is told."""
    with transaction.atomic():
        return _tell_firm(actor, declaring.correct(actor, declaration_id, value, reason, on, valid_until), valid_until)


def refuse(actor: Actor, declaration_id: int, reason: str) -> Declaration:
    """:func:`huiqi.registry.declaring.refuse`, and the firm is told why and what it can do."""
    with transaction.atomic():
        return _tell_firm(actor, declaring.refuse(actor, declaration_id, reason), None)


def _tell_firm(actor: Actor, declaration: Declaration, valid_until: dt.date | None) -> Declaration:
    organ = declaration.decided_for
    with act(actor.who, "notice.sent", about=declaration, subject=declaration.organisation_id):
        Notice.objects.create(
            organisation=declaration.organisation,
            kind=_KINDS[declaration.state],
            subject=declaration.fact,
            occasion=f"declaration-{declaration.pk}",
            data={
                "organ": [organ.name.zh, organ.name.en] if organ else ["", ""],
                "declared": declaration.value,
                "value": declaration.certified_value,
                "reason": declaration.reason.rstrip("。. "),
                "valid_until": valid_until.isoformat() if valid_until else None,
            },
        )
    return declaration


def ask_for_hat(person: Person, code: str, role: str, on: dt.date) -> HatRequest | None:
    """:func:`huiqi.registry.hats.ask`, and the firm is told, so that its owner can decide."""
    with transaction.atomic():
        request = hats.ask(person, code, role, on)
        if request is not None:
            with act(Who(person=person.pk), "notice.sent", about=request, subject=request.organisation_id):
                Notice.objects.get_or_create(
                    organisation=request.organisation,
                    kind="membership",
                    subject=str(request.pk),
                    occasion="asked",
                    defaults={"data": _request(request, "asked") | {"who": person.display_name}},
                )
        return request


def approve_hat(actor: Actor, request_id: int, on: dt.date) -> HatRequest:
    """:func:`huiqi.registry.hats.approve`, and the person is told."""
    with transaction.atomic():
        return _tell_person(actor, hats.approve(actor, request_id, on))


def refuse_hat(actor: Actor, request_id: int, reason: str) -> HatRequest:
    """:func:`huiqi.registry.hats.refuse`, and the person is told why."""
    with transaction.atomic():
        return _tell_person(actor, hats.refuse(actor, request_id, reason))


def _tell_person(actor: Actor, request: HatRequest) -> HatRequest:
    with act(actor.who, "notice.sent", about=request, subject=request.organisation_id):
        Notice.objects.create(
            person=request.person,
            kind="membership",
            subject=str(request.pk),
            occasion=request.state,
            data=_request(request, request.state),
        )
    return request


def _request(request: HatRequest, outcome: str) -> dict[str, Any]:
    name = request.organisation.name
    return {
        "outcome": outcome,
        "firm": [name.zh, name.en],
        "role": request.role,
        "reason": request.reason.rstrip("。. "),
    }
