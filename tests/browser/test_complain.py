"""Filing a complaint as a person does: on a phone, without a script, from the first word to the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from huiqi.cases.models import Case
from huiqi.law.calendars import load_calendars
from huiqi.registry.reference import load_reference_data

from .checks import KNOWN_NAMES, LEAST_TARGET, faults, findings, prepare
from .world import PHONE, make_organ

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.django_db(transaction=True)

ALL = ("sideways", "cut", "targets", "foreign")


@pytest.fixture(autouse=True)
def offices(transactional_db: None) -> None:
    load_reference_data()
    load_calendars()
    make_organ("development_reform", name_zh="喀什地区发展和改革委员会（样例）")
    make_organ("housing_construction", "653101", name_zh="喀什市住房和城乡建设局（样例）")


def whole(page: Page) -> None:
    """The page has no fault that a program can find."""
    assert findings(page) == [], page.url
    # a browser writes the word beside its own file button in its own language
    known = [*KNOWN_NAMES, "No file chosen", "mm/dd/yyyy"]
    assert faults(page, *ALL, targets=LEAST_TARGET, foreign=known) == [], page.url


def test_a_complaint_is_filed_on_a_phone_without_a_script(browser: Browser, live_server: Any) -> None:
    # the pages run no script of theirs; the checkers that are put into them do
    context = browser.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport=PHONE,
        has_touch=True,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    context.route("**/*.js", lambda route: route.abort())
    prepare(context)
    page = context.new_page()

    def press(place: Locator) -> None:
        with page.expect_navigation():
            place.tap()

    def go_on(act: str = "next") -> None:
        whole(page)
        press(page.locator(f"button[value={act}]"))

    page.goto("/")
    press(page.locator("main a[href='/complain/']").first)
    go_on()  # nothing is written: the page says so
    assert page.locator(".errsum").count() == 1
    page.locator("#id_told").fill("住建局来人要我交一千元，说是管理费，不给收据。")
    go_on()
    assert page.locator("input[name=kind]").first.get_attribute("value") == "unlawful_fee"
    page.locator("label:has(input[value=unlawful_fee])").tap()
    go_on()
    page.locator("#id_region").select_option("653101")
    page.locator("#id_respondent_name").fill("住建局")
    go_on()
    page.get_by_text("喀什市住房和城乡建设局").tap()
    go_on()
    page.locator("#id_wish").fill("退钱")
    page.locator("#id_amount").fill("1000")
    page.locator("#id_file").set_input_files(
        files=[{"name": "收据.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}]
    )
    press(page.locator("button[value=add]"))
    go_on()
    page.locator("#id_name").fill("巴扎口面馆")
    page.locator("#id_withheld").check()
    go_on()
    go_on("send")
    assert page.url.endswith("/complain/receipt/")
    whole(page)
    case = Case.objects.get()
    assert case.number in page.locator(".ticket").first.inner_text()
    secret = page.locator(".ticket").nth(1).inner_text()
    assert case.attachments.count() == 1 and case.withheld and case.handling.name_zh.startswith("喀什地区发展和改革")
    press(page.locator("main form button").last)
    assert page.url.endswith(f"/cases/{case.pk}/")
    whole(page)

    # another phone
    context.clear_cookies()
    page.goto("/complain/find/")
    whole(page)
    page.locator("#id_number").fill(case.number)
    page.locator("#id_secret").fill(secret)
    press(page.locator("main form button[type=submit]").last)
    assert page.url.endswith(f"/cases/{case.pk}/")
    page.goto(f"/cases/{case.pk}/do/withdraw/")
    whole(page)
    context.close()
