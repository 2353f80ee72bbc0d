"""The circuit gives every enterprise the verdict that each rule's own reader gives it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huiqi.rules import parse_rule
from huiqi.rules.circuit import Circuit, Runner, Single, encode
from huiqi.rules.formula import formula

from .worlds import table_of_rows, verdicts, world

pytestmark = pytest.mark.usefixtures("each_kernel")


@pytest.mark.parametrize(("seed", "rows"), [(1, 1), (2, 63), (3, 64), (4, 65), (5, 700), (6, 2048), (7, 2100)])
@pytest.mark.parametrize("sort", [False, True])
def test_random_rules_on_random_enterprises(seed: int, rows: int, sort: bool) -> None:
    made = world(seed, 40, rows)
    circuit = Circuit(made.rules, sorted_by="registration_region")
    codes = encode(circuit, made.table, sort)
    answers = Runner(circuit).run(codes, keep=True)
    wanted = made.wanted if codes.order is None else made.wanted[codes.order]
    np.testing.assert_array_equal(answers.matrix(), wanted)
    np.testing.assert_array_equal(answers.certain, (wanted == 1).sum(axis=0))
    np.testing.assert_array_equal(answers.possible, (wanted != 0).sum(axis=0))


@pytest.mark.parametrize("unknown", [False, True])
def test_the_lists_name_the_rules_of_each_enterprise_in_order(unknown: bool) -> None:
    made = world(11, 30, 2500)
    circuit = Circuit(made.rules)
    offsets, rules = Runner(circuit).run(encode(circuit, made.table), keep=True).lists(unknown)
    for row in range(len(made.rows)):
        wanted = np.flatnonzero(made.wanted[row] == (-1 if unknown else 1))
        assert rules[offsets[row] : offsets[row + 1]].tolist() == wanted.tolist()


def test_parts_together_are_the_whole() -> None:
    made = world(12, 20, 9000, depth=2)
    circuit = Circuit(made.rules)
    codes = encode(circuit, made.table)
    runner = Runner(circuit)
    whole = runner.run(codes, keep=True).matrix()
    parts = [(answers.first, answers.matrix(), answers.certain) for answers in runner.parts(codes, blocks=2)]
    assert [first for first, _, _ in parts] == [0, 4096, 8192]
    np.testing.assert_array_equal(np.concatenate([matrix for _, matrix, _ in parts]), whole)
    np.testing.assert_array_equal(sum(certain for _, _, certain in parts), (whole == 1).sum(axis=0))


def test_one_enterprise_is_judged_as_among_many_and_with_reasons() -> None:
    made = world(13, 60, 40)
    circuit = Circuit(made.rules)
    single = Single(circuit)
    for row, wanted in zip(made.rows, made.wanted, strict=True):
        judged = single.judge(row)
        assert judged.met() == np.flatnonzero(wanted == 1).tolist()
        assert judged.unknown() == np.flatnonzero(wanted == -1).tolist()
        for rule in judged.met():
            for leaf, verdict in judged.reasons(rule):
                axis, span = circuit.leaves[leaf]
                assert axis < len(circuit.axes) and span.kind
                assert verdict in (True, False, None)


def test_a_reason_is_the_verdict_of_its_condition() -> None:
    rule = parse_rule("employees >= 10 and (revenue < 300 or debt_ratio is null) and not serious_dishonesty")
    circuit = Circuit([rule])
    judged = Single(circuit).judge({"employees": 10, "revenue": Decimal("300"), "serious_dishonesty": False})
    leaf = {
        text: dict(judged.reasons(0))[circuit.leaf_number(formula(parse_rule(text).tree))]  # type: ignore[arg-type]
        for text in ("employees >= 10", "revenue < 300", "debt_ratio is null", "not serious_dishonesty")
    }
    assert judged.met() == [0]
    assert leaf == {
        "employees >= 10": True,
        "revenue < 300": False,
        "debt_ratio is null": True,
        "not serious_dishonesty": True,
    }


def both(texts: list[str], rows: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    rules = [parse_rule(text) for text in texts]
    circuit = Circuit(rules)
    return Runner(circuit).run(encode(circuit, table_of_rows(rows)), keep=True).matrix(), verdicts(rules, rows)


@pytest.mark.parametrize("sign", ["<", "<=", "=", "<>", ">", ">="])
@pytest.mark.parametrize("limit", ["0", "3", "0.1", "0.3", "33.33", "-2.5", "100000000", "0.0001"])
def test_a_figure_at_a_boundary_falls_on_the_right_side(sign: str, limit: str) -> None:
    beside = [Decimal(limit) + step for step in (Decimal("-0.0001"), Decimal(0), Decimal("0.0001"))]
    rows = [{"revenue": value} for value in beside] + [{}]
    got, wanted = both([f"revenue {sign} {limit}", f"not (revenue {sign} {limit})"], rows)
    np.testing.assert_array_equal(got, wanted)


def test_a_share_of_exactly_three_percent_is_met() -> None:
    rows = [{"rd_expense": Decimal(3 * n) / 10000, "revenue": Decimal(n) / 100} for n in range(1, 400)]
    got, _ = both(["100 * rd_expense / nullif(revenue, 0) >= 3", "100 * rd_expense / nullif(revenue, 0) > 3"], rows)
    assert got[:, 0].tolist() == [1] * 399
    assert got[:, 1].tolist() == [0] * 399


def test_a_constant_with_more_digits_than_a_float_holds() -> None:
    rows = [{"revenue": Decimal("0.3")}, {"revenue": Decimal("0.3001")}]
    got, wanted = both(["revenue > 0.30000000000000000001", "revenue >= 0.29999999999999999999"], rows)
    np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("prefix", ["6", "65", "653101", "6531019", "z", "￿", "\U0010ffff"])
def test_a_prefix_is_an_interval_of_texts(prefix: str) -> None:
    codes = ["", "5", "64", "65", "6531", "653101", "653102", "66", "z", "￿", "￿a", "\U0010ffff"]
    rows = [{"industry_code": code} for code in codes] + [{}]
    got, wanted = both([f"industry_code like '{prefix}%'", f"industry_code not like '{prefix}%'"], rows)
    np.testing.assert_array_equal(got, wanted)


def test_dates_sets_and_what_is_not_known() -> None:
    day = dt.date(2026, 11, 24)
    rows = [
        {"established_date": day, "titles": frozenset({"hte"})},
        {"established_date": day - dt.timedelta(1), "titles": frozenset()},
        {},
    ]
    got, wanted = both(
        [
            "established_date >= date '2026-11-24'",
            "established_date between date '2026-11-23' and date '2026-11-23'",
            "array_contains(titles, 'hte')",
            "titles is null",
            "established_date is not null",
            "true",
            "false",
            "revenue in (1, 2, 3)",
            "revenue between 5 and 2",
        ],
        rows,
    )
    np.testing.assert_array_equal(got, wanted)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limits=st.lists(st.integers(-50, 50), min_size=1, max_size=300),
    values=st.lists(st.one_of(st.none(), st.integers(-60, 60)), min_size=1, max_size=80),
)
def test_any_number_of_boundaries(limits: list[int], values: list[int | None]) -> None:
    """With more than 254 boundaries codes take two bytes."""
    rows: list[dict[str, Any]] = [{"employees": value} for value in values]
    texts = [f"employees {'<=' if n % 2 else '>'} {limit}.{n}" for n, limit in enumerate(limits)]
    got, wanted = both(texts, rows)
    np.testing.assert_array_equal(got, wanted)


def test_rules_that_say_the_same_in_another_order_share_their_gates() -> None:
    rules = [
        parse_rule("employees > 5 and revenue > 3 and is_bingtuan"),
        parse_rule("is_bingtuan and (revenue > 3 and not (employees <= 5))"),
        parse_rule("is_bingtuan"),
    ]
    circuit = Circuit(rules)
    assert circuit.program.shared == 1
    assert len(circuit.leaves) == 3


def test_no_rule_and_nobody() -> None:
    made = world(14, 3, 5)
    empty = Circuit([])
    assert Runner(empty).run(encode(empty, made.table), keep=True).matrix().shape == (5, 0)
    circuit = Circuit(made.rules)
    answers = Runner(circuit).run(encode(circuit, table_of_rows([])), keep=True)
    assert answers.matrix().shape == (0, 3)
    assert answers.certain.tolist() == [0, 0, 0]
