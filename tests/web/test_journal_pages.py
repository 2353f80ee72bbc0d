"""The journal's pages: each reads what concerns her, an auditor reads all, nobody else's is there."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.apps import apps
from django.test import Client
from web_pages import visible, visitor

from huiqi import journal
from huiqi.journal import checker, sealing
from huiqi.journal.models import Event
from huiqi.registry import declaring
from huiqi.registry.models import Industry, Membership, Organisation, Person, Region, Statement
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data
from huiqi.web import stored

pytestmark = pytest.mark.django_db


def member(organisation: Organisation, role: str, name: str) -> Client:
    person = Person.objects.create_user(name, "a-long-enough-password", display_name=f"人{name}")
    Membership.objects.create(person=person, organisation=organisation, role=role, start=dt.date(2024, 1, 1))
    client = visitor()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def organ(region: str, function: str = "industry_and_it") -> Organisation:
    return Organisation.objects.create(
        kind="organ", name_zh=f"{region}工信局", organ_function=function, region_id=region
    )


def enterprise(code: str, region: str = "653101") -> Organisation:
    return Organisation.objects.create(kind="enterprise", name_zh=f"企业{code[-3:]}", uscc=code, region_id=region)


@pytest.fixture
def told(db: None) -> dict[str, int]:
    """Two firms in two prefectures, an event about each by an officer of its place."""
    load_reference_data()
    events = {}
    for name, code, region in (("kashgar", "916500000000000000", "653101"), ("aksu", "916500000000000011", "652901")):
        firm, office = enterprise(code, region), organ(region)
        who = journal.Who(person=10_000, organisation=office.pk, role="officer")
        with journal.act(
            who, "declaration.refused", subject=firm.pk, region=region, articles=(6,), reason="证据不足"
        ) as act:
            firm.name_en = name
            firm.save()
        events[name] = act.event
    sealing.seal()
    return events


def firm_of(name: str) -> Organisation:
    return Organisation.objects.get(kind="enterprise", name_en=name)


def test_an_owner_reads_what_concerns_her_firm_and_nothing_of_another(told: dict[str, int]) -> None:
    owner = member(firm_of("kashgar"), "owner", "a")
    page = visible(owner.get("/journal/"))
    assert "不予认定" in page
    assert owner.get(f"/journal/{told['kashgar']}/").status_code == 200
    assert "证据不足" in visible(owner.get(f"/journal/{told['kashgar']}/"))
    for path in (f"/journal/{told['aksu']}/", f"/journal/{told['aksu']}/proof.json", "/journal/999999999/"):
        assert owner.get(path).status_code == 404


def test_an_auditor_reads_the_events_of_her_area_with_names_and_one_of_the_region_reads_all(
    told: dict[str, int],
) -> None:
    local = member(organ("653101", "audit"), "auditor", "b")
    assert local.get(f"/journal/{told['kashgar']}/").status_code == 200
    assert local.get(f"/journal/{told['aksu']}/").status_code == 404
    regional = member(organ("650000", "audit"), "auditor", "c")
    assert {regional.get(f"/journal/{number}/").status_code for number in told.values()} == {200}


def test_what_a_firm_declares_is_read_by_the_auditor_of_its_place_in_words_and_not_in_codes(
    told: dict[str, int],
) -> None:
    firm = firm_of("kashgar")
    owner = Person.objects.create_user("o", "a-long-enough-password", display_name="人")
    hat = Membership.objects.create(person=owner, organisation=firm, role="owner", start=dt.date(2024, 1, 1))
    declaring.declare(Actor.wearing(owner, hat), "vat_type", "small_scale", dt.date(2026, 11, 24))
    number = Event.objects.filter(verb="declaration.made").latest("id").pk
    local, other = (member(organ(region, "audit"), "auditor", region) for region in ("653101", "652901"))
    page = local.get(f"/journal/{number}/").content.decode()
    assert other.get(f"/journal/{number}/").status_code == 404
    values = re.findall(r"<bdi>([^<]*)</bdi>", page)
    source = Statement.objects.latest("id").pk
    assert {"小规模纳税人", "等待认定", f"增值税纳税人类型：来源 {source}", f"{firm.name_zh}（{firm.pk}）"} <= set(
        values
    )
    assert not [value for value in values if "small_scale" in value or "waiting" in value or "{" in value]


def test_every_closed_list_of_our_tables_is_told_in_words() -> None:
    """A column with choices that is added later must not stand as a code on the page."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("huiqi.")]
    lists = [
        (model._meta.label_lower, field.attname, code)
        for model in ours
        for field in model._meta.concrete_fields
        if field.choices and model not in (Region, Industry)
        for code, _ in field.flatchoices
    ]
    assert len(lists) > 50
    assert [each for each in lists if stored.said(each[0], {each[1]: each[2]}, each[1]) is None] == []


