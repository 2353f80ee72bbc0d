"""Signing in and out, and the role in which one acts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from web_pages import PASSWORD, visible, visitor

from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.web.answers import KEY

pytestmark = pytest.mark.django_db


def sign_in(client: Client, name: str = "owner", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login/", {"username": name, "password": password, **more})


def test_one_signs_in_by_login_name_or_address_and_goes_on_to_where_one_was(owner: Person) -> None:
    owner.email = "owner@example.invalid"
    owner.save()
    assert sign_in(visitor(), next="/finder/results/").headers["Location"] == "/finder/results/"
    assert sign_in(visitor(), "Owner@Example.invalid").headers["Location"] == "/home/"


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example/x", "javascript:alert(1)"])
def test_signing_in_never_leads_away_from_the_site(owner: Person, onward: str) -> None:
    assert sign_in(visitor(), next=onward).headers["Location"] == "/home/"


@pytest.mark.parametrize("name", ["owner", "nobody", "closed"])
def test_a_failed_attempt_does_not_tell_which_part_was_wrong(owner: Person, name: str) -> None:
    Person.objects.create_user("closed", PASSWORD, display_name="样例", is_active=False)
    response = sign_in(visitor(), name, PASSWORD if name == "closed" else "wrong")
    text = visible(response)
    assert "登录名和密码对不上" in text
    assert f'value="{name}"' in response.content.decode()
    assert PASSWORD not in response.content.decode()


def test_too_many_attempts_are_told_to_wait(owner: Person, settings: Any, language: str) -> None:
    settings.AXES_ENABLED = True
    client = visitor(language)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = sign_in(client, password="wrong")
    assert response.status_code == 429
    assert ("试的次数太多了" if language == "zh-hans" else "Too many attempts") in visible(response)
    assert sign_in(client).status_code == 429


def test_signing_out_takes_a_post_and_forgets_the_answers(owner: Person) -> None:
    client = visitor()
    sign_in(client)
    client.post("/", {"by": "three", "people": "9"})
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert KEY not in client.session
    assert "登录" in visible(client.get("/"))


def test_answers_given_before_signing_in_stay(owner: Person) -> None:
    client = visitor()
    client.post("/", {"by": "three", "people": "9"})
    sign_in(client)
    assert client.session[KEY]["facts"] == {"employees": 9}


def test_an_owner_starts_with_her_whole_file_and_nobody_else_gets_it(owner: Person, settings: Any) -> None:
    client = visitor()
    sign_in(client)
    assert "你的资料在这里" in visible(client.get("/"))
    client.post("/", {"by": "own"})
    assert client.session[KEY]["facts"] == {}, "nothing of the file goes into the session"
    answers = visible(client.get("/finder/answers/"))
    assert "103.2" in answers
    assert "公开登记信息" not in answers, "her own figures are not called public"
    stranger = visitor()
    stranger.post("/", {"by": "own"})
    assert not stranger.session.get(KEY, {}).get("facts")
    assert "103.2" not in visible(stranger.get("/finder/answers/"))


@pytest.fixture
def second_hat(owner: Person) -> Membership:
    other = Organisation.objects.create(
        kind="enterprise", name_zh="老街粮油行（样例）", uscc=make_fictitious("2", "11", 8), region_id="653101"
    )
    return Membership.objects.create(
        person=owner, organisation=other, role="agent", start=dt.date(2026, 1, 1), end=dt.date(2099, 3, 1)
    )


def test_who_has_several_roles_is_asked_for_one_and_sees_until_when_it_is_held(
    owner: Person, second_hat: Membership
) -> None:
    client = visitor()
    response = sign_in(client, next="/finder/results/")
    assert response.headers["Location"] == "/hats/?next=%2Ffinder%2Fresults%2F"
    page = client.get(response.headers["Location"])
    assert "老街粮油行（样例）" in visible(page)
    assert "2099年3月1日" in visible(page)
    chosen = client.post("/hats/", {"hat": second_hat.pk, "next": "/finder/results/"})
    assert chosen.headers["Location"] == "/finder/results/"
    assert "老街粮油行（样例）" in visible(client.get("/"))


def test_changing_the_role_carries_no_answers_into_the_other(owner: Person, second_hat: Membership) -> None:
    client = visitor()
    sign_in(client)
    client.post("/hats/", {"hat": owner.memberships.exclude(pk=second_hat.pk).get().pk})
    client.post("/", {"by": "own"})
    client.post("/hats/", {"hat": second_hat.pk})
    assert KEY not in client.session


@pytest.mark.parametrize("hat", ["", "abc", "999999", "-1"])
def test_a_role_that_one_does_not_hold_is_refused(owner: Person, hat: str) -> None:
    client = visitor()
    sign_in(client)
    response = client.post("/hats/", {"hat": hat})
    assert response.status_code == 403
    assert "你现在的身份打不开这一页" in visible(response)


def test_somebody_elses_role_is_refused(owner: Person, second_hat: Membership) -> None:
    Person.objects.create_user("stranger", PASSWORD, display_name="样例")
    client = visitor()
    sign_in(client, "stranger")
    assert client.post("/hats/", {"hat": second_hat.pk}).status_code == 403


def test_the_choice_of_role_needs_an_account(db: None) -> None:
    assert visitor().get("/hats/").headers["Location"] == "/login/?next=/hats/"
