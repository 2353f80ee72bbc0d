"""The ways outside: e-mail by Django's mail, SMS by an adapter that a setting names.

An adapter is any class with the methods of :class:`SmsAdapter`. Two come with the house: ``folder`` writes a file for each message,
for demonstrations; ``http`` posts JSON to a gateway. A further one is named by its dotted path in ``HUIQI_SMS``.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string

from ..models.sending import EMAIL, SMS
from .reasons import BUSY, NO_ANSWER, NO_CONNECTION, NO_ENTRY, REFUSED, WRONG_ANSWER

#: A gateway has so many seconds to answer.
PATIENCE = 10
#: A gateway's answer is read up to so many bytes.
MOST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class File:
    """What is attached to an e-mail."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """What is sent. ``key`` is the same for each attempt, so that whoever carries it can know a second one. ``files`` go with an
    e-mail alone."""

    key: str
    subject: str
    text: str
    files: Sequence[File] = ()


@dataclass(frozen=True)
class Receipt:
    """A provider's word that a message was delivered, by the number that it gave when it took it."""

    provider_id: str
    delivered_at: dt.datetime


class NotSent(Exception):
    """It was certainly not sent. ``reason`` is a key of ``REASONS``; ``again`` tells whether to try once more is of use."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.again = reason, again


class NotKnown(Exception):
    """Whether it was sent is not known. ``reason`` is a key of ``REASONS``."""

    def __init__(self, reason: str = NO_ANSWER) -> None:
        super().__init__(reason)
        self.reason = reason


class SmsAdapter(Protocol):
    """What carries short messages."""

    def send(self, number: str, message: Message) -> str:
        """Hand a message to the carrier, for a number such as ``+8613812345678``. The carrier's number of it, or nothing.

        Raises :class:`NotSent` or :class:`NotKnown`.
        """

    def receipts(self, waiting: Sequence[str]) -> Iterable[Receipt]:
        """Which of these messages have been delivered, by the carrier's numbers. Raises OSError when it cannot be asked."""


def available() -> list[str]:
    """The ways outside that are set up here."""
    return [*([EMAIL] if settings.HUIQI_MAIL else []), *([SMS] if settings.HUIQI_SMS else [])]


def send(channel: str, address: str, message: Message) -> str:
    """Send by a way outside. The provider's number, or nothing. Raises :class:`NotSent` or :class:`NotKnown`."""
    return post_mail(address, message) if channel == EMAIL else sms().send(address, message)


# --- e-mail -----------------------------------------------------------------------------------------------------------


