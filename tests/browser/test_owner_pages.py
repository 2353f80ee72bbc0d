"""From the finder to an account, from a declared fact to a certified one, in a real browser."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from huiqi.documents.decisions import ask_for_hat
from huiqi.documents.models import Notice
from huiqi.opportunities.finder import assess_all, questions
from huiqi.opportunities.models import Profile
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.declaring import declare
from huiqi.registry.models import Declaration, EnterpriseFacts, HatRequest, Membership, Organisation, Person, Statement
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data
from huiqi.rules.dictionary import Fact

from .checks import findings
from .variety import ways

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a-long-enough-password"
PDF = b"%PDF-1.7\n%%EOF"
NO_TAX = "vat-small-scale-exempt"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def browser_options(script: bool) -> dict[str, Any]:
    # the checker is put into the page from outside, which the content policy of the page would refuse
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": PHONE,
        "java_script_enabled": script,
        "bypass_csp": True,
    }


@pytest.fixture(autouse=True)
def world(db: None) -> Organisation:
    """A noodle shop with its owner, and the tax office of its prefecture with an officer."""
    load_reference_data()
    firm = Organisation.objects.create(
        kind="enterprise",
        name_zh="喀什珩砚餐饮有限公司（样例）",
        name_en="Hengyan Catering (sample)",
        uscc=make_fictitious("1", "11", 7),
        region_id="653101",
    )
    row = EnterpriseFacts.objects.create(organisation=firm)
    row.record(
        {"registration_region": "653101", "industry_code": "6210", "employees": 9},
        Statement.objects.create(source="imported", made_on=dt.date(2026, 11, 1)),
    )
    row.record(
        {"registration_status": "active", "vat_type": "small_scale"},
        Statement.objects.create(source="certified", made_on=timezone.localdate(), certifier_name="喀什地区税务局"),
    )
    organ = Organisation.objects.create(
        kind="organ", name_zh="喀什地区税务局", name_en="Kashgar tax office", region_id="653100", organ_function="tax"
    )
    for name, organisation, role in (("owner", firm, "owner"), ("officer", organ, "officer")):
        person = Person.objects.create_user(name, PASSWORD, display_name="Sample")
        Membership.objects.create(person=person, organisation=organisation, role=role, start=dt.date(2026, 1, 1))
    return firm


def sign_in(page: Page, name: str) -> None:
    page.goto("/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form.card-q button[type=submit]").click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def test_a_visitor_registers_from_the_finder_and_her_answers_come_with_her(
    page: Page, world: Organisation, settings: Any
) -> None:
    settings.HUIQI_DEMO = True
    page.goto("/")
    page.locator("#id_place").select_option("653101")
    page.locator("#id_people").fill("9")
    page.locator("form:has(#id_place) button").click()
    page.goto("/finder/results/")
    page.get_by_role("link", name="注册", exact=True).click()
    page.locator("#id_username").fill("aygul.k")
    page.locator("#id_display_name").fill("阿依古丽")
    page.locator("#id_password").fill("short")
    page.get_by_role("button", name="注册账号").click()
    assert "不到 12 个字符" in page.locator(".errsum").inner_text()
    page.locator("#id_password").fill("correct horse battery staple")
    page.locator("input[name=firm]").check()
    page.get_by_role("button", name="注册账号").click()
    assert Profile.objects.get().answers["employees"] == 9
    page.locator("#id_code").fill(world.uscc or "")
    page.locator("input[name=role][value=agent]").check()
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("等同意")).to_be_visible()
    page.goto("/home/")
    assert page.locator("h1").inner_text() == "阿依古丽"

    asked = HatRequest.objects.get()
    sign_out(page)
    sign_in(page, "owner")
    page.get_by_role("link", name="去决定").click()
    page.get_by_role("link", name="去决定").click()
    page.get_by_role("button", name="同意这个人").click()
    expect(page.get_by_text("没有等着的申请")).to_be_visible()
    assert Membership.objects.filter(person=asked.person).exists()


def test_a_declared_fact_is_certified_and_the_verdict_and_the_inbox_say_so(page: Page) -> None:
    sign_in(page, "owner")
    page.goto("/facts/monthly_sales/")
    page.locator("#id_value").fill("8.6")
    page.locator("#id_note").fill("10 月申报表")
    page.locator("#id_file").set_input_files({"name": "申报表.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="报上这一项").click()
    expect(page.get_by_text("等部门核定").first).to_be_visible()
    page.goto(f"/finder/why/{NO_TAX}/")
    assert page.locator(".vbig .word").inner_text() == "可以享受"
    assert "按你填的数估算" in page.locator(".vbig").inner_text()

    sign_out(page)
    sign_in(page, "officer")
    page.goto("/desk/certify/")
    page.locator("a.title").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename == "申报表.pdf"
    page.get_by_role("button", name="核定：8.6 万元").click()
    expect(page.get_by_text("没有等你们核定的")).to_be_visible()

    sign_out(page)
    sign_in(page, "owner")
    assert page.url.endswith("/home/")
    expect(page.get_by_text("已核定：").first).to_be_visible()
    page.goto(f"/finder/why/{NO_TAX}/")
    assert "已核定" in page.locator(".vbig").inner_text()
    assert "估算" not in page.locator(".vbig").inner_text()
    page.goto("/inbox/")
    page.get_by_role("button", name="全部标为已读").click()
    assert not Notice.objects.unread().exists()


def judged(firm: Organisation) -> dict[str, int]:
    """How many policies stand how by the file of the firm, reckoned beside the pages."""
    groups = assess_all(EnterpriseFacts.objects.get(organisation=firm).values(), timezone.localdate()).groups
    return {standing: len(groups[standing]) for standing in ("yes", "near", "ask", "no")}


def listed(page: Page) -> dict[str, int]:
    """The same numbers as the page of results gives them."""
    page.goto("/finder/results/")
    heads = {each: page.locator(f"#{each} .count") for each in ("yes", "near", "ask", "no")}
    return {each: int(head.inner_text().split()[0]) if head.count() else 0 for each, head in heads.items()}


def test_the_fact_that_opens_most_is_declared_from_home_and_home_and_results_follow_at_once(
    page: Page, world: Organisation
) -> None:
    sign_in(page, "owner")
    before = listed(page)
    assert before == judged(world)
    page.goto("/home/")
    share = page.locator("section[aria-labelledby=complete] b").first.inner_text()
    asked = best_question(world)
    panel = page.locator("section[aria-labelledby=complete]")
    assert str(asked.question.zh).split("（")[0] in panel.inner_text()  # type: ignore[union-attr]
    panel.get_by_role("link", name="去填报").click()
    assert f"/facts/{asked.name}/" in page.url
    option = page.locator("form.card-q input[type=radio]")
    if option.count():
        option.first.check()
    else:
        page.locator("#id_value").fill("1")
    page.get_by_role("button", name="报上这一项").click()
    assert page.url.endswith("/home/")
    assert EnterpriseFacts.objects.get(organisation=world).source_of(asked.name).source == "declared"  # type: ignore[union-attr]
    assert asked.name_zh in page.locator("section[aria-labelledby=declared]").inner_text()
    known = page.locator("section[aria-labelledby=complete] b").first.inner_text()
    assert int(known.rstrip("%")) > int(share.rstrip("%"))
    assert best_question(world) != asked
    after = listed(page)
    assert after == judged(world)
    assert after["ask"] < before["ask"]
    # and back again
    page.goto(f"/facts/{asked.name}/")
    page.get_by_role("button", name="撤回").click()
    expect(page.get_by_text("这一项现在算不知道")).to_be_visible()
    assert listed(page) == before


def best_question(firm: Organisation) -> Fact:
    known = EnterpriseFacts.objects.get(organisation=firm).values()
    return questions(known, timezone.localdate())[0][0]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"MZ\x90\x00" + b"\0" * 64, "不是 PDF"), (b"%PDF-1.7" + b"\0" * 6 * 1024 * 1024, "超过 5 MB")],
)
def test_a_bad_file_is_refused_with_words_and_the_entry_stays(page: Page, content: bytes, words: str) -> None:
    sign_in(page, "owner")
    page.goto("/facts/monthly_sales/")
    page.locator("#id_value").fill("8.6")
    page.locator("#id_file").set_input_files({"name": "发票.pdf", "mimeType": "application/pdf", "buffer": content})
    page.get_by_role("button", name="报上这一项").click()
    assert words in page.locator(".errsum").inner_text()
    assert page.locator("#id_value").input_value() == "8.6"
    assert not Declaration.objects.exists()


@pytest.mark.parametrize("script", [True], indirect=True)
def test_a_fact_is_declared_by_keyboard_alone(page: Page) -> None:
    sign_in(page, "owner")
    page.goto("/facts/monthly_sales/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "id_value":
            break
    page.keyboard.type("8.6")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Declaration.objects.get().value == "8.6000"


OWNERS = [
    "/home/", "/inbox/", "/facts/", "/facts/monthly_sales/", "/facts/titles/", "/facts/legal_form/", "/facts/industry_code/",
    "/register/firm/", "/register/requests/", "/register/requests/{request}/", "/finder/results/",
]  # fmt: skip
OFFICERS = [
    "/desk/certify/",
    "/desk/certify/?q=xyzzy",
    "/desk/certify/{declaration}/",
    "/desk/certify/{declaration}/correct/",
]
LOOKS: dict[str, dict[str, Any]] = {
    "phone, Chinese, light": {"locale": "zh-CN", "viewport": PHONE, "color_scheme": "light"},
    "desk, English, dark": {"locale": "en", "viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
}


@pytest.mark.parametrize("look", ways(list(LOOKS)[:1], list(LOOKS)[1:]))
def test_axe_finds_nothing_and_nothing_is_scrolled_sideways(
    browser: Browser, live_server: Any, world: Organisation, look: str
) -> None:
    owner = Person.objects.get(login_name="owner")
    actor = Actor(owner, owner.memberships.get())
    declared = declare(actor, "monthly_sales", "8.6", timezone.localdate(), evidence_text="10 月").declaration
    asking = Person.objects.create_user("asking", PASSWORD, display_name="Sample two")
    request = ask_for_hat(asking, world.uscc or "", "agent", timezone.localdate())
    assert request is not None
    Notice.objects.create(organisation=world, kind="deadline", subject=NO_TAX, data={"valid_to": "2026-12-31"})
    context = browser.new_context(base_url=live_server.url, timezone_id="Asia/Shanghai", bypass_csp=True, **LOOKS[look])
    found: dict[str, Any] = {}
    try:
        page = context.new_page()
        for name, paths in (("", ["/register/"]), ("owner", OWNERS), ("officer", OFFICERS)):
            context.clear_cookies()
            if name:
                sign_in(page, name)
            for path in paths:
                page.goto(path.format(request=request.pk, declaration=declared.pk))
                if faults := findings(page):
                    found[path] = faults
                if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                    found[f"{path} sideways"] = True
    finally:
        context.close()
    assert not found, found
