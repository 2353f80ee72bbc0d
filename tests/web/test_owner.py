"""The owner's home page, her facts, her inbox, and what each verdict rests on."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from web_pages import PASSWORD, visible, visitor

from huiqi.documents.models import Notice
from huiqi.opportunities.models import Profile
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import Declaration, EnterpriseFacts, Membership, Organisation, Person, Statement
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF"
NO_TAX = "vat-small-scale-exempt"


def signed_in(person: Person, language: str = "zh-hans") -> Client:
    client = visitor(language)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(owner: Person) -> Client:
    return signed_in(owner)


@pytest.fixture
def stranger(db: None) -> Client:
    """The owner of another firm."""
    load_reference_data()
    firm = Organisation.objects.create(
        kind="enterprise", name_zh="阿克苏织造（样例）", uscc=make_fictitious("1", "12", 9), region_id="652901"
    )
    EnterpriseFacts.objects.create(organisation=firm)
    person = Person.objects.create_user("stranger", PASSWORD, display_name="样例")
    Membership.objects.create(person=person, organisation=firm, role="owner", start=dt.date(2026, 1, 1))
    return signed_in(person)


def certify(firm: Organisation, **facts: Any) -> None:
    statement = Statement.objects.create(
        source="certified", made_on=timezone.localdate(), certifier_name="喀什地区税务局"
    )
    EnterpriseFacts.objects.get(organisation=firm).record(facts, statement)


@pytest.mark.parametrize(
    "path", ["/home/", "/inbox/", "/facts/", "/facts/employees/", "/facts/evidence/1/", "/register/firm/"]
)
def test_an_owners_pages_need_an_account(db: None, path: str) -> None:
    assert visitor().get(path).headers["Location"] == f"/login/?next={path}"


def test_the_home_page_shows_what_is_new_due_known_and_declared(client: Client, enterprise: Organisation) -> None:
    Notice.objects.create(organisation=enterprise, kind="begins_to_apply", subject=NO_TAX, data={"version": 1})
    text = visible(client.get("/home/"))
    assert enterprise.name_zh in text
    assert "有 1 件新事" in text
    assert "新政策适合你" in text
    assert "快到期的" in text
    assert "最管用的一项" in text
    assert "还没报过" in text


def test_an_empty_home_page_says_what_to_do(stranger: Client) -> None:
    text = visible(stranger.get("/home/"))
    assert "没有新的事" in text
    assert "还没有你的资料" in text


def test_a_person_without_a_firm_has_a_home_page_of_her_saved_answers(db: None) -> None:
    person = Person.objects.create_user("visitor", PASSWORD, display_name="样例访客")
    Profile.objects.create(person=person, answers={"employees": 9, "vat_type": "small_scale", "monthly_sales": "8.6"})
    client = signed_in(person)
    text = visible(client.get("/home/"))
    assert "样例访客" in text
    assert "你代表企业吗" in text
    assert "8.6" in visible(client.get("/finder/answers/")), "the saved answers are used in the finder"
    client.post("/finder/question/employees/", {"value": "12"})
    assert "这次的回答和存下来的不一样" in visible(client.get("/home/"))
    client.post("/home/answers/")
    assert Profile.objects.get().answers["employees"] == 12
    client.post("/finder/forget/")
    assert Profile.objects.get().answers == {}, "deleting all answers deletes the saved ones too"


def test_an_officer_is_sent_to_her_own_desk(db: None, enterprise: Organisation) -> None:
    organ = Organisation.objects.create(kind="organ", name_zh="税务局", region_id="653100", organ_function="tax")
    person = Person.objects.create_user("officer", PASSWORD, display_name="样例")
    Membership.objects.create(person=person, organisation=organ, role="officer", start=dt.date(2026, 1, 1))
    client = signed_in(person)
    assert client.get("/home/").headers["Location"] == "/desk/"
    for path in ("/facts/", "/facts/employees/"):
        assert client.get(path).status_code == 403


# --- facts ------------------------------------------------------------------------------------------------------------


def test_all_facts_stand_by_group_with_their_source(client: Client, enterprise: Organisation) -> None:
    certify(enterprise, vat_type="small_scale")
    page = client.get("/facts/")
    text = visible(page)
    assert "103.2 万元" in text
    assert "喀什地区税务局核定" in text
    assert "名册" in text
    assert "还不知道" in text
    assert 'id="g-employment"' in page.content.decode()


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("q=月销售额", "8.6 万元", "103.2 万元"),
        ("show=known", "103.2 万元", "填报"),
        ("show=unknown", "还不知道", "103.2 万元"),
        ("q=xyzzy", "没有合适的资料", "103.2 万元"),
    ],
)
def test_facts_are_searched_and_filtered(client: Client, query: str, inside: str, outside: str) -> None:
    text = visible(client.get(f"/facts/?{query}"))
    assert inside in text
    assert outside not in text.partition("有出入")[2]


def test_a_fact_is_declared_with_text_and_file(client: Client, enterprise: Organisation) -> None:
    file = SimpleUploadedFile("申报表.exe", PDF, "text/html")
    response = client.post("/facts/monthly_sales/", {"value": "9.4", "note": "10 月申报表", "file": file}, follow=True)
    assert "马上算数" in visible(response)
    declared = Declaration.objects.get()
    assert (declared.evidence_name, declared.evidence_type) == ("申报表.pdf", "application/pdf")
    assert "等部门核定" in visible(response)
    assert "9.4 万元" in visible(client.get("/home/"))
    got = client.get(f"/facts/evidence/{declared.pk}/")
    assert got.content == PDF
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", ("不是 PDF", "超过 5 MB", "空的")), ("en", ("no PDF", "larger than 5 MB", "is empty"))],
)
def test_a_bad_file_is_refused_with_words_and_nothing_is_declared(
    owner: Person, language: str, words: tuple[str, str, str]
) -> None:
    client = signed_in(owner, language)
    contents = (b"MZ\x90\x00" + b"\0" * 64, b"%PDF-1.7" + b"\0" * (6 * 1024 * 1024), b"")
    for content, said in zip(contents, words, strict=True):
        file = SimpleUploadedFile("invoice.pdf", content, "application/pdf")
        response = client.post("/facts/monthly_sales/", {"value": "9.4", "note": "a note", "file": file})
        assert response.status_code == 422
        assert said in visible(response)
        assert 'value="9.4"' in response.content.decode(), "the entry stays"
    assert not Declaration.objects.exists()


@pytest.mark.parametrize(("value", "said"), [("", "还没填"), ("a lot", "a lot"), ("-1", "-1")])
def test_a_bad_value_is_refused_with_words(client: Client, value: str, said: str) -> None:
    response = client.post("/facts/employees/", {"value": value})
    assert response.status_code == 422
    assert said in visible(response)
    assert not Declaration.objects.exists()


def test_a_waiting_declaration_is_withdrawn(client: Client) -> None:
    client.post("/facts/ui_paid_months/", {"value": "14"})
    response = client.post(f"/facts/withdraw/{Declaration.objects.get().pk}/", follow=True)
    assert "撤回了" in visible(response)
    assert "已撤回" in visible(response)
    assert Declaration.objects.get().state == "withdrawn"
    assert "算不知道" in visible(response)


def test_the_value_of_the_roster_is_named_when_a_declaration_goes(client: Client) -> None:
    client.post("/facts/employees/", {"value": "12"})
    response = client.post(f"/facts/withdraw/{Declaration.objects.get().pk}/", follow=True)
    assert "资料里现在是 9 人" in visible(response)
    assert "名册" in visible(response)


def test_a_conflict_with_a_certificate_is_shown(client: Client, enterprise: Organisation) -> None:
    certify(enterprise, monthly_sales="7")
    response = client.post("/facts/monthly_sales/", {"value": "9.4"}, follow=True)
    assert "存在核定的数旁边" in visible(response)
    assert "有出入" in visible(response)
    assert "9.4 万元" in visible(client.get("/facts/?show=conflict"))


def test_another_firm_gets_neither_the_evidence_nor_the_declaration(client: Client, stranger: Client) -> None:
    client.post("/facts/ui_paid_months/", {"value": "14", "file": SimpleUploadedFile("a.pdf", PDF)})
    declared = Declaration.objects.get()
    assert stranger.get(f"/facts/evidence/{declared.pk}/").status_code == 404
    assert stranger.post(f"/facts/withdraw/{declared.pk}/").status_code == 404
    assert "14" not in visible(stranger.get("/facts/ui_paid_months/"))
    assert Declaration.objects.get().state == "waiting"


@pytest.mark.parametrize("name", ["size_class", "uscc", "no_such_fact", "is_sme"])
def test_what_a_firm_does_not_state_has_no_page(client: Client, name: str) -> None:
    assert client.get(f"/facts/{name}/").status_code == 404


def test_the_same_person_sees_each_firm_in_its_own_hat_only(owner: Person, enterprise: Organisation) -> None:
    other = Organisation.objects.create(
        kind="enterprise", name_zh="老街粮油行（样例）", uscc=make_fictitious("2", "11", 8), region_id="653101"
    )
    EnterpriseFacts.objects.create(organisation=other)
    hat = Membership.objects.create(person=owner, organisation=other, role="owner", start=dt.date(2026, 1, 1))
    client = signed_in(owner)
    assert client.get("/facts/").status_code == 403, "no hat is chosen yet"
    first = owner.memberships.exclude(pk=hat.pk).get()
    assert client.post("/hats/", {"hat": first.pk}).headers["Location"] == "/home/"
    client.post("/facts/ui_paid_months/", {"value": "14", "file": SimpleUploadedFile("a.pdf", PDF)})
    declared = Declaration.objects.get()
    assert "103.2" in visible(client.get("/facts/"))
    client.post("/hats/", {"hat": hat.pk})
    assert "103.2" not in visible(client.get("/facts/"))
    assert client.get(f"/facts/evidence/{declared.pk}/").status_code == 404


# --- verdicts ---------------------------------------------------------------------------------------------------------


def test_a_signed_in_owner_gets_verdicts_on_her_file_and_each_reading_says_its_source(
    client: Client, enterprise: Organisation
) -> None:
    client.post("/facts/vat_type/", {"value": "small_scale"})
    results = visible(client.get("/finder/results/"))
    assert "按你填的数估算" in results
    why = visible(client.get(f"/finder/why/{NO_TAX}/"))
    assert "你填的" in why
    certify(enterprise, vat_type="small_scale", monthly_sales="8.6", registration_status="active")
    why = visible(client.get(f"/finder/why/{NO_TAX}/"))
    assert "已核定" in why
    assert "按你填的数估算" not in why
    assert "已核定" in visible(client.get(f"/policies/{NO_TAX}/"))


def test_a_fact_gained_changes_the_verdict_at_once(client: Client) -> None:
    assert "vbig v v-ask" in client.get(f"/policies/{NO_TAX}/").content.decode()
    client.post("/facts/vat_type/", {"value": "small_scale"})
    assert "vbig v v-yes" in client.get(f"/policies/{NO_TAX}/").content.decode()


def test_a_trial_is_never_called_certified(client: Client, enterprise: Organisation) -> None:
    certify(enterprise, vat_type="small_scale", monthly_sales="8.6", registration_status="active")
    assert "按你填的数估算" in visible(client.get(f"/finder/why/{NO_TAX}/?try_monthly_sales=7"))


def test_nothing_of_the_file_reaches_a_visitor_who_is_not_signed_in(enterprise: Organisation, guest: Client) -> None:
    certify(enterprise, vat_type="small_scale", monthly_sales="8.6")
    assert "8.6" not in visible(guest.get(f"/finder/why/{NO_TAX}/"))


def test_answers_from_before_signing_in_are_named_and_give_way_to_the_file(
    owner: Person, enterprise: Organisation
) -> None:
    client = visitor()
    client.post("/", {"by": "three", "place": "650102"})
    assert "没有用你企业的资料" not in visible(client.get("/finder/results/"))
    client.login(username="owner", password=PASSWORD)
    page = client.get("/finder/results/")
    assert "没有用你企业的资料" in visible(page)
    assert "天山区" in visible(page)
    response = client.post("/", {"by": "own", "next": "/finder/results/"})
    assert response.headers["Location"] == "/finder/results/"
    page = client.get("/finder/results/")
    assert "没有用你企业的资料" not in visible(page)
    assert "喀什市" in visible(page)
    response = client.post("/", {"by": "own", "next": "//elsewhere.example/"})
    assert response.headers["Location"] == "/finder/question/"


# --- inbox ------------------------------------------------------------------------------------------------------------


def notices(firm: Organisation, number: int) -> None:
    for n in range(number):
        Notice.objects.create(organisation=firm, kind="deadline", subject=NO_TAX, occasion=f"2026-12-{n + 1:02}")


def test_the_inbox_counts_filters_and_marks(client: Client, enterprise: Organisation) -> None:
    notices(enterprise, 23)
    page = client.get("/inbox/")
    assert "23 条未读" in visible(page)
    assert visible(page).count("快到期了") == 20 * 3, "title, and the names of two buttons"
    assert client.get("/inbox/?page=2").status_code == 200
    first = Notice.objects.first()
    assert first is not None
    response = client.post(f"/inbox/{first.pk}/", {"open": "1"})
    assert response.headers["Location"] == f"/policies/{NO_TAX}/"
    assert "22 条未读" in visible(client.get("/inbox/?show=unread"))
    client.post("/inbox/read/")
    assert "都看过了" in visible(client.get("/inbox/?show=unread"))
    assert "条未读" not in visible(client.get("/inbox/"))


def test_one_opens_and_marks_ones_own_notices_only(client: Client, stranger: Client, enterprise: Organisation) -> None:
    notices(enterprise, 1)
    notice = Notice.objects.get()
    assert stranger.post(f"/inbox/{notice.pk}/").status_code == 404
    stranger.post("/inbox/read/")
    notice.refresh_from_db()
    assert notice.read_at is None
    assert "这里还没有东西" in visible(stranger.get("/inbox/"))


@pytest.mark.parametrize(
    "path",
    ["/home/", "/inbox/", "/facts/", "/facts/vat_type/", "/facts/titles/", "/register/firm/", "/register/requests/"],
)
def test_the_pages_are_in_one_language(owner: Person, enterprise: Organisation, path: str) -> None:
    notices(enterprise, 1)
    Person.objects.filter(pk=owner.pk).update(display_name="Sample")
    text = visible(signed_in(owner, "en").get(path))
    assert not re.search(r"[\u4e00-\u9fff]", text), re.findall(r".{20}[\u4e00-\u9fff]+.{20}", text)[:3]
