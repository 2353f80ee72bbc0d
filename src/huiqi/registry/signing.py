"""Signing in and out, on record: that it was tried, by whom, and by which ways it was proved.

What was typed in a failed attempt is kept nowhere: people type their password where the name belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from huiqi.journal import NOBODY, Who, note

from .models import Person

if TYPE_CHECKING:
    from django.http import HttpRequest


def connect() -> None:
    """Begin to keep the record."""
    user_logged_in.connect(_signed_in, dispatch_uid="huiqi.registry.signing.in")
    user_logged_out.connect(_signed_out, dispatch_uid="huiqi.registry.signing.out")
    user_login_failed.connect(_failed, dispatch_uid="huiqi.registry.signing.failed")


def _signed_in(sender: Any, request: HttpRequest, user: Person, **_: Any) -> None:
    from allauth.account.authentication import get_authentication_records

    ways = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
    note(Who(person=user.pk), "person.signed_in", about=user, details={"ways": ways})


def _signed_out(sender: Any, request: HttpRequest, user: Person | None, **_: Any) -> None:
    if user is not None:
        note(Who(person=user.pk), "person.signed_out", about=user)


def _failed(sender: Any, credentials: Mapping[str, Any], **_: Any) -> None:
    try:
        about = Person.objects.get_by_natural_key(credentials.get("username"))
    except Person.DoesNotExist:
        note(NOBODY, "person.sign_in_failed")
    else:
        note(NOBODY, "person.sign_in_failed", about=about)
