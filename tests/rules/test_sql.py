"""The same rule on another engine: DuckDB, PostgreSQL and Spark."""

from __future__ import annotations

import datetime as dt
import random
import re
from decimal import Decimal
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from huiqi.opportunities.library import load_library, policy_folder
from huiqi.rules import dictionary, language, parse_amount, parse_rule
from huiqi.rules.dialects import DIALECTS

from .generator import STORED, Generator

POSTGRES_TYPE = {
    "boolean": "boolean",
    "integer": "bigint",
    "decimal": "numeric(38,4)",
    "date": "date",
    "text": "text",
    "enum": "text",
    "set": "text[]",
}


def columns(tree: exp.Expression) -> set[str]:
    return {column.name for column in tree.find_all(exp.Column)}


def read_back(sql: str, dialect: str) -> exp.Expression:
    tree = sqlglot.parse_one(sql, read=dialect)
    assert tree.sql(dialect) == sql
    return tree


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_of_every_policy_is_read_back_with_the_same_facts(dialect):
    for policy in load_library(policy_folder()):
        for expression in filter(None, (policy.rule, policy.amount)):
            sql = expression.sql(dialect)
            assert columns(read_back(sql, dialect)) == set(expression.inputs), policy.id
            assert "--" not in sql and ";" not in sql and "/*" not in sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_of_random_rules_is_read_back(dialect):
    generator = Generator(random.Random(5), bare=True)
    for _ in range(80):
        rule = parse_rule(generator.condition(4))
        tree = read_back(rule.sql(dialect), dialect)
        assert columns(tree) == set(rule.inputs)
        # No engine's spelling may turn an unknown value into a known one.
        assert rule.sql(dialect).upper().count("COALESCE") == rule.sql("duckdb").upper().count("COALESCE")


def test_duckdb_sql_is_a_rule_again_with_the_same_answers():
    generator = Generator(random.Random(6), derived=False, bare=True)
    for _ in range(200):
        rule, facts = parse_rule(generator.condition(4)), generator.row(0.3)
        again = parse_rule(rule.sql("duckdb"))
        assert again.evaluate(facts) is rule.evaluate(facts)


def test_postgres_tests_a_set_so_that_an_unknown_set_stays_unknown():
    sql = parse_rule("array_contains(titles, 'hte') and not array_contains(titles, 'tech_sme')").sql("postgres")
    assert sql == "'hte' = ANY(titles) AND NOT 'tech_sme' = ANY(titles)"
    assert "COALESCE" not in sql
    assert parse_rule("'hte' = any(titles)").sql("duckdb") == "ARRAY_CONTAINS(titles, 'hte')"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("revenue / employees > 1", True),
        ("revenue / (employees - 3) > 1", True),
        ("revenue / 0 > 1", True),
        ("revenue / 0.0 > 1", True),
        ("revenue / nullif(employees, 0) > 1", True),
        ("revenue / 2 > 1", False),
    ],
)
def test_a_divisor_is_guarded_once(dialect, text, guarded):
    assert parse_rule(text).sql(dialect).upper().count("NULLIF") == guarded


def test_a_divisor_that_is_null_for_another_number_is_guarded_against_zero_too():
    """nullif(employees, 5) is 0 for nobody employed: every engine must be kept from dividing by it."""
    for dialect in DIALECTS:
        assert parse_rule("revenue / nullif(employees, 5) > 1").sql(dialect).upper().count("NULLIF") == 2


def test_a_negative_divisor_is_written_for_every_engine():
    for dialect in DIALECTS:
        assert read_back(parse_rule("revenue / -2 > 1").sql(dialect), dialect)


def test_brackets_are_kept_where_they_matter_and_nowhere_else():
    def sql(text: str) -> str:
        return parse_rule(text).sql("duckdb")

    assert (
        sql("((is_bingtuan)) and ((disaster_affected or tax_arrears))")
        == "is_bingtuan AND (disaster_affected OR tax_arrears)"
    )
    assert sql("revenue - (employees - 3) > 1") == "revenue - (employees - 3) > 1"
    assert sql("(revenue - employees) - 3 > 1") == "revenue - employees - 3 > 1"
    assert sql("not (is_bingtuan and tax_arrears)") == "NOT (is_bingtuan AND tax_arrears)"
    assert sql("(not is_bingtuan) = tax_arrears") == "(NOT is_bingtuan) = tax_arrears"
    assert sql("(employees > 3) is null") == "(employees > 3) IS NULL"


def test_derived_facts_are_taken_apart_down_to_stored_ones():
    rule = parse_rule("small_low_profit and rd_ratio >= 3")
    assert rule.facts == ("small_low_profit", "rd_ratio")
    assert set(rule.inputs) == {
        "legal_form",
        "taxable_income",
        "avg_employees_tax",
        "avg_assets_tax",
        "restricted_industry",
        "rd_expense",
        "revenue",
    }
    assert all(dictionary()[name].derived is None for name in rule.inputs)


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="duckdb, postgres, spark"):
        parse_rule("is_sme").sql("oracle")


