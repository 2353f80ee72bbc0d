"""An officer's last days in her own calendar: the number of the case and the kind of step, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from huiqi.documents.sending.calendar import Entry
from huiqi.rules.words import Words

from .board import running_clocks
from .models.clocks import CLOCK_WORDS
from .permissions import handles_cases

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


def due_cases(actor: Actor) -> Iterator[Entry]:
    """The running clocks of the cases that the actor looks after, in the hat that she wears."""
    if actor.person is None or not handles_cases(actor):
        return
    for clock in running_clocks(actor, actor.person):
        words = CLOCK_WORDS[clock.step]
        assert clock.due is not None
        yield Entry(
            uid=f"case-clock-{clock.pk}",
            day=clock.due,
            title=Words(f"{clock.case.number}：{words.zh}", f"{clock.case.number}: {words.en}"),
            page="desk_case",
            args=(clock.case_id,),
            changed=clock.changed,
        )