def test_the_public_and_a_bank_read_nothing(told: dict[str, int]) -> None:
    assert visitor().get("/journal/").status_code == 302
    bank = Organisation.objects.create(kind="bank", name_zh="银行", uscc="91650100MA00000000")
    client = member(bank, "officer", "d")
    assert client.get(f"/journal/{told['kashgar']}/").status_code == 404
    # but what she did herself: she has just signed in
    page = client.get("/journal/")
    numbers = set(re.findall(r'href="/journal/(\d+)/"', page.content.decode()))
    assert numbers.isdisjoint({str(number) for number in told.values()})
    assert {Event.objects.get(pk=number).person for number in numbers} <= {Person.objects.get(login_name="d").pk}


def test_nobody_writes_to_the_journal_over_its_pages(told: dict[str, int]) -> None:
    auditor = member(organ("650000", "audit"), "auditor", "c")
    for path in ("/journal/", f"/journal/{told['kashgar']}/", "/journal/blocks/"):
        assert auditor.post(path).status_code == 405


def test_the_list_is_narrowed_by_verb_article_and_day_and_nonsense_narrows_nothing(told: dict[str, int]) -> None:
    auditor = member(organ("650000", "audit"), "auditor", "c")
    number = str(told["kashgar"])
    today = dt.date.today().isoformat()
    for query, there in (
        ("verb=declaration.refused&article=6", True),
        ("verb=declaration.made", False),
        ("article=52", False),
        (f"begin={today}&verb=declaration.refused", True),
        ("end=2020-01-01", False),
        ("verb=nonsense&article=x&begin=y&page=z", True),
    ):
        html = auditor.get(f"/journal/?{query}").content.decode()
        assert (f"/journal/{number}/" in html) is there, query


def test_the_proof_of_an_owner_keeps_back_who_it_was_and_checks_all_the_same(told: dict[str, int]) -> None:
    owner = member(firm_of("kashgar"), "owner", "a")
    proof = json.loads(owner.get(f"/journal/{told['kashgar']}/proof.json").content)
    assert "who" not in proof["event"]["parts"]
    assert proof["event"]["parts"]["why"]["reason"] == "证据不足"
    head = checker.check_proof(proof)[-1]
    assert head in visitor().get("/journal/blocks/").content.decode()


def test_what_is_not_sealed_has_no_proof_yet(told: dict[str, int]) -> None:
    auditor = member(organ("650000", "audit"), "auditor", "c")
    number = journal.note(journal.Who(person=1), "notice.read")
    assert auditor.get(f"/journal/{number}/proof.json").status_code == 404
    assert "正在封存" in visible(auditor.get(f"/journal/{number}/"))


def test_the_checking_program_is_there_for_everybody() -> None:
    answer = visitor().get("/journal/checker.py")
    compile(answer.content.decode(), "checker.py", "exec")
    assert answer["Content-Disposition"].startswith("attachment")


def test_what_an_owner_does_stands_in_her_journal_at_once(told: dict[str, int]) -> None:
    owner = member(firm_of("kashgar"), "owner", "a")
    before = Event.objects.count()
    owner.post("/facts/employees/", {"value": "12", "evidence_text": "工资表"})
    assert Event.objects.count() == before + 1
    assert "申报事实" in visible(owner.get("/journal/"))
