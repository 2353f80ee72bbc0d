"""The duties as data (``law/data/duties.yaml``): who owes what to whom, what opens it, by when, what fulfils it."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from huiqi.rules.words import Words

DATA = Path(__file__).parents[1] / "data" / "duties.yaml"

YEARLY, QUARTERLY = "yearly", "quarterly"
PERIODS: dict[str, Words] = {YEARLY: Words("每年", "every year"), QUARTERLY: Words("每季度", "every quarter")}

#: Who of those that ``Owner`` describes owes it.
By = Literal["each", "actor", "certifier"]


@dataclass(frozen=True)
class Owner:
    """Who owes a duty. Without ``functions`` every organ does, without ``levels`` at every level.

    ``choose``: with "all" every place has to have an organ of each function; with "first" the first function that is
    there owes it; with "present" those that are there, and a place may be without.
    """

    kind: str = "organ"
    functions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    choose: Literal["all", "first", "present"] = "all"
    size: str | None = None
    by: By = "each"


@dataclass(frozen=True)
class Fulfilment:
    """A verb of the journal that fulfils a duty; ``details`` have to be in the event, ``{year}`` is the period's."""

    verb: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Period:
    """One period of a duty: its name on the occasion (``2026``, ``2026-Q4``) and its days."""

    key: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Duty:
    """One duty. It is opened by a verb of the journal (``opens``) or by a ``period``; ``rule`` names its deadline.

    Without a rule there is no day, and ``before`` says what it has to come before.
    """

    id: str
    title: Words
    articles: tuple[int, ...]
    source: Words
    owner: Owner
    owed_to: Words
    opens: str | None
    period: str | None
    by_hand: bool
    rule: str | None
    before: Words | None
    fulfilled_by: tuple[Fulfilment, ...]
    falls_away_by: tuple[str, ...]
    supervised_by: tuple[str, ...]
    proof: Words

    @property
    def verbs(self) -> frozenset[str]:
        """All verbs of the journal that this duty listens to."""
        opening = (self.opens,) if self.opens else ()
        return frozenset((*opening, *(each.verb for each in self.fulfilled_by), *self.falls_away_by))

    def period_of(self, day: dt.date) -> Period:
        """The period in which a day lies. ValueError for a duty that no period opens."""
        if self.period == YEARLY:
            return Period(f"{day.year}", dt.date(day.year, 1, 1), dt.date(day.year, 12, 31))
        if self.period == QUARTERLY:
            quarter = (day.month - 1) // 3
            first = dt.date(day.year, 3 * quarter + 1, 1)
            following = dt.date(day.year + (quarter == 3), (3 * quarter + 3) % 12 + 1, 1)
            return Period(f"{day.year}-Q{quarter + 1}", first, following - dt.timedelta(1))
        raise ValueError(f"{self.id} is opened by no period")


@functools.cache
def duties() -> dict[str, Duty]:
    """All duties by their ids, in the order of the file."""
    return {entry["id"]: _duty(entry) for entry in yaml.safe_load(DATA.read_text(encoding="utf-8"))}


def _duty(entry: Mapping[str, Any]) -> Duty:
    owner = entry["owner"]
    return Duty(
        id=entry["id"],
        title=Words(**entry["title"]),
        articles=tuple(entry["articles"]),
        source=Words(**entry["source"]),
        owner=Owner(
            kind=owner["kind"],
            functions=tuple(owner.get("functions", ())),
            levels=tuple(owner.get("levels", ())),
            choose=owner.get("choose", "all"),
            size=owner.get("size"),
            by=owner.get("by", "each"),
        ),
        owed_to=Words(**entry["owed_to"]),
        opens=entry["opened_by"].get("event"),
        period=entry["opened_by"].get("period"),
        by_hand=entry.get("by_hand", False),
        rule=entry.get("deadline"),
        before=Words(**entry["before"]) if "before" in entry else None,
        fulfilled_by=tuple(Fulfilment(each["verb"], each.get("details", {})) for each in entry.get("fulfilled_by", ())),
        falls_away_by=tuple(entry.get("falls_away_by", ())),
        supervised_by=tuple(entry.get("supervised_by", ())),
        proof=Words(**entry["proof"]),
    )


@functools.cache
def listening() -> Mapping[str, tuple[Duty, ...]]:
    """The duties that listen to each verb of the journal."""
    found: dict[str, list[Duty]] = {}
    for duty in duties().values():
        for verb in duty.verbs:
            found.setdefault(verb, []).append(duty)
    return {verb: tuple(listed) for verb, listed in found.items()}
