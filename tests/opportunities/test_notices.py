"""Notes of deadlines and of policies that begin to apply: to whom they concern, once, in both languages."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from huiqi.cli.notices import notices_command
from huiqi.documents.inbox import mark_all_read, mark_read, told
from huiqi.documents.models import Notice
from huiqi.opportunities.library import Library, load_library, policy_folder, read_policy
from huiqi.opportunities.models import Profile, PublishedPolicy
from huiqi.opportunities.notices import send
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Organisation, Person, Statement
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data
from huiqi.rules.words import Words

pytestmark = pytest.mark.django_db

numbers = itertools.count(1)
RULE = "employees <= 20"


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    load_reference_data()


def today() -> dt.date:
    return timezone.localdate()


def content(policy_id: str = "sample", **fields: Any) -> dict[str, Any]:
    return {
        "schema_version": 3, "id": policy_id, "title_zh": f"样例政策 {policy_id}", "title_en": f"Sample policy {policy_id}",
        "issuing_body_zh": "样例机关", "issuing_body_en": "Sample body", "document_number": None,
        "document_number_status": "unverified", "level": "national", "articles": [13], "valid_from": None,
        "valid_to": None, "supersedes": None, "benefit_type": "grant", "benefit_zh": "给钱", "benefit_en": "money",
        "benefit_amount": None, "benefit_per": None, "eligible": RULE, "conditions": [], "lane": "application",
        "how_to_claim_zh": ["申请"], "how_to_claim_en": ["Apply"], "exclusive_with": [], "exclusive_scope_zh": None,
        "exclusive_scope_en": None, "keywords": [], "source_zh": "样例", "source_en": "Sample",
        "confidence": "verified", "display": "show", "note_zh": None, "note_en": None,
    } | fields  # fmt: skip


def library_of(**fields: Any) -> Library:
    return Library([read_policy(content(**fields))])


def firm(**facts: Any) -> Organisation:
    number = next(numbers)
    organisation = Organisation.objects.create(
        kind="enterprise", name_zh=f"样例{number}号", uscc=make_fictitious("1", "12", number), region_id="653101"
    )
    row = EnterpriseFacts.objects.create(organisation=organisation)
    row.record(facts, Statement.objects.create(source="imported", made_on=dt.date(2026, 1, 1)))
    return organisation


def profile(saved_days_ago: int = 0, **answers: Any) -> Person:
    person = Person.objects.create_user(f"visitor{next(numbers)}", display_name="样例")
    Profile.objects.create(person=person, answers=answers)
    saved = timezone.now() - dt.timedelta(days=saved_days_ago)
    Profile.objects.filter(person=person).update(created_at=saved)
    return person


@pytest.mark.parametrize(("days", "told_of"), [(-1, 0), (0, 1), (15, 1), (16, 0)])
def test_a_deadline_is_told_from_fifteen_days_before_it_to_its_last_day(days: int, told_of: int) -> None:
    firm(employees=9)
    sent = send(today(), library_of(valid_to=(today() + dt.timedelta(days=days)).isoformat()))
    assert sent.deadlines == told_of


def test_only_those_who_may_have_the_policy_are_told_of_its_deadline() -> None:
    small, large, unknown = firm(employees=9), firm(employees=300), firm(registration_status="active")
    may, may_not = profile(employees=9), profile(employees=300)
    sent = send(today(), library_of(valid_to=today().isoformat()))
    assert (sent.deadlines, sent.deadlines_of_profiles) == (1, 1)
    assert [notice.organisation for notice in Notice.objects.exclude(organisation=None)] == [small]
    assert [notice.person for notice in Notice.objects.exclude(person=None)] == [may]
    del large, unknown, may_not


def test_a_thing_is_told_once_and_a_moved_deadline_is_another_thing() -> None:
    firm(employees=9)
    profile(employees=9)
    ending = library_of(valid_to=(today() + dt.timedelta(days=10)).isoformat())
    assert send(today(), ending).deadlines == 1
    again = send(today(), ending)
    assert (again.deadlines, again.deadlines_of_profiles) == (0, 0)
    assert send(today() + dt.timedelta(days=1), ending).deadlines == 0
    assert send(today(), library_of(valid_to=(today() + dt.timedelta(days=12)).isoformat())).deadlines == 1


def test_a_saved_profile_is_told_of_a_policy_that_began_after_it_was_saved() -> None:
    person = profile(30, employees=9)
    began = (today() - dt.timedelta(days=3)).isoformat()
    assert send(today(), library_of(valid_from=began)).beginnings_of_profiles == 1
    assert send(today(), library_of(valid_from=began)).beginnings_of_profiles == 0
    assert Notice.objects.get().person == person


@pytest.mark.parametrize("days", [-31, 2])
def test_neither_what_was_there_before_nor_what_is_still_to_come_begins_to_apply(days: int) -> None:
    profile(30, employees=9)
    start = (today() + dt.timedelta(days=days)).isoformat()
    assert send(today(), library_of(valid_from=start)).beginnings_of_profiles == 0
    assert send(today(), library_of(valid_from=None)).beginnings_of_profiles == 0


def test_a_new_version_that_is_published_is_told_to_saved_profiles_once() -> None:
    organ = Organisation.objects.create(
        kind="organ", name_zh="样例工信厅", region_id="650000", organ_function="industry_and_it"
    )
    by = Person.objects.create_user("officer", display_name="样例承办人")
    profile(30, employees=9)
    for version in (1, 2):
        PublishedPolicy.objects.create(policy_id="sample", version=version, content=content(), organ=organ, by=by)
        assert send(today(), library_of()).beginnings_of_profiles == 1
        assert send(today(), library_of()).beginnings_of_profiles == 0


def test_a_closed_account_is_told_nothing() -> None:
    person = profile(employees=9)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert send(today(), library_of(valid_to=today().isoformat())).deadlines_of_profiles == 0


def test_saved_answers_that_a_newer_dictionary_no_longer_takes_do_not_stop_the_others() -> None:
    profile(employees=9, gone_fact=1, vat_type="no-such-member")
    assert send(today(), library_of(valid_to=today().isoformat())).deadlines_of_profiles == 1


def test_on_a_day_without_a_deadline_the_whole_library_writes_nothing_to_firms() -> None:
    firm(employees=9)
    assert send(dt.date(2026, 3, 3), load_library(policy_folder())).deadlines >= 0
    assert send(dt.date(2026, 3, 3), load_library(policy_folder())).deadlines == 0


def test_the_command_says_what_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    import contextlib

    monkeypatch.setattr("huiqi.cli.project.database", contextlib.nullcontext)
    monkeypatch.setattr("huiqi.cli.project.prepare", lambda: None)
    for lang, words in (("zh", "到期提醒：企业 0 条"), ("en", "0 notes of deadlines")):
        result = CliRunner().invoke(notices_command, ["--on", "2026-03-03", "--lang", lang])
        assert result.exit_code == 0, result.output
        assert words in result.output
    assert CliRunner().invoke(notices_command, ["--on", "yesterday"]).exit_code == 2


# --- words ------------------------------------------------------------------------------------------------------------


def in_words(kind: str, subject: str, **data: Any) -> tuple[str, str, str, str]:
    notice = Notice(kind=kind, subject=subject, data=data)
    words = told(notice, lambda policy_id: Words("样例政策", "Sample policy"))
    return words.title.zh, words.title.en, words.text.zh, words.text.en


def test_notices_are_told_in_both_languages_when_they_are_read() -> None:
    assert in_words("deadline", "sample", valid_to="2026-12-31") == (
        "快到期了：样例政策",
        "It ends soon: Sample policy",
        "2026年12月31日截止。按你的资料，条件都满足。",
        "It closes on 31 December 2026. By what is on file, you meet every condition.",
    )
    organ = ["喀什地区税务局", "Kashgar tax office"]
    title_zh, title_en, zh, en = in_words("fact_certified", "monthly_sales", organ=organ, value="8.6000")
    assert zh == "喀什地区税务局核定为 8.6 万元。"
    assert en == "Kashgar tax office certified ¥86,000."
    assert title_zh.startswith("已核定")
    assert title_en.startswith("Certified")
    *_, zh, en = in_words("fact_refused", "employees", organ=organ, declared=9, reason="看不清")
    assert "理由：看不清" in zh
    assert "declare it again" in en


@pytest.mark.parametrize(
    ("kind", "subject", "data"),
    [
        ("begins_to_apply", "sample", {}),
        ("begins_to_apply", "sample", {"valid_from": "2026-11-24", "version": 2}),
        ("policy_changed", "sample", {}),
        ("fact_corrected", "employees", {"organ": ["甲", "A"], "declared": 9, "value": 8, "reason": "x"}),
        ("fact_certified", "gone_fact", {}),
        ("membership", "1", {"outcome": "asked", "firm": ["甲", "A"], "role": "agent", "who": "乙"}),
        ("membership", "1", {"outcome": "approved", "firm": ["甲", "A"], "role": "owner"}),
        ("membership", "1", {"outcome": "refused", "firm": ["甲", "A"], "role": "owner", "reason": "x"}),
    ],
)
def test_every_kind_of_notice_has_words(kind: str, subject: str, data: dict[str, Any]) -> None:
    assert all(part for part in in_words(kind, subject, **data)[:2])


def test_one_marks_only_ones_own_notices_as_read() -> None:
    mine, other = profile(employees=9), profile(employees=9)
    send(today(), library_of(valid_to=today().isoformat()))
    notice = Notice.objects.get(person=mine)
    assert mark_read(Actor(other), notice.pk) is None
    assert mark_read(Actor(), notice.pk) is None
    assert mark_read(Actor(mine), notice.pk) is not None
    assert mark_all_read(Actor(mine)) == 0
    assert mark_all_read(Actor(other)) == 1
