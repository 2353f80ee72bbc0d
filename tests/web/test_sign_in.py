"""Signing in by allauth: second factors and whom they are asked of, recovery codes, sessions, passwords, links."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from web_pages import PASSWORD, visible, visitor

from huiqi.journal import act, machine
from huiqi.journal.models import Change, Event
from huiqi.registry import second_factor
from huiqi.registry.demo import second_factor as demo_factor
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery staple"
WRONG = "这个数字不对"


@pytest.fixture(autouse=True)
def second_factor_asked(settings: Any) -> None:
    settings.HUIQI_SECOND_FACTOR = True


@pytest.fixture
def organ(db: None) -> Organisation:
    load_reference_data()
    return Organisation.objects.create(
        kind="organ", name_zh="喀什地区税务局（样例）", region_id="653100", organ_function="tax"
    )


@pytest.fixture
def officer(organ: Organisation) -> Person:
    person = Person.objects.create_user("officer", PASSWORD, display_name="样例承办人")
    Membership.objects.create(person=person, organisation=organ, role="officer", start=dt.date(2020, 1, 1))
    return person


def sign_in(client: Client, name: str = "officer", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login/", {"username": name, "password": password, **more})


def with_app(person: Person) -> str:
    """An authenticator app for this person; its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person, secret)
    return secret


def code_of(secret: str, steps: int = 0) -> str:
    counter = list(totp.yield_hotp_counters_from_time())[1] + steps
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def wrong_code(secret: str) -> str:
    near = {code_of(secret, steps) for steps in (-2, -1, 0, 1, 2)}
    return next(f"{n:06}" for n in range(10) if f"{n:06}" not in near)


def confirm(client: Client, address: str) -> Any:
    """Open a page that asks once more who one is, and confirm it by the password."""
    asked = client.get(address)
    assert asked.headers["Location"].startswith("/account/confirm/"), asked
    return client.post(asked.headers["Location"], {"password": PASSWORD})


def set_up_app(client: Client) -> str:
    """Set up an authenticator app as a person does; its secret."""
    confirm(client, "/account/app/")
    page = client.get("/account/app/")
    secret = re.search(r"<code class=\"code\">([A-Z2-7]+)</code>", page.content.decode())
    assert secret
    assert client.post("/account/app/", {"code": code_of(secret[1])}).status_code == 302
    return secret[1]


# --- whom it is asked of ----------------------------------------------------------------------------------------------


def test_an_officer_without_a_second_factor_wears_no_hat_and_is_led_to_set_one_up(officer: Person) -> None:
    client = visitor()
    assert sign_in(client).headers["Location"] == "/account/second-factor/"
    page = visible(client.get("/account/second-factor/"))
    assert "你的身份要求第二步验证" in page and "喀什地区税务局" in page
    for address in ("/desk/", "/desk/certify/", "/desk/rosters/", "/register/requests/code/"):
        assert client.get(address).headers["Location"].startswith("/account/second-factor/?next="), address
    assert client.post("/desk/certify/1/").headers["Location"] == "/account/second-factor/"
    assert "工作台" not in visible(client.get("/"))


def test_what_needs_no_role_stays_open_to_her(officer: Person) -> None:
    client = visitor()
    sign_in(client)
    for address in ("/", "/policies/", "/law/", "/account/", "/account/sessions/", "/inbox/", "/hats/"):
        assert client.get(address).status_code == 200, address


def test_after_setting_up_an_app_she_works(officer: Person) -> None:
    client = visitor()
    sign_in(client)
    set_up_app(client)
    assert client.get("/desk/").status_code == 200
    assert client.get("/account/second-factor/").headers["Location"] == "/hats/"
    verbs = list(Event.objects.filter(person=officer.pk).values_list("verb", flat=True))
    assert "second_factor.added" in verbs


def test_a_session_that_was_opened_before_proves_it_first(officer: Person) -> None:
    earlier, now = visitor(), visitor()
    sign_in(earlier)
    sign_in(now)
    secret = set_up_app(now)
    asked = earlier.get("/desk/")
    assert asked.headers["Location"].startswith("/account/second-factor/")
    assert "填数字" in visible(earlier.get(asked.headers["Location"]))
    address = f"/account/confirm/code/?next={reverse('hats')}"
    assert WRONG in visible(earlier.post(address, {"code": wrong_code(secret)}))
    assert earlier.get("/desk/").status_code == 302
    assert earlier.post(address, {"code": code_of(secret, 1)}).status_code == 302
    assert earlier.get("/desk/").status_code == 200


