"""axe finds nothing on any page, in light and dark, narrow and wide, in both languages and from right to left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .checks import findings
from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/",
    "/finder/question/monthly_sales/",
    "/finder/question/titles/",
    "/finder/question/legal_form/",
    "/finder/question/registration_region/",
    "/finder/answers/",
    "/finder/results/",
    "/finder/share/",
    "/finder/shared/?registration_region=653101&size_class=micro&nonsense=1",
    "/finder/shared/",
    "/finder/why/vat-small-scale-exempt/",
    "/finder/why/graduate-si-subsidy/",
    "/policies/?q=贷款",
    "/policies/?q=xyzzy",
    "/policies/vat-small-scale-exempt/",
    "/law/",
    "/law/?q=拖欠",
    "/law/?q=xyzzy",
    "/law/3/",
    "/law/49/",
    "/clock/",
    "/clock/?unit=working_day&length=x&start=",
    "/clock/rules/",
    "/clock/calendar/",
    "/login/",
    "/register/",
    "/no-such-page/",
    "/search/",
    "/search/?q=贷款",
    "/search/?q=xyzzy",
    "/help/",
    "/help/results/",
    "/help/sources/",
    "/help/contacts/",
]
LOOKS = {
    "phone, Chinese, light": {"locale": "zh-CN", "viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "desk, English, dark": {"locale": "en", "viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
}


@pytest.fixture(params=ways(["desk, English, dark"], ["phone, Chinese, light"]))
def browser_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    # the checker is put into the page from outside, which the content policy of the page would refuse
    return {"timezone_id": "Asia/Shanghai", "bypass_csp": True, **LOOKS[request.param]}


def answer_a_few(page: Page) -> None:
    page.goto("/")
    page.locator("#id_place").select_option("653101")
    page.locator("#id_people").fill("9")
    page.locator("form:has(#id_place) button").click()
    for name, value in (("monthly_sales", "8.6"), ("graduate_hires", "0")):
        page.goto(f"/finder/question/{name}/")
        page.locator("#id_value").fill(value)
        page.locator("form.card-q button.btn-primary").click()


def test_axe_finds_nothing_on_any_page(page: Page) -> None:
    answer_a_few(page)
    found: dict[str, list[str]] = {}
    for path in PAGES:
        page.goto(path)
        if faults := findings(page):
            found[path] = faults
    assert not found, found


def test_axe_finds_nothing_on_pages_with_errors(page: Page) -> None:
    page.goto("/")
    page.locator("#id_code").fill("91653101MA7XXXX12")
    page.locator("form:has(#id_code) button").click()
    assert findings(page) == []
    page.goto("/finder/question/titles/")
    page.locator("form.card-q button.btn-primary").click()
    assert findings(page) == []
    page.goto("/finder/question/employees/")
    page.locator("#id_value").fill("-3")
    page.locator("form.card-q button.btn-primary").click()
    assert findings(page) == []


def test_nothing_has_to_be_scrolled_sideways_at_320_pixels(page: Page) -> None:
    answer_a_few(page)
    page.set_viewport_size({"width": 320, "height": 640})
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_a_page_from_right_to_left_passes_too(page: Page, settings: Any, live_server: Any) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ug", "Uyghur")]
    page.context.add_cookies([{"name": "huiqi_language", "value": "ug", "url": live_server.url}])
    for path in ("/", "/finder/results/", "/policies/vat-small-scale-exempt/", "/law/", "/law/3/", "/law/49/"):
        page.goto(path)
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
