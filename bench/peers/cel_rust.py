"""CEL in Rust: each rule is a compiled program that is run for each enterprise.

A fact that is unknown is left out, and reading it is an error. CEL's AND and OR absorb an error when the other side
decides, which is Kleene's logic: so an error at the end means *unknown*, and no rule has to be written twice.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import cel
import numpy as np

from bench.workload import Condition

from . import Counts, Peer, Verdicts, Work, folded


def condition(of: Condition) -> str:
    """A condition in CEL."""
    match of.sign:
        case "prefix":
            return f'{of.fact}.startsWith("{of.value}")'
        case "is":
            return of.fact if of.value else f"!{of.fact}"
        case "has":
            return f'"{of.value}" in {of.fact}'
        case "in":
            return f"{of.fact} in {json.dumps(of.value)}"
    limit = f'timestamp("{of.value}T00:00:00Z")' if isinstance(of.value, dt.date) else of.value
    return f"{of.fact} {of.sign} {limit}"


def joined(connective: str, parts: list[str]) -> str:
    """AND or OR of conditions."""
    return "(" + {"and": " && ", "or": " || "}[connective].join(parts) + ")"


def typed(value: Any) -> Any:
    """A day as a point in time, all else as it is."""
    return dt.datetime.combine(value, dt.time(), dt.UTC) if isinstance(value, dt.date) else value


class CEL(Peer):
    """A program a rule, an evaluation a pair."""

    title, package = "CEL in Rust, by the pair", "common-expression-language"

    def __init__(self, work: Work) -> None:
        self.programs = [cel.compile(folded(rule.tree, condition, joined)) for rule in work.rules]
        self.contexts = [
            cel.Context(variables={name: typed(value) for name, value in row.items() if value is not None})
            for row in work.facts.to_pylist()
        ]

    def verdicts(self) -> Verdicts:
        found = np.empty((len(self.contexts), len(self.programs)), np.int8)
        for row, context in enumerate(self.contexts):
            for number, program in enumerate(self.programs):
                try:
                    found[row, number] = program.execute(context)
                except RuntimeError:
                    found[row, number] = -1
        return found

    def count(self) -> Counts:
        verdicts = self.verdicts()
        return np.stack([(verdicts == 1).sum(axis=0), (verdicts == -1).sum(axis=0)])
