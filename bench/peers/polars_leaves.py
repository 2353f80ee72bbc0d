"""Polars: every distinct condition becomes a column of three values once, then every rule is an expression on these.

Its AND and OR are Kleene's. Texts are brought in as enums of sorted categories, so that a prefix is an interval of their
numbers: as plain strings the conditions would take ten times as long.
"""

from __future__ import annotations

import functools
import operator
from bisect import bisect_left

import numpy as np
import polars as pl

from bench.workload import Condition, distinct_conditions

from . import Counts, Peer, Verdicts, Work, folded

#: Rules whose columns are there at a time.
AT_ONCE = 1_000
_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


def with_enums(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts as enums whose categories are sorted."""
    texts = [column for column in frame.iter_columns() if column.dtype == pl.String]
    return frame.with_columns(text.cast(pl.Enum(text.drop_nulls().unique().sort())) for text in texts)


def condition(of: Condition, schema: pl.Schema) -> pl.Expr:
    """A condition as an expression on the facts."""
    fact = pl.col(of.fact)
    match of.sign:
        case "prefix":
            kind = schema[of.fact]
            assert isinstance(kind, pl.Enum)
            categories = kind.categories.to_list()
            first, end = (bisect_left(categories, text) for text in (of.value, of.value + "\uffff"))
            return fact.to_physical().is_between(first, end, closed="left")
        case "is":
            return fact if of.value else ~fact
        case "in":
            known = set(schema[of.fact].categories) & set(of.value)  # type: ignore[attr-defined]
            return fact.is_in(pl.Series(sorted(known), dtype=schema[of.fact]))
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
        self.frame = with_enums(pl.DataFrame(work.facts))
        leaves = distinct_conditions(work.rules)
        names = {leaf: f"leaf{number}" for number, leaf in enumerate(leaves)}
        self.leaves = [condition(leaf, self.frame.schema).alias(name) for leaf, name in names.items()]
        self.rules = [
            folded(rule.tree, lambda leaf: pl.col(names[leaf]), joined).alias(f"rule{number}")
            for number, rule in enumerate(work.rules)
        ]

    def leaf_columns(self) -> pl.DataFrame:
        """All conditions as columns."""
        return self.frame.select(self.leaves)

    def count_from(self, leaves: pl.DataFrame) -> Counts:
        """The counts, when the columns of the conditions are there already."""
        met, unknown = [], []
        for first in range(0, len(self.rules), AT_ONCE):
            verdicts = leaves.select(self.rules[first : first + AT_ONCE])
            met += verdicts.sum().row(0)
            unknown += verdicts.null_count().row(0)
        return np.array([met, unknown], np.int64)

    def count(self) -> Counts:
        return self.count_from(self.leaf_columns())

    def verdicts(self) -> Verdicts:
        found = self.leaf_columns().select(self.rules).cast(pl.Int8).fill_null(-1)
        return found.to_numpy().astype(np.int8)
