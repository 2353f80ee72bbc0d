"""The rest days and make-up days of 2025 and 2026 as the notices have them, written out apart from the data of the product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

#: (first, last) of the days off, and the weekends on which one works.
NATIONAL: dict[int, tuple[list[tuple[str, str]], list[str]]] = {
    2025: (
        [
            ("01-01", "01-01"),
            ("01-28", "02-04"),
            ("04-04", "04-06"),
            ("05-01", "05-05"),
            ("05-31", "06-02"),
            ("10-01", "10-08"),
        ],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        [
            ("01-01", "01-03"),
            ("02-15", "02-23"),
            ("04-04", "04-06"),
            ("05-01", "05-05"),
            ("06-19", "06-21"),
            ("09-25", "09-27"),
            ("10-01", "10-07"),
        ],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}
#: What the autonomous region adds.
XINJIANG = {2025: [("03-29", "03-31"), ("06-06", "06-10")], 2026: [("03-20", "03-22"), ("05-27", "05-31")]}


def off(year: int, calendar: str) -> set[dt.date]:
    spans = NATIONAL[year][0] + (XINJIANG[year] if calendar == "xinjiang" else [])
    return {day for first, last in spans for day in days(f"{year}-{first}", f"{year}-{last}")}


def made_up(year: int) -> set[dt.date]:
    return {dt.date.fromisoformat(f"{year}-{day}") for day in NATIONAL[year][1]}


def days(first: str, last: str) -> Iterator[dt.date]:
    day = dt.date.fromisoformat(first)
    while day <= dt.date.fromisoformat(last):
        yield day
        day += dt.timedelta(1)


def works(day: dt.date, calendar: str) -> bool:
    """Whether one works, by the notices alone."""
    return day in made_up(day.year) or (day.weekday() < 5 and day not in off(day.year, calendar))
