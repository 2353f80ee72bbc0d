"""What has changed: enterprises whose facts are other ones now, or rules that read differently now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .backend import Tiles, kernel
from .codes import Codes
from .run import Answers, Runner

Ints = npt.NDArray[np.int32]
#: Pairs for which there is room before it is known how many there are.
ROOM = 1 << 16


@dataclass(frozen=True)
class Delta:
    """Pairs of (place of the enterprise, number of the rule): met now and not before, and met before and not now."""

    gained: npt.NDArray[np.int32]
    lost: npt.NDArray[np.int32]


def delta(runner: Runner, before: Codes, after: Codes) -> Delta:
    """Who is newly met by which rule, and who no longer. Both hold the same enterprises in the same order.

    The former answers are reckoned again from the former codes, which take less memory than the answers. Raises
    ValueError when the numbers of enterprises differ.
    """
    if before.rows != after.rows:
        raise ValueError(f"{before.rows} enterprises before, {after.rows} after")
    answers = runner.run(before.beside(after), keep=True)
    half = before.blocks
    return _difference(
        _share(answers, slice(0, half), _own(answers)),
        _share(answers, slice(half, 2 * half), _own(answers)),
        answers.words,
        answers.circuit.rules,
        before.rows,
    )


def between(before: Answers, after: Answers, numbers: tuple[Ints, Ints] | None = None) -> Delta:
    """As :func:`delta`, for the answers of two circuits about the same enterprises.

    ``numbers`` gives the rules of each circuit the numbers by which the two are compared and told (a rule and its new
    version have one number; what only one of them has is gained or lost by all whom it meets); without it a rule is
    compared with that of the same place. The answers are of two runners, since a runner's next answers overwrite its
    last. Raises ValueError when the numbers of enterprises differ.
    """
    if (before.rows, before.words) != (after.rows, after.words):
        raise ValueError(f"{before.rows} enterprises before, {after.rows} after, or in blocks of other sizes")
    old, new = numbers or (_own(before), _own(after))
    whole = slice(0, len(before.starts))
    rules = int(max(old.max(initial=-1), new.max(initial=-1))) + 1
    return _difference(_share(before, whole, old), _share(after, whole, new), before.words, rules, before.rows)


def _own(answers: Answers) -> Ints:
    return np.arange(answers.circuit.rules, dtype=np.int32)


def _share(answers: Answers, blocks: slice, numbers: Ints) -> Tiles:
    return answers.starts[blocks], answers.kept[blocks], numbers[answers.rules], answers.tiles


def _difference(old: Tiles, new: Tiles, words: int, rules: int, present: int) -> Delta:
    def only(first: Tiles, second: Tiles) -> npt.NDArray[np.int32]:
        pairs = np.empty((ROOM, 2), np.int32)
        number = kernel.only_first(first, second, words, rules, pairs)
        if number > ROOM:
            pairs = np.empty((number, 2), np.int32)
            kernel.only_first(first, second, words, rules, pairs)
        pairs = pairs[:number]
        # The rows that fill up the last block stand for nobody.
        return pairs[pairs[:, 0] < present]

    with ThreadPoolExecutor(2) as pool:
        return Delta(*pool.map(only, (new, old), (old, new)))
