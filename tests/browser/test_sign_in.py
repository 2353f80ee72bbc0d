"""Signing in as a person does: with an authenticator app, with and without a script, and with a passkey."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from huiqi.journal.models import Event
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reference import load_reference_data

from .checks import LEAST_TARGET, faults, findings, prepare
from .variety import ways
from .world import DESK, PASSWORD, PHONE, make_firm, make_organ, make_person

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "correct horse battery staple"
SIZES = {"phone": PHONE, "desk": DESK}
ALL = ("sideways", "cut", "targets", "controls", "foreign")


@pytest.fixture(autouse=True)
def officer(transactional_db: None, settings: Any) -> Person:
    """An officer of a tax office, in a service that asks her for a second factor."""
    settings.HUIQI_SECOND_FACTOR = True
    load_reference_data()
    return make_person("officer", make_organ("tax", name_zh="喀什地区税务局（样例）"), display_name="样例承办人")


def visit(browser: Browser, live_server: Any, size: str = "phone", language: str = "zh-CN", **options: Any) -> Page:
    """A new visitor, at the name of this machine: a browser has no passkeys for a bare number."""
    context = browser.new_context(
        base_url=live_server.url.replace("127.0.0.1", "localhost"),
        locale=language,
        timezone_id="Asia/Shanghai",
        viewport=SIZES[size],
        has_touch=size == "phone",
        bypass_csp=True,
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(20_000)
    prepare(context)
    return context.new_page()


def whole(page: Page) -> None:
    """The page that is open has no fault that a program can find."""
    assert findings(page) == [], page.url
    width = page.viewport_size["width"] if page.viewport_size else 0
    asked = ALL if width < 500 else ("sideways", "cut")
    assert faults(page, *asked, targets=LEAST_TARGET, foreign=r"样例\w*|喀什\w*（样例）") == [], page.url


def sign_in(page: Page, name: str = "officer") -> None:
    page.goto("/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form[action='/login/'] button[type=submit]").click()
    page.wait_for_load_state()


def confirm(page: Page) -> None:
    """Say once more who one is."""
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def code_of(secret: str, steps: int = 0) -> str:
    counter = list(totp.yield_hotp_counters_from_time())[1] + steps
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def device(page: Page) -> Any:
    """A device with a passkey store, opened by whoever holds it: Chromium's own virtual authenticator."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


@pytest.mark.parametrize("how", ways([("phone", True), ("desk", False)], [("desk", True), ("phone", False)]), ids=str)
def test_an_officer_sets_up_an_app_and_signs_in_with_it(
    browser: Browser, live_server: Any, how: tuple[str, bool]
) -> None:
    size, script = how
    page = visit(browser, live_server, size, java_script_enabled=script)

    def look() -> None:
        if script:
            whole(page)

    page.goto("/login/")
    look()
    sign_in(page)
    assert page.url.endswith("/account/second-factor/")
    look()
    page.get_by_role("link", name="设置验证器应用").click()
    assert "/account/confirm/" in page.url
    look()
    confirm(page)
    look()
    secret = page.locator("code.code").text_content()
    assert secret and page.locator("img.qr").bounding_box()
    page.locator("#id_code").fill("000000")
    page.get_by_role("button", name="设好").click()
    assert "这个数字不对" in page.locator(".errsum").inner_text()
    look()
    page.locator("#id_code").fill(code_of(secret))
    page.get_by_role("button", name="设好").click()
    assert page.url.endswith("/account/codes/")
    look()
    recovery = page.locator(".codes code").first.inner_text()
    page.goto("/desk/")
    assert page.locator("h1").inner_text() == "工作台"
    page.context.close()

    for answer in (code_of(secret, 1), recovery):
        page = visit(browser, live_server, size, java_script_enabled=script)
        sign_in(page)
        assert page.url.endswith("/login/code/")
        look()
        page.locator("#id_code").fill(answer)
        page.get_by_role("button", name="继续").click()
        assert page.url.endswith("/desk/")
        page.context.close()


