"""An officer imports a roster: a bad file, the list of what to mend, the mended file, the yes. In a real browser."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, RosterImport, RosterTrial
from huiqi.registry.reference import load_reference_data

from .checks import findings
from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a-long-enough-password"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
FIRST, SECOND = make_fictitious("1", "21", 1), make_fictitious("1", "21", 2)
GOOD = f"统一社会信用代码,企业名称,登记地,从业人员\n{FIRST},样例一,653101,7\n{SECOND},样例二,653101,8\n"
BAD = GOOD.replace(",7\n", ",=7\n").replace("样例二,653101", "样例二,653201")


@pytest.fixture(params=ways(["script, phone", "no script, desk"], ["no script, phone", "script, desk"]))
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def browser_options(look: str) -> dict[str, Any]:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": PHONE if look.endswith("phone") else DESK,
        "java_script_enabled": look.startswith("script"),
    }


@pytest.fixture(autouse=True)
def world(db: None, settings: Any) -> None:
    """A bureau of a prefecture with an officer."""
    settings.HUIQI_DEMO = True
    cache.clear()
    load_reference_data()
    bureau = Organisation.objects.create(
        kind="organ",
        name_zh="喀什地区工业和信息化局",
        name_en="Kashgar bureau of industry",
        region_id="653100",
        organ_function="industry_and_it",
    )
    person = Person.objects.create_user("officer", PASSWORD, display_name="Sample")
    Membership.objects.create(person=person, organisation=bureau, role="officer", start=dt.date(2026, 1, 1))


def sign_in(page: Page) -> None:
    page.goto("/login/")
    page.locator("#id_username").fill("officer")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form.card-q button[type=submit]").click()


def choose(page: Page, content: str, name: str = "名册.csv") -> None:
    page.locator("#id_file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content.encode()})


def test_a_bad_file_is_mended_by_its_list_tried_again_and_imported(page: Page) -> None:
    sign_in(page)
    page.locator(".hat summary").click()
    page.get_by_role("link", name="名册", exact=True).click()
    expect(page.get_by_text("最大 32 MB、200,000 行")).to_be_visible()
    choose(page, BAD)
    page.get_by_role("button", name="试算这个文件").click()

    assert page.locator("h1").inner_text() == "没有导入：有 2 处要改"
    table = page.locator("table.queue")
    assert "登记地不在你单位的辖区" in table.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载清单（CSV）").click()
    assert download.value.suggested_filename == "名册－问题.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    problems = {line["行"]: line for line in csv.DictReader(io.StringIO(text))}
    assert problems["2"]["值"] == "'=7", "a spreadsheet would run it without the apostrophe"
    assert problems["3"]["值"] == "653201" and problems["3"]["怎么改"]
    assert not Organisation.objects.enterprises().exists()

    choose(page, GOOD)
    page.get_by_role("button", name="试算这个文件").click()
    assert page.locator("h1").inner_text() == "试算：还没有写入"
    trial = page.url
    page.reload()
    assert not RosterImport.objects.exists()
    page.get_by_role("button", name="导入这 2 家企业").click()
    expect(page.get_by_text("导入了：新增 2 家，更新 0 家。")).to_be_visible()
    assert "名册.csv" in page.locator("table.queue").inner_text()
    assert EnterpriseFacts.objects.get(organisation__uscc=FIRST).employees == 7

    page.reload()
    page.go_back()
    page.goto(trial)
    assert page.locator("h1").inner_text() == "这个文件已经导入"
    assert page.get_by_role("button", name="导入").count() == 0
    assert RosterImport.objects.count() == 1


@pytest.mark.parametrize("look", ["script, desk"], indirect=True)
def test_by_keyboard_alone(page: Page) -> None:
    sign_in(page)
    page.goto("/desk/rosters/")

    def tab_to(words: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if words in (page.evaluate("document.activeElement.innerText || document.activeElement.id") or ""):
                return
        pytest.fail(f"{words} is not reached by tab")

    tab_to("id_file")
    choose(page, GOOD)  # the dialogue is the system's own
    tab_to("试算这个文件")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to("导入这 2 家企业")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert RosterImport.objects.get().new == 2


@pytest.mark.parametrize("look", ["script, phone"], indirect=True)
def test_two_quick_presses_import_once(page: Page) -> None:
    sign_in(page)
    page.goto("/desk/rosters/")
    choose(page, GOOD)
    page.get_by_role("button", name="试算这个文件").click()
    page.get_by_role("button", name="导入这 2 家企业").dblclick()
    page.wait_for_url("**/desk/rosters/")
    assert RosterImport.objects.count() == 1
    assert Organisation.objects.enterprises().count() == 2


@pytest.mark.parametrize("look", ["no script, phone"], indirect=True)
def test_a_file_is_given_up(page: Page) -> None:
    sign_in(page)
    page.goto("/desk/rosters/")
    choose(page, GOOD)
    page.get_by_role("button", name="试算这个文件").click()
    page.get_by_role("button", name="放弃，删掉文件").click()
    expect(page.get_by_text("放弃了。")).to_be_visible()
    assert not RosterTrial.objects.exists()


LOOKS: dict[str, dict[str, Any]] = {
    "phone, Chinese, light": {"locale": "zh-CN", "viewport": PHONE, "color_scheme": "light"},
    "phone, English, dark": {"locale": "en", "viewport": PHONE, "color_scheme": "dark"},
    "desk, Chinese, dark": {"locale": "zh-CN", "viewport": DESK, "color_scheme": "dark"},
    "desk, English, light": {"locale": "en", "viewport": DESK, "color_scheme": "light"},
}


@pytest.mark.parametrize("wide", ways(list(LOOKS)[:1], list(LOOKS)[1:]))
def test_axe_finds_nothing_and_nothing_is_scrolled_sideways(browser: Browser, live_server: Any, wide: str) -> None:
    context = browser.new_context(base_url=live_server.url, timezone_id="Asia/Shanghai", bypass_csp=True, **LOOKS[wide])
    found: dict[str, Any] = {}

    def look_at(name: str) -> None:
        if violations := findings(page):
            found[name] = violations
        if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
            found[f"{name} sideways"] = True

    try:
        page = context.new_page()
        sign_in(page)
        for name, path in (("list", ""), ("columns", "columns/"), ("gone", "999999/")):
            page.goto(f"/desk/rosters/{path}")
            look_at(name)
        page.goto("/desk/rosters/")
        submit = "form:has(#id_file) button[type=submit]"
        page.locator(submit).click()
        look_at("no file")
        choose(
            page,
            BAD,
            "一个很长很长很长很长很长很长很长很长很长很长的文件名_with_a_very_long_part_without_spaces_0123456789.csv",
        )
        page.locator(submit).click()
        look_at("refused")
        choose(page, GOOD)
        page.locator(submit).click()
        look_at("waiting")
        page.locator("button[value=import]").click()
        look_at("imported, list")
    finally:
        context.close()
    assert not found, found
