"""A rule and an amount: the parsed expression with everything that can be asked of it."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlglot import exp

from .dialects import inline, text_of, to_sql
from .evaluate import Compiler
from .formula import Formula, Verdict, formula
from .language import Language, language
from .sentence import Names, Speaker
from .words import Words


@functools.cache
def compiled(of: Language, exact: bool) -> Compiler:
    """The compiler of a language, kept with its derived facts."""
    return Compiler(of, exact)


class Expression:
    """A checked expression over the fact dictionary."""

    def __init__(self, text: str, tree: exp.Expression, of: Language) -> None:
        self.text, self.tree, self.language = text, tree, of

    def __reduce__(self) -> tuple[Any, ...]:
        # What was compiled of it cannot be sent to another process, and is soon compiled again.
        return type(self), (self.text, self.tree, self.language)

    @functools.cached_property
    def key(self) -> str:
        """The canonical text, with names and codes in place of aliases and labels."""
        return text_of(self.tree)

    @functools.cached_property
    def facts(self) -> tuple[str, ...]:
        """Names of the facts that the expression names, in the order of the text."""
        return tuple(dict.fromkeys(column.name for column in self.tree.find_all(exp.Column, bfs=False)))

    @functools.cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the stored or computed facts that it rests on, derived facts taken apart."""
        return inputs_of(self.language, self.tree)

    def sql(self, dialect: str = "duckdb") -> str:
        """The expression in the SQL of ``duckdb``, ``postgres`` or ``spark``; ValueError for another."""
        return to_sql(self.language, self.tree, dialect)


class Rule(Expression):
    """A condition with three answers: True (met), False (not met), None (a fact is missing)."""

    @functools.cached_property
    def _read(self) -> Any:
        return compiled(self.language, exact=False).reader(self.tree)

    @functools.cached_property
    def formula(self) -> Formula:
        """The AND/OR skeleton over the leaves of the rule as it is written."""
        return formula(self.tree)

    def evaluate(self, facts: Mapping[str, Any]) -> Verdict:
        """The verdict on one enterprise. ``facts`` holds typed values by name; absent or None is unknown."""
        return self._read(facts)  # type: ignore[no-any-return]

    def sentence(self, names: Names | None = None) -> Words:
        """The rule as a Chinese and an English sentence."""
        return Speaker(self.language.dictionary, names).sentence(self.tree)


class Amount(Expression):
    """An amount of money in yuan as an expression."""

    @functools.cached_property
    def _read(self) -> Any:
        return compiled(self.language, exact=True).reader(self.tree)

    def evaluate(self, facts: Mapping[str, Any]) -> Decimal | None:
        """The amount in yuan, reckoned exactly and rounded half up to fen; None when a fact is missing."""
        value = self._read(facts)
        if value is None:
            return None
        fen = Fraction(value) * 100
        # Rounded once, on the exact fraction: half a fen goes away from zero.
        whole = math.floor(abs(fen) + Fraction(1, 2))
        return Decimal(whole if fen >= 0 else -whole).scaleb(-2)

    def sentence(self, names: Names | None = None) -> Words:
        """How the amount is reckoned, in both languages."""
        return Speaker(self.language.dictionary, names).value(self.tree)


@functools.lru_cache(maxsize=4096)
def _inputs(of: Language, key: str, tree: _Hashed) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column.name for column in inline(of, tree.tree).find_all(exp.Column, bfs=False)))


class _Hashed:
    """A tree that does not take part in the cache key (its text does)."""

    def __init__(self, tree: exp.Expression) -> None:
        self.tree = tree

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed)


def inputs_of(of: Language, tree: exp.Expression, key: str | None = None) -> tuple[str, ...]:
    """Names of the stored or computed facts under a tree, in reading order."""
    return _inputs(of, key or text_of(tree), _Hashed(tree))


def parse_rule(text: str, of: Language | None = None) -> Rule:
    """Read a rule. Raises RuleProblem with position and suggestion when the text is not one."""
    chosen = of or language()
    return Rule(text, chosen.condition(text), chosen)


def parse_amount(text: str, of: Language | None = None) -> Amount:
    """Read an amount in yuan. Raises RuleProblem with position and suggestion when the text is not one."""
    chosen = of or language()
    return Amount(text, chosen.amount(text), chosen)
