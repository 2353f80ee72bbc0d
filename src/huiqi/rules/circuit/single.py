"""One enterprise against all rules, with the reasons for what it may have."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from ..axes import NUMBER, TRUTH, Axis
from ..formula import Verdict
from ..rule import compiled
from .backend import kernel
from .build import Circuit

#: The verdict of a code of the kernel: not met, unknown, met.
VERDICTS: tuple[Verdict, ...] = (False, None, True)


@dataclass(frozen=True)
class Judgement:
    """Verdicts on one enterprise. ``answers`` and ``leaves`` hold, by rule and by leaf: 0 not met, 1 unknown, 2 met."""

    circuit: Circuit
    answers: npt.NDArray[np.uint8]
    leaves: npt.NDArray[np.uint8]

    def met(self) -> list[int]:
        """Numbers of the rules that are met."""
        return np.flatnonzero(self.answers == 2).tolist()

    def unknown(self) -> list[int]:
        """Numbers of the rules for which a fact is missing."""
        return np.flatnonzero(self.answers == 1).tolist()

    @functools.cached_property
    def _codes(self) -> bytes:
        """:attr:`leaves`, of which Python takes single ones faster."""
        return self.leaves.tobytes()

    def reasons(self, rule: int) -> list[tuple[int, Verdict]]:
        """(leaf, verdict) of all conditions on which a rule rests; ``circuit.leaves`` has them by number."""
        codes = self._codes
        return [(leaf, VERDICTS[codes[leaf]]) for leaf in self.circuit.leaves_of(rule)]


class Single:
    """Judges one enterprise at a time by a circuit."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self._read = compiled(circuit.language, True)

    @functools.cached_property
    def _readers(self) -> list[Callable[[Mapping[str, Any]], int]]:
        return [self._reader(axis) for axis in self.circuit.axes]

    def _reader(self, axis: Axis) -> Callable[[Mapping[str, Any]], int]:
        """A function from facts to the code of the axis."""
        read = self._read.reader(axis.node)
        if axis.kind == TRUTH:
            return lambda facts: 0 if (value := read(facts)) is None else 1 + value
        plain = isinstance(axis.node, exp.Column) and self.circuit.language.dictionary[axis.node.name].derived is None
        if axis.kind == NUMBER and plain and axis.short:
            name, limits = axis.node.name, axis.limits.tolist()
            return lambda facts: 0 if (value := facts.get(name)) is None else 1 + bisect_right(limits, float(value))
        return lambda facts: axis.code(read(facts))

    def codes(self, facts: Mapping[str, Any]) -> npt.NDArray[np.uint16]:
        """The code of each axis for typed facts (:func:`huiqi.rules.read_value`); absent or None is unknown."""
        return np.array([read(facts) for read in self._readers], np.uint16)

    def judge(self, facts: Mapping[str, Any]) -> Judgement:
        """The verdict of every rule on one enterprise."""
        program = self.circuit.program
        values = np.zeros(program.slots, np.uint8)
        answers = np.empty(self.circuit.rules, np.uint8)
        kernel.run_one(program, self.codes(facts), values, answers)
        first = len(self.circuit.axes)
        return Judgement(self.circuit, answers, values[first : first + len(self.circuit.leaves)])
