"""A roster against the whole library: who may have what, who may perhaps, how much it is worth and what it costs."""

from __future__ import annotations

import datetime as dt
import functools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huiqi.registry.codes import section_of
from huiqi.registry.size import CLASSES, classify_columns
from huiqi.rules import Amount, dictionary, language
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
GROUPED_BY = ("region", "size", "industry")
#: What is counted of a policy: eligible and unknown enterprises, and money in fen for the eligible ones.
FIGURES = ("eligible", "unknown", "fen")
GROUPS = pa.schema(
    [
        pa.field("offer", pa.int32()),
        *(pa.field(name, pa.string()) for name in ("by", "code")),
        *(pa.field(name, pa.int64()) for name in FIGURES),
    ]
)


@dataclass(frozen=True)
class PolicyCount:
    """How a policy stands with a roster: numbers of enterprises, and the yuan known for the eligible ones."""

    policy: Policy
    eligible: int
    not_eligible: int
    unknown: int
    amount: Decimal | None


@dataclass(frozen=True)
class Totals:
    """What a match comes to. ``groups`` has a row a policy and place, size or trade: policy, by (``region``: prefecture,
    ``size``, ``industry``: section), code ('' where unknown), eligible, unknown, amount (yuan, null where the policy has
    none)."""

    enterprises: int
    counts: list[PolicyCount]
    groups: pa.Table
    seconds: float

    @property
    def rate(self) -> float:
        """Pairs of enterprise and policy judged in a second."""
        return self.enterprises * len(self.counts) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Match(Totals):
    """The answer for a roster. ``rows`` has a row an enterprise: id, the lists ``eligible`` and ``unknown`` of policy
    ids, and ``amount``, the known yuan a year."""

    rows: pa.Table


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


@dataclass(frozen=True)
class Offer:
    """What a match has to know of an open policy beside its rule. ``a_year`` says how often a year its amount counts in
    what the enterprise gets: 0 when it is paid once, per contract or to workers."""

    id: str
    amount: Amount | None
    a_year: int


@dataclass(frozen=True)
class Work:
    """All that is needed to match enterprises under the law of a day. Small and picklable: machines that have no policy
    files can be sent it."""

    on: dt.date
    offers: tuple[Offer, ...]
    circuit: Circuit
    choices: list[list[frozenset[str]]]


def work_of(of: Library, on: dt.date) -> Work:
    """The open policies of a day, ready to be matched."""
    policies, circuit = circuit_of(of, on)
    a_year = {"year": 1, "month": MONTHS_A_YEAR}
    offers = (
        Offer(p.id, p.amount, 0 if p.benefit_type in PAID_TO_WORKERS else a_year.get(p.benefit_per or "", 0))
        for p in policies
    )
    return Work(on, tuple(offers), circuit, of.exclusion_choices)


@dataclass(frozen=True)
class Sums:
    """Counts and money of some enterprises, in whole numbers: added up in any order they are the same.

    ``policies`` holds, a column an offer, the numbers of eligible and of unknown enterprises and fen; ``groups`` has the
    same by ``offer`` (its number), ``by`` and ``code``.
    """

    rows: int
    policies: npt.NDArray[np.int64]
    groups: pa.Table


def added(parts: Iterable[Sums], work: Work) -> Sums:
    """The sums of all parts together; of none they are zero."""
    rows, policies = 0, np.zeros((3, len(work.offers)), np.int64)
    groups = [GROUPS.empty_table()]
    for part in parts:
        rows += part.rows
        policies += part.policies
        groups.append(part.groups)
    every = pa.concat_tables(groups).group_by(["offer", "by", "code"], use_threads=False)
    summed = every.aggregate([(name, "sum") for name in FIGURES])
    return Sums(rows, policies, summed.rename_columns([*summed.column_names[:3], *FIGURES]).select(GROUPS.names))


def totals(sums: Sums, of: Library, work: Work, seconds: float) -> Totals:
    """The sums by policy of the whole library, closed ones among them, and by group."""
    numbers = {offer.id: number for number, offer in enumerate(work.offers)}

    def count(policy: Policy) -> PolicyCount:
        number = numbers.get(policy.id)
        if number is None:
            return PolicyCount(policy, 0, sums.rows, 0, None if policy.amount is None else Decimal(0))
        yes, maybe, fen = (int(figure) for figure in sums.policies[:, number])
        amount = None if policy.amount is None else Decimal(fen) / 100
        return PolicyCount(policy, yes, sums.rows - yes - maybe, maybe, amount)

    groups = sums.groups.append_column("place", pc.index_in(sums.groups["by"], pa.array(GROUPED_BY)))
    groups = groups.sort_by([(name, "ascending") for name in ("place", "offer", "code")])
    number = groups["offer"]
    paid = pa.array([offer.amount is not None for offer in work.offers], pa.bool_()).take(number)
    table = pa.table(
        {
            "policy": pa.array([offer.id for offer in work.offers], pa.string()).take(number),
            "by": groups["by"],
            "code": groups["code"],
            "eligible": groups["eligible"],
            "unknown": groups["unknown"],
            "amount": pc.if_else(paid, _yuan(groups["fen"]), None),
        }
    )
    return Totals(sums.rows, [count(policy) for policy in of], table, seconds)


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
    work = work_of(of, on)
    rows, sums = judge(facts, ids, work, progress, memory)
    found = totals(sums, of, work, time.perf_counter() - started)
    return Match(found.enterprises, found.counts, found.groups, found.seconds, rows)


