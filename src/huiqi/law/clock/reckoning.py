"""The reckoning of a period of time, day by day.

The day of the event is not counted (Civil Code, article 201). A period of months or years ends on the corresponding day
of the last month, or on its last day where there is none (article 202). A last day that is a rest day moves to the next
working day (article 203), unless the rule says that it stays. Days of a pause do not count, whatever the unit, and no
period ends on one.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from huiqi.rules.sentence import day_words
from huiqi.rules.words import Words

from .calendar import Calendar
from .deadlines import MOVES, UNITS, Deadline, Unit, deadline, pause_reasons
from .problems import NOT_ALLOWED, OUT_OF_RANGE, WRONG, CalendarMissing, ClockProblem

#: The longest period and the longest pause that are reckoned, in days: longer than any of the law, and a bound to the work.
MOST_DAYS = 4_000
#: Longest length by unit.
MOST: dict[str, int] = {"working_day": 2_500, "calendar_day": MOST_DAYS, "month": 120, "year": 10}

#: What a day on the way is: the event's own, one that counts, no working day, of a pause, a last day that is a rest day, a
#: rest day that it moves over, the last.
START, COUNTED, NOT_WORKING, PAUSED, FALLS_ON_REST, MOVING, LAST = (
    "start",
    "counted",
    "not_working",
    "paused",
    "falls_on_rest",
    "moving",
    "last",
)


@dataclass(frozen=True)
class Pause:
    """Days on which the time stands still, both included; ``last`` is None while it still does.

    ``reason`` is the code of a lawful reason, or somebody's own words where no rule is asked about.
    """

    first: dt.date
    last: dt.date | None
    reason: str

    def __post_init__(self) -> None:
        if self.last is None:
            return
        if self.last < self.first:
            raise ClockProblem(
                WRONG,
                "pauses",
                Words(
                    f"中止到 {self.last} 为止，比开始的 {self.first} 还早",
                    f"a pause ends on {self.last}, before it begins on {self.first}",
                ),
                Words("把两个日期对调或改正", "Exchange or correct the two days"),
            )
        if (self.last - self.first).days > MOST_DAYS:
            raise ClockProblem(
                OUT_OF_RANGE,
                "pauses",
                Words("中止的时间太长", "a pause is too long"),
                Words("核对年份", "Check the year"),
            )

    def covers(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def words(self) -> Words:
        """The reason as it is shown."""
        known = pause_reasons().get(self.reason)
        return known.words if known else Words(self.reason, self.reason)


@dataclass(frozen=True)
class Extension:
    """The whole extended period and the most that it may be, in the unit of the period.

    ``approver`` says who approved it, ``decided_on`` when: after the time has run out nothing is left to extend.
    """

    total: int
    cap: int | None = None
    approver: str = ""
    decided_on: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Period:
    """What is to be reckoned: ``length`` of a ``unit`` from the day of the event on, by a calendar."""

    unit: Unit
    length: int
    start: dt.date
    calendar: Calendar
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    rest_day: str = MOVES
    dates: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if self.unit not in MOST and not self.dates:
            raise ClockProblem(
                WRONG,
                "unit",
                Words(f"“{self.unit}”不能按天算", f"{self.unit!r} is not reckoned in days"),
                Words("用 working_day、calendar_day、month 或 year", "Take working_day, calendar_day, month or year"),
            )
        if not self.dates:
            self._check("length", self.length)

    def _check(self, name: str, length: int) -> None:
        if not 1 <= length <= MOST[self.unit]:
            raise ClockProblem(
                OUT_OF_RANGE,
                name,
                Words(f"长度是 {length}", f"the length is {length}"),
                Words(f"写 1 到 {MOST[self.unit]} 的整数", f"Write a whole number from 1 to {MOST[self.unit]}"),
            )

    @property
    def capped(self) -> bool:
        """Whether the extension asked for more than may be."""
        extension = self.extension
        return extension is not None and extension.cap is not None and extension.total > extension.cap

    @property
    def whole(self) -> int:
        """The length with its extension, never above the cap. Raises ClockProblem for one that would shorten."""
        extension = self.extension
        if extension is None or self.dates:
            return self.length
        self._check("extension", extension.total)
        whole = extension.total if extension.cap is None else min(extension.total, extension.cap)
        if whole < self.length:
            raise ClockProblem(
                WRONG,
                "extension",
                Words(
                    f"延长后一共是 {whole}，比原来的 {self.length} 还短",
                    f"the extended period is {whole} in all, shorter than the {self.length} that it extends",
                ),
                Words("total 写延长后的总长度，不是多出来的部分", "total is the whole, not what is added"),
            )
        return whole


class Walked(NamedTuple):
    """One day on the way: what it is, and how many days have been counted by then."""

    day: dt.date
    what: str
    number: int


@dataclass(frozen=True)
class Reckoning:
    """A period reckoned. ``last_day`` is None while an open pause stands before it.

    ``bound`` is the other rule's reckoning that this one may not pass, where it decides.
    """

    period: Period
    rule: Deadline | None = None
    bound: Reckoning | None = None
    _way: tuple[Walked, ...] = field(default=(), repr=False)

    @property
    def start(self) -> dt.date:
        return self.period.start

    @property
    def way(self) -> tuple[Walked, ...]:
        """Every day from the event to the last, with what it is."""
        return self._way

    @functools.cached_property
    def last_day(self) -> dt.date | None:
        last = self._way[-1]
        return last.day if last.what == LAST else None

    @functools.cached_property
    def counts(self) -> Counter[str]:
        """How many days are counted, are no working days, stand still; the last one counts as counted."""
        found = Counter(each.what for each in self._way)
        return Counter(
            {
                COUNTED: self._way[-1].number,
                NOT_WORKING: found[NOT_WORKING],
                PAUSED: found[PAUSED],
                MOVING: found[FALLS_ON_REST] + found[MOVING],
            }
        )

    @functools.cached_property
    def unextended(self) -> dt.date | None:
        """The last day as it would be without the extension; None where there is none."""
        if self.period.extension is None:
            return None
        return _last(self.period, self.period.length)

    def remaining(self, today: dt.date) -> int | None:
        """Days (of the calendar) from today to the last day; negative when it is over; None while it stands still."""
        return None if self.last_day is None else (self.last_day - today).days


def reckon(period: Period) -> Reckoning:
    """Reckon a period. Raises CalendarMissing for a year that is not known, ClockProblem for what makes no sense."""
    try:
        way = tuple(_walk(period, period.whole))
    except OverflowError:
        raise ClockProblem(
            OUT_OF_RANGE,
            "start",
            Words(f"从 {period.start} 算起超出了日历", f"from {period.start} on the calendar ends"),
            Words("核对年份", "Check the year"),
        ) from None
    found = Reckoning(period, _way=way)
    _check_decision(found)
    return found


def _check_decision(found: Reckoning) -> None:
    extension = found.period.extension
    if extension is None or extension.decided_on is None or found.unextended is None:
        return
    if extension.decided_on > found.unextended:
        raise ClockProblem(
            NOT_ALLOWED,
            "extension",
            Words(
                f"{day_words(extension.decided_on).zh}批准延长时，原来的期限（{day_words(found.unextended).zh}）已经过了",
                f"it was extended on {day_words(extension.decided_on).en}, after it had run out on "
                f"{day_words(found.unextended).en}",
            ),
            Words("期限届满前才能延长", "A time is extended before it runs out"),
        )


def _last(period: Period, length: int) -> dt.date | None:
    *_, last = _walk(period, length)
    return last.day if last.what == LAST else None


def _walk(period: Period, length: int) -> Iterator[Walked]:
    """Every day from the event on, up to the last; up to the day before it stands still for an open pause."""
    yield Walked(period.start, START, 0)
    working_days = period.unit == "working_day"
    total = length if working_days else _days(period, length)
    pauses = sorted(period.pauses, key=lambda pause: pause.first)
    calendar, day, number = period.calendar, period.start, 0
    while number < total:
        day += dt.timedelta(1)
        pause = next((each for each in pauses if each.covers(day)), None)
        if pause is not None:
            yield Walked(day, PAUSED, number)
            if pause.last is None:
                return
        elif working_days and not calendar.is_working(day):
            yield Walked(day, NOT_WORKING, number)
        else:
            number += 1
            if number < total:
                yield Walked(day, COUNTED, number)
    if working_days or period.rest_day != MOVES or calendar.is_working(day):
        yield Walked(day, LAST, number)
        return
    yield Walked(day, FALLS_ON_REST, number)
    while True:
        day += dt.timedelta(1)
        pause = next((each for each in pauses if each.covers(day)), None)
        if pause is not None:
            yield Walked(day, PAUSED, number)
            if pause.last is None:
                return
        elif calendar.is_working(day):
            yield Walked(day, LAST, number)
            return
        else:
            yield Walked(day, MOVING, number)


def _days(period: Period, length: int) -> int:
    """The number of days of a period that is not in working days."""
    start = period.start
    if period.dates:
        coming = (dt.date(year, *each) for year in (start.year, start.year + 1) for each in period.dates)
        return (min(day for day in coming if day > start) - start).days
    if period.unit == "calendar_day":
        return length
    return (months_later(start, length * (12 if period.unit == "year" else 1)) - start).days


def months_later(start: dt.date, number: int) -> dt.date:
    """The corresponding day so many months later, or the last of that month (Civil Code, article 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError
    return dt.date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))