@pytest.mark.parametrize("role", ["officer", "supervisor", "clerk", "administrator", "auditor"])
def test_every_role_in_an_organ_asks_for_it(organ: Organisation, role: str) -> None:
    hat = Membership(organisation=organ, role=role)
    assert second_factor.asked_for(hat)


@pytest.mark.parametrize("role", ["owner", "agent"])
def test_a_role_in_a_firm_does_not(enterprise: Organisation, role: str) -> None:
    assert not second_factor.asked_for(Membership(organisation=enterprise, role=role))


def test_an_owner_signs_in_by_her_password_alone_and_may_have_a_second_factor(owner: Person) -> None:
    client = visitor()
    assert sign_in(client, "owner").headers["Location"] == "/home/"
    secret = set_up_app(client)
    again = visitor()
    assert sign_in(again, "owner").headers["Location"] == "/login/code/"
    assert again.get("/home/").headers["Location"].startswith("/login/")
    assert again.post("/login/code/", {"code": code_of(secret)}).headers["Location"] == "/home/"


def test_whoever_has_two_roles_is_told_which_of_them_waits(officer: Person, enterprise: Organisation) -> None:
    owns = Membership.objects.create(person=officer, organisation=enterprise, role="owner", start=dt.date(2020, 1, 1))
    client = visitor()
    assert sign_in(client).headers["Location"] == "/hats/"
    assert "要先设第二步验证" in visible(client.get("/hats/"))
    hat = officer.memberships.exclude(pk=owns.pk).get()
    assert client.post("/hats/", {"hat": hat.pk}).headers["Location"].startswith("/account/second-factor/")
    assert client.post("/hats/", {"hat": owns.pk}).headers["Location"] == "/home/"
    assert client.get("/home/").status_code == 200


# --- the second step --------------------------------------------------------------------------------------------------


def test_the_second_step_takes_the_code_of_the_moment_and_goes_on_to_where_one_was(officer: Person) -> None:
    secret = with_app(officer)
    client = visitor()
    assert sign_in(client, next="/desk/rosters/").headers["Location"] == "/login/code/"
    assert "_auth_user_id" not in client.session
    refused = client.post("/login/code/", {"code": wrong_code(secret)})
    assert WRONG in visible(refused) and "_auth_user_id" not in client.session
    assert client.post("/login/code/", {"code": code_of(secret)}).headers["Location"] == "/desk/rosters/"
    assert client.get("/desk/").status_code == 200
    event = Event.objects.get(verb="person.signed_in")
    assert (event.person, event.details) == (officer.pk, {"ways": ["password", "totp"]})


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_that_is_half_a_minute_off_is_taken_and_one_that_is_more_is_not(officer: Person, steps: int) -> None:
    secret = with_app(officer)
    client = visitor()
    sign_in(client)
    far = code_of(secret, steps=6)
    assert client.post("/login/code/", {"code": far}).status_code == 200
    assert client.post("/login/code/", {"code": code_of(secret, steps)}).status_code == 302


def test_a_code_counts_once_also_in_another_process(officer: Person) -> None:
    from django.core.cache import cache

    secret = with_app(officer)
    first, second = visitor(), visitor()
    sign_in(first)
    sign_in(second)
    code = code_of(secret)
    assert first.post("/login/code/", {"code": code}).status_code == 302
    cache.clear()  # what one process remembers, another does not
    assert WRONG in visible(second.post("/login/code/", {"code": code}))


def test_codes_are_not_tried_without_end(officer: Person) -> None:
    secret = with_app(officer)
    client = visitor()
    sign_in(client)
    for _ in range(10):
        client.post("/login/code/", {"code": wrong_code(secret)})
    refused = client.post("/login/code/", {"code": code_of(secret)})
    assert "试的次数太多了" in visible(refused) and "_auth_user_id" not in client.session


def test_without_the_password_there_is_no_second_step(officer: Person) -> None:
    secret = with_app(officer)
    client = visitor()
    assert client.get("/login/code/").headers["Location"] == "/login/"
    assert client.post("/login/code/", {"code": code_of(secret)}).headers["Location"] == "/login/"
    sign_in(client, password="wrong")
    assert client.post("/login/code/", {"code": code_of(secret)}).headers["Location"] == "/login/"


def test_one_may_sign_in_as_somebody_else_instead(officer: Person, owner: Person) -> None:
    with_app(officer)
    client = visitor()
    sign_in(client)
    assert client.get("/login/").headers["Location"] == "/login/code/"
    client.post("/logout/")
    assert sign_in(client, "owner").headers["Location"] == "/home/"


