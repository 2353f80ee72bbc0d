"""An officer drafts a policy in a real browser: live, by keyboard, and without a script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from huiqi.opportunities.models import Draft, PublishedPolicy
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, Statement
from huiqi.registry.reference import load_reference_data

from .test_accessibility import findings
from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-long-enough-password"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def browser_options(script: bool) -> dict[str, Any]:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1440, "height": 900},
        "java_script_enabled": script,
        # the accessibility checker is put into the page from outside
        "bypass_csp": True,
    }


@pytest.fixture
def office(transactional_db: None) -> Iterator[Organisation]:
    """An office of the region, an officer, and four firms with 5, 9, 12 and 40 people."""
    load_reference_data()
    office = Organisation.objects.create(
        kind="organ",
        name_zh="样例工信厅（样例）",
        name_en="Sample",
        region_id="650000",
        organ_function="industry_and_it",
    )
    person = Person.objects.create_user("officer", PASSWORD, display_name="样例承办人")
    Membership.objects.create(person=person, organisation=office, role="officer", start=dt.date(2020, 1, 1))
    statement = Statement.objects.create(source="imported", made_on=dt.date(2026, 11, 1))
    for number, people in enumerate((5, 9, 12, 40)):
        firm = Organisation.objects.create(
            kind="enterprise",
            name_zh=f"样例{number}号（样例）",
            uscc=make_fictitious("1", "11", number),
            region_id="653101",
        )
        EnterpriseFacts.objects.create(organisation=firm).record(
            {"employees": people, "registration_region": "653101"}, statement
        )
    yield office
    # what is published is for ever, also for the sweeping up after a test
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE opportunities_publishedpolicy DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM opportunities_publishedpolicy")
        cursor.execute("ALTER TABLE opportunities_publishedpolicy ENABLE TRIGGER USER")


def begin(page: Page) -> None:
    page.goto("/login/?next=/desk/drafts/")
    page.locator("#id_username").fill("officer")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form.card-q button").click()
    page.get_by_role("button", name="新建草案").click()


def fill(page: Page) -> None:
    for field, value in {
        "title_zh": "稳岗补贴",
        "benefit_zh": "每人 500 元。",
        "amount": "employees * 500",
        "how_to_claim_zh": "不用申请。",
        "valid_from": timezone.localdate().isoformat(),
        "articles": "14",
    }.items():
        page.locator(f"#id_{field}").fill(value)


def write(page: Page, rule: str, script: bool) -> None:
    page.locator("#id_eligible").fill(rule)
    if not script:
        page.get_by_role("button", name="按表达式更新").click()


def see(page: Page, selector: str, text: str) -> None:
    page.locator(selector).filter(has_text=text).wait_for()


def test_from_the_first_word_to_publication(page: Page, office: Organisation, script: bool) -> None:
    begin(page)
    fill(page)
    write(page, "employees >= 10", script)
    see(page, "#eligible", "2")
    see(page, "#told", "符合 2 家，不符合 2 家")
    assert page.locator("#row-0-value").input_value() == "10"
    write(page, "employees >= 10 and uscc = '91650100MA00000000'", script)
    see(page, "#lint-1", "点名给特定企业好处")
    assert page.locator("#publish").is_disabled()
    see(page, "#stop", "还不能发布")
    write(page, "employees >= 9", script)
    see(page, "#eligible", "3")
    page.locator("#publish:enabled").click()
    see(page, "main", "已通知 3 家")
    assert page.url.endswith("/policies/wen-gang-bu-tie/")
    assert PublishedPolicy.objects.get().reached["eligible"] == 3
    page.goto("/policies/?q=稳岗补贴")
    see(page, "#found", "稳岗补贴")


def test_rows_and_expression_follow_each_other(page: Page, office: Organisation, script: bool) -> None:
    begin(page)
    page.get_by_role("button", name="加一个条件").click()
    page.locator("#row-0-fact").select_option("employees")
    if not script:
        page.get_by_role("button", name="按条件更新").click()
    page.locator("#row-0-value").fill("12")
    if script:
        page.wait_for_function("document.getElementById('id_eligible').value === 'employees >= 12'")
        assert page.evaluate("document.activeElement.id") == "row-0-value"
    else:
        page.get_by_role("button", name="按条件更新").click()
    assert page.locator("#id_eligible").input_value() == "employees >= 12"
    see(page, "#eligible", "2")
    page.get_by_role("button", name="保存").click()
    see(page, "main", "已保存")
    assert Draft.objects.get().eligible == "employees >= 12"


def test_a_text_that_cannot_be_read_leaves_the_figures_and_offers_a_cure(
    page: Page, office: Organisation, script: bool
) -> None:
    begin(page)
    write(page, "employees >= 10", script)
    see(page, "#eligible", "2")
    write(page, "employes >= 9", script)
    see(page, "#state", "没有叫“employes”的事实")
    if script:
        assert page.locator("#eligible").inner_text() == "2"
    page.get_by_role("button", name="就这样写").click()
    see(page, "#eligible", "3")
    assert page.locator("#id_eligible").input_value() == "employees >= 9"


@pytest.mark.parametrize("script", [True], indirect=True)
@pytest.mark.parametrize("width", ways([390], [1440]))
def test_axe_finds_nothing_and_nothing_runs_off_the_side(
    page: Page, office: Organisation, script: bool, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    begin(page)
    assert findings(page) == []
    fill(page)
    write(page, "employees >= 10 and age_years >= 2 and size_class in ('small', 'micro')", script)
    see(page, "#rows", "要写明理由")
    assert findings(page) == []
    write(page, "employes >= 10", script)
    see(page, "#state", "没有叫")
    assert findings(page) == []
    page.get_by_role("button", name="保存").click()
    page.goto("/desk/drafts/?copy=贷款")
    assert findings(page) == []
    for path in ("/desk/drafts/", page.url):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("script", [True], indirect=True)
def test_the_keyboard_suffices(page: Page, office: Organisation, script: bool) -> None:
    begin(page)

    def reach(selector: str) -> None:
        for _ in range(120):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(selector)

    reach("#id_title_zh")
    page.keyboard.type("稳岗补贴")
    reach("#id_eligible")
    page.keyboard.type("employees >= 10")
    see(page, "#eligible", "2")
    assert page.evaluate("document.activeElement.id") == "id_eligible"
    page.keyboard.press("Shift+Tab")
    reach("button[value=save]")
    page.keyboard.press("Enter")
    see(page, "main", "已保存")
    assert Draft.objects.get().title_zh == "稳岗补贴"
