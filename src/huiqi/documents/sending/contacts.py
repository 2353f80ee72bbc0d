"""Where somebody is reached outside: she shows by a code that an address or a number is hers, before anything goes there."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import TYPE_CHECKING

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from huiqi.journal import act

from ..models import Contact, Preference
from ..models.sending import EMAIL
from . import channels
from .wording import code_message

if TYPE_CHECKING:
    from huiqi.registry.models import Person
    from huiqi.registry.permissions import Actor

#: How long a code is good.
GOOD_FOR = dt.timedelta(minutes=15)


class BadAddress(ValueError):
    """No address or number to which a message of this kind can go."""


class WrongCode(ValueError):
    """Not the code that was sent, or too old."""


def read_address(channel: str, raw: str) -> str:
    """An address as it is kept: e-mail in small letters, a number as ``+8613812345678``. Raises :class:`BadAddress`."""
    typed = raw.strip()
    if channel == EMAIL:
        try:
            validate_email(typed)
        except ValidationError as problem:
            raise BadAddress(channel) from problem
        return typed.lower()
    try:
        number = phonenumbers.parse(typed, "CN")
    except phonenumbers.NumberParseException as problem:
        raise BadAddress(channel) from problem
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds:
        raise BadAddress(channel)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def ask(actor: Actor, channel: str, raw: str) -> Contact:
    """Send a code to this address; until it is confirmed nothing else goes there, nor to the one before.

    Raises :class:`BadAddress`, ``channels.NotSent`` or ``channels.NotKnown`` when the code did not surely go out.
    """
    person = _person(actor)
    if channel not in channels.available():
        raise channels.NotSent("no_channel", again=False)
    address = read_address(channel, raw)
    code = f"{secrets.randbelow(1_000_000):06}"
    with act(actor.who, "contact.asked", details={"channel": channel}) as this:
        contact, _ = Contact.objects.update_or_create(
            person=person,
            channel=channel,
            defaults={
                "address": address,
                "code_hash": _hash(person, channel, address, code),
                "code_expires_at": timezone.now() + GOOD_FOR,
                "confirmed_at": None,
            },
        )
        this.about(contact)
    channels.send(channel, address, code_message(uuid.uuid4().hex, person.language, code))
    return contact


def confirm(actor: Actor, channel: str, code: str) -> Contact:
    """Confirm an address by the code that came. Raises :class:`WrongCode`. How often it is tried the caller bounds."""
    person = _person(actor)
    with act(actor.who, "contact.confirmed", details={"channel": channel}) as this:
        contact = Contact.objects.select_for_update().filter(person=person, channel=channel).first()
        now = timezone.now()
        if contact is None or contact.code_expires_at is None or contact.code_expires_at < now or not contact.code_hash:
            raise WrongCode(channel)
        given = _hash(person, channel, contact.address, code.strip())
        if not constant_time_compare(given, contact.code_hash):
            raise WrongCode(channel)
        contact.code_hash, contact.code_expires_at, contact.confirmed_at = "", None, now
        contact.save()
        this.about(contact)
        return contact


def remove(actor: Actor, channel: str) -> None:
    """Forget an address or a number. What is still on its way there is not sent."""
    with act(actor.who, "contact.removed", details={"channel": channel}):
        Contact.objects.filter(person=_person(actor), channel=channel).delete()


def choose(actor: Actor, *, email: list[str], sms: list[str], digest: str, language: str) -> Preference:
    """Keep what somebody wants by which way, and in which language. ValueError for a language that there is not."""
    from huiqi.registry.vocabulary import LANGUAGES

    person = _person(actor)
    if language not in LANGUAGES:
        raise ValueError(language)
    with act(actor.who, "sending.chosen", about=person):
        chosen, _ = Preference.objects.update_or_create(
            person=person, defaults={"email": email, "sms": sms, "digest": digest}
        )
        if person.language != language:
            person.language = language
            person.save(update_fields=["language"])
        return chosen


def _person(actor: Actor) -> Person:
    if actor.person is None:
        raise ValueError("the public has no account")
    return actor.person


def _hash(person: Person, channel: str, address: str, code: str) -> str:
    return salted_hmac("huiqi.sending.code", f"{person.pk}:{channel}:{address}:{code}", algorithm="sha256").hexdigest()