@pytest.mark.parametrize("size", ways(["phone"], ["desk"]))
def test_an_officer_makes_a_passkey_and_signs_in_with_nothing_else(
    browser: Browser, live_server: Any, size: str, officer: Person
) -> None:
    page = visit(browser, live_server, size)
    session, store = device(page)
    sign_in(page)
    page.get_by_role("link", name="添加通行密钥").click()
    confirm(page)
    page.locator("#id_name").fill("办公室电脑")
    whole(page)
    page.get_by_role("button", name="生成通行密钥").click()
    page.wait_for_url("**/account/codes/")
    made = Authenticator.objects.get(user=officer, type="webauthn")
    assert made.wrap().name == "办公室电脑"
    (kept,) = session.send("WebAuthn.getCredentials", {"authenticatorId": store})["credentials"]
    assert kept["isResidentCredential"] and kept["rpId"] == "localhost"
    page.goto("/desk/")
    assert page.locator("h1").inner_text() == "工作台"

    page.context.clear_cookies()
    page.goto("/login/?next=/desk/rosters/")
    whole(page)
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(lambda address: urlsplit(address).path == "/desk/rosters/")
    assert Event.objects.filter(verb="person.signed_in").latest("id").details == {"ways": ["webauthn"]}

    page.goto("/account/")
    assert "办公室电脑" in page.locator("main").inner_text()
    whole(page)
    page.get_by_role("link", name="改名").click()
    if "/confirm/" in page.url:
        page.get_by_role("link", name="改用通行密钥").click()
        whole(page)
        page.get_by_role("button", name="用通行密钥").click()
        page.wait_for_url(f"**/account/passkeys/{made.pk}/")
    page.locator("#id_name").fill("家里电脑")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="去掉").click()
    whole(page)
    assert "先添一个别的" in page.locator("main").inner_text(), "it is the only factor of an officer"
    page.context.close()


def test_a_passkey_is_the_second_step_after_a_password(browser: Browser, live_server: Any, officer: Person) -> None:
    page = visit(browser, live_server)
    device(page)
    sign_in(page)
    page.get_by_role("link", name="添加通行密钥").click()
    confirm(page)
    page.get_by_role("button", name="生成通行密钥").click()
    page.wait_for_url("**/account/codes/")
    page.context.clear_cookies()
    sign_in(page)
    assert page.url.endswith("/login/code/")
    whole(page)
    page.get_by_role("button", name="用通行密钥").click()
    page.wait_for_url("**/desk/")


