"""The feed: what follows the journal reads each event once, in the one order, and its effect goes with its place.

A reader has a name and a place. Reading, the effects of what was read and the new place are one transaction: when the
process dies in between, nothing of it has happened, and the next one begins where the last ended.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import transaction

from .models import Event, Reader


@contextlib.contextmanager
def read(name: str, most: int = 500) -> Iterator[list[Event]]:
    """The next events for this reader, at most so many; empty when there is nothing new.

    Two processes of one reader wait for each other. An exception within takes the place back with the effects.
    """
    with transaction.atomic():
        Reader.objects.get_or_create(name=name)
        reader = Reader.objects.select_for_update().get(name=name)
        events = list(Event.objects.sealed_after(reader.position).select_related("leaf")[:most])
        yield events
        if events:
            reader.position = events[-1].leaf.position
            reader.save(update_fields=["position"])


def behind(name: str) -> int:
    """How many sealed events a reader has still to read."""
    from .sealing import last_position

    place = Reader.objects.filter(name=name).values_list("position", flat=True).first()
    return last_position() - (-1 if place is None else place)
