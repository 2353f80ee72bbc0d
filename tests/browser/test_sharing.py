"""Results are shared with somebody else, with and without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def browser_options(script: bool) -> dict[str, Any]:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 390, "height": 844},
        "java_script_enabled": script,
        "permissions": ["clipboard-read", "clipboard-write"],
    }


def begin(page: Page, place: str) -> None:
    page.goto("/")
    page.locator("#id_place").select_option(place)
    page.locator("#id_people").fill("9")
    page.locator("form:has(#id_place) button").click()


def test_a_link_is_copied_and_opened_by_somebody_with_answers_of_her_own(
    page: Page, browser: Browser, live_server: Any, script: bool
) -> None:
    begin(page, "653101")
    page.goto("/finder/results/")
    page.get_by_role("link", name="分享结果").click()
    link = page.locator("#id_link").input_value()
    assert "653101" in link
    assert "employees" not in link
    button = page.get_by_role("button", name="复制链接")
    if script:
        button.click()
        page.get_by_text("已复制").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == link
    else:
        assert not button.is_visible()
        page.locator("#id_link").click()
        page.keyboard.press("Control+A")
        page.keyboard.press("Control+C")
    other = browser.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=script)
    try:
        reader = other.new_page()
        begin(reader, "650102")
        reader.goto(link)
        expect(reader.get_by_role("heading", name="这是链接带来的回答")).to_be_visible()
        expect(reader.get_by_text("喀什市")).to_be_visible()
        reader.get_by_role("link", name="看结果").click()
        expect(reader.get_by_role("heading", name="还不能判断")).to_be_visible()
        reader.goto("/finder/answers/")
        expect(reader.get_by_text("天山区")).to_be_visible()
        reader.goto(link)
        reader.get_by_role("button", name="用这些回答开始").click()
        assert reader.url.endswith("/finder/results/")
        reader.goto("/finder/answers/")
        expect(reader.get_by_text("喀什市")).to_be_visible()
        assert not reader.get_by_text("天山区").is_visible()
    finally:
        other.close()


def test_an_answer_is_left_out_and_the_link_follows(page: Page) -> None:
    begin(page, "653101")
    page.goto("/finder/share/")
    page.get_by_role("link", name="不放进去").click()
    assert page.locator("#id_link").count() == 0
    page.get_by_role("link", name="放回去").click()
    assert "653101" in page.locator("#id_link").input_value()
