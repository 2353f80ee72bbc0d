"""The second factor: whose hats ask for one, and whether a session has proved one.

A hat in an organ, and that of an administrator of the service, is worn in a session only in which its person has proved
something that she has beside what she knows: an authenticator app, a passkey, or one of her recovery codes. This is
asked where a hat is put on, so that no page can forget it (``docs/decisions/0026-who-signs-in.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from .vocabulary import ADMINISTRATORS, ORGAN

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator
    from django.http import HttpRequest

    from .models import Person
    from .permissions import Hat

#: Kinds of factor that stand by themselves; recovery codes only replace one that is lost.
FACTORS = ("totp", "webauthn")


def asked_for(hat: Hat) -> bool:
    """Whether this hat is worn after a second factor only."""
    guarded = hat.organisation.kind == ORGAN or hat.role in ADMINISTRATORS
    return bool(settings.HUIQI_SECOND_FACTOR and guarded)


def has_factor(person: Person, *kinds: str) -> bool:
    """Whether the person has set up an authenticator app or a passkey, or one of these kinds."""
    from allauth.mfa.models import Authenticator  # models are loaded after this module

    return bool(Authenticator.objects.filter(user=person, type__in=kinds or FACTORS).exists())


def prove(request: HttpRequest, authenticator: Authenticator) -> None:
    """Note in the session that its person has proved this factor: she has just set it up, and shown that it works."""
    from allauth.account.internal.flows.login import record_authentication

    record_authentication(request, request.user, "mfa", id=authenticator.pk, type=authenticator.type)


def proved(request: HttpRequest) -> bool:
    """Whether the person of this request has proved, in this session, a second factor that she still has."""
    from allauth.account.authentication import get_authentication_records
    from allauth.mfa.models import Authenticator

    person = request.user
    if not person.is_authenticated:
        return False
    used = {record.get("id") for record in get_authentication_records(request, person) if record["method"] == "mfa"}
    return bool(used) and Authenticator.objects.filter(user_id=person.pk, pk__in=used).exists()
