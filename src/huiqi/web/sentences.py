"""A judgement as sentences: why, in the visitor's own figures, which are marked wherever they stand.

Text comes from the rule and from the visitor, so it is escaped here; the only markup is the mark of the visitor's
own value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from huiqi.rules.dictionary import dictionary

from .formats import in_english

if TYPE_CHECKING:
    from huiqi.opportunities.assess import Assessment, Leaf
    from huiqi.rules.words import Words

#: The key of the row that tells whether a policy is open on the day.
VALIDITY = "validity"

#: Who certifies a figure that is the same for everybody, such as a target of the year.
PARAMETER = "parameter table"

#: A card gives so many reasons; the explanation page gives all of them.
REASONS = 2


def say(words: Words | str | None) -> str:
    """Words in the language of the page."""
    if words is None or isinstance(words, str):
        return words or ""
    return words.of(get_language() or "zh-hans") or ""


HAN = re.compile(r"([\u3400-\u9fff][\u3400-\u9fff、，。《》〔〕“”（）]*)")
#: So many Latin letters in a row of words make a Chinese page an English one.
LATIN = re.compile(r"(?:[A-Za-z][\w,.;:'’()%-]*\s+){6,}")


#: A credit code in the run of a text.
CODE = re.compile(r"(?<![0-9A-Z])([0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Z])")


def marked(text: str) -> SafeString:
    """Text as markup, with what is in the other language marked as such, so that it is set and read aloud rightly.

    A credit code keeps its own direction on a page from right to left.
    """
    if CODE.search(text):
        parts = enumerate(CODE.split(text))
        return format_html_join(
            "",
            "{}",
            ((format_html('<bdi class="code">{}</bdi>', each) if at % 2 else marked(each),) for at, each in parts),
        )
    if in_english():
        pieces = (
            (format_html('<span lang="zh-CN">{}</span>', piece) if HAN.match(piece) else piece,)
            for piece in HAN.split(text)
        )
        return format_html_join("", "{}", pieces)
    if LATIN.search(text) and not HAN.search(text):
        return format_html('<span lang="en">{}</span>', text)
    return format_html("{}", text)


def opening(text: str) -> str:
    """A sentence begins with a capital letter."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class _Part:
    """A value that a condition reads: its label (empty where none is needed), the words, whose it is."""

    label: str
    shown: str
    own: bool
    is_number: bool


def _parts(leaf: Leaf) -> list[_Part]:
    """What a condition reads.

    A fact that is reckoned from others stands first and needs no label; of the size classes behind it one is enough,
    since the best and the worst possible are the same once the class is known. Values that nobody knows are left out
    as long as there is one that is known.
    """
    known = [reading for reading in leaf.readings if reading.value is not None]
    if not known:
        return [_Part("", say(leaf.readings[0].shown), False, False)] if leaf.readings else []
    sizes = [reading for reading in known if reading.fact.computed_by == "size_standards"]
    reckoned = known[0].fact.derived is not None
    parts = []
    for place, reading in enumerate(known):
        fact = reading.fact
        if reading in sizes and (len({each.value for each in sizes}) > 1 or reading is not sizes[-1]):
            continue
        bare = len(leaf.readings) == 1 or (place == 0 and reckoned)
        label = dictionary()["size_class"].label if reading in sizes else fact.label
        own = fact.certified_by != PARAMETER and fact.name != "reference_date"
        parts.append(_Part("" if bare else say(label), say(reading.shown), own, fact.type in ("integer", "decimal")))
    return parts


def yours(leaf: Leaf) -> SafeString:
    """The value or values that a condition reads; those of the visitor are marked as hers."""
    values = []
    for part in _parts(leaf):
        classes = "you num" if part.is_number else "you"
        shown = marked(part.shown)
        value = format_html('<span class="{}">{}</span>', classes, shown) if part.own else shown
        values.append(format_html("{} {}", marked(part.label), value) if part.label else value)
    return format_html_join(gettext(", "), "{}", ((each,) for each in values))


def reason(leaf: Leaf) -> SafeString:
    """One condition with the visitor's value; what is asked is added where a figure is compared with a figure.

    A phrase such as 没有被列入经营异常名录 says the condition itself, so a condition that is met needs no second telling.
    """
    condition = marked(opening(say(leaf.text)))
    if not leaf.readings:
        return format_html(gettext("{condition}."), condition=condition)
    if all(reading.value is None for reading in leaf.readings):
        if leaf.verdict is True:  # met whatever the value is, as the wording of the condition says
            return format_html(gettext("{condition}."), condition=condition)
        return format_html(gettext("{condition}: {value}."), condition=condition, value=yours(leaf))
    if leaf.gate is not None:
        template = gettext("{condition}: you {yours}; asked: {asked}.")
        return format_html(template, condition=condition, yours=yours(leaf), asked=marked(say(leaf.asked)))
    first = leaf.readings[0]
    if leaf.verdict is True and isinstance(first.value, bool) and (first.fact.yes if first.value else first.fact.no):
        return format_html(gettext("Your business {yours}."), yours=yours(leaf))
    return format_html(gettext("{condition}: you {yours}."), condition=condition, yours=yours(leaf))


def conditions(assessment: Assessment) -> list[Leaf]:
    """The conditions of the rule. The days of validity are no condition on the enterprise; pages show them as dates."""
    return [leaf for leaf in assessment.leaves if leaf.key != VALIDITY]


def deciding(assessment: Assessment) -> list[Leaf]:
    """The conditions that settle the verdict, those with a figure first, in the order of the rule otherwise."""
    wanted = {"yes": True, "offer": True, "near": False, "no": False}.get(assessment.standing)
    leaves = conditions(assessment)
    chosen = [leaf for leaf in leaves if leaf.decides and leaf.verdict is wanted]
    return sorted(chosen or [leaf for leaf in leaves if leaf.verdict is wanted], key=lambda leaf: leaf.gate is None)


def because(assessment: Assessment) -> SafeString:
    """Why the verdict is what it is: one or two sentences."""
    reasons: Iterable[SafeString] = (reason(leaf) for leaf in deciding(assessment)[:REASONS])
    return format_html_join(" " if in_english() else "", "{}", ((each,) for each in reasons))
