"""The kinds of complaints and reports, and the helper that finds the right one by what somebody says.

The kinds follow articles 46 to 52 and the nine acts of article 56 of the measures; who is competent for each stands in
``data/kinds.yaml``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from huiqi.rules.words import Words
from huiqi.textsearch import Entry, Index

#: Stands among functions: whoever is above the organ complained of, whatever the matter.
ABOVE = "above"


@dataclass(frozen=True)
class Kind:
    """One kind of matter. ``acts`` are numbers of article 56, ``accept`` and ``finish`` rules of the clock."""

    id: str
    title: Words
    acts: tuple[int, ...]
    articles: tuple[int, ...]
    functions: tuple[str, ...]
    accept: str
    finish: str
    words: Words
    ask: Words


@functools.lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """All kinds by their id, in the order in which a form shows them."""
    raw = yaml.safe_load((files("huiqi.cases") / "data" / "kinds.yaml").read_text("utf-8"))
    return {each["id"]: _kind(each) for each in raw}


def _kind(raw: Mapping[str, object]) -> Kind:
    def words(name: str) -> Words:
        given = raw[name]
        assert isinstance(given, Mapping)
        return Words(str(given["zh"]), str(given["en"]))

    def several(name: str) -> tuple[object, ...]:
        given = raw[name]
        assert isinstance(given, Sequence)
        return tuple(given)

    clocks = raw["clocks"]
    assert isinstance(clocks, Mapping)
    return Kind(
        id=str(raw["id"]),
        title=words("title"),
        acts=tuple(int(str(each)) for each in several("acts")),
        articles=tuple(int(str(each)) for each in several("articles")),
        functions=tuple(str(each) for each in several("functions")),
        accept=str(clocks["accept"]),
        finish=str(clocks["finish"]),
        words=words("words"),
        ask=words("ask"),
    )


@functools.lru_cache(maxsize=1)
def _index() -> Index:
    return Index(
        Entry(
            kind.id,
            {"title": f"{kind.title.zh} {kind.title.en}", "words": f"{kind.words.zh} {kind.words.en}"},
            {"title": 2, "words": 2},
            names=(kind.title.zh, kind.title.en),
        )
        for kind in kinds().values()
    )


def likely_kinds(said: str, most: int = 3) -> list[Kind]:
    """The kinds that fit what somebody says in her own words, the likeliest first; none when nothing fits."""
    return [kinds()[hit.key] for hit in _index().search(said)[:most]] if said.strip() else []
