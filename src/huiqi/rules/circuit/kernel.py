"""The circuit, run over blocks of enterprises.

What is asked has three answers, so every condition has two bitmaps, a bit an enterprise: *certain* (met) and *possible*
(met or unknown). AND and OR work on each of the two alone: AND of the certain bits is certain, AND of the possible bits
is possible, and so for OR. Met is certain; unknown is possible and not certain; not met is not possible. NOT stands at
the leaves only, where it is another set of codes.

A block is some 2,048 enterprises. For each block a thread

1. passes over the rules whose jurisdiction has nobody in the block (the codes of the sorted axis lie between the zone's
   least and greatest), and marks what the others rest on;
2. evaluates each marked leaf once: codes of a block compared with ranges, 64 codes to a word;
3. runs the shared gates that are marked, those below first;
4. runs the gates of each rule and writes the last one to the answer: a *tile*, the certain words and then the possible
   words of one rule in one block. A tile in which nothing is possible is dropped.

The bitmaps of a block (two times 256 bytes for each slot) stay in the cache of the core, codes are read once, answers
are written past the caches. Threads share nothing but what they read.

The loops are compiled by numba, on the vectors of :mod:`.lanes`; :mod:`.plain` does the same in numpy, more slowly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from ..axes import BUCKET_SHIFT, Axis
from .build import Program
from .lanes import both, either, load, lowest, ones, store, stream, within

Words = npt.NDArray[np.uint64]


@njit(nogil=True, cache=True)
def _leaf(
    codes: Any, at: int, words: int, lows: Any, spans: Any, first: int, last: int, scratch: Words, base: int
) -> None:
    """The certain bits of a leaf: codes in one of its ranges."""
    kind = codes.dtype.type
    for word in range(words):
        bits = np.uint64(0)
        for part in range(first, last):
            bits |= within(codes, at + 64 * word, kind(lows[part]), kind(spans[part]))
        scratch[base + word] = bits


@njit(nogil=True, cache=True)
def _leaves(program: Program, narrow: Any, wide: Any, block: int, words: int, scratch: Words, marked: Any) -> None:
    axes, at = len(program.axis_row), block * words * 64
    zero = np.zeros(1, np.uint16)
    for leaf in range(len(program.leaf_axis)):
        if not marked[axes + leaf]:
            continue
        axis = program.leaf_axis[leaf]
        row, base = program.axis_row[axis], 2 * words * (axes + leaf)
        first, last = program.range_start[leaf], program.range_start[leaf + 1]
        unknown = 2 * words * axis
        if program.axis_wide[axis]:
            _leaf(wide[row], at, words, program.range_low, program.range_span, first, last, scratch, base)
            if program.leaf_open[leaf] and not marked[axis]:
                _leaf(wide[row], at, words, zero, zero, 0, 1, scratch, unknown)
        else:
            _leaf(narrow[row], at, words, program.range_low, program.range_span, first, last, scratch, base)
            if program.leaf_open[leaf] and not marked[axis]:
                _leaf(narrow[row], at, words, zero, zero, 0, 1, scratch, unknown)
        if program.leaf_open[leaf]:
            marked[axis] = True
            for word in range(words):
                scratch[base + words + word] = scratch[base + word] | scratch[unknown + word]
        else:
            for word in range(words):
                scratch[base + words + word] = scratch[base + word]


@njit(nogil=True, cache=True)
def _gate(
    program: Program, gate: int, words: int, scratch: Words, target: Words, to: int, past: bool
) -> tuple[int, int]:
    """Run one gate into ``target`` from ``to`` on, and count its (certain, possible) bits; ``past`` the caches."""
    first, last = program.operand_start[gate], program.operand_start[gate + 1]
    certain = possible = 0
    for at in range(0, words, 16):
        base = 2 * words * program.operands[first] + at
        c0, c1 = load(scratch, base), load(scratch, base + 8)
        p0, p1 = load(scratch, base + words), load(scratch, base + words + 8)
        if program.gate_all[gate]:
            for k in range(first + 1, last):
                base = 2 * words * program.operands[k] + at
                c0, c1 = both(c0, load(scratch, base)), both(c1, load(scratch, base + 8))
                p0, p1 = both(p0, load(scratch, base + words)), both(p1, load(scratch, base + words + 8))
        else:
            for k in range(first + 1, last):
                base = 2 * words * program.operands[k] + at
                c0, c1 = either(c0, load(scratch, base)), either(c1, load(scratch, base + 8))
                p0, p1 = either(p0, load(scratch, base + words)), either(p1, load(scratch, base + words + 8))
        if past:
            stream(target, to + at, c0)
            stream(target, to + at + 8, c1)
            stream(target, to + words + at, p0)
            stream(target, to + words + at + 8, p1)
        else:
            store(target, to + at, c0)
            store(target, to + at + 8, c1)
            store(target, to + words + at, p0)
            store(target, to + words + at + 8, p1)
        certain += ones(c0, c1)
        possible += ones(p0, p1)
    return certain, possible


@njit(nogil=True, cache=True)
def _nobody(program: Program, leaf: int, zones: Any, block: int) -> bool:
    """Whether a guard is met by nobody in a block."""
    axis = program.leaf_axis[leaf]
    zone = zones[program.axis_zone[axis], block]
    if zone[2] and program.leaf_open[leaf]:
        return False
    for part in range(program.range_start[leaf], program.range_start[leaf + 1]):
        low = program.range_low[part]
        if low == 0 and zone[2]:
            return False
        if zone[0] <= low + program.range_span[part] and low <= zone[1]:
            return False
    return True


@njit(nogil=True, cache=True)
def _mark(program: Program, zones: Any, block: int, active: Any, marked: Any) -> int:
    """Mark what the rules of a block rest on; the rules that have somebody go to ``active``."""
    marked[:] = False
    found = 0
    for rule in range(len(program.guard)):
        if program.guard[rule] < 0 or not _nobody(program, program.guard[rule], zones, block):
            active[found] = rule
            found += 1
            for need in range(program.need_start[rule], program.need_start[rule + 1]):
                marked[program.needs[need]] = True
    return found


@njit(nogil=True, cache=True)
def run_blocks(
    program: Program,
    narrow: Any,
    wide: Any,
    zones: Any,
    rows: int,
    words: int,
    first: int,
    last: int,
    begin: int,
    scratch: Words,
    marked: Any,
    active: Any,
    counts: Any,
    keep: bool,
    starts: Any,
    kept: Any,
    rules: Any,
    tiles: Words,
) -> None:
    """Run the blocks from ``first`` up to ``last``; counts and tiles are told from block ``begin`` on.

    ``counts`` gains the (certain, possible) enterprises of each rule. With ``keep`` the tiles of block b go to
    ``tiles`` from tile ``starts[b - begin]`` on, their rules to ``rules``, their number to ``kept[b - begin]``.
    """
    axes, leaves = len(program.axis_row), len(program.leaf_axis)
    size = 2 * words
    for block in range(first, last):
        total = _mark(program, zones, block, active, marked)
        _leaves(program, narrow, wide, block, words, scratch, marked)
        for gate in range(program.shared):
            if marked[axes + leaves + gate]:
                _gate(program, gate, words, scratch, scratch, size * program.gate_slot[gate], False)
        tile = starts[block - begin]
        present = rows - block * words * 64
        for place in range(total):
            rule = active[place]
            end = program.rule_start[rule + 1] - 1
            for gate in range(program.rule_start[rule], end):
                _gate(program, gate, words, scratch, scratch, size * program.gate_slot[gate], False)
            if present < words * 64:
                answer = size * program.gate_slot[end]
                _gate(program, end, words, scratch, scratch, answer, False)
                certain, possible = _cut(scratch, answer, words, present)
                if keep and possible:
                    tiles[size * tile : size * (tile + 1)] = scratch[answer : answer + size]
            elif keep:
                certain, possible = _gate(program, end, words, scratch, tiles, size * tile, True)
            else:
                answer = size * program.gate_slot[end]
                certain, possible = _gate(program, end, words, scratch, scratch, answer, False)
            counts[0, rule] += certain
            counts[1, rule] += possible
            if keep and possible:
                rules[tile] = rule
                tile += 1
        kept[block - begin] = tile - starts[block - begin]


@njit(nogil=True, cache=True)
def _cut(scratch: Words, at: int, words: int, present: int) -> tuple[int, int]:
    """Clear the bits past the last enterprise, and count the rest."""
    for rail in range(at, at + 2 * words, words):
        for word in range(max(0, present) // 64, words):
            left = present - 64 * word
            scratch[rail + word] &= (np.uint64(1) << np.uint64(left)) - np.uint64(1) if left > 0 else np.uint64(0)
    certain = possible = 0
    for here in range(at, at + words, 16):
        certain += ones(load(scratch, here), load(scratch, here + 8))
        possible += ones(load(scratch, here + words), load(scratch, here + words + 8))
    return certain, possible


@njit(nogil=True, cache=True)
def run_one(program: Program, codes: Any, values: Any, answers: Any) -> None:
    """One enterprise by the codes of its axes: 0 not met, 1 unknown, 2 met, for each leaf, gate and rule.

    AND is the least of its parts and OR the greatest.
    """
    axes = len(program.axis_row)
    for leaf in range(len(program.leaf_axis)):
        code = codes[program.leaf_axis[leaf]]
        value = 1 if code == 0 and program.leaf_open[leaf] else 0
        for part in range(program.range_start[leaf], program.range_start[leaf + 1]):
            low = program.range_low[part]
            if low <= code <= low + program.range_span[part]:
                value = 2
        values[axes + leaf] = value
    rule = 0
    for gate in range(len(program.gate_all)):
        value = 2 if program.gate_all[gate] else 0
        for k in range(program.operand_start[gate], program.operand_start[gate + 1]):
            other = values[program.operands[k]]
            value = min(value, other) if program.gate_all[gate] else max(value, other)
        values[program.gate_slot[gate]] = value
        while rule < len(answers) and program.rule_start[rule + 1] <= gate + 1:
            answers[rule] = value
            rule += 1


@njit(nogil=True, cache=True)
def rules_by_block(program: Program, zones: Any, counts: Any) -> None:
    """How many rules have somebody in each block."""
    for block in range(len(counts)):
        found = 0
        for rule in range(len(program.guard)):
            found += program.guard[rule] < 0 or not _nobody(program, program.guard[rule], zones, block)
        counts[block] = found


@njit(nogil=True, cache=True)
def _number_codes(
    numbers: Any, bits: Any, known: Any, below: Any, limits: Any, deepest: int, count: int, codes: Any
) -> None:
    for row in range(len(numbers)):
        number = numbers[row]
        if number > 0:
            place = np.int64(below[bits[row] >> np.uint64(BUCKET_SHIFT)])
            for _ in range(deepest):
                place += limits[place] <= number
        else:
            place = np.searchsorted(limits[:count], number, side="right")
        codes[row] = place + 1 if known[row] else 0


def number_codes(
    axis: Axis, numbers: npt.NDArray[np.float64], known: npt.NDArray[np.bool_], codes: npt.NDArray[Any]
) -> None:
    """One more than the number of limits at or below each number, 0 where it is not known, into ``codes``."""
    below, limits, deepest = axis.buckets
    _number_codes(numbers, numbers.view(np.uint64), known, below, limits, deepest, len(axis.limits), codes)


@njit(nogil=True, cache=True)
def row_blocks(
    tiles: Words, words: int, starts: Any, kept: Any, rules: Any, rail: int, less: int, offsets: Any, found: Any
) -> None:
    """Rules of each row, in the order of the rules: counted into ``offsets[row + 1]`` when ``found`` is empty, else written.

    ``rail`` 0 reads certain bits; 1 possible ones without the certain (``less`` 1).
    """
    size = 2 * words
    for block in range(len(starts)):
        for tile in range(starts[block], starts[block] + kept[block]):
            for word in range(words):
                bits = tiles[size * tile + rail * words + word]
                if less:
                    bits &= ~tiles[size * tile + word]
                while bits:
                    row = (block * words + word) * 64 + lowest(bits)
                    if len(found):
                        found[offsets[row]] = rules[tile]
                        offsets[row] += 1
                    else:
                        offsets[row + 1] += 1
                    bits &= bits - np.uint64(1)


@njit(nogil=True, cache=True)
def only_first(first: Any, second: Any, words: int, rules: int, pairs: Any) -> int:
    """The number of (enterprise, rule) whose certain bit is set in the first tiles only.

    They go to ``pairs`` as far as that has room.
    """
    size, found = 2 * words, 0
    place = np.empty(rules, np.int64)
    for block in range(len(first[0])):
        place[:] = -1
        for tile in range(second[0][block], second[0][block] + second[1][block]):
            place[second[2][tile]] = size * tile
        for tile in range(first[0][block], first[0][block] + first[1][block]):
            rule = first[2][tile]
            for word in range(words):
                bits = first[3][size * tile + word]
                if place[rule] >= 0:
                    bits &= ~second[3][place[rule] + word]
                while bits:
                    if found < len(pairs):
                        pairs[found, 0] = (block * words + word) * 64 + lowest(bits)
                        pairs[found, 1] = rule
                    found += 1
                    bits &= bits - np.uint64(1)
    return found
