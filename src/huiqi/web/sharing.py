"""A link that carries answers to somebody else, and nothing by which she could learn what no authority publishes.

What may travel follows from the dictionary (decision record 0019): what is *public* there, but no free text, no number
of a certificate and no day, which would point at one firm; and the size class in place of the figures behind it. The
link holds the answers in plain words, so that whoever sends it sees what she sends and nothing has to be kept here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from huiqi.registry.codes import PLACE_FACTS
from huiqi.registry.size import complete
from huiqi.rules.dictionary import Fact, dictionary

from .forms import QuestionForm
from .widgets import codes_of

#: The coarse answer that stands for employees, revenue and assets.
SIZE = "size_class"

#: Answers that a stranger reads first.
_FIRST = ("registration_region", "industry_code", SIZE)

#: A longer query is not read. Every answer that may travel, each at its longest, needs less.
MOST_CHARACTERS = 2_000


@dataclass(frozen=True)
class Arrived:
    """What a link says: typed facts; how many of its parts were left out because they say nothing that can be used;
    whether it was too long to be read at all."""

    facts: dict[str, Any]
    left_out: int = 0
    too_long: bool = False


def may_travel(fact: Fact) -> bool:
    """Whether an answer to this fact may stand in a link."""
    if fact.name == SIZE:
        return True
    names_one_firm = fact.type in ("date", "text") and fact.name not in (*PLACE_FACTS, "industry_code")
    free_list = fact.type == "set" and fact.members is None
    return fact.sensitivity == "public" and fact.askable and not names_one_firm and not free_list


def to_share(facts: Mapping[str, Any], on: dt.date, without: Collection[str] = ()) -> dict[str, Any]:
    """Of these facts what a link may hold, as they are, apart from what its sender leaves out.

    Place, trade and size class come first, then the order of the dictionary.
    """
    known = complete(facts, on)
    words = dictionary()
    order = [*_FIRST, *(fact.name for fact in words if fact.name not in _FIRST)]
    return {name: known[name] for name in order if name in known and name not in without and may_travel(words[name])}


def query_of(facts: Mapping[str, Any]) -> str:
    """The facts as the query of a link: the codes that a form would send, the same for every language."""
    query = QueryDict(mutable=True)
    for name, value in facts.items():
        query.setlist(name, codes_of(value))
    return query.urlencode()


def arrived(query: str) -> Arrived:
    """Read the query of a link as strictly as an answer on a page is read.

    A part that is no fact, that may not travel, or whose value a form would refuse (of an older dictionary, say, or
    typed by somebody) is left out and counted.
    """
    if len(query) > MOST_CHARACTERS:
        return Arrived({}, too_long=True)
    try:
        parts = QueryDict(query)
    except TooManyFieldsSent:
        return Arrived({}, too_long=True)
    found: dict[str, Any] = {}
    left_out = 0
    for name, values in parts.lists():
        fact = dictionary().get(name)
        if fact is None or fact.name != name or not may_travel(fact) or (len(values) > 1 and fact.type != "set"):
            left_out += 1
            continue
        form = QuestionForm(fact, MultiValueDict({"value": values}))
        if form.is_valid():
            found[name] = form.cleaned_data["value"]
        else:
            left_out += 1
    return Arrived(found, left_out)
