"""Drawing the demonstration roster: the complete firms first, then what is known of them.

The roster is invented; it reproduces published totals of Xinjiang and, where there are none, national shares. What
rests on what is said in ``data/roster_calibration.yaml`` figure by figure: counts of enterprises and of recognitions
are published, head-counts and money ratios are derived from the fifth national economic census, and shapes,
correlations, places and everything in the block ``additions`` are assumptions. Do not publish statistics from it.

Firms are drawn in chunks of a fixed size, each with its own generator, so that one seed gives the same bytes every
time and memory stays bounded. Facts that the calibration does not model are "nothing held". NULL means not known; the
findings of departments are unknown for most firms. Some facts are NULL for everybody because the product itself lacks
their source: the pilot cities, the regional quota of disabled staff, the interest on overdue claims.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, overload

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huiqi.registry.size import classify_columns
from huiqi.rules.dictionary import Fact, dictionary

from .calibration import Calibration, calibration
from .chance import Bools, Chance, Floats
from .columns import arrow_type, column, size_column
from .conduct import (
    draw_employment,
    draw_finance,
    draw_loans,
    draw_receivables,
    draw_tax,
    draw_trade,
    fill_the_rest,
)
from .firm import (
    EPOCH,
    Firms,
    Plan,
    draw_identity,
    draw_recognitions,
    draw_record,
    draw_research,
    draw_size,
    plan,
)
from .names import SERIALS, credit_codes, names, spread_over_ordinals

SEED = 20261124
CHUNK = 50_000

_SIZES = ("size_class", "size_class_best", "size_class_worst")

#: Columns that say where the values of a row come from, after the facts.
PROVENANCE = (
    pa.field(
        "source", pa.dictionary(pa.int8(), pa.string())
    ),  # of most values of the row: certified, declared, imported
    pa.field("as_of", pa.date32()),  # the day to which the values refer
    pa.field("stale", pa.bool_()),  # older than they should be
    pa.field(
        "conflicting_facts", pa.int32()
    ),  # facts whose declared and certified values differ by more than 10 percent
    pa.field("reexamination", pa.bool_()),  # holds a title although one of its criteria is no longer met
)

#: Facts that follow from others, so that they are unknown when an input is: computed fact -> its inputs.
_COMPUTED = {
    "revenue_cagr_2y": ("revenue", "revenue_prev2"),
    "titles_not_held": ("titles",),
    "overdue_debtors": ("receivable_debtors", "overdue_amount"),
}

_SAMPLE_FOR_THE_INTERCEPT = 5_000


def schema() -> pa.Schema:
    """The columns: credit code, name, the other stored facts in the order of the dictionary, provenance."""
    facts = [fact for fact in dictionary().stored if fact.name != "uscc"]
    return pa.schema(
        [
            pa.field("uscc", pa.string()),
            pa.field("name", pa.string()),
            *(pa.field(fact.name, arrow_type(fact)) for fact in facts),
            *PROVENANCE,
        ]
    )


def scope_of_missing(cal: Calibration) -> list[str]:
    """The facts over which the overall share of missing values is measured (``missing.target_overall``)."""
    facts = dictionary()
    rates = cal.raw["fact_missing_base"]
    return [
        name
        for name, rate in rates.items()
        if rate not in ("computed", 0.7) and facts[name].group not in ("identity", "context")
    ]


class _Roster:
    """The chunks of one roster; the intercept of the missing values is solved on the first and holds for all."""

    def __init__(self, enterprises: int, seed: int) -> None:
        if enterprises < 0:
            raise ValueError(f"the number of enterprises cannot be negative: {enterprises}")
        self.calibration = calibration()
        self.enterprises, self.seed = enterprises, seed
        self.plan: Plan = plan(self.calibration, enterprises, seed)
        most = np.zeros(len(self.calibration.prefectures), np.int64)
        np.maximum.at(most, self.plan.prefecture, self.plan.serial)
        self.ordinals = spread_over_ordinals(np.array(self.calibration.ordinals, np.int64), most)
        self.schema = schema()
        self.intercept: float | None = None

    def chunks(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        """(what is known, the complete firms) for each chunk."""
        for number, start in enumerate(range(0, self.enterprises, CHUNK)):
            yield self._chunk(number, slice(start, min(start + CHUNK, self.enterprises)))

    def _chunk(self, number: int, rows: slice) -> tuple[pa.Table, pa.Table]:
        rng = np.random.default_rng([self.seed, 1, number])
        firms = Firms(self.calibration, Chance(rng, rows.stop - rows.start))
        draw_identity(firms, self.plan, rows)
        draw_size(firms)
        draw_record(firms)
        draw_recognitions(firms)
        draw_research(firms)
        draw_finance(firms)
        draw_trade(firms)
        draw_loans(firms)
        draw_receivables(firms)
        draw_employment(firms)
        draw_tax(firms)
        fill_the_rest(firms)

        missing = self._missing(firms)
        nothing = np.zeros(firms.count, bool)
        everything = {fact.name: nothing for fact in dictionary().stored}
        leading = self._identity(firms, rows)
        trailing = self._provenance(firms)
        return (
            self._table(firms, missing, leading, trailing),
            self._table(firms, everything, leading, trailing),
        )

    def _missing(self, firms: Firms) -> dict[str, Bools]:
        """Which values are not known, fact by fact."""
        cal = self.calibration
        effect = _missing_effect(firms)
        rates: dict[str, float | str] = cal.raw["fact_missing_base"]
        if self.intercept is None:
            self.intercept = _solve_intercept(firms, effect, cal)
        found: dict[str, Bools] = {}
        for fact in dictionary().stored:
            rate = rates[fact.name]
            if isinstance(rate, str) or rate == 0:
                found[fact.name] = np.zeros(firms.count, bool)
                continue
            chance = 1 / (1 + np.exp(-(_logit(rate) + self.intercept + effect)))
            unknown = firms.chance.rng.random(firms.count) < chance
            found[fact.name] = unknown & ~firms.settled[fact.name] if fact.name in firms.settled else unknown
        for name, inputs in _COMPUTED.items():
            found[name] = np.logical_or.reduce([found[name_of_input] for name_of_input in inputs])
        return found

    def _identity(self, firms: Firms, rows: slice) -> list[pa.Array]:
        cal, facts = self.calibration, dictionary()
        forms = cal.raw["names"]["forms"]
        members = [m.code for m in facts["legal_form"].members or ()]
        industrial = firms.in_sections("BCD")
        texts = []
        for form, makes in zip(firms.form.tolist(), industrial.tolist(), strict=True):
            code = members[form]
            texts.append(
                forms["sole_proprietorship_outside_industry" if code == "sole_proprietorship" and not makes else code]
            )
        serial = self.plan.serial[rows].astype(np.int64)
        ordinals = np.empty(firms.count, np.int64)
        for prefecture, own in enumerate(self.ordinals):
            members = firms.prefecture == prefecture
            ordinals[members] = own[serial[members] // SERIALS]
        return [
            credit_codes(np.ones(firms.count, np.int64), ordinals, serial % SERIALS),
            pa.array(
                names(
                    [cal.short_names[county] for county in firms.county.tolist()],
                    [cal.class_words[industry] for industry in firms.industry.tolist()],
                    texts,
                    self.plan.name_sequence[rows].astype(np.int64),
                    cal.raw["names"],
                )
            ),
        ]

    def _provenance(self, firms: Firms) -> list[pa.Array]:
        cal, chance = self.calibration, firms.chance
        model = cal.raw["provenance"]
        sources = list(model["default"])
        source = chance.pick(list(model["default"].values()))
        age = np.select(
            [source == sources.index("certified"), source == sources.index("declared")],
            [chance.uniform(0, 180), chance.rng.exponential(240, firms.count)],
            chance.uniform(0, 365),
        )
        stale = chance.happens(model["stale_share"])
        days = (cal.as_of - EPOCH).days - np.round(age + 365 * stale).astype(int)
        conflicts = chance.rng.binomial(len(dictionary().stored), model["conflict_share"]["value"], firms.count)
        return [
            pa.DictionaryArray.from_arrays(pa.array(source, pa.int8()), pa.array(sources)),
            pa.array(days, pa.int32()).cast(pa.date32()),
            pa.array(stale),
            pa.array(conflicts, pa.int32()),
            pa.array(firms.reexamination),
        ]

    def _table(
        self, firms: Firms, missing: dict[str, Bools], leading: list[pa.Array], trailing: list[pa.Array]
    ) -> pa.Table:
        employees = np.where(missing["employees"], np.nan, firms.employees)
        revenue = np.where(missing["revenue"], np.nan, firms.revenue)
        assets = np.where(missing["total_assets"], np.nan, firms.assets)
        codes = pa.DictionaryArray.from_arrays(
            pa.array(firms.industry, pa.int32(), mask=missing["industry_code"]), pa.array(self.calibration.classes)
        )
        sizes = classify_columns(codes, employees, revenue, assets, self.calibration.as_of)
        by_name = dict(zip(_SIZES, sizes, strict=True))
        arrays = list(leading)
        for fact in dictionary().stored:
            if fact.name == "uscc":
                continue
            if fact.name in by_name:
                # The members of the three facts stand in another order than the codes of the columns.
                arrays.append(size_column(by_name[fact.name]))
            else:
                arrays.append(self._column(firms, fact, missing[fact.name]))
        return pa.Table.from_arrays([*arrays, *trailing], schema=self.schema)

    @staticmethod
    def _column(firms: Firms, fact: Fact, missing: Bools) -> pa.Array:
        null = missing | firms.absent[fact.name] if fact.name in firms.absent else missing
        return column(fact, firms.values[fact.name], null, firms.words.get(fact.name))


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def _missing_effect(firms: Firms) -> Floats:
    """The firm's part of the logit of a missing value (``missing.model``): weak and small firms leave more blank."""
    scale = firms.scale
    return np.asarray(
        0.45 * (scale == 0)
        - 0.35 * (scale >= 2)
        - 0.55 * firms.chance.capability
        - 0.8 * firms.recognised
        + 0.25 * (firms.age < 1)
    )


