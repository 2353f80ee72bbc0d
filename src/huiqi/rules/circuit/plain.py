"""The kernel in plain numpy: the same steps and the same answers, more slowly. See :mod:`.kernel`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..axes import Axis
from .build import Program

Words = npt.NDArray[np.uint64]


def _bits(truth: npt.NDArray[np.bool_]) -> Words:
    return np.packbits(truth, bitorder="little").view(np.uint64)


def _within(program: Program, codes: npt.NDArray[Any], leaf: int) -> npt.NDArray[np.bool_]:
    met = np.zeros(len(codes), bool)
    for part in range(program.range_start[leaf], program.range_start[leaf + 1]):
        low = program.range_low[part]
        met |= (codes >= low) & (codes <= low + program.range_span[part])
    return met


def _active(program: Program, zones: npt.NDArray[np.uint16], block: int) -> list[int]:
    """Rules whose guard somebody in the block may meet."""
    found = []
    for rule, leaf in enumerate(program.guard.tolist()):
        if leaf >= 0:
            low, high, unknown = zones[program.axis_zone[program.leaf_axis[leaf]], block]
            parts = range(program.range_start[leaf], program.range_start[leaf + 1])
            starts = [
                (int(program.range_low[p]), int(program.range_low[p]) + int(program.range_span[p])) for p in parts
            ]
            somebody = (unknown and (program.leaf_open[leaf] or any(start == 0 for start, _ in starts))) or any(
                low <= end and start <= high for start, end in starts
            )
            if not somebody:
                continue
        found.append(rule)
    return found


def run_blocks(
    program: Program,
    narrow: npt.NDArray[np.uint8],
    wide: npt.NDArray[np.uint16],
    zones: npt.NDArray[np.uint16],
    rows: int,
    words: int,
    first: int,
    last: int,
    begin: int,
    scratch: Words,
    marked: npt.NDArray[np.bool_],
    active: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int64],
    keep: bool,
    starts: npt.NDArray[np.int64],
    kept: npt.NDArray[np.int32],
    rules: npt.NDArray[np.int32],
    tiles: Words,
) -> None:
    """As :func:`huiqi.rules.circuit.kernel.run_blocks`."""
    axes, leaves = len(program.axis_row), len(program.leaf_axis)
    rails = scratch.reshape(-1, 2, words)
    out = tiles.reshape(-1, 2, words)
    for block in range(first, last):
        chosen = _active(program, zones, block)
        marked[:] = False
        for rule in chosen:
            marked[program.needs[program.need_start[rule] : program.need_start[rule + 1]]] = True
        here = slice(block * words * 64, (block + 1) * words * 64)
        for leaf in np.flatnonzero(marked[axes : axes + leaves]):
            axis = program.leaf_axis[leaf]
            codes = (wide if program.axis_wide[axis] else narrow)[program.axis_row[axis], here]
            certain, possible = rails[axes + leaf]
            certain[:] = _bits(_within(program, codes, int(leaf)))
            possible[:] = certain | _bits(codes == 0) if program.leaf_open[leaf] else certain

        def run(gate: int) -> None:
            work = np.bitwise_and if program.gate_all[gate] else np.bitwise_or
            operands = program.operands[program.operand_start[gate] : program.operand_start[gate + 1]]
            rails[program.gate_slot[gate]] = work.reduce(rails[operands], axis=0)

        for gate in range(program.shared):
            if marked[axes + leaves + gate]:
                run(gate)
        tile = int(starts[block - begin])
        present = np.zeros(words * 64, bool)
        present[: max(0, rows - block * words * 64)] = True
        mask = _bits(present)
        for rule in chosen:
            for gate in range(program.rule_start[rule], program.rule_start[rule + 1]):
                run(gate)
            answer = rails[program.gate_slot[program.rule_start[rule + 1] - 1]] & mask
            certain, possible = np.bitwise_count(answer).sum(axis=1, dtype=np.int64)
            counts[:, rule] += (certain, possible)
            if keep and possible:
                out[tile], rules[tile] = answer, rule
                tile += 1
        kept[block - begin] = tile - starts[block - begin]


def run_one(
    program: Program, codes: npt.NDArray[np.uint16], values: npt.NDArray[np.uint8], answers: npt.NDArray[np.uint8]
) -> None:
    """As :func:`huiqi.rules.circuit.kernel.run_one`."""
    axes = len(program.axis_row)
    of_leaf = codes[program.leaf_axis]
    values[axes : axes + len(of_leaf)] = (of_leaf == 0) & program.leaf_open
    owner = np.repeat(np.arange(len(of_leaf)), np.diff(program.range_start))
    code = of_leaf[owner]
    met = (code >= program.range_low) & (code <= program.range_low + program.range_span)
    values[axes + owner[met]] = 2
    ends = {int(end) - 1: rule for rule, end in enumerate(program.rule_start[1:])}
    for gate, is_all in enumerate(program.gate_all.tolist()):
        parts = values[program.operands[program.operand_start[gate] : program.operand_start[gate + 1]]]
        values[program.gate_slot[gate]] = value = parts.min() if is_all else parts.max()
        if gate in ends:
            answers[ends[gate]] = value


def rules_by_block(program: Program, zones: npt.NDArray[np.uint16], counts: npt.NDArray[np.int64]) -> None:
    """As :func:`huiqi.rules.circuit.kernel.rules_by_block`."""
    for block in range(len(counts)):
        counts[block] = len(_active(program, zones, block))


def number_codes(
    axis: Axis, numbers: npt.NDArray[np.float64], known: npt.NDArray[np.bool_], codes: npt.NDArray[Any]
) -> None:
    """As :func:`huiqi.rules.circuit.kernel.number_codes`."""
    codes[:] = np.where(known, np.searchsorted(axis.limits, numbers, side="right") + 1, 0)


def row_blocks(
    tiles: Words,
    words: int,
    starts: npt.NDArray[np.int64],
    kept: npt.NDArray[np.int32],
    rules: npt.NDArray[np.int32],
    rail: int,
    less: int,
    offsets: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
) -> None:
    """As :func:`huiqi.rules.circuit.kernel.row_blocks`."""
    every = tiles.reshape(-1, 2, words)
    for block, (start, number) in enumerate(zip(starts.tolist(), kept.tolist(), strict=True)):
        bits = every[start : start + number, rail]
        if less:
            bits = bits & ~every[start : start + number, 0]
        which, row = np.nonzero(np.unpackbits(np.ascontiguousarray(bits).view(np.uint8), axis=1, bitorder="little"))
        row = row + block * words * 64
        if not len(found):
            np.add.at(offsets, row + 1, 1)
            continue
        order = np.argsort(row, kind="stable")
        row, which = row[order], which[order]
        # The place within its row: how many with the same row stand before it.
        before = np.arange(len(row)) - np.searchsorted(row, row)
        found[offsets[row] + before] = rules[start + which]
        np.add.at(offsets, row, 1)


def only_first(first: Any, second: Any, words: int, rules: int, pairs: npt.NDArray[np.int32]) -> int:
    """As :func:`huiqi.rules.circuit.kernel.only_first`."""
    found = 0
    for block in range(len(first[0])):
        bits = np.zeros((2, rules, words), np.uint64)
        for side, (starts, kept, of, tiles) in enumerate((first, second)):
            here = slice(int(starts[block]), int(starts[block] + kept[block]))
            bits[side, of[here]] = tiles.reshape(-1, 2, words)[here, 0]
        only = np.unpackbits((bits[0] & ~bits[1]).view(np.uint8), axis=1, bitorder="little")
        rule, row = np.nonzero(only)
        room = max(0, len(pairs) - found)
        pairs[found : found + len(rule)] = np.stack([row + block * words * 64, rule], axis=1)[:room]
        found += len(rule)
    return found