def reckon_rule(
    rule: Deadline,
    start: dt.date,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    extension: Extension | None = None,
) -> Reckoning:
    """Reckon the time that a rule gives from the day of an event.

    Pauses stand on reasons that the rule allows, an extension stays under the rule's own cap. Raises ClockProblem.
    """
    pauses = tuple(pauses)
    for pause in pauses:
        _check_reason(rule, pause.reason)
    period = Period(
        rule.unit, rule.length, start, calendar, pauses, _allowed(rule, extension), rule.rest_day, rule.dates
    )
    found = reckon(period)
    bound = _bound(rule, found)
    if bound is not None:
        kept = tuple(each for each in found.way if each.day < _end(bound))
        last = next(each for each in found.way if each.day == _end(bound))
        return Reckoning(period, rule, bound, (*kept, Walked(last.day, LAST, last.number)))
    return Reckoning(period, rule, None, found.way)


def _end(found: Reckoning) -> dt.date:
    assert found.last_day is not None
    return found.last_day


def _bound(rule: Deadline, found: Reckoning) -> Reckoning | None:
    """The reckoning of the rule that this one may not pass, if it would."""
    if rule.not_beyond is None:
        return None
    other = deadline(rule.not_beyond, found.start)
    if found.way[-1].day <= _not_before(other, found.start):
        return None  # whatever rest days may do: the year in which the other one ends need not be known yet
    extended = (
        Extension(other.extension.total, other.extension.cap)
        if other.extension is not None and found.period.extension is not None
        else None
    )
    allowed = [pause for pause in found.period.pauses if pause.reason in other.pauses]
    try:
        bound = reckon_rule(other, found.start, found.period.calendar, allowed, extended)
    except CalendarMissing as missing:
        if found.way[-1].day.year < missing.year:
            return None  # it runs into a year that begins after this one has ended
        raise
    if bound.last_day is None or found.way[-1].day <= bound.last_day:
        return None
    return bound