def test_a_recovery_code_signs_in_once(officer: Person) -> None:
    with_app(officer)
    code = RecoveryCodes.activate(officer).get_unused_codes()[0]
    client = visitor()
    sign_in(client)
    assert client.post("/login/code/", {"code": code}).headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200
    again = visitor()
    sign_in(again)
    assert WRONG in visible(again.post("/login/code/", {"code": code}))
    assert len(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()) == 9


def test_secrets_are_kept_encrypted_and_stand_in_no_event(officer: Person) -> None:
    client = visitor()
    sign_in(client)
    secret = set_up_app(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in str(list(Change.objects.values()))
    assert secret not in str(list(Event.objects.values()))


def test_with_another_secret_key_no_code_fits_and_no_page_breaks(officer: Person, settings: Any) -> None:
    secret = with_app(officer)
    RecoveryCodes.activate(officer)
    settings.SECRET_KEY = "another one"
    client = visitor()
    sign_in(client)
    for code in (code_of(secret), "", "000000"):
        assert client.post("/login/code/", {"code": code}).status_code == 200
    assert "_auth_user_id" not in client.session


# --- looking after it -------------------------------------------------------------------------------------------------


def test_changing_how_one_signs_in_asks_once_more_who_one_is(owner: Person) -> None:
    client = visitor()
    sign_in(client, "owner")
    for address in ("/account/app/", "/account/passkeys/add/"):
        asked = client.get(address)
        assert asked.headers["Location"].startswith("/account/confirm/?next=")
    refused = client.post("/account/confirm/", {"password": "wrong"})
    assert refused.status_code == 422 and "这不是你的密码" in visible(refused)
    assert client.get("/account/app/").status_code == 302
    confirm(client, "/account/app/")
    assert client.get("/account/app/").status_code == 200


def test_an_officer_cannot_remove_her_last_factor_and_an_owner_can(officer: Person, owner: Person) -> None:
    for name, kept in (("officer", True), ("owner", False)):
        client = visitor()
        sign_in(client, name)
        set_up_app(client)
        page = client.get("/account/app/remove/")
        assert ("先添一个别的" in visible(page)) is kept
        answer = client.post("/account/app/remove/")
        assert answer.status_code == (422 if kept else 302)
        person = Person.objects.get(login_name=name)
        assert second_factor.has_factor(person) is kept
    assert Event.objects.filter(verb="second_factor.removed").count() == 1
    assert not Authenticator.objects.filter(user=owner).exists(), "recovery codes go with it"


def test_a_factor_that_is_gone_proves_nothing_any_more(officer: Person) -> None:
    secret = with_app(officer)
    client = visitor()
    sign_in(client)
    client.post("/login/code/", {"code": code_of(secret)})
    assert client.get("/desk/").status_code == 200
    Authenticator.objects.filter(user=officer).delete()
    assert client.get("/desk/").headers["Location"].startswith("/account/second-factor/")


def test_recovery_codes_are_shown_downloaded_and_made_anew_to_whoever_confirmed(officer: Person) -> None:
    client = visitor()
    sign_in(client)
    set_up_app(client)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    answer = client.get("/account/codes/", headers={"Accept-Encoding": "gzip"})
    page = visible(answer)
    assert all(code in page for code in codes) and len(codes) == 10
    # they are the same in each answer: its length must not tell of them
    assert "Content-Encoding" not in answer.headers and "no-store" in answer.headers["Cache-Control"]
    assert client.get("/account/", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    file = client.get("/account/codes/download/")
    assert "attachment" in file.headers["Content-Disposition"] and codes[3] in file.content.decode()
    client.post("/account/codes/new/")
    assert not set(codes) & set(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes())
    assert Event.objects.filter(verb="recovery_codes.shown").count() == 2
    stranger = visitor()
    for address in ("/account/codes/", "/account/codes/download/", "/account/codes/new/"):
        assert stranger.get(address).headers["Location"].startswith("/login/")


# --- passwords --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"oldpassword": "wrong", "password1": GOOD}, "这不是你现在的密码"),
        ({"oldpassword": PASSWORD, "password1": "short"}, "不到 12 个字符"),
        ({"oldpassword": PASSWORD, "password1": "woaini1314520"}, "猜不了几次就中"),
        ({"oldpassword": PASSWORD, "password1": ""}, "不到 12 个字符"),
    ],
)
def test_a_password_that_will_not_do_says_why(owner: Person, sent: dict[str, str], words: str) -> None:
    client = visitor()
    sign_in(client, "owner")
    refused = client.post("/account/password/", sent)
    assert refused.status_code == 422 and words in visible(refused)
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_a_new_password_ends_all_other_sessions(owner: Person) -> None:
    here, elsewhere = visitor(), visitor()
    sign_in(here, "owner")
    sign_in(elsewhere, "owner")
    done = here.post("/account/password/", {"oldpassword": PASSWORD, "password1": GOOD}, follow=True)
    assert "密码改好了" in visible(done)
    assert here.get("/home/").status_code == 200
    assert elsewhere.get("/home/").headers["Location"].startswith("/login/")
    assert Event.objects.get(verb="password.changed").person == owner.pk
    assert GOOD not in str(list(Change.objects.values()))


