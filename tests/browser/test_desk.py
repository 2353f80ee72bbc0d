"""An officer signs in and lands on her desk, in a real browser: by keyboard, on a phone, in both languages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from huiqi.documents.models import Notice
from huiqi.opportunities.models import Draft
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.declaring import declare
from huiqi.registry.models import (
    EnterpriseFacts,
    HatRequest,
    Membership,
    Organisation,
    Person,
    RosterImport,
    Statement,
)
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data

from .test_accessibility import findings
from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-long-enough-password"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture
def browser_options() -> dict[str, Any]:
    # the accessibility checker is put into the page from outside
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESK, "bypass_csp": True}


@pytest.fixture(autouse=True)
def bureau(db: None) -> Organisation:
    """An industry bureau of Kashgar with an officer, a clerk, drafts, an import, a fact and a request that wait."""
    cache.clear()
    load_reference_data()
    bureau = Organisation.objects.create(
        kind="organ",
        name_zh="喀什地区工信局（样例）",
        name_en="Kashgar bureau (sample)",
        region_id="653100",
        organ_function="industry_and_it",
    )
    firm = Organisation.objects.create(
        kind="enterprise",
        name_zh="喀什珩砚餐饮有限公司（样例）",
        name_en="Hengyan Catering (sample)",
        uscc=make_fictitious("1", "11", 7),
        region_id="653101",
    )
    EnterpriseFacts.objects.create(organisation=firm).record(
        {"registration_region": "653101", "operating_region": "653101", "employees": 12},
        Statement.objects.create(source="imported", made_on=dt.date(2026, 11, 1)),
    )
    people = {}
    for name, organisation, role in (
        ("officer", bureau, "officer"),
        ("clerk", bureau, "clerk"),
        ("owner", firm, "owner"),
    ):
        people[name] = Person.objects.create_user(name, PASSWORD, display_name="Sample")
        Membership.objects.create(person=people[name], organisation=organisation, role=role, start=dt.date(2020, 1, 1))
    asking = Person.objects.create_user("asking", PASSWORD, display_name="Sample two")
    HatRequest.objects.create(person=asking, organisation=firm, role="agent")
    owner = Actor(people["owner"], people["owner"].memberships.get())
    declare(owner, "titles", ["innovative_sme"], timezone.localdate())
    Notice.objects.create(
        person=people["officer"], kind="membership", subject="1", data={"outcome": "approved", "firm": ["甲厂", "Jia"]}
    )
    for title, rule in (("稳岗补贴", "employees >= 10 and operating_region like '6531%'"), ("还没写完", "")):
        Draft.objects.create(organ=bureau, author=people["officer"], title_zh=title, title_en="Support", eligible=rule)
    RosterImport.objects.create(
        by=people["officer"], organisation=bureau, file_name="roster.xlsx", sha256="0" * 64,
        rows=12, new=2, updated=3, unchanged=7, warnings=1,
    )  # fmt: skip
    return bureau


def sign_in(page: Page, name: str) -> None:
    page.goto("/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form.card-q button[type=submit]").click()


def test_an_officer_lands_on_her_desk_and_goes_on_from_there(page: Page) -> None:
    sign_in(page, "officer")
    assert page.url.endswith("/desk/")
    assert page.locator(".nav-wide [aria-current]").inner_text() == "工作台"
    assert "谁申请代表企业：1" in page.locator(".todo").inner_text()
    page.locator(".todo a[href='/register/requests/']").click()
    page.get_by_role("link", name="去决定").click()
    page.get_by_role("button", name="同意这个人").click()
    page.locator(".hat > summary").click()
    page.locator(".hat .sheet").get_by_role("link", name="谁申请代表企业", exact=True).wait_for()
    page.get_by_role("link", name="工作台").first.click()
    assert "谁申请代表企业：0" in page.locator(".todo").inner_text()
    page.get_by_role("button", name="新建草案").click()
    page.locator("#id_title_zh").wait_for()


def test_with_two_roles_she_lands_where_the_chosen_one_begins(page: Page, bureau: Organisation) -> None:
    owner = Person.objects.get(login_name="owner")
    Membership.objects.create(person=owner, organisation=bureau, role="officer", start=dt.date(2020, 1, 1))
    sign_in(page, "owner")
    assert page.url.endswith("/hats/")
    for name, home in (("喀什地区工信局", "/desk/"), ("喀什珩砚餐饮", "/home/")):
        page.goto("/hats/")
        page.get_by_label(name).check()
        page.get_by_role("button", name="用这个身份继续").click()
        assert page.url.endswith(home)


def test_the_keyboard_suffices(page: Page) -> None:
    page.goto("/login/")
    page.locator("#id_username").focus()
    page.keyboard.type("officer")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/desk/")
    order: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.textContent.trim()")
        )
        if order[-1] == "/desk/certify/":
            break
    assert order[0] == "#main", "one can skip to the content"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/desk/certify/")


LOOKS: dict[str, tuple[dict[str, int], str, Any]] = {
    "desk, English": (DESK, "en", "light"),
    "phone, Chinese": (PHONE, "zh-hans", "light"),
    "phone, English": (PHONE, "en", "dark"),
    "desk, Chinese": (DESK, "zh-hans", "dark"),
}


@pytest.mark.parametrize("look", ways(list(LOOKS)[:1], list(LOOKS)[1:]))
def test_axe_finds_nothing_and_nothing_is_scrolled_sideways(browser: Browser, live_server: Any, look: str) -> None:
    viewport, language, scheme = LOOKS[look]
    context = browser.new_context(
        base_url=live_server.url, viewport=viewport, color_scheme=scheme, bypass_csp=True, timezone_id="Asia/Shanghai"
    )
    context.add_cookies([{"name": "huiqi_language", "value": language, "url": live_server.url}])
    draft = Draft.objects.get(title_zh="稳岗补贴")
    found: dict[str, Any] = {}
    try:
        page = context.new_page()
        for name, paths in (("officer", ["/desk/", f"/desk/drafts/{draft.pk}/"]), ("clerk", ["/desk/"])):
            context.clear_cookies(name="huiqi_session")
            sign_in(page, name)
            for path in paths:
                page.goto(path)
                assert page.locator("html").get_attribute("lang") == {"zh-hans": "zh-CN", "en": "en"}[language]
                if faults := findings(page):
                    found[f"{name} {path}"] = faults
                if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                    found[f"{name} {path} sideways"] = True
    finally:
        context.close()
    assert not found, found
