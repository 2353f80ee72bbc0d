"""How much of what open policies read is known of an enterprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huiqi.rules import Fact, dictionary

from .assess import SIZE_FACTS
from .basis import SIZE_SOURCES
from .library import Library, library


@dataclass(frozen=True)
class Part:
    """One group of facts (its name in the dictionary): those that open policies read, and those not known yet."""

    group: str
    needed: tuple[Fact, ...]
    missing: tuple[Fact, ...]

    @property
    def known(self) -> int:
        return len(self.needed) - len(self.missing)

    @property
    def share(self) -> int:
        """Known facts in percent of the needed ones, rounded down: 100 is all of them."""
        return 100 * self.known // len(self.needed)


def needed_facts(on: dt.date, of: Library | None = None) -> list[Fact]:
    """The facts that an owner can state and that at least one policy open on the day reads, in the dictionary's order."""
    names: set[str] = set()
    for policy in (of or library()).shown():
        if policy.phase(on) == "open":
            names |= set(policy.rule.facts) | set(policy.amount.facts if policy.amount is not None else ())
    if names & SIZE_FACTS:
        names |= set(SIZE_SOURCES)
    return [fact for fact in dictionary().stored if fact.name in names and fact.askable]


def completeness(facts: Mapping[str, Any], on: dt.date, of: Library | None = None) -> list[Part]:
    """The share of the needed facts that is known, by group."""
    groups: dict[str, list[Fact]] = {}
    for fact in needed_facts(on, of):
        groups.setdefault(fact.group, []).append(fact)
    return [
        Part(group, tuple(needed), tuple(fact for fact in needed if facts.get(fact.name) is None))
        for group, needed in groups.items()
    ]
