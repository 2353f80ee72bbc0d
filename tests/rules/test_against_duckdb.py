"""The rule library held against DuckDB, an independent engine, on random rules and random facts with unknowns."""

from __future__ import annotations

import random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiqi.rules import dictionary, language, parse_rule
from huiqi.rules.formula import judge, leaves
from huiqi.rules.table import Matcher, Table, column_of_values

from .generator import STORED, Generator
from .oracle import Oracle

ROWS = 60


def table_of(rows: list[dict]) -> Table:
    columns = {name: column_of_values(dictionary()[name], [row[name] for row in rows]) for name in STORED}
    return Table(columns, len(rows), language())


def check(text: str, rows: list[dict], oracle: Oracle, matcher: Matcher, sql: str | None = None) -> None:
    rule = parse_rule(text)
    try:
        expected = oracle.verdicts(sql or rule.sql("duckdb"))
    except duckdb.OutOfRangeException:
        return  # DuckDB stops when a product needs more than 38 digits; there is nothing to compare then.
    single = [rule.evaluate(row) for row in rows]
    assert single == expected, text
    table = [{1: True, 0: False, -1: None}[v] for v in matcher.verdicts(rule).tolist()]
    assert table == expected, text
    parts = {leaf.key: parse_rule(leaf.key) for leaf in leaves(rule.formula)}
    pushed_down = [judge(rule.formula, {key: part.evaluate(row) for key, part in parts.items()}) for row in rows[:5]]
    assert pushed_down == expected[:5], text


@pytest.mark.parametrize("seed", range(8))
def test_thousands_of_random_rules_agree_with_duckdb(seed):
    generator = Generator(random.Random(seed))
    rows = [generator.row() for _ in range(ROWS)]
    oracle, matcher = Oracle(rows), Matcher(table_of(rows), exact=False)
    for _ in range(400):
        check(generator.condition(depth=4), rows, oracle, matcher)


def test_the_text_itself_agrees_when_it_names_stored_facts_only():
    """Here DuckDB reads the very text of the rule, so that our own SQL writer takes no part."""
    generator = Generator(random.Random(99), derived=False)
    rows = [generator.row() for _ in range(ROWS)]
    oracle, matcher = Oracle(rows), Matcher(table_of(rows), exact=False)
    for _ in range(500):
        text = generator.condition(depth=4)
        check(text, rows, oracle, matcher, sql=text)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32), st.integers(1, 5), st.sampled_from([0.0, 0.2, 0.6, 1.0]))
def test_any_rule_on_any_facts_agrees_with_duckdb(seed, depth, unknown):
    generator = Generator(random.Random(seed), bare=True)
    rows = [generator.row(unknown) for _ in range(12)]
    oracle, matcher = Oracle(rows), Matcher(table_of(rows), exact=False)
    for _ in range(5):
        check(generator.condition(depth), rows, oracle, matcher)
