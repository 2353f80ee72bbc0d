"""An owner in haste reaches her list in nine taps; one with a slow line, a double tap or the back button loses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test.testcases import LiveServerThread
from playwright.sync_api import expect

from huiqi.registry.models import Declaration, Person
from huiqi.registry.reference import load_reference_data

from .world import PHONE, make_firm, make_person, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Locator, Page

pytestmark = pytest.mark.django_db(transaction=True)

#: Taps and entries from the first page to the list.
MOST_STEPS = 9
#: What the first page may weigh on the wire with everything that it loads, in bytes.
MOST_BYTES = 200_000
#: A line of the countryside: bytes a second, and milliseconds there and back.
SLOW = {"downloadThroughput": 40_000, "uploadThroughput": 20_000, "latency": 300}


@dataclass(frozen=True)
class Firm:
    """What an owner says on the first page, and what she knows when she is asked."""

    place: str
    trade: str
    people: str
    knows: dict[str, str]


FIRMS = {
    "noodle shop in Kashgar": Firm(
        "653101",
        "6210",
        "9",
        {
            "legal_form": "individual_business",
            "vat_type": "small_scale",
            "monthly_sales": "8.6",
            "ui_paid_months": "14",
        },
    ),
    "textile maker in Aksu": Firm(
        "652901",
        "1711",
        "180",
        {"legal_form": "company", "vat_type": "general", "ui_paid_months": "24", "monthly_sales": "540"},
    ),
    "software firm in Urumqi": Firm(
        "650104",
        "6513",
        "35",
        {"legal_form": "company", "vat_type": "general", "taxable_income": "80", "ui_paid_months": "30"},
    ),
}


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def browser_options(script: bool) -> dict[str, Any]:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": PHONE,
        "has_touch": True,
        "is_mobile": True,
        "java_script_enabled": script,
    }


class Hand:
    """A hand that counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = 0

    def tap(self, target: Locator) -> None:
        self.steps += 1
        target.tap()

    def enter(self, target: Locator, value: str) -> None:
        self.steps += 1
        target.fill(value)

    def choose(self, target: Locator, value: str) -> None:
        self.steps += 1
        target.select_option(value)


def begin(hand: Hand, firm: Firm) -> None:
    page = hand.page
    page.goto("/")
    hand.choose(page.locator("#id_place"), firm.place)
    hand.choose(page.locator("#id_trade"), firm.trade)
    hand.enter(page.locator("#id_people"), firm.people)
    hand.tap(page.locator("form:has(#id_place) button"))
    page.wait_for_url("**/finder/question/**")


def asked(page: Page) -> str:
    """The fact that the question on the page is about."""
    found = re.search(r"/finder/question/([a-z_0-9]+)/", page.url)
    assert found, page.url
    return found[1]


def answer(hand: Hand, firm: Firm) -> str | None:
    """Answer the question on the page, or skip it when she does not know; the answer given."""
    page = hand.page
    name = asked(page)
    value = firm.knows.get(name)
    if value is None:
        hand.tap(page.locator("button[name=skip]"))
    else:
        if page.locator(f'input[name=value][value="{value}"]').count():
            hand.tap(page.locator(f'label:has(input[name=value][value="{value}"])'))
        else:
            hand.enter(page.locator("#id_value"), value)
        hand.tap(page.locator("form.card-q button.btn-primary"))
    page.wait_for_url(lambda url: f"/{name}/" not in url)
    return value


def kept(page: Page) -> dict[str, str]:
    """The answers that the page of answers lists, by fact."""
    page.goto("/finder/answers/")
    found: dict[str, str] = {}
    for row in page.locator("main dl.facts > div").all():
        link = row.locator("a")
        if not link.count():
            continue
        name = (link.get_attribute("href") or "").split("/")[3]
        assert name not in found, f"{name} stands twice"
        found[name] = row.locator("dd").first.inner_text().strip()
    return found


#: Each firm once with a script or without; the other way round in the walk.
TURNS = dict(zip(FIRMS, (True, False, True), strict=True))


@pytest.mark.parametrize(
    ("script", "name"),
    [
        *((script, name) for name, script in TURNS.items()),
        *(pytest.param(not script, name, marks=pytest.mark.walk) for name, script in TURNS.items()),
    ],
    indirect=["script"],
)
def test_the_list_is_reached_in_nine_taps_and_entries(page: Page, script: bool, name: str) -> None:
    hand, firm = Hand(page), FIRMS[name]
    begin(hand, firm)
    while hand.steps + 3 <= MOST_STEPS:
        answer(hand, firm)
    hand.tap(page.get_by_role("link", name="直接看结果"))
    page.wait_for_url("**/finder/results/")
    assert hand.steps <= MOST_STEPS
    expect(page.get_by_role("heading", name="可以享受")).to_be_visible()
    assert page.locator("#yes article.res").count() >= 5
    assert page.locator("#ask article.res").count()