def post_mail(address: str, message: Message) -> str:
    """Send an e-mail. Its Message-ID, which is the same for each attempt: mail programs show such letters once."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    number = f"<{message.key}@{domain}>"
    headers = {"Message-ID": number, "Auto-Submitted": "auto-generated"}
    letter = EmailMessage(message.subject, message.text, settings.DEFAULT_FROM_EMAIL, [address], headers=headers)
    for each in message.files:
        letter.attach(each.name, each.content, each.type)
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as problem:
        codes = [code for code, _ in problem.recipients.values()]
        raise NotSent(REFUSED, again=all(code < 500 for code in codes)) from None
    except smtplib.SMTPAuthenticationError:
        raise NotSent(NO_ENTRY) from None
    except (smtplib.SMTPConnectError, ConnectionRefusedError, ssl.SSLError):
        raise NotSent(NO_CONNECTION) from None
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError, smtplib.SMTPHeloError, smtplib.SMTPNotSupportedError):
        raise NotSent(BUSY) from None
    except TimeoutError:
        raise NotKnown from None
    except smtplib.SMTPException:
        raise NotKnown from None
    except OSError:
        raise NotSent(NO_CONNECTION) from None
    return number


# --- SMS --------------------------------------------------------------------------------------------------------------


class Folder:
    """For demonstrations: each message becomes a file, and has arrived as soon as it is written."""

    def __init__(self) -> None:
        self.folder = Path(settings.HUIQI_OUTBOX) / "sms"

    def send(self, number: str, message: Message) -> str:
        write_private(self.folder / f"{message.key}.txt", f"{number}\n\n{message.text}\n".encode())
        return message.key

    def receipts(self, waiting: Sequence[str]) -> Iterable[Receipt]:
        for each in waiting:
            path = self.folder / f"{Path(each).name}.txt"
            if path.exists():
                yield Receipt(each, dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC))


class Http:
    """Posts ``{"to", "text", "key"}`` as JSON to ``HUIQI_SMS_URL``, with the token as bearer and ``key`` as Idempotency-Key.

    The answer is JSON with the gateway's ``id`` of the message. With ``HUIQI_SMS_RECEIPTS_URL`` deliveries are asked for
    there: ``{"ids": [...]}`` is answered by ``[{"id", "delivered_at"}]`` (a time with its offset).
    """

    def send(self, number: str, message: Message) -> str:
        body = {"to": number, "text": message.text, "key": message.key}
        try:
            answer = self._post(settings.HUIQI_SMS_URL, body, {"Idempotency-Key": message.key})
        except urllib.error.HTTPError as problem:
            with problem:
                raise _of_status(problem.code) from None
        except urllib.error.URLError as problem:
            # the connection was never made, or it broke while the request went out
            if isinstance(problem.reason, (ConnectionRefusedError, ssl.SSLError)) or _unknown_host(problem.reason):
                raise NotSent(NO_CONNECTION) from None
            raise NotKnown from None
        except ValueError:
            raise NotKnown(WRONG_ANSWER) from None
        except OSError:
            raise NotKnown from None
        number_given = answer.get("id") if isinstance(answer, dict) else None
        return str(number_given or "")[:200]

    def receipts(self, waiting: Sequence[str]) -> Iterable[Receipt]:
        if not settings.HUIQI_SMS_RECEIPTS_URL or not waiting:
            return
        try:
            answer = self._post(settings.HUIQI_SMS_RECEIPTS_URL, {"ids": list(waiting)}, {})
        except ValueError as problem:
            raise OSError("the gateway answered no JSON") from problem
        for each in answer if isinstance(answer, list) else []:
            time = parse_datetime(str(each.get("delivered_at", ""))) if isinstance(each, dict) else None
            if time is not None and timezone.is_aware(time) and each.get("id") in waiting:
                yield Receipt(each["id"], time)

    def _post(self, address: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
        request = urllib.request.Request(  # noqa: S310  (the operator's own address)
            address,
            json.dumps(body, ensure_ascii=False).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {settings.HUIQI_SMS_TOKEN}", **headers},
        )
        with _OPENER.open(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read(MOST_ANSWER) or b"{}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A gateway that answers with another address is not followed: the token would go there."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _of_status(code: int) -> NotSent | NotKnown:
    """What an answer that is no success means: the gateway's own faults may come after it has sent."""
    if code in (401, 403):
        return NotSent(NO_ENTRY)
    if code in (408, 425, 429, 503):
        return NotSent(BUSY)
    if 400 <= code < 500:
        return NotSent(REFUSED, again=False)
    return NotKnown() if code >= 500 else NotSent(WRONG_ANSWER)


def _unknown_host(reason: Any) -> bool:
    import socket

    return isinstance(reason, socket.gaierror)


_ADAPTERS = {"folder": Folder, "http": Http}


def sms() -> SmsAdapter:
    """The adapter of this installation. Raises :class:`NotSent` where there is none."""
    if not settings.HUIQI_SMS:
        raise NotSent("no_channel", again=False)
    adapter: SmsAdapter = _adapter(settings.HUIQI_SMS)()
    return adapter


@functools.cache
def _adapter(name: str) -> Any:
    return _ADAPTERS.get(name) or import_string(name)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads: whole, or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
