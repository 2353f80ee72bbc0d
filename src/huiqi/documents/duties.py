"""Notices of duties: a reminder to whoever owes one, and word to both sides when it climbs; their last days in calendars.

Notices are written in the transaction of the step itself, in which the duty is judged anew: who has acted gets none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from huiqi.law.duties import board
from huiqi.law.duties.events import acted, fell_away
from huiqi.law.duties.telling import WARNED, Told, tells
from huiqi.law.models import Obligation
from huiqi.law.models.obligations import OPEN
from huiqi.rules.words import Words

from .models import Notice
from .sending import calendar

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


@tells
def write_notices(told: Told) -> None:
    """Write what there is to tell into the inboxes."""
    obligation, step = told.obligation, told.step
    title = obligation.definition.title
    data: dict[str, Any] = {
        "title": [title.zh, title.en],
        "due": obligation.due.isoformat() if obligation.due is not None else None,
    }
    if told.kind == WARNED:
        _write(obligation.organ_id, "duty_warned", obligation.pk, "warning", data)
        return
    if step is None or step.to_organ is None:
        return
    to, owes = step.to_organ.name, obligation.organ
    occasion = f"step-{step.number}"
    _write(obligation.organ_id, "duty_overdue", obligation.pk, occasion, data | {"to": [to.zh, to.en]})
    by = {"organ": [owes.name.zh, owes.name.en]} if owes is not None else {}
    _write(step.to_organ_id, "duty_climbed", obligation.pk, occasion, data | by)


def still_owed(notice: Notice) -> bool:
    """Whether the duty of a notice still stands as the notice says: open, nobody has acted, and the last day is the same."""
    owed = Obligation.objects.filter(pk=notice.subject, state=OPEN).first()
    if owed is None or (owed.due.isoformat() if owed.due is not None else None) != notice.data.get("due"):
        return False
    return acted(owed) is None and fell_away(owed) is None


def _write(organisation: int | None, kind: str, obligation: int, occasion: str, data: dict[str, Any]) -> None:
    if organisation is not None:
        Notice.objects.create(
            organisation_id=organisation, kind=kind, subject=str(obligation), occasion=occasion, data=data
        )


@calendar.source
def last_days(actor: Actor) -> Iterator[calendar.Entry]:
    """The last days of what the organ of the actor owes."""
    if actor.jurisdiction is None:
        return
    for owed in board.listed(actor, board.Choice(), timezone.localdate()).filter(due__isnull=False):
        title = owed.definition.title
        yield calendar.Entry(
            f"duty-{owed.pk}",
            owed.due,
            Words(f"{title.zh}（编号 {owed.pk}）", f"{title.en} (No. {owed.pk})"),
            "duty",
            (owed.pk,),
            timezone.make_aware(dt.datetime.combine(owed.opened_on, dt.time())),
        )
