"""Rules over a whole table of enterprises: distinct leaves once, then bitmaps.

Every leaf becomes two bitmaps: *certain* (true) and *possible* (true or unknown). AND and OR combine each rail with
one operation, so a rule's *true* is certain, its *unknown* is possible and not certain. Leaves over few distinct
values are evaluated once per value with the very reader that judges a single enterprise; arithmetic over numbers runs
on float64 columns, and a row that comes close to a boundary is judged again by that reader. So a table and a single
enterprise never disagree.
"""

from __future__ import annotations

import functools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from .axes import EXACT_DIGITS, NUMBER, TRUTH, Axis, span_of
from .dialects import text_of
from .dictionary import Fact
from .formula import Formula, Leaf
from .language import Language
from .rule import Amount, Rule, compiled

Bits = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

#: Up to so many distinct combinations of values a leaf is evaluated once per combination.
MOST_COMBINATIONS = 50_000
#: Up to so many possible combinations all are evaluated, whether they occur or not.
FEW_PLACES = 4096
#: Up to so many possible combinations each has its place in a list; above, those that occur are sorted out first.
MOST_PLACES = 1_000_000
#: Up to so many rows numpy looks up faster than Arrow.
FEW_ROWS = 20_000
#: Up to so many runs of neighbouring places are compared; more are looked up.
MOST_RUNS = 4
#: Rows that are worked on at a time: what lies between two steps stays in the cache of a core. A multiple of 8.
AT_A_TIME = 1 << 16
#: Two numbers this close, relative to their size, are compared again exactly.
CLOSE = 1e-9


@dataclass(frozen=True)
class Column:
    """A fact of all enterprises: ``codes`` index ``values`` (Python values), or ``numbers`` with ``known``.

    Whole numbers and decimals are float64 ``numbers``; everything else is coded, code 0 being *unknown*.
    """

    known: Bools
    numbers: npt.NDArray[np.float64] | None = None
    codes: npt.NDArray[np.int32] | None = None
    values: tuple[Any, ...] = ()

    @functools.cached_property
    def known_bits(self) -> Bits:
        """:attr:`known` as a bitmap."""
        return np.packbits(self.known)

    @functools.cached_property
    def order(self) -> npt.NDArray[np.intp]:
        """The codes with *unknown* first and then by their values."""
        codes = (code for code, value in enumerate(self.values) if value is not None)
        return np.array([0, *sorted(codes, key=self.values.__getitem__)], np.intp)

    @functools.cached_property
    def sorted_values(self) -> list[Any]:
        """The distinct values but *unknown*, in the order of :attr:`order`."""
        return [self.values[code] for code in self.order[1:].tolist()]

    @functools.cached_property
    def ranks(self) -> npt.NDArray[np.unsignedinteger]:
        """The place of each row's value in :attr:`order`, in as few bytes as that takes: 0 is unknown."""
        assert self.codes is not None
        rank = np.zeros(len(self.values), np.min_scalar_type(max(1, len(self.order) - 1)))
        rank[self.order] = np.arange(len(self.order))
        return gather(rank, self.codes)


