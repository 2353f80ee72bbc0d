"""The statutory calendar: which days are working days, and why.

A year counts only when its arrangement of rest days and make-up working days is there. Asked about any other year the
calendar raises :class:`CalendarMissing`; it never falls back on Monday to Friday.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from huiqi.rules.words import Words

from .problems import UNKNOWN, CalendarMissing, ClockProblem

DATA = Path(__file__).parents[1] / "data" / "calendar"

NATIONAL, XINJIANG = "national", "xinjiang"

Kind = Literal["rest", "work"]
REST: Kind = "rest"
WORK: Kind = "work"
KINDS: dict[str, Words] = {REST: Words("放假", "rest day"), WORK: Words("调休上班", "make-up working day")}

#: How sure a year or a rule is, as in the policies.
VERIFIED, WELL_KNOWN, UNSURE = "verified", "well_known", "unsure"

WEEKDAYS = tuple(
    Words(zh, en)
    for zh, en in (
        ("周一", "Monday"),
        ("周二", "Tuesday"),
        ("周三", "Wednesday"),
        ("周四", "Thursday"),
        ("周五", "Friday"),
        ("周六", "Saturday"),
        ("周日", "Sunday"),
    )
)


def weekday(day: dt.date) -> Words:
    """The name of the day of the week."""
    return WEEKDAYS[day.weekday()]


@dataclass(frozen=True)
class SpecialDay:
    """A day that an arrangement names: off (also where it is a weekend anyway), or a weekend on which one works."""

    kind: Kind
    name: Words


@dataclass(frozen=True)
class Arrangement:
    """On whose word a year stands: the document, and how sure that is."""

    source: str
    confidence: str = VERIFIED


@dataclass(frozen=True)
class Calendar:
    """One calendar, such as the national one or Xinjiang's own; ``years`` are those that are known."""

    code: str
    name: Words
    days: Mapping[dt.date, SpecialDay]
    years: Mapping[int, Arrangement] = field(default_factory=dict)

    def is_working(self, day: dt.date) -> bool:
        """Whether this is a working day. Raises CalendarMissing."""
        if day.year not in self.years:
            raise self.missing(day.year)
        special = self.days.get(day)
        return special.kind == WORK if special is not None else day.weekday() < 5

    def missing(self, year: int) -> CalendarMissing:
        """The problem to raise when a year is not known."""
        return CalendarMissing(self.code, self.name, year)

    def why(self, day: dt.date) -> Words:
        """What makes the day what it is: a festival, a make-up day, or the day of the week. Needs no arrangement."""
        special = self.days.get(day)
        if special is None:
            return weekday(day)
        if special.kind == WORK:
            return Words(f"{special.name.zh}调休上班", f"make-up working day for {special.name.en}")
        return Words(f"{special.name.zh}放假", f"day off for {special.name.en}")

    def with_year(self, year: int, days: Mapping[dt.date, SpecialDay], arrangement: Arrangement) -> Calendar:
        """This calendar with another arrangement of one year."""
        kept = {day: special for day, special in self.days.items() if day.year != year}
        return Calendar(self.code, self.name, {**kept, **days}, {**self.years, year: arrangement})


@functools.cache
def _listed() -> dict[str, dict[str, object]]:
    listed: dict[str, dict[str, object]] = yaml.safe_load((DATA / "years.yaml").read_text(encoding="utf-8"))
    return listed


@functools.cache
def calendar_names() -> dict[str, Words]:
    """The calendars that there are, by code."""
    return {code: Words(**entry["name"]) for code, entry in _listed().items()}  # type: ignore[arg-type]


def known_calendar(code: object) -> str:
    """The code if there is such a calendar; else a ClockProblem that names those that there are."""
    if isinstance(code, str) and code in calendar_names():
        return code
    listed = "、".join(calendar_names()), ", ".join(calendar_names())
    shown = str(code)[:40]
    raise ClockProblem(
        UNKNOWN,
        "calendar",
        Words(f"没有叫“{shown}”的日历", f"there is no calendar called {shown!r}"),
        Words(f"可用的有：{listed[0]}", f"Take one of: {listed[1]}"),
    )


@functools.cache
def shipped_calendar(code: str) -> Calendar:
    """A calendar as it ships with the product. Raises ClockProblem for an unknown code."""
    entry = _listed()[known_calendar(code)]
    with (DATA / f"{code}.csv").open(encoding="utf-8", newline="") as file:
        days = read_days(csv.DictReader(file))
    years: dict[int, Arrangement] = {year: Arrangement(**each) for year, each in entry["years"].items()}  # type: ignore[attr-defined]
    return Calendar(code, calendar_names()[code], days, years)


def read_days(rows: Iterable[Mapping[str, str]]) -> dict[dt.date, SpecialDay]:
    """Special days from rows with date (ISO), kind (rest or work), name_zh, name_en."""
    return {
        dt.date.fromisoformat(row["date"]): SpecialDay(
            WORK if row["kind"] == WORK else REST, Words(row["name_zh"], row["name_en"])
        )
        for row in rows
    }
