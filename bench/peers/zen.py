"""zen-engine: all rules as one compiled expression that is evaluated for each enterprise.

A comparison with null is an error there. So each rule stands twice: *certain*, where every condition asks first that
the fact is known, and *possible*, where an unknown fact is enough.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import zen

from bench.workload import Condition

from . import Counts, Peer, Verdicts, Work, folded

FIRST = dt.date(1970, 1, 1)


def condition(of: Condition) -> str:
    """A condition on a fact that is known, in zen's language. Days are numbers."""
    match of.sign:
        case "prefix":
            return f'startsWith({of.fact}, "{of.value}")'
        case "is":
            return of.fact if of.value else f"not {of.fact}"
        case "has":
            return f'contains({of.fact}, "{of.value}")'
        case "in":
            return f"{of.fact} in {json.dumps(of.value)}"
    return f"{of.fact} {of.sign} {typed(of.value)}"


def certain(of: Condition) -> str:
    return f"({of.fact} != null and {condition(of)})"


def possible(of: Condition) -> str:
    return f"({of.fact} == null or {condition(of)})"


def joined(connective: str, parts: list[str]) -> str:
    """AND or OR of conditions."""
    return "(" + f" {connective} ".join(parts) + ")"


def typed(value: Any) -> Any:
    """A day as a number, all else as it is."""
    return (value - FIRST).days if isinstance(value, dt.date) else value


class Zen(Peer):
    """One expression for all rules, an evaluation an enterprise."""

    title, package = "zen-engine, by the enterprise", "zen-engine"

    def __init__(self, work: Work) -> None:
        rails = [folded(rule.tree, rail, joined) for rule in work.rules for rail in (certain, possible)]
        self.expression = zen.compile_expression(f"[{', '.join(rails)}]")
        self.rows = [{name: typed(value) for name, value in row.items()} for row in work.facts.to_pylist()]

    def verdicts(self) -> Verdicts:
        rails = np.array([self.expression.evaluate(row) for row in self.rows], np.int8).reshape(len(self.rows), -1, 2)
        return 2 * rails[:, :, 0] - rails[:, :, 1]

    def count(self) -> Counts:
        verdicts = self.verdicts()
        return np.stack([(verdicts == 1).sum(axis=0), (verdicts == -1).sum(axis=0)])
