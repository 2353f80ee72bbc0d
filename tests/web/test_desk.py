"""The officer's home page: what each role finds there, and never another office's."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from web_pages import PASSWORD, visible, visitor

from huiqi.documents.models import Notice
from huiqi.opportunities.models import Draft, PublishedPolicy
from huiqi.opportunities.publishing import publish
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.declaring import declare
from huiqi.registry.models import (
    Declaration,
    EnterpriseFacts,
    HatRequest,
    Membership,
    Organisation,
    Person,
    RosterImport,
    Statement,
)
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db
numbers = itertools.count(1)
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    load_reference_data()


def organ(region: str = "653100", function: str = "industry_and_it", **fields: Any) -> Organisation:
    number = next(numbers)
    names = {"name_zh": f"样例机关{number}（样例）", "name_en": f"Sample office {number}"}
    return Organisation.objects.create(kind="organ", region_id=region, organ_function=function, **(names | fields))


def hat(office: Organisation, role: str = "officer", person: Person | None = None) -> Membership:
    person = person or Person.objects.create_user(f"somebody{next(numbers)}", PASSWORD, display_name="样例承办人")
    return Membership.objects.create(person=person, organisation=office, role=role, start=dt.date(2020, 1, 1))


def acting(membership: Membership) -> Actor:
    return Actor(membership.person, membership)


def enter(membership: Membership, language: str = "zh-hans") -> Client:
    client = visitor(language)
    client.force_login(membership.person, "django.contrib.auth.backends.ModelBackend")
    return client


def firm(region: str, people: int, corps: bool | None = None) -> Organisation:
    number = next(numbers)
    made = Organisation.objects.create(
        kind="enterprise", name_zh=f"样例{number}号（样例）", uscc=make_fictitious("1", "12", number), region_id=region
    )
    facts: dict[str, Any] = {"employees": people, "registration_region": region, "operating_region": region}
    if corps is not None:
        facts["is_bingtuan"] = corps
    EnterpriseFacts.objects.create(organisation=made).record(
        facts, Statement.objects.create(source="imported", made_on=dt.date(2026, 11, 1))
    )
    return made


def draft(membership: Membership, title: str = "稳岗补贴", rule: str = "employees >= 10", **fields: Any) -> Draft:
    ready = {
        "title_zh": title,
        "benefit_zh": "每人 500 元。",
        "how_to_claim_zh": "不用申请。",
        "articles": [14],
        "valid_from": timezone.localdate(),
        "eligible": rule,
        "amount": "500",
    }
    return Draft.objects.create(organ=membership.organisation, author=membership.person, **(ready | fields))


def published(membership: Membership, title: str = "稳岗补贴", rule: str = "employees >= 10") -> PublishedPolicy:
    region = membership.organisation.region
    assert region is not None
    within = "" if region.code == "650000" else f" and operating_region like '{region.prefix}%'"
    return publish(draft(membership, title, rule + within), acting(membership), timezone.localdate()).policy


def asks(office_of: Organisation) -> HatRequest:
    person = Person.objects.create_user(f"asks{next(numbers)}", PASSWORD, display_name="样例来人")
    return HatRequest.objects.create(person=person, organisation=office_of, role="agent")


def declared(by: Organisation, fact: str, value: Any, days_ago: int = 0) -> Declaration:
    actor = acting(hat(by, "owner"))
    made = declare(actor, fact, value, TODAY).declaration
    Declaration.objects.filter(pk=made.pk).update(declared_at=timezone.now() - dt.timedelta(days=days_ago))
    return made


# --- who ----------------------------------------------------------------------------------------------------------------


def test_the_desk_needs_an_account_and_a_hat_of_an_organ(owner: Person) -> None:
    assert visitor().get("/desk/").headers["Location"] == "/login/?next=/desk/"
    client = visitor()
    client.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/desk/").status_code == 403
    assert "工作台" not in visible(client.get("/policies/"))


@pytest.mark.parametrize(
    ("region", "function", "role", "blocks"),
    [
        ("653101", "industry_and_it", "officer", {"waiting", "drafts", "policies", "imports"}),
        ("653101", "industry_and_it", "clerk", set()),
        ("653100", "tax", "officer", {"waiting", "drafts", "policies", "imports"}),
        ("653100", "finance", "supervisor", {"waiting", "drafts", "policies", "imports"}),
        ("650000", "audit", "officer", {"drafts", "policies", "imports"}),
        ("650000", "audit", "auditor", set()),
        ("650000", "industry_and_it", "administrator", set()),
    ],
)
def test_each_block_is_there_for_those_only_who_may_act_on_it(
    region: str, function: str, role: str, blocks: set[str]
) -> None:
    html = enter(hat(organ(region, function), role)).get("/desk/").content.decode()
    shown = {each for each in ("waiting", "drafts", "policies", "imports") if f'<h2 id="{each}"' in html}
    assert shown == blocks
    assert ('id="reads"' in html) is (not blocks)
    assert '<h2 id="new"' in html


@pytest.mark.parametrize(
    ("function", "role", "certifies", "decides"),
    [
        ("industry_and_it", "officer", True, True),
        ("tax", "officer", True, False),
        ("tax", "clerk", False, False),
        ("finance", "officer", True, False),
        ("culture_tourism", "officer", False, False),
    ],
)
def test_only_the_sme_authority_is_told_of_requests_and_only_certifying_organs_of_facts(
    function: str, role: str, certifies: bool, decides: bool
) -> None:
    html = enter(hat(organ("653100", function), role)).get("/desk/").content.decode()
    main = html[html.index("<main") :]
    assert ('href="/desk/certify/"' in main) is certifies
    assert ('href="/register/requests/"' in main) is decides
    menu = html[: html.index("<main")]
    assert ('href="/register/requests/"' in menu) is decides


# --- where one begins ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["officer", "supervisor", "clerk", "auditor", "administrator"])
def test_whoever_acts_for_an_organ_begins_at_the_desk(role: str) -> None:
    person = hat(organ(), role).person
    client = visitor()
    answer = client.post("/login/", {"username": person.login_name, "password": PASSWORD})
    assert answer.headers["Location"] == "/desk/"
    assert client.get("/home/").headers["Location"] == "/desk/"
    assert "工作台" in visible(client.get("/policies/"))


def test_with_two_hats_one_lands_at_the_home_of_the_one_that_is_chosen(owner: Person) -> None:
    of_firm, of_office = owner.memberships.get(), hat(organ(), person=owner)
    client = visitor()
    answer = client.post("/login/", {"username": "owner", "password": PASSWORD})
    assert answer.headers["Location"] == "/hats/"
    for chosen, home in ((of_office, "/desk/"), (of_firm, "/home/"), (of_office, "/desk/")):
        assert client.post("/hats/", {"hat": chosen.pk}).headers["Location"] == home
        assert client.get(home).status_code == 200
    wished = visitor().post("/login/", {"username": "owner", "password": PASSWORD, "next": "/policies/"})
    assert wished.headers["Location"] == "/hats/?next=%2Fpolicies%2F"


# --- what waits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "function", "count"),
    [
        ("653101", "tax", 2),
        ("653100", "tax", 2),
        ("650000", "tax", 3),
        ("652900", "tax", 1),
        ("653121", "tax", 0),
        ("653100", "finance", 0),
    ],
)
def test_facts_wait_for_the_organ_that_certifies_them_in_its_place(region: str, function: str, count: int) -> None:
    here, there = firm("653101", 9), firm("652901", 9)
    declared(here, "monthly_sales", "9.4", days_ago=12)
    declared(here, "vat_type", "small_scale", days_ago=3)
    declared(there, "monthly_sales", "7")
    text = visible(enter(hat(organ(region, function))).get("/desk/"))
    assert f"等核定的资料： {count}" in text
    assert ("最早的一件等了 12 天" in text) is (count >= 2)
    assert ("本地企业填报由你们核定的资料时，会出现在这里" in text) is (count == 0)


@pytest.mark.parametrize(
    ("region", "corps", "count"),
    [("653101", False, 1), ("653100", False, 2), ("652900", False, 0), ("650000", False, 3), ("650000", True, 1)],
)
def test_requests_are_counted_on_the_desk_and_in_the_menu_for_those_who_decide(
    region: str, corps: bool, count: int
) -> None:
    for each in (firm("653101", 9), firm("653121", 9), firm("659001", 9, corps=True)):
        asks(each)
    page = enter(hat(organ(region, is_bingtuan=corps))).get("/desk/")
    assert f"谁申请代表企业： {count}" in visible(page)
    menu = re.search(
        r'<a href="/register/requests/">\s*谁申请代表企业\s*(?:<b class="num">(\d+)</b>)?', page.content.decode()
    )
    assert menu is not None
    assert (menu[1] or "0") == str(count)


def test_an_owner_finds_requests_in_her_menu_too(owner: Person, enterprise: Organisation) -> None:
    asks(enterprise)
    client = visitor("en")
    client.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    assert "Who asks to act for a firm 1" in visible(client.get("/policies/"))


# --- drafts -------------------------------------------------------------------------------------------------------------


def test_a_draft_shows_its_state_what_is_to_be_done_and_whom_it_reaches_in_the_offices_place() -> None:
    for region, people in (("653101", 12), ("653121", 40), ("653101", 3), ("650102", 90)):
        firm(region, people)
    officer = hat(organ("653100"))
    draft(officer, "写好的", "employees >= 10 and operating_region like '6531%'")
    draft(officer, "没写地点的")
    draft(officer, "没条件的", "", articles=[])
    draft(officer, "读不懂的", "employees >=")
    draft(officer, "放弃的", withdrawn_at=timezone.now())
    lines = {each["draft"].title_zh: each for each in enter(officer).get("/desk/").context["drafts"]}
    assert (lines["写好的"]["findings"], lines["写好的"]["reach"]) == (0, 2)
    assert (lines["没写地点的"]["findings"], lines["没写地点的"]["reach"]) == (1, 2)
    assert (lines["没条件的"]["findings"], lines["没条件的"]["reach"]) == (2, None)
    assert (lines["读不懂的"]["findings"], lines["读不懂的"]["reach"]) == (1, None)
    assert (lines["放弃的"]["state"], lines["放弃的"].get("reach")) == ("withdrawn", None)
    text = visible(enter(officer).get("/desk/"))
    for words in ("可以发布", "还有 1 处要补", "条件还没写好", "今天测算"):
        assert words in text


def test_a_published_draft_shows_the_reach_and_the_day_that_were_kept(language: str) -> None:
    firm("653101", 12)
    officer = hat(organ("653100"))
    published(officer)
    firm("653101", 50)
    (line,) = enter(officer).get("/desk/").context["drafts"]
    assert (line["reach"], line["reckoned"]) == (1, timezone.localdate())
    text = visible(enter(officer, language).get("/desk/"))
    assert ("发布时测算" if language == "zh-hans" else "when published") in text


def test_the_latest_five_drafts_are_shown() -> None:
    officer = hat(organ())
    made = [draft(officer, f"第{n}份") for n in range(7)]
    Draft.objects.filter(pk=made[0].pk).update(updated_at=timezone.now() + dt.timedelta(minutes=1))
    shown = [each["draft"].title_zh for each in enter(officer).get("/desk/").context["drafts"]]
    assert shown == ["第0份", "第6份", "第5份", "第4份", "第3份"]


@pytest.mark.parametrize(
    ("region", "function"), [("653101", "industry_and_it"), ("653100", "tax"), ("650000", "industry_and_it")]
)
def test_another_office_sees_none_of_its_drafts_policies_and_imports(region: str, function: str) -> None:
    officer = hat(organ("653100"))
    draft(officer, "机密草案")
    published(officer, "别人的政策")
    RosterImport.objects.create(
        by=officer.person, organisation=officer.organisation, file_name="别人的名册.xlsx", sha256="0" * 64,
        rows=1, new=1, updated=0, unchanged=0, warnings=0,
    )  # fmt: skip
    text = enter(hat(organ(region, function))).get("/desk/").content.decode()
    for words in ("机密草案", "别人的政策", "别人的名册"):
        assert words not in text
        assert words in enter(hat(officer.organisation)).get("/desk/").content.decode(), "a colleague sees it"


# --- published policies -------------------------------------------------------------------------------------------------


def test_a_policy_shows_its_version_its_day_and_how_many_qualify_now(language: str) -> None:
    firm("653101", 12)
    officer = hat(organ("653100"))
    published(officer)
    for region, people in (("653101", 50), ("653121", 10), ("653121", 9), ("650102", 99)):
        firm(region, people)
    client = enter(officer, language)
    (line,) = client.get("/desk/").context["policies"]
    assert (line["version"].version, line["reach"]) == (1, 3)
    page = visible(client.get("/desk/"))
    words = "本系统还没有申请" if language == "zh-hans" else "No applications yet in this system"
    assert words in page
    assert 'rowspan="1"' in client.get("/desk/").content.decode()


def test_only_the_latest_version_stands_on_the_desk() -> None:
    officer = hat(organ("650000"))
    first = published(officer, rule="employees >= 10")
    second = draft(officer, "稳岗补贴", "employees >= 3", policy_id=first.policy_id)
    publish(second, acting(officer), timezone.localdate())
    firm("653101", 5)
    (line,) = enter(officer).get("/desk/").context["policies"]
    assert (line["version"].version, line["reach"]) == (2, 1)


def test_a_new_policys_office_is_in_the_filter_of_the_library_at_once_and_in_english() -> None:
    client = visitor("en")
    client.get("/policies/")
    office = organ("653100", name_en="Kashgar Bureau of Industry, IT and Trade (sample)")
    published(hat(office))
    html = client.get("/policies/").content.decode()
    assert f'<option value="{office.name_zh}">Kashgar Bureau of Industry, IT and Trade (sample) (1)</option>' in html


def test_many_policies_have_pages_and_only_those_shown_are_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    from huiqi.opportunities.reach import Population

    officer = hat(organ("650000"))
    for n in range(11):
        published(officer, f"政策{n}号")
    Draft.objects.update(withdrawn_at=timezone.now())
    asked: list[int] = []
    reckon: Callable[..., list[int]] = Population.qualifying
    monkeypatch.setattr(
        Population, "qualifying", lambda self, rules: asked.append(len(found := list(rules))) or reckon(self, found)
    )
    client = enter(officer)
    first, second = client.get("/desk/"), client.get("/desk/?page=2")
    assert [len(each.context["policies"]) for each in (first, second)] == [10, 1]
    assert asked == [10, 1]
    assert 'href="?page=2#published"' in first.content.decode()
    assert client.get("/desk/?page=nonsense").status_code == 200


def test_an_organ_of_the_corps_counts_the_enterprises_of_the_corps() -> None:
    firm("659001", 12, corps=True)
    firm("659001", 12, corps=False)
    firm("650102", 12)
    officer = hat(organ("650000", is_bingtuan=True))
    published(officer)
    (line,) = enter(officer).get("/desk/").context["policies"]
    assert line["reach"] == 1


def test_nothing_is_reckoned_for_an_office_without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiqi.web.views.desk.snapshot", lambda: pytest.fail("the facts were read"))
    officer = hat(organ())
    draft(officer, rule="")
    assert enter(officer).get("/desk/").status_code == 200


# --- imports, notices, emptiness ------------------------------------------------------------------------------------------


def imported(membership: Membership) -> RosterImport:
    return RosterImport.objects.create(
        by=membership.person, organisation=membership.organisation, file_name="喀什名册.xlsx", sha256="0" * 64,
        rows=1120, new=20, updated=1000, unchanged=100, warnings=7,
    )  # fmt: skip


def test_the_last_imports_are_told(language: str) -> None:
    officer = hat(organ())
    imported(officer)
    text = visible(enter(officer, language).get("/desk/"))
    expected = {
        "zh-hans": "共 1,120 家：新增 20，更新 1,000，不变 100",
        "en": "1,120: 20 new, 1,000 updated, 100 unchanged",
    }
    assert expected[language] in text


def test_an_import_is_linked_only_where_a_page_shows_it(settings: Any) -> None:
    from django.urls import Resolver404, resolve

    officer = hat(organ())
    made = imported(officer)
    html = enter(officer).get("/desk/").content.decode()
    for address in ("/desk/rosters/", f"/desk/rosters/{made.pk}/"):
        try:
            resolve(address)
        except Resolver404:
            assert f'href="{address}"' not in html
        else:
            assert f'href="{address}"' in html


def test_unread_notices_stand_on_the_desk() -> None:
    officer = hat(organ())
    Notice.objects.create(
        person=officer.person, kind="membership", subject="1", data={"outcome": "approved", "firm": ["甲厂", "Jia"]}
    )
    assert "你可以代表甲厂了" in visible(enter(officer).get("/desk/"))
    assert "你可以代表甲厂了" not in visible(enter(hat(officer.organisation)).get("/desk/"))


def test_an_empty_desk_says_what_to_do(language: str) -> None:
    text = visible(enter(hat(organ()), language).get("/desk/"))
    expected = {
        "zh-hans": ("还没有草案", "复制一项政策", "还没有发布过", "本单位还没有导入过名册", "没有新的事"),
        "en": ("No drafts yet", "Copy a policy", "Nothing published here yet", "No roster imported", "Nothing new"),
    }
    for words in expected[language]:
        assert words in text


def test_the_desk_is_in_one_language() -> None:
    officer = hat(organ("653100"))
    Person.objects.update(display_name="Sample")
    firm("653101", 12)
    draft(officer, title_en="Subsidy")
    published(officer)
    Draft.objects.update(title_en="Subsidy")
    imported(officer)
    client = enter(officer, "en")
    assert not re.search(r"[\u4e00-\u9fff]", visible(client.get("/desk/")).replace("中文", ""))
    assert not re.search(r"(?:[A-Za-z]{3,}\s+){3,}", visible(enter(officer).get("/desk/")))
