"""Lists that are narrowed down by their address, so that a list can be sent to somebody: a search, and filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

#: Characters of a search that are looked at.
MOST = 100


def searched(query: QueryDict, name: str = "q") -> str:
    """What is searched for, in a form that the database takes: PostgreSQL refuses a text with a NUL."""
    return query.get(name, "").replace("\x00", "").strip()[:MOST]


@dataclass(frozen=True)
class Filter:
    """One choice beside the search. ``every`` is the word for no choice; ``options`` are codes with their words, which
    ``groups`` (``words`` and ``choices``) show under headings."""

    name: str
    label: str
    every: str
    options: Sequence[tuple[str, str]]
    chosen: str = ""
    groups: Sequence[Any] = ()


@dataclass(frozen=True)
class Narrowing:
    """What a list is narrowed down by: ``q`` is searched for, ``chosen`` has the code of every filter, or nothing."""

    q: str
    filters: tuple[Filter, ...]

    @cached_property
    def chosen(self) -> dict[str, str]:
        return {each.name: each.chosen for each in self.filters}

    @property
    def query(self) -> str:
        """The address's part for the links to other pages of the same list; empty when nothing is narrowed down."""
        return urlencode({name: value for name, value in ({"q": self.q} | self.chosen).items() if value})


def narrowed(query: QueryDict, *filters: Filter) -> Narrowing:
    """What an address asks for. A code that is not offered narrows nothing, so that a mistyped address shows a list."""
    return Narrowing(searched(query), tuple(_answered(each, query.get(each.name, "")) for each in filters))


def _answered(each: Filter, code: str) -> Filter:
    return replace(each, chosen=code if code in dict(each.options) else "")
