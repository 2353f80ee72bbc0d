"""The journal's reader: events open obligations and close them, each exactly once, in the order of the journal."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from huiqi.journal import feed
from huiqi.journal.models import Event

from ..models import Obligation
from .definitions import listening
from .events import concerned, day_of, owing_after
from .places import Organs
from .running import close_if_settled, open_after, redate

READER = "duties"
#: Events read in one transaction.
MOST = 500
#: After these every open obligation is reckoned anew.
CALENDAR_CHANGES = frozenset({"calendar.arranged", "calendar.loaded"})


@dataclass
class Read:
    """What a reading did: events read, obligations opened, closed, given another day."""

    events: int = 0
    opened: int = 0
    closed: int = 0
    redated: int = 0


def read(most: int = MOST) -> Read:
    """Read the next events and do what follows from them, in one transaction. Nothing when there is nothing new."""
    done = Read()
    with feed.read(READER, most) as events:
        done.events = len(events)
        heard = [event for event in events if event.verb in listening()]
        if heard:
            organs = Organs(timezone.localdate())
            for event in heard:
                _hear(event, organs, done)
        if any(event.verb in CALENDAR_CHANGES for event in events):
            done.redated = redate(timezone.localdate())
    return done


def read_all() -> Read:
    """Read until nothing is left."""
    total = Read()
    while (part := read()).events:
        total.events += part.events
        total.opened += part.opened
        total.closed += part.closed
        total.redated += part.redated
    return total


def _hear(event: Event, organs: Organs, done: Read) -> None:
    for duty in listening()[event.verb]:
        if duty.opens == event.verb:
            owing = owing_after(duty, event, organs)
            if owing is not None:
                done.opened += open_after(duty, event, owing, day_of(event), organs)
        for obligation in list(concerned(duty, event)):
            held = Obligation.objects.select_for_update(of=("self",)).open().filter(pk=obligation.pk).first()
            if held is not None:
                done.closed += close_if_settled(held)


def waiting() -> int:
    """How many events the reader has still to read."""
    return feed.behind(READER)
