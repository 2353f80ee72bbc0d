"""Conditions as intervals on an axis.

An *axis* is what a condition looks at: a fact, a derived fact or an arithmetic expression, whose values are ordered
(numbers, dates, codes as text), or a whole condition that cannot be taken apart, whose values are false and true.
``employees >= 10`` is the interval from 10 on the axis ``employees``; ``registration_region like '6531%'`` is the
interval from '6531' to '6532'. All conditions on one axis cut it at their *boundaries*, and between two neighbouring
boundaries no condition can tell two values apart. So the number of boundaries at or below a value says all that any
rule asks of it, and fits into one or two bytes.
"""

from __future__ import annotations

import datetime as dt
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from .dialects import text_of
from .language import COMPARISONS, Language

#: A place between values: (value, 0) lies just below the value, (value, 1) just above it.
Boundary = tuple[Any, int]
#: From a boundary up to, but not including, another; None is without end.
Interval = tuple[Boundary | None, Boundary | None]

NUMBER, ORDERED, TRUTH = "number", "ordered", "truth"
#: The values of an axis of truth, as they are coded.
FALSE_CODE, TRUE_CODE = 1, 2

#: Decimal digits that float64 holds without loss.
EXACT_DIGITS = 15
#: A number's bucket is its bits without the last 48.
BUCKET_SHIFT, BUCKETS = 48, 1 << 15

#: So many values of a fact are remembered with their codes; more are reckoned each time.
MOST_REMEMBERED = 100_000

_FLIPPED: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}


@dataclass(frozen=True)
class Span:
    """A condition on an axis: met inside the intervals, unknown or (for IS NULL) met where the value is unknown."""

    node: exp.Expression
    kind: str
    intervals: tuple[Interval, ...]
    met_if_unknown: bool = False
    never_unknown: bool = False


def span_of(node: exp.Expression, of: Language) -> Span:
    """The intervals of a condition. What has no axis of its own becomes an axis of truth."""
    flip, inner = False, node
    while isinstance(inner, exp.Not):
        inner, flip = inner.this, not flip
    found = _ordered(inner, of)
    if found is None:
        return Span(inner, TRUTH, (((True, 0), None),) if not flip else ((None, (True, 0)),))
    if not flip:
        return found
    return Span(
        found.node,
        found.kind,
        _outside(found.intervals),
        found.never_unknown and not found.met_if_unknown,
        found.never_unknown,
    )


def _ordered(node: exp.Expression, of: Language) -> Span | None:
    if isinstance(node, COMPARISONS):
        return _comparison(type(node), node.this, node.expression, of)
    if isinstance(node, exp.Between):
        low, high = _constant(node.args["low"]), _constant(node.args["high"])
        kind = _kind(node.this, of)
        if low is None or high is None or kind is None:
            return None
        return Span(node.this, kind, (((low, 0), (high, 1)),) if low <= high else ())
    if isinstance(node, exp.In):
        values, kind = [_constant(item) for item in node.expressions], _kind(node.this, of)
        if None in values or kind is None:
            return None
        return Span(node.this, kind, tuple(((value, 0), (value, 1)) for value in sorted(set(values))))
    if isinstance(node, exp.Like):
        pattern, kind = str(node.expression.this), _kind(node.this, of)
        if kind is None or not pattern.endswith("%") or set("%_") & set(pattern[:-1]):
            return None
        prefix = pattern[:-1]
        return Span(node.this, kind, (((prefix, 0), _after_prefix(prefix)),))
    if isinstance(node, exp.Is) and (kind := _kind(node.this, of)) is not None:
        return Span(node.this, kind, (), met_if_unknown=True, never_unknown=True)
    return None


def _comparison(sign: type[exp.Expression], left: exp.Expression, right: exp.Expression, of: Language) -> Span | None:
    value = _constant(right)
    if value is None:
        sign, left, value = _FLIPPED[sign], right, _constant(left)
    kind = _kind(left, of)
    if value is None or kind is None:
        return None
    below, above = (value, 0), (value, 1)
    intervals: dict[type[exp.Expression], tuple[Interval, ...]] = {
        exp.EQ: ((below, above),),
        exp.NEQ: ((None, below), (above, None)),
        exp.GT: ((above, None),),
        exp.GTE: ((below, None),),
        exp.LT: ((None, below),),
        exp.LTE: ((None, above),),
    }
    return Span(left, kind, intervals[sign])


def _kind(node: exp.Expression, of: Language) -> str | None:
    """The kind of axis that an expression makes; None when it is constant or its values have no order here."""
    if next(node.find_all(exp.Column), None) is None:
        return None
    kind = node.meta.get("kind")
    if kind in ("int", "decimal", "double"):
        return NUMBER
    if kind in ("text", "date") and isinstance(node, exp.Column) and of.dictionary[node.name].derived is None:
        return ORDERED
    return None


