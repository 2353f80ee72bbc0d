"""Figures, money, dates and distances as the look prescribes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from huiqi.web import formats

TODAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("yuan", "chinese", "english"),
    [
        ("0", "0 元", "¥0"),
        ("12291.4", "12,291 元", "¥12,291"),
        ("12291.5", "12,292 元", "¥12,292"),
        ("99999", "99,999 元", "¥99,999"),
        ("99999.5", "10 万元", "¥100,000"),
        ("100000", "10 万元", "¥100,000"),
        ("123456", "12.35 万元", "¥123,456"),
        ("4000000", "400 万元", "¥4,000,000"),
        ("1234567890", "123,456.79 万元", "¥1,234,567,890"),
        ("-120", "-120 元", "-¥120"),
    ],
)
def test_a_benefit_is_in_yuan_up_to_99_999_and_in_wan_from_100_000_and_always_in_yuan_in_english(
    yuan: str, chinese: str, english: str
) -> None:
    with translation.override("zh-hans"):
        assert str(formats.money(Decimal(yuan))) == chinese.replace(" ", formats.NBSP)
    with translation.override("en"):
        assert str(formats.money(Decimal(yuan))) == english


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_an_english_amount_never_counts_in_wan_and_no_amount_loses_more_than_half_a_unit(yuan: Decimal) -> None:
    with translation.override("en"):
        english = formats.money(yuan)
    with translation.override("zh-hans"):
        chinese = formats.money(yuan)
    assert english.unit == ""
    assert abs(Decimal(english.figure.replace(",", "")) - yuan) <= Decimal("0.5")
    scale = 10_000 if chinese.unit == "万元" else 1
    # a figure in 万元 has two decimals, so half of its last place is 50 yuan; the yuan before it may add half of one
    assert abs(Decimal(chinese.figure.replace(",", "")) * scale - yuan) <= (
        Decimal("50.5") if scale > 1 else Decimal("0.5")
    )


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_a_plain_figure_reads_back_as_itself(value: Decimal) -> None:
    text = formats.plain(value)
    assert Decimal(text.replace(",", "")) == value
    assert "." not in text or not text.endswith("0")


def test_a_date_is_written_in_full() -> None:
    with translation.override("zh-hans"):
        assert formats.day(TODAY) == "2026年11月24日"
        assert formats.day_near(dt.date(2026, 12, 31), TODAY) == "12月31日"
        assert formats.day_near(dt.date(2027, 1, 5), TODAY) == "2027年1月5日"
    with translation.override("en"):
        assert formats.day(TODAY) == "24 November 2026"
        assert formats.day_near(dt.date(2026, 12, 31), TODAY) == "31 December"


@pytest.mark.parametrize(
    ("days", "chinese", "english"),
    [
        (37, "还有 37 天", "37 days left"),
        (1, "还有 1 天", "1 day left"),
        (0, "今天是最后一天", "today is the last day"),
        (-1, "已过 1 天", "ended 1 day ago"),
        (-20, "已过 20 天", "ended 20 days ago"),
    ],
)
def test_a_distance_is_told_in_days_and_the_number_never_leaves_its_unit(days: int, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert formats.days_left(days).replace(formats.NBSP, " ") == chinese
    with translation.override("en"):
        text = formats.days_left(days)
        assert text.replace(formats.NBSP, " ") == english
        assert days == 0 or f"{abs(days)}{formats.NBSP}day" in text


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (None, None, "open"),
        (dt.date(2026, 1, 1), dt.date(2026, 11, 23), "over"),
        (None, dt.date(2026, 11, 24), "soon"),
        (None, dt.date(2026, 12, 24), "soon"),
        (None, dt.date(2026, 12, 25), "open"),
        (dt.date(2026, 11, 25), None, "not_yet"),
    ],
)
def test_only_the_last_thirty_days_of_a_benefit_are_shown_as_ending_soon(
    first: dt.date | None, last: dt.date | None, state: str
) -> None:
    assert formats.due(first, last, TODAY).state == state


def test_the_day_of_a_moment_is_that_of_official_time_and_not_of_utc():
    midnight_has_passed = dt.datetime(2026, 11, 23, 16, 30, tzinfo=dt.UTC)
    with translation.override("en"):
        page = Template("{% load huiqi %}{{ at|day }}").render(Context({"at": midnight_has_passed}))
    assert page == '<time class="num" datetime="2026-11-24">24 November 2026</time>'