@pytest.fixture
def mailing(settings: Any) -> None:
    settings.HUIQI_MAIL = True


def test_a_link_to_a_new_password_goes_to_an_address_that_is_on_file(owner: Person, mailing: None) -> None:
    owner.email = "owner@example.invalid"
    owner.save()
    client = visitor()
    assert client.post("/account/password/forgotten/", {"email": "Owner@Example.invalid"}).status_code == 302
    (letter,) = mail.outbox
    assert letter.to == ["owner@example.invalid"] and "设置新密码" in letter.subject
    link = re.search(r"http://testserver(/account/password/new/\S+)", letter.body)
    assert link
    page = client.get(link[1], follow=True)
    address = page.redirect_chain[-1][0]
    assert "set-password" in address, "the key does not stay in the address"
    assert client.post(address, {"password1": "short"}).status_code == 422
    assert client.post(address, {"password1": GOOD}).headers["Location"] == "/login/"
    assert sign_in(visitor(), "owner", GOOD).headers["Location"] == "/home/"
    assert "这个链接不能用了" in visible(visitor().get(link[1]))


@pytest.mark.parametrize("address", ["nobody@example.invalid", "closed@example.invalid"])
def test_to_an_address_that_is_not_on_file_nothing_goes_and_the_answer_is_the_same(
    db: None, mailing: None, address: str
) -> None:
    Person.objects.create_user("closed", PASSWORD, email="closed@example.invalid", display_name="样例", is_active=False)
    answer = visitor().post("/account/password/forgotten/", {"email": address}, follow=True)
    assert "如果这个邮箱登记过" in visible(answer)
    assert mail.outbox == []


def test_an_account_without_an_address_is_told_where_to_go(owner: Person, mailing: None) -> None:
    client = visitor()
    assert "这不是电子邮箱" in visible(client.post("/account/password/forgotten/", {"email": "owner"}))
    assert "服务窗口" in visible(client.get("/account/password/forgotten/"))


def test_where_no_mail_is_set_up_none_is_offered_and_none_is_sent(owner: Person) -> None:
    owner.email = "owner@example.invalid"
    owner.save()
    client = visitor()
    page = client.get("/account/password/forgotten/")
    assert "本站不发邮件" in visible(page) and 'name="email"' not in page.content.decode()
    client.post("/account/password/forgotten/", {"email": "owner@example.invalid"})
    assert mail.outbox == []


def test_links_are_not_asked_for_without_end(owner: Person, mailing: None) -> None:
    owner.email = "owner@example.invalid"
    owner.save()
    for _ in range(5):
        visitor().post("/account/password/forgotten/", {"email": "owner@example.invalid"})
    refused = visitor().post("/account/password/forgotten/", {"email": "owner@example.invalid"})
    assert refused.status_code == 429 and len(mail.outbox) == 5


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_one_sees_where_one_is_signed_in_and_ends_one_or_all_others(owner: Person) -> None:
    here, phone, office = visitor(), visitor(), visitor()
    sign_in(here, "owner")
    phone.post("/login/", {"username": "owner", "password": PASSWORD}, headers={"user-agent": "MicroMessenger Android"})
    office.post("/login/", {"username": "owner", "password": PASSWORD}, headers={"user-agent": "Chrome Windows"})
    page = visible(here.get("/account/sessions/"))
    assert "WeChat，Android" in page and "Chrome，Windows" in page and "就是这里" in page
    on_phone = UserSession.objects.get(user_agent__contains="MicroMessenger")
    here.post("/account/sessions/", {"session": on_phone.pk})
    assert phone.get("/home/").status_code == 302
    assert office.get("/home/").status_code == 200
    here.post("/account/sessions/", {"all": "1"})
    assert office.get("/home/").status_code == 302
    assert here.get("/home/").status_code == 200
    assert Event.objects.filter(verb="sessions.ended", person=owner.pk).count() == 2


def test_nobody_ends_the_sessions_of_others(owner: Person) -> None:
    Person.objects.create_user("stranger", PASSWORD, display_name="样例")
    hers, stranger = visitor(), visitor()
    sign_in(hers, "owner")
    sign_in(stranger, "stranger")
    session = UserSession.objects.get(user=owner)
    assert stranger.post("/account/sessions/", {"session": session.pk}).status_code == 404
    assert stranger.post("/account/sessions/", {"session": "x"}).status_code == 404
    stranger.post("/account/sessions/", {"all": "1"})
    assert hers.get("/home/").status_code == 200


