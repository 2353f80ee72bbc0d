"""The government's sign-in: it says who somebody is, never what she may do, and opens no account but its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from fake_sign_on import CLIENT, SECRET, SignOn, sign_on
from web_pages import PASSWORD, visible, visitor

from huiqi.journal.models import Change, Event
from huiqi.opportunities.models import Profile
from huiqi.registry.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[SignOn]:
    """A single sign-on that this service knows."""
    with sign_on() as running:
        settings.HUIQI_SSO_URL = running.url
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": "sso",
                        "name": "统一身份认证",
                        "client_id": CLIENT,
                        "secret": SECRET,
                        "settings": {"server_url": running.url},
                    }
                ],
            }
        }
        yield running


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def through(client: Client, **sent: str) -> Any:
    """Go to the provider and come back, as a browser does."""
    begun = client.post("/login/sso/", sent)
    assert begun.status_code == 302, visible(begun)
    try:
        build_opener(_Stay).open(begun.headers["Location"])
    except Exception as answer:
        back = answer.headers["Location"]  # type: ignore[attr-defined]
    parts = urlsplit(back)
    assert parts.path == "/login/sso/back/"
    return client.get(f"{parts.path}?{parts.query}")


def test_without_a_setting_there_is_none(db: None) -> None:
    page = visitor().get("/login/").content.decode()
    assert "/login/sso/" not in page
    assert visitor().post("/login/sso/").status_code == 404
    assert visitor().get("/login/sso/back/?code=x&state=y").status_code == 404


def test_somebody_new_gets_an_account_without_any_role_and_her_answers_are_kept(
    provider: SignOn, noodle_shop: Client
) -> None:
    provider.claims |= {"email": "aygul@example.invalid", "email_verified": True}
    assert "统一身份认证" in visible(noodle_shop.get("/login/"))
    assert through(noodle_shop, next="/finder/results/").headers["Location"] == "/finder/results/"
    person = Person.objects.get()
    assert (person.login_name, person.display_name, person.email) == ("aygul", "阿依古丽", None)
    assert not person.has_usable_password() and not person.memberships.exists()
    assert Profile.objects.get(person=person).answers["monthly_sales"] == "8.6"
    assert Event.objects.get(verb="person.registered").object_id == str(person.pk)
    assert provider.refused == []


def test_the_same_person_comes_back_into_the_same_account_whatever_she_is_called_now(provider: SignOn) -> None:
    through(visitor())
    provider.claims |= {"preferred_username": "somebody.else", "name": "改了名"}
    client = visitor()
    assert through(client).status_code == 302
    person = Person.objects.get()
    assert person.login_name == "aygul"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert SocialAccount.objects.count() == 1 and not SocialToken.objects.exists()


def test_nobody_comes_into_an_account_by_having_its_name_or_address(provider: SignOn, owner: Person) -> None:
    owner.email = "owner@example.invalid"
    owner.save()
    provider.claims |= {"preferred_username": "OWNER", "email": "owner@example.invalid", "email_verified": True}
    client = visitor()
    through(client)
    stranger = Person.objects.exclude(pk=owner.pk).get()
    assert (stranger.login_name, stranger.email) == ("owner-2", None)
    assert client.session["_auth_user_id"] == str(stranger.pk)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "a@b.example"}, "user"),
        ({"preferred_username": "阿依 古丽!"}, "阿依古丽"),
        ({"preferred_username": "x"}, "user"),
        ({"preferred_username": "n" * 200}, "n" * 50),
        ({}, "user"),
    ],
)
def test_any_name_becomes_a_login_name_of_this_house(provider: SignOn, claims: dict[str, str], name: str) -> None:
    provider.claims = {"sub": "1", **claims}
    through(visitor())
    person = Person.objects.get()
    assert person.login_name == name and person.display_name


def test_it_replaces_no_second_factor(provider: SignOn) -> None:
    through(visitor())
    person = Person.objects.get()
    totp.TOTP.activate(person, totp.generate_totp_secret())
    client = visitor()
    assert through(client).headers["Location"] == "/login/code/"
    assert "_auth_user_id" not in client.session


def test_a_locked_account_stays_locked(provider: SignOn) -> None:
    through(visitor())
    Person.objects.update(is_active=False)
    client = visitor()
    assert "这个账号停用了" in visible(client.get(through(client).headers["Location"]))
    assert "_auth_user_id" not in client.session


def test_whoever_turns_back_may_sign_in_otherwise(provider: SignOn) -> None:
    provider.answer = "deny"
    client = visitor()
    answer = through(client)
    assert answer.headers["Location"] == "/login/sso/cancelled/"
    assert "你中途退出了" in visible(client.get(answer.headers["Location"], follow=True))
    assert not Person.objects.exists()


def test_a_fault_at_the_other_side_has_a_page_of_ours(provider: SignOn) -> None:
    provider.answer = "break"
    answer = through(visitor())
    assert answer.status_code == 401 and "统一身份认证没有回应" in visible(answer)
    assert not Person.objects.exists()


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=made-up"])
def test_an_answer_that_was_not_asked_for_is_refused(provider: SignOn, query: str) -> None:
    answer = visitor().get(f"/login/sso/back/{query}")
    assert answer.status_code == 401
    assert not Person.objects.exists()


def test_it_begins_by_a_form_of_ours_only(provider: SignOn) -> None:
    assert visitor().get("/login/sso/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/login/sso/").status_code == 403


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example/x"])
def test_it_never_leads_away_from_the_site(provider: SignOn, onward: str) -> None:
    assert through(visitor(), next=onward).headers["Location"] == "/home/"


def test_an_account_is_connected_after_confirming_and_parted_from_again(provider: SignOn, owner: Person) -> None:
    client = visitor()
    client.post("/login/", {"username": "owner", "password": PASSWORD})
    asked = through(client, process="connect")
    assert asked.headers["Location"] == "/account/confirm/"
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
    assert SocialAccount.objects.get().user == owner
    again = visitor()
    assert through(again).headers["Location"] == "/home/"
    assert again.session["_auth_user_id"] == str(owner.pk)
    client.post("/account/sso/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()
    assert {"single_sign_on.removed", "single_sign_on.used"} <= set(Event.objects.values_list("verb", flat=True))


def test_nobody_connects_what_is_another_ones(provider: SignOn, owner: Person) -> None:
    through(visitor())
    client = visitor()
    client.post("/login/", {"username": "owner", "password": PASSWORD})
    through(client, process="connect")
    client.post("/account/confirm/", {"password": PASSWORD})
    assert "已经连着本站另一个账号" in visible(client.get("/account/sso/"))
    assert SocialAccount.objects.get().user != owner


def test_who_has_no_password_sets_one_before_parting_with_it(provider: SignOn) -> None:
    client = visitor()
    through(client)
    assert client.get("/account/password/").headers["Location"] == "/account/password/first/"
    refused = client.post("/account/sso/", {"account": SocialAccount.objects.get().pk})
    assert refused.status_code == 422 and "先设一个密码" in visible(refused)
    client.post("/account/password/first/", {"password1": "correct horse battery staple"})
    assert Person.objects.get().has_usable_password()


def test_what_the_provider_tells_stands_in_no_event(provider: SignOn) -> None:
    provider.claims |= {"identity_card": "650102199001011234", "phone_number": "13900000000"}
    through(visitor())
    kept = str(list(Change.objects.values())) + str(list(Event.objects.values()))
    assert "650102199001011234" not in kept and "13900000000" not in kept


def settings_with(**environment: str) -> subprocess.CompletedProcess[str]:
    program = (
        "from huiqi.config import settings as s; import json; "
        "print(json.dumps([s.SOCIALACCOUNT_PROVIDERS, s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'][1:], "
        "list(s.HUIQI_SSO_NAME), s.HUIQI_MAIL, s.EMAIL_BACKEND.split('.')[-2]]))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_it_is_set_up_by_the_environment() -> None:
    made = settings_with(
        HUIQI_SSO_URL="https://sso.example.cn/realms/xj/",
        HUIQI_SSO_CLIENT="huiqi",
        HUIQI_SSO_SECRET="secret",
        HUIQI_SSO_NAME="新疆政务服务网|Xinjiang e-government",
        EMAIL_URL="smtp+tls://u:p@mail.example.cn:587",
    )
    assert made.returncode == 0, made.stderr
    assert '"server_url": "https://sso.example.cn/realms/xj"' in made.stdout
    assert '["https://sso.example.cn"]' in made.stdout
    assert "Xinjiang e-government" in made.stdout and made.stdout.strip().endswith('true, "smtp"]')


def test_half_a_setting_is_refused_with_what_is_missing() -> None:
    made = settings_with(HUIQI_SSO_URL="https://sso.example.cn", HUIQI_SSO_CLIENT="", HUIQI_SSO_SECRET="")
    assert made.returncode != 0 and "HUIQI_SSO_CLIENT and HUIQI_SSO_SECRET" in made.stderr


def test_without_settings_nothing_of_it_is_there() -> None:
    made = settings_with(HUIQI_SSO_URL="", EMAIL_URL="")
    assert made.stdout.strip().startswith("[{}, [],") and made.stdout.strip().endswith('false, "dummy"]')
