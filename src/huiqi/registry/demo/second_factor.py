"""The second factor of the demonstration's officers: asked for as in the real service, and filled in for the visitor.

The people of a demonstration are invented and everybody may be them. So their authenticator app is the page itself: it
shows the code of the moment beside the field. Nothing of this is there without ``HUIQI_DEMO``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from ..models import Person


#: A code that the page showed is taken so many half minutes later: a visitor reads before she goes on.
_GOOD_FOR = 20


@dataclass(frozen=True)
class ShownCode:
    """The code of the moment of somebody's authenticator app, and the ones that were shown a little earlier."""

    authenticator: Authenticator
    code: str
    earlier: frozenset[str]

    def fits(self, typed: str) -> bool:
        return typed.strip() == self.code or typed.strip() in self.earlier


def is_invented(person: Person) -> bool:
    """Whether this is one of the people of the demonstration, in a demonstration."""
    from .loading import PEOPLE

    return bool(settings.HUIQI_DEMO) and person.login_name in {line.login_name for line in PEOPLE}


def shown_code(person: Person) -> ShownCode | None:
    """The code that the page may show to whoever signs in as this person; None for everybody who is not invented."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from allauth.mfa.utils import decrypt

    if not is_invented(person):
        return None
    authenticator = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return None
    now, secret = int(time.time()) // 30, decrypt(authenticator.data["secret"])
    codes = [format_hotp_value(hotp_value(secret, now - back)) for back in range(_GOOD_FOR + 1)]
    return ShownCode(authenticator, codes[0], frozenset(codes[1:]))


def works(person: Person) -> bool:
    """Whether somebody invented has an authenticator app whose secret can be read with the key of this installation."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import decrypt

    authenticator = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return False
    secret = authenticator.data["secret"]
    return bool(decrypt(secret) == decrypt(secret))  # one that cannot be read is read as something else each time


def give(person: Person) -> None:
    """An authenticator app for somebody invented, in place of whatever second factors she has."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    Authenticator.objects.filter(user=person).delete()
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
