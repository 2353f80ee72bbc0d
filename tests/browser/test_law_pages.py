"""The law as a map: from an article to what can be done under it, by phone, by keyboard, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def browser_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "reduced_motion": "reduce",
        "java_script_enabled": request.param,
    }


def test_from_the_list_to_an_article_to_what_can_be_done_under_it(page: Page) -> None:
    page.goto("/law/")
    search = page.get_by_role("search", name="法规里")
    search.get_by_label("在条文里搜").fill("第二十七条")
    search.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="第 27 条").click()
    page.wait_for_url("**/law/27/")
    page.get_by_role("link", name="查能享受哪些政策").click()
    page.wait_for_url(lambda url: url.endswith("/"))
    expect(page.locator("#id_code")).to_be_visible()


def test_the_other_language_is_one_tap_away_and_keeps_the_page(page: Page) -> None:
    page.goto("/law/49/")
    english = page.locator("blockquote.law[lang=en]")
    assert not english.is_visible()
    page.get_by_text("看英文（非正式译文）").tap()
    expect(english).to_be_visible()
    assert english.inner_text().startswith("State organs")
    assert page.url.endswith("/law/49/")


def test_the_law_is_walked_by_keyboard(page: Page) -> None:
    page.goto("/law/49/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator("summary:focus", has_text="看英文").count():
            break
    page.keyboard.press("Enter")
    expect(page.locator("blockquote.law[lang=en]")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator("a[rel=next]:focus").count():
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/law/50/")


def test_an_old_link_into_the_list_still_leads_to_its_article(page: Page) -> None:
    page.goto("/law/#article-49")
    assert page.locator("#article-49").evaluate("each => each.getBoundingClientRect().top < 200")


def test_the_filter_keeps_what_was_sought(page: Page) -> None:
    page.goto("/law/")
    page.get_by_label("在条文里搜").fill("财政")
    page.keyboard.press("Enter")
    page.wait_for_url("**/law/?q=**")
    tab = page.get_by_role("link", name="还没有")
    count = int(tab.locator(".num").inner_text())
    tab.click()
    assert page.locator("article[id^=article-]").count() == count > 0
    assert page.get_by_label("在条文里搜").input_value() == "财政"


def test_an_article_on_paper_has_both_languages_and_no_furniture(page: Page) -> None:
    page.goto("/law/49/")
    page.emulate_media(media="print")
    expect(page.locator("blockquote.law[lang=en]")).to_be_visible()
    for furniture in (".head nav", "aside", ".crumbs", "main form[role=search]", "a[rel=next]"):
        assert not page.locator(furniture).first.is_visible(), furniture


def test_every_target_is_large_enough_for_a_thumb(page: Page) -> None:
    page.goto("/law/3/")
    for link in page.locator("main .chapter a, main form[role=search] button, main .fold summary").all():
        box = link.bounding_box()
        assert box is not None and box["height"] >= 24, link.inner_text()
