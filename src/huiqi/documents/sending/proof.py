"""Proof of what was sent: for each person by which ways and when she opened it; for the administrator what did not get
through, as numbers and reasons."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.utils import timezone

from huiqi.journal import act
from huiqi.registry.permissions import administers_system

from ..models import Dispatch
from ..models.sending import INBOX, QUEUED, SENT, TROUBLED

if TYPE_CHECKING:
    from huiqi.registry.models import Person
    from huiqi.registry.permissions import Actor

    from ..models import Notice


def opened(person: Person, notice: Notice, now: dt.datetime) -> None:
    """Note that this person opened this notice in her inbox, the first time. Within an act of hers.

    Its row of the inbox is made where the job has not come to it yet.
    """
    Dispatch.objects.get_or_create(
        notice=notice,
        person=person,
        channel=INBOX,
        defaults={"state": SENT, "due_at": now, "sent_at": notice.created_at},
    )
    Dispatch.objects.filter(notice=notice, person=person, opened_at__isnull=True).update(opened_at=now)


@dataclass(frozen=True)
class Trouble:
    """How many did not get through by one way for one reason, and when that was tried last."""

    channel: str
    state: str
    reason: str
    number: int
    last: dt.datetime | None


def troubles(actor: Actor) -> list[Trouble]:
    """What did not get through, for the system administrator. PermissionDenied for everybody else."""
    _ask(actor)
    found = Dispatch.objects.visible_to(actor).filter(state__in=TROUBLED)
    rows = found.values_list("channel", "state", "reason").annotate(number=Count("pk"), last=Max("claimed_at"))
    return [Trouble(*row) for row in rows.order_by("channel", "state", "reason")]


def try_again(actor: Actor, channel: str, state: str, reason: str) -> int:
    """Let all of these be tried again; each is judged anew before it goes. The number of rows.

    Of an SMS whose outcome is unknown this may be the second one: that is why a person has to say it.
    """
    _ask(actor)
    with act(actor.who, "dispatch.retried", details={"channel": channel}) as this:
        chosen = Dispatch.objects.filter(state__in=TROUBLED, channel=channel, reason=reason).filter(state=state)
        number = chosen.update(state=QUEUED, reason="", attempts=0, due_at=timezone.now())
        this.details["count"] = number
        return number


def _ask(actor: Actor) -> None:
    if not administers_system(actor):
        raise PermissionDenied("the system administrator looks after sending")
