"""What has changed: enterprises whose facts are other ones now, or rules that read differently now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .backend import Tiles, kernel
from .codes import Codes
from .run import Answers, Runner


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
        _share(answers, slice(0, half)),
        _share(answers, slice(half, 2 * half)),
        answers.words,
        answers.circuit.rules,
        before.rows,
    )


def between(before: Answers, after: Answers) -> Delta:
    """As :func:`delta`, for the answers of two circuits of as many rules: a rule and its new version at one number.

    The answers are of two runners, since a runner's next answers overwrite its last. Raises ValueError when the numbers
    of enterprises or of rules differ.
    """
    if (before.rows, before.words, before.circuit.rules) != (after.rows, after.words, after.circuit.rules):
        raise ValueError("both answers must be about the same enterprises and as many rules")
    whole = slice(0, len(before.starts))
    return _difference(_share(before, whole), _share(after, whole), before.words, before.circuit.rules, before.rows)


def _share(answers: Answers, blocks: slice) -> Tiles:
    return answers.starts[blocks], answers.kept[blocks], answers.rules, answers.tiles


def _difference(old: Tiles, new: Tiles, words: int, rules: int, present: int) -> Delta:
    found = []
    for first, second in ((new, old), (old, new)):
        number = kernel.only_first(first, second, words, rules, np.zeros((0, 2), np.int32))
        pairs = np.empty((number, 2), np.int32)
        if number:
            kernel.only_first(first, second, words, rules, pairs)
        # The rows that fill up the last block stand for nobody.
        found.append(pairs[pairs[:, 0] < present])
    return Delta(*found)