def judge(
    facts: pa.Table,
    ids: Sequence[str],
    work: Work,
    progress: Progress | None = None,
    memory: int | None = None,
    threads: int | None = None,
) -> tuple[pa.Table, Sums]:
    """(a row an enterprise, the sums) of :func:`match`, on all cores or on so many ``threads``."""
    table = table_of(facts, work.on, len(ids))
    codes = encode(work.circuit, table, sort=len(work.offers) >= WORTH_SORTING, threads=threads)
    tally = _Tally(table, work)
    runner = Runner(work.circuit, threads)
    for answers in runner.parts(codes, _at_a_time(work.circuit, table.rows, memory), progress=progress):
        places = slice(answers.first, answers.first + answers.rows)
        tally.add(answers, np.arange(table.rows)[places] if codes.order is None else codes.order[places])
    return tally.rows(codes.order).add_column(0, "id", pa.array(ids, pa.string())), tally.sums()


def needed(of: Library, on: dt.date, rows: int, memory: int | None = None) -> tuple[int, int]:
    """(bytes for the codes, bytes for the answers at a time) of a match of so many enterprises, before it runs.

    Raises MemoryError, with the bytes that are needed, when not even one block's answers fit into ``memory``.
    """
    circuit = circuit_of(of, on)[1]
    codes, each = memory_of(circuit, rows)
    return codes, min(_at_a_time(circuit, rows, memory), -(-rows // block_for(circuit, rows)) or 1) * each


def _at_a_time(circuit: Circuit, rows: int, memory: int | None) -> int:
    """Blocks whose answers fit into so many bytes when so many enterprises are matched; at most :data:`PART`."""
    _, each = memory_of(circuit, rows)
    if memory is not None and memory < each:
        raise MemoryError(each)
    return PART if memory is None else min(PART, memory // max(1, each))


class _Tally:
    """Adds up the answers of the parts."""

    def __init__(self, table: Table, work: Work) -> None:
        self.table, self.work = table, work
        self.names = pa.array([offer.id for offer in work.offers], pa.string())
        self.policies = np.zeros((3, len(work.offers)), np.int64)
        self.lists: dict[str, list[pa.Array]] = {"eligible": [], "unknown": []}
        self.worth: list[npt.NDArray[np.float64]] = []
        self.kinds = groupings(table)
        self.grouped = {
            by: np.zeros((3, len(work.offers), len(codes)), np.int64) for by, (codes, _) in self.kinds.items()
        }

    def add(self, answers: Answers, rows: npt.NDArray[np.intp]) -> None:
        self.policies[0] += answers.certain
        self.policies[1] += answers.possible - answers.certain
        for name, lists in self.lists.items():
            lists.append(answers.named(self.names, name == "unknown"))
        matcher = Matcher(self.table.take(rows))
        groups = {by: index[rows] for by, (_, index) in self.kinds.items()}
        worth: dict[str, npt.NDArray[np.float64]] = {}
        for number, certain, possible in answers.rails():
            offer = self.work.offers[number]
            met, perhaps = np.flatnonzero(certain), np.flatnonzero(possible & ~certain)
            fen = np.zeros(0)
            if offer.amount is not None and len(met):
                yuan, _ = matcher.amounts(offer.amount, certain)
                fen = np.round(yuan[met] * 100)
                self.policies[2, number] += int(fen.sum())
                if offer.a_year:
                    worth[offer.id] = yuan * offer.a_year
            for by, group in groups.items():
                sums = self.grouped[by][:, number]
                sums[0] += np.bincount(group[met], minlength=sums.shape[1])
                sums[1] += np.bincount(group[perhaps], minlength=sums.shape[1])
                if len(fen):
                    # Whole numbers of fen: float64 adds them without loss up to nine thousand billion.
                    sums[2] += np.bincount(group[met], fen, minlength=sums.shape[1]).astype(np.int64)
        self.worth.append(_yearly(worth, self.work.choices, answers.rows))

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

    def sums(self) -> Sums:
        parts = [GROUPS.empty_table()]
        for by, (codes, _) in self.kinds.items():
            figures = self.grouped[by]
            number, group = np.nonzero(figures[0] + figures[1])
            columns = (
                number.astype(np.int32),
                np.full(len(number), by),
                pa.array(codes, pa.string()).take(pa.array(group)),
            )
            parts.append(pa.table([*columns, *figures[:, number, group]], schema=GROUPS))
        return Sums(self.table.rows, self.policies, pa.concat_tables(parts))


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


def _yearly(
    worth: dict[str, npt.NDArray[np.float64]], groups: list[list[frozenset[str]]], rows: int
) -> npt.NDArray[np.float64]:
    """Yuan a year for each enterprise; of policies that exclude each other the best set counts."""
    total = np.zeros(rows)
    for choices in groups:
        sums = [
            sum((worth[i] for i in choice if i in worth), np.zeros(rows)) for choice in choices if choice & worth.keys()
        ]
        if sums:
            total += np.maximum.reduce(sums)
    return total


def _money(yuan: npt.NDArray[np.float64]) -> pa.Array:
    """Exact decimals with two places: a sum of amounts in fen is whole far beyond any budget."""
    return _yuan(pa.array(np.round(yuan * 100).astype(np.int64)))


def _yuan(fen: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(fen, pa.ChunkedArray):
        fen = fen.combine_chunks()
    whole = fen.cast(pa.decimal128(19, 0))
    # The same digits with the point moved two places, without arithmetic in Python.
    return pa.Array.from_buffers(pa.decimal128(19, 2), len(whole), whole.buffers())
