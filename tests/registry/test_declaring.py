"""An enterprise declares facts; the certifying organ of its place, and nobody else, decides on them."""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from registry_world import TODAY, certified

from huiqi.documents import decisions
from huiqi.documents.models import Notice
from huiqi.registry import hats
from huiqi.registry.declaring import (
    CHANGED,
    CLAIM,
    CONFIRMED,
    certify,
    correct,
    decidable,
    declare,
    refuse,
    with_evidence_for,
    withdraw,
)
from huiqi.registry.evidence import EvidenceProblem, read_evidence
from huiqi.registry.models import Declaration, EnterpriseFacts, HatRequest, Membership, Organisation, Person
from huiqi.registry.models.declarations import MOST_EVIDENCE
from huiqi.registry.permissions import Actor
from huiqi.rules.values import ValueProblem

pytestmark = pytest.mark.django_db

Make = Callable[..., Organisation]
Act = Callable[..., Actor]
PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture
def owner(facts: EnterpriseFacts, actor: Act) -> Actor:
    return actor(facts.organisation, "owner")


@pytest.fixture
def tax_officer(organ: Make, actor: Act) -> Actor:
    return actor(organ("653100", "tax", name_zh="喀什地区税务局"))


def now(facts: EnterpriseFacts) -> EnterpriseFacts:
    return EnterpriseFacts.objects.get(pk=facts.pk)


def test_a_declared_value_counts_at_once_as_declared(owner: Actor, facts: EnterpriseFacts) -> None:
    done = declare(owner, "monthly_sales", "8.6", TODAY, evidence_text="10 月申报表")
    row = now(facts)
    assert done.outcome == CHANGED
    assert done.declaration.state == "waiting"
    assert str(row.values()["monthly_sales"]) == "8.6000"
    source = row.source_of("monthly_sales")
    assert source is not None
    assert (source.source, source.by, source.evidence) == ("declared", owner.person, "10 月申报表")
    assert declare(owner, "monthly_sales", "8.6", TODAY).outcome == CONFIRMED


def test_a_second_declaration_takes_the_place_of_the_one_that_waits(owner: Actor) -> None:
    first = declare(owner, "monthly_sales", "8.6", TODAY).declaration
    second = declare(owner, "monthly_sales", "9", TODAY).declaration
    assert [each.state for each in Declaration.objects.order_by("pk")] == ["withdrawn", "waiting"]
    with pytest.raises(Declaration.DoesNotExist):
        withdraw(owner, first.pk)
    assert withdraw(owner, second.pk).state == "withdrawn"


def test_a_withdrawn_value_that_rested_on_it_alone_is_unknown_again(owner: Actor, facts: EnterpriseFacts) -> None:
    withdraw(owner, declare(owner, "monthly_sales", "8.6", TODAY).declaration.pk)
    assert "monthly_sales" not in now(facts).values()


def test_against_a_certificate_a_declaration_is_a_claim_and_withdrawing_it_leaves_the_certificate(
    owner: Actor, facts: EnterpriseFacts
) -> None:
    facts.record({"monthly_sales": "7"}, certified())
    done = declare(owner, "monthly_sales", "8.6", TODAY)
    assert done.outcome == CLAIM
    assert now(facts).values()["monthly_sales"] == 7
    assert now(facts).claims["monthly_sales"]["value"] == "8.6000"
    withdraw(owner, done.declaration.pk)
    assert now(facts).claims == {}
    assert now(facts).values()["monthly_sales"] == 7


def test_a_value_that_the_fact_cannot_have_leaves_nothing_behind(owner: Actor) -> None:
    with pytest.raises(ValueProblem):
        declare(owner, "monthly_sales", "a lot", TODAY)
    assert not Declaration.objects.exists()


@pytest.mark.parametrize("role", ["owner", "agent"])
def test_who_acts_for_the_firm_declares(facts: EnterpriseFacts, actor: Act, role: str) -> None:
    assert declare(actor(facts.organisation, role), "employees", 9, TODAY).declaration.state == "waiting"


@pytest.mark.parametrize("role", ["officer", "clerk", "auditor", "supervisor", "administrator"])
def test_nobody_else_declares(organ: Make, actor: Act, role: str) -> None:
    with pytest.raises(PermissionDenied):
        declare(actor(organ("653100", "tax"), role), "employees", 9, TODAY)


def test_a_computed_fact_is_not_declared(owner: Actor) -> None:
    with pytest.raises(PermissionDenied):
        declare(owner, "size_class", "micro", TODAY)


def test_the_organ_of_the_place_certifies_and_the_firm_is_told(
    owner: Actor, tax_officer: Actor, facts: EnterpriseFacts
) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY).declaration
    done = decisions.certify(tax_officer, declared.pk, TODAY, dt.date(2027, 12, 31))
    assert (done.state, done.decided_by, done.decided_for) == (
        "certified",
        tax_officer.person,
        tax_officer.organisation,
    )
    source = now(facts).source_of("monthly_sales")
    assert source is not None
    assert (source.source, source.certified_by, source.valid_until) == (
        "certified",
        tax_officer.organisation,
        dt.date(2027, 12, 31),
    )
    notice = Notice.objects.get()
    assert (notice.organisation, notice.kind, notice.subject) == (
        facts.organisation,
        "fact_certified",
        "monthly_sales",
    )