def test_a_quoted_text_cannot_break_out_of_the_sql():
    rule = parse_rule("industry_code = '1''; drop table firm; --'")
    for dialect in DIALECTS:
        tree = read_back(rule.sql(dialect), dialect)
        assert isinstance(tree, exp.EQ) and tree.expression.this == "1'; drop table firm; --"


def test_the_sql_of_spark_has_no_function_with_too_few_arguments():
    """Spark refuses least and greatest of a single value."""
    assert parse_rule("least(revenue) > 1 and greatest(revenue) > 2").sql("spark") == "revenue > 1 AND revenue > 2"


# -- PostgreSQL itself -------------------------------------------------------------------------------------------------
class Postgres:
    """A temporary table of random firms in the database of the tests."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        from django.db import connection

        self.cursor = connection.cursor()
        types = ", ".join(f'"{name}" {POSTGRES_TYPE[dictionary()[name].type]}' for name in STORED)
        self.cursor.execute(f"create temporary table firm (n integer, {types}) on commit drop")
        marks = ", ".join(["%s"] * (len(STORED) + 1))
        for n, row in enumerate(rows):
            values = [sorted(v) if isinstance(v, frozenset) else v for v in (row[name] for name in STORED)]
            self.cursor.execute(f"insert into firm values ({marks})", [n, *values])

    def answers(self, sql: str, as_type: str = "boolean") -> list[Any]:
        self.cursor.execute(f"select ({sql})::{as_type} from firm order by n")
        return [answer for (answer,) in self.cursor.fetchall()]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_postgresql_gives_the_same_answers_on_random_rules_and_firms(seed):
    generator = Generator(random.Random(100 + seed), bare=True)
    rows = [generator.row(0.3) for _ in range(40)]
    server = Postgres(rows)
    for _ in range(150):
        rule = parse_rule(generator.condition(4))
        assert server.answers(rule.sql("postgres")) == [rule.evaluate(row) for row in rows], rule.text


@pytest.mark.django_db
def test_postgresql_gives_the_same_answers_on_every_derived_fact():
    generator = Generator(random.Random(7))
    rows = [generator.row(0.2) for _ in range(60)]
    server = Postgres(rows)
    for fact in dictionary():
        rule = parse_rule(f"{fact.name} is null") if fact.derived else None
        if rule is not None and set(rule.inputs) <= set(STORED):
            assert server.answers(rule.sql("postgres")) == [rule.evaluate(row) for row in rows], fact.name
            if fact.type == "boolean":
                rule = parse_rule(fact.name)
                assert server.answers(rule.sql("postgres")) == [rule.evaluate(row) for row in rows], fact.name


@pytest.mark.django_db
def test_postgresql_divides_whole_numbers_without_cutting_and_by_zero_without_an_error():
    row = dict.fromkeys(STORED) | {"employees": 7, "graduate_hires": 2, "class1_ip": 0, "revenue": Decimal(1)}
    server = Postgres([row])
    for text, expected in [
        ("employees / graduate_hires = 3.5", True),
        ("employees / 2 > 3", True),
        ("1 / 2 > 0", True),
        ("employees / class1_ip > 1", None),
        ("employees / nullif(graduate_hires, 5) > 1", True),
        ("employees / nullif(class1_ip, 5) > 1", None),
        ("revenue / (employees - 7) > 1", None),
        ("'hte' = any(titles)", None),
        ("not array_contains(titles, 'hte')", None),
        ("least(employees, revenue, graduate_hires) = 1", True),
        ("100 * class1_ip / revenue = 0", True),
    ]:
        rule = parse_rule(text)
        assert rule.evaluate(row) is expected, text
        assert server.answers(rule.sql("postgres")) == [expected], text


@pytest.mark.django_db
def test_postgresql_reckons_the_amounts_of_the_policies():
    generator = Generator(random.Random(8))
    rows = [generator.row(0.1) for _ in range(20)]
    server = Postgres(rows)
    tried = 0
    for policy in load_library(policy_folder()):
        if policy.amount is not None and set(policy.amount.inputs) <= set(STORED):
            tried += 1
            for got, row in zip(server.answers(policy.amount.sql("postgres"), "numeric"), rows, strict=True):
                expected = policy.amount.evaluate(row)
                assert (got is None) == (expected is None), policy.id
                assert got is None or abs(got - expected) <= Decimal("0.011"), policy.id
    assert parse_amount("graduate_hires * 1500").evaluate({"graduate_hires": 2}) == 3000 and tried > 0


def test_the_day_is_a_column_like_any_other():
    rule = parse_rule("age_years >= 3")
    assert "reference_date" in rule.inputs
    assert not re.search(r"current_date|now\(", rule.sql("postgres"), re.I)
    assert rule.evaluate({"reference_date": dt.date(2026, 11, 24), "established_date": dt.date(2023, 11, 24)}) is True
    assert language().dictionary["reference_date"].computed_by == "engine"
