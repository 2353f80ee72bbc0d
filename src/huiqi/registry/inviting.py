"""Invitations: the one-time codes by which somebody comes to act for an enterprise.

A code is the confirmation of the legal representative in a form that she can hand over: on paper, on the telephone, by
whatever messenger. It says nothing about the firm, is good once and for a week, and only a keyed hash of it is kept.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from huiqi.journal import Act, act

from .delegating import Overlapping, checked_terms
from .hats import AlreadyHeld, decides
from .models import Delegation, Invitation, Membership, Organisation
from .models.requests import APPROVED, WAITING, HatRequest
from .queries import enterprises_of
from .vocabulary import AGENT, DELEGATE, OWNER

if TYPE_CHECKING:
    from .permissions import Actor, Hat

#: How long a code is good.
GOOD_FOR = dt.timedelta(days=7)
#: Letters and digits that nobody mistakes for one another; three groups of four are 59 bits.
_SIGNS, _GROUPS, _OF = "abcdefghjkmnpqrstuvwxyz23456789", 3, 4


class UnknownCode(ValueError):
    """No code like this is open: it is mistyped, used, withdrawn or too old. Which of these is not told."""


class OwnCode(ValueError):
    """Whoever made a code cannot use it herself."""


@dataclass(frozen=True)
class Accepted:
    """An invitation that was accepted, and the hat that it gave."""

    invitation: Invitation
    hat: Hat


def invites(actor: Actor) -> bool:
    """Whether the actor is the owner of a firm, who says who acts for it."""
    return actor.role == OWNER and actor.runs_firm is not None


def invite(
    actor: Actor,
    role: str,
    for_whom: str,
    on: dt.date,
    *,
    scopes: Iterable[str] = (),
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> tuple[Invitation, str]:
    """The owner invites somebody to act for her firm. The invitation and its code, which is told this once.

    ``scopes``, ``start`` and ``end`` are the terms of a delegation, and of nothing else. Raises PermissionDenied for
    whoever is not an owner, :class:`~.delegating.BadTerms` for terms that make no sense.
    """
    if not invites(actor):
        raise PermissionDenied("only the owner says who acts for her firm")
    if role not in (OWNER, AGENT, DELEGATE):
        raise ValueError(f"nobody is invited as {role}")
    terms = {}
    if role == DELEGATE:
        scopes, start, end = checked_terms(scopes, start, end, on)
        terms = {"scopes": scopes, "start": start, "end": end}
    assert actor.organisation is not None
    return _make(actor, actor.organisation, role, for_whom, **terms)


def invite_owner(actor: Actor, code: str, for_whom: str, on: dt.date) -> tuple[Invitation, str] | None:
    """An officer of the SME authority, who has seen the papers, makes a code for the legal representative of a firm.

    None when no firm of her area has this credit code. Raises PermissionDenied for whoever may not decide.
    """
    if not decides(actor) or actor.jurisdiction is None:
        raise PermissionDenied("codes for owners are made by officers of the SME authority")
    firm = Organisation.objects.enterprises().active_on(on).filter(enterprises_of(actor), uscc=code).first()
    return None if firm is None else _make(actor, firm, OWNER, for_whom)


def accept(actor: Actor, code: str, on: dt.date) -> Accepted:
    """Use a code. A request of the same person for the same firm that still waits is approved with it.

    Raises UnknownCode, OwnCode, :class:`~.hats.AlreadyHeld`, :class:`~.delegating.Overlapping`.
    """
    if actor.person is None:
        raise PermissionDenied("a code is used by somebody who is signed in")
    with act(actor.who, "invitation.accepted", articles=(6,)) as this:
        open_now = Invitation.objects.open().select_for_update(of=("self",)).select_related("organisation", "made_by")
        invitation = open_now.filter(code_hash=hashed(code)).first()
        if invitation is None or not invitation.organisation.active_on(on):
            raise UnknownCode
        if invitation.made_by_id == actor.person.pk:
            raise OwnCode
        _tell_of(this, invitation)
        hat = _give(actor, invitation, on)
        invitation.accepted_by, invitation.accepted_at = actor.person, timezone.now()
        invitation.save(update_fields=["accepted_by", "accepted_at"])
        HatRequest.objects.filter(
            person=actor.person, organisation=invitation.organisation, role=invitation.role, state=WAITING
        ).update(state=APPROVED, decided_by=invitation.made_by, decided_at=invitation.accepted_at)
    return Accepted(invitation, hat)


def withdraw(actor: Actor, invitation_id: int) -> Invitation:
    """Take a code back that was not used. Raises Invitation.DoesNotExist when there is none of the actor's."""
    with act(actor.who, "invitation.withdrawn", articles=(6,)) as this:
        mine = Invitation.objects.visible_to(actor).open()
        invitation: Invitation = mine.select_for_update(of=("self",)).get(pk=invitation_id)
        _tell_of(this, invitation)
        invitation.withdrawn_by, invitation.withdrawn_at = actor.person, timezone.now()
        invitation.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return invitation


def hashed(code: str) -> str:
    """What is kept of a code, however it was spaced or written."""
    plain = re.sub(r"[^a-z0-9]", "", code.lower())
    return salted_hmac("huiqi.registry.inviting", plain, algorithm="sha256").hexdigest()


def _make(actor: Actor, firm: Organisation, role: str, for_whom: str, **terms: object) -> tuple[Invitation, str]:
    assert actor.person is not None and actor.organisation is not None
    code = "-".join("".join(secrets.choice(_SIGNS) for _ in range(_OF)) for _ in range(_GROUPS))
    with act(actor.who, "invitation.made", articles=(6,)) as this:
        invitation = Invitation.objects.create(
            organisation=firm,
            role=role,
            for_whom=for_whom,
            code_hash=hashed(code),
            made_by=actor.person,
            made_for=actor.organisation,
            expires_at=timezone.now() + GOOD_FOR,
            **terms,
        )
        _tell_of(this, invitation)
    return invitation, code


def _tell_of(this: Act, invitation: Invitation) -> None:
    """Let the event say what it is about."""
    this.about(invitation)
    this.subject, this.region = invitation.organisation_id, invitation.organisation.region_id or ""


def _give(actor: Actor, invitation: Invitation, on: dt.date) -> Hat:
    firm, person = invitation.organisation, actor.person
    assert person is not None
    if invitation.role == DELEGATE:
        assert invitation.start is not None and invitation.end is not None
        if invitation.end < on:
            raise UnknownCode
        try:
            with transaction.atomic():
                return Delegation.objects.create(
                    organisation=firm,
                    agent=person,
                    scopes=invitation.scopes,
                    start=max(invitation.start, on),
                    end=invitation.end,
                    given_by=invitation.made_by,
                )
        except IntegrityError as problem:
            raise Overlapping from problem
    if Membership.objects.active_on(on).filter(person=person, organisation=firm, role=invitation.role).exists():
        raise AlreadyHeld(firm.uscc)
    return Membership.objects.create(person=person, organisation=firm, role=invitation.role, start=on)
