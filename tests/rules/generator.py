"""Random rules and random facts for the tests: typed, with NULLs, boundary values and every construct of the language."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from huiqi.rules import dictionary

NUMBERS = ["revenue", "rd_expense", "debt_ratio", "employees", "graduate_hires", "class1_ip"]
BOOLEANS = ["serious_dishonesty", "abnormal_listed", "large_affiliation"]
DERIVED_BOOLEANS = [
    "is_sme",
    "is_small_micro",
    "clean_record",
    "hte_valid",
    "small_low_profit",
    "in_xinjiang",
    "is_manufacturing",
]
DERIVED_NUMBERS = ["rd_ratio", "rd_expense_2y", "age_years", "years_begun", "graduate_or_youth_hires"]
ENUMS = ["size_class", "legal_form", "tax_credit_grade"]
TEXTS = ["industry_code", "registration_region"]
DATES = ["established_date", "hte_valid_to", "reference_date"]
SETS = ["titles", "titles_not_held", "loan_purposes"]
SUPPORT = [
    "size_class_best",
    "size_class_worst",
    "taxable_income",
    "avg_employees_tax",
    "avg_assets_tax",
    "restricted_industry",
    "youth_hires",
    "rd_expense_prev",
]
STORED = [*NUMBERS, *BOOLEANS, *ENUMS, *TEXTS, *DATES, *SETS, *SUPPORT]
SQL_TYPE = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "decimal": "DECIMAL(38,4)",
    "date": "DATE",
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "set": "VARCHAR[]",
}

FIGURES = ["0", "1", "2", "3", "5", "10", "100", "0.1", "0.2", "0.3", "2.5", "33.33", "300"]
DAYS = ["2020-02-29", "2021-11-24", "2025-11-25", "2026-11-24", "2026-12-31"]
CODES = ["17", "1711", "62", "6210", "0131", "6531", "65"]


class Generator:
    """Draws from one random source; ``derived`` mixes derived facts in, ``bare`` writes divisors without nullif."""

    def __init__(self, source: random.Random, derived: bool = True, bare: bool = False) -> None:
        self.r, self.derived, self.bare = source, derived, bare

    # -- facts -----------------------------------------------------------------------------------------------------
    def row(self, unknown: float = 0.25) -> dict[str, Any]:
        return {name: None if self.r.random() < unknown else self.value(name) for name in STORED}

    def value(self, name: str) -> Any:
        fact, r = dictionary()[name], self.r
        if fact.type == "boolean":
            return r.random() < 0.5
        if fact.type == "integer":
            return r.choice([0, 1, 2, 3, 5, 10, 20, 100, 300])
        if fact.type == "decimal":
            return Decimal(r.choice(FIGURES)) if r.random() < 0.6 else Decimal(r.randrange(0, 10**7)) / 10000
        if fact.type == "date":
            return dt.date.fromisoformat(r.choice(DAYS))
        if fact.type == "enum":
            return r.choice(sorted(fact.codes))
        if fact.type == "text":
            return r.choice(["1711", "6210", "0131", "650102", "653101", "110101", "4400"])
        return frozenset(code for code in sorted(fact.codes) if r.random() < 0.3)

    # -- expressions -----------------------------------------------------------------------------------------------
    def condition(self, depth: int) -> str:
        r = self.r
        if depth <= 0 or r.random() < 0.15:
            return self.leaf(depth)
        kind = r.choice(["and", "and", "or", "or", "not", "leaf", "case", "coalesce", "same"])
        if kind in ("and", "or"):
            return "(" + f" {kind} ".join(self.condition(depth - 1) for _ in range(r.choice([2, 2, 3]))) + ")"
        if kind == "not":
            return f"not ({self.condition(depth - 1)})"
        if kind == "case":
            otherwise = f" else {self.condition(depth - 2)}" if r.random() < 0.5 else ""
            return f"case when {self.condition(depth - 2)} then {self.condition(depth - 2)}{otherwise} end"
        if kind == "coalesce":
            return f"coalesce({self.condition(depth - 2)}, {self.condition(depth - 2)})"
        if kind == "same":
            return f"({self.condition(depth - 2)}) {r.choice(['=', '<>'])} ({self.condition(depth - 2)})"
        return self.leaf(depth)

    def leaf(self, depth: int) -> str:
        r = self.r
        kind = r.choice(["number", "number", "number", "enum", "text", "date", "set", "bool", "null", "between", "in"])
        if kind == "number":
            return f"{self.number(depth)} {r.choice(['=', '<>', '<', '<=', '>', '>='])} {self.number(min(depth, 1))}"
        if kind == "enum":
            fact = dictionary()[r.choice(ENUMS)]
            members = [f"'{code}'" for code in r.sample(sorted(fact.codes), 2)]
            return r.choice(
                [
                    f"{fact.name} = {members[0]}",
                    f"{fact.name} <> {members[0]}",
                    f"{fact.name} in ({', '.join(members)})",
                    f"{fact.name} not in ({members[0]})",
                ]
            )
        if kind == "text":
            name = r.choice(TEXTS)
            return r.choice(
                [
                    f"{name} like '{r.choice(CODES)}%'",
                    f"{name} not like '{r.choice(CODES)}%'",
                    f"{name} >= '{r.choice(CODES)}'",
                    f"{name} like '_{r.choice('1234567')}%'",
                ]
            )
        if kind == "date":
            left = r.choice(DATES)
            right = r.choice([f"date '{r.choice(DAYS)}'", r.choice(DATES)])
            return r.choice(
                [
                    f"{left} {r.choice(['<', '<=', '>', '>=', '='])} {right}",
                    f"{left} between date '2021-01-01' and {right}",
                ]
            )
        if kind == "set":
            fact = dictionary()[r.choice(SETS)]
            return f"array_contains({fact.name}, '{r.choice(sorted(fact.codes))}')"
        if kind == "null":
            return f"{r.choice(STORED)} is {r.choice(['', 'not '])}null"
        if kind == "between":
            return f"{self.number(depth)} between {self.number(0)} and {self.number(0)}"
        if kind == "in":
            return f"{self.number(0)} in ({', '.join(r.sample(FIGURES, 3))})"
        return r.choice([*BOOLEANS, *(DERIVED_BOOLEANS if self.derived else []), "true", "false"])

    def number(self, depth: int) -> str:
        r = self.r
        if depth <= 0 or r.random() < 0.4:
            return r.choice(
                [
                    r.choice(NUMBERS),
                    r.choice(NUMBERS),
                    r.choice(FIGURES),
                    r.choice(DERIVED_NUMBERS if self.derived else NUMBERS),
                ]
            )
        kind = r.choice(["+", "-", "*", "/", "/", "nullif", "coalesce", "least", "greatest", "case", "neg"])
        a, b = self.number(depth - 2), self.number(depth - 2)
        if kind == "/":
            return f"({a} / {b})" if self.bare else f"({a} / nullif({b}, 0))"
        if kind in "+-*":
            return f"({a} {kind} {b})"
        if kind == "neg":
            return f"(-({a}))"
        if kind == "case":
            return f"(case when {self.leaf(0)} then {a} else {b} end)"
        return f"{kind}({a}, {b})"