def _solve_intercept(firms: Firms, effect: Floats, cal: Calibration) -> float:
    """The common intercept that gives the target share of missing values, by bisection on a part of the first chunk."""
    target = cal.raw["missing"]["target_overall"]["value"]
    few = slice(0, _SAMPLE_FOR_THE_INTERCEPT)
    scope = scope_of_missing(cal)
    logits = np.array([_logit(cal.raw["fact_missing_base"][name]) for name in scope])[:, None] + effect[None, few]
    nobody = np.zeros(firms.count, bool)
    can = np.array([~(firms.settled.get(name, nobody) | firms.absent.get(name, nobody))[few] for name in scope])
    if not can.any():
        return 0.0
    low, high = -5.0, 5.0
    for _ in range(40):
        middle = (low + high) / 2
        share = float((can / (1 + np.exp(-(logits + middle)))).mean())
        low, high = (middle, high) if share < target else (low, middle)
    return (low + high) / 2


@overload
def draw(enterprises: int, seed: int = SEED, *, truth: Literal[False] = False) -> pa.Table: ...
@overload
def draw(enterprises: int, seed: int = SEED, *, truth: Literal[True]) -> tuple[pa.Table, pa.Table]: ...
def draw(enterprises: int, seed: int = SEED, *, truth: bool = False) -> pa.Table | tuple[pa.Table, pa.Table]:
    """A roster of so many enterprises: what is known of them, and with ``truth`` the complete firms as well.

    Columns: ``uscc``, ``name``, the stored facts of the dictionary, then PROVENANCE. The same number and seed give the
    same bytes. Raises ValueError for a negative number or one beyond the range of fictitious credit codes.
    """
    roster = _Roster(enterprises, seed)
    known: list[pa.Table] = []
    complete: list[pa.Table] = []
    for part, whole in roster.chunks():
        known.append(part)
        complete.append(whole)
    empty = roster.schema.empty_table()
    table = pa.concat_tables(known) if known else empty
    if not truth:
        return table
    return table, pa.concat_tables(complete) if complete else empty


def write_parquet(path: str | os.PathLike[str], enterprises: int, seed: int = SEED, *, truth: bool = False) -> None:
    """Write the roster to a Parquet file, a row group a chunk; with ``truth`` the complete firms instead.

    The file appears only when it is complete.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.part")
    roster = _Roster(enterprises, seed)
    try:
        with pq.ParquetWriter(partial, roster.schema, compression="zstd") as writer:
            for known, complete in roster.chunks():
                writer.write_table(complete if truth else known, row_group_size=CHUNK)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
