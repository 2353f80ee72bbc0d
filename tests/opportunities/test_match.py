"""A roster against the library: the table engine and the assessment of a single enterprise never disagree."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from huiqi.opportunities.assess import assess
from huiqi.opportunities.finder import yearly_total
from huiqi.opportunities.match import Match, match

from .made_up import DAY, FILES, arrow, library_of, raw_policy, some_enterprise, typed


def run(rows: list[dict[str, Any]], of: Any = FILES, on: dt.date = DAY) -> Match:
    return match(arrow(rows), [f"e{n}" for n in range(len(rows))], of, on)


@pytest.mark.parametrize(
    ("seed", "unknown", "on"),
    [
        (1, 0.0, DAY),
        (2, 0.2, DAY),
        (3, 0.5, DAY),
        (4, 0.9, DAY),
        (5, 0.2, dt.date(2022, 5, 1)),
        (6, 0.2, dt.date(2025, 12, 31)),
        (7, 0.2, dt.date(2030, 1, 1)),
    ],
)
def test_a_table_and_single_enterprises_get_the_same_answers(seed, unknown, on):
    r = random.Random(seed)
    rows = [some_enterprise(r, unknown) for _ in range(25)]
    result = run(rows, on=on)
    answers = result.rows.to_pylist()
    counts = {count.policy.id: [0, 0, 0, Decimal(0)] for count in result.counts}
    for row, answer in zip(rows, answers, strict=True):
        assessments = [assess(policy, row, on) for policy in FILES]
        by = {
            verdict: [a.policy.id for a in assessments if a.verdict == verdict]
            for verdict in ("eligible", "not_eligible", "unknown")
        }
        assert answer["eligible"] == by["eligible"]
        assert answer["unknown"] == by["unknown"]
        total, _ = yearly_total([a for a in assessments if a.verdict == "eligible"], FILES)
        assert answer["amount"] == total
        for a in assessments:
            counts[a.policy.id][("eligible", "not_eligible", "unknown").index(a.verdict)] += 1
            if a.verdict == "eligible":
                counts[a.policy.id][3] += a.amount or 0
    for count in result.counts:
        assert [count.eligible, count.not_eligible, count.unknown] == counts[count.policy.id][:3], count.policy.id
        assert count.amount == (None if count.policy.amount is None else counts[count.policy.id][3]), count.policy.id


def test_the_answer_has_a_row_an_enterprise_in_the_order_of_the_roster_and_of_the_library():
    rows = [some_enterprise(random.Random(n), 0.3) for n in range(30)]
    result = run(rows)
    assert result.rows.column_names == ["id", "eligible", "unknown", "amount"]
    assert result.rows["id"].to_pylist() == [f"e{n}" for n in range(30)]
    assert result.rows.schema.field("amount").type == pa.decimal128(19, 2)
    order = {policy_id: n for n, policy_id in enumerate(FILES.policies)}
    for row in result.rows.to_pylist():
        for ids in (row["eligible"], row["unknown"]):
            assert [order[i] for i in ids] == sorted(order[i] for i in ids)
        assert not set(row["eligible"]) & set(row["unknown"])
    assert [count.policy.id for count in result.counts] == list(FILES.policies)
    assert all(count.eligible + count.not_eligible + count.unknown == 30 for count in result.counts)
    assert result.rate > 0


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 64, 65])
def test_any_number_of_rows(rows):
    result = run([typed(vat_type="small_scale", monthly_sales=n) for n in range(rows)])
    assert result.rows.num_rows == rows
    exempt = next(count for count in result.counts if count.policy.id == "vat-small-scale-exempt")
    assert exempt.eligible == min(rows, 11)


def test_an_empty_roster_is_answered():
    result = match(pa.table({"employees": pa.array([], pa.int64())}), [], FILES, DAY)
    assert result.rows.num_rows == 0 and result.rows.to_pylist() == []
    assert {(c.eligible, c.not_eligible, c.unknown) for c in result.counts} == {(0, 0, 0)}


def test_of_an_unknown_enterprise_nothing_is_promised():
    result = match(pa.table({"industry_code": pa.array([None, None], pa.string())}), ["a", "b"], FILES, DAY)
    for row in result.rows.to_pylist():
        assert row["eligible"] == [] and row["amount"] == 0
        assert set(row["unknown"]) == {policy.id for policy in FILES if policy.phase(DAY) == "open"}


def test_columns_that_are_no_facts_are_passed_over():
    facts = pa.table(
        {"name": ["x"], "vat_type": ["small_scale"], "monthly_sales": pa.array([Decimal("8.6")], pa.decimal128(18, 4))}
    )
    assert "vat-small-scale-exempt" in match(facts, ["a"], FILES, DAY).rows.to_pylist()[0]["eligible"]


def test_numbers_may_come_as_any_arrow_number_and_text_as_a_dictionary():
    exact = pa.table(
        {"vat_type": ["small_scale"] * 2, "monthly_sales": pa.array([Decimal("8.6"), None], pa.decimal128(18, 4))}
    )
    for type_ in (pa.float64(), pa.float32(), pa.decimal128(38, 10)):
        other = pa.table(
            {
                "vat_type": pa.array(["small_scale"] * 2).dictionary_encode(),
                "monthly_sales": pa.array([8.5, None], pa.float64()).cast(type_),
            }
        )
        assert (
            match(other, ["a", "b"], FILES, DAY).rows["eligible"].to_pylist()
            == match(exact, ["a", "b"], FILES, DAY).rows["eligible"].to_pylist()
        )
    chunked = pa.table(
        {
            "vat_type": pa.chunked_array([["small_scale"], ["general"]]),
            "monthly_sales": pa.chunked_array([[8], [9]], pa.int64()),
        }
    )
    first, second = match(chunked, ["a", "b"], FILES, DAY).rows.to_pylist()
    assert (
        "vat-small-scale-exempt" in first["eligible"]
        and "vat-small-scale-exempt" not in second["eligible"] + second["unknown"]
    )


def test_the_size_that_is_stated_wins_and_else_it_is_reckoned():
    sized = library_of(
        raw_policy("micro", eligible="size_class = 'micro'"),
        raw_policy("sme", eligible="is_sme"),
        raw_policy("small-micro", eligible="is_small_micro"),
    )
    rows = [
        typed(industry_code="6210", employees=5, revenue=50),
        typed(industry_code="6210", employees=5, revenue=50, size_class="large"),
        typed(industry_code="6210", employees=5),
        typed(size_class="medium"),
        typed(size_class_best="medium", size_class_worst="micro"),
        typed(),
        typed(industry_code="6210", employees=5, revenue=50, size_class_best="large", size_class_worst="large"),
    ]
    answers = run(rows, sized).rows.to_pylist()
    assert [a["eligible"] for a in answers] == [
        ["micro", "sme", "small-micro"],
        [],
        ["micro", "sme", "small-micro"],
        ["sme"],
        ["sme"],
        [],
        [],
    ]
    assert [a["unknown"] for a in answers] == [
        [],
        [],
        [],
        [],
        ["micro", "small-micro"],
        ["micro", "sme", "small-micro"],
        [],
    ]
    for row, answer in zip(rows, answers, strict=True):
        assert answer["eligible"] == [p.id for p in sized if assess(p, row, DAY).verdict == "eligible"]


@pytest.mark.parametrize(
    ("expression", "facts"),
    [
        ("revenue / 200", [{"revenue": n} for n in range(1, 40)]),
        ("revenue * 0.005", [{"revenue": n} for n in range(1, 40)]),
        ("revenue * 0.125", [{"revenue": f"{n}.04"} for n in range(1, 40)]),
        ("revenue / 3", [{"revenue": n} for n in range(1, 40)]),
        ("revenue * 10000 / 1.01 * 0.01", [{"revenue": f"{n}.6"} for n in range(1, 40)]),
        ("least(revenue * 0.5, 10)", [{"revenue": n} for n in range(15, 25)]),
        (
            "case when employees / 3 >= 7 then revenue * 0.005 else 1 end",
            [{"employees": n, "revenue": n} for n in range(15, 30)],
        ),
        ("coalesce(revenue, 0) * 0.005", [{}, {"revenue": 1}, {"revenue": 3}]),
        ("revenue * 0.005", [{"revenue": f"{n}{n}{n}{n}01.0001"} for n in range(10, 99)]),
    ],
)
def test_amounts_are_the_same_to_the_fen_in_a_table_and_alone(expression, facts):
    of = library_of(raw_policy("paid", eligible="not is_bingtuan", benefit_amount=expression, benefit_per="year"))
    rows = [typed(is_bingtuan=False, **f) for f in facts]
    result = run(rows, of)
    alone = [assess(of.policies["paid"], row, DAY).amount or Decimal(0) for row in rows]
    assert result.rows["amount"].to_pylist() == alone
    assert result.counts[0].amount == sum(alone)


def test_a_month_counts_twelve_times_and_what_is_paid_once_or_to_workers_does_not_count():
    of = library_of(
        raw_policy("monthly", benefit_amount="100", benefit_per="month"),
        raw_policy("yearly", benefit_amount="7.55", benefit_per="year"),
        raw_policy("once", benefit_amount="1000", benefit_per="once"),
        raw_policy("contract", benefit_amount="1000", benefit_per="contract"),
        raw_policy("worker", benefit_amount="1000", benefit_per="year", benefit_type="grant_to_worker"),
    )
    result = run([typed(is_bingtuan=True), typed(is_bingtuan=False), typed()], of)
    assert result.rows["amount"].to_pylist() == [Decimal("1207.55"), Decimal("0.00"), Decimal("0.00")]
    assert [count.amount for count in result.counts] == [100, Decimal("7.55"), 1000, 1000, 1000]


def test_of_policies_that_exclude_each_other_the_best_set_counts():
    of = library_of(
        raw_policy("a", benefit_amount="revenue", benefit_per="year", exclusive_with=["b", "c"]),
        raw_policy("b", benefit_amount="60", benefit_per="year", exclusive_with=["a"]),
        raw_policy("c", benefit_amount="60", benefit_per="year", exclusive_with=["a"]),
        raw_policy("d", benefit_amount="1", benefit_per="year"),
    )
    rows = [typed(is_bingtuan=True, revenue=n) for n in (0, 100, 119, 120, 121)]
    assert run(rows, of).rows["amount"].to_pylist() == [121, 121, 121, 121, 122]


def test_a_policy_that_is_not_open_reaches_nobody():
    of = library_of(
        raw_policy("over", valid_to="2026-11-23"),
        raw_policy("last-day", valid_to="2026-11-24"),
        raw_policy("first-day", valid_from="2026-11-24"),
        raw_policy("soon", valid_from="2026-11-25"),
    )
    result = run([typed(is_bingtuan=True), typed()], of)
    assert result.rows["eligible"].to_pylist() == [["last-day", "first-day"], []]
    assert result.rows["unknown"].to_pylist() == [[], ["last-day", "first-day"]]
    assert [(c.eligible, c.not_eligible, c.unknown) for c in result.counts] == [
        (0, 2, 0),
        (1, 0, 1),
        (1, 0, 1),
        (0, 2, 0),
    ]


def test_derived_facts_that_are_stated_stand_in_a_table_too():
    of = library_of(
        raw_policy("rich", eligible="rd_ratio >= 3"),
        raw_policy("old", eligible="age_years >= 3"),
        raw_policy("clean", eligible="clean_record"),
    )
    rows = [
        typed(
            rd_ratio=5,
            rd_expense=1,
            revenue=100,
            age_years=3,
            established_date="2026-01-01",
            clean_record=True,
            abnormal_listed=True,
        ),
        typed(
            rd_expense=3, revenue=100, established_date="2023-11-24", abnormal_listed=False, serious_dishonesty=False
        ),
        typed(rd_expense=3, revenue=0),
    ]
    assert run(rows, of).rows["eligible"].to_pylist() == [["rich", "old", "clean"], ["rich", "old", "clean"], []]