def _not_before(rule: Deadline, start: dt.date) -> dt.date:
    """A day before which a period of this rule never ends: rest days, working days and pauses only make it longer."""
    days = {"month": 28, "year": 365}.get(rule.unit, 1)
    return start + dt.timedelta(days * rule.length) if isinstance(rule.length, int) else start


def _check_reason(rule: Deadline, reason: str) -> None:
    if reason in rule.pauses:
        return
    allowed = [pause_reasons()[code] for code in rule.pauses]
    remedy = (
        Words(
            "可以中止的理由：" + "；".join(f"{each.code}（{each.words.zh}）" for each in allowed),
            "It stands still for: " + "; ".join(f"{each.code} ({each.words.en})" for each in allowed),
        )
        if allowed
        else Words("这个期限不能中止", "This time never stands still")
    )
    shown = reason[:60]
    raise ClockProblem(
        NOT_ALLOWED,
        "pauses",
        Words(
            f"“{rule.title.zh}”的期限不能因为“{shown}”中止",
            f"the time for “{rule.title.en}” does not stand still for {shown!r}",
        ),
        remedy,
    )


def _allowed(rule: Deadline, extension: Extension | None) -> Extension | None:
    """The extension under the rule's own cap. Raises ClockProblem where the rule knows none."""
    if extension is None:
        return None
    if rule.extension is None:
        raise ClockProblem(
            NOT_ALLOWED,
            "extension",
            Words(f"“{rule.title.zh}”的期限不能延长", f"the time for “{rule.title.en}” cannot be extended"),
            Words("去掉延长", "Leave the extension out"),
        )
    cap = rule.extension.cap if extension.cap is None else min(extension.cap, rule.extension.cap)
    return Extension(extension.total, cap, extension.approver, extension.decided_on, extension.reason)


def unit_words(unit: str, number: int) -> Words:
    """A length with its unit: 10 个工作日, 10 working days."""
    words = UNITS[unit]
    zh = {"working_day": f"{number} 个工作日", "calendar_day": f"{number} 日"}.get(unit, f"{number} {words.zh}")
    return Words(zh, f"{number} {words.en}{'' if number == 1 else 's'}")
