"""The clock by phone, by keyboard, without JavaScript, on paper; the administrator enters a year."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from huiqi.law.calendars import load_calendars
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reference import load_reference_data

from .test_accessibility import findings
from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = {
    "phone, Chinese, light": {"locale": "zh-CN", "viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "desk, English, dark": {"locale": "en", "viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
}
ANSWER = (
    "/clock/?rule=complaint.finish&start=2026-05-20&calendar=xinjiang&total=30"
    "&pause_from=2026-05-25&pause_to=2026-05-28&pause_reason=supplement"
)
MOVED = "/clock/?unit=calendar_day&length=30&start=2026-09-01&calendar=national"


@pytest.fixture
def browser_options() -> dict[str, Any]:
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 390, "height": 844}}


@pytest.fixture(autouse=True)
def calendars(transactional_db: None) -> None:
    load_calendars()


def signed_in(page: Page, live_server: Any) -> None:
    load_reference_data()
    organ = Organisation.objects.create(
        kind="organ", name_zh="样例厅", name_en="Sample", region_id="650000", organ_function="industry_and_it"
    )
    person = Person.objects.create_user("keeper", "a-long-enough-password", display_name="样例管理员")
    Membership.objects.create(person=person, organisation=organ, role="administrator", start=dt.date(2020, 1, 1))
    client = Client()
    client.force_login(person)
    cookie = client.cookies["huiqi_session"].value
    page.context.add_cookies([{"name": "huiqi_session", "value": cookie, "url": live_server.url}])


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_a_blank_form_to_the_last_day(browser: Any, live_server: Any, script: bool) -> None:
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 390, "height": 844}, java_script_enabled=script
    )
    page = context.new_page()
    page.goto("/clock/")
    page.get_by_label("哪一个法定期限").select_option("payment_complaint.transfer")
    page.get_by_label("事情发生在哪一天").fill("2026-02-10")
    page.get_by_role("button", name="算出最后一天").click()
    page.wait_for_url("**/clock/?*rule=payment_complaint.transfer*")
    expect(page.get_by_role("heading", name="2026年3月2日")).to_be_visible()
    row = page.get_by_role("row", name="02-14")
    assert "春节调休上班，第 4 个工作日" in row.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()


def test_an_error_is_focused_and_leads_to_its_field(page: Page) -> None:
    page.goto("/clock/")
    page.get_by_label("长度", exact=True).fill("five")
    page.keyboard.press("Enter")
    page.wait_for_url("**length=five**")
    summary = page.locator(".errsum")
    assert summary.evaluate("each => each === document.activeElement")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#id_length").evaluate("each => each === document.activeElement")
    assert page.locator("#id_length").input_value() == "five"


def test_on_paper_there_are_all_days_and_no_form(page: Page) -> None:
    page.goto("/clock/?unit=month&length=8&start=2026-01-05&calendar=national")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_role("row", name="04-15")).to_be_visible()
    for furniture in (".head nav", ".crumbs", "main form", "#id_link"):
        assert not page.locator(furniture).first.is_visible(), furniture


def test_the_administrator_enters_a_year(page: Page, live_server: Any) -> None:
    signed_in(page, live_server)
    page.goto("/desk/calendar/")
    page.get_by_role("region", name="全国").get_by_role("link", name="录入 2027 年").click()
    page.get_by_label("通知的名称和文号").fill("国办发明电〔2026〕9号")
    lines = [
        "2027-01-01 至 2027-01-03 放假 元旦",
        "2027-05-01 至 2027-05-05 放假 劳动节",
        "2027-10-01 至 2027-10-07 放假 国庆节",
    ]
    page.get_by_label("放假和调休的日子，一行一个").fill("\n".join(lines))
    page.get_by_role("button", name="先看看会变什么").click()
    expect(page.get_by_role("heading", name="有 15 天变化")).to_be_visible()
    assert findings_without_policy(page) == []
    page.get_by_role("button", name="2027 年就按这样保存").click()
    page.wait_for_url("**/clock/calendar/?calendar=national&year=2027")
    expect(page.get_by_text("已保存")).to_be_visible()
    page.goto("/clock/?unit=working_day&length=5&start=2026-12-30&calendar=national")
    expect(page.get_by_role("heading", name="2027年1月7日")).to_be_visible()


def findings_without_policy(page: Page) -> list[str]:
    """What axe finds, in a page whose content policy keeps the checker out: in a twin that does not."""
    twin = page.context.browser.new_context(bypass_csp=True, viewport=page.viewport_size)  # type: ignore[union-attr]
    try:
        other = twin.new_page()
        other.set_content(page.content())
        return findings(other)
    finally:
        twin.close()


@pytest.mark.parametrize("look", ways(list(LOOKS)[:1], list(LOOKS)[1:]))
def test_axe_finds_nothing_on_answers_and_calendars(browser: Any, live_server: Any, look: str) -> None:
    context = browser.new_context(base_url=live_server.url, bypass_csp=True, timezone_id="Asia/Shanghai", **LOOKS[look])
    page = context.new_page()
    signed_in(page, live_server)
    found: dict[str, list[str]] = {}
    for path in (
        ANSWER,
        MOVED,
        "/clock/?rule=seizure.report_urgent&start=2026-05-01T10:00:00%2B08:00",
        "/clock/?unit=working_day&length=30&start=2026-12-10&calendar=national",
        "/clock/calendar/?calendar=xinjiang&year=2026",
        "/desk/calendar/",
        "/desk/calendar/xinjiang/2026/",
        "/desk/",
    ):
        page.goto(path)
        if faults := findings(page):
            found[path] = faults
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    context.close()
    assert not found, found
