"""Polars: every distinct condition becomes a column of three values once, then every rule is an expression on these.

Its AND and OR are Kleene's. The columns of the conditions are dropped as soon as the rules of a share are counted.
"""

from __future__ import annotations

import functools
import operator

import numpy as np
import polars as pl

from bench.workload import Condition, distinct_conditions

from . import Counts, Peer, Verdicts, Work, folded

_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


def condition(of: Condition) -> pl.Expr:
    """A condition as an expression on the facts."""
    fact = pl.col(of.fact)
    match of.sign:
        case "prefix":
            return fact.cast(pl.String).str.starts_with(of.value)
        case "is":
            return fact if of.value else ~fact
        case "in":
            return fact.is_in(list(of.value))
        case "has":
            return fact.list.contains(of.value)
    compared: pl.Expr = _COMPARE[of.sign](fact, of.value)
    return compared


def joined(connective: str, parts: list[pl.Expr]) -> pl.Expr:
    """AND or OR of expressions."""
    return functools.reduce(operator.and_ if connective == "and" else operator.or_, parts)


class Polars(Peer):
    """Leaf columns first, then the rules."""

    title, package = "Polars, leaf columns first", "polars"

    def __init__(self, work: Work) -> None:
        self.frame = pl.DataFrame(work.facts)
        self.size = len(work.rules)
        leaves = distinct_conditions(work.rules)
        names = {leaf: f"leaf{number}" for number, leaf in enumerate(leaves)}
        self.leaves = [condition(leaf).alias(name) for leaf, name in names.items()]
        self.rules = [
            folded(rule.tree, lambda leaf: pl.col(names[leaf]), joined).alias(f"rule{number}")
            for number, rule in enumerate(work.rules)
        ]
        self.counts = [
            expression.alias(f"{what}{number}")
            for number, rule in enumerate(self.rules)
            for what, expression in (("met", rule.sum()), ("unknown", rule.null_count()))
        ]

    def leaf_columns(self) -> pl.DataFrame:
        """All conditions as columns."""
        return self.frame.select(self.leaves)

    def count_from(self, leaves: pl.DataFrame) -> Counts:
        """The counts, when the columns of the conditions are there already."""
        return np.array(leaves.select(self.counts).row(0), np.int64).reshape(self.size, 2).T

    def count(self) -> Counts:
        return self.count_from(self.leaf_columns())

    def verdicts(self) -> Verdicts:
        found = self.leaf_columns().select(self.rules).cast(pl.Int8).fill_null(-1)
        return found.to_numpy().astype(np.int8)
