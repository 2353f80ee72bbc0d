"""Who acts for a firm: its owner sees it, invites, delegates, changes and ends; nobody else does."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from web_pages import CODE, PASSWORD, visible, visitor

from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import Delegation, Invitation, Membership, Organisation, Person

pytestmark = pytest.mark.django_db

AGENCY = make_fictitious("1", "99", 3)
FAR = "2099-12-31"


def client_of(person: Person, language: str = "zh-hans") -> Client:
    client = visitor(language)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def somebody(name: str, organisation: Organisation | None = None, role: str = "owner") -> Person:
    person = Person.objects.create_user(name, PASSWORD, display_name=f"样例{name}")
    if organisation is not None:
        Membership.objects.create(person=person, organisation=organisation, role=role, start=dt.date(2020, 1, 1))
    return person


@pytest.fixture(autouse=True)
def demonstration(settings: Any) -> None:
    settings.HUIQI_DEMO = True


@pytest.fixture
def agency(enterprise: Organisation) -> Organisation:
    return Organisation.objects.create(
        kind="service_agency",
        name_zh="喀什启明财税（样例）",
        name_en="Qiming (sample)",
        uscc=AGENCY,
        region_id="653101",
    )


@pytest.fixture
def boss(owner: Person) -> Client:
    return client_of(owner)


def code_on(response: Any) -> str:
    found = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", response.content.decode())
    assert found, visible(response)
    return found[0]


def test_a_person_is_invited_and_comes_by_the_code(boss: Client, enterprise: Organisation) -> None:
    made = boss.post("/home/people/invite/", {"role": "agent", "for_whom": "王会计"})
    assert "只显示这一次" in visible(made)
    code = code_on(made)
    listed = visible(boss.get("/home/people/"))
    assert "王会计" in listed and code not in listed
    guest = client_of(somebody("wang"))
    joined = guest.post("/register/code/", {"code": f" {code.upper()} "}, follow=True)
    assert "你现在代表喀什珩砚" in visible(joined)
    assert guest.get("/facts/").status_code == 200
    assert "样例wang" in visible(boss.get("/home/people/"))
    assert "样例wang开始代表" in visible(boss.get("/inbox/"))
    refused = client_of(somebody("li")).post("/register/code/", {"code": code})
    assert refused.status_code == 422 and "没有这个码" in visible(refused)


def test_a_code_is_withdrawn_by_the_owner_alone(boss: Client, enterprise: Organisation) -> None:
    code = code_on(boss.post("/home/people/invite/", {"role": "agent", "for_whom": "王会计"}))
    pk = Invitation.objects.get().pk
    agent = client_of(somebody("agent", enterprise, "agent"))
    assert agent.post(f"/home/people/codes/{pk}/withdraw/").status_code == 404
    assert boss.get(f"/home/people/codes/{pk}/withdraw/").status_code == 405
    boss.post(f"/home/people/codes/{pk}/withdraw/")
    assert "没有这个码" in visible(client_of(somebody("wang")).post("/register/code/", {"code": code}))


def test_codes_are_not_tried_without_end(enterprise: Organisation) -> None:
    guest = client_of(somebody("wang"))
    for _ in range(10):
        assert guest.post("/register/code/", {"code": "aaaa-bbbb-cccc"}).status_code == 422
    assert guest.post("/register/code/", {"code": "aaaa-bbbb-cccc"}).status_code == 429


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "写明给谁的"),
        ({"for_whom": "王"}, "请选这个人做什么人"),
        ({"for_whom": "王", "role": "king"}, ""),
        ({"for_whom": "王", "role": "delegate", "end": FAR}, "请选代理人可以办什么"),
        ({"for_whom": "王", "role": "delegate", "scopes": "apply"}, "委托要有最后一天"),
        ({"for_whom": "王", "role": "delegate", "scopes": "apply", "end": "2020-01-01"}, "委托要有最后一天"),
        ({"for_whom": "王", "role": "delegate", "scopes": "apply", "start": "2020-01-01", "end": FAR}, "已经过去"),
        ({"for_whom": "王", "role": "delegate", "scopes": "apply", "end": "soon"}, "不是日期"),
        ({"for_whom": "王", "role": "delegate", "scopes": "everything", "end": FAR}, ""),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said(boss: Client, sent: dict[str, str], words: str) -> None:
    refused = boss.post("/home/people/invite/", sent)
    assert refused.status_code == 422 and words in visible(refused)
    assert not Invitation.objects.exists()


def test_an_agency_gets_a_delegation_and_its_people_act_under_it(
    boss: Client, agency: Organisation, enterprise: Organisation
) -> None:
    bookkeeper = client_of(somebody("qiming", agency, "agent"))
    done = boss.post("/home/people/agency/", {"code": AGENCY, "scopes": ["read_facts"], "end": FAR}, follow=True)
    assert "喀什启明财税（样例）现在可以代你办事了" in visible(done)
    made = Delegation.objects.get()
    page = visible(bookkeeper.get("/hats/"))
    assert "喀什珩砚餐饮" in page and "2099年12月31日" in page and "看企业资料" in page
    bookkeeper.post("/hats/", {"hat": made.key})
    facts = bookkeeper.get("/facts/")
    assert facts.status_code == 200 and "代理人" in visible(facts)
    assert bookkeeper.post("/facts/employees/", {"value": "12"}).status_code == 403
    assert bookkeeper.get("/home/people/").status_code == 403
    boss.post(f"/home/people/delegations/{made.pk}/", {"act": "change", "scopes": ["declare_facts"], "end": FAR})
    changed = Delegation.objects.get(follows=made)
    assert bookkeeper.get("/facts/").status_code == 403, "the former one is worn no more"
    bookkeeper.post("/hats/", {"hat": changed.key})
    assert bookkeeper.post("/facts/employees/", {"value": "12"}).status_code == 302
    boss.post(f"/home/people/delegations/{changed.pk}/", {"act": "end"})
    assert bookkeeper.get("/facts/").status_code == 403
    assert bookkeeper.post("/hats/", {"hat": changed.key}).status_code == 403
    page = visible(boss.get("/home/people/"))
    assert "已经结束的" in page and "没有外面的人代你办事" in page
    assert "以前是这样" in visible(boss.get(f"/home/people/delegations/{changed.pk}/"))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"code": CODE, "scopes": "apply", "end": FAR}, "没有这个代码的机构"),
        ({"code": make_fictitious("1", "98", 9), "scopes": "apply", "end": FAR}, "没有这个代码的机构"),
        ({"code": "12", "scopes": "apply", "end": FAR}, "2"),
        ({"code": AGENCY, "end": FAR}, "请选代理人可以办什么"),
        ({"code": AGENCY, "scopes": "apply"}, "委托要有最后一天"),
    ],
)
def test_what_is_wrong_with_a_delegation_is_said(
    boss: Client, agency: Organisation, sent: dict[str, str], words: str
) -> None:
    refused = boss.post("/home/people/agency/", sent)
    assert refused.status_code == 422 and words in visible(refused)
    assert not Delegation.objects.exists()


def test_an_agency_is_not_delegated_to_twice_at_a_time(boss: Client, agency: Organisation) -> None:
    sent = {"code": AGENCY, "scopes": "apply", "end": FAR}
    boss.post("/home/people/agency/", sent)
    refused = boss.post("/home/people/agency/", sent)
    assert refused.status_code == 422 and "改那一个" in visible(refused)


def test_an_agent_gives_a_delegation_up(boss: Client, owner: Person, enterprise: Organisation) -> None:
    code = code_on(
        boss.post("/home/people/invite/", {"role": "delegate", "for_whom": "王", "scopes": ["file_cases"], "end": FAR})
    )
    agent = client_of(somebody("wang"))
    agent.post("/register/code/", {"code": code})
    made = Delegation.objects.get()
    page = agent.get(f"/home/people/delegations/{made.pk}/")
    assert "现在起不再代理" in visible(page) and "改" not in visible(page).split("可以办")[1].split("委托人")[0]
    assert agent.get("/facts/").status_code == 403, "filing cases is all that she may"
    agent.post(f"/home/people/delegations/{made.pk}/", {"act": "end"})
    made.refresh_from_db()
    assert made.ended_at and "不再代理" in visible(boss.get("/inbox/"))


def test_the_owner_ends_a_role_with_a_reason_and_the_person_reads_it(boss: Client, enterprise: Organisation) -> None:
    leaving = somebody("agent", enterprise, "agent")
    agent = client_of(leaving)
    assert agent.get("/facts/").status_code == 200
    hat = leaving.memberships.get()
    refused = boss.post(f"/home/people/{hat.pk}/end/", {"reason": " "})
    assert refused.status_code == 422 and "还没写理由" in visible(refused)
    boss.post(f"/home/people/{hat.pk}/end/", {"reason": "离职"})
    assert agent.get("/facts/").status_code == 403
    assert "离职" in visible(agent.get("/inbox/"))
    assert boss.get(f"/home/people/{hat.pk}/end/").status_code == 404
    assert "离职" in visible(boss.get("/home/people/"))


def test_the_only_owner_stays(boss: Client, owner: Person) -> None:
    hat = owner.memberships.get()
    refused = boss.post(f"/home/people/{hat.pk}/end/", {"reason": "退休"})
    assert refused.status_code == 422 and "唯一的负责人" in visible(refused)
    assert owner.memberships.get().active_on(timezone.localdate())


OWNERS_ALONE = ("/home/people/invite/", "/home/people/agency/", "/home/people/{hat}/end/")


def test_an_agent_of_the_firm_looks_and_changes_nothing(owner: Person, enterprise: Organisation) -> None:
    agent = client_of(somebody("agent", enterprise, "agent"))
    page = visible(agent.get("/home/people/"))
    assert "样例负责人" in page and "邀请一个人" not in page.replace("用“邀请一个人”", "")
    for address in OWNERS_ALONE:
        path = address.format(hat=owner.memberships.get().pk)
        assert agent.get(path).status_code == 403, path
        assert agent.post(path, {"reason": "x"}).status_code == 403, path


def test_strangers_owners_of_other_firms_and_officers_see_nothing_of_it(
    boss: Client, owner: Person, agency: Organisation, enterprise: Organisation
) -> None:
    boss.post("/home/people/agency/", {"code": AGENCY, "scopes": "apply", "end": FAR})
    other = Organisation.objects.create(
        kind="enterprise", name_zh="老街粮油行（样例）", uscc=make_fictitious("2", "11", 8), region_id="653101"
    )
    organ = Organisation.objects.create(
        kind="organ", name_zh="样例局", region_id="653100", organ_function="industry_and_it"
    )
    made, hat = Delegation.objects.get(), owner.memberships.get()
    for person, opens in (
        (somebody("stranger"), 403),
        (somebody("other", other), 200),
        (somebody("officer", organ, "officer"), 403),
    ):
        client = client_of(person)
        assert client.get("/home/people/").status_code == opens
        assert client.get(f"/home/people/delegations/{made.pk}/").status_code == 404
        assert client.post(f"/home/people/delegations/{made.pk}/", {"act": "end"}).status_code == 404
        assert client.post(f"/home/people/{hat.pk}/end/", {"reason": "x"}).status_code in (403, 404)
    assert visitor().get("/home/people/").headers["Location"].startswith("/login/")
    made.refresh_from_db()
    assert made.ended_at is None


def test_the_sme_authority_hands_a_code_to_the_legal_representative(enterprise: Organisation) -> None:
    organ = Organisation.objects.create(
        kind="organ", name_zh="喀什地区工信局", region_id="653100", organ_function="industry_and_it"
    )
    officer = client_of(somebody("officer", organ, "officer"))
    assert "给负责人的码" in visible(officer.get("/register/requests/"))
    refused = officer.post("/register/requests/code/", {"code": AGENCY, "for_whom": "阿依古丽"})
    assert refused.status_code == 422 and "本辖区没有这个代码的企业" in visible(refused)
    made = officer.post("/register/requests/code/", {"code": CODE, "for_whom": "阿依古丽"})
    newcomer = client_of(somebody("aygul"))
    newcomer.post("/register/code/", {"code": code_on(made)})
    assert "邀请一个人" in visible(newcomer.get("/home/people/"))
    for role, function in (("clerk", "industry_and_it"), ("officer", "tax")):
        office = Organisation.objects.create(
            kind="organ", name_zh=f"样例{function}", region_id="653100", organ_function=function
        )
        client = client_of(somebody(f"{role}{function}".replace("_", ""), office, role))
        assert client.get("/register/requests/code/").status_code == 403


def test_the_pages_are_english_in_english(owner: Person, agency: Organisation) -> None:
    owner.display_name = "Sample owner"
    owner.save()
    english = client_of(owner, "en")
    english.post("/home/people/agency/", {"code": AGENCY, "scopes": ["declare_facts"], "end": FAR})
    made = Delegation.objects.get()
    for address in ("/home/people/", "/home/people/invite/", f"/home/people/delegations/{made.pk}/", "/register/code/"):
        text = visible(english.get(address))
        assert not re.search(r"[\u4e00-\u9fff]", text), text
