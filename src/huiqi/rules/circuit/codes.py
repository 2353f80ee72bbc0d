"""Facts of enterprises as small whole numbers: what a circuit can tell apart of them, and nothing else.

The code of a value is one more than the number of its axis' boundaries at or below it; 0 is *unknown*. So the codes
depend on the circuit only, never on the other enterprises: a part of a roster has the codes that it has in the whole.
They are exact. A figure as it is on file is a decimal that float64 holds to the last digit; where an expression comes
close to a boundary, it is reckoned again with fractions.
"""

from __future__ import annotations

from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from ..table import CLOSE, Matcher, Table, Vector
from . import kernel
from .axes import NUMBER, ORDERED, Axis
from .build import Circuit

#: Decimal digits that float64 holds without loss.
EXACT_DIGITS = 15


@dataclass(frozen=True)
class Codes:
    """Codes of all axes for a number of enterprises, a row an axis, filled up with 0 to whole blocks of ``block`` rows.

    ``order`` is the row of the table that stands at each place (None: as in the table); ``zones`` holds, per axis by
    which they are sorted and block, the least and the greatest code but 0 and whether there is a 0.
    """

    rows: int
    block: int
    narrow: npt.NDArray[np.uint8]
    wide: npt.NDArray[np.uint16]
    zones: npt.NDArray[np.uint16]
    order: npt.NDArray[np.intp] | None = None

    @property
    def blocks(self) -> int:
        return self.narrow.shape[1] // self.block

    @property
    def nbytes(self) -> int:
        """Bytes that the codes take in memory."""
        return self.narrow.nbytes + self.wide.nbytes + self.zones.nbytes

    def take(self, places: npt.NDArray[np.intp], circuit: Circuit) -> Codes:
        """The codes of some enterprises by their places, in that order."""
        length = _padded(len(places), self.block)
        narrow = np.zeros((len(self.narrow), length), np.uint8)
        wide = np.zeros((len(self.wide), length), np.uint16)
        narrow[:, : len(places)] = self.narrow[:, places]
        wide[:, : len(places)] = self.wide[:, places]
        return _with_zones(circuit, len(places), self.block, narrow, wide, None)


def block_for(circuit: Circuit) -> int:
    """Rows a block: as many as keep the bitmaps of a usual circuit in the cache of a core."""
    return 2048 if circuit.program.slots <= 12_000 else 1024


def encode(circuit: Circuit, table: Table, sort: bool = False, threads: int | None = None) -> Codes:
    """The codes of a table. ``sort`` puts the enterprises in the order of the circuit's ``sorted_by`` fact."""
    block = block_for(circuit)
    program, rows = circuit.program, table.rows
    length = _padded(rows, block)
    narrow = np.zeros((int((~program.axis_wide).sum()), length), np.uint8)
    wide = np.zeros((int(program.axis_wide.sum()), length), np.uint16)
    order = _order(circuit, table) if sort else None
    matcher = Matcher(table)

    def fill(number: int) -> None:
        axis = circuit.axes[number]
        target = (wide if program.axis_wide[number] else narrow)[program.axis_row[number], :rows]
        codes = _CODES[axis.kind](axis, matcher, target.dtype)
        if order is None:
            target[:] = codes
        else:
            np.take(codes, order, out=target)

    # Expressions read and fill the matcher's memory of conditions: only plain columns are safe to share out.
    plain = [n for n, axis in enumerate(circuit.axes) if _plain(axis)]
    with ThreadPoolExecutor(threads or kernel.cores()) as pool:
        list(pool.map(fill, plain))
    for number in sorted(set(range(len(circuit.axes))) - set(plain)):
        fill(number)
    return _with_zones(circuit, rows, block, narrow, wide, order)


