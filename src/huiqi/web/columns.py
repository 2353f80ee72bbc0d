"""What people call the tables and columns that the journal speaks of: ``data/columns.yaml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import yaml

from huiqi.registry.models import EnterpriseFacts
from huiqi.rules.dictionary import dictionary
from huiqi.rules.words import Words

DATA = Path(__file__).parent / "data" / "columns.yaml"


@functools.cache
def _read() -> dict[str, dict[str, Words]]:
    parts = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {part: {name: Words(**words) for name, words in entries.items()} for part, entries in parts.items()}


def names(part: str) -> Mapping[str, Words]:
    """The words of a part of the file (``tables``, ``columns`` or ``details``) by code name."""
    return _read()[part]


def table_words(kind: str) -> Words | None:
    """What a table is called (its model's label in small letters); None when it has gone since."""
    return names("tables").get(kind)


def column_words(kind: str, name: str) -> Words | None:
    """What a column of a table is called, facts as the dictionary has them; None when it has gone since."""
    fact = dictionary().get(name) if kind == EnterpriseFacts._meta.label_lower else None
    if fact is not None:
        return fact.label
    return names("columns").get(f"{kind}.{name}") or names("columns").get(name)


def detail_words(name: str) -> Words | None:
    """What a detail of an act is called; None when no act adds it any more."""
    return names("details").get(name)