def _constant(node: exp.Expression) -> Any:
    """The value of a literal (numbers as exact fractions), or None for all else."""
    if isinstance(node, exp.Neg) and (value := _constant(node.this)) is not None:
        return -value
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else Fraction(node.this)
    if isinstance(node, exp.Cast):
        return dt.date.fromisoformat(node.this.this)
    return None


def _after_prefix(prefix: str) -> Boundary | None:
    """The boundary above all texts that begin with the prefix."""
    while prefix:
        last = ord(prefix[-1]) + 1
        if last <= 0x10FFFF:
            # Surrogates are no characters.
            return prefix[:-1] + chr(0xE000 if 0xD800 <= last <= 0xDFFF else last), 0
        prefix = prefix[:-1]
    return None


def _outside(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """What lies between sorted intervals that do not overlap."""
    gaps: list[Interval] = []
    start: Boundary | None = None
    for number, (low, high) in enumerate(intervals):
        if low is not None:
            gaps.append((start, low))
        elif number:
            raise ValueError("only the first interval may be without a beginning")
        if high is None:
            return tuple(gaps)
        start = high
    return (*gaps, (start, None))


class Axis:
    """What conditions look at, and the boundaries at which they cut it."""

    def __init__(self, node: exp.Expression, kind: str) -> None:
        self.node, self.kind = node, kind
        self.boundaries: list[Boundary] = [(True, 0)] if kind == TRUTH else []
        self._remembered: dict[str, dict[Any, int]] = {}

    @functools.cached_property
    def key(self) -> str:
        """The canonical text of what the axis looks at."""
        return text_of(self.node)

    def settle(self, boundaries: set[Boundary]) -> None:
        """Fix the boundaries; codes mean something from now on."""
        self.boundaries = sorted(boundaries)

    @functools.cached_property
    def limits(self) -> npt.NDArray[np.float64]:
        """The boundaries of numbers as the least float64 that lies above each."""
        return np.array([np.nextafter(float(v), np.inf) if after else float(v) for v, after in self.boundaries])

    @functools.cached_property
    def short(self) -> bool:
        """Whether every boundary is a number of few digits, so that float64 tells it from every figure on file."""
        return all(value == Fraction(f"{float(value):.{EXACT_DIGITS}g}") for value, _ in self.boundaries)

    @functools.cached_property
    def buckets(self) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.float64], int]:
        """(number of limits below each bucket, the limits and some endless ones, most limits in a bucket).

        A bucket is the numbers that share their sign (which is plus), exponent and first four binary digits: sixteen
        buckets between 1 and 2, between 2 and 4, and so on.
        """
        starts = (np.arange(BUCKETS, dtype=np.uint64) << np.uint64(BUCKET_SHIFT)).view(np.float64)
        # Beyond the greatest number stand bit patterns that are no numbers.
        starts = np.where(np.isnan(starts), np.inf, starts)
        below = np.searchsorted(self.limits, starts)
        deepest = int(np.diff(below, append=len(self.limits)).max())
        return below.astype(np.uint16), np.append(self.limits, np.full(deepest + 1, np.inf)), deepest

    @property
    def wide(self) -> bool:
        """Whether codes need two bytes: code 0 is unknown, and k boundaries part k + 1 codes."""
        return len(self.boundaries) + 1 > 255

    @functools.cached_property
    def _index(self) -> dict[Boundary, int]:
        return {boundary: place for place, boundary in enumerate(self.boundaries)}

    @functools.cached_property
    def _values(self) -> tuple[list[Any], list[Any]]:
        """The values below which, and those above which, there is a boundary."""
        return [value for value, after in self.boundaries if not after], [v for v, after in self.boundaries if after]

    def code(self, value: Any) -> int:
        """The code of one value: 0 for None, else one more than the number of boundaries at or below it.

        Numbers are int, Decimal or Fraction.
        """
        if value is None:
            return 0
        below, above = self._values
        return 1 + bisect_right(below, value) + bisect_left(above, value)

    def codes(self, name: str, values: Iterable[Any], reckon: Callable[[Any], int]) -> list[int]:
        """The codes of distinct values of the fact ``name``, on which alone the axis rests; each is reckoned once.

        Places, trades, dates and sets of titles come again with every enterprise that changes. As many as
        :data:`MOST_REMEMBERED` are kept.
        """
        known = self._remembered.setdefault(name, {})
        found = []
        for value in values:
            code = known.get(value)
            if code is None:
                code = reckon(value)
                if len(known) < MOST_REMEMBERED:
                    known[value] = code
            found.append(code)
        return found

    def ranges(self, span: Span) -> list[tuple[int, int]]:
        """The codes at which a condition is met, as (first, last)."""
        index = self._index
        found = [(0, 0)] if span.met_if_unknown else []
        for low, high in span.intervals:
            first = 1 if low is None else index[low] + 2
            last = len(self.boundaries) + 1 if high is None else index[high] + 1
            if first <= last:
                found.append((first, last))
        return found