@pytest.mark.parametrize("script", [True], indirect=True)
def test_over_a_slow_line_nothing_is_lost_and_nothing_doubled(page: Page) -> None:
    firm = FIRMS["noodle shop in Kashgar"]
    line: CDPSession = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {"offline": False, **SLOW})
    hand = Hand(page)
    page.goto("/", wait_until="commit")  # she does not wait for the last file
    begin(hand, firm)
    given = {"registration_region": "喀什市", "industry_code": "餐饮：饭馆、面馆", "employees": "9 人"}
    for _ in range(3):
        name = asked(page)
        if answer(hand, firm) is not None:
            given[name] = ""
    assert given.keys() == kept(page).keys()
    page.goto("/finder/results/")
    assert page.locator("#yes article.res").count() >= 5


def test_the_back_button_leads_to_the_answers_that_were_given(page: Page) -> None:
    firm = FIRMS["textile maker in Aksu"]
    hand = Hand(page)
    begin(hand, firm)
    first = asked(page)
    given = answer(hand, firm)
    assert given is not None
    second = asked(page)
    answer(hand, firm)
    page.go_back()
    assert asked(page) == second
    page.go_back()
    assert asked(page) == first
    field = page.locator("#id_value")
    if field.count():
        assert field.input_value() == given
    else:
        assert page.locator(f'input[name=value][value="{given}"]').is_checked()
    page.go_back()
    expect(page.locator("#id_code")).to_be_visible()
    expect(page.get_by_text("你刚才的回答还在")).to_be_visible()
    # and from there on as if she had never gone back
    before = kept(page)
    assert {"registration_region", "industry_code", "employees", first} <= before.keys()
    page.goto("/finder/results/")
    page.locator("article.res h3 a").first.click()
    page.go_back()
    assert page.url.endswith("/finder/results/")
    assert kept(page) == before


def test_a_double_tap_counts_once(page: Page) -> None:
    firm = FIRMS["software firm in Urumqi"]
    page.goto("/")
    page.locator("#id_place").select_option(firm.place)
    page.locator("#id_trade").select_option(firm.trade)
    page.locator("#id_people").fill(firm.people)
    page.locator("form:has(#id_place) button").dblclick()
    page.wait_for_url("**/finder/question/**")
    expect(page.get_by_text("第 1 题")).to_be_visible()
    name = asked(page)
    page.locator("button[name=skip]").dblclick()
    page.wait_for_url(lambda url: f"/{name}/" not in url)
    expect(page.get_by_text("第 2 题")).to_be_visible()
    assert kept(page).keys() == {"registration_region", "industry_code", "employees", name}


@pytest.mark.parametrize("script", [True], indirect=True)
def test_an_account_is_made_once_by_a_double_tap(page: Page) -> None:
    page.goto("/register/")
    page.locator("#id_username").fill("aygul.k")
    page.locator("#id_display_name").fill("阿依古丽")
    page.locator("#id_password").fill("correct horse battery staple")
    page.get_by_role("button", name="注册账号").dblclick()
    page.wait_for_url("**/home/")
    assert Person.objects.filter(login_name="aygul.k").count() == 1


def test_a_fact_is_declared_once_by_a_double_tap(page: Page) -> None:
    load_reference_data()
    firm = make_firm(industry_code="6210", employees=9)
    make_person("owner", firm, "owner")
    sign_in(page, "owner")
    page.goto("/facts/monthly_sales/")
    page.locator("#id_value").fill("8.6")
    page.locator("#id_note").fill("10 月申报表")
    page.get_by_role("button", name="报上这一项").dblclick()
    page.get_by_text("等部门核定").first.wait_for()
    assert Declaration.objects.get().state == "waiting"


@pytest.fixture
def served(settings: Any, tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """The address of the service with its own static files: collected, compressed and handed out as `huiqi serve` does."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)
    # Django's own handler of static files, which would answer before the service does, is left out
    server = LiveServerThread("localhost", static_handler=lambda application: application)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None, server.error
    yield f"http://localhost:{server.port}"
    server.terminate()


def test_the_first_page_weighs_less_than_two_hundred_kilobytes_on_the_wire(browser: Browser, served: str) -> None:
    page = browser.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    line: CDPSession = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    weights: dict[str, float] = {}
    names: dict[str, str] = {}
    coded: dict[str, str] = {}

    def answered(event: dict[str, Any]) -> None:
        address = names[event["requestId"]] = event["response"]["url"]
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        coded[address] = headers.get("content-encoding", "")
        assert event["response"]["status"] == 200, address

    line.on("Network.responseReceived", answered)
    line.on(
        "Network.loadingFinished",
        lambda event: weights.update({names[event["requestId"]]: event["encodedDataLength"]}),
    )
    page.goto(served, wait_until="networkidle")
    expect(page.locator("#id_place")).to_be_visible()
    page.context.close()
    kinds = {address.rsplit(".", 1)[-1] for address in weights}
    assert {"css", "js", "svg"} <= kinds, weights
    assert coded[f"{served}/"] == "gzip"
    assert all(how in ("gzip", "br") for address, how in coded.items() if address.endswith((".css", ".js"))), coded
    assert 10_000 < sum(weights.values()) < MOST_BYTES, weights
