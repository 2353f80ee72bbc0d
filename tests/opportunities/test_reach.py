"""A draft's reach says of everybody what the assessment says of each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from huiqi.opportunities.library import load_library, policy_folder
from huiqi.opportunities.reach import Population, Reach
from huiqi.registry.demo import draw
from huiqi.registry.size import complete
from huiqi.rules import dictionary, parse_amount, parse_rule

DAY = dt.date(2026, 11, 24)
ROWS = 1500


@pytest.fixture(scope="module")
def people() -> tuple[Population, list[dict]]:
    roster = draw(ROWS, seed=7)
    known = dictionary().facts
    rows = [
        complete(
            {k: frozenset(v) if isinstance(v, list) else v for k, v in row.items() if v is not None and k in known}, DAY
        )
        for row in roster.to_pylist()
    ]
    return Population(roster, DAY, load_library(policy_folder())), rows


def reach(people: tuple[Population, list[dict]], text: str, amount: str | None = None) -> Reach:
    return people[0].reach(parse_rule(text), parse_amount(amount) if amount else None)


@pytest.mark.parametrize(
    "text",
    [
        "is_sme and rd_ratio >= 3",
        "is_small_micro and (graduate_hires >= 1 or youth_hires >= 1)",
        "not is_sme",
        "employees >= 10",
    ],
)
def test_the_counts_are_those_of_the_single_verdicts(people, text):
    found = reach(people, text)
    verdicts = [parse_rule(text).evaluate(row) for row in people[1]]
    assert (found.eligible, found.not_eligible, found.unknown) == tuple(verdicts.count(v) for v in (True, False, None))
    assert found.enterprises == ROWS


@pytest.mark.parametrize("part", ["by_place", "by_size", "by_trade"])
def test_places_sizes_and_trades_add_up_to_the_whole(people, part):
    found = reach(people, "is_sme and employees >= 5", "employees * 100")
    slices = getattr(found, part)
    assert sum(s.total for s in slices) == ROWS
    assert sum(s.eligible for s in slices) == found.eligible
    assert sum(s.unknown for s in slices) == found.unknown
    assert sum(s.amount for s in slices) == found.cost


def test_the_cost_is_the_sum_of_the_amounts_and_grows_with_the_unknown(people):
    found = reach(people, "is_small_micro and insured_staff <= 30", "least(employees, 10) * 1000")
    rule, amount = parse_rule("is_small_micro and insured_staff <= 30"), parse_amount("least(employees, 10) * 1000")
    paid = [amount.evaluate(row) for row in people[1] if rule.evaluate(row) is True]
    assert found.cost == sum((a for a in paid if a is not None), Decimal(0))
    assert found.most >= found.cost
    assert found.without_amount == paid.count(None)


def test_what_a_condition_keeps_out_is_what_the_rule_without_it_lets_in(people):
    found = reach(people, "is_sme and employees >= 20")
    kept = {keeps.key: keeps.without for keeps in found.keeps}
    assert kept["employees >= 20"] == reach(people, "is_sme").eligible - found.eligible


def test_who_just_misses_a_threshold_stands_within_a_fifth_of_it(people):
    found = reach(people, "is_sme and employees >= 20")
    (threshold,) = found.thresholds
    sme = parse_rule("is_sme")
    near = [row for row in people[1] if sme.evaluate(row) is True and 16 <= row.get("employees", 0) < 20]
    assert threshold.missed == len(near)
    assert threshold.allowed == "above"


@pytest.mark.parametrize(
    ("condition", "moved"),
    [
        ("employees >= 20", "employees >= 16"),
        ("employees > 20", "employees > 16"),
        ("employees >= 9", "employees >= 8"),
        ("employees >= 1", "employees >= 0"),
        ("graduate_hires >= 1", "graduate_hires >= 0"),
        ("revenue <= 500", "revenue <= 600"),
        ("revenue < 500", "revenue < 600"),
        ("not (employees < 20)", "employees >= 16"),
        ("not (revenue > 500)", "revenue <= 600"),
        ("rd_ratio >= 3", "rd_ratio >= 2.4"),
    ],
)
@pytest.mark.parametrize("rest", ["{}", "is_sme and {}", "is_sme and ({} or insured_staff >= 30)"])
def test_what_moving_a_threshold_brings_is_what_the_moved_rule_brings(people, condition, moved, rest):
    amount = "least(insured_staff, 50) * 500"
    now, then = reach(people, rest.format(condition), amount), reach(people, rest.format(moved), amount)
    threshold = now.thresholds[0]
    assert threshold.missed == then.eligible - now.eligible
    assert threshold.added == then.cost - now.cost
    assert threshold.added_without_amount == then.without_amount - now.without_amount
    assert threshold.shown_moved.zh.split()[0].rstrip("%") == moved.split()[-1]


def test_without_an_amount_moving_a_threshold_has_no_cost(people):
    assert reach(people, "employees >= 20").thresholds[0].added is None


def test_an_overlap_counts_the_enterprises_that_have_both(people):
    found = reach(people, "is_small_micro")
    fee = next(overlap for overlap in found.overlaps if overlap.policy_id == "real-estate-reg-fee")
    assert fee.both == found.eligible, "every small or micro enterprise is free of the registration fee"
    ignored = people[0].reach(parse_rule("is_small_micro"), ignore="real-estate-reg-fee")
    assert all(overlap.policy_id != "real-estate-reg-fee" for overlap in ignored.overlaps)


def test_within_a_prefecture_one_counts_by_county_and_a_code_above_a_county_is_an_unknown_one():
    codes = ["653101", "653101", "653121", "653100", "653131"]
    roster = pa.table({"registration_region": codes, "employees": [5, 12, 40, 9, 10]})
    found = Population(roster, DAY, prefix="6531").reach(parse_rule("employees >= 9"))
    counts = {each.code: (each.eligible, each.total) for each in found.by_place}
    assert counts == {"653101": (1, 2), "653121": (1, 1), "653131": (1, 1), "": (1, 1)}
    names = {each.code: each.words.zh for each in found.by_place}
    assert (names["653101"], names[""]) == ("喀什市", "未知")


def test_a_draft_that_reaches_nobody_costs_nothing(people):
    found = reach(people, "employees < 0", "1000")
    assert (found.eligible, found.cost, found.overlaps) == (0, Decimal(0), ())
