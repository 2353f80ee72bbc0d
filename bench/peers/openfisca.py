"""OpenFisca: every distinct condition and every rule is a variable with a formula over whole numpy columns.

It has two values only. So each of them is two variables, *certain* (true) and *possible* (true or unknown), and each
fact has one beside it that tells whether it is known. Codes are whole numbers, so that a prefix is an interval; a set is
a variable a member. What is calculated once is kept by the simulation, as in any use of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from bench.workload import REGION, TRADE, Condition, Tree, conditions, distinct_conditions

from . import Counts, Peer, Verdicts, Work

PERIOD = "2026"
DIGITS = {REGION: 6, TRADE: 4}
Formula = Callable[[Any, Any], Any]
_COMPARE = {">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}


class OpenFisca(Peer):
    """Two boolean variables a condition and a rule."""

    title, package = "OpenFisca, two boolean vectors", "openfisca-core"

    def __init__(self, work: Work) -> None:
        self.rows, self.rules = work.facts.num_rows, len(work.rules)
        self.entity = build_entity(key="enterprise", plural="enterprises", label="Enterprise", is_person=True)
        self.system = TaxBenefitSystem([self.entity])
        self.inputs: dict[str, npt.NDArray[Any]] = {}
        self.members: dict[str, list[str]] = {}
        for name in {condition.fact: None for rule in work.rules for condition in conditions(rule.tree)}:
            self._fact(name, work.facts[name].combine_chunks())
        leaves = {leaf: f"leaf{number}" for number, leaf in enumerate(distinct_conditions(work.rules))}
        for leaf, name in leaves.items():
            self._condition(name, leaf)
        for number, rule in enumerate(work.rules):
            for rail in ("certain", "possible"):
                self._variable(f"rule{number}_{rail}", bool, self._joined(rule.tree, leaves, rail))

    def _variable(self, name: str, kind: type, formula: Formula | None = None) -> None:
        about: dict[str, Any] = {"value_type": kind, "entity": self.entity, "definition_period": DateUnit.YEAR}
        if formula is not None:
            about["formula"] = formula
        self.system.add_variable(type(name, (Variable,), about))

    def _input(self, name: str, kind: type, values: npt.NDArray[Any]) -> None:
        self._variable(name, kind)
        self.inputs[name] = values

    def _fact(self, name: str, column: pa.Array) -> None:
        known = np.asarray(column.is_valid())
        self._input(f"{name}_known", bool, known)
        if pa.types.is_list(column.type):
            lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
            rows, members = np.repeat(np.arange(len(column)), lengths), np.asarray(column.flatten().to_pylist(), object)
            for member in sorted(set(members)):
                has = np.zeros(len(column), bool)
                has[rows[members == member]] = True
                self._input(f"{name}_{member}", bool, has)
        elif pa.types.is_boolean(column.type):
            self._input(name, bool, np.asarray(column.fill_null(False)))
        elif name in DIGITS:
            self._input(name, int, np.asarray(column.cast(pa.int32()).fill_null(0)))
        elif pa.types.is_string(column.type):
            encoded = column.dictionary_encode()
            self.members[name] = encoded.dictionary.to_pylist()
            self._input(name, int, np.asarray(encoded.indices.fill_null(-1)))
        elif pa.types.is_date(column.type):
            self._input(name, int, np.asarray(column.cast(pa.int32()).fill_null(0)))
        else:
            self._input(name, float, np.asarray(column.cast(pa.float64()).fill_null(0.0)))

    def _condition(self, name: str, of: Condition) -> None:
        test, fact, known = self._test(of), of.fact, f"{of.fact}_known"
        if of.sign == "has":
            fact = f"{of.fact}_{of.value}"
        if fact not in self.inputs:
            # A member that nobody has.
            self._input(fact, bool, np.zeros(self.rows, bool))
        self._variable(f"{name}_certain", bool, lambda who, period: test(who(fact, period)) & who(known, period))
        self._variable(
            f"{name}_possible", bool, lambda who, period: who(f"{name}_certain", period) | ~who(known, period)
        )

    def _test(self, of: Condition) -> Callable[[Any], Any]:
        match of.sign:
            case "prefix":
                step = 10 ** (DIGITS[of.fact] - len(of.value))
                low = int(of.value) * step
                return lambda codes: (codes >= low) & (codes < low + step)
            case "is":
                return (lambda truth: truth) if of.value else (lambda truth: ~truth)
            case "has":
                return lambda truth: truth
            case "in":
                members = self.members[of.fact]
                places = [members.index(code) for code in of.value if code in members]
                return lambda codes: np.isin(codes, places)
        limit = of.value if isinstance(of.value, int) else np.datetime64(of.value, "D").astype(int)
        return lambda numbers: _COMPARE[of.sign](numbers, limit)

    def _joined(self, tree: Tree, leaves: dict[Condition, str], rail: str) -> Formula:
        if isinstance(tree, Condition):
            name = f"{leaves[tree]}_{rail}"
            return lambda who, period: who(name, period)
        parts = [self._joined(part, leaves, rail) for part in tree.parts]
        work = np.logical_and if tree.connective == "and" else np.logical_or
        return lambda who, period: functools.reduce(work, [part(who, period) for part in parts])

    def _simulation(self) -> Simulation:
        simulation = SimulationBuilder().build_default_simulation(self.system, count=self.rows)
        for name, values in self.inputs.items():
            simulation.set_input(name, PERIOD, values)
        return simulation

    def _rails(self) -> Any:
        simulation = self._simulation()
        for number in range(self.rules):
            yield tuple(simulation.calculate(f"rule{number}_{rail}", PERIOD) for rail in ("certain", "possible"))

    def count(self) -> Counts:
        counts = [(int(certain.sum()), int(possible.sum())) for certain, possible in self._rails()]
        met, perhaps = np.array(counts, np.int64).T
        return np.stack([met, perhaps - met])

    def verdicts(self) -> Verdicts:
        rails = [2 * certain.astype(np.int8) - possible.astype(np.int8) for certain, possible in self._rails()]
        return np.stack(rails, axis=1)
