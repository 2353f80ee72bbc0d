"""One field for everything, on a phone, by keyboard alone, with and without a script, in both languages."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .test_accessibility import findings
from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
#: What is typed, the words of the hit that it must lead to, and the first heading of the page behind it.
ASKED = {
    "zh-CN": ("欠钱不给", "第 49 条", "搜索"),
    "en": ("late payment", "Article 49", "Search"),
}


SCREENS = {"phone": PHONE, "desk": DESK}
ALL_VISITS = list(itertools.product(ASKED, (True, False), SCREENS))
VISITS = [("zh-CN", True, "phone"), ("en", False, "desk")]


@pytest.fixture(params=ways(VISITS, [visit for visit in ALL_VISITS if visit not in VISITS]), ids=str)
def visit(request: pytest.FixtureRequest) -> tuple[str, bool, str]:
    """The language, whether there is a script, and the screen."""
    spoken, script, screen = request.param
    return spoken, script, screen


@pytest.fixture
def spoken(visit: tuple[str, bool, str]) -> str:
    return visit[0]


@pytest.fixture
def script(visit: tuple[str, bool, str]) -> bool:
    return visit[1]


@pytest.fixture
def screen(visit: tuple[str, bool, str]) -> dict[str, Any]:
    return SCREENS[visit[2]]


@pytest.fixture
def browser_options(spoken: str, script: bool, screen: dict[str, Any]) -> dict[str, Any]:
    return {"locale": spoken, "timezone_id": "Asia/Shanghai", "java_script_enabled": script, **screen}


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    pytest.fail(f"Tab never reaches {selector} on {page.url}")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_open_type_enter_arrive_by_keyboard_alone(
    page: Page, spoken: str, script: bool, screen: dict[str, Any]
) -> None:
    text, hit, heading = ASKED[spoken]
    page.goto("/")
    if screen == PHONE:
        assert not page.locator("#find").is_visible()
        tab_to(page, ".nav-slim > summary")
        page.keyboard.press("Enter")
        tab_to(page, "#find_slim")
    else:
        tab_to(page, "#find")
    page.keyboard.type(text)
    enter(page)
    assert page.locator("h1").inner_text() == heading
    assert page.locator("#id_q").input_value() == text
    first = page.locator("main article.res h3 a").first
    assert hit in first.inner_text().replace("\u00a0", " ")
    tab_to(page, "main article.res h3 a")
    enter(page)
    assert "/law/" in page.url
    assert "49" in page.url


def test_what_is_not_found_leads_on(page: Page, spoken: str, script: bool) -> None:
    page.goto("/search/?q=xyzzyxyzzy")
    expect(page.locator('main a[href="tel:12345"]')).to_be_visible()
    with page.expect_navigation():
        page.locator('main .empty a[href="/"]').click()
    assert page.url.endswith("/")


class TestLooks:
    """Needs a script to look at the page, and a checker that the page would not load itself."""

    @pytest.fixture
    def script(self) -> bool:
        return True

    @pytest.fixture
    def browser_options(self, spoken: str, script: bool, screen: dict[str, Any]) -> dict[str, Any]:
        return {"locale": spoken, "timezone_id": "Asia/Shanghai", "bypass_csp": True, **screen}

    def test_axe_finds_nothing_and_nothing_runs_off_the_side(
        self, page: Page, spoken: str, screen: dict[str, Any]
    ) -> None:
        for path in ("/search/", f"/search/?q={ASKED[spoken][0]}", "/search/?q=xyzzyxyzzy", "/help/", "/help/privacy/"):
            page.goto(path)
            assert findings(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path

    def test_axe_finds_nothing_with_the_menu_open(self, page: Page, screen: dict[str, Any]) -> None:
        page.goto("/help/genuine/")
        if screen == PHONE:
            page.locator(".nav-slim > summary").click()
            expect(page.locator("#find_slim")).to_be_visible()
        assert findings(page) == []

    def test_the_field_never_makes_the_head_two_rows(self, page: Page, screen: dict[str, Any]) -> None:
        page.goto("/search/")
        for width in (992, 1100, 1280, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.locator("header.head").bounding_box()["height"] < 90, width  # type: ignore[index]