def test_a_passkey_that_is_not_given_is_told_and_the_password_is_still_there(
    browser: Browser, live_server: Any
) -> None:
    page = visit(browser, live_server)
    session, store = device(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": store, "isUserVerified": False})
    page.goto("/login/")
    page.get_by_role("button", name="用通行密钥登录").click()
    said = page.locator("form[data-passkey] [role=alert]")
    said.wait_for()
    assert "没有成功" in said.inner_text() or "不能用通行密钥" in said.inner_text()
    whole(page)
    sign_in(page)
    assert page.url.endswith("/account/second-factor/")


def test_at_a_bare_number_a_passkey_says_that_it_cannot(browser: Browser, live_server: Any) -> None:
    page = visit(browser, live_server)
    device(page)
    page.goto(f"{live_server.url.replace('localhost', '127.0.0.1')}/login/")
    page.get_by_role("button", name="用通行密钥登录").click()
    said = page.locator("form[data-passkey] [role=alert]")
    said.wait_for()
    assert "请换一种办法" in said.inner_text()


def test_without_a_script_no_button_is_shown_that_only_a_script_can_serve(browser: Browser, live_server: Any) -> None:
    page = visit(browser, live_server, java_script_enabled=False)
    page.goto("/login/")
    assert not page.get_by_role("button", name="用通行密钥登录").is_visible()
    expect(page.get_by_role("button", name="登录", exact=True).first).to_be_visible()
    page.goto("/register/")
    assert not page.locator(".meter").is_visible()


def test_the_meter_tells_while_a_password_is_typed_and_shows_it_on_wish(browser: Browser, live_server: Any) -> None:
    page = visit(browser, live_server)
    page.goto("/register/")
    said = page.locator(".meter [data-words]")
    field = page.locator("#id_password")
    for typed, word in (("short", "太短"), ("aaaaaaaaaaaa", "容易猜中"), (GOOD, "很牢"), ("", "")):
        field.fill(typed)
        assert said.inner_text() == word, typed
    field.fill(GOOD)
    whole(page)
    page.get_by_role("button", name="显示密码").click()
    assert field.get_attribute("type") == "text"
    page.get_by_role("button", name="隐藏密码").click()
    assert field.get_attribute("type") == "password"


@pytest.mark.parametrize("size", ways(["phone"], ["desk"]))
def test_an_owner_delegates_and_an_agent_works_under_it_until_it_is_ended(
    browser: Browser, live_server: Any, size: str, settings: Any
) -> None:
    settings.HUIQI_DEMO = True
    firm = make_firm(7, employees=9)
    make_person("owner", firm, "owner", display_name="样例负责人")
    make_person("wang", display_name="样例会计")
    owner, agent = visit(browser, live_server, size), visit(browser, live_server, size)
    sign_in(owner, "owner")
    owner.goto("/home/people/")
    whole(owner)
    owner.get_by_role("link", name="邀请一个人").click()
    assert not owner.locator("#id_end").is_visible(), "the terms are for an authorised agent only"
    owner.locator("#id_for_whom").fill("样例会计")
    owner.locator("input[value=delegate]").check()
    owner.locator("input[value=declare_facts]").check()
    owner.locator("#id_end").fill((dt.date.today() + dt.timedelta(90)).isoformat())
    whole(owner)
    owner.get_by_role("button", name="生成码").click()
    code = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", owner.locator("main").inner_text())
    assert code
    whole(owner)

    sign_in(agent, "wang")
    agent.goto("/register/code/")
    whole(agent)
    agent.locator("#id_code").fill(code[0])
    agent.get_by_role("button", name="代表这家企业").click()
    assert "你现在代表" in agent.locator("main").inner_text()
    whole(agent)
    agent.goto("/facts/employees/")
    expect(agent.locator("#id_value")).to_be_visible()

    owner.goto("/home/people/")
    owner.get_by_role("link", name="改或停").click()
    whole(owner)
    owner.get_by_role("button", name="现在终止").click()
    owner.locator("details summary").last.click()
    whole(owner)
    agent.goto("/facts/")
    assert "你现在的身份打不开这一页" in agent.locator("main").inner_text()
    for page in (owner, agent):
        page.context.close()


@pytest.mark.parametrize(
    "how", ways([("desk", "en")], [("phone", "zh-CN"), ("phone", "en"), ("desk", "zh-CN")]), ids=str
)
def test_the_pages_of_the_administrators_are_whole(
    browser: Browser, live_server: Any, settings: Any, how: tuple[str, str], officer: Person
) -> None:
    size, language = how
    settings.HUIQI_SECOND_FACTOR = False
    platform = make_organ("industry_and_it", "650000", name_zh="自治区工信厅（样例）")
    for name in ("system_admin", "security_admin", "audit_admin"):
        make_person(name, platform, name, display_name="样例管理员")
    hat = Membership.objects.get(person=officer)
    for name, addresses in (
        (
            "security_admin",
            (
                "/admin/people/",
                f"/admin/people/{officer.pk}/",
                f"/admin/people/{officer.pk}/roles/new/?q=税务",
                f"/admin/roles/{hat.pk}/end/",
            ),
        ),
        ("system_admin", ("/admin/organs/", f"/admin/organs/{platform.pk}/", "/admin/organs/new/")),
        ("audit_admin", ("/admin/people/", f"/admin/people/{officer.pk}/")),
    ):
        page = visit(browser, live_server, size, language)
        sign_in(page, name)
        for address in addresses:
            page.goto(address)
            assert findings(page) == [], address
            assert faults(page, "sideways", "cut") == [], address
        page.context.close()


def test_the_single_sign_on_passes_the_content_policy(browser: Browser, live_server: Any, settings: Any) -> None:
    from tests.web.fake_sign_on import CLIENT, SECRET, sign_on

    with sign_on() as provider:
        settings.HUIQI_SSO_URL = provider.url
        app = {"provider_id": "sso", "client_id": CLIENT, "secret": SECRET, "settings": {"server_url": provider.url}}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        directives = policy | {"form-action": [*policy["form-action"], provider.url]}
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
        context: BrowserContext = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=PHONE)
        page = context.new_page()
        page.goto("/login/?next=/policies/")
        page.locator("form[action='/login/sso/'] button").click()
        page.wait_for_url(lambda address: urlsplit(address).path == "/policies/")
        assert Person.objects.filter(login_name="aygul").exists()
        assert Organisation.objects.exists()
        context.close()
