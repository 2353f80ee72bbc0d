"""Sending what is due: each message is claimed, sent, and its outcome noted, in three steps that may each be the last.

*Claimed* is committed before anything goes out. So a process that dies in between leaves rows that say "being sent", and
after :data:`STALE` another one knows that their outcome is unknown. An e-mail is then sent once more, with the same
Message-ID, by which mail programs and servers know it as the same letter. An SMS is not: it has no such number, costs
money and rings; the row says that it is not known whether it was sent, and a person decides.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.utils import timezone

from huiqi.journal import act, machine

from ..kinds import kind_of, kinds
from ..models import Dispatch
from ..models.sending import EMAIL, FAILED, GIVEN_UP, NOT_SENT, SENDING, SENT, SMS, UNKNOWN
from . import channels
from .planning import reached, still_reads, wanted
from .reasons import CLOSED, DONE, INTERRUPTED, NO_ANSWER, NO_CHANNEL, NO_CONTACT, NO_READER, OFF, READ, TOO_OLD
from .wording import message_of

logger = structlog.get_logger("huiqi.sending")

#: How long after a failure it is tried again: after the first, the second and so on. After the last it is given up.
WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
#: Whatever has been "being sent" for so long is sent by nobody any more: no way outside takes half as long.
STALE = dt.timedelta(minutes=10)
#: What has waited longer than this is no news any more.
NEWS_FOR = dt.timedelta(days=7)
#: So many notices go into one message, and so many messages out in one run of the job.
MOST_TOGETHER, MOST_MESSAGES = 200, 200
#: Deliveries are asked for so long, and of so many messages at a time.
RECEIPTS_FOR, MOST_RECEIPTS = dt.timedelta(days=3), 200

ME = machine("sending")


@dataclass(frozen=True)
class Parcel:
    """One message on its way: its rows, which are claimed, and where it goes."""

    rows: Sequence[Dispatch]
    address: str

    @property
    def message(self) -> channels.Message:
        first = self.rows[0]
        notices = [row.notice for row in self.rows]
        return message_of(first.channel, str(first.key), first.person.language, notices)


def run() -> int:
    """Send what is due. The number of messages that were tried."""
    take_up_stale(timezone.now())
    for tried in range(MOST_MESSAGES):
        parcel = claim(timezone.now())
        if parcel is None:
            return tried
        deliver(parcel)
    return MOST_MESSAGES


def claim(now: dt.datetime) -> Parcel | None:
    """Claim the rows of the next message, committed before it is sent; None when nothing is due."""
    while True:
        with act(ME, "dispatch.begun"):
            first = Dispatch.objects.due(now).order_by("due_at", "pk").first()
            if first is None:
                return None
            together = Dispatch.objects.due(now).filter(
                person=first.person_id, channel=first.channel, message=first.message
            )
            rows = list(
                together.select_for_update(of=("self",), skip_locked=True)
                .select_related("notice", "person")
                .order_by("pk")[:MOST_TOGETHER]
            )
            if not rows:
                return None  # somebody else is at them
            going = [row for row in rows if not _dropped(row, now)]
            if not going:
                continue
            contact = reached(going[0].person, going[0].channel)
            assert contact is not None
            key = first.message or uuid.uuid4()
            for row in going:
                row.state, row.message, row.claimed_at, row.attempts = SENDING, key, now, row.attempts + 1
                row.save(update_fields=["state", "message", "claimed_at", "attempts"])
            return Parcel(going, contact.address)


def why_not(row: Dispatch, now: dt.datetime) -> str:
    """Why this row is not to be sent after all; empty when it is. Judged when it is sent, not when it was planned."""
    person, notice = row.person, row.notice
    if not person.is_active:
        return CLOSED
    if not still_reads(person, notice, timezone.localdate(now)):
        return NO_READER
    if notice.read_at is not None or row.opened_at is not None:
        return READ
    if notice.created_at < now - NEWS_FOR:
        return TOO_OLD
    if row.channel not in channels.available() or notice.kind not in kinds():
        return NO_CHANNEL
    kind = kind_of(notice.kind)
    if not kind.holds(notice):
        return DONE
    if not wanted(person, row.channel, kind.group):
        return OFF
    return "" if reached(person, row.channel) is not None else NO_CONTACT


def _dropped(row: Dispatch, now: dt.datetime) -> bool:
    row.reason = why_not(row, now)
    if row.reason:
        row.state = NOT_SENT
        row.save(update_fields=["state", "reason"])
    return bool(row.reason)


def deliver(parcel: Parcel) -> None:
    """Send a message that is claimed, and note what became of it."""
    channel = parcel.rows[0].channel
    try:
        provider_id = channels.send(channel, parcel.address, parcel.message)
    except channels.NotSent as problem:
        end(parcel.rows, FAILED if problem.again else GIVEN_UP, problem.reason)
    except channels.NotKnown as problem:
        end(parcel.rows, FAILED if channel == EMAIL else UNKNOWN, problem.reason)
    except Exception as problem:  # an adapter of an installation may raise anything, and its words may hold the address
        logger.error("an adapter failed", channel=channel, problem=type(problem).__name__)
        end(parcel.rows, FAILED if channel == EMAIL else UNKNOWN, NO_ANSWER)
    else:
        end(parcel.rows, SENT, provider_id=provider_id)


def end(rows: Sequence[Dispatch], state: str, reason: str = "", provider_id: str = "") -> None:
    """Note the outcome. What was tried too often is given up.

    Also where the rows were taken for lost meanwhile: then it is known after all.
    """
    now = timezone.now()
    attempts = rows[0].attempts
    if state == FAILED and attempts > len(WAITS):
        state = GIVEN_UP
    values: dict[str, Any] = {"state": state, "reason": reason, "provider_id": provider_id[:200]}
    if state == SENT:
        values["sent_at"] = now
    elif state == FAILED:
        values["due_at"] = now + WAITS[attempts - 1]
    with act(ME, "dispatch.ended"):
        open_rows = Dispatch.objects.filter(pk__in=[row.pk for row in rows], message=rows[0].key)
        open_rows.filter(state__in=(SENDING, UNKNOWN) if state != SENT else (SENDING, UNKNOWN, FAILED)).update(**values)
    if state in (FAILED, GIVEN_UP, UNKNOWN):
        logger.warning("not sent", channel=rows[0].channel, state=state, reason=reason, attempts=attempts)


def take_up_stale(now: dt.datetime) -> int:
    """Tell what became of rows whose process died while it sent them: nobody knows. The number of rows."""
    with act(ME, "dispatch.interrupted"):
        stale = Dispatch.objects.filter(state=SENDING, claimed_at__lt=now - STALE)
        again = stale.filter(channel=EMAIL, attempts__lte=len(WAITS))
        number = again.update(state=FAILED, reason=INTERRUPTED, due_at=now)
        return number + stale.update(state=UNKNOWN, reason=INTERRUPTED)


def ask_for_receipts(now: dt.datetime) -> int:
    """Note which short messages have been delivered, where the adapter can tell. The number of rows."""
    waiting = Dispatch.objects.filter(
        channel=SMS, state=SENT, confirmed_at__isnull=True, sent_at__gte=now - RECEIPTS_FOR
    ).exclude(provider_id="")
    numbers = list(waiting.order_by("-sent_at").values_list("provider_id", flat=True).distinct()[:MOST_RECEIPTS])
    if not numbers or SMS not in channels.available():
        return 0
    try:
        receipts = list(channels.sms().receipts(numbers))
    except OSError:
        logger.warning("no receipts", channel=SMS)
        return 0
    return sum(confirm(each) for each in receipts)


def confirm(receipt: channels.Receipt) -> int:
    """Note a provider's receipt: the hook for whatever brings one. The number of rows that it is about."""
    with act(ME, "dispatch.confirmed"):
        about = Dispatch.objects.filter(channel=SMS, provider_id=receipt.provider_id, confirmed_at__isnull=True)
        return about.exclude(provider_id="").update(confirmed_at=receipt.delivered_at)
