"""The certifying organ's desk: what waits, from whom, and each decision."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from web_pages import PASSWORD, visible, visitor

from huiqi.documents.models import Notice
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.declaring import declare
from huiqi.registry.evidence import read_evidence
from huiqi.registry.models import Declaration, EnterpriseFacts, Membership, Organisation, Person
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 24)


def officer(region: str = "653100", function: str = "tax", role: str = "officer", language: str = "zh-hans") -> Client:
    organ = Organisation.objects.create(
        kind="organ", name_zh=f"样例{region}局", region_id=region, organ_function=function
    )
    person = Person.objects.create_user(f"{function}{region}{role}", PASSWORD, display_name="样例承办人")
    Membership.objects.create(person=person, organisation=organ, role=role, start=dt.date(2026, 1, 1))
    client = visitor(language)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def declared(owner: Person) -> Declaration:
    actor = Actor(owner, owner.memberships.get())
    evidence = read_evidence("申报表.pdf", b"%PDF-1.7\n%%EOF")
    return declare(actor, "monthly_sales", "9.4", TODAY, evidence_text="10 月", evidence=evidence).declaration


def test_the_desk_needs_an_account_and_the_right_role(declared: Declaration, owner: Person) -> None:
    path = f"/desk/certify/{declared.pk}/"
    assert visitor().get(path).headers["Location"] == f"/login/?next={path}"
    client = visitor()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    clerk = officer(role="clerk")
    for page in ("/desk/certify/", path, f"{path}correct/"):
        assert client.get(page).status_code == 403
        assert clerk.get(page).status_code == 403


@pytest.mark.parametrize(
    ("region", "function", "seen"),
    [
        ("653100", "tax", True),
        ("653101", "tax", True),
        ("652900", "tax", False),
        ("653121", "tax", False),
        ("653100", "human_resources", False),
    ],
)
def test_an_officer_sees_and_opens_what_her_organ_certifies_in_her_place(
    declared: Declaration, region: str, function: str, seen: bool
) -> None:
    client = officer(region, function)
    assert ("9.4 万元" in visible(client.get("/desk/certify/"))) is seen
    for path in (
        f"/desk/certify/{declared.pk}/",
        f"/desk/certify/{declared.pk}/correct/",
        f"/facts/evidence/{declared.pk}/",
    ):
        assert client.get(path).status_code == (200 if seen else 404)
    if not seen:
        assert client.post(f"/desk/certify/{declared.pk}/", {"act": "certify"}).status_code == 404
        assert Declaration.objects.get().state == "waiting"


def test_an_empty_desk_says_so(db: None, enterprise: Organisation) -> None:
    assert "没有等你们核定的" in visible(officer().get("/desk/certify/"))


def test_the_list_is_filtered_and_searched(declared: Declaration, owner: Person) -> None:
    declare(Actor(owner, owner.memberships.get()), "vat_type", "small_scale", TODAY)
    client = officer()
    assert "2 项在等" in visible(client.get("/desk/certify/"))
    assert "9.4 万元" not in visible(client.get("/desk/certify/?fact=vat_type"))
    assert "9.4 万元" in visible(client.get("/desk/certify/?county=653101&q=珩砚"))
    assert "没有符合筛选的" in visible(client.get("/desk/certify/?q=不存在"))
    assert "2 项在等" in visible(client.get("/desk/certify/?fact=employees&county=652901&page=x"))


def test_a_sign_that_no_name_can_have_breaks_nothing(declared: Declaration) -> None:
    assert officer().get("/desk/certify/", {"q": "\0"}).status_code == 200


def test_long_lists_have_pages(owner: Person, enterprise: Organisation) -> None:
    for n in range(31):
        firm = Organisation.objects.create(
            kind="enterprise", name_zh=f"样例{n}", uscc=make_fictitious("1", "13", n), region_id="653101"
        )
        EnterpriseFacts.objects.create(organisation=firm)
        hat = Membership.objects.create(person=owner, organisation=firm, role="agent", start=dt.date(2026, 1, 1))
        declare(Actor(owner, hat), "monthly_sales", n, TODAY)
    client = officer()
    assert "31 项在等" in visible(client.get("/desk/certify/"))
    assert "30 万元" in visible(client.get("/desk/certify/?page=2"))


def test_a_page_shows_the_firms_public_data_and_none_of_its_secrets(declared: Declaration) -> None:
    text = visible(officer().get(f"/desk/certify/{declared.pk}/"))
    assert "9.4 万元" in text
    assert "10 月" in text
    assert "喀什珩砚餐饮有限公司" in text
    assert "103.2" not in text, "the turnover is not asked about here"


def test_certified_with_an_end_the_firm_is_told_in_words(declared: Declaration, owner: Person) -> None:
    response = officer().post(
        f"/desk/certify/{declared.pk}/", {"act": "certify", "valid_until": "2099-12-31"}, follow=True
    )
    assert "核定了，已告诉企业" in visible(response)
    client = visitor()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    text = visible(client.get("/inbox/"))
    assert "样例653100局核定为 9.4 万元" in text
    assert "2099年12月31日" in text
    assert "样例653100局核定" in visible(client.get("/facts/monthly_sales/"))


def test_corrected_with_a_reason(declared: Declaration) -> None:
    client = officer()
    path = f"/desk/certify/{declared.pk}/correct/"
    response = client.post(path, {"value": "9.1"})
    assert response.status_code == 422
    assert "还没写理由" in visible(response)
    client.post(path, {"value": "9.1", "reason": "申报表是 9.1"})
    row = EnterpriseFacts.objects.get(organisation=declared.organisation)
    assert str(row.monthly_sales) == "9.1000"
    assert Notice.objects.get().kind == "fact_corrected"


def test_refused_with_a_reason_and_the_firm_reads_it(declared: Declaration, owner: Person) -> None:
    client = officer()
    path = f"/desk/certify/{declared.pk}/"
    assert "还没写理由" in visible(client.post(path, {"act": "refuse", "reason": " "}))
    client.post(path, {"act": "refuse", "reason": "看不清，请重传"})
    mine = visitor()
    mine.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    page = visible(mine.get("/facts/monthly_sales/"))
    assert "没有核定" in page
    assert "看不清，请重传" in page
    assert "9.4 万元" in page, "the declared value stays"
    assert client.post(path, {"act": "certify"}).status_code == 404, "it is decided"


@pytest.mark.parametrize("day", ["yesterday", "2020-01-01"])
def test_a_day_that_is_none_or_has_passed_is_refused(declared: Declaration, day: str) -> None:
    response = officer().post(f"/desk/certify/{declared.pk}/", {"act": "certify", "valid_until": day})
    assert response.status_code == 422
    assert Declaration.objects.get().state == "waiting"


def test_the_desk_in_english(declared: Declaration) -> None:
    client = officer(language="en")
    assert "Facts to certify" in visible(client.get("/desk/certify/"))
    assert "Certify as declared" in visible(client.get(f"/desk/certify/{declared.pk}/"))
    assert "Certify this value" in visible(client.get(f"/desk/certify/{declared.pk}/correct/"))