def column_of(fact: Fact, array: pa.Array | pa.ChunkedArray) -> Column:
    """A column from Arrow: numbers for integer and decimal facts, codes for all others; null is unknown."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    known = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    if fact.type in ("integer", "decimal"):
        numbers = array.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
        return Column(known, numbers=np.asarray(numbers, dtype=np.float64))
    if pa.types.is_null(array.type):
        return constant(None, len(array))
    if fact.type == "set":
        return _sets(array, known)
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    encoded = array.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32) + 1
    return Column(known, codes=codes, values=(None, *encoded.dictionary.to_pylist()))


def _sets(array: pa.ListArray, known: Bools) -> Column:
    """Sets as bitmaps of their members, and equal bitmaps as one code. Sixty-three members go into a word."""
    lengths = pc.list_value_length(array).fill_null(0).to_numpy(zero_copy_only=False)
    members = array.flatten().dictionary_encode()
    places = members.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    names = members.dictionary.to_pylist()
    filled = np.flatnonzero(lengths)
    starts = (np.cumsum(lengths) - lengths)[filled]
    index = np.zeros(len(array), np.int64)
    sets: list[frozenset[str]] = [frozenset()]
    for first in range(0, len(names), 63):
        here = names[first : first + 63]
        flags = np.where((places >= first) & (places < first + 63), np.int64(1) << (places - first) % 63, 0)
        masks = np.zeros(len(array), np.int64)
        masks[filled] = np.bitwise_or.reduceat(flags, starts)
        distinct, of_row = np.unique(masks, return_inverse=True)
        pairs, index = np.unique(index * len(distinct) + of_row, return_inverse=True)
        parts = [frozenset(name for place, name in enumerate(here) if mask >> place & 1) for mask in distinct.tolist()]
        sets = [sets[pair // len(distinct)] | parts[pair % len(distinct)] for pair in pairs.tolist()]
    return Column(known, codes=np.where(known, index + 1, 0).astype(np.int32), values=(None, *sets))


def column_of_values(fact: Fact, values: Sequence[Any]) -> Column:
    """A column from typed Python values as ``read_value`` gives them."""
    if fact.type in ("integer", "decimal"):
        known = np.fromiter((v is not None for v in values), bool, len(values))
        return Column(
            known, numbers=np.fromiter((0.0 if v is None else float(v) for v in values), np.float64, len(values))
        )
    order: dict[Any, int] = {None: 0}
    codes = np.fromiter((order.setdefault(v, len(order)) for v in values), np.int32, len(values))
    return Column(codes != 0, codes=codes, values=tuple(order))


def constant(value: Any, rows: int) -> Column:
    """A column that holds one value, such as the day of evaluation."""
    if value is None:
        return Column(np.zeros(rows, bool), codes=np.zeros(rows, np.int32), values=(None,))
    return Column(np.ones(rows, bool), codes=np.ones(rows, np.int32), values=(None, value))


class Table:
    """Facts of many enterprises by column. A fact that has no column is unknown for all."""

    def __init__(self, columns: Mapping[str, Column], rows: int, language: Language) -> None:
        self.columns, self.rows, self.language = dict(columns), rows, language

    def row(self, index: int, names: Sequence[str]) -> dict[str, Any]:
        """Typed values of one row, as the reader of a single enterprise takes them."""
        found: dict[str, Any] = {}
        for name in names:
            column = self.columns.get(name)
            if column is None or not column.known[index]:
                continue
            if column.codes is not None:
                found[name] = column.values[column.codes[index]]
            else:
                assert column.numbers is not None
                found[name] = self._exact(name, column.numbers[index])
        return found

    def prepare(self) -> None:
        """Reckon now what every column is asked sooner or later, so that no rule has to wait for it."""
        for column in self.columns.values():
            _ = column.known_bits
            if column.codes is not None:
                _ = column.ranks, column.sorted_values

    def take(self, rows: npt.NDArray[np.intp]) -> Table:
        """Some of the enterprises, by row, in that order."""
        columns = {
            name: Column(
                column.known[rows],
                None if column.numbers is None else column.numbers[rows],
                None if column.codes is None else column.codes[rows],
                column.values,
            )
            for name, column in self.columns.items()
        }
        return Table(columns, len(rows), self.language)

    def _exact(self, name: str, number: float) -> int | Decimal:
        if self.language.dictionary[name].type == "integer":
            return int(number)
        return Decimal(repr(round(float(number), 4)))


def gather(table: npt.NDArray[Any], index: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``table[index]`` for an index within bounds; Arrow does it four times as fast as numpy."""
    taken: npt.NDArray[Any]
    if len(index) < FEW_ROWS:
        taken = table[index]
    else:
        taken = pc.take(pa.array(table), pa.array(index), boundscheck=False).to_numpy()
    return taken


@dataclass(frozen=True)
class Rails:
    """The answer to a condition for all rows as bitmaps, eight rows a byte; bits past the last row are zero."""

    certain: Bits
    possible: Bits


