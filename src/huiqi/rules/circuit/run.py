"""Running a circuit: threads, memory, progress, and the answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..machine import cores
from .backend import aligned, kernel
from .build import Circuit
from .codes import Codes, block_for

#: Blocks that a thread takes at once: enough work for some milliseconds, few enough to stop soon.
AT_ONCE = 8

#: Told after each share of the work: (enterprises done, enterprises in all, seconds so far).
Progress = Callable[[int, int, float], None]


class Cancelled(Exception):
    """The run was stopped before it was complete; it leaves nothing behind."""


def memory_of(circuit: Circuit, rows: int, threads: int | None = None) -> tuple[int, int]:
    """(bytes for the codes of so many enterprises and for the threads, most bytes that a block's answers take)."""
    program = circuit.program
    block = block_for(circuit, rows)
    narrow, wide = int((~program.axis_wide).sum()), int(program.axis_wide.sum())
    scratch = (threads or cores()) * program.slots * block // 4
    return (narrow + 2 * wide) * (-(-rows // block) * block) + scratch, circuit.rules * (block // 4 + 4)


@dataclass(frozen=True)
class Answers:
    """The answers for the enterprises of some blocks.

    ``certain`` and ``possible`` count enterprises by rule: met, and met or unknown. With tiles, block b's are
    ``starts[b]`` to ``starts[b] + kept[b]``, that of ``rules[t]`` being tile t; a rule without a tile is met by nobody in
    the block and unknown for nobody. Places are counted from the first enterprise of the first block.
    """

    circuit: Circuit
    first: int
    rows: int
    words: int
    certain: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    kept: npt.NDArray[np.int32]
    rules: npt.NDArray[np.int32]
    tiles: npt.NDArray[np.uint64]

    def rails(self) -> Iterator[tuple[int, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
        """(rule, certain, possible) by enterprise, for each rule that is possible for anybody."""
        tile_of = np.full((self.circuit.rules, len(self.starts)), -1, np.int64)
        for block, (start, number) in enumerate(zip(self.starts.tolist(), self.kept.tolist(), strict=True)):
            tile_of[self.rules[start : start + number], block] = np.arange(start, start + number)
        every = self.tiles.reshape(-1, 2, self.words)
        for rule in np.flatnonzero((tile_of >= 0).any(axis=1)).tolist():
            both = np.zeros((2, len(self.starts), self.words), np.uint64)
            blocks = np.flatnonzero(tile_of[rule] >= 0)
            both[:, blocks] = every[tile_of[rule, blocks]].transpose(1, 0, 2)
            bits = np.unpackbits(both.reshape(2, -1).view(np.uint8), axis=1, bitorder="little", count=self.rows).view(
                bool
            )
            yield rule, bits[0], bits[1]

    def matrix(self) -> npt.NDArray[np.int8]:
        """1 met, 0 not met, -1 unknown, by enterprise and rule: for small numbers of both."""
        verdicts = np.zeros((self.rows, self.circuit.rules), np.int8)
        for rule, certain, possible in self.rails():
            verdicts[:, rule] = 2 * certain.astype(np.int8) - possible.astype(np.int8)
        return verdicts

    def lists(self, unknown: bool = False) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """(offsets, rules): enterprise i meets ``rules[offsets[i]:offsets[i + 1]]``, or they are unknown for it."""
        offsets = np.zeros(len(self.starts) * self.words * 64 + 1, np.int64)
        found = np.zeros(0, np.int32)
        every = (self.tiles, self.words, self.starts, self.kept, self.rules, int(unknown), int(unknown))
        kernel.row_blocks(*every, offsets, found)
        offsets = np.cumsum(offsets)
        if offsets[-1]:
            found = np.empty(offsets[-1], np.int32)
            kernel.row_blocks(*every, offsets.copy(), found)
        return offsets[: self.rows + 1], found

    def named(self, names: pa.Array, unknown: bool = False) -> pa.ListArray:
        """:meth:`lists` with the names of the rules, for Arrow."""
        offsets, found = self.lists(unknown)
        return pa.LargeListArray.from_arrays(pa.array(offsets), pa.DictionaryArray.from_arrays(pa.array(found), names))


class Runner:
    """Runs one circuit again and again, in the same memory.

    ``threads`` are as many as there are cores unless said otherwise. One run at a time; the answers of a run with tiles
    are overwritten by the next one.
    """

    def __init__(self, circuit: Circuit, threads: int | None = None) -> None:
        self.circuit = circuit
        self.threads = threads or cores()
        self._scratch: list[npt.NDArray[np.uint64]] = []
        self._tiles = aligned(0)
        self._stop = threading.Event()

    def cancel(self) -> None:
        """Stop a run from another thread or a signal's handler."""
        self._stop.set()

    def run(self, codes: Codes, keep: bool = False, progress: Progress | None = None) -> Answers:
        """All enterprises at once. ``keep`` keeps the tiles. Raises :class:`Cancelled`."""
        return next(self.parts(codes, codes.blocks, keep, progress))

    def parts(
        self, codes: Codes, blocks: int, keep: bool = True, progress: Progress | None = None
    ) -> Iterator[Answers]:
        """The answers of so many blocks at a time, each to be used before the next is taken: memory stays bounded."""
        self._stop.clear()
        started = time.perf_counter()
        words = codes.block // 64
        if len(self._scratch) != self.threads or self._scratch[0].size != self.circuit.program.slots * 2 * words:
            self._scratch = [aligned(self.circuit.program.slots * 2 * words) for _ in range(self.threads)]
        with ThreadPoolExecutor(self.threads) as pool:
            for begin in range(0, max(1, codes.blocks), max(1, blocks)):
                end = min(codes.blocks, begin + blocks)
                yield self._part(codes, begin, end, keep, pool, progress, started)

    def _part(
        self,
        codes: Codes,
        begin: int,
        end: int,
        keep: bool,
        pool: ThreadPoolExecutor,
        progress: Progress | None,
        started: float,
    ) -> Answers:
        circuit, words = self.circuit, codes.block // 64
        somebody = np.zeros(end - begin, np.int64)
        if keep:
            kernel.rules_by_block(circuit.program, codes.zones[:, begin:end], somebody)
        tiles = int(somebody.sum())
        if self._tiles.size < tiles * 2 * words:
            self._tiles = aligned(tiles * 2 * words)
        starts = np.cumsum(somebody) - somebody
        kept = np.zeros(end - begin, np.int32)
        rules = np.zeros(tiles, np.int32)
        at_once = max(1, min(AT_ONCE, (end - begin) // self.threads))
        waiting = iter(range(begin, end, at_once))
        lock = threading.Lock()
        done = [0]

        def work(thread: int) -> npt.NDArray[np.int64]:
            counts = np.zeros((2, circuit.rules), np.int64)
            marked = np.zeros(circuit.program.slots, bool)
            active = np.empty(circuit.rules, np.int32)
            while not self._stop.is_set():
                with lock:
                    first = next(waiting, None)
                if first is None:
                    break
                last = min(first + at_once, end)
                kernel.run_blocks(
                    circuit.program, codes.narrow, codes.wide, codes.zones, codes.rows, words, first, last, begin,
                    self._scratch[thread], marked, active, counts, keep, starts, kept, rules, self._tiles,
                )  # fmt: skip
                if progress is not None:
                    with lock:
                        done[0] += last - first
                        rows = min(codes.rows, (begin + done[0]) * codes.block)
                        progress(rows, codes.rows, time.perf_counter() - started)
            return counts

        try:
            counts = sum(pool.map(work, range(self.threads)), np.zeros((2, circuit.rules), np.int64))
        except BaseException:
            # An interrupt reaches the waiting thread only: the others must be told.
            self._stop.set()
            raise
        if self._stop.is_set():
            raise Cancelled
        rows = max(0, min(codes.rows - begin * codes.block, (end - begin) * codes.block))
        return Answers(
            circuit, begin * codes.block, rows, words, counts[0], counts[1], starts, kept, rules, self._tiles
        )
