"""Work for the matching engines: invented enterprises and invented rules, the same on every machine.

Forty facts with 15 % missing, three thousand districts, fourteen hundred trades; rules of three to twelve conditions,
among them definitions that many rules share; three quarters of the rules hold in one place only. Enterprises come as
typed columns and, for the peers, as an Arrow table; rules as formulas and as SQL text.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from huiqi.rules import Rule, dictionary, language, parse_rule
from huiqi.rules.formula import Formula, Group, Leaf
from huiqi.rules.table import Column, Table

MISSING = 0.15
DISTRICTS, TRADES = 3_000, 1_400
DEFINITIONS = 150
LOCAL = 0.75
FIRST_DAY, DAYS = dt.date(2005, 1, 1), 7_900
#: How often a district, a prefecture or a province is the place of a local rule.
PLACES = {6: 0.6, 4: 0.3, 2: 0.1}

NUMBERS = [
    "employees", "revenue", "revenue_prev", "total_assets", "debt_ratio", "taxable_income", "monthly_sales", "rd_expense",
    "rd_expense_prev", "rd_staff_share", "class1_ip", "market_share", "insured_staff", "layoff_rate", "graduate_hires",
    "loan_principal", "loan_interest", "overdue_amount", "export_value", "youth_hires",
]  # fmt: skip
FLAGS = [
    "is_bingtuan",
    "abnormal_listed",
    "serious_dishonesty",
    "large_affiliation",
    "tax_arrears",
    "has_government_contract",
]
ENUMS = ["size_class", "legal_form", "ownership_type", "tax_credit_grade", "vat_type", "registration_status"]
DATES = ["established_date", "hte_valid_to"]
SETS = ["titles", "owner_groups", "loan_purposes"]
REGION, TRADE = "registration_region", "industry_code"


@functools.cache
def facts() -> tuple[str, ...]:
    """The forty facts: those named above, and further ones of the dictionary to make the number full."""
    named = [*NUMBERS, *FLAGS, *ENUMS, *DATES, *SETS, REGION, TRADE]
    known = dictionary()
    more = [f.name for f in known.stored if f.name not in named and f.type in ("integer", "decimal", "boolean")]
    chosen = [name for name in named if name in known.facts] + more
    return tuple(chosen[:40])


@functools.cache
def districts() -> list[str]:
    random = np.random.default_rng(31)
    codes = [f"{p}{c:02d}{d:02d}" for p in range(11, 66) for c in range(1, 9) for d in range(1, 9)]
    return sorted(random.choice(codes, DISTRICTS, replace=False).tolist())


@functools.cache
def trades() -> list[str]:
    random = np.random.default_rng(47)
    codes = [f"{d:02d}{c:02d}" for d in range(1, 98) for c in range(10, 90, 4)]
    return sorted(random.choice(codes, TRADES, replace=False).tolist())


# --- enterprises ------------------------------------------------------------------------------------------------------


def enterprises(count: int, by_region: bool = False) -> Table:
    """So many enterprises as typed columns; ``by_region`` sorts them by their district."""
    random = np.random.default_rng(count)
    known = dictionary()
    columns: dict[str, Column] = {}
    for name in facts():
        fact = known[name]
        present = random.random(count) >= MISSING
        if fact.type in ("integer", "decimal"):
            high = 2.0 if fact.unit == "%" else 5.0
            numbers = 10 ** (random.random(count, np.float32).astype(np.float64) * high) - 1
            numbers = np.round(numbers, 0 if fact.type == "integer" else 2)
            columns[name] = Column(present, numbers=np.where(present, numbers, 0.0))
            continue
        values = _values(name)
        codes = random.integers(1, len(values), count, dtype=np.int32)
        if name == REGION:
            present[:] = True
            if by_region:
                codes.sort()
        columns[name] = Column(present, codes=np.where(present, codes, 0).astype(np.int32), values=values)
    return Table(columns, count, language())


@functools.cache
def _values(name: str) -> tuple[Any, ...]:
    fact = dictionary()[name]
    if name == REGION:
        return (None, *districts())
    if name == TRADE:
        return (None, *trades())
    if fact.type == "boolean":
        return (None, False, True)
    if fact.type == "date":
        return (None, *(FIRST_DAY + dt.timedelta(days) for days in range(DAYS)))
    if fact.type == "set":
        random = np.random.default_rng(3)
        codes = sorted(fact.codes)
        every = {frozenset(random.choice(codes, random.integers(0, 4), replace=False).tolist()) for _ in range(60)}
        return (None, *sorted(every, key=sorted))
    return (None, *sorted(fact.codes))


def arrow(table: Table) -> pa.Table:
    """The enterprises for other engines: null is unknown, codes are texts, sets are lists."""
    arrays = {}
    for name, column in table.columns.items():
        if column.numbers is not None:
            kind = pa.int64() if dictionary()[name].type == "integer" else pa.float64()
            arrays[name] = pa.array(column.numbers, mask=~column.known).cast(kind)
        else:
            assert column.codes is not None
            values = [sorted(v) if isinstance(v, frozenset) else v for v in column.values[1:]]
            indices = pa.array(column.codes - 1, mask=~column.known)
            arrays[name] = pa.array(values).take(indices)
    return pa.table(arrays)


# --- rules ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invented:
    """A rule as the formula that is matched and as the SQL text that says the same."""

    formula: Formula
    text: str


@functools.cache
def _leaf(text: str) -> Rule:
    return parse_rule(text)


def rules(count: int, local: float = LOCAL) -> list[Invented]:
    """So many rules; the share ``local`` of them holds in one place."""
    random = np.random.default_rng(20_26)
    definitions = [_definition(random) for _ in range(DEFINITIONS)]
    found = []
    for _ in range(count):
        wanted = int(random.integers(3, 13))
        parts: list[str] = []
        number = 0
        if random.random() < local:
            digits = int(random.choice(list(PLACES), p=list(PLACES.values())))
            parts.append(f"{REGION} like '{str(random.choice(districts()))[:digits]}%'")
            number = 1
        while number < wanted:
            if wanted - number >= 3 and random.random() < 0.35:
                definition = definitions[int(random.integers(DEFINITIONS))]
                parts.append(definition)
                number += definition.count(" or ") + 1
            else:
                parts.append(_condition(random))
                number += 1
        found.append(Invented(_formula(parts), " and ".join(dict.fromkeys(parts))))
    return found


def _formula(parts: list[str]) -> Formula:
    distinct = [_leaf(part).formula for part in dict.fromkeys(parts)]
    return Group("all", tuple(distinct)) if len(distinct) > 1 else distinct[0]


def _definition(random: np.random.Generator) -> str:
    """What several rules call by one name: two or three conditions of which one suffices."""
    return "(" + " or ".join(_condition(random) for _ in range(int(random.integers(2, 4)))) + ")"


def _condition(random: np.random.Generator) -> str:
    name = str(random.choice(facts()))
    fact = dictionary()[name]
    if name == REGION:
        name, fact = TRADE, dictionary()[TRADE]
    if name == TRADE:
        return f"{name} like '{str(random.choice(trades()))[: int(random.integers(2, 5))]}%'"
    if fact.type in ("integer", "decimal"):
        steps = (1, 2, 3, 5, 8)
        high = 2 if fact.unit == "%" else 4
        figure = int(random.choice(steps)) * 10 ** int(random.integers(0, high))
        return f"{name} {random.choice(['>=', '<=', '>', '<'], p=[0.5, 0.3, 0.1, 0.1])} {figure}"
    if fact.type == "boolean":
        return name if random.random() < 0.5 else f"not {name}"
    if fact.type == "date":
        return f"{name} >= date '{FIRST_DAY + dt.timedelta(int(random.integers(0, 80)) * 100)}'"
    members = sorted(fact.codes)
    if fact.type == "set":
        return f"array_contains({name}, '{random.choice(members)}')"
    chosen = sorted(random.choice(members, min(len(members), int(random.integers(1, 4))), replace=False).tolist())
    return f"{name} in ({', '.join(repr(str(code)) for code in chosen)})"


def leaves_in(found: list[Invented]) -> int:
    """Distinct conditions in rules."""
    seen: set[str] = set()
    waiting: list[Formula] = [rule.formula for rule in found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Leaf):
            seen.add(part.key)
        else:
            waiting += part.parts
    return len(seen)
