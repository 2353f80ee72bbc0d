"""The calendars of rest days: kept by the platform's administrator alone, whole years only, and loud where one is missing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from structlog.testing import capture_logs
from web_pages import PASSWORD, visible, visitor

from huiqi.law import calendars as keeping
from huiqi.law.calendars import REACH, calendar, gaps, load_calendars
from huiqi.law.clock import CalendarMissing, Period, reckon, shipped_calendar
from huiqi.law.models import CalendarDay, CalendarYear
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db

NEW_YEAR = """\
2027-01-01 至 2027-01-03 放假 元旦 / New Year's Day
2027-02-05 to 2027-02-11 rest 春节
2027-02-14 上班 春节

2027-05-01 至 2027-05-05 放假 劳动节
2027-10-01 到 2027-10-07 放假 国庆节
2027-10-09 work 国庆节
"""


@pytest.fixture(autouse=True)
def known() -> None:
    load_reference_data()
    load_calendars()


def member(role: str, region: str, function: str = "industry_and_it", name: str = "keeper") -> Client:
    organ = Organisation.objects.create(
        kind="organ", name_zh=f"样例机关{name}", name_en="Sample", region_id=region, organ_function=function
    )
    person = Person.objects.create_user(name, PASSWORD, display_name="样例管理员")
    Membership.objects.create(person=person, organisation=organ, role=role, start=dt.date(2020, 1, 1))
    client = visitor()
    client.force_login(person)
    return client


@pytest.fixture
def keeper() -> Client:
    return member("administrator", "650000")


def keep(client: Client, text: str = NEW_YEAR, *, act: str = "keep", year: int = 2027, **more: Any) -> Any:
    sent = {"text": text, "source": "国办发明电〔2026〕9号", "seen": "", "act": act, **more}
    return client.post(f"/desk/calendar/national/{year}/", sent)


# --- loading ----------------------------------------------------------------------------------------------------------


def test_the_database_has_the_calendars_of_the_product_day_by_day() -> None:
    for code in ("national", "xinjiang"):
        shipped, kept = shipped_calendar(code), calendar(code)
        assert kept.days == shipped.days and kept.years == shipped.years


def test_loading_again_changes_nothing_and_mends_what_nobody_has_changed(keeper: Client) -> None:
    assert load_calendars() == 0
    CalendarDay.objects.filter(of__calendar="national", date="2026-02-14").delete()
    assert load_calendars() == 1
    assert calendar("national").is_working(dt.date(2026, 2, 14))


def test_loading_leaves_alone_what_somebody_has_changed(keeper: Client) -> None:
    present = CalendarYear.objects.get(calendar="national", year=2026)
    text = "\n".join(f"2026-{day} rest 元旦" for day in ("01-01", "05-01", "05-02", "10-01", "10-02", "10-03"))
    assert keep(keeper, text, year=2026, seen=present.changed_at.isoformat()).status_code == 302
    assert load_calendars() == 0
    assert not calendar("national").is_working(dt.date(2026, 2, 14))


# --- who keeps them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "region"),
    [("officer", "650000"), ("supervisor", "650000"), ("auditor", "650000"), ("administrator", "653100"), ("administrator", "653101")],
)  # fmt: skip
def test_nobody_but_the_administrator_of_the_region_keeps_the_calendars(role: str, region: str) -> None:
    client = member(role, region)
    assert client.get("/desk/calendar/").status_code == 403
    assert client.get("/desk/calendar/national/2026/").status_code == 403
    assert keep(client).status_code == 403
    assert not CalendarYear.objects.filter(year=2027).exists()
    assert "修改这一年" not in visible(client.get("/clock/calendar/"))


def test_a_visitor_is_sent_to_sign_in(guest: Client) -> None:
    assert guest.get("/desk/calendar/").status_code == 302
    assert keep(guest).headers["Location"].startswith("/login/")


def test_the_administrator_sees_what_is_missing_and_enters_it(keeper: Client) -> None:
    assert "录入 2027 年" in visible(keeper.get("/desk/calendar/"))
    tried = keep(keeper, act="try")
    text = visible(tried)
    assert "2027-02-14 周日 平常的日子 调休上班 春节" in text and "2027 年就按这样保存" in text
    assert not CalendarYear.objects.filter(year=2027).exists()
    kept = keep(keeper)
    assert kept.status_code == 302
    year = CalendarYear.objects.get(calendar="national", year=2027)
    assert (year.changed_by.login_name, year.source) == ("keeper", "国办发明电〔2026〕9号")
    found = calendar("national")
    assert found.is_working(dt.date(2027, 2, 14)) and not found.is_working(dt.date(2027, 2, 8))
    assert found.days[dt.date(2027, 2, 8)].name.en == "Spring Festival"
    over = reckon(Period("working_day", 5, dt.date(2026, 12, 30), found))
    assert over.last_day == dt.date(2027, 1, 7)
    assert "样例管理员" in visible(keeper.get("/desk/calendar/"))


def test_who_saw_an_older_state_does_not_overwrite_a_newer_one(keeper: Client) -> None:
    assert keep(keeper).status_code == 302
    stale = keep(keeper)
    assert stale.status_code == 409 and "有人改过这一年" in visible(stale)
    present = CalendarYear.objects.get(year=2027)
    assert keep(keeper, seen=present.changed_at.isoformat()).status_code == 302


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "全国都放假"),
        ("2027-01-01 放假 元旦", "把全年的安排写全"),
        (NEW_YEAR + "2027-02-30 放假 春节", "没有这一天"),
        (NEW_YEAR + "2027-03-08 上班 春节", "本来就是周一到周五"),
        (NEW_YEAR + "2026-12-31 放假 元旦", "不在 2027 年"),
        (NEW_YEAR + "2027-02-08 放假 春节", "已经写过"),
        (NEW_YEAR + "2027-06-11 至 2027-06-09 放假 端午节", "对调日期"),
        (NEW_YEAR + "端午节放三天", "看不懂"),
        (NEW_YEAR + "\n".join(["x"] * 300), "最多 200 行"),
    ],
)
def test_half_a_year_and_slips_of_the_pen_are_refused_with_their_line(keeper: Client, text: str, words: str) -> None:
    answer = keep(keeper, text)
    assert answer.status_code == 422 and words in visible(answer)
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_a_year_names_its_document(keeper: Client) -> None:
    assert "没有写依据" in visible(keep(keeper, source=" "))


def test_years_out_of_reach_and_unknown_calendars_have_no_page(keeper: Client) -> None:
    for address in ("national/1999", "national/2099", "lunar/2026"):
        assert keeper.get(f"/desk/calendar/{address}/").status_code == 404


def test_the_database_itself_refuses_a_make_up_day_in_the_week() -> None:
    year = CalendarYear.objects.get(calendar="national", year=2026)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(of=year, date=dt.date(2026, 3, 9), kind="work", name_zh="春节", name_en="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarYear.objects.create(calendar="lunar", year=2026, source="x", confidence="verified")


# --- a missing year is loud -------------------------------------------------------------------------------------------


def test_the_years_that_deadlines_of_today_reach_have_to_be_there() -> None:
    assert gaps(dt.date(2026, 3, 1)) == []
    assert [(gap.calendar, gap.year, gap.now) for gap in gaps(dt.date(2026, 12, 31) - REACH + dt.timedelta(1))] == [
        ("national", 2027, False),
        ("xinjiang", 2027, False),
    ]
    assert all(gap.now for gap in gaps(dt.date(2027, 1, 1))) and len(gaps(dt.date(2027, 1, 1))) == 2


def test_a_reckoning_into_a_missing_year_fails_and_tells_the_operators() -> None:
    with capture_logs() as logs, pytest.raises(CalendarMissing):
        reckon(Period("working_day", 30, dt.date(2026, 12, 1), calendar("xinjiang")))
    assert [(log["event"], log["log_level"], log["year"]) for log in logs] == [("calendar_missing", "warning", 2027)]


def test_the_health_check_lists_missing_years_and_stays_well(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: dt.date(2026, 11, 24))
    with capture_logs() as logs:
        detail = client.get("/healthz?detail")
    assert detail.status_code == 200
    assert detail.json()["calendar_missing"] == [
        {"calendar": "national", "year": 2027},
        {"calendar": "xinjiang", "year": 2027},
    ]
    assert {log["event"] for log in logs} == {"calendar_missing"}
    assert client.get("/healthz").content == b"ok\n"


def test_the_administrators_desk_says_what_is_missing(keeper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiqi.web.views.desk.today", lambda: dt.date(2026, 11, 24))
    assert "“新疆”日历还没有 2027 年的放假安排" in visible(keeper.get("/desk/"))
    officer = member("officer", "650000", name="officer")
    assert "日历还没有" not in visible(officer.get("/desk/"))


def test_without_any_calendar_nothing_is_guessed() -> None:
    CalendarYear.objects.all().delete()
    with pytest.raises(CalendarMissing):
        reckon(Period("working_day", 1, dt.date(2026, 3, 2), keeping.calendar("national")))
