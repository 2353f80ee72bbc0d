"""Names of places and trades, and the words for a value of a fact, as an owner would say them."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language, gettext_lazy

from huiqi.registry import codes
from huiqi.rules.dictionary import Fact
from huiqi.rules.sentence import show
from huiqi.rules.words import Words

DATA = Path(__file__).parent / "data"

#: What an owner would call a fact that the dictionary calls by its official name.
OWNERS_WORDS = {
    "registration_region": gettext_lazy("Where"),
    "industry_code": gettext_lazy("Doing what"),
    "employees": gettext_lazy("How many people"),
}

#: How an English page writes the units that count in ten thousands beside a field.
UNITS_EN = {"万元": "× ¥10,000", "万美元": "× US$10,000"}

#: How many yuan one unit is, for the units that a page translates back into yuan while a figure is typed.
YUAN_IN_A_UNIT = {"万元": 10_000}


@dataclass(frozen=True)
class Choice:
    """One line of a list: the code that is stored and the words that are shown."""

    code: str
    words: Words


@dataclass(frozen=True)
class ChoiceGroup:
    words: Words
    choices: tuple[Choice, ...]


@functools.cache
def trades() -> tuple[ChoiceGroup, ...]:
    """The trades of the first page, grouped; the codes are classes of GB/T 4754-2017."""
    raw = yaml.safe_load((DATA / "trades.yaml").read_text(encoding="utf-8"))
    return tuple(
        ChoiceGroup(
            Words(group["zh"], group["en"]),
            tuple(Choice(trade["code"], Words(trade["zh"], trade["en"])) for trade in group["trades"]),
        )
        for group in raw["groups"]
    )


@functools.cache
def _regions() -> dict[str, tuple[Words, str, str]]:
    """Words, level and parent of each region of Xinjiang by its code."""
    words = codes.region_names()
    with (codes.DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: (words[row["code"]], row["level"], row["parent_code"]) for row in csv.DictReader(file)}


@functools.cache
def places() -> tuple[ChoiceGroup, ...]:
    """The counties, grouped by prefecture in the order of their codes.

    Cities that answer to the region itself stand in a group of their own at the end.
    """
    regions = _regions()
    counties: dict[str, list[Choice]] = {}
    for code, (words, level, parent) in sorted(regions.items()):
        if level == "county":
            counties.setdefault(parent, []).append(Choice(code, words))
    direct = Words("自治区直辖县级市", "Cities under the region itself")
    order = sorted(counties, key=lambda parent: (regions[parent][1] != "prefecture", parent))
    return tuple(
        ChoiceGroup(regions[parent][0] if regions[parent][1] == "prefecture" else direct, tuple(counties[parent]))
        for parent in order
    )


def listed(groups: Iterable[ChoiceGroup]) -> frozenset[str]:
    return frozenset(choice.code for group in groups for choice in group.choices)


def names(fact: str, code: str) -> Words | None:
    """The name behind the code of a place or a trade, in an owner's words where the first page has them."""
    if fact in codes.PLACE_FACTS and code in _regions():
        return _regions()[code][0]
    if fact in codes.TRADE_FACTS:
        for group in trades():
            for choice in group.choices:
                if choice.code == code:
                    return choice.words
    return codes.names(fact, code)


def label(fact: Fact) -> str:
    """The name of a fact on a page for owners."""
    own = OWNERS_WORDS.get(fact.name)
    return str(own) if own else fact.label.of(get_language() or "zh-hans")


def value_words(fact: Fact, value: Any) -> Words:
    """A value of a fact as people write it, in both languages."""
    return show(fact, value, names)


def unit_words(fact: Fact) -> Words | None:
    """The unit that stands beside a field: it is the unit that is stored, so that no figure is converted on the way."""
    if fact.unit_words is None or not fact.unit:
        return fact.unit_words
    return Words(fact.unit_words.zh, UNITS_EN.get(fact.unit, fact.unit_words.en))
