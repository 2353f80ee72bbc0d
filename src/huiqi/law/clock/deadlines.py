"""The periods of time that the law or a promise of the service gives, each in the law of the day of the event.

They are data (``law/data/deadlines.yaml``), with source, validity and how sure each is. A change of the law is a second
entry under the same id; which one applies is decided by the day on which the event happens, not by today.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from huiqi.rules.sentence import day_words
from huiqi.rules.words import Words

from .problems import NOT_IN_FORCE, UNKNOWN, ClockProblem

DATA = Path(__file__).parents[1] / "data" / "deadlines.yaml"

Unit = Literal["working_day", "calendar_day", "month", "year", "hour", "date"]
UNITS: dict[str, Words] = {
    "working_day": Words("工作日", "working day"),
    "calendar_day": Words("日（日历日）", "calendar day"),
    "month": Words("个月", "month"),
    "year": Words("年", "year"),
    "hour": Words("小时", "hour"),
    "date": Words("固定日期", "day of the year"),
}

STATUTORY, PROMISE = "statutory", "promise"
KINDS: dict[str, Words] = {
    STATUTORY: Words("法定期限", "set by law"),
    PROMISE: Words("服务承诺，不是法律规定", "service promise, not law"),
}

AT_MOST, AT_LEAST, VALIDITY = "at_most", "at_least", "validity"
SENSES: dict[str, Words] = {
    AT_MOST: Words("最迟到这一天", "to be done by this day"),
    AT_LEAST: Words("至少到这一天", "not before this day"),
    VALIDITY: Words("效力到这一天", "it holds until this day"),
}
MOVES, STAYS = "moves", "stays"


@dataclass(frozen=True)
class Source:
    """A document: its title and its number."""

    title: Words
    number: str

    def at(self, article: str) -> Words:
        """The document with an article such as ``25(2)``, ready to be cited."""
        zh = f"《{self.title.zh}》（{self.number}）" if self.number else self.title.zh
        en = f"{self.title.en} ({self.number})" if self.number else self.title.en
        places = [_place(each) for each in article.split("；") if each]
        if not places:
            return Words(zh, en)
        return Words(
            zh + "、".join(each.zh for each in places),
            f"{en}, article{'s' if len(places) > 1 else ''} {' and '.join(each.en for each in places)}",
        )


def _place(article: str) -> Words:
    """``25(2)``: 第 25 条第 2 款."""
    found = re.fullmatch(r"(\d+)(?:\((\d+)\))?", article)
    if found is None:
        raise ValueError(f"{article!r} is no place in a law; write 25 or 25(2)")
    paragraph = f"第 {found[2]} 款" if found[2] else ""
    return Words(f"第 {found[1]} 条{paragraph}", article)


@dataclass(frozen=True)
class PauseReason:
    """Why a time may stand still, and where the law (or a promise) says so."""

    code: str
    words: Words
    source: Words
    confidence: str


@dataclass(frozen=True)
class ExtensionRule:
    """How far a time may be extended: length of the whole, the most that it may be, how often, on whose approval."""

    total: int
    cap: int
    times: int
    approver: Words
    notice: bool


@dataclass(frozen=True)
class Deadline:
    """One period of time in the law of ``valid_from`` to ``valid_to`` (None: still in force), both days included.

    ``length`` counts the ``unit``; for a fixed date of every year it is 0 and ``dates`` has the (month, day) pairs.
    ``articles`` are those of the Xinjiang measures that it serves; ``beside`` is the statutory time that a promise
    stands beside.
    """

    id: str
    title: Words
    unit: Unit
    length: int
    dates: tuple[tuple[int, int], ...]
    kind: str
    sense: str
    rest_day: str
    source: Words
    starts: Words
    owner: Words
    note: Words | None
    extension: ExtensionRule | None
    pauses: tuple[str, ...]
    not_beyond: str | None
    beside: str | None
    articles: tuple[int, ...]
    valid_from: dt.date
    valid_to: dt.date | None
    confidence: str

    @property
    def label(self) -> Words:
        """Whether the law sets it or the service promises it."""
        return KINDS[self.kind]

    def in_force(self, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@functools.cache
def _file() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return loaded


@functools.cache
def sources() -> dict[str, Source]:
    """The documents, by the name that the data files have for them."""
    return {
        name: Source(Words(entry["zh"], entry["en"]), str(entry["number"]))
        for name, entry in _file()["sources"].items()
    }


@functools.cache
def pause_reasons() -> dict[str, PauseReason]:
    """Why a clock may stand still, by code: there is no other reason."""
    return {
        code: PauseReason(
            code,
            Words(entry["zh"], entry["en"]),
            sources()[entry["source"]].at(entry["article"]),
            entry["confidence"],
        )
        for code, entry in _file()["pauses"].items()
    }


@functools.cache
def deadlines() -> dict[str, tuple[Deadline, ...]]:
    """Every rule by its id, its versions in the order of the law."""
    found: dict[str, list[Deadline]] = {}
    for entry in _file()["deadlines"]:
        found.setdefault(entry["id"], []).append(_deadline(entry))
    return {name: tuple(sorted(versions, key=lambda each: each.valid_from)) for name, versions in found.items()}


def _deadline(entry: dict[str, Any]) -> Deadline:
    length, extension = entry["length"], entry.get("extension")
    dated = entry["unit"] == "date"
    days = length if isinstance(length, list) else [length]
    return Deadline(
        id=entry["id"],
        title=Words(**entry["title"]),
        unit=entry["unit"],
        length=0 if dated else length,
        dates=tuple((int(day[:2]), int(day[3:])) for day in days) if dated else (),
        kind=entry["kind"],
        sense=entry.get("sense", AT_MOST),
        rest_day=entry.get("rest_day", MOVES),
        source=sources()[entry["source"]].at(entry["article"]),
        starts=Words(**entry["starts"]),
        owner=Words(**entry["owner"]),
        note=Words(**entry["note"]) if "note" in entry else None,
        extension=ExtensionRule(**{**extension, "approver": Words(**extension["approver"])}) if extension else None,
        pauses=tuple(entry.get("pauses", ())),
        not_beyond=entry.get("not_beyond"),
        beside=entry.get("beside"),
        articles=tuple(entry["articles"]),
        valid_from=entry["valid_from"],
        valid_to=entry.get("valid_to"),
        confidence=entry["confidence"],
    )


def deadline(name: object, on: dt.date) -> Deadline:
    """The rule of this id in the law of a day. Raises ClockProblem when there is none, or none that day."""
    versions = deadlines().get(name) if isinstance(name, str) else None
    if versions is None:
        shown = str(name)[:60]
        near = difflib.get_close_matches(shown, deadlines(), n=1)
        hint = Words(f"是不是 {near[0]}？", f"Did you mean {near[0]}?") if near else None
        raise ClockProblem(
            UNKNOWN,
            "rule",
            Words(f"没有叫“{shown}”的期限规则", f"there is no rule called {shown!r}"),
            hint or Words("在期限页面上查规则的名字", "Look the name up on the page of the clock"),
        )
    for version in versions:
        if version.in_force(on):
            return version
    spans = [
        Words(
            f"{day_words(each.valid_from).zh}起" + (f"到{day_words(each.valid_to).zh}" if each.valid_to else ""),
            f"from {day_words(each.valid_from).en}" + (f" to {day_words(each.valid_to).en}" if each.valid_to else ""),
        )
        for each in versions
    ]
    raise ClockProblem(
        NOT_IN_FORCE,
        "rule",
        Words(
            f"{day_words(on).zh}还没有“{versions[0].title.zh}”的期限，或者已经废止",
            f"on {day_words(on).en} the law gave no time for “{versions[0].title.en}”",
        ),
        Words(
            f"这条规则的适用时间是{'；'.join(each.zh for each in spans)}",
            f"The rule applies {'; '.join(each.en for each in spans)}",
        ),
    )
