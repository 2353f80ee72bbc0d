"""The widgets that ask for a fact, shared by the finder, the owner's facts and the officer's corrections."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from huiqi.rules.dictionary import Fact
from huiqi.rules.words import Words

from . import vocabulary
from .forms import NONE_OF_THESE, QuestionForm
from .sentences import say


def widget_of(form: QuestionForm, known: Any) -> dict[str, Any]:
    """The widget that asks for the fact, its options, and what stands in it: the entry just sent, else what is known."""
    fact, kind = form.fact, form.kind
    sent = form.data.getlist("value") if form.is_bound else None  # type: ignore[attr-defined]
    if kind in ("yes_no", "radios", "checks"):
        return {
            "widget": "web/finder/widgets/choices.html",
            "several": kind == "checks",
            "options": _options(form),
            "chosen": sent if sent is not None else codes_of(known),
        }
    chosen = sent if sent is not None else codes_of(known)
    entered = chosen[0] if chosen else ""
    if kind in ("place", "trade", "select"):
        groups = {"place": vocabulary.places, "trade": vocabulary.trades}.get(kind)
        return {
            "widget": "web/finder/widgets/select.html",
            "groups": groups() if groups else None,
            "options": _options(form) if kind == "select" else None,
            "chosen": chosen,
            "entered": entered,
            "unlisted": _unlisted(form, known, groups() if groups else ()),
        }
    if sent is None and isinstance(known, frozenset):
        entered = ", ".join(sorted(known))
    return {
        "widget": "web/finder/widgets/entry.html",
        "entered": entered,
        "unit": vocabulary.unit_words(fact) if kind == "number" else None,
        "scale": vocabulary.YUAN_IN_A_UNIT.get(fact.unit or ""),
    }


def _unlisted(form: QuestionForm, known: Any, groups: Iterable[vocabulary.ChoiceGroup]) -> tuple[str, Words] | None:
    """A known place or trade that the list does not offer (from the licence), so that looking at it does not lose it."""
    if not groups or known is None or known in vocabulary.listed(groups):
        return None
    return known, vocabulary.value_words(form.fact, known)


def _options(form: QuestionForm) -> list[tuple[str, str]]:
    """The lines of a choice: the code that is sent and the words that are shown."""
    fact = form.fact
    if form.kind == "yes_no":
        return [("yes", say(fact.yes) or gettext("yes")), ("no", say(fact.no) or gettext("no"))]
    options = [(member.code, say(member.label)) for member in fact.members or ()]
    return [*options, (NONE_OF_THESE, none_words(fact))] if form.kind == "checks" else options


def none_words(fact: Fact) -> str:
    """The line for the empty set, in the words that the question itself uses for it (都不是, 没有贷款)."""
    remark = say(fact.question)
    named = re.search(r"[“\"]([^”\"]+)[”\"][^”\"]*$", remark)
    return named[1] if named else gettext("none of these")


def codes_of(known: Any) -> list[str]:
    """A known value as a form would have sent it."""
    if known is None:
        return []
    if isinstance(known, bool):
        return ["yes" if known else "no"]
    if isinstance(known, frozenset):
        return sorted(known) or [NONE_OF_THESE]
    if isinstance(known, Decimal):
        return [f"{known.normalize():f}"]
    return [known.isoformat() if isinstance(known, dt.date) else str(known)]
