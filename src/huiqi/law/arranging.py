"""The arrangement of a year as an administrator writes it: a line for each festival, as in the notice.

2027-02-06 至 2027-02-12 放假 春节 / Spring Festival
2027-02-14 上班 春节 / Spring Festival
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from huiqi.rules.words import Words

from .clock.calendar import REST, WORK, Kind, SpecialDay, calendar_names, shipped_calendar

MOST_LINES = 200
_KINDS: dict[str, Kind] = {"放假": REST, "rest": REST, "上班": WORK, "work": WORK}
_DAY = r"(\d{4}-\d{1,2}-\d{1,2})"
_LINE = re.compile(
    rf"{_DAY}(?:\s*(?:至|到|to|~|\.\.)\s*{_DAY})?[\s,，]+({'|'.join(_KINDS)})[\s,，]+([^/／]{{1,40}}?)(?:\s*[/／]\s*(.{{1,60}}))?",
    re.IGNORECASE,
)
#: Days that are off in every year (全国年节及纪念日放假办法, 国令第795号, article 2): a list without them is not whole.
ALWAYS_OFF = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))


@dataclass
class ReadArrangement:
    """What was read: the days, and what is wrong, each with the number of its line (0 for the whole)."""

    days: dict[dt.date, SpecialDay] = field(default_factory=dict)
    problems: list[tuple[int, Words]] = field(default_factory=list)


def read_arrangement(year: int, text: str) -> ReadArrangement:
    """Read the lines of one year. Blank lines are passed over."""
    found = ReadArrangement()
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_LINES:
        found.problems.append(
            (
                0,
                Words(
                    f"有 {len(lines)} 行，最多 {MOST_LINES} 行。连续的日子写成一行",
                    f"There are {len(lines)} lines, at most {MOST_LINES} are read. Write days in a row as one line",
                ),
            )
        )
        return found
    for number, line in lines:
        _read_line(year, number, line, found)
    if not found.problems:
        found.problems += [(0, each) for each in _incomplete(year, found.days)]
    return found


def _read_line(year: int, number: int, line: str, found: ReadArrangement) -> None:
    match = _LINE.fullmatch(line)
    if match is None:
        found.problems.append(
            (
                number,
                Words(
                    "看不懂。写成：2027-02-06 至 2027-02-12 放假 春节 / Spring Festival",
                    "This is not understood. Write: 2027-02-06 to 2027-02-12 rest 春节 / Spring Festival",
                ),
            )
        )
        return
    first, last = _day(match[1]), _day(match[2] or match[1])
    kind, zh = _KINDS[match[3].lower()], match[4].strip()
    if first is None or last is None:
        found.problems.append((number, Words("没有这一天。核对日期", "There is no such day. Check the date")))
        return
    if first > last:
        found.problems.append((number, Words("开始比结束晚。对调日期", "It ends before it begins. Exchange the days")))
        return
    if first.year != year or last.year != year:
        found.problems.append(
            (
                number,
                Words(f"不在 {year} 年。另一年的日子写到那一年", f"It is not in {year}. Write it into its own year"),
            )
        )
        return
    special = SpecialDay(kind, Words(zh, (match[5] or "").strip() or _english().get(zh, zh)))
    for day in (first + dt.timedelta(n) for n in range((last - first).days + 1)):
        if day in found.days:
            found.problems.append(
                (number, Words(f"{day} 已经写过。只留一行", f"{day} stands in another line. Keep one of them"))
            )
        elif kind == WORK and day.weekday() < 5:
            found.problems.append(
                (
                    number,
                    Words(
                        f"{day} 本来就是周一到周五。调休上班只写周末",
                        f"{day} is a weekday anyway. Only weekends are make-up days",
                    ),
                )
            )
        else:
            found.days[day] = special


def _day(text: str) -> dt.date | None:
    try:
        return dt.date(*map(int, text.split("-")))
    except ValueError:
        return None


def _english() -> dict[str, str]:
    """The English names of the festivals that the shipped calendars have."""
    return {
        special.name.zh: special.name.en
        for code in calendar_names()
        for special in shipped_calendar(code).days.values()
    }


def _incomplete(year: int, days: Mapping[dt.date, SpecialDay]) -> Iterator[Words]:
    """What shows that only a part of the year was entered."""
    for month, day in ALWAYS_OFF:
        date = dt.date(year, month, day)
        if date not in days or days[date].kind != REST:
            yield Words(
                f"{date} 全国都放假，这里没有。把全年的安排写全：没写全的年份会算错期限",
                f"{date} is off in all China and is missing here. Enter the whole year: half of one would give wrong days",
            )


def written(days: Mapping[dt.date, SpecialDay]) -> str:
    """The lines of a year, days in a row as one."""
    lines: list[tuple[dt.date, dt.date, SpecialDay]] = []
    for day, special in sorted(days.items()):
        if lines and lines[-1][2] == special and lines[-1][1] + dt.timedelta(1) == day:
            lines[-1] = (lines[-1][0], day, special)
        else:
            lines.append((day, day, special))
    words = {REST: "放假", WORK: "上班"}
    return "\n".join(
        f"{first}{f' 至 {last}' if last != first else ''} {words[special.kind]} {special.name.zh} / {special.name.en}"
        for first, last, special in lines
    )
