"""The pages of the three administrators: who opens which, and what comes of what they do."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from web_pages import PASSWORD, visible, visitor

from huiqi.journal.models import Event
from huiqi.registry.models import Membership, Organisation, Person

pytestmark = pytest.mark.django_db

WHY = "本人到窗口，已核对身份证"


def client_of(person: Person, language: str = "zh-hans") -> Client:
    client = visitor(language)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def somebody(name: str, organisation: Organisation, role: str) -> Person:
    person = Person.objects.create_user(name, PASSWORD, display_name=f"样例{name}")
    Membership.objects.create(person=person, organisation=organisation, role=role, start=dt.date(2020, 1, 1))
    return person


@pytest.fixture
def operator(enterprise: Organisation) -> Organisation:
    return Organisation.objects.create(
        kind="organ", name_zh="自治区工信厅（样例）", region_id="650000", organ_function="industry_and_it"
    )


@pytest.fixture
def people(operator: Organisation, owner: Person) -> dict[str, Person]:
    tax = Organisation.objects.create(
        kind="organ", name_zh="喀什地区税务局（样例）", region_id="653100", organ_function="tax"
    )
    made = {role: somebody(role, operator, role) for role in ("system_admin", "security_admin", "audit_admin")}
    return made | {"officer": somebody("officer", tax, "officer"), "owner": owner}


@pytest.fixture
def clients(people: dict[str, Person]) -> dict[str, Client]:
    return {name: client_of(person) for name, person in people.items()} | {"visitor": visitor()}


#: Who opens what: the table of the three fields. 302 leads a visitor to sign in.
TABLE: dict[str, dict[str, int]] = {
    "/admin/people/": {"security_admin": 200, "audit_admin": 200},
    "/admin/people/{owner}/": {"security_admin": 200, "audit_admin": 200},
    "/admin/people/{owner}/roles/new/": {"security_admin": 200},
    "/admin/roles/{hat}/end/": {"security_admin": 200},
    "/admin/organs/": {"security_admin": 200, "audit_admin": 200, "system_admin": 200},
    "/admin/organs/{organ}/": {"security_admin": 200, "audit_admin": 200, "system_admin": 200},
    "/admin/organs/new/": {"system_admin": 200},
    "/desk/calendar/": {"system_admin": 200},
}


@pytest.mark.parametrize("address", TABLE)
def test_each_page_opens_for_whose_field_it_is_and_for_nobody_else(
    clients: dict[str, Client], people: dict[str, Person], operator: Organisation, address: str
) -> None:
    path = address.format(owner=people["owner"].pk, organ=operator.pk, hat=people["officer"].memberships.get().pk)
    for name, client in clients.items():
        if address == "/desk/calendar/" and name != "system_admin":
            continue  # a public list; who may keep it is held in test_calendars
        expected = 302 if name == "visitor" else TABLE[address].get(name, 403)
        assert client.get(path).status_code == expected, (name, path)


def test_each_begins_at_her_own_page(clients: dict[str, Client]) -> None:
    for name, address in (("system_admin", "organs"), ("security_admin", "people")):
        assert clients[name].get("/admin/").headers["Location"] == f"/admin/{address}/"
    assert clients["audit_admin"].get("/admin/").headers["Location"] == "/journal/"
    assert clients["officer"].get("/admin/").status_code == 403


def test_people_are_found_by_name_role_and_state(clients: dict[str, Client], people: dict[str, Person]) -> None:
    security = clients["security_admin"]
    people["owner"].is_active = False
    people["owner"].save()
    TOTP.activate(people["system_admin"], generate_totp_secret())

    def found(query: str) -> set[str]:
        text = visible(security.get(f"/admin/people/?{query}"))
        return {name for name, person in people.items() if person.display_name in text.split("人员", 3)[-1]}

    assert found("q=officer") == {"officer"}
    assert found("role=owner") == {"owner"}
    assert found("state=locked") == {"owner"}
    assert found("state=active") == {"system_admin", "security_admin", "audit_admin", "officer"}
    assert found("state=no_factor") == {"security_admin", "audit_admin", "officer"}
    assert found("role=king&state=nonsense&page=99") == set(people)
    assert "没有符合条件的人" in visible(security.get("/admin/people/?q=xyzzy"))


@pytest.mark.parametrize("address", ["/admin/people/", "/admin/organs/", "/admin/people/{owner}/roles/new/"])
def test_a_sign_that_no_name_can_have_finds_nothing_and_breaks_nothing(
    clients: dict[str, Client], people: dict[str, Person], address: str
) -> None:
    answer = clients["security_admin"].get(address.format(owner=people["owner"].pk), {"q": "\0样例"})
    assert answer.status_code == 200


def test_many_people_stand_on_several_pages(clients: dict[str, Client]) -> None:
    Person.objects.bulk_create(Person(login_name=f"p{n}", display_name=f"甲{n}") for n in range(60))
    first = clients["security_admin"].get("/admin/people/?q=甲")
    assert "60 个账号" in visible(first) and "q=%E7%94%B2&amp;page=2" in first.content.decode()
    assert "甲5" in visible(clients["security_admin"].get("/admin/people/?q=甲&page=3"))


def act(client: Client, person: Person, what: str, reason: str = WHY) -> Any:
    return client.post(f"/admin/people/{person.pk}/", {"act": what, "reason": reason})


def test_the_security_administrator_locks_and_unlocks(clients: dict[str, Client], people: dict[str, Person]) -> None:
    security, owner = clients["security_admin"], people["owner"]
    assert clients["owner"].get("/home/").status_code == 200
    act(security, owner, "lock", "疑似被盗用")
    assert clients["owner"].get("/home/").headers["Location"].startswith("/login/")
    page = visible(security.get(f"/admin/people/{owner.pk}/"))
    assert "已停用" in page and "疑似被盗用" in page
    act(security, owner, "unlock")
    assert client_of(Person.objects.get(pk=owner.pk)).get("/home/").status_code == 200


def test_a_second_factor_is_reset_and_the_person_reads_why(
    clients: dict[str, Client], people: dict[str, Person]
) -> None:
    TOTP.activate(people["officer"], generate_totp_secret())
    security = clients["security_admin"]
    page = visible(security.get(f"/admin/people/{people['officer'].pk}/"))
    assert "验证器应用" in page
    act(security, people["officer"], "reset", "手机丢失")
    assert not Authenticator.objects.exists()
    assert "手机丢失" in visible(clients["officer"].get("/inbox/"))


def test_a_link_for_a_new_password_is_shown_once_and_works(
    clients: dict[str, Client], people: dict[str, Person]
) -> None:
    shown = act(clients["security_admin"], people["owner"], "link")
    link = re.search(r"http://testserver(/account/password/new/[^\"]+)", shown.content.decode())
    assert link and "只显示这一次" in visible(shown)
    guest = visitor()
    address = guest.get(link[1], follow=True).redirect_chain[-1][0]
    assert guest.post(address, {"password1": "correct horse battery staple"}).status_code == 302
    assert Person.objects.get(pk=people["owner"].pk).check_password("correct horse battery staple")
    assert "这个链接不能用了" in visible(visitor().get(link[1]))


def test_nothing_is_done_without_a_reason_or_by_an_unknown_act(
    clients: dict[str, Client], people: dict[str, Person]
) -> None:
    security, owner = clients["security_admin"], people["owner"]
    for what in ("lock", "unlock", "reset", "sessions", "link"):
        refused = act(security, owner, what, " ")
        assert refused.status_code == 422 and "还没写理由" in visible(refused)
    assert act(security, owner, "delete").status_code == 403
    assert Person.objects.get(pk=owner.pk).is_active
    assert not Event.objects.filter(person=people["security_admin"].pk).exclude(verb="person.signed_in").exists()


@pytest.mark.parametrize("what", ["lock", "unlock", "reset", "sessions", "link"])
def test_nobody_else_acts_on_an_account_nor_she_on_those_of_the_three(
    clients: dict[str, Client], people: dict[str, Person], what: str
) -> None:
    for name in ("system_admin", "audit_admin", "officer", "owner"):
        assert act(clients[name], people["officer"], what).status_code == 403, name
    for name in ("security_admin", "system_admin", "audit_admin"):
        assert act(clients["security_admin"], people[name], what).status_code == 403, name
    page = visible(clients["security_admin"].get(f"/admin/people/{people['audit_admin'].pk}/"))
    assert "三员之一" in page and "处理账号" not in page


def test_the_audit_administrator_sees_an_account_and_no_button(
    clients: dict[str, Client], people: dict[str, Person]
) -> None:
    page = clients["audit_admin"].get(f"/admin/people/{people['officer'].pk}/")
    assert "喀什地区税务局" in visible(page)
    html = page.content.decode().split("<main")[1]
    assert "<button" not in html and "/end/" not in html


def test_a_role_is_found_given_and_ended(clients: dict[str, Client], people: dict[str, Person]) -> None:
    security, owner = clients["security_admin"], people["owner"]
    path = f"/admin/people/{owner.pk}/roles/new/"
    assert "没有名称里带这个词的" in visible(security.get(f"{path}?q=xyzzy"))
    page = security.get(f"{path}?q=税务")
    assert "喀什地区税务局" in visible(page)
    organ = Organisation.objects.get(organ_function="tax")
    for sent, words in (
        ({}, "请选组织"),
        ({"organisation": organ.pk, "role": "clerk", "end": "2019-01-01", "reason": WHY}, "最后一天早于第一天"),
        ({"organisation": organ.pk, "role": "clerk", "start": "tomorrow", "reason": WHY}, "不是日期"),
    ):
        refused = security.post(path, {"q": "税务", **sent})
        assert refused.status_code == 422 and words in visible(refused), words
    assert security.post(path, {"organisation": organ.pk, "role": "audit_admin", "reason": WHY}).status_code == 403
    given = {"q": "税务", "organisation": organ.pk, "role": "clerk", "reason": WHY}
    assert security.post(path, given).status_code == 302
    assert security.post(path, given).status_code == 422
    hat = owner.memberships.get(organisation=organ)
    assert "你有了新身份" in visible(clients["owner"].get("/inbox/"))
    security.post(f"/admin/roles/{hat.pk}/end/", {"reason": "调离"})
    hat.refresh_from_db()
    assert hat.ended_at and "调离" in visible(security.get(f"/admin/people/{owner.pk}/"))
    assert security.get(f"/admin/roles/{hat.pk}/end/").status_code == 404


def test_roles_of_the_three_are_not_ended_on_a_page(clients: dict[str, Client], people: dict[str, Person]) -> None:
    hat = people["audit_admin"].memberships.get()
    assert clients["security_admin"].post(f"/admin/roles/{hat.pk}/end/", {"reason": WHY}).status_code == 404
    hat.refresh_from_db()
    assert hat.ended_at is None


ORGAN = {"kind": "organ", "name_zh": "和田地区财政局（样例）", "organ_function": "finance", "region": "653200"}


def test_the_system_administrator_adds_and_changes_an_organ(clients: dict[str, Client]) -> None:
    system = clients["system_admin"]
    assert system.post("/admin/organs/new/", {**ORGAN, "reason": "机构改革"}).status_code == 302
    made = Organisation.objects.get(name_zh=ORGAN["name_zh"])
    page = system.get(f"/admin/organs/{made.pk}/")
    assert 'value="和田地区财政局（样例）"' in page.content.decode()
    changed = {**ORGAN, "name_en": "Hotan Finance Bureau", "active_from": "2020-01-01", "reason": "补英文名"}
    system.post(f"/admin/organs/{made.pk}/", changed)
    made.refresh_from_db()
    assert (made.name_en, made.active_from) == ("Hotan Finance Bureau", dt.date(2020, 1, 1))
    assert set(Event.objects.filter(verb__startswith="organ.").values_list("reason", flat=True)) == {
        "机构改革",
        "补英文名",
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name_zh": ""}, "请填名称"),
        ({"organ_function": ""}, "请选机关的职能"),
        ({"region": ""}, "请选它管的地方"),
        ({"kind": "bank"}, "只有机关可以没有信用代码"),
        ({"uscc": "123"}, "3"),
        ({"superior": "没有的机关"}, "没有正好叫这个名称的机关"),
        ({"active_to": "2020-01-01", "active_from": "2021-01-01"}, "最后一天早于第一天"),
        ({"active_to": "never"}, "不是日期"),
        ({"reason": ""}, "还没写理由"),
    ],
)
def test_what_is_wrong_with_an_organ_is_said_and_nothing_is_kept(
    clients: dict[str, Client], change: dict[str, str], words: str
) -> None:
    refused = clients["system_admin"].post("/admin/organs/new/", {**ORGAN, "reason": WHY} | change)
    assert refused.status_code == 422 and words in visible(refused)
    assert not Organisation.objects.filter(region="653200").exists()


@pytest.mark.parametrize("name", ["security_admin", "audit_admin", "officer"])
def test_nobody_else_changes_an_organ(clients: dict[str, Client], operator: Organisation, name: str) -> None:
    assert clients[name].post(f"/admin/organs/{operator.pk}/", {**ORGAN, "reason": WHY}).status_code == 403
    assert clients[name].post("/admin/organs/new/", {**ORGAN, "reason": WHY}).status_code == 403


def test_organs_are_found_by_name_kind_function_and_place(clients: dict[str, Client]) -> None:
    system = clients["system_admin"]
    assert "喀什地区税务局" in visible(system.get("/admin/organs/?function=tax&region=653100&kind=organ&q=税务"))
    assert "没有符合条件的" in visible(system.get("/admin/organs/?function=tax&region=653200"))
    assert "喀什珩砚" not in visible(system.get("/admin/organs/?kind=enterprise")), "enterprises come with rosters"


def test_the_pages_are_english_in_english(people: dict[str, Person], operator: Organisation) -> None:
    Person.objects.update(display_name="Sample")
    names = r"样例\w*|自治区工信厅（样例）|喀什\w*（样例）"
    for name, addresses in (
        ("security_admin", ("/admin/people/", f"/admin/people/{people['owner'].pk}/")),
        ("system_admin", ("/admin/organs/", f"/admin/organs/{operator.pk}/", "/admin/organs/new/")),
    ):
        client = client_of(people[name], "en")
        for address in addresses:
            text = re.sub(names, "", visible(client.get(address)))
            assert not re.search(r"[\u4e00-\u9fff]", text), (address, re.findall(r".{9}[\u4e00-\u9fff]+", text))
