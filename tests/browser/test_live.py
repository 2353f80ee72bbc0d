"""Results are there after each answer, and change in place when an answer changes; without a script by normal forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from huiqi.opportunities.finder import assess_all
from huiqi.rules.dictionary import dictionary
from huiqi.rules.values import read_value

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = {"registration_region": "653101", "industry_code": "6210", "employees": "9"}


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
    }


@pytest.fixture
def shop(page: Page) -> Page:
    """The results of a noodle shop that has told its place, its trade, its people and its sales."""
    page.goto("/")
    page.locator("#id_place").select_option("653101")
    page.locator("#id_trade").select_option("6210")
    page.locator("#id_people").fill("9")
    page.locator("form:has(#id_place) button").click()
    answer(page, "monthly_sales", "8.6")
    page.goto("/finder/results/")
    return page


def answer(page: Page, name: str, value: str) -> None:
    page.goto(f"/finder/question/{name}/")
    page.locator("#id_value").fill(value)
    page.locator("form.card-q button.btn-primary").click()


def expected(**answers: str) -> dict[str, int]:
    facts = {name: read_value(dictionary()[name], value) for name, value in {**SHOP, **answers}.items()}
    groups = assess_all(facts, timezone.localdate()).groups
    return {standing: len(groups[standing]) for standing in ("yes", "offer", "near", "ask")}


def counted(page: Page) -> dict[str, int]:
    """The numbers beside the question."""
    found = {}
    for line in page.locator("aside li").all_inner_texts():
        word, number = re.fullmatch(r"(\S+)\s*(\d+)", line.strip()).groups()  # type: ignore[union-attr]
        found[{"可以享受": "yes", "可以申请": "offer", "差一项": "near", "还不能判断": "ask"}[word]] = int(number)
    return found


def listed(page: Page) -> dict[str, int]:
    """The numbers at the heads of the groups of results."""
    heads = {each: page.locator(f"#{each} .count") for each in ("yes", "offer", "near", "ask")}
    return {each: int(head.inner_text().split()[0]) if head.count() else 0 for each, head in heads.items()}


def change(page: Page, name: str) -> None:
    page.locator(f'aside a[href^="/finder/question/{name}/"]').click()
    page.locator("form #id_value").wait_for()


def keep(page: Page, value: str) -> None:
    page.locator("form #id_value").fill(value)
    page.get_by_role("button", name="存下这个答案").click()


def test_after_each_answer_the_question_page_says_how_many_results_there_are(page: Page) -> None:
    page.goto("/")
    page.locator("#id_place").select_option("653101")
    page.locator("#id_trade").select_option("6210")
    page.locator("#id_people").fill("9")
    page.locator("form:has(#id_place) button").click()
    assert counted(page) == expected()
    seen = [counted(page)]
    given: dict[str, str] = {}
    for name, value in (("monthly_sales", "8.6"), ("graduate_hires", "1"), ("ui_paid_months", "14")):
        answer(page, name, value)
        given[name] = value
        assert "/finder/question/" in page.url
        assert counted(page) == expected(**given)
        seen.append(counted(page))
    assert seen[0] != seen[-1]
    page.get_by_role("link", name="直接看结果").click()
    assert listed(page) == expected(**given)


def test_a_changed_answer_changes_the_results_where_they_stand(shop: Page, script: bool) -> None:
    before = listed(shop)
    if script:
        shop.evaluate("window.loadedOnce = true")
    change(shop, "monthly_sales")
    assert ("/finder/results/" in shop.url.split("?")[0]) is script
    keep(shop, "300")
    shop.locator("aside dd", has_text="300 万元").wait_for()
    assert shop.url.endswith("/finder/results/")
    assert listed(shop) == expected(monthly_sales="300") != before
    if script:
        assert shop.evaluate("window.loadedOnce")
        assert f"可以享受 {listed(shop)['yes']}" in shop.locator("[data-live-said]").inner_text()
        assert shop.evaluate("document.activeElement.getAttribute('href')").startswith("/finder/question/monthly_sales")


def test_a_wrong_entry_is_mended_in_place(shop: Page) -> None:
    change(shop, "employees")
    keep(shop, "-3")
    shop.locator("[aria-invalid]").wait_for()
    assert "不会小于 0" in shop.locator("form:has(#id_value)").inner_text()
    assert shop.locator("#id_value").input_value() == "-3"
    keep(shop, "12")
    shop.locator("aside dd", has_text="12 人").wait_for()
    assert listed(shop) == expected(employees="12", monthly_sales="8.6")


def test_a_skipped_answer_is_unknown_again(shop: Page) -> None:
    change(shop, "monthly_sales")
    shop.get_by_role("button", name="不清楚，跳过").click()
    shop.locator('aside a[href^="/finder/question/monthly_sales/"]').wait_for(state="detached")
    assert listed(shop) == expected()


def test_the_question_that_settles_most_is_answered_in_place(shop: Page) -> None:
    link = shop.locator("#ask .note a")
    name = (link.get_attribute("href") or "").split("/")[3]
    link.click()
    option = shop.locator("form input[name=value]").first
    option.check()
    value = option.get_attribute("value") or ""
    shop.get_by_role("button", name="存下这个答案").click()
    shop.locator(f'aside a[href^="/finder/question/{name}/"]').wait_for()
    assert listed(shop) == expected(**{name: value, "monthly_sales": "8.6"})


class TestWithScript:
    @pytest.fixture
    def script(self) -> bool:
        return True

    def test_a_question_can_be_left_as_it_is_and_only_one_is_open(self, shop: Page) -> None:
        change(shop, "employees")
        change(shop, "monthly_sales")
        shop.get_by_label("每月销售额").wait_for()
        assert shop.locator("form #id_value").count() == 1
        shop.get_by_role("link", name="不改了").click()
        assert shop.locator("form #id_value").count() == 0
        assert shop.url.endswith("/finder/results/")
        focused = shop.evaluate("document.activeElement.getAttribute('href')")
        assert focused.startswith("/finder/question/monthly_sales")

    def test_folded_groups_stay_open_and_figures_are_echoed(self, shop: Page) -> None:
        shop.locator("#ask details.fold > summary").click()
        change(shop, "monthly_sales")
        shop.locator("form #id_value").fill("9")
        assert shop.locator("[data-echo]").inner_text() == "= 90,000 元"
        keep(shop, "9")
        shop.locator("aside dd", has_text="9 万元").wait_for()
        assert shop.locator("#ask details.fold").get_attribute("open") is not None

    def test_without_a_connection_the_entry_stays_and_can_be_sent_again(self, shop: Page) -> None:
        change(shop, "monthly_sales")

        def cut(route: Route) -> None:
            route.abort()

        shop.route("**/finder/question/**", cut)
        keep(shop, "12")
        shop.get_by_text("网络断了").wait_for()
        assert shop.locator("form #id_value").input_value() == "12"
        shop.unroute("**/finder/question/**", cut)
        keep(shop, "12")
        shop.locator("aside dd", has_text="12 万元").wait_for()
        assert listed(shop) == expected(monthly_sales="12")

    def test_a_link_opened_in_a_new_tab_is_left_alone(self, shop: Page) -> None:
        with shop.context.expect_page() as other:
            shop.locator('aside a[href^="/finder/question/employees/"]').click(modifiers=["ControlOrMeta"])
        other.value.wait_for_url("**/finder/question/employees/**")
        assert shop.locator("form #id_value").count() == 0
