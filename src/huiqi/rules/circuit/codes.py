"""Facts of enterprises as small whole numbers: what a circuit can tell apart of them, and nothing else.

The code of a value is one more than the number of its axis' boundaries at or below it; 0 is *unknown*. So the codes
depend on the circuit only, never on the other enterprises: a part of a roster has the codes that it has in the whole.
They are exact. A figure as it is on file is a decimal that float64 holds to the last digit; where an expression comes
close to a boundary, it is reckoned again with fractions.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from ..axes import NUMBER, ORDERED, TRUTH, Axis
from ..machine import cores
from ..table import CLOSE, MOST_COMBINATIONS, Matcher, Table, Vector, gather
from .backend import kernel
from .build import Circuit

#: Rows a block of a few enterprises.
SMALL_BLOCK = 1024
#: From so many enterprises on it pays to share the axes between the cores.
WORTH_THREADS = 10_000


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
        return int(self.narrow.shape[1]) // self.block

    @property
    def nbytes(self) -> int:
        """Bytes that the codes take in memory."""
        return self.narrow.nbytes + self.wide.nbytes + self.zones.nbytes

    def beside(self, other: Codes) -> Codes:
        """These enterprises, filled up to whole blocks, and then those of ``other``."""
        return Codes(
            self.blocks * self.block + other.rows,
            self.block,
            np.concatenate((self.narrow, other.narrow), axis=1),
            np.concatenate((self.wide, other.wide), axis=1),
            np.concatenate((self.zones, other.zones), axis=1),
        )

    def take(self, places: npt.NDArray[np.intp], circuit: Circuit) -> Codes:
        """The codes of some enterprises by their places, in that order."""
        block = min(self.block, SMALL_BLOCK)
        length = _padded(len(places), block)
        narrow = np.zeros((len(self.narrow), length), np.uint8)
        wide = np.zeros((len(self.wide), length), np.uint16)
        narrow[:, : len(places)] = self.narrow[:, places]
        wide[:, : len(places)] = self.wide[:, places]
        return _with_zones(circuit, len(places), block, narrow, wide, None)


def block_for(circuit: Circuit, rows: int) -> int:
    """Rows a block for so many: as many as keep the bitmaps of a usual circuit in the cache of a core."""
    return 2048 if circuit.program.slots <= 12_000 and rows > SMALL_BLOCK else SMALL_BLOCK


def encode(circuit: Circuit, table: Table, sort: bool = False, threads: int | None = None) -> Codes:
    """The codes of a table. ``sort`` puts the enterprises in the order of the circuit's ``sorted_by`` fact."""
    program, rows = circuit.program, table.rows
    block = block_for(circuit, rows)
    length = _padded(rows, block)
    narrow = np.zeros((int((~program.axis_wide).sum()), length), np.uint8)
    wide = np.zeros((int(program.axis_wide.sum()), length), np.uint16)
    order = _order(circuit, table) if sort else None
    matcher = Matcher(table)

    def fill(number: int) -> None:
        axis, names = circuit.axes[number], circuit.names[number]
        target = (wide if program.axis_wide[number] else narrow)[program.axis_row[number], :rows]
        if order is None:
            _FILL[axis.kind](axis, names, matcher, target)
        else:
            codes = np.empty_like(target)
            _FILL[axis.kind](axis, names, matcher, codes)
            np.take(codes, order, out=target)

    if rows < WORTH_THREADS:
        for number in range(len(circuit.axes)):
            fill(number)
    else:
        with ThreadPoolExecutor(threads or cores()) as pool:
            list(pool.map(fill, range(len(circuit.axes))))
    return _with_zones(circuit, rows, block, narrow, wide, order)


def _padded(rows: int, block: int) -> int:
    return -(-rows // block) * block


def _order(circuit: Circuit, table: Table) -> npt.NDArray[np.intp] | None:
    """Row numbers in the order of the fact by which the circuit wants them, stable."""
    column = table.columns.get(circuit.sorted_by or "")
    if column is None or column.codes is None:
        return None
    rank: npt.NDArray[Any] = np.zeros(len(column.values), np.uint16 if len(column.values) < 65_536 else np.int32)
    known = sorted((value, place) for place, value in enumerate(column.values) if value is not None)
    for number, (_, place) in enumerate(known, start=1):
        rank[place] = number
    ranks = rank[column.codes]
    if np.all(ranks[1:] >= ranks[:-1]):
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


#: Names of the facts under an axis.
Names = tuple[str, ...]


# --- one axis ---------------------------------------------------------------------------------------------------------


def _ordered(axis: Axis, names: Names, matcher: Matcher, codes: npt.NDArray[Any]) -> None:
    """Codes of texts and dates: one look at each distinct value."""
    column = matcher.table.columns.get(axis.node.name)
    if column is None:
        codes[:] = 0
        return
    assert column.codes is not None
    table = np.zeros(len(column.values), codes.dtype)
    # A few enterprises have few of the values that a large roster had.
    present = np.unique(column.codes) if len(codes) < len(table) else np.arange(len(table))
    table[present] = axis.codes(axis.node.name, map(column.values.__getitem__, present.tolist()), axis.code)
    codes[:] = gather(table, column.codes)


def _truth(axis: Axis, names: Names, matcher: Matcher, codes: npt.NDArray[Any]) -> None:
    there = [(name, column) for name in names if (column := matcher.table.columns.get(name)) is not None]
    name, column = there[0] if len(there) == 1 else ("", None)
    if column is not None and column.codes is not None and len(column.values) <= MOST_COMBINATIONS:
        read = matcher.compiler.reader(axis.node)

        def code(value: Any) -> int:
            answer = read({name: value})
            return 0 if answer is None else 1 + answer

        codes[:] = gather(np.array(axis.codes(name, column.values, code), codes.dtype), column.codes)
        return
    grouped = matcher.by_value(axis.node, names)
    if grouped is not None:
        answers, index = grouped
        codes[:] = gather(np.array([0 if a is None else 1 + a for a in answers], codes.dtype), index)
        return
    truth, known = matcher.condition(axis.node)
    codes[:] = known
    codes += truth & known


def _number(axis: Axis, names: Names, matcher: Matcher, codes: npt.NDArray[Any]) -> None:
    vector = Vector(matcher)
    numbers, known = vector.number(axis.node)
    kernel.number_codes(axis, np.ascontiguousarray(numbers), known, codes)
    stored = isinstance(axis.node, exp.Column) and matcher.table.language.dictionary[axis.node.name].derived is None
    if stored and axis.short:
        return
    doubtful = vector.doubtful
    if limits := len(axis.limits):
        place = np.searchsorted(axis.limits, numbers)
        for near in (axis.limits[np.minimum(place, limits - 1)], axis.limits[np.maximum(place, 1) - 1]):
            doubtful |= np.abs(numbers - near) <= CLOSE * (np.abs(numbers) + np.abs(near))
    read, names = matcher.compiler.reader(axis.node), matcher.inputs(axis.node)
    for row in np.flatnonzero(doubtful):
        codes[row] = axis.code(read(matcher.table.row(int(row), names)))


_FILL = {NUMBER: _number, ORDERED: _ordered, TRUTH: _truth}
