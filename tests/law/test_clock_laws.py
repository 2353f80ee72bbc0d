"""Laws of the clock for all starts, lengths, pauses and extensions, with a naive reckoning as the judge."""

from __future__ import annotations

import datetime as dt

from arrangements import works
from hypothesis import given
from hypothesis import strategies as st

from huiqi.law.clock import Extension, Pause, Period, Reckoning, day_lines, reckon, shipped_calendar
from huiqi.law.clock.reckoning import months_later

DAY = dt.timedelta(1)
FIRST, LAST = dt.date(2024, 12, 31), dt.date(2026, 9, 1)

calendars = st.sampled_from(["national", "xinjiang"])
units = st.sampled_from(["working_day", "calendar_day", "month"])
starts = st.dates(dt.date(2025, 1, 1), dt.date(2026, 3, 31))
lengths = {"working_day": st.integers(1, 60), "calendar_day": st.integers(1, 90), "month": st.integers(1, 3)}


@st.composite
def pauses(draw: st.DrawFn, start: dt.date) -> tuple[Pause, ...]:
    drawn = draw(st.lists(st.tuples(st.integers(-5, 60), st.integers(0, 12)), max_size=3))
    return tuple(Pause(start + n * DAY, start + (n + long) * DAY, "supplement") for n, long in drawn)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    unit, start = draw(units), draw(starts)
    return Period(unit, draw(lengths[unit]), start, shipped_calendar(draw(calendars)), draw(pauses(start)))  # type: ignore[arg-type]


def end(found: Reckoning) -> dt.date:
    assert found.last_day is not None
    return found.last_day


def with_length(period: Period, length: int) -> Period:
    return Period(period.unit, length, period.start, period.calendar, period.pauses)


def naive(period: Period) -> dt.date:
    """The last day by the notices alone, looking at one day after the other."""
    paused = {day for pause in period.pauses for day in _span(pause)}

    def ends(day: dt.date) -> bool:
        return works(day, period.calendar.code) and day not in paused

    day, counted = period.start, 0
    if period.unit == "working_day":
        while counted < period.length:
            day += DAY
            counted += ends(day)
        return day
    total = period.length
    if period.unit == "month":
        month = period.start.year * 12 + period.start.month - 1 + period.length
        corresponding = period.start.day
        while True:
            try:
                total = (dt.date(month // 12, month % 12 + 1, corresponding) - period.start).days
                break
            except ValueError:
                corresponding -= 1
    while counted < total:
        day += DAY
        counted += day not in paused
    while not ends(day):
        day += DAY
    return day


def _span(pause: Pause) -> set[dt.date]:
    assert pause.last is not None
    return {pause.first + n * DAY for n in range((pause.last - pause.first).days + 1)}


@given(periods())
def test_it_agrees_with_a_naive_reckoning(period: Period) -> None:
    assert end(reckon(period)) == naive(period)


@given(periods())
def test_the_last_day_is_a_working_day_on_which_nothing_stands_still(period: Period) -> None:
    last = end(reckon(period))
    assert works(last, period.calendar.code)
    assert not any(pause.covers(last) for pause in period.pauses)
    assert last > period.start


@given(periods())
def test_counting_back_from_the_last_day_gives_the_length(period: Period) -> None:
    last, counted = end(reckon(period)), 0
    day = last
    while day > period.start:
        paused = any(pause.covers(day) for pause in period.pauses)
        counted += not paused and (period.unit != "working_day" or works(day, period.calendar.code))
        day -= DAY
    if period.unit == "working_day":
        assert counted == period.length
    elif period.unit == "calendar_day":
        assert counted >= period.length  # it may have moved over rest days


@given(periods())
def test_a_longer_period_never_ends_earlier(period: Period) -> None:
    longer = end(reckon(with_length(period, period.length + 1)))
    shorter = end(reckon(period))
    assert longer >= shorter
    if period.unit == "working_day":
        assert longer > shorter


@given(periods(), st.integers(-5, 60), st.integers(0, 12))
def test_a_further_pause_never_shortens(period: Period, begins: int, long: int) -> None:
    further = Pause(period.start + begins * DAY, period.start + (begins + long) * DAY, "court")
    paused = Period(period.unit, period.length, period.start, period.calendar, (*period.pauses, further))
    assert end(reckon(paused)) >= end(reckon(period))


@given(periods())
def test_a_later_event_never_ends_earlier(period: Period) -> None:
    later = Period(period.unit, period.length, period.start + DAY, period.calendar, period.pauses)
    assert end(reckon(later)) >= end(reckon(period))


@given(periods(), st.randoms(use_true_random=False))
def test_the_order_of_pauses_and_where_they_are_cut_change_nothing(period: Period, random: object) -> None:
    pieces = [Pause(day, day, "supplement") for pause in period.pauses for day in _span(pause)]
    random.shuffle(pieces)  # type: ignore[attr-defined]
    cut = Period(period.unit, period.length, period.start, period.calendar, tuple(pieces))
    assert end(reckon(cut)) == end(reckon(period))


@given(periods(), st.integers(0, 30), st.integers(0, 30))
def test_an_extension_never_shortens_and_never_passes_its_cap(period: Period, more: int, cap: int) -> None:
    if period.unit == "month":
        more, cap = more % 3, cap % 3
    total, most = period.length + more, period.length + cap
    extended = end(
        reckon(Period(period.unit, period.length, period.start, period.calendar, period.pauses, Extension(total, most)))
    )
    assert extended >= end(reckon(period))
    assert extended == end(reckon(with_length(period, min(total, most))))


@given(periods())
def test_the_explanation_goes_from_the_event_to_the_last_day_without_a_gap(period: Period) -> None:
    found = reckon(period)
    lines = day_lines(found)
    assert [line.day for line in lines] == [period.start + n * DAY for n in range((end(found) - period.start).days + 1)]
    assert all(line.text.zh and line.text.en for line in lines)
    counted = [line.number for line in lines if line.what == "counted"]
    assert counted == list(range(1, len(counted) + 1))
    assert lines[0].what == "start" and lines[-1].what == "last"
    if period.unit == "working_day":
        assert lines[-1].number == period.length


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.integers(0, 240))
def test_months_later_is_in_the_right_month_and_on_the_day_or_the_last_of_the_month(
    start: dt.date, number: int
) -> None:
    later = months_later(start, number)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == number
    assert later.day == start.day or (later.day < start.day and (later + DAY).month != later.month)