def _padded(rows: int, block: int) -> int:
    return -(-rows // block) * block


def _plain(axis: Axis) -> bool:
    return isinstance(axis.node, exp.Column) and axis.kind in (ORDERED, NUMBER)


def _order(circuit: Circuit, table: Table) -> npt.NDArray[np.intp] | None:
    """Row numbers in the order of the fact by which the circuit wants them, stable."""
    column = table.columns.get(circuit.sorted_by or "")
    if column is None or column.codes is None:
        return None
    rank = np.zeros(len(column.values), np.uint16 if len(column.values) < 65_536 else np.int32)
    known = sorted((value, place) for place, value in enumerate(column.values) if value is not None)
    for number, (_, place) in enumerate(known, start=1):
        rank[place] = number
    ranks = rank[column.codes]
    if (ranks[1:] >= ranks[:-1]).all():
        return None
    return np.argsort(ranks, kind="stable")


def _with_zones(
    circuit: Circuit,
    rows: int,
    block: int,
    narrow: npt.NDArray[np.uint8],
    wide: npt.NDArray[np.uint16],
    order: npt.NDArray[np.intp] | None,
) -> Codes:
    program = circuit.program
    sorting = np.flatnonzero(program.axis_zone >= 0)
    zones = np.zeros((len(sorting), narrow.shape[1] // block, 3), np.uint16)
    for number in sorting:
        source = wide if program.axis_wide[number] else narrow
        blocks = source[program.axis_row[number]].reshape(-1, block)
        zone = zones[program.axis_zone[number]]
        zone[:, 1] = blocks.max(axis=1)
        zone[:, 2] = (blocks == 0).any(axis=1)
        # Of the codes but 0 the least: 0 less 1 is the greatest number of all.
        zone[:, 0] = (blocks - blocks.dtype.type(1)).min(axis=1).astype(np.uint16) + 1
    return Codes(rows, block, narrow, wide, zones, order)


# --- one axis ---------------------------------------------------------------------------------------------------------


def code_of(axis: Axis, value: Any) -> int:
    """The code of one value; numbers are int, Decimal or Fraction."""
    return 0 if value is None else 1 + bisect_right(axis.boundaries, (value, 0))


def _ordered(axis: Axis, matcher: Matcher, dtype: Any) -> npt.NDArray[Any]:
    """Codes of texts and dates: one look at each distinct value."""
    column = matcher.table.columns.get(axis.node.name)
    if column is None:
        return np.zeros(matcher.table.rows, dtype)
    assert column.codes is not None
    return np.array([code_of(axis, value) for value in column.values], dtype)[column.codes]


def _truth(axis: Axis, matcher: Matcher, dtype: Any) -> npt.NDArray[Any]:
    truth, known = matcher.condition(axis.node)
    return (known * np.uint8(1) + (truth & known)).astype(dtype)


def _number(axis: Axis, matcher: Matcher, dtype: Any) -> npt.NDArray[Any]:
    vector = Vector(matcher)
    numbers, known = vector.number(axis.node)
    limits = np.array([np.nextafter(float(v), np.inf) if after else float(v) for v, after in axis.boundaries])
    codes = kernel.codes_of_numbers(np.ascontiguousarray(numbers), known, limits, dtype)
    doubtful = vector.doubtful
    if not (_plain(axis) and _stored(axis, matcher) and all(_short(v) for v, _ in axis.boundaries)) and len(limits):
        place = np.searchsorted(limits, numbers)
        size = np.abs(numbers)
        for near in (limits[np.minimum(place, len(limits) - 1)], limits[np.maximum(place, 1) - 1]):
            doubtful |= np.abs(numbers - near) <= CLOSE * (size + np.abs(near))
    rows = np.flatnonzero(doubtful)
    if len(rows):
        read, names = matcher.compiler.reader(axis.node), matcher.inputs(axis.node)
        for row in rows:
            codes[row] = code_of(axis, read(matcher.table.row(int(row), names)))
    return codes


def _stored(axis: Axis, matcher: Matcher) -> bool:
    return matcher.table.language.dictionary[axis.node.name].derived is None


def _short(value: Fraction) -> bool:
    """Whether float64 tells a constant from every figure of at most so many digits."""
    return len(f"{float(value):.{EXACT_DIGITS}g}".replace(".", "").strip("-0")) <= EXACT_DIGITS and value == Fraction(
        f"{float(value):.{EXACT_DIGITS}g}"
    )


_CODES = {NUMBER: _number, ORDERED: _ordered, "truth": _truth}
