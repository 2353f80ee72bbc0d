"""An owner walks the finder on a phone, with and without a script, in both languages, by touch and by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from huiqi.rules.dictionary import dictionary

from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "zh-CN": {
        "start": "用这三项开始",
        "next": "下一题",
        "results": "直接看结果",
        "yes": "可以享受",
        "why": "逐条看为什么",
    },
    "en": {
        "start": "Start with these",
        "next": "Next",
        "results": "Straight to the results",
        "yes": "You may have this",
        "why": "Why, point by point",
    },
}
#: What the noodle shop of the tests answers, whatever is asked first.
ANSWERS = {
    "vat_type": "small_scale",
    "monthly_sales": "8.6",
    "ui_paid_months": "14",
    "layoff_rate": "0",
    "graduate_hires": "0",
}


@pytest.fixture(params=ways([("zh-CN", True), ("en", False)], [("en", True), ("zh-CN", False)]), ids=str)
def visit(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """The language, and whether there is a script."""
    spoken, script = request.param
    return spoken, script


@pytest.fixture
def spoken(visit: tuple[str, bool]) -> str:
    return visit[0]


@pytest.fixture
def script(visit: tuple[str, bool]) -> bool:
    return visit[1]


@pytest.fixture
def browser_options(spoken: str, script: bool) -> dict[str, Any]:
    return {
        "locale": spoken,
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "java_script_enabled": script,
    }


def fits(page: Page, script: bool) -> bool:
    """Whether nothing has to be scrolled sideways; without a script the page cannot be asked."""
    return not script or page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def answer(page: Page) -> None:
    """Answer the question on the page if the shop knows, else skip it."""
    name = re.search(r"/finder/question/([a-z_0-9]+)/", page.url)
    assert name
    fact = dictionary()[name[1]]
    value = ANSWERS.get(fact.name)
    if value is None:
        page.locator("button[name=skip]").click()
    elif fact.type == "enum":
        page.locator(f"input[name=value][value={value}]").check()
        page.locator("form.card-q button.btn-primary").click()
    else:
        page.locator("#id_value").fill(value)
        page.locator("form.card-q button.btn-primary").click()


def test_from_three_taps_to_the_reasons(page: Page, spoken: str, script: bool) -> None:
    words = WORDS[spoken]
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == spoken
    page.locator("#id_place").select_option("653101")
    page.locator("#id_trade").select_option("6210")
    page.locator("#id_people").fill("9")
    page.get_by_role("button", name=words["start"]).click()
    asked = 0
    while "/finder/question/" in page.url:
        assert fits(page, script)
        answer(page)
        asked += 1
    assert asked <= 6
    assert page.url.endswith("/finder/results/")
    expect(page.get_by_role("heading", name=words["yes"])).to_be_visible()
    assert fits(page, script)
    page.get_by_role("link", name=words["why"]).first.click()
    assert "/finder/why/" in page.url
    assert page.locator(".cond").count() > 0
    assert fits(page, script)


def test_a_wrong_entry_is_mended_without_losing_the_right_ones(page: Page, script: bool) -> None:
    page.goto("/")
    page.locator("#id_place").select_option("653101")
    page.locator("#id_people").fill("nine")
    page.locator("form:has(#id_place) button").click()
    expect(page.locator(".errsum")).to_be_visible()
    if script:
        assert page.evaluate("document.activeElement.className").startswith("errsum")
    page.locator(".errsum a").click()
    assert page.url.endswith("#id_people")
    assert page.locator("#id_place").input_value() == "653101"
    page.locator("#id_people").fill("9")
    page.locator("form:has(#id_place) button").click()
    assert "/finder/question/" in page.url


def test_the_library_can_be_filtered(page: Page, script: bool, spoken: str) -> None:
    page.goto("/policies/")
    before = page.locator("#found article").count()
    page.locator(".filters-fold summary").click()
    page.locator("#id_level").select_option("autonomous_region")
    if script:
        page.wait_for_url("**level=autonomous_region**")
    else:
        page.locator(".filters button").click()
    assert "level=autonomous_region" in page.url
    page.locator(".chips a").first.wait_for()
    assert page.locator("#found article").count() < before
    page.locator(".chips a").click()
    assert "level=" not in page.url
    assert fits(page, script)


class TestEcho:
    """A figure in ten thousands is repeated in yuan while it is typed."""

    @pytest.fixture
    def script(self) -> bool:
        return True

    def test_ten_thousands_are_repeated_in_yuan(self, page: Page, spoken: str) -> None:
        page.goto("/finder/question/monthly_sales/")
        page.locator("#id_value").fill("8.6")
        assert page.locator("[data-echo]").inner_text() == ("= 86,000 元" if spoken == "zh-CN" else "= ¥86,000")
        page.locator("#id_value").fill("abc")
        assert page.locator("[data-echo]").inner_text() == ""


def test_the_language_can_be_changed_in_the_middle_of_a_list(page: Page, spoken: str) -> None:
    page.goto("/policies/?kind=loan")
    page.locator(".nav > .lang button").click()
    assert page.url.endswith("/policies/?kind=loan")
    assert page.locator("html").get_attribute("lang") != spoken


class TestKeyboard:
    """The same path with nothing but a keyboard."""

    @pytest.fixture
    def script(self) -> bool:
        return True

    def focus(self, page: Page, selector: str) -> None:
        """Press Tab until the focus is on the element, as somebody without a mouse does."""
        for _ in range(80):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"Tab never reaches {selector} on {page.url}")

    def press_enter(self, page: Page) -> None:
        """Press Enter on what leads to another page, and wait until it is there."""
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def test_every_step_can_be_reached_and_seen(self, page: Page, spoken: str) -> None:
        page.goto("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        self.focus(page, "#id_place")
        page.keyboard.type("喀什市" if spoken == "zh-CN" else "Kashgar")
        self.focus(page, "#id_people")
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid"
        page.keyboard.type("9")
        self.press_enter(page)
        assert "/finder/question/" in page.url
        self.focus(page, "form.card-q button[name=skip]")
        self.press_enter(page)
        assert "/finder/question/" in page.url
        self.focus(page, 'a[href="/finder/results/"]')
        self.press_enter(page)
        assert page.url.endswith("/finder/results/")
        self.focus(page, 'a[href^="/finder/why/"]')
        self.press_enter(page)
        assert "/finder/why/" in page.url

    def test_an_open_menu_closes_on_escape_and_gives_the_focus_back(self, page: Page) -> None:
        page.goto("/")
        self.focus(page, ".nav-slim > summary")
        page.keyboard.press("Enter")
        expect(page.locator(".nav-slim .sheet")).to_be_visible()
        page.keyboard.press("Escape")
        assert not page.locator(".nav-slim .sheet").is_visible()
        assert page.evaluate("document.activeElement.matches('.nav-slim > summary')")


class TestPrinting:
    """Folding lists open for the printer takes a script; without one the style sheet does what it can."""

    @pytest.fixture
    def script(self) -> bool:
        return True

    def test_a_folded_list_is_printed_whole_and_folded_again(self, page: Page) -> None:
        page.goto("/finder/results/")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details.fold:not([open])").count() == 0
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.locator("details.fold:not([open])").count() > 0
