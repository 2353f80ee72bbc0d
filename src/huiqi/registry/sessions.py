"""One's own sessions: where one is signed in, and ending them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from huiqi.journal import act

if TYPE_CHECKING:
    from allauth.usersessions.models import UserSession

    from .models import Person
    from .permissions import Actor


def of(person: Person) -> list[UserSession]:
    """The sessions of somebody that are still open, the newest first."""
    from allauth.usersessions.models import UserSession

    return sorted(UserSession.objects.purge_and_list(person), key=lambda each: each.created_at, reverse=True)


def end_one(actor: Actor, session_id: int, here: str) -> int:
    """End one of one's own sessions; not the one with the key ``here``, which one signs out of.

    Raises UserSession.DoesNotExist when it is not one's own or has ended.
    """
    from allauth.usersessions.models import UserSession

    if actor.person is None:
        raise PermissionDenied("nobody is signed in")
    with act(actor.who, "sessions.ended", about=actor.person, always=True):
        UserSession.objects.exclude(session_key=here).get(pk=session_id, user=actor.person).end()
    return 1


def end_others(actor: Actor, here: str) -> int:
    """End all of one's own sessions but the one with the key ``here``; how many there were."""
    if actor.person is None:
        raise PermissionDenied("nobody is signed in")
    others = [each for each in of(actor.person) if each.session_key != here]
    if others:
        with act(actor.who, "sessions.ended", about=actor.person, always=True):
            for session in others:
                session.end()
    return len(others)