def test_a_correction_certifies_the_other_value_and_keeps_the_declared_one_as_a_claim(
    owner: Actor, tax_officer: Actor, facts: EnterpriseFacts
) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY).declaration
    done = correct(tax_officer, declared.pk, "9.1", "申报表是 9.1", TODAY)
    assert (done.state, done.certified_value, done.reason) == ("corrected", "9.1000", "申报表是 9.1")
    assert str(now(facts).values()["monthly_sales"]) == "9.1000"
    assert now(facts).claims["monthly_sales"]["value"] == "8.6000"


def test_a_refused_value_stays_as_declared_and_the_reason_is_given(
    owner: Actor, tax_officer: Actor, facts: EnterpriseFacts
) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY).declaration
    with pytest.raises(ValueError, match="reason"):
        refuse(tax_officer, declared.pk, "  ")
    assert refuse(tax_officer, declared.pk, "看不清").state == "refused"
    source = now(facts).source_of("monthly_sales")
    assert source is not None
    assert source.source == "declared"


def test_a_decision_is_made_once(owner: Actor, tax_officer: Actor) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY).declaration
    certify(tax_officer, declared.pk, TODAY)
    with pytest.raises(Declaration.DoesNotExist):
        refuse(tax_officer, declared.pk, "晚了")


def test_a_certificate_holds_at_least_on_its_day(owner: Actor, tax_officer: Actor) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY).declaration
    with pytest.raises(ValueError, match="holds"):
        certify(tax_officer, declared.pk, TODAY, TODAY - dt.timedelta(days=1))
    assert Declaration.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("region", "function", "role", "allowed"),
    [
        ("653101", "tax", "officer", True),
        ("653100", "tax", "officer", True),
        ("650000", "tax", "supervisor", True),
        ("652900", "tax", "officer", False),
        ("653121", "tax", "officer", False),
        ("653101", "human_resources", "officer", False),
        ("653101", "industry_and_it", "officer", False),
        ("653101", "tax", "clerk", False),
        ("653101", "tax", "auditor", False),
        ("653101", "tax", "administrator", False),
    ],
)
def test_only_officers_of_the_right_organ_and_place_decide_and_open_the_evidence(
    owner: Actor, organ: Make, actor: Act, region: str, function: str, role: str, allowed: bool
) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY, evidence=read_evidence("a.pdf", PDF)).declaration
    officer = actor(organ(region, function), role)
    assert decidable(officer).filter(pk=declared.pk).exists() is allowed
    assert with_evidence_for(officer).filter(pk=declared.pk).exists() is allowed
    if not allowed:
        with pytest.raises(Declaration.DoesNotExist):
            certify(officer, declared.pk, TODAY)


def test_another_firm_sees_neither_the_declaration_nor_its_evidence(owner: Actor, enterprise: Make, actor: Act) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY, evidence=read_evidence("a.pdf", PDF)).declaration
    stranger = actor(enterprise(), "owner")
    assert not Declaration.objects.visible_to(stranger).exists()
    assert not with_evidence_for(stranger).exists()
    with pytest.raises(Declaration.DoesNotExist):
        withdraw(stranger, declared.pk)
    assert with_evidence_for(owner).get() == declared


def test_an_officer_who_also_has_a_hat_of_the_firm_does_not_decide_on_it(
    owner: Actor, tax_officer: Actor, facts: EnterpriseFacts
) -> None:
    declared = declare(owner, "monthly_sales", "8.6", TODAY).declaration
    assert tax_officer.person is not None
    Membership.objects.create(
        person=tax_officer.person, organisation=facts.organisation, role="agent", start=dt.date(2020, 1, 1)
    )
    assert not decidable(tax_officer).exists()
    with pytest.raises(Declaration.DoesNotExist):
        certify(tax_officer, declared.pk, TODAY)


# --- evidence ---------------------------------------------------------------------------------------------------------


def jpeg(*segments: bytes) -> bytes:
    picture = b"\xff\xda\x00\x08\x01\x01\x00\x00?\x00" + b"\x12\x34"
    return b"\xff\xd8" + b"".join(segments) + picture + b"\xff\xd9"


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_a_photograph_loses_what_the_camera_wrote_beside_it() -> None:
    colours = segment(0xE0, b"JFIF\0")
    photo = jpeg(colours, segment(0xE1, b"Exif\0\0GPS 39.47N 75.99E"), segment(0xFE, b"taken by"))
    kept = read_evidence("IMG_1.JPG", photo + b"trailing secrets")
    assert kept.content == jpeg(colours)
    assert (kept.name, kept.type) == ("IMG_1.jpg", "image/jpeg")


