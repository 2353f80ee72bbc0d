"""One enterprise against the whole library: sensible lists, a total that counts nothing twice, few and good questions."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest

from huiqi.opportunities.assess import assess, completed
from huiqi.opportunities.finder import MOST_QUESTIONS, STANDINGS, Results, assess_all, next_question, questions, yearly
from huiqi.rules import dictionary

from .made_up import DAY, FILES, library_of, raw_policy, some_enterprise, some_value, typed

NOODLE_SHOP = typed(
    legal_form="individual_business", registration_region="653101", registration_status="active", industry_code="6210", employees=3, revenue=100,
    vat_type="small_scale", monthly_sales="8.6", taxable_income=12, serious_dishonesty=False, abnormal_listed=False, ownership_type="private",
    titles=[], established_date="2024-05-01",
)  # fmt: skip
TEXTILE_MAKER = typed(
    legal_form="company", registration_region="652901", registration_status="active", industry_code="1711", employees=60, revenue=3000, total_assets=2000,
    vat_type="general", collection_method="audit", taxable_income=120, avg_employees_tax=60, avg_assets_tax=2000, restricted_industry=False,
    serious_dishonesty=False, abnormal_listed=False, ownership_type="private", titles=[], graduate_hires=0, youth_hires=0, insured_staff=55, layoff_rate=0,
)  # fmt: skip
SOFTWARE_FIRM = typed(
    legal_form="company", registration_region="650102", registration_status="active", industry_code="6513", employees=20, revenue=800, total_assets=500,
    vat_type="general", collection_method="audit", taxable_income=50, avg_employees_tax=20, avg_assets_tax=500, restricted_industry=False,
    serious_dishonesty=False, abnormal_listed=False, ownership_type="private", rd_expense=160, rd_expense_prev=100, titles=["tech_sme"],
    tech_sme_valid_to="2026-12-31",
)  # fmt: skip
ENTERPRISES = {
    "noodle shop in Kashgar": NOODLE_SHOP,
    "textile maker in Aksu": TEXTILE_MAKER,
    "software firm in Urumqi": SOFTWARE_FIRM,
    "unknown": {},
}


def results(facts: dict[str, Any], of: Any = FILES, on: dt.date = DAY) -> Results:
    return assess_all(facts, on, of)


def ids(found: Results, standing: str) -> list[str]:
    return [a.policy.id for a in found.groups[standing]]


# -- lists -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("facts", "standing", "expected"),
    [
        (
            NOODLE_SHOP,
            "yes",
            {
                "vat-small-scale-exempt",
                "iit-individual-business-half",
                "six-taxes-two-fees-half",
                "edu-surcharge-exempt",
                "disabled-fund",
            },
        ),
        (
            NOODLE_SHOP,
            "no",
            {"cit-small-low-profit", "cit-hte-15", "cit-kashgar-khorgos-5", "accelerated-depreciation"},
        ),
        (NOODLE_SHOP, "closed", {"vat-small-scale-exempt-2023", "ui-rate-1pct", "late-interest-2020"}),
        (TEXTILE_MAKER, "yes", {"cit-small-low-profit", "six-taxes-two-fees-half", "disabled-fund"}),
        (TEXTILE_MAKER, "near", {"expansion-grant-2026", "cit-hte-15", "graduate-si-subsidy"}),
        (TEXTILE_MAKER, "no", {"vat-small-scale-exempt", "iit-individual-business-half", "vat-self-produced-agri"}),
        (SOFTWARE_FIRM, "yes", {"cit-small-low-profit", "rd-super-100", "loss-carry-10y"}),
        (SOFTWARE_FIRM, "near", {"cit-hte-15"}),
        (SOFTWARE_FIRM, "no", {"vat-small-scale-1pct", "iit-individual-business-half", "cit-agri-exempt"}),
    ],
)
def test_three_enterprises_get_sensible_lists(facts, standing, expected):
    assert expected <= set(ids(results(facts), standing))


def test_what_the_lists_say_in_yuan():
    shop = {a.policy.id: a.amount for a in results(NOODLE_SHOP).groups["yes"]}
    assert shop["vat-small-scale-exempt"] == Decimal("10217.82")
    software = {a.policy.id: a.amount for a in results(SOFTWARE_FIRM).groups["yes"]}
    assert software["cit-small-low-profit"] == 100_000, "25 % less 5 % of ¥500,000"


@pytest.mark.parametrize("facts", ENTERPRISES.values(), ids=ENTERPRISES)
@pytest.mark.parametrize("on", [DAY, dt.date(2022, 6, 1), dt.date(2031, 1, 1)])
def test_every_shown_policy_stands_in_exactly_one_list(facts, on):
    found = results(facts, on=on)
    assert list(found.groups) == list(STANDINGS)
    listed = [policy_id for standing in STANDINGS for policy_id in ids(found, standing)]
    assert sorted(listed) == sorted(policy.id for policy in FILES.shown())
    for standing in STANDINGS:
        for a in found.groups[standing]:
            assert a.standing == standing and a.on == on
            assert a.verdict == {"yes": "eligible", "offer": "eligible", "ask": "unknown"}.get(standing, "not_eligible")
            assert standing not in ("yes", "offer") or a.policy.is_offer == (standing == "offer")
            assert (a.policy.phase(on) != "open") == (standing == "closed")
            assert bool(a.ask) <= (standing == "ask")
            assert standing not in ("near",) or len(a.changes[0].changes) == 1
            assert standing not in ("yes", "offer", "ask", "closed") or a.changes == ()


def test_a_deadline_within_thirty_days_comes_first_then_the_larger_amount_and_programmes_are_offers():
    of = library_of(
        raw_policy("programme", benefit_type="programme"), raw_policy("plain"), raw_policy("small", benefit_amount="10", benefit_per="year"),
        raw_policy("large", benefit_amount="20", benefit_per="year"), raw_policy("soon", valid_to="2026-12-24"), raw_policy("later", valid_to="2026-12-25"),
    )  # fmt: skip
    found = results(typed(is_bingtuan=True), of)
    assert ids(found, "yes") == ["soon", "large", "small", "later", "plain"]
    assert ids(found, "offer") == ["programme"]


def test_what_is_over_keeps_its_conditions_and_says_so_first():
    a = assess(FILES.policies["vat-small-scale-exempt-2023"], NOODLE_SHOP, DAY)
    assert (a.verdict, a.standing, a.rule_verdict) == ("not_eligible", "closed", True)
    assert a.leaves[0].verdict is False and a.leaves[0].decides and "2025年12月31日" in a.leaves[0].text.zh
    assert not any(leaf.decides for leaf in a.leaves[1:])
    assert a.amount is None


@pytest.mark.parametrize(
    ("day", "standing"),
    [("2025-12-31", "closed"), ("2026-01-01", "yes"), ("2027-12-31", "yes"), ("2028-01-01", "closed")],
)
def test_the_law_of_the_day_answers(day, standing):
    assert (
        assess(FILES.policies["vat-small-scale-exempt"], NOODLE_SHOP, dt.date.fromisoformat(day)).standing == standing
    )


# -- the total ---------------------------------------------------------------------------------------------------------
def test_of_policies_that_exclude_each_other_only_the_best_set_is_counted():
    of = library_of(
        raw_policy("a", benefit_amount="100", benefit_per="year", exclusive_with=["b", "c"]),
        raw_policy("b", benefit_amount="70", benefit_per="year", exclusive_with=["a"]),
        raw_policy("c", benefit_amount="5", benefit_per="month", exclusive_with=["a"]),
        raw_policy("d", benefit_amount="1", benefit_per="year"),
    )
    found = results(typed(is_bingtuan=True), of)
    assert found.total == 70 + 60 + 1
    assert {a.policy.id for a in found.counted} == {"b", "c", "d"}
    assert [a.policy.id for a in found.uncounted] == ["a"]


def test_one_of_them_alone_is_counted_in_full():
    of = library_of(
        raw_policy(
            "a",
            eligible="is_bingtuan and disaster_affected",
            benefit_amount="100",
            benefit_per="year",
            exclusive_with=["b"],
        ),
        raw_policy("b", benefit_amount="70", benefit_per="year", exclusive_with=["a"]),
    )
    assert results(typed(is_bingtuan=True, disaster_affected=False), of).total == 70
    assert results(typed(is_bingtuan=True, disaster_affected=True), of).total == 100
    assert results(typed(is_bingtuan=False, disaster_affected=True), of).total == 0


def test_what_is_paid_once_by_contract_to_workers_or_not_known_is_not_in_the_total():
    of = library_of(
        raw_policy("once", benefit_amount="100", benefit_per="once"), raw_policy("contract", benefit_amount="100", benefit_per="contract"),
        raw_policy("worker", benefit_amount="100", benefit_per="year", benefit_type="subsidy_to_worker"),
        raw_policy("unknown", benefit_amount="revenue", benefit_per="year"), raw_policy("none"), raw_policy("zero", benefit_amount="0", benefit_per="year"),
    )  # fmt: skip
    found = results(typed(is_bingtuan=True), of)
    assert (found.total, found.counted, len(found.uncounted)) == (0, [], 6)
    assert [yearly(a) for a in found.uncounted if a.policy.id in ("once", "unknown", "worker")] == [None] * 3


@pytest.mark.parametrize("seed", range(12))
def test_the_total_is_the_sum_of_what_is_counted_and_no_two_of_those_exclude_each_other(seed):
    found = results(some_enterprise(random.Random(seed), 0.1))
    assert found.total == sum((yearly(a) for a in found.counted), Decimal(0))
    counted = {a.policy.id for a in found.counted}
    assert len(counted) == len(found.counted)
    for policy_id in counted:
        assert not counted & set(FILES.policies[policy_id].exclusive_with)
    assert counted | {a.policy.id for a in found.uncounted} == set(ids(found, "yes"))
    for a in found.uncounted:
        worth = yearly(a)
        if worth:
            rivals = counted & set(a.policy.exclusive_with)
            assert rivals and sum(yearly(b) for b in found.counted if b.policy.id in rivals) >= worth


# -- near misses -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(12))
def test_a_near_miss_becomes_a_yes_by_its_single_change(seed):
    facts = some_enterprise(random.Random(100 + seed), 0.1)
    for a in results(facts).groups["near"]:
        for one in a.changes:
            after = {change.fact.name: change.after for change in one.changes}
            again = assess(a.policy, {**facts, **after}, DAY)
            assert again.verdict == "eligible", (a.policy.id, after)
        (change,) = a.changes[0].changes
        assert a.amount == assess(a.policy, {**facts, change.fact.name: change.after}, DAY).amount


# -- questions ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("facts", ENTERPRISES.values(), ids=ENTERPRISES)
def test_at_most_six_questions_each_new_and_askable(facts):
    known, asked = dict(facts), []
    r = random.Random(7)
    while (fact := next_question(known, DAY, set(), len(asked), FILES)) is not None:
        assert fact.askable and fact.question and known.get(fact.name) is None and fact.name not in asked
        asked.append(fact.name)
        known[fact.name] = some_value(fact, r)
    assert len(asked) == MOST_QUESTIONS == 6


def test_after_six_no_more_is_asked():
    assert next_question({}, DAY, set(), 5, FILES) is not None
    assert next_question({}, DAY, set(), 6, FILES) is None
    assert next_question({}, DAY, set(), 7, FILES) is None


def test_a_question_that_the_owner_skips_is_not_asked_again():
    skipped: set[str] = set()
    for n in range(6):
        fact = next_question(NOODLE_SHOP, DAY, skipped, n, FILES)
        assert fact is not None and fact.name not in skipped
        skipped.add(fact.name)
    assert not skipped & {fact.name for fact, _ in questions(NOODLE_SHOP, DAY, skipped, FILES)}


def test_nothing_is_asked_when_nothing_is_open_to_question():
    assert next_question(typed(is_bingtuan=True), DAY, set(), 0, library_of(raw_policy())) is None
    assert next_question({}, DAY, set(), 0, library_of(raw_policy())) is dictionary()["is_bingtuan"]
    assert next_question({}, DAY, {"is_bingtuan"}, 0, library_of(raw_policy())) is None
    assert next_question({}, DAY, set(), 0, library_of(raw_policy(valid_to="2020-01-01"))) is None
    assert next_question({}, DAY, set(), 0, library_of(raw_policy(display="hold"))) is None


@pytest.mark.parametrize("facts", ENTERPRISES.values(), ids=ENTERPRISES)
def test_questions_are_ranked_and_each_belongs_to_a_policy_in_doubt(facts):
    ranked = questions(facts, DAY, (), FILES)
    gains = [round(gain, 9) for _, gain in ranked]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for _, gain in ranked)
    doubtful = {fact.name for a in results(facts).groups["ask"] for fact in a.ask}
    assert {fact.name for fact, _ in ranked} == doubtful


def test_the_size_is_asked_through_the_figures_behind_it():
    of = library_of(raw_policy(eligible="is_small_micro"))
    assert {fact.name for fact, _ in questions(typed(industry_code="6210"), DAY, (), of)} == {"employees", "revenue"}
    assert {fact.name for fact, _ in questions(typed(industry_code="6210", employees=5), DAY, (), of)} == set()
    assert assess(of.policies["sample"], typed(industry_code="6210", employees=5), DAY).standing == "yes"


def test_answers_settle_policies_and_never_unsettle_one():
    """What is answered stays answered: the list in doubt only shrinks while an owner answers."""
    r = random.Random(3)
    known: dict[str, Any] = typed(registration_region="653101", legal_form="company", industry_code="1711")
    before = set(ids(results(known), "ask"))
    for n in range(6):
        fact = next_question(known, DAY, set(), n, FILES)
        assert fact is not None
        known[fact.name] = some_value(fact, r)
        after = set(ids(results(known), "ask"))
        assert after <= before
        before = after


def test_the_day_and_the_size_are_filled_in():
    full = completed(typed(industry_code="6210", employees=5, revenue=50), DAY)
    assert (full["reference_date"], full["size_class"], full["size_class_best"], full["size_class_worst"]) == (
        DAY,
        "micro",
        "micro",
        "micro",
    )
