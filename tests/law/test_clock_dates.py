"""Dates that a careful reader of the notices and of the law would give, held against the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from arrangements import days, made_up, off, works

from huiqi.law.clock import (
    CalendarMissing,
    ClockProblem,
    Extension,
    Pause,
    Period,
    Reckoning,
    day_lines,
    deadline,
    notes,
    reckon,
    reckon_rule,
    sentence,
    shipped_calendar,
    step,
)
from huiqi.law.clock.calendar import REST, WORK


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def pause(first: str, last: str | None, reason: str = "supplement") -> Pause:
    return Pause(day(first), day(last) if last else None, reason)


def period(unit: str, length: int, start: str, calendar: str = "national", **more: Any) -> Reckoning:
    return reckon(Period(unit, length, day(start), shipped_calendar(calendar), **more))  # type: ignore[arg-type]


def last(unit: str, length: int, start: str, calendar: str = "national", **more: Any) -> str:
    return str(period(unit, length, start, calendar, **more).last_day)


# --- the calendars ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("calendar", ["national", "xinjiang"])
@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_the_year_is_what_the_notice_says(year: int, calendar: str) -> None:
    found = shipped_calendar(calendar)
    for each in days(f"{year}-01-01", f"{year}-12-31"):
        assert found.is_working(each) == works(each, calendar), each
    named = {each: special.kind for each, special in found.days.items() if each.year == year}
    assert {each for each, kind in named.items() if kind == REST} == off(year, calendar)
    assert {each for each, kind in named.items() if kind == WORK} == made_up(year)


def test_the_two_calendars_differ_on_the_weekdays_of_the_two_festivals_and_nowhere_else() -> None:
    national, xinjiang = shipped_calendar("national"), shipped_calendar("xinjiang")
    differing = [
        str(each) for year in (2025, 2026) for each in days(f"{year}-01-01", f"{year}-12-31")
        if national.is_working(each) != xinjiang.is_working(each)
    ]  # fmt: skip
    assert differing == [
        "2025-03-31", "2025-06-06", "2025-06-09", "2025-06-10",
        "2026-03-20", "2026-05-27", "2026-05-28", "2026-05-29",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("calendar", "start"), [("national", "2026-12-28"), ("xinjiang", "2026-12-28"), ("xinjiang", "2023-12-28")]
)
def test_a_year_that_is_not_known_is_never_guessed(calendar: str, start: str) -> None:
    with pytest.raises(CalendarMissing) as problem:
        last("working_day", 10, start, calendar)
    assert problem.value.code == "calendar_missing"
    assert problem.value.year == day(start).year + 1
    with pytest.raises(CalendarMissing):
        last("calendar_day", 30, start, calendar)
    with pytest.raises(CalendarMissing):
        last("month", 1, start, calendar)


def test_what_ends_before_the_unknown_year_is_given() -> None:
    assert last("working_day", 3, "2026-12-28") == "2026-12-31"
    assert last("calendar_day", 3, "2026-12-28") == "2026-12-31"


# --- working days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "length", "calendar", "expected"),
    [
        # 2025: Spring Festival from 28 January, one works on Sunday 26 January and Saturday 8 February
        ("2025-01-20", 5, "national", "2025-01-26"),
        ("2025-01-24", 1, "national", "2025-01-26"),
        ("2025-01-27", 5, "national", "2025-02-10"),
        ("2025-02-07", 1, "national", "2025-02-08"),
        ("2025-04-03", 1, "national", "2025-04-07"),
        ("2025-04-25", 5, "national", "2025-05-06"),
        ("2025-05-30", 3, "national", "2025-06-05"),
        ("2025-03-28", 1, "national", "2025-03-31"),
        ("2025-03-28", 1, "xinjiang", "2025-04-01"),
        ("2025-06-05", 10, "national", "2025-06-19"),
        ("2025-06-05", 10, "xinjiang", "2025-06-24"),
        ("2025-06-05", 1, "xinjiang", "2025-06-11"),
        ("2025-09-26", 5, "national", "2025-10-10"),
        ("2025-09-30", 1, "xinjiang", "2025-10-09"),
        ("2025-09-30", 5, "national", "2025-10-14"),
        # over New Year: one works on Sunday 4 January 2026
        ("2025-12-25", 10, "national", "2026-01-09"),
        ("2025-12-31", 1, "national", "2026-01-04"),
        # 2026: Spring Festival 15 to 23 February, one works on the Saturdays 14 and 28 February
        ("2026-02-10", 10, "national", "2026-03-02"),
        ("2026-02-13", 1, "national", "2026-02-14"),
        ("2026-02-14", 5, "national", "2026-02-28"),
        ("2026-02-27", 2, "national", "2026-03-02"),
        ("2026-03-19", 1, "national", "2026-03-20"),
        ("2026-03-19", 1, "xinjiang", "2026-03-23"),
        ("2026-04-03", 1, "national", "2026-04-07"),
        ("2026-04-30", 5, "national", "2026-05-11"),
        ("2026-05-08", 1, "xinjiang", "2026-05-09"),
        ("2026-05-20", 10, "national", "2026-06-03"),
        ("2026-05-20", 10, "xinjiang", "2026-06-08"),
        ("2026-05-26", 1, "xinjiang", "2026-06-01"),
        ("2026-06-18", 1, "xinjiang", "2026-06-22"),
        # National Day: one works on Sunday 20 September and Saturday 10 October
        ("2026-09-18", 5, "national", "2026-09-24"),
        ("2026-09-24", 3, "national", "2026-09-30"),
        ("2026-09-30", 5, "xinjiang", "2026-10-13"),
        ("2026-10-09", 1, "national", "2026-10-10"),
    ],
)
def test_working_days(start: str, length: int, calendar: str, expected: str) -> None:
    assert last("working_day", length, start, calendar) == expected


# --- calendar days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "length", "calendar", "expected"),
    [
        ("2024-12-30", 30, "national", "2025-02-05"),
        ("2025-01-05", 30, "national", "2025-02-05"),
        ("2025-01-06", 30, "national", "2025-02-05"),
        ("2025-01-09", 30, "national", "2025-02-08"),
        ("2025-02-27", 30, "national", "2025-03-31"),
        ("2025-02-27", 30, "xinjiang", "2025-04-01"),
        ("2025-05-08", 30, "national", "2025-06-09"),
        ("2025-05-08", 30, "xinjiang", "2025-06-11"),
        ("2025-09-01", 30, "national", "2025-10-09"),
        ("2025-09-11", 30, "national", "2025-10-11"),
        ("2025-09-12", 30, "national", "2025-10-13"),
        ("2026-01-15", 30, "national", "2026-02-14"),
        ("2026-01-16", 30, "national", "2026-02-24"),
        ("2026-01-30", 30, "national", "2026-03-02"),
        ("2026-02-18", 30, "national", "2026-03-20"),
        ("2026-02-18", 30, "xinjiang", "2026-03-23"),
        ("2026-04-27", 30, "national", "2026-05-27"),
        ("2026-04-27", 30, "xinjiang", "2026-06-01"),
        ("2026-08-21", 30, "national", "2026-09-20"),
        ("2026-09-01", 30, "national", "2026-10-08"),
        ("2026-09-10", 30, "xinjiang", "2026-10-10"),
    ],
)
def test_calendar_days_and_a_last_day_that_is_a_rest_day(start: str, length: int, calendar: str, expected: str) -> None:
    assert last("calendar_day", length, start, calendar) == expected


def test_a_rule_may_keep_a_last_day_that_is_a_rest_day() -> None:
    assert last("calendar_day", 30, "2026-01-30", rest_day="stays") == "2026-03-01"
    sealed = reckon_rule(deadline("seizure.term", day("2026-01-30")), day("2026-01-30"), shipped_calendar("xinjiang"))
    assert str(sealed.last_day) == "2026-03-01"
    assert any("rest day" in each.en for each in notes(sealed))


# --- months and years -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "unit", "length", "expected"),
    [
        ("2026-01-31", "month", 1, "2026-02-28"),  # the last of the month, a Saturday on which one works
        ("2025-01-31", "month", 1, "2025-02-28"),
        ("2024-01-31", "month", 1, "2024-02-29"),
        ("2024-01-30", "month", 1, "2024-02-29"),
        ("2023-12-31", "month", 2, "2024-02-29"),
        ("2024-02-29", "year", 1, "2025-02-28"),
        ("2023-02-28", "year", 1, "2024-02-28"),
        ("2024-02-29", "month", 12, "2025-02-28"),
        ("2026-03-31", "month", 1, "2026-04-30"),
        ("2026-02-28", "month", 1, "2026-03-30"),  # the 28th is a Saturday
        ("2026-08-31", "month", 1, "2026-09-30"),
        ("2026-09-01", "month", 1, "2026-10-08"),  # the 1st is National Day
        ("2025-11-30", "month", 3, "2026-02-28"),
        ("2023-05-04", "year", 3, "2026-05-06"),  # 4 and 5 May are off
        ("2025-12-15", "month", 2, "2026-02-24"),  # 15 February begins Spring Festival
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(
    start: str, unit: str, length: int, expected: str
) -> None:
    assert last(unit, length, start) == expected


# --- pauses -----------------------------------------------------------------------------------------------------------


def test_days_of_a_pause_do_not_count() -> None:
    assert last("working_day", 5, "2026-11-02") == "2026-11-09"
    assert last("working_day", 5, "2026-11-02", pauses=(pause("2026-11-04", "2026-11-05"),)) == "2026-11-11"
    assert last("calendar_day", 10, "2026-11-02", pauses=(pause("2026-11-04", "2026-11-05"),)) == "2026-11-16"
    assert last("month", 1, "2026-11-02", pauses=(pause("2026-11-04", "2026-11-05"),)) == "2026-12-04"


def test_a_pause_over_rest_days_costs_only_the_working_days_in_it() -> None:
    weekend = (pause("2026-11-07", "2026-11-08"),)
    assert last("working_day", 5, "2026-11-02", pauses=weekend) == "2026-11-09"
    over_national_day = (pause("2026-09-29", "2026-10-08"),)
    assert last("working_day", 3, "2026-09-28", pauses=over_national_day) == "2026-10-12"


def test_a_pause_that_begins_after_the_last_day_changes_nothing_and_one_on_the_last_day_moves_it() -> None:
    assert last("working_day", 5, "2026-11-02", pauses=(pause("2026-11-10", "2026-11-20"),)) == "2026-11-09"
    assert last("working_day", 5, "2026-11-02", pauses=(pause("2026-11-09", "2026-11-09"),)) == "2026-11-10"


def test_the_day_of_the_event_is_not_counted_whether_it_is_paused_or_not() -> None:
    assert last("working_day", 5, "2026-11-02", pauses=(pause("2026-10-20", "2026-11-02"),)) == "2026-11-09"


def test_pauses_that_overlap_count_once() -> None:
    twice = (pause("2026-11-04", "2026-11-06"), pause("2026-11-05", "2026-11-09"))
    assert last("working_day", 5, "2026-11-02", pauses=twice) == "2026-11-13"


def test_a_period_does_not_end_on_a_day_on_which_it_stands_still() -> None:
    # ten days from 29 October end on Sunday 8 November; the Monday after it is paused
    assert last("calendar_day", 10, "2026-10-29") == "2026-11-09"
    assert last("calendar_day", 10, "2026-10-29", pauses=(pause("2026-11-09", "2026-11-10"),)) == "2026-11-11"


def test_an_open_pause_leaves_no_last_day() -> None:
    found = period("working_day", 5, "2026-11-02", pauses=(pause("2026-11-04", None),))
    assert found.last_day is None
    assert found.remaining(day("2026-11-20")) is None
    assert any("stands still" in each.en for each in notes(found))
    assert "paused" in sentence(found).en
    over = period("working_day", 5, "2026-11-02", pauses=(pause("2026-11-10", None),))
    assert str(over.last_day) == "2026-11-09"


def test_only_a_lawful_reason_stops_the_time_of_a_rule() -> None:
    calendar = shipped_calendar("national")
    review = deadline("payment_complaint.review", day("2026-11-02"))
    stopped = reckon_rule(review, day("2026-11-02"), calendar, [pause("2026-11-04", "2026-11-05")])
    assert str(stopped.last_day) == "2026-11-18"
    with pytest.raises(ClockProblem, match="does not stand still") as problem:
        reckon_rule(review, day("2026-11-02"), calendar, [pause("2026-11-04", "2026-11-05", "staff on leave")])
    assert problem.value.code == "not_allowed" and "supplement" in problem.value.remedy.en
    petition = deadline("petition.finish", day("2026-11-02"))
    with pytest.raises(ClockProblem, match="never stands still"):
        reckon_rule(petition, day("2026-11-02"), calendar, [pause("2026-11-04", "2026-11-05")])


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ClockProblem, match="before it begins"):
        pause("2026-11-05", "2026-11-04")


# --- extensions -------------------------------------------------------------------------------------------------------


def test_an_extension_gives_the_length_of_the_whole() -> None:
    assert last("calendar_day", 30, "2026-03-02", extension=Extension(60, 90)) == "2026-05-06"
    assert last("working_day", 20, "2026-03-02", extension=Extension(40, 40)) == "2026-04-28"


def test_an_extension_never_passes_its_cap() -> None:
    found = period("calendar_day", 30, "2025-12-01", extension=Extension(120, 90))
    assert str(found.last_day) == "2026-03-02"
    assert found.period.capped and any("90" in each.en for each in notes(found))
    assert last("calendar_day", 30, "2025-12-01", extension=Extension(90, 90)) == "2026-03-02"


def test_the_cap_of_the_rule_holds_against_a_larger_one_of_the_asker() -> None:
    rule = deadline("payment_complaint.result", day("2025-12-01"))
    found = reckon_rule(rule, day("2025-12-01"), shipped_calendar("national"), extension=Extension(180, 180))
    assert str(found.last_day) == "2026-03-02"
    assert str(found.unextended) == "2025-12-31"
    (line,) = [each for each in day_lines(found) if each.day == day("2025-12-31")]
    assert "extension" in line.text.en and "延长" in line.text.zh


def test_a_rule_without_an_extension_is_not_extended() -> None:
    rule = deadline("payment_complaint.transfer", day("2026-03-02"))
    with pytest.raises(ClockProblem, match="cannot be extended"):
        reckon_rule(rule, day("2026-03-02"), shipped_calendar("national"), extension=Extension(20))


def test_an_extension_that_would_shorten_is_refused() -> None:
    with pytest.raises(ClockProblem, match="shorter"):
        last("calendar_day", 30, "2026-03-02", extension=Extension(20, 90))


def test_what_has_run_out_cannot_be_extended() -> None:
    in_time = Extension(60, 90, "head", day("2026-04-01"))
    too_late = Extension(60, 90, "head", day("2026-04-02"))
    assert last("calendar_day", 30, "2026-03-02", extension=in_time) == "2026-05-06"
    with pytest.raises(ClockProblem, match="after it had run out"):
        last("calendar_day", 30, "2026-03-02", extension=too_late)


def test_pauses_and_an_extension_work_together() -> None:
    both = {"pauses": (pause("2026-04-06", "2026-04-10"),), "extension": Extension(40, 60)}
    assert last("calendar_day", 30, "2026-03-02", **both) == "2026-04-16"


# --- the law of the day -----------------------------------------------------------------------------------------------


def test_the_law_of_the_day_of_the_event_applies() -> None:
    national = shipped_calendar("national")
    # the revised regulation on information gives 20 working days from 15 May 2019 on, the old one gave 15
    for start, length in (("2019-05-14", 15), ("2019-05-15", 20)):
        rule = deadline("information.answer", day(start))
        assert rule.length == length
        assert str(reckon_rule(rule, day(start), national).last_day) == last("working_day", length, start)
    # the revised penalty law counts working days from 15 July 2021 on, the old one counted days
    before, after = deadline("penalty.serve", day("2021-07-14")), deadline("penalty.serve", day("2021-07-15"))
    assert (before.unit, after.unit) == ("calendar_day", "working_day")
    assert str(reckon_rule(before, day("2021-07-14"), national).last_day) == "2021-07-21"
    assert str(reckon_rule(after, day("2021-07-15"), national).last_day) == "2021-07-26"


def test_a_period_that_began_under_the_old_law_ends_by_it() -> None:
    rule = deadline("pay.public.default_days", day("2025-05-20"))
    assert "2020" in rule.source.zh
    assert str(reckon_rule(rule, day("2025-05-20"), shipped_calendar("national")).last_day) == "2025-06-19"


def test_where_the_law_of_the_day_gives_no_time_none_is_made_up() -> None:
    with pytest.raises(ClockProblem) as problem:
        deadline("pay.large.default_days", day("2025-05-31"))
    assert problem.value.code == "not_in_force"
    assert "1 June 2025" in problem.value.remedy.en and "2025年6月1日" in problem.value.remedy.zh
    assert deadline("pay.large.default_days", day("2025-06-01")).length == 60


# --- dates of the year, promises, two clocks --------------------------------------------------------------------------


def test_a_day_of_the_year_comes_after_the_event() -> None:
    calendar = shipped_calendar("xinjiang")
    rule = deadline("disclosure.public", day("2026-01-01"))
    assert str(reckon_rule(rule, day("2026-01-01"), calendar).last_day) == "2026-03-31"
    assert str(reckon_rule(rule, day("2025-12-31"), calendar).last_day) == "2026-03-31"
    quarter = deadline("quarter.end", day("2026-04-01"))
    assert str(reckon_rule(quarter, day("2026-04-01"), calendar).last_day) == "2026-06-30"
    # 31 January 2026 is a Saturday
    load = deadline("calendar.load", day("2026-01-01"))
    assert str(reckon_rule(load, day("2026-01-01"), calendar).last_day) == "2026-02-02"


def test_a_step_has_the_clock_of_the_law_and_the_promised_one() -> None:
    calendar = shipped_calendar("xinjiang")
    both = step("complaint.finish", day("2026-05-20"), calendar, [pause("2026-05-25", "2026-05-28")])
    assert both.statutory is not None and both.promised is not None
    assert [each.rule.kind for each in both.clocks if each.rule] == ["statutory", "promise"]
    assert both.promised.rule is not None and both.promised.rule.label.en == "service promise, not law"
    # the reason stops the promise; the law's time knows no such pause
    assert str(both.promised.last_day) == "2026-06-17"
    assert str(both.statutory.last_day) == "2026-07-20"
    assert both.first is both.promised
    assert step("petition.finish", day("2026-05-20"), calendar).promised is not None
    assert step("payment_complaint.transfer", day("2026-05-20"), calendar).promised is None


def test_a_promise_never_passes_the_time_of_the_law() -> None:
    calendar = shipped_calendar("xinjiang")
    rule = deadline("complaint.finish", day("2026-01-05"))
    long = [pause("2026-01-06", "2026-03-31", "court")]
    found = reckon_rule(rule, day("2026-01-05"), calendar, long)
    assert str(found.last_day) == "2026-03-06"
    assert found.bound is not None
    assert "may not pass" in day_lines(found)[-1].text.en


# --- the explanation --------------------------------------------------------------------------------------------------


def test_every_day_has_its_reason_in_both_languages() -> None:
    found = period("working_day", 10, "2026-02-10", "xinjiang", pauses=(pause("2026-02-26", "2026-02-26"),))
    lines = {str(each.day): each for each in day_lines(found)}
    assert lines["2026-02-10"].line.zh == "2026-02-10（周二）：起算日，当天不算（民法典第 201 条）"
    assert lines["2026-02-14"].line.zh == "2026-02-14（周六）：春节调休上班，第 4 个工作日"
    assert (
        lines["2026-02-17"].line.en == "2026-02-17 (Tuesday): day off for Spring Festival, no working day, not counted"
    )
    assert lines["2026-02-26"].line.zh == "2026-02-26（周四）：中止（等待当事人补正材料），不算"
    assert lines["2026-03-03"].line.en == "2026-03-03 (Tuesday): working day 10, the period ends here"
    assert sentence(found).zh.endswith("最后一天是2026年3月3日（周二）。")


def test_a_last_day_that_moves_says_why_and_where_to() -> None:
    lines = day_lines(period("calendar_day", 30, "2026-09-01"))
    by_day = {str(each.day): each.text for each in lines}
    assert "民法典第 203 条" in by_day["2026-10-01"].zh and "国庆节放假" in by_day["2026-10-01"].zh
    assert "article 203" in by_day["2026-10-01"].en
    assert by_day["2026-10-04"].zh.endswith("继续顺延")
    assert by_day["2026-10-08"].zh == "工作日，顺延到这一天，期间到此为止"


def test_the_end_of_a_month_says_why() -> None:
    text = day_lines(period("month", 1, "2026-01-31"))[-1].text
    assert text.zh == "第 28 日，满 1 个月（民法典第 202 条），期间到这一天为止"


# --- what makes no sense ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "length"),
    [("working_day", 0), ("working_day", -1), ("calendar_day", 10**9), ("month", 10**6), ("fortnight", 1), ("hour", 4)],
)
def test_lengths_and_units_that_make_no_sense_are_refused(unit: str, length: int) -> None:
    with pytest.raises(ClockProblem):
        last(unit, length, "2026-03-02")


def test_the_end_of_all_calendars_is_a_problem_and_no_crash() -> None:
    with pytest.raises(ClockProblem):
        last("calendar_day", 30, "9999-12-20", rest_day="stays")
    with pytest.raises(ClockProblem):
        last("month", 30, "9999-12-20", rest_day="stays")


def test_a_bound_that_ends_in_a_year_without_calendar_is_asked_only_where_it_matters() -> None:
    """The promise of 15 working days ends in 2026; the 60 days that it may not pass end in 2027, whose rest days nobody knows."""
    asked = reckon_rule(
        deadline("complaint.finish", dt.date(2026, 11, 24)), dt.date(2026, 11, 24), shipped_calendar("xinjiang")
    )
    assert asked.last_day == dt.date(2026, 12, 15)
