"""From a draft to a policy that everybody sees, and the note to those whom it newly reaches."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from huiqi.documents.models import Notice
from huiqi.opportunities.drafting import issued_by, new_draft
from huiqi.opportunities.library import library, load_library, policy_folder
from huiqi.opportunities.models import Draft, PublishedPolicy
from huiqi.opportunities.publishing import (
    NotPublished,
    population,
    problems,
    publish,
    reason_key,
    slug,
    withdraw,
    within,
)
from huiqi.opportunities.review import review
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, Statement
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data
from huiqi.registry.snapshot import snapshot
from huiqi.rules import parse_rule

pytestmark = pytest.mark.django_db

numbers = itertools.count(1)


def today() -> dt.date:
    return timezone.localdate()


def officer(region: str = "650000", function: str = "industry_and_it", organ: Organisation | None = None) -> Actor:
    organ = organ or Organisation.objects.create(
        kind="organ", name_zh=f"{region} {function}", region_id=region, organ_function=function
    )
    person = Person.objects.create_user(f"officer{next(numbers)}", display_name="样例承办人")
    hat = Membership.objects.create(person=person, organisation=organ, role="officer", start=dt.date(2020, 1, 1))
    return Actor(person, hat)


def firm(employees: int | None, region: str = "653101") -> Organisation:
    number = next(numbers)
    organisation = Organisation.objects.create(
        kind="enterprise",
        name_zh=f"样例{number}号（样例）",
        uscc=make_fictitious("1", "11", number),
        region_id=region,
    )
    values: dict[str, Any] = {"registration_region": region, "operating_region": region}
    if employees is not None:
        values["employees"] = employees
    row = EnterpriseFacts.objects.create(organisation=organisation)
    row.record(values, Statement.objects.create(source="imported", made_on=dt.date(2026, 11, 1)))
    return organisation


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    load_reference_data()


@pytest.fixture
def region() -> Actor:
    return officer()


@pytest.fixture
def draft(region: Actor) -> Callable[..., Draft]:
    def make(by: Actor = region, **fields: Any) -> Draft:
        draft = new_draft(by)
        values = {
            "title_zh": "稳岗补贴",
            "title_en": "Subsidy for keeping staff",
            "benefit_zh": "每人 500 元。",
            "benefit_en": "¥500 a person.",
            "how_to_claim_zh": "不用申请。",
            "how_to_claim_en": "No application.",
            "eligible": "employees >= 10",
            "amount": "employees * 500",
            "articles": [14],
            "valid_from": today(),
        } | fields
        for name, value in values.items():
            setattr(draft, name, value)
        draft.save()
        return draft

    return make


def fields_of(found: list[Any]) -> set[str]:
    return {problem.field for problem in found}


def test_an_empty_draft_says_all_that_is_missing_in_both_languages(region: Actor) -> None:
    found = problems(new_draft(region), today())
    assert fields_of(found) >= {
        "title_zh", "benefit_zh", "eligible", "how_to_claim_zh", "articles", "valid_from",
    }  # fmt: skip
    assert all(problem.what.zh and problem.what.en for problem in found)


def test_a_whole_draft_has_nothing_in_the_way(draft: Callable[..., Draft]) -> None:
    assert problems(draft(), today()) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("eligible", "employees >=", "cannot be read"),
        ("eligible", "true", "same of every enterprise"),
        ("eligible", "graduate_or_youth_hires >= 1", "amounts only"),
        ("amount", "employees *", "amount cannot be read"),
        ("valid_to", dt.date(2020, 1, 1), "last day"),
        ("articles", [99], "article of the Measures"),
        ("policy_id", "sme-fund", "policy of this id"),
    ],
)
def test_a_fault_is_named_before_publication(draft: Callable[..., Draft], field: str, value: Any, words: str) -> None:
    fields = {field: value} | ({"valid_from": dt.date(2019, 1, 1)} if field == "valid_to" else {})
    found = problems(draft(**fields), today())
    assert any(words in problem.what.en for problem in found), found


def test_a_condition_that_the_law_forbids_blocks_whatever_reason_is_given(
    draft: Callable[..., Draft], region: Actor
) -> None:
    bad = draft(eligible="employees >= 10 and uscc = '91650100MA00000000'")
    for concern in review(parse_rule(bad.eligible), bad.benefit_type):
        bad.reasons[reason_key(concern)] = "必须"
    bad.save()
    with pytest.raises(NotPublished, match="named firms"):
        publish(bad, region, today())
    assert not PublishedPolicy.objects.exists()


def test_a_condition_that_needs_review_needs_a_recorded_reason(draft: Callable[..., Draft], region: Actor) -> None:
    young = draft(eligible="employees >= 10 and age_years >= 2")
    with pytest.raises(NotPublished, match="record a reason"):
        publish(young, region, today())
    concern = review(parse_rule(young.eligible), young.benefit_type)[0]
    young.reasons = {reason_key(concern): "国家规定的依据"}
    young.save()
    assert publish(young, region, today()).policy.version == 1


def test_what_is_published_is_in_the_library_at_once(draft: Callable[..., Draft], region: Actor) -> None:
    policy_id = publish(draft(), region, today()).policy.policy_id
    assert policy_id == "wen-gang-bu-tie"
    policy = library().get(policy_id)
    assert policy is not None
    assert (policy.shown, policy.phase(today()), policy.title.en) == (True, "open", "Subsidy for keeping staff")
    assert len(library()) == len(load_library(policy_folder())) + 1


def test_a_new_policy_is_an_overlap_at_once_and_the_enterprises_are_not_read_again(
    draft: Callable[..., Draft], region: Actor
) -> None:
    firm(12)
    before = population(region, snapshot(), today())
    assert before.policies is not None
    policy_id = publish(draft(), region, today()).policy.policy_id
    after = population(region, snapshot(), today())
    assert after.table is before.table
    overlaps = after.reach(parse_rule("employees >= 12")).overlaps
    assert policy_id in {each.policy_id for each in overlaps}
    assert policy_id not in {each.policy_id for each in before.reach(parse_rule("employees >= 12")).overlaps}


def test_the_figures_of_its_reach_stay_with_the_version(draft: Callable[..., Draft], region: Actor) -> None:
    firm(12), firm(5), firm(None)
    reached = publish(draft(), region, today()).policy.reached
    assert (reached["eligible"], reached["not_eligible"], reached["unknown"]) == (1, 1, 1)
    assert reached["cost"] == "6000"
    assert reached["by_place"] == {"653100": 1}


def test_the_newly_entitled_are_told_and_nobody_else(draft: Callable[..., Draft], region: Actor) -> None:
    large, small, unknown = firm(12), firm(5), firm(None)
    done = publish(draft(), region, today())
    assert done.told == 1
    notice = Notice.objects.get()
    assert (notice.organisation, notice.kind, notice.subject) == (large, "begins_to_apply", done.policy.policy_id)
    assert not Notice.objects.filter(organisation__in=[small, unknown]).exists()


def test_a_new_version_tells_only_those_whom_the_former_did_not_reach(
    draft: Callable[..., Draft], region: Actor
) -> None:
    large, small = firm(12), firm(5)
    first = publish(draft(), region, today()).policy
    policy = library().get(first.policy_id)
    assert policy is not None
    second = new_draft(region, policy)
    assert (second.policy_id, second.version) == (first.policy_id, 2)
    second.eligible = "employees >= 3"
    second.save()
    done = publish(second, region, today())
    assert (done.policy.version, done.told) == (2, 1)
    assert set(Notice.objects.filter(organisation=small).values_list("occasion", flat=True)) == {"v2"}
    assert Notice.objects.filter(organisation=large).count() == 1


def test_the_former_version_stays_in_the_history_and_no_longer_applies(
    draft: Callable[..., Draft], region: Actor
) -> None:
    first = publish(draft(), region, today()).policy
    current = library().get(first.policy_id)
    assert current is not None
    second = new_draft(region, current)
    second.eligible = "employees >= 3"
    second.save()
    publish(second, region, today())
    now = library().get(first.policy_id)
    assert now is not None
    assert now.eligible == "employees >= 3"
    (old,) = library().history(first.policy_id)
    assert (old.id, old.eligible, old.phase(today())) == (f"{first.policy_id}-v1", "employees >= 10", "expired")


def test_a_version_that_begins_later_leaves_the_former_in_force_until_then(
    draft: Callable[..., Draft], region: Actor
) -> None:
    first = publish(draft(valid_from=today() - dt.timedelta(days=5)), region, today()).policy
    current = library().get(first.policy_id)
    assert current is not None
    second = new_draft(region, current)
    second.valid_from = today() + dt.timedelta(days=10)
    second.save()
    publish(second, region, today())
    (old,) = library().history(first.policy_id)
    assert old.phase(today()) == "open"
    assert old.valid_to == today() + dt.timedelta(days=9)


def test_a_draft_is_published_once(draft: Callable[..., Draft], region: Actor) -> None:
    one = draft()
    publish(one, region, today())
    with pytest.raises(NotPublished, match="new version"):
        publish(one, region, today())


def test_a_draft_that_was_given_up_is_not_published(draft: Callable[..., Draft], region: Actor) -> None:
    one = draft()
    withdraw(one, region)
    with pytest.raises(NotPublished, match="withdrawn"):
        publish(one, region, today())


def test_two_policies_of_one_name_have_two_ids(draft: Callable[..., Draft], region: Actor) -> None:
    ids = [publish(draft(), region, today()).policy.policy_id for _ in range(2)]
    assert ids == ["wen-gang-bu-tie", "wen-gang-bu-tie-2"]


def test_only_the_organ_that_drafts_publishes(draft: Callable[..., Draft]) -> None:
    one = draft()
    for other in (officer("653100"), officer("650000", "finance")):
        with pytest.raises(NotPublished, match="only the office"):
            publish(one, other, today())
        assert not Draft.objects.visible_to(other).exists()


def test_another_organ_cannot_take_over_a_policy(draft: Callable[..., Draft], region: Actor) -> None:
    policy_id = publish(draft(), region, today()).policy.policy_id
    other = officer("650000", "finance")
    assert "policy_id" in fields_of(problems(draft(other, policy_id=policy_id), today()))
    copied = new_draft(other, library().get(policy_id))
    assert (copied.policy_id, copied.replaces) == ("", "")


def test_a_prefecture_promises_for_its_own_place_only(draft: Callable[..., Draft]) -> None:
    kashgar = officer("653100")
    everywhere = problems(draft(kashgar), today())
    assert any("for Kashgar" in problem.what.en for problem in everywhere), everywhere
    at_home = draft(kashgar, eligible="employees >= 10 and operating_region like '6531%'")
    assert problems(at_home, today()) == []
    assert kashgar.organisation is not None
    assert not within(kashgar.organisation, parse_rule("not operating_region like '6501%'"))
    assert not within(kashgar.organisation, parse_rule("operating_region like '6531%' or employees > 3"))


def test_a_policy_of_the_library_is_replaced_by_its_own_issuer_only(region: Actor) -> None:
    policy = load_library(policy_folder()).get("sme-fund")
    assert policy is not None
    assert region.organisation is not None
    assert not issued_by(policy, region.organisation)
    assert new_draft(region, policy).replaces == ""
    region.organisation.name_zh = policy.issuing_body.zh.split()[0] + "（样例）"
    region.organisation.save()
    assert new_draft(region, policy).replaces == "sme-fund"


def test_a_library_policy_that_is_replaced_ends(draft: Callable[..., Draft], region: Actor) -> None:
    publish(draft(replaces="sme-fund"), region, today())
    old = library().get("sme-fund")
    assert old is not None
    assert old.phase(today()) == "expired"
    successor = library().successor("sme-fund")
    assert successor is not None
    assert successor.id == "wen-gang-bu-tie"


def test_ids_are_the_title_in_pinyin() -> None:
    assert slug("2027年 SME 稳岗补贴") == "2027-nian-sme-wen-gang-bu-tie"
    assert slug("——") == "policy"
    assert len(slug("补贴" * 100)) <= 60


def test_a_published_version_is_for_ever(draft: Callable[..., Draft], region: Actor) -> None:
    version = publish(draft(), region, today()).policy
    with pytest.raises(Exception, match=r"refused|never"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM opportunities_publishedpolicy WHERE id = %s", [version.pk])
