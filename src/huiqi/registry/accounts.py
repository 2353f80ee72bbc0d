"""Accounts, as the security administrator looks after them: locks, second factors, sessions.

She looks after everybody but herself and those who hold one of the three roles of the service: theirs are looked after
on the machine (``huiqi administrators``), so that no administrator can put another one out of the way.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from axes.utils import reset
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from huiqi.journal import Act, act

from .models import Membership, Person
from .permissions import administers_accounts
from .reasons import given_reason
from .vocabulary import ADMINISTRATORS

if TYPE_CHECKING:
    from .permissions import Actor


def is_administrator(person: Person) -> bool:
    """Whether the person holds one of the three roles of the service today."""
    return Membership.objects.active_on(timezone.localdate()).filter(person=person, role__in=ADMINISTRATORS).exists()


def name_is_taken(name: str) -> bool:
    """Whether an account has this login name, or this e-mail address."""
    taken: bool = Person.objects.filter(Q(email=name) if "@" in name else Q(login_name=name)).exists()
    return taken


def free_name(wish: str) -> str:
    """The login name that is wished for, or one like it (``name-2``) that nobody has."""
    taken = set(Person.objects.filter(login_name__startswith=wish).values_list("login_name", flat=True))
    return next(name for name in (wish, *(f"{wish}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def by_email(address: str) -> Person | None:
    """The account with this address, unless it is locked."""
    person: Person | None = Person.objects.filter(email=address, is_active=True).first()
    return person


def may_look_after(actor: Actor, person: Person) -> bool:
    """Whether this account is the actor's to look after: not her own, and none of the three administrators'."""
    return administers_accounts(actor) and actor.person != person and not is_administrator(person)


def looked_after_here(actor: Actor, person_id: int) -> Person:
    """The account, held until the end of the transaction. Raises PermissionDenied when it is not the actor's to look
    after, Person.DoesNotExist when there is none."""
    if not administers_accounts(actor):
        raise PermissionDenied("accounts are the security administrator's")
    person: Person = Person.objects.select_for_update().get(pk=person_id)
    if not may_look_after(actor, person):
        raise PermissionDenied("an administrator's account is looked after on the machine")
    return person


def lock(actor: Actor, person_id: int, reason: str) -> Person:
    """Close an account: nothing can be done with it from this moment, in no session. ValueError without a reason."""
    given = given_reason(reason)
    with _act(actor, "person.locked", person_id, given):
        person = looked_after_here(actor, person_id)
        person.is_active, person.lock_reason = False, given
        person.save(update_fields=["is_active", "lock_reason"])
        _end_sessions(person)
    return person


def unlock(actor: Actor, person_id: int, reason: str) -> Person:
    """Open an account again, also when too many wrong passwords closed the door. ValueError without a reason."""
    given = given_reason(reason)
    with _act(actor, "person.unlocked", person_id, given, always=True):
        person = looked_after_here(actor, person_id)
        person.is_active, person.lock_reason = True, ""
        person.save(update_fields=["is_active", "lock_reason"])
        for name in {person.login_name, person.email} - {None}:
            reset(username=name)
    return person


def reset_second_factor(actor: Actor, person_id: int, reason: str) -> Person:
    """Take all second factors from an account whose holder has lost them, and end its sessions.

    Who takes them has seen who asks for it. ValueError without a reason.
    """
    given = given_reason(reason)
    with _act(actor, "second_factor.reset", person_id, given, always=True):
        person = looked_after_here(actor, person_id)
        take_second_factors(person)
    return person


def end_sessions(actor: Actor, person_id: int, reason: str) -> int:
    """End all sessions of an account; how many there were. ValueError without a reason."""
    given = given_reason(reason)
    with _act(actor, "sessions.ended", person_id, given, always=True):
        return _end_sessions(looked_after_here(actor, person_id))


def new_password_token(actor: Actor, person_id: int, reason: str) -> tuple[Person, str]:
    """A token for a link with which somebody who is known in person sets a new password; for those without e-mail.

    It is good once and for a day. Setting a password ends no second factor: whoever has one still needs it. ValueError
    without a reason.
    """
    given = given_reason(reason)
    with _act(actor, "password.link_made", person_id, given, always=True):
        person = looked_after_here(actor, person_id)
    return person, default_token_generator.make_token(person)


def _act(actor: Actor, verb: str, person_id: int, reason: str, *, always: bool = False) -> AbstractContextManager[Act]:
    """An act on an account: the event names the account and the reason."""
    return act(actor.who, verb, about=Person(pk=person_id), reason=reason, always=always)


def take_second_factors(person: Person) -> None:
    """Delete what proves a second factor, recovery codes too, and end the sessions that were opened with it."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=person).delete()
    _end_sessions(person)


def _end_sessions(person: Person) -> int:
    from allauth.usersessions.models import UserSession

    sessions = list(UserSession.objects.filter(user=person))
    for session in sessions:
        session.end()
    return len(sessions)