class Matcher:
    """Evaluates many rules over one table; each distinct leaf is evaluated once.

    Quotients are reckoned exactly, as for a single enterprise; ``exact=False`` takes them as doubles, as SQL engines do.
    """

    def __init__(self, table: Table, exact: bool = True) -> None:
        self.table = table
        self.compiler = compiled(table.language, exact)
        self._leaves: dict[str, Rails] = {}
        tail = table.rows % 8
        self._mask = np.full((table.rows + 7) // 8, 255, np.uint8)
        if tail:
            self._mask[-1] = (0xFF << (8 - tail)) & 0xFF

    # -- conditions ------------------------------------------------------------------------------------------------
    def match(self, rule: Rule, without: str | None = None) -> Rails:
        """The rails of a rule for every row; ``without`` is the key of a leaf that is taken as met."""
        return self._combine(rule.formula, without)

    def verdicts(self, rule: Rule) -> npt.NDArray[np.int8]:
        """1 met, 0 not met, -1 unknown, for every row."""
        rails = self.match(rule)
        return self.unpack(rails.certain).astype(np.int8) * 2 - self.unpack(rails.possible).astype(np.int8)

    def unpack(self, bits: Bits) -> Bools:
        return np.unpackbits(bits, count=self.table.rows).view(bool)

    @staticmethod
    def count(bits: Bits) -> int:
        return int(np.bitwise_count(bits).sum())

    def figures(self, column: exp.Column) -> tuple[npt.NDArray[np.float64], Bools]:
        """(value, known) of a numeric fact, stored or derived, for every row."""
        return Vector(self).number(column)

    def _combine(self, part: Formula, without: str | None = None) -> Rails:
        if isinstance(part, Leaf):
            return Rails(self._mask, self._mask) if part.key == without else self.leaf(part)
        rails = [self._combine(child, without) for child in part.parts]
        work = np.bitwise_and if part.connective == "all" else np.bitwise_or
        certain, possible = rails[0].certain.copy(), rails[0].possible.copy()
        for other in rails[1:]:
            work(certain, other.certain, out=certain)
            work(possible, other.possible, out=possible)
        return Rails(certain, possible)

    def leaf(self, leaf: Leaf) -> Rails:
        """The rails of one leaf. A negated leaf is the complement of its own, with the rails exchanged."""
        if leaf.key not in self._leaves:
            if isinstance(leaf.node, exp.Not):
                inner = self.leaf(Leaf(leaf.node.this, text_of(leaf.node.this)))
                self._leaves[leaf.key] = Rails(~inner.possible & self._mask, ~inner.certain & self._mask)
            else:
                self._leaves[leaf.key] = self._rails(leaf.node)
        return self._leaves[leaf.key]

    def _rails(self, node: exp.Expression) -> Rails:
        found = self._of_interval(node)
        if found is not None:
            return found
        grouped = self.by_value(node)
        if grouped is not None:
            answers, index = grouped
            verdicts = np.array([2 * (a is True) + (a is None) for a in answers], np.uint8)
            names = self.inputs(node)
            if len(names) == 1:
                column = self.table.columns[names[0]]
                return self._of_ranks(verdicts[column.order], column)
            return self._of_values(verdicts, index)
        truth, known = self.condition(node)
        return Rails(np.packbits(truth), np.packbits(truth | ~known))

    def _of_interval(self, node: exp.Expression) -> Rails | None:
        """A stored fact between constants: its figures are compared, its texts or dates are sorted once and cut."""
        span = span_of(node, self.table.language)
        if span.kind == TRUTH or span.never_unknown or not _stored(span.node, self.table.language):
            return None
        column = self.table.columns.get(span.node.name)
        if column is None:
            return None
        axis = Axis(span.node, span.kind)
        axis.settle({boundary for interval in span.intervals for boundary in interval if boundary is not None})
        ranges = axis.ranges(span)
        if column.codes is not None and span.kind != NUMBER:
            values = column.sorted_values
            cuts = [(bisect_right if after else bisect_left)(values, value) for value, after in axis.boundaries]
            cuts = [1, *(1 + cut for cut in cuts), 1 + len(values)]
            verdicts = np.zeros(1 + len(values), np.uint8)
            verdicts[0] = 1
            for first, last in ranges:
                verdicts[cuts[first - 1] : cuts[last]] = 2
            return self._of_ranks(verdicts, column)
        if column.numbers is None or not axis.short:
            return None
        limits = [-np.inf, *axis.limits.tolist(), np.inf]
        figures, intervals = column.numbers, [(limits[first - 1], limits[last]) for first, last in ranges]
        return self._known(self._bits(lambda rows: _between(figures[rows], intervals)), column)

    def _of_ranks(self, verdicts: npt.NDArray[np.uint8], column: Column) -> Rails:
        """As :meth:`_of_values` for the values of a column by their ranks; a few runs of true ones are compared."""
        met, ranks = verdicts == 2, column.ranks
        if verdicts[0] != 1 or (verdicts[1:] == 1).any():
            return self._of_values(verdicts, ranks)
        runs, certain = _runs(met), met.astype(np.uint8)
        if len(runs) <= MOST_RUNS:
            return self._known(self._bits(lambda rows: _inside(ranks[rows], runs)), column)
        return self._known(self._bits(lambda rows: gather(certain, ranks[rows])), column)

    def _of_values(self, verdicts: npt.NDArray[np.uint8], index: npt.NDArray[Any]) -> Rails:
        """The rails when ``verdicts`` has 2 true, 1 unknown, 0 false for each value of ``index``."""
        certain = (verdicts == 2).astype(np.uint8)
        return Rails(
            self._bits(lambda rows: gather(certain, index[rows])),
            self._bits(lambda rows: gather(verdicts, index[rows])),
        )

    def _known(self, met: Bits, column: Column) -> Rails:
        """The rails of a condition on one column, which is unknown where the column is."""
        known = column.known_bits
        return Rails(met & known, (met | ~known) & self._mask)

    def _bits(self, test: Callable[[slice], npt.NDArray[Any]]) -> Bits:
        """Where ``test`` is not 0 for a share of the rows, as a bitmap."""
        bits = np.empty_like(self._mask)
        for first in range(0, self.table.rows, AT_A_TIME):
            bits[first // 8 : (first + AT_A_TIME) // 8] = np.packbits(test(slice(first, first + AT_A_TIME)))
        return bits

    def condition(self, node: exp.Expression) -> tuple[Bools, Bools]:
        """(true, known) of a condition for every row."""
        grouped = self.by_value(node)
        if grouped is not None:
            answers, index = grouped
            truth = np.fromiter((a is True for a in answers), bool, len(answers))
            known = np.fromiter((a is not None for a in answers), bool, len(answers))
            return truth[index], known[index]
        vector = Vector(self)
        truth, known = vector.condition(node)
        rows = np.flatnonzero(vector.doubtful)
        if len(rows):
            truth, known = truth.copy(), known.copy()
            read, names = self.compiler.reader(node), self.inputs(node)
            for i in rows:
                answer = read(self.table.row(int(i), names))
                truth[i], known[i] = answer is True, answer is not None
        return truth, known

    # -- by distinct value -----------------------------------------------------------------------------------------
    def by_value(
        self, node: exp.Expression, names: Sequence[str] | None = None
    ) -> tuple[list[Any], npt.NDArray[Any]] | None:
        """Answers per distinct combination of the coded facts under the node, and each row's combination.

        ``names`` are those of :func:`names_under`, if they are at hand. None when a figure is among the facts or there are
        too many combinations.
        """
        chosen = [
            (name, self.table.columns[name]) for name in self._present(names or names_under(self.table.language, node))
        ]
        codes = [column.codes for _, column in chosen if column.codes is not None]
        size = math.prod(len(column.values) for _, column in chosen)
        if len(codes) < len(chosen) or size > 2**62:
            return None
        if len(codes) == 1:
            index: npt.NDArray[Any] = codes[0]
        else:
            index = np.zeros(self.table.rows, np.int64)
            for own, (_, column) in zip(codes, chosen, strict=True):
                index *= len(column.values)
                index += own
        if size <= FEW_PLACES:
            distinct = np.arange(size)
        elif size <= MOST_PLACES:
            distinct = np.flatnonzero(np.bincount(index, minlength=size))
        else:
            distinct, index = np.unique(index, return_inverse=True)
        if len(distinct) > MOST_COMBINATIONS:
            return None
        read = self.compiler.reader(node)
        answers: list[Any] = [None] * (size if size <= MOST_PLACES else len(distinct))
        for place, combination in enumerate(distinct.tolist()):
            row: dict[str, Any] = {}
            rest = combination
            for name, column in reversed(chosen):
                rest, code = divmod(rest, len(column.values))
                row[name] = column.values[code]
            answers[combination if size <= MOST_PLACES else place] = read(row)
        return answers, index

    def inputs(self, node: exp.Expression) -> tuple[str, ...]:
        """Names of the columns under a node; a derived fact is among them where the table states it."""
        return self._present(names_under(self.table.language, node))

    def _present(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name in self.table.columns)

    # -- amounts ---------------------------------------------------------------------------------------------------
    def amounts(self, amount: Amount, where: Bools) -> tuple[npt.NDArray[np.float64], Bools]:
        """(yuan rounded to fen, known) for the rows of ``where``; all other rows are 0 and unknown."""
        vector = Vector(self)
        numbers, known = vector.number(amount.tree)
        cents = numbers * 100
        near_half = np.abs(np.abs(cents - np.floor(cents)) - 0.5) < 1e-4
        rounded = np.round(cents) / 100
        known = known & where
        names = self.inputs(amount.tree)
        for i in np.flatnonzero((near_half | vector.doubtful) & where):
            value = amount.evaluate(self.table.row(int(i), names))
            rounded[i], known[i] = (0.0, False) if value is None else (float(value), True)
        return np.where(known, rounded, 0.0), known


def names_under(language: Language, node: exp.Expression) -> tuple[str, ...]:
    """Names of the facts under a node: those that it names, and those that derived ones rest on."""
    found: dict[str, None] = {}
    waiting = [node]
    while waiting:
        for column in waiting.pop().find_all(exp.Column):
            if column.name not in found:
                found[column.name] = None
                if language.dictionary[column.name].derived is not None:
                    waiting.append(language.derived(column.name))
    return tuple(found)


class Vector:
    """One walk over a tree with whole columns; ``doubtful`` collects rows that came close to a boundary."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher, self.table = matcher, matcher.table
        self.doubtful = np.zeros(self.table.rows, bool)

    def condition(self, node: exp.Expression) -> tuple[Bools, Bools]:
        if isinstance(node, exp.Not):
            truth, known = self.condition(node.this)
            return ~truth & known, known
        if isinstance(node, (exp.And, exp.Or)):
            (t1, k1), (t2, k2) = self.condition(node.this), self.condition(node.expression)
            if isinstance(node, exp.And):
                return t1 & t2, (k1 & k2) | (k1 & ~t1) | (k2 & ~t2)
            return t1 | t2, (k1 & k2) | t1 | t2
        if isinstance(node, exp.Boolean):
            return np.full(self.table.rows, bool(node.this)), np.ones(self.table.rows, bool)
        if isinstance(node, exp.Null):
            return np.zeros(self.table.rows, bool), np.zeros(self.table.rows, bool)
        grouped = self.matcher.by_value(node)
        if grouped is not None:
            answers, index = grouped
            return np.array([a is True for a in answers], bool)[index], np.array(
                [a is not None for a in answers], bool
            )[index]
        return self._mixed(node)

    def _mixed(self, node: exp.Expression) -> tuple[Bools, Bools]:
        """Conditions that read numbers."""
        if isinstance(node, exp.Column):
            fact = self.table.language.dictionary[node.name]
            if fact.derived is None:
                return self._row_by_row(node)
            truth, known = self.condition(self.table.language.derived(node.name))
            stated = self.table.columns.get(node.name)
            if stated is not None:
                assert stated.codes is not None
                own = np.array([v is True for v in stated.values], bool)[stated.codes]
                return np.where(stated.known, own, truth), known | stated.known
            return truth, known
        if (
            isinstance(node, (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE))
            and _numeric(node.this)
            and _numeric(node.expression)
        ):
            return self._compare(_COMPARE[type(node)], node.this, node.expression)
        if isinstance(node, exp.Between) and _numeric(node.this):
            t1, k1 = self._compare(np.greater_equal, node.this, node.args["low"])
            t2, k2 = self._compare(np.less_equal, node.this, node.args["high"])
            return t1 & t2, (k1 & k2) | (k1 & ~t1) | (k2 & ~t2)
        if isinstance(node, exp.In) and _numeric(node.this):
            parts = [self._compare(np.equal, node.this, item) for item in node.expressions]
            truth = np.logical_or.reduce([t for t, _ in parts])
            return truth, truth | np.logical_and.reduce([k for _, k in parts])
        if isinstance(node, exp.Is) and _numeric(node.this):
            _, known = self.number(node.this)
            return ~known, np.ones(self.table.rows, bool)
        if isinstance(node, exp.Case):
            return self._case(node, self.condition)
        if isinstance(node, exp.Coalesce):
            truth, known = self.condition(node.this)
            for part in node.expressions:
                t, k = self.condition(part)
                truth, known = np.where(known, truth, t), known | k
            return truth, known
        return self._row_by_row(node)

    def _row_by_row(self, node: exp.Expression) -> tuple[Bools, Bools]:
        read, names = self.matcher.compiler.reader(node), self.matcher.inputs(node)
        answers = [read(self.table.row(i, names)) for i in range(self.table.rows)]
        return np.array([a is True for a in answers], bool), np.array([a is not None for a in answers], bool)

    def _compare(self, compare: Callable[..., Any], left: exp.Expression, right: exp.Expression) -> tuple[Bools, Bools]:
        if isinstance(right, exp.Literal):
            # By far the most: a figure against a constant, which needs no column of its own.
            a, known = self.number(left)
            b: Any = np.float64(right.this)
        else:
            (a, ka), (b, kb) = self.number(left), self.number(right)
            known = ka & kb
        if not all(_plain(side, self.table.language) for side in (left, right)):
            self.doubtful |= known & (np.abs(a - b) <= CLOSE * (np.abs(a) + np.abs(b)))
        return compare(a, b) & known, known

    def number(self, node: exp.Expression) -> tuple[npt.NDArray[np.float64], Bools]:
        """(value, known) of a number for every row; an unknown value is 0."""
        rows = self.table.rows
        if isinstance(node, exp.Literal):
            return np.full(rows, float(node.this)), np.ones(rows, bool)
        if isinstance(node, exp.Null):
            return np.zeros(rows), np.zeros(rows, bool)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Neg):
            value, known = self.number(node.this)
            return -value, known
        if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
            (a, ka), (b, kb) = self.number(node.this), self.number(node.expression)
            known = ka & kb
            if isinstance(node, exp.Div):
                known = known & (b != 0)
                return np.divide(a, b, out=np.zeros(rows), where=known), known
            work = {exp.Add: np.add, exp.Sub: np.subtract, exp.Mul: np.multiply}[type(node)]
            return np.where(known, work(a, b), 0.0), known
        if isinstance(node, exp.Nullif):
            equal, _ = self._compare(np.equal, node.this, node.expression)
            value, known = self.number(node.this)
            known = known & ~equal
            return np.where(known, value, 0.0), known
        if isinstance(node, exp.Coalesce):
            value, known = self.number(node.this)
            for part in node.expressions:
                v, k = self.number(part)
                value, known = np.where(known, value, v), known | k
            return value, known
        if isinstance(node, (exp.Least, exp.Greatest)):
            empty = np.inf if isinstance(node, exp.Least) else -np.inf
            work = np.minimum if isinstance(node, exp.Least) else np.maximum
            value, known = np.full(rows, empty), np.zeros(rows, bool)
            for part in (node.this, *node.expressions):
                v, k = self.number(part)
                value, known = work(value, np.where(k, v, empty)), known | k
            return np.where(known, value, 0.0), known
        if isinstance(node, exp.Case):
            return self._case(node, self.number)
        return self._numbers_by_value(node)

    def _column(self, node: exp.Column) -> tuple[npt.NDArray[np.float64], Bools]:
        rows = self.table.rows
        column = self.table.columns.get(node.name)
        fact = self.table.language.dictionary[node.name]
        stated = (np.zeros(rows), np.zeros(rows, bool))
        if column is not None and column.numbers is not None:
            stated = (column.numbers, column.known)
        elif column is not None and column.codes is not None:
            stated = (np.array([0.0 if v is None else float(v) for v in column.values])[column.codes], column.known)
        if fact.derived is None:
            return stated
        value, known = self._derived(node)
        return np.where(stated[1], stated[0], value), stated[1] | known

    def _derived(self, node: exp.Column) -> tuple[npt.NDArray[np.float64], Bools]:
        tree = self.table.language.derived(node.name)
        grouped = self.matcher.by_value(tree)
        return self._spread(*grouped) if grouped is not None else self.number(tree)

    def _numbers_by_value(self, node: exp.Expression) -> tuple[npt.NDArray[np.float64], Bools]:
        grouped = self.matcher.by_value(node)
        if grouped is not None:
            return self._spread(*grouped)
        read, names = self.matcher.compiler.reader(node), self.matcher.inputs(node)
        answers = [read(self.table.row(i, names)) for i in range(self.table.rows)]
        return np.array([0.0 if a is None else float(a) for a in answers]), np.array(
            [a is not None for a in answers], bool
        )

    @staticmethod
    def _spread(answers: list[Any], index: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.float64], Bools]:
        return np.array([0.0 if a is None else float(a) for a in answers])[index], np.array(
            [a is not None for a in answers], bool
        )[index]

    def _case(self, node: exp.Case, part: Callable[[exp.Expression], tuple[Any, Bools]]) -> tuple[Any, Bools]:
        default = node.args.get("default")
        value, known = part(default if default is not None else exp.null())
        for branch in reversed(node.args["ifs"]):
            met, _ = self.condition(branch.this)
            v, k = part(branch.args["true"])
            value, known = np.where(met, v, value), np.where(met, k, known)
        return value, known


_COMPARE: dict[type[exp.Expression], Callable[..., Any]] = {
    exp.EQ: np.equal,
    exp.NEQ: np.not_equal,
    exp.GT: np.greater,
    exp.GTE: np.greater_equal,
    exp.LT: np.less,
    exp.LTE: np.less_equal,
}


def _numeric(node: exp.Expression) -> bool:
    return node.meta.get("kind") in ("int", "decimal", "double", "null")


def _runs(chosen: Bools) -> list[tuple[int, int]]:
    """(first, last) of each run of places that are chosen."""
    edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False)).tolist()
    return [(first, end - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _inside(places: npt.NDArray[Any], runs: list[tuple[int, int]]) -> Bools:
    """Which places, unsigned numbers, lie in one of the runs."""
    kind = places.dtype.type
    # What lies below ``first`` wraps round to the greatest numbers.
    return _any([places - kind(first) <= kind(last - first) for first, last in runs], len(places))


def _between(numbers: npt.NDArray[np.float64], intervals: list[tuple[float, float]]) -> Bools:
    """Which numbers lie in one of the intervals: from their first number up to, but not including, their end."""
    found = []
    for low, end in intervals:
        if end == np.inf:
            found.append(numbers >= low)
        elif low == -np.inf:
            found.append(numbers < end)
        else:
            found.append((numbers >= low) & (numbers < end))
    return _any(found, len(numbers))


def _any(found: list[Bools], rows: int) -> Bools:
    """OR of columns."""
    return functools.reduce(np.bitwise_or, found) if found else np.zeros(rows, bool)


def _stored(node: exp.Expression, language: Language) -> bool:
    return isinstance(node, exp.Column) and language.dictionary[node.name].derived is None


def _plain(node: exp.Expression, language: Language) -> bool:
    """Whether a number is a stored figure or a literal of few digits, which float64 compares without error."""
    if isinstance(node, exp.Literal):
        return len(node.this.replace(".", "")) <= EXACT_DIGITS
    return _stored(node, language)
