"""A roster against the whole library: who may have what, who may perhaps, how much it is worth and what it costs."""

from __future__ import annotations

import datetime as dt
import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huiqi.registry.codes import section_of
from huiqi.registry.size import CLASSES, classify_columns
from huiqi.rules import dictionary, language
from huiqi.rules.circuit import Answers, Circuit, Runner, encode, memory_of
from huiqi.rules.circuit.codes import block_for
from huiqi.rules.circuit.run import Progress
from huiqi.rules.table import Column, Matcher, Table, column_of, constant

from .finder import MONTHS_A_YEAR
from .library import PAID_TO_WORKERS, Library, Policy

#: Lists of policy ids: as long as they may be, each id stored once.
LISTS = pa.large_list(pa.dictionary(pa.int32(), pa.string()))
SIZE_FACTS = ("size_class", "size_class_best", "size_class_worst")


#: Enterprises that are answered at a time, in blocks of the circuit: what an answer takes beside the roster stays small.
PART = 64
#: From so many policies on it pays to sort the enterprises by region, since most policies hold in one place.
WORTH_SORTING = 1_000
REGION = "registration_region"


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
    ids, and ``amount``, the known yuan a year. ``groups`` has a row a policy and place, size or trade: policy, by
    (``region``: prefecture, ``size``, ``industry``: section), code ('' where unknown), eligible, unknown, amount (yuan,
    null where the policy has none)."""

    rows: pa.Table
    counts: list[PolicyCount]
    groups: pa.Table
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


@functools.lru_cache(maxsize=4)
def circuit_of(of: Library, on: dt.date) -> tuple[list[Policy], Circuit]:
    """The policies that are open on a day, in the order of the library, and their rules as one circuit."""
    policies = [policy for policy in of if policy.phase(on) == "open"]
    return policies, Circuit([policy.rule for policy in policies], REGION, language())


def match(
    facts: pa.Table,
    ids: Sequence[str],
    of: Library,
    on: dt.date,
    progress: Progress | None = None,
    memory: int | None = None,
) -> Match:
    """Judge every enterprise of an Arrow table of facts (columns by fact name, null unknown) under the law of a day.

    ``progress`` is told how many enterprises are done; ``memory`` bounds the bytes of the answers that are worked on at
    a time (MemoryError when one block of them needs more). An interrupt stops it at once.
    """
    started = time.perf_counter()
    table = table_of(facts, on, len(ids))
    open_policies, circuit = circuit_of(of, on)
    codes = encode(circuit, table, sort=len(open_policies) >= WORTH_SORTING)
    tally = _Tally(table, open_policies, of)
    runner = Runner(circuit)
    for answers in runner.parts(codes, _at_a_time(circuit, memory), progress=progress):
        places = slice(answers.first, answers.first + answers.rows)
        tally.add(answers, np.arange(table.rows)[places] if codes.order is None else codes.order[places])
    rows = tally.rows(codes.order)
    counts = [tally.count(policy, table.rows) for policy in of]
    return Match(
        rows.add_column(0, "id", pa.array(ids, pa.string())), counts, tally.groups(), time.perf_counter() - started
    )


def needed(of: Library, on: dt.date, rows: int, memory: int | None = None) -> tuple[int, int]:
    """(bytes for the codes, bytes for the answers at a time) of a match of so many enterprises, before it runs.

    Raises MemoryError, with the bytes that are needed, when not even one block's answers fit into ``memory``.
    """
    circuit = circuit_of(of, on)[1]
    codes, each = memory_of(circuit, rows)
    return codes, min(_at_a_time(circuit, memory), -(-rows // block_for(circuit)) or 1) * each


def _at_a_time(circuit: Circuit, memory: int | None) -> int:
    """Blocks whose answers fit into so many bytes; at most :data:`PART`."""
    _, each = memory_of(circuit, 0)
    if memory is not None and memory < each:
        raise MemoryError(each)
    return PART if memory is None else min(PART, memory // max(1, each))


class _Tally:
    """Adds up the answers of the parts."""

    def __init__(self, table: Table, policies: list[Policy], of: Library) -> None:
        self.table, self.policies, self.of = table, policies, of
        self.names = pa.array([policy.id for policy in policies], pa.string())
        self.numbers = {policy.id: number for number, policy in enumerate(policies)}
        self.eligible = np.zeros(len(policies), np.int64)
        self.unknown = np.zeros(len(policies), np.int64)
        self.fen = np.zeros(len(policies), np.int64)
        self.lists: dict[str, list[pa.Array]] = {"eligible": [], "unknown": []}
        self.worth: list[npt.NDArray[np.float64]] = []
        self.kinds = groupings(table)
        self.sums = {by: np.zeros((3, len(policies), len(codes)), np.int64) for by, (codes, _) in self.kinds.items()}

    def add(self, answers: Answers, rows: npt.NDArray[np.intp]) -> None:
        self.eligible += answers.certain
        self.unknown += answers.possible - answers.certain
        for name, lists in self.lists.items():
            lists.append(answers.named(self.names, name == "unknown"))
        matcher = Matcher(self.table.take(rows))
        groups = {by: index[rows] for by, (_, index) in self.kinds.items()}
        worth: dict[str, npt.NDArray[np.float64]] = {}
        for number, certain, possible in answers.rails():
            policy = self.policies[number]
            met, perhaps = np.flatnonzero(certain), np.flatnonzero(possible & ~certain)
            fen = np.zeros(0)
            if policy.amount is not None and len(met):
                yuan, _ = matcher.amounts(policy.amount, certain)
                fen = np.round(yuan[met] * 100)
                self.fen[number] += int(fen.sum())
                if policy.benefit_type not in PAID_TO_WORKERS and policy.benefit_per in ("year", "month"):
                    worth[policy.id] = yuan * (MONTHS_A_YEAR if policy.benefit_per == "month" else 1)
            for by, group in groups.items():
                sums = self.sums[by][:, number]
                sums[0] += np.bincount(group[met], minlength=sums.shape[1])
                sums[1] += np.bincount(group[perhaps], minlength=sums.shape[1])
                if len(fen):
                    # Whole numbers of fen: float64 adds them without loss up to nine thousand billion.
                    sums[2] += np.bincount(group[met], fen, minlength=sums.shape[1]).astype(np.int64)
        self.worth.append(_yearly(worth, self.of, answers.rows))

    def count(self, policy: Policy, rows: int) -> PolicyCount:
        number = self.numbers.get(policy.id)
        if number is None:
            return PolicyCount(policy, 0, rows, 0, None if policy.amount is None else Decimal(0))
        yes, maybe = int(self.eligible[number]), int(self.unknown[number])
        total = None if policy.amount is None else Decimal(int(self.fen[number])) / 100
        return PolicyCount(policy, yes, rows - yes - maybe, maybe, total)

    def rows(self, order: npt.NDArray[np.intp] | None) -> pa.Table:
        """The lists and the amount of every enterprise, in the order of the roster."""
        amount = np.concatenate(self.worth) if self.worth else np.zeros(0)
        found = pa.table(
            {
                **{name: pa.chunked_array(lists, LISTS) for name, lists in self.lists.items()},
                "amount": _money(amount),
            }
        )
        return found if order is None else found.take(np.argsort(order))

    def groups(self) -> pa.Table:
        parts = []
        for by, (codes, _) in self.kinds.items():
            eligible, unknown, fen = self.sums[by]
            number, group = np.nonzero(eligible + unknown)
            paid = np.array([policy.amount is not None for policy in self.policies], bool)[number]
            parts.append(
                pa.table(
                    {
                        "policy": self.names.take(pa.array(number)),
                        "by": pa.array([by] * len(number), pa.string()),
                        "code": pa.array(codes, pa.string()).take(pa.array(group)),
                        "eligible": eligible[number, group],
                        "unknown": unknown[number, group],
                        "amount": pc.if_else(pa.array(paid), _money(fen[number, group] / 100), None),
                    }
                )
            )
        return pa.concat_tables(parts)


def groupings(table: Table) -> dict[str, tuple[list[str], npt.NDArray[np.intp]]]:
    """By ``region``, ``size`` and ``industry``: the codes of the groups ('' unknown) and each enterprise's group."""

    def of(name: str, short: Callable[[str], str]) -> tuple[list[str], npt.NDArray[np.intp]]:
        column = table.columns.get(name)
        if column is None or column.codes is None:
            return [""], np.zeros(table.rows, np.intp)
        texts = ["" if value is None else short(value) for value in column.values]
        codes = sorted({*texts, ""})
        return codes, np.array([codes.index(text) for text in texts], np.intp)[column.codes]

    return {
        "region": of(REGION, lambda code: code[:4]),
        "size": of("size_class", str),
        "industry": of("industry_code", lambda code: section_of(code) or ""),
    }


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
