"""Who is there when notices are sent, what the jobs do, and what became of a notice."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.world import actor

from huiqi.documents.models import Dispatch, Notice
from huiqi.documents.sending import outbox, planning
from huiqi.journal.sealing import seal
from huiqi.registry.models import Organisation, Person
from huiqi.registry.permissions import Actor


@dataclass
class Town:
    """Who is there. The owner has confirmed an address and a number."""

    firm: Organisation
    owner: Person
    bureau: Organisation
    officer: Person

    @property
    def as_owner(self) -> Actor:
        return actor(self.owner)


def work() -> None:
    """What the jobs do: seal, plan, send."""
    seal()
    planning.plan_new()
    outbox.run()


def ways(notice: Notice, person: Person) -> dict[str, tuple[str, str]]:
    """State and reason of a notice for a person, by channel."""
    rows = Dispatch.objects.filter(notice=notice, person=person)
    return {row.channel: (row.state, row.reason) for row in rows}
