"""What has changed: enterprises whose facts are other ones now, or rules that read differently now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .codes import Codes
from .run import Answers, Runner


@dataclass(frozen=True)
class Delta:
    """Pairs of (place of the enterprise, number of the rule): met now and not before, and met before and not now."""

    gained: npt.NDArray[np.int64]
    lost: npt.NDArray[np.int64]


def delta(runner: Runner, before: Codes, after: Codes) -> Delta:
    """Who is newly met by which rule, and who no longer. Both hold the same enterprises in the same order.

    The former answers are reckoned again from the former codes, which take less memory than the answers. Raises
    ValueError when the numbers of enterprises differ.
    """
    if before.rows != after.rows:
        raise ValueError(f"{before.rows} enterprises before, {after.rows} after")
    old = _pairs(runner.run(before, keep=True))
    return _difference(old, _pairs(runner.run(after, keep=True)), runner.circuit.rules)


def between(before: Answers, after: Answers) -> Delta:
    """As :func:`delta`, for the answers of two circuits of as many rules: a rule and its new version at one number.

    The answers are of two runners, since a runner's next answers overwrite its last. Raises ValueError when the numbers
    of enterprises or of rules differ.
    """
    if (before.rows, before.circuit.rules) != (after.rows, after.circuit.rules):
        raise ValueError("both answers must be about the same enterprises and as many rules")
    return _difference(_pairs(before), _pairs(after), before.circuit.rules)


def _pairs(answers: Answers) -> npt.NDArray[np.int64]:
    """Met pairs as single numbers, ascending."""
    offsets, rules = answers.lists()
    places = np.repeat(np.arange(answers.rows), np.diff(offsets))
    return places * answers.circuit.rules + rules


def _difference(old: npt.NDArray[np.int64], new: npt.NDArray[np.int64], rules: int) -> Delta:
    gained, lost = (np.setdiff1d(a, b, assume_unique=True) for a, b in ((new, old), (old, new)))
    return Delta(*(np.stack(np.divmod(pairs, max(1, rules)), axis=1) for pairs in (gained, lost)))