def test_a_png_loses_its_texts() -> None:
    head, end = chunk(b"IHDR", b"x" * 13), chunk(b"IEND", b"")
    image = b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", b"Author\0me") + chunk(b"eXIf", b"GPS") + end
    assert read_evidence("a.png", image).content == b"\x89PNG\r\n\x1a\n" + head + end


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("invoice.pdf", b"MZ\x90\x00" + b"\0" * 100, "no PDF"),
        ("page.pdf", b"<html><script>alert(1)</script>", "no PDF"),
        ("empty.pdf", b"", "empty"),
        ("big.pdf", b"%PDF-1.7" + b"\0" * MOST_EVIDENCE, "5 MB"),
        ("cut.jpg", b"\xff\xd8\xff\xe1\xff\xff", "broken"),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0", "broken"),
        ("half.jpg", jpeg()[:-2], "broken"),
    ],
)
def test_what_is_no_evidence_is_refused_with_words(name: str, content: bytes, words: str) -> None:
    with pytest.raises(EvidenceProblem) as problem:
        read_evidence(name, content)
    assert words in problem.value.what.en
    assert problem.value.remedy.zh


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\Users\\me\\a.exe", "a.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("…\r\nX: y.pdf", "…X y.pdf"),
        ("", "evidence.pdf"),
        ("发票.pdf", "发票.pdf"),
    ],
)
def test_the_name_of_a_file_is_a_plain_name_with_the_ending_of_what_it_is(name: str, kept: str) -> None:
    assert read_evidence(name, PDF).name == kept


# --- hats -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(facts: EnterpriseFacts, person: Callable[..., Person]) -> HatRequest:
    assert facts.organisation.uscc
    found = decisions.ask_for_hat(person(), facts.organisation.uscc, "agent", TODAY)
    assert found is not None
    return found


def test_until_it_is_approved_a_request_gives_no_sight_of_the_firm(asked: HatRequest) -> None:
    assert not EnterpriseFacts.objects.visible_to(Actor(asked.person)).exists()
    assert not asked.person.memberships.exists()
    assert Notice.objects.get().data["outcome"] == "asked"


def test_the_owner_approves_and_the_hat_begins_today(asked: HatRequest, owner: Actor) -> None:
    decisions.approve_hat(owner, asked.pk, TODAY)
    hat = asked.person.memberships.get()
    assert (hat.role, hat.start, hat.organisation) == ("agent", TODAY, asked.organisation)
    assert EnterpriseFacts.objects.visible_to(Actor(asked.person, hat, TODAY)).exists()
    assert Notice.objects.get(person=asked.person).data["outcome"] == "approved"
    with pytest.raises(hats.AlreadyHeld):
        hats.ask(asked.person, str(asked.organisation.uscc), "owner", TODAY)


@pytest.mark.parametrize(
    ("region", "function", "role", "allowed"),
    [
        ("653101", "industry_and_it", "officer", True),
        ("653100", "industry_and_it", "supervisor", True),
        ("652900", "industry_and_it", "officer", False),
        ("653101", "tax", "officer", False),
        ("653101", "industry_and_it", "clerk", False),
        ("653101", "industry_and_it", "auditor", False),
    ],
)
def test_of_organs_the_sme_authority_of_the_place_decides(
    asked: HatRequest, organ: Make, actor: Act, region: str, function: str, role: str, allowed: bool
) -> None:
    officer = actor(organ(region, function), role)
    if allowed:
        assert hats.refuse(officer, asked.pk, "没有授权书").state == "refused"
    else:
        with pytest.raises((PermissionDenied, HatRequest.DoesNotExist)):
            hats.refuse(officer, asked.pk, "没有授权书")
    assert not Membership.objects.filter(person=asked.person).exists()


@pytest.mark.parametrize("of_the_corps", [True, False, None])
def test_an_organ_of_the_corps_decides_for_firms_of_the_corps_only(
    asked: HatRequest, facts: EnterpriseFacts, organ: Make, actor: Act, of_the_corps: bool | None
) -> None:
    EnterpriseFacts.objects.filter(pk=facts.pk).update(is_bingtuan=of_the_corps)
    officer = actor(organ("650000", is_bingtuan=True))
    assert HatRequest.objects.decidable_by(officer).exists() is (of_the_corps is True)


def test_an_agent_another_firms_owner_and_the_person_herself_do_not_decide(
    asked: HatRequest, enterprise: Make, actor: Act
) -> None:
    for somebody in (actor(asked.organisation, "agent"), actor(enterprise(), "owner"), Actor(asked.person)):
        with pytest.raises((PermissionDenied, HatRequest.DoesNotExist)):
            hats.approve(somebody, asked.pk, TODAY)


def test_asking_twice_is_one_request_and_an_unknown_code_is_none(asked: HatRequest) -> None:
    assert hats.ask(asked.person, str(asked.organisation.uscc), "owner", TODAY) == asked
    assert hats.ask(asked.person, "91650100MA77777777", "owner", TODAY) is None
