"""The fact dictionary: the only vocabulary in which a rule may speak.

The dictionary is data (``data/facts.yaml``). It gives each fact its name, Chinese alias, type, unit, members,
question to the owner, certifying authority and sensitivity. A fact with ``derived`` has no storage: it is an
expression over other facts and is inlined wherever it is read.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .words import Words

DATA = Path(__file__).parent / "data"

#: Types a fact can have, as they are written in the dictionary.
TYPES = ("boolean", "integer", "decimal", "date", "text", "enum", "set")


#: What no change is offered for: a fact that is as it is (``no``: what has happened, what an authority finds), and one
#: that can change but that nobody changes for the sake of one policy (``seldom``: place, trade, size).
FIXED = frozenset({"no", "seldom"})


@dataclass(frozen=True)
class Member:
    """One member of an enum or a set: its code in rules and its label in both languages."""

    code: str
    label: Words


@dataclass(frozen=True)
class Fact:
    """One entry of the dictionary.

    ``members`` is None for types without members and for open sets; ``derived`` holds the expression of a derived
    fact; ``computed_by`` names the computation that fills the fact when no one states it (``size_standards``,
    ``late_payment``, ``parameter_table``, ``fact_store``, ``engine``).
    """

    name: str
    name_zh: str
    label_en: str
    group: str
    type: str
    unit: str | None = None
    members: tuple[Member, ...] | None = None
    period: str = ""
    certified_by: str = ""
    sensitivity: str = "internal"
    derived: str | None = None
    computed_by: str | None = None
    question: Words | None = None
    help: Words | None = None
    note: str | None = None
    known_none: str | None = None
    yes: Words | None = None
    no: Words | None = None
    unit_words: Words | None = None
    changeable: str = "no"
    change: Words | None = None
    change_effort: int = 2
    labels: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def label(self) -> Words:
        return Words(self.name_zh, self.label_en)

    @property
    def stored(self) -> bool:
        """Whether the fact store has a column for it."""
        return self.derived is None and self.computed_by != "engine"

    @property
    def askable(self) -> bool:
        """Whether an owner can be asked for it."""
        return self.question is not None and self.derived is None

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(member.code for member in self.members or ())

    def member(self, code: str) -> Words:
        """The label of a member; the code itself for members of an open set."""
        for member in self.members or ():
            if member.code == code:
                return member.label
        return Words(code, code)


class Dictionary:
    """All facts, found by name or by Chinese alias."""

    def __init__(self, facts: Iterable[Fact], groups: dict[str, str] | None = None) -> None:
        self.facts: dict[str, Fact] = {fact.name: fact for fact in facts}
        self.groups = groups or {}
        self._alias = {fact.name_zh: fact.name for fact in self.facts.values()}

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())

    def __contains__(self, name: str) -> bool:
        return name in self.facts or name in self._alias

    def __getitem__(self, name: str) -> Fact:
        """The fact of this name or Chinese alias; KeyError if there is none."""
        return self.facts[self._alias.get(name, name)]

    def get(self, name: str) -> Fact | None:
        return self.facts.get(self._alias.get(name, name))

    @property
    def stored(self) -> list[Fact]:
        return [fact for fact in self if fact.stored]

    def suggest(self, name: str) -> str | None:
        """The known name or alias that looks most like a mistyped one, or None."""
        names = [*self.facts, *self._alias]
        found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
        return found[0] if found else None


def _words(raw: dict[str, Any], key: str) -> Words | None:
    zh, en = raw.get(f"{key}_zh"), raw.get(f"{key}_en")
    return Words(zh, en if en is not None else zh) if zh else None


def _fact(raw: dict[str, Any]) -> Fact:
    members = None
    if isinstance(raw["values"], list):
        members = tuple(Member(v["code"], Words(v["zh"], v["en"])) for v in raw["values"])
    return Fact(
        name=raw["name"],
        name_zh=raw["name_zh"],
        label_en=raw["label_en"],
        group=raw["group"],
        type=raw["type"],
        unit=raw["unit"],
        members=members,
        period=raw["period"],
        certified_by=raw["certified_by"],
        sensitivity=raw["sensitivity"],
        derived=raw["derived"],
        computed_by=raw.get("computed_by"),
        question=_words(raw, "question"),
        help=_words(raw, "help"),
        note=raw.get("note"),
        known_none=raw.get("known_none"),
        yes=_words(raw, "yes"),
        no=_words(raw, "no"),
        unit_words=_words(raw, "unit"),
        changeable=raw.get("changeable", "no"),
        change=_words(raw, "change"),
        change_effort=raw.get("change_effort", 2),
        labels={member.label.zh: member.code for member in members or ()},
    )


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, by the safe loader that is written in C where there is one. Raises yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def load(path: Path) -> Dictionary:
    """Read a dictionary file. Raises KeyError or yaml.YAMLError when the file is not one."""
    raw = read_yaml(path)
    return Dictionary(map(_fact, raw["facts"]), raw["groups"])


@functools.cache
def dictionary() -> Dictionary:
    """The dictionary that ships with the product."""
    return load(DATA / "facts.yaml")
