"""A roster against the whole library: who may have what, who may perhaps, how much it is worth and what it costs."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiqi.registry.size import CLASSES, classify_columns
from huiqi.rules import dictionary, language
from huiqi.rules.table import Column, Matcher, Table, column_of, constant

from .finder import MONTHS_A_YEAR
from .library import PAID_TO_WORKERS, Library, Policy

SIZE_FACTS = ("size_class", "size_class_best", "size_class_worst")


@dataclass(frozen=True)
class PolicyCount:
    """How a policy stands with a roster: numbers of enterprises, and the yuan known for the eligible ones."""

    policy: Policy
    eligible: int
    not_eligible: int
    unknown: int
    amount: Decimal | None


@dataclass(frozen=True)
class Match:
    """The answer for a roster. ``rows`` has a row an enterprise: id, the lists ``eligible`` and ``unknown`` of policy
    ids, and ``amount``, the known yuan a year."""

    rows: pa.Table
    counts: list[PolicyCount]
    seconds: float

    @property
    def rate(self) -> float:
        """Pairs of enterprise and policy judged in a second."""
        return self.rows.num_rows * len(self.counts) / self.seconds if self.seconds else 0.0


def table_of(facts: pa.Table, on: dt.date, rows: int | None = None) -> Table:
    """The table of the rules library from an Arrow table of facts: the day and the size classes are filled in.

    ``rows`` is the number of enterprises, for a table that has no column at all.
    """
    facts_known = dictionary()
    rows = facts.num_rows if rows is None else rows
    columns = {
        name: column_of(facts_known[name], facts[name]) for name in facts.column_names if name in facts_known.facts
    }
    columns["reference_date"] = constant(on, rows)
    columns.update(_sizes(facts, columns, rows, on))
    return Table(columns, rows, language())


def _sizes(facts: pa.Table, columns: dict[str, Column], rows: int, on: dt.date) -> dict[str, Column]:
    """Size classes: what the roster states wins, else they are computed from the figures."""

    def figures(name: str) -> npt.NDArray[np.float64]:
        column = columns.get(name)
        if column is None or column.numbers is None:
            return np.full(rows, np.nan)
        return np.where(column.known, column.numbers, np.nan)

    codes: Sequence[str | None] | pa.ChunkedArray = (
        facts["industry_code"] if "industry_code" in columns else [None] * rows
    )
    computed = classify_columns(codes, figures("employees"), figures("revenue"), figures("total_assets"), on)
    values = (None, *CLASSES)
    found: dict[str, npt.NDArray[np.int32]] = {
        name: np.asarray(array, np.int32) + 1
        for name, array in zip(SIZE_FACTS, (computed.size_class, computed.best, computed.worst), strict=True)
    }
    stated = {name: _recoded(columns[name], values) for name in SIZE_FACTS if name in columns}
    nothing = np.zeros(rows, np.int32)
    given, best, worst = (stated.get(name, nothing) for name in SIZE_FACTS)
    # A best and a worst class that are both stated leave nothing to reckon: they are the class where they agree.
    found["size_class"] = np.where((best > 0) & (worst > 0), np.where(best == worst, best, 0), found["size_class"])
    for name, own in zip(SIZE_FACTS, (given, best, worst), strict=True):
        found[name] = np.where(own > 0, own, np.where(given > 0, given, found[name]))
    return {name: Column(known=array > 0, codes=array.astype(np.int32), values=values) for name, array in found.items()}


def _recoded(column: Column, values: tuple[str | None, ...]) -> npt.NDArray[np.int32]:
    assert column.codes is not None
    return np.array([values.index(value) for value in column.values], np.int32)[column.codes]


def match(facts: pa.Table, ids: Sequence[str], of: Library, on: dt.date) -> Match:
    """Judge every enterprise of an Arrow table of facts (columns by fact name, null unknown) under the law of a day."""
    started = time.perf_counter()
    table = table_of(facts, on, len(ids))
    matcher = Matcher(table)
    rows = table.rows
    counts: list[PolicyCount] = []
    eligible: list[tuple[str, npt.NDArray[np.int64]]] = []
    unknown: list[tuple[str, npt.NDArray[np.int64]]] = []
    worth: dict[str, npt.NDArray[np.float64]] = {}
    for policy in of:
        if policy.phase(on) != "open":
            counts.append(PolicyCount(policy, 0, rows, 0, None if policy.amount is None else Decimal(0)))
            continue
        rails = matcher.match(policy.rule)
        certain = matcher.unpack(rails.certain)
        perhaps = matcher.unpack(rails.possible & ~rails.certain)
        eligible.append((policy.id, np.flatnonzero(certain)))
        unknown.append((policy.id, np.flatnonzero(perhaps)))
        total = None
        if policy.amount is not None:
            amounts, _ = matcher.amounts(policy.amount, certain)
            total = Decimal(int(np.round(amounts * 100).sum())) / 100
            if policy.benefit_type not in PAID_TO_WORKERS and policy.benefit_per in ("year", "month"):
                worth[policy.id] = amounts * (MONTHS_A_YEAR if policy.benefit_per == "month" else 1)
        yes, maybe = len(eligible[-1][1]), len(unknown[-1][1])
        counts.append(PolicyCount(policy, yes, rows - yes - maybe, maybe, total))
    answer = pa.table(
        {
            "id": pa.array(ids, pa.string()),
            "eligible": _lists(eligible, rows),
            "unknown": _lists(unknown, rows),
            "amount": _money(_yearly(worth, of, rows)),
        }
    )
    return Match(answer, counts, time.perf_counter() - started)


def _yearly(worth: dict[str, npt.NDArray[np.float64]], of: Library, rows: int) -> npt.NDArray[np.float64]:
    """Yuan a year for each enterprise; of policies that exclude each other the best set counts."""
    total = np.zeros(rows)
    for choices in of.exclusion_choices:
        sums = [
            sum((worth[i] for i in choice if i in worth), np.zeros(rows)) for choice in choices if choice & worth.keys()
        ]
        if sums:
            total += np.maximum.reduce(sums)
    return total


def _money(yuan: npt.NDArray[np.float64]) -> pa.Array:
    """Exact decimals with two places: a sum of amounts in fen is whole far beyond any budget."""
    fen = np.round(yuan * 100).astype(np.int64)
    whole = pa.array(fen, pa.int64()).cast(pa.decimal128(19, 0))
    # The same digits with the point moved two places, without arithmetic in Python.
    return pa.Array.from_buffers(pa.decimal128(19, 2), len(whole), whole.buffers())


def _lists(found: list[tuple[str, npt.NDArray[np.int64]]], rows: int) -> pa.Array:
    """Lists of policy ids by row, in the order of the library, from the rows of each policy."""
    names = pa.array([policy_id for policy_id, _ in found], pa.string())
    row = np.concatenate([rows_of for _, rows_of in found]) if found else np.zeros(0, np.int64)
    which = (
        np.concatenate([np.full(len(rows_of), i, np.int32) for i, (_, rows_of) in enumerate(found)])
        if found
        else np.zeros(0, np.int32)
    )
    order = np.argsort(row, kind="stable")
    offsets = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=rows), out=offsets[1:])
    values = names.take(pa.array(which[order])) if len(names) else pa.array([], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)
