"""Registering: answers are taken over, names are unique, passwords are strong, a hat is asked for and decided on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from web_pages import CODE, PASSWORD, visible, visitor

from huiqi.opportunities.models import Profile
from huiqi.registry.models import HatRequest, Membership, Organisation, Person
from huiqi.rules.dictionary import dictionary

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery staple"


def register(client: Client, **fields: str) -> Any:
    return client.post(
        "/register/", {"username": "aygul.kashgar", "display_name": "阿依古丽", "password": GOOD, **fields}
    )


def test_the_answers_of_the_visit_are_taken_over_and_one_is_signed_in(noodle_shop: Client) -> None:
    noodle_shop.post("/finder/question/disabled_staff/", {"value": "1"})
    response = register(noodle_shop)
    assert response.headers["Location"] == "/home/"
    saved = Profile.objects.get()
    assert saved.person.login_name == "aygul.kashgar"
    assert saved.answers["monthly_sales"] == "8.6"
    assert saved.answers["registration_region"] == "653101"
    assert "可以" in visible(noodle_shop.get("/home/"))
    assert noodle_shop.session["finder"]["facts"]["monthly_sales"] == "8.6"


def test_sensitive_answers_are_not_kept(guest: Client, answer: Any) -> None:
    sensitive = next(f for f in dictionary() if f.sensitivity == "sensitive" and f.askable and f.type == "integer")
    answer(guest, employees="9", **{sensitive.name: "1"})
    register(guest)
    assert Profile.objects.get().answers == {"employees": 9}


def test_an_address_serves_as_a_name(guest: Client) -> None:
    register(guest, username=" Aygul@Example.invalid ")
    person = Person.objects.get()
    assert (person.email, person.login_name) == ("aygul@example.invalid", None)
    assert person.check_password(GOOD)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "", "还没填"),
        ("username", "a b", "登录名是 3 到 60 个"),
        ("username", "me@", "这不是电子邮箱"),
        ("username", "OWNER", "有人用了"),
        ("display_name", " ", "怎么称呼你"),
        ("password", "", "设一个密码"),
        ("password", "short", "不到 12 个字符"),
        ("password", "q1w2e3r4t5y6", "很多人用"),
        ("password", "aygul.kashgar!", "太像"),
    ],
)
def test_what_is_wrong_is_said_in_the_houses_words(
    owner: Person, guest: Client, field: str, value: str, words: str
) -> None:
    response = register(guest, **{field: value})
    assert response.status_code == 422
    assert words in visible(response)
    assert Person.objects.count() == 1
    if value:
        assert field == "password" or f'value="{value}"' in response.content.decode()
    assert GOOD not in response.content.decode()


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example/x", "javascript:alert(1)"])
def test_registering_never_leads_away_from_the_site(guest: Client, onward: str) -> None:
    assert register(guest, next=onward).headers["Location"] == "/home/"


def test_registering_leads_on_to_where_one_was(guest: Client) -> None:
    assert register(guest, next="/finder/results/").headers["Location"] == "/finder/results/"


def test_a_form_of_another_site_is_refused(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert register(client).status_code == 403
    assert not Person.objects.exists()


def test_attempts_without_end_are_stopped(guest: Client) -> None:
    for _ in range(20):
        assert register(guest, password="short").status_code == 422
    response = register(guest)
    assert response.status_code == 429
    assert "从这里注册的次数太多" in visible(response)
    assert not Person.objects.exists()


def test_who_is_signed_in_does_not_register_again(guest: Client) -> None:
    register(guest)
    assert guest.get("/register/").headers["Location"] == "/home/"


def test_a_firm_is_asked_for_and_nothing_of_it_is_seen_before_the_approval(
    guest: Client, enterprise: Organisation, owner: Person, settings: Any
) -> None:
    settings.HUIQI_DEMO = True
    assert register(guest, firm="1").headers["Location"] == "/register/firm/"
    page = visible(guest.post("/register/firm/", {"code": CODE, "role": "agent"}, follow=True))
    assert "申请收到了" in page
    assert "等同意" in page
    assert guest.get("/facts/").status_code == 403
    assert "103.2" not in visible(guest.get("/home/"))
    asked = HatRequest.objects.get()

    deciding = visitor()
    deciding.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert "有 1 人申请代表你的企业" in visible(deciding.get("/home/"))
    assert "阿依古丽" in visible(deciding.get("/register/requests/"))
    assert "请先核实本人" in visible(deciding.get(f"/register/requests/{asked.pk}/"))
    deciding.post(f"/register/requests/{asked.pk}/", {"act": "approve"})

    assert guest.get("/facts/").status_code == 200
    assert "你可以代表" in visible(guest.get("/inbox/"))
    assert Membership.objects.get(person=asked.person).role == "agent"
    again = guest.post("/register/firm/", {"code": CODE, "role": "owner"})
    assert "你已经代表这家企业" in visible(again)


def test_a_refusal_gives_its_reason_to_the_person(
    guest: Client, enterprise: Organisation, owner: Person, settings: Any
) -> None:
    settings.HUIQI_DEMO = True
    register(guest)
    guest.post("/register/firm/", {"code": CODE, "role": "owner"})
    asked = HatRequest.objects.get()
    deciding = visitor()
    deciding.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    path = f"/register/requests/{asked.pk}/"
    assert "还没写理由" in visible(deciding.post(path, {"act": "refuse"}))
    deciding.post(path, {"act": "refuse", "reason": "不认识"})
    assert "不认识" in visible(guest.get("/register/firm/"))
    assert not Membership.objects.filter(person=asked.person).exists()
    assert deciding.get(path).status_code == 404, "it is decided"


@pytest.mark.parametrize(
    ("region", "function", "status"),
    [
        ("653100", "industry_and_it", 200),
        ("652900", "industry_and_it", 404),
        ("653100", "tax", 404),
    ],
)
def test_of_organs_the_sme_authority_of_the_place_opens_a_request(
    guest: Client, enterprise: Organisation, settings: Any, region: str, function: str, status: int
) -> None:
    settings.HUIQI_DEMO = True
    register(guest)
    guest.post("/register/firm/", {"code": CODE, "role": "owner"})
    organ = Organisation.objects.create(kind="organ", name_zh="样例局", region_id=region, organ_function=function)
    person = Person.objects.create_user("officer", PASSWORD, display_name="样例")
    Membership.objects.create(person=person, organisation=organ, role="officer", start=dt.date(2026, 1, 1))
    client = visitor()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    path = f"/register/requests/{HatRequest.objects.get().pk}/"
    assert client.get(path).status_code == status
    assert guest.get(path).status_code == 404, "nobody opens her own request"


@pytest.mark.parametrize(("code", "words"), [("", "18"), ("91653101MA7XXXX12", "17"), (CODE, "这里没有这家企业")])
def test_a_code_that_is_wrong_or_unknown_says_so(guest: Client, settings: Any, code: str, words: str) -> None:
    settings.HUIQI_DEMO = True
    register(guest)
    response = guest.post("/register/firm/", {"code": code, "role": "owner"})
    assert response.status_code == 422
    assert words in visible(response)