@pytest.mark.parametrize("claimed", ["", "unknown", "not-an-address, 10.0.0.1:443"])
def test_an_address_that_is_none_stops_nobody(owner: Person, settings: Any, claimed: str) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client = visitor()
    answer = client.post(
        "/login/", {"username": "owner", "password": PASSWORD}, headers={"x-forwarded-for": claimed}, REMOTE_ADDR=""
    )
    assert answer.status_code == 302
    assert UserSession.objects.get().ip == "0.0.0.0"


# --- on record --------------------------------------------------------------------------------------------------------


def test_signing_in_out_and_in_vain_is_on_record_without_what_was_typed(owner: Person) -> None:
    client = visitor()
    sign_in(client, "owner", "not the password")
    sign_in(client, "nobody-of-this-name", "not the password")
    sign_in(client, "owner")
    client.post("/logout/")
    told = list(Event.objects.filter(verb__startswith="person.sign").order_by("id").values_list("verb", "object_id"))
    assert told == [
        ("person.sign_in_failed", str(owner.pk)),
        ("person.sign_in_failed", ""),
        ("person.signed_in", str(owner.pk)),
        ("person.signed_out", str(owner.pk)),
    ]
    assert "nobody-of-this-name" not in str(list(Event.objects.values()))


def test_a_locked_account_is_told_so_only_where_it_was_proved(owner: Person) -> None:
    owner.is_active = False
    owner.save()
    assert "登录名和密码对不上" in visible(sign_in(visitor(), "owner"))


# --- the pages are ours -----------------------------------------------------------------------------------------------


def test_no_page_of_allauth_has_a_look_of_its_own() -> None:
    from django.template.loader import get_template

    import huiqi.web
    from huiqi.web.urls import urlpatterns

    home = huiqi.web.__path__[0]
    classes = {getattr(pattern.callback, "view_class", object) for pattern in urlpatterns}
    of_allauth = {each for each in classes if any(base.__module__.startswith("allauth") for base in each.__mro__)}
    assert len(of_allauth) > 15
    names = {each.template_name for each in of_allauth if getattr(each, "template_name", None)}
    for name in {*names, "socialaccount/authentication_error.html"}:
        origin = str(get_template(name).origin.name)  # type: ignore[attr-defined]
        assert origin.startswith(home), f"{name} comes from {origin}"


def test_every_word_of_allauth_that_can_be_met_is_ours(db: None) -> None:
    from allauth.account.adapter import DefaultAccountAdapter

    said = get_adapter().error_messages
    for code in (
        "username_password_mismatch",
        "email_password_mismatch",
        "too_many_login_attempts",
        "incorrect_password",
        "enter_current_password",
        "invalid_password_reset",
    ):
        assert said[code] != DefaultAccountAdapter.error_messages[code], code


# --- the demonstration ------------------------------------------------------------------------------------------------


@pytest.fixture
def invented(officer: Person, settings: Any) -> Person:
    settings.HUIQI_DEMO = True
    officer.login_name = "county"
    officer.save()
    with act(machine("huiqi demo"), "demonstration.loaded"):
        demo_factor.give(officer)
    return officer


def test_in_the_demonstration_the_code_is_filled_in_with_a_note(invented: Person) -> None:
    for _ in range(2):  # two visitors are the same officer in the same half minute
        client = visitor()
        assert sign_in(client, "county").headers["Location"] == "/login/code/"
        page = client.get("/login/code/")
        assert "演示环境：正式系统里" in visible(page)
        code = re.search(r'name="code"[^>]*?value="(\d{6})"', page.content.decode(), re.S)
        assert code
        assert client.post("/login/code/", {"code": code[1]}).headers["Location"] == "/desk/"
        assert client.get("/desk/").status_code == 200


def test_elsewhere_no_code_is_ever_shown(invented: Person, settings: Any) -> None:
    settings.HUIQI_DEMO = False
    client = visitor()
    sign_in(client, "county")
    page = client.get("/login/code/")
    assert "演示环境：正式系统里" not in visible(page)
    assert not re.search(r'value="\d{6}"', page.content.decode())
    assert demo_factor.shown_code(invented) is None


def test_whoever_is_not_invented_is_shown_none_in_the_demonstration_either(officer: Person, settings: Any) -> None:
    settings.HUIQI_DEMO = True
    with_app(officer)
    assert demo_factor.shown_code(officer) is None
