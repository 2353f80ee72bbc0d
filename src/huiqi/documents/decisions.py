"""Decisions of the registry together with the notice that tells of them: both are written, or neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from huiqi.journal import Who, act
from huiqi.registry import accounts, declaring, delegating, hats, inviting
from huiqi.registry.models import Declaration, Delegation, HatRequest, Membership, Organisation, Person
from huiqi.registry.vocabulary import DELEGATE

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


def accept_code(actor: Actor, code: str, on: dt.date) -> inviting.Accepted:
    """:func:`huiqi.registry.inviting.accept`, and the firm is told who came."""
    with transaction.atomic():
        accepted = inviting.accept(actor, code, on)
        invitation = accepted.invitation
        assert actor.person is not None
        data = {"who": actor.person.display_name, "role": invitation.role, **_scopes(invitation.scopes, invitation.end)}
        _tell_of_hat(
            actor, invitation.organisation, "joined", f"invitation-{invitation.pk}", data, invitation.organisation
        )
        return accepted


def give_hat(
    actor: Actor, person_id: int, organisation_id: int, role: str, start: dt.date, end: dt.date | None, reason: str
) -> Membership:
    """:func:`huiqi.registry.hats.give`, and the person is told."""
    with transaction.atomic():
        hat = hats.give(actor, person_id, organisation_id, role, start, end, reason)
        _tell_of_hat(actor, hat.organisation, "given", f"hat-{hat.pk}", {"role": hat.role}, hat.person)
        return hat


def end_hat(actor: Actor, membership_id: int, reason: str) -> Membership:
    """:func:`huiqi.registry.hats.end`, and the person is told why."""
    with transaction.atomic():
        hat = hats.end(actor, membership_id, reason)
        data = {"role": hat.role, "reason": hat.end_reason.rstrip("。. ")}
        if hat.person != actor.person:
            _tell_of_hat(actor, hat.organisation, "ended", f"hat-{hat.pk}", data, hat.person)
        return hat


def change_delegation(
    actor: Actor, delegation_id: int, scopes: Iterable[str], end: dt.date | None, on: dt.date
) -> Delegation:
    """:func:`huiqi.registry.delegating.change`, and the agent is told when something changed."""
    with transaction.atomic():
        delegation = delegating.change(actor, delegation_id, scopes, end, on)
        if delegation.pk != delegation_id:
            data = {"role": DELEGATE, **_scopes(delegation.scopes, delegation.end)}
            _tell_of_hat(
                actor,
                delegation.organisation,
                "delegation_changed",
                f"delegation-{delegation.pk}",
                data,
                delegation.agent or delegation.agency,
            )
        return delegation


def end_delegation(actor: Actor, delegation_id: int, on: dt.date) -> Delegation:
    """:func:`huiqi.registry.delegating.end`, and the other side is told."""
    with transaction.atomic():
        delegation = delegating.end(actor, delegation_id, on)
        firm, agent = delegation.organisation, delegation.agent or delegation.agency
        assert agent is not None and actor.person is not None
        by_firm = inviting.invites(actor) and actor.runs_firm == firm.pk
        who = agent.display_name if isinstance(agent, Person) else agent.name_zh
        _tell_of_hat(
            actor,
            firm,
            "delegation_ended" if by_firm else "given_up",
            f"delegation-{delegation.pk}",
            {"role": DELEGATE, "who": who},
            agent if by_firm else firm,
        )
        return delegation


def reset_second_factor(actor: Actor, person_id: int, reason: str) -> Person:
    """:func:`huiqi.registry.accounts.reset_second_factor`, and the person is told, so that she notices a false hand."""
    with transaction.atomic():
        person = accounts.reset_second_factor(actor, person_id, reason)
        with act(actor.who, "notice.sent", about=person):
            Notice.objects.create(
                person=person,
                kind="account",
                subject="second_factor",
                occasion=timezone.now().isoformat(),
                data={"reason": reason.strip().rstrip("。. ")},
            )
        return person


def _tell_of_hat(
    actor: Actor,
    organisation: Organisation,
    outcome: str,
    subject: str,
    data: dict[str, Any],
    to: Person | Organisation | None,
) -> None:
    name = organisation.name
    with act(actor.who, "notice.sent", subject=organisation.pk) as this:
        notice = Notice.objects.create(
            person=to if isinstance(to, Person) else None,
            organisation=to if isinstance(to, Organisation) else None,
            kind="membership",
            subject=subject,
            occasion=outcome,
            data={"outcome": outcome, "firm": [name.zh, name.en], **data},
        )
        this.about(notice)


def _scopes(scopes: Iterable[str], until: dt.date | None) -> dict[str, Any]:
    return {"scopes": list(scopes), "until": until.isoformat()} if until is not None else {}
