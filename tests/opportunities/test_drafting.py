"""Rows and text are two views of one rule."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiqi.opportunities.drafting import (
    OPERATORS,
    Row,
    RowProblem,
    differences,
    expression_of,
    key_of,
    mended,
    operators,
    rows_of,
)
from huiqi.opportunities.library import load_library, policy_folder
from huiqi.rules import Fact, RuleProblem, dictionary, parse_rule

codes = st.text(alphabet="0123456789ab'中", min_size=1, max_size=8)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    fact: Fact = draw(st.sampled_from([f for f in dictionary() if f.members is None or f.members]))
    op = draw(st.sampled_from(operators(fact)))
    if op in ("yes", "no"):
        value: tuple[str, ...] = ()
    elif fact.type == "integer":
        value = (str(draw(st.integers(-1000, 10**9))),)
    elif fact.type == "decimal":
        value = (f"{draw(st.integers(-100_000, 10**11).map(lambda n: Decimal(n) / 100)):f}",)
    elif fact.type == "date":
        value = (draw(st.dates(dt.date(1990, 1, 1), dt.date(2099, 1, 1))).isoformat(),)
    elif fact.members:
        many = st.lists(st.sampled_from(sorted(fact.codes)), min_size=1, max_size=3, unique=True)
        value = tuple(draw(many if op in ("in", "not_in") else many.map(lambda found: found[:1])))
    else:
        value = (draw(codes),)
    return Row(fact.name, op, value, draw(st.sampled_from(["and", "or"])))


def in_rows(found: list[Row]) -> list[Row]:
    """What rows come back as: the first is tied to nothing."""
    return [Row(row.fact, row.op, row.value, row.join if place else "and") for place, row in enumerate(found)]


@given(st.lists(rows(), min_size=1, max_size=6))
def test_rows_written_as_text_and_read_again_are_the_same_rows(found: list[Row]) -> None:
    assert rows_of(parse_rule(expression_of(found))) == in_rows(found)


def test_the_rows_of_a_policy_of_the_library_mean_what_its_rule_means() -> None:
    with_rows = 0
    for policy in load_library(policy_folder()):
        found = rows_of(policy.rule)
        if found is not None:
            with_rows += 1
            assert parse_rule(expression_of(found)).key == policy.rule.key, policy.id
    assert with_rows > 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is_sme and 从业人员 >= 10", [Row("is_sme", "yes"), Row("employees", "ge", ("10",))]),
        (
            "is_sme and (industry_code like '61%' or industry_code like '62%')",
            [
                Row("is_sme", "yes"),
                Row("industry_code", "starts", ("61",)),
                Row("industry_code", "starts", ("62",), "or"),
            ],
        ),
        ("size_class in ('小型', '微型')", [Row("size_class", "in", ("small", "micro"))]),
        ("size_class <> 'large'", [Row("size_class", "not_in", ("large",))]),
        ("not is_sme", [Row("is_sme", "no")]),
    ],
)
def test_a_plain_rule_has_rows(text: str, expected: list[Row]) -> None:
    assert rows_of(parse_rule(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "(is_sme and employees >= 10) or employees >= 20",
        "revenue / employees > 3",
        "employees between 3 and 5",
        "coalesce(is_sme, false)",
        "not (is_sme and employees > 3)",
        "case when is_sme then employees > 3 else employees > 5 end",
        "10 <= employees",
        "employees is not null",
        "industry_code like '6_1%'",
    ],
)
def test_a_rule_that_says_more_than_rows_can_hold_has_none(text: str) -> None:
    assert rows_of(parse_rule(text)) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(), "choose what"),
        (Row("employees"), "how to compare"),
        (Row("employees", "yes"), "how to compare"),
        (Row("employees", "ge"), "enter the value"),
        (Row("employees", "ge", (" ",)), "enter the value"),
        (Row("employees", "ge", ("ten",)), "whole number"),
        (Row("established_date", "ge", ("2026-02-30",)), "no such day"),
        (Row("size_class", "in", ("huge",)), "no option huge"),
        (Row("industry_code", "starts", ("6%",)), "cannot contain"),
        (Row("industry_code", "eq", ("6\n1",)), "control character"),
    ],
)
def test_a_row_that_is_no_condition_says_what_is_missing(row: Row, words: str) -> None:
    with pytest.raises(RowProblem, match=words) as problem:
        expression_of([Row("is_sme", "yes"), row])
    assert problem.value.index == 1
    assert problem.value.what.zh
    assert key_of(row) is None


def test_every_fact_has_an_operator() -> None:
    assert all(OPERATORS[fact.type] for fact in dictionary())


def test_a_rule_without_rows_is_empty() -> None:
    assert expression_of([]) == ""


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("(is_sme and employees > 3", "(is_sme and employees > 3)"),
        ("is_sme and employes > 3", "is_sme and employees > 3"),
        ("从业人 > 3", "从业人员 > 3"),
        ("established_date > '2026-01-01'", "established_date > date '2026-01-01'"),
        ("industry_code in ('17')", None),
        ("is_sme +", None),
    ],
)
def test_a_suggestion_is_offered_when_it_makes_a_rule_of_the_text(text: str, better: str | None) -> None:
    with pytest.raises(RuleProblem) as problem:
        parse_rule(text)
    assert mended(text, problem.value) == better


def test_two_versions_differ_in_what_they_say_not_in_how_it_is_spelt() -> None:
    before: dict[str, Any] = {"eligible": "从业人员>=10", "title_zh": "甲", "valid_to": None, "articles": [14]}
    after: dict[str, Any] = {"eligible": "employees >= 10", "title_zh": "乙", "valid_to": "", "articles": [14]}
    assert [each.field for each in differences(before, after)] == ["title_zh"]
