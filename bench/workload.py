"""Work for the matching engines: invented enterprises and invented rules, the same on every machine.

Forty facts with 15 % missing, three thousand districts, fourteen hundred trades; rules of three to twelve conditions,
among them definitions that many rules share; three quarters of the rules hold in one place only. Enterprises come as
typed columns and, for the peers, as an Arrow table; rules as trees that belong to no engine, and as SQL text.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from huiqi.rules import dictionary, language, parse_rule
from huiqi.rules.formula import Formula
from huiqi.rules.formula import Group as Skeleton
from huiqi.rules.table import Column, Table

MISSING = 0.15
DISTRICTS, TRADES = 3_000, 1_400
DEFINITIONS = 150
LOCAL = 0.75
FIRST_DAY, DAYS = dt.date(2005, 1, 1), 7_900
#: Days of rules lie so many days apart; figures of rules are one of these times a power of ten.
DAY_STEP, DAY_STEPS = 100, 80
STEPS = (1, 2, 3, 5, 8)
SIGNS, SIGN_SHARES = (">=", "<=", ">", "<"), (0.5, 0.3, 0.1, 0.1)
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


def enterprises(count: int, by_region: bool = False, at_limits: float = 0.0) -> Table:
    """So many enterprises as typed columns; ``by_region`` sorts them by their district.

    The share ``at_limits`` of figures and days stands at a limit of some rule, or the least step beside it.
    """
    random = np.random.default_rng(count)
    known = dictionary()
    columns: dict[str, Column] = {}
    for name in facts():
        fact = known[name]
        present = random.random(count) >= MISSING
        if fact.type in ("integer", "decimal"):
            high = 2 if fact.unit == "%" else 5
            numbers = 10 ** (random.random(count, np.float32).astype(np.float64) * high) - 1
            numbers = np.round(numbers, 0 if fact.type == "integer" else 2)
            if at_limits:
                limits = random.choice(STEPS, count) * 10.0 ** random.integers(0, high - 1, count)
                beside = random.integers(-1, 2, count) * (1 if fact.type == "integer" else 0.01)
                numbers = np.where(random.random(count) < at_limits, np.round(limits + beside, 2), numbers)
            columns[name] = Column(present, numbers=np.where(present, numbers, 0.0))
            continue
        values = _values(name)
        codes = random.integers(1, len(values), count, dtype=np.int32)
        if at_limits and fact.type == "date":
            days = random.integers(0, DAYS // DAY_STEP, count) * DAY_STEP + random.integers(-1, 2, count)
            codes = np.where(random.random(count) < at_limits, 1 + np.maximum(days, 0), codes).astype(np.int32)
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
class Condition:
    """What a rule asks of one fact. ``sign`` with its ``value``: ``prefix`` (text), ``>=`` ``<=`` ``>`` ``<`` (number or
    day), ``is`` (truth), ``in`` (codes), ``has`` (a member of a set), ``null`` (whether it is unknown)."""

    fact: str
    sign: str
    value: Any

    @functools.cached_property
    def text(self) -> str:
        """The condition in SQL."""
        name, value = self.fact, self.value
        match self.sign:
            case "prefix":
                return f"{name} like '{value}%'"
            case "is":
                return name if value else f"not {name}"
            case "in":
                return f"{name} in ({', '.join(repr(code) for code in value)})"
            case "has":
                return f"array_contains({name}, '{value}')"
            case "null":
                return f"{name} is null" if value else f"{name} is not null"
        return f"{name} {self.sign} " + (f"date '{value}'" if isinstance(value, dt.date) else str(value))


@dataclass(frozen=True)
class Group:
    """``and`` or ``or`` of several parts, or ``not`` of one."""

    connective: str
    parts: tuple[Tree, ...]

    @functools.cached_property
    def text(self) -> str:
        """The group in SQL, in brackets."""
        if self.connective == "not":
            return f"(not {self.parts[0].text})"
        return "(" + f" {self.connective} ".join(part.text for part in self.parts) + ")"


Tree = Condition | Group


@functools.cache
def _formula(tree: Tree) -> Formula:
    """The tree as the matching engine takes it. Every condition is read by the parser of rules, but only once."""
    if isinstance(tree, Group) and tree.connective != "not":
        parts = tuple(_formula(part) for part in tree.parts)
        return Skeleton("all" if tree.connective == "and" else "any", parts)
    return parse_rule(tree.text).formula


@dataclass(frozen=True)
class Invented:
    """A rule as a tree that belongs to no engine."""

    tree: Tree

    @property
    def text(self) -> str:
        """The rule in SQL."""
        return self.tree.text

    @property
    def formula(self) -> Formula:
        """The rule as the matching engine takes it."""
        return _formula(self.tree)


def conditions(tree: Tree) -> Iterator[Condition]:
    """All conditions of a tree in their order."""
    if isinstance(tree, Condition):
        yield tree
    else:
        for part in tree.parts:
            yield from conditions(part)


def distinct_conditions(found: list[Invented]) -> list[Condition]:
    """The conditions of rules, each once."""
    return list(dict.fromkeys(condition for rule in found for condition in conditions(rule.tree)))


def rules(count: int, local: float = LOCAL) -> list[Invented]:
    """So many rules; the share ``local`` of them holds in one place."""
    random = np.random.default_rng(20_26)
    definitions = [_definition(random) for _ in range(DEFINITIONS)]
    found = []
    for _ in range(count):
        wanted = int(random.integers(3, 13))
        parts: list[Tree] = []
        number = 0
        if random.random() < local:
            digits = int(random.choice(list(PLACES), p=list(PLACES.values())))
            parts.append(Condition(REGION, "prefix", _one(random, districts())[:digits]))
            number = 1
        while number < wanted:
            if wanted - number >= 3 and random.random() < 0.35:
                definition = _one(random, definitions)
                parts.append(definition)
                number += len(definition.parts)
            else:
                parts.append(_condition(random))
                number += 1
        distinct = tuple(dict.fromkeys(parts))
        found.append(Invented(Group("and", distinct) if len(distinct) > 1 else distinct[0]))
    return found


def nested_rules(count: int) -> list[Invented]:
    """Rules of no use that nest AND, OR, NOT and tests for unknown in every way, for the check of agreement."""
    random = np.random.default_rng(57)

    def tree(depth: int) -> Tree:
        chance = random.random()
        if depth == 0 or chance < 0.1:
            return Condition(_one(random, facts()), "null", bool(chance < 0.05)) if chance < 0.1 else _condition(random)
        if chance < 0.3:
            return Group("not", (tree(depth - 1),))
        parts = tuple(tree(depth - 1) for _ in range(int(random.integers(2, 4))))
        return Group("and" if chance < 0.65 else "or", parts)

    return [Invented(tree(3)) for _ in range(count)]


def _one(random: np.random.Generator, of: Sequence[Any]) -> Any:
    return of[int(random.integers(len(of)))]


def _definition(random: np.random.Generator) -> Group:
    """What several rules call by one name: two or three conditions of which one suffices."""
    return Group("or", tuple(_condition(random) for _ in range(int(random.integers(2, 4)))))


def _condition(random: np.random.Generator) -> Condition:
    name = _one(random, facts())
    fact = dictionary()[name]
    if name in (REGION, TRADE):
        return Condition(TRADE, "prefix", _one(random, trades())[: int(random.integers(2, 5))])
    if fact.type in ("integer", "decimal"):
        figure = _one(random, STEPS) * 10 ** int(random.integers(0, 2 if fact.unit == "%" else 4))
        return Condition(name, str(random.choice(SIGNS, p=SIGN_SHARES)), figure)
    if fact.type == "boolean":
        return Condition(name, "is", bool(random.random() < 0.5))
    if fact.type == "date":
        return Condition(name, ">=", FIRST_DAY + dt.timedelta(int(random.integers(0, DAY_STEPS)) * DAY_STEP))
    members = sorted(fact.codes)
    if fact.type == "set":
        return Condition(name, "has", _one(random, members))
    chosen = random.choice(members, min(len(members), int(random.integers(1, 4))), replace=False)
    return Condition(name, "in", tuple(sorted(str(code) for code in chosen)))
