"""Evaluation of one enterprise: a checked tree becomes a Python function of a row of facts.

Numbers follow DuckDB, the oracle of the tests: whole numbers and decimals are exact, a quotient is a double, and
what is combined with a double becomes one. Amounts of money are reckoned with exact fractions instead and rounded once.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from sqlglot import exp

from .formula import chain
from .language import Language

Row = Mapping[str, Any]
Reader = Callable[[Row], Any]

#: Wide enough for any product of facts; nothing is rounded before a quotient.
_EXACT = Context(prec=200)
_COMPARE = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}
_EXTRACT: dict[str, Callable[[Any], int]] = {
    "YEAR": lambda day: day.year,
    "MONTH": lambda day: day.month,
    "DAY": lambda day: day.day,
}


def like_pattern(pattern: str) -> re.Pattern[str]:
    """An SQL LIKE pattern as a regular expression for ``fullmatch``."""
    return re.compile("".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern), re.S)


class Compiler:
    """Turns trees into readers. ``exact`` reckons quotients as fractions (for money) instead of doubles."""

    def __init__(self, language: Language, exact: bool = False) -> None:
        self.language, self.exact = language, exact
        self._derived: dict[str, Reader] = {}
        self._build: dict[type[exp.Expression], Callable[[Any], Reader]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: lambda n: _constant(bool(n.this)),
            exp.Null: lambda n: _constant(None),
            exp.Cast: lambda n: _constant(dt.date.fromisoformat(n.this.this)),
            exp.And: self._and,
            exp.Or: self._or,
            exp.Not: self._not,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Like: self._like,
            exp.Is: self._is,
            exp.Coalesce: self._coalesce,
            exp.Nullif: self._nullif,
            exp.Least: lambda n: self._extreme(n, min),
            exp.Greatest: lambda n: self._extreme(n, max),
            exp.Case: self._case,
            exp.Neg: self._negative,
            exp.ArrayContains: self._array_contains,
            exp.Extract: self._extract,
            exp.Add: lambda n: self._arithmetic(n, operator.add, _EXACT.add),
            exp.Sub: lambda n: self._arithmetic(n, operator.sub, _EXACT.subtract),
            exp.Mul: lambda n: self._arithmetic(n, operator.mul, _EXACT.multiply),
            exp.Div: self._divide,
        }
        for comparison in _COMPARE:
            self._build[comparison] = self._comparison

    def reader(self, node: exp.Expression) -> Reader:
        """A function from a row of typed facts to the value of the node; None is NULL."""
        return self._build[type(node)](node)

    def _as(self, node: exp.Expression, kind: str) -> Reader:
        """The reader of a part, converted to the numeric kind of the whole."""
        read = self.reader(node)
        if kind != "double" or node.meta["kind"] in ("double", "null") or self.exact:
            return read
        return lambda row: None if (value := read(row)) is None else _double(value)

    @staticmethod
    def _widest(*nodes: exp.Expression) -> str:
        kinds = {node.meta["kind"] for node in nodes}
        return "double" if "double" in kinds else "other"

    # -- leaves ----------------------------------------------------------------------------------------------------
    def _column(self, node: exp.Column) -> Reader:
        name = node.name
        fact = self.language.dictionary[name]
        if fact.type == "decimal" and self.exact:
            plain: Reader = lambda row: None if (value := row.get(name)) is None else Fraction(value)  # noqa: E731
        else:
            plain = lambda row: row.get(name)  # noqa: E731
        if fact.derived is None:
            return plain
        if name not in self._derived:
            self._derived[name] = self.reader(self.language.derived(name))
        derived = self._derived[name]
        if node.meta["kind"] == "double" and not self.exact:
            stated = plain
            plain = lambda row: None if (value := stated(row)) is None else float(value)  # noqa: E731
        # A derived fact that is stated all the same stands; else it is worked out.
        return lambda row: derived(row) if (value := plain(row)) is None else value

    def _literal(self, node: exp.Literal) -> Reader:
        if node.is_string:
            return _constant(str(node.this))
        if node.meta["kind"] == "int":
            return _constant(int(node.this))
        if self.exact:
            return _constant(Fraction(node.this))
        return _constant(float(node.this) if node.meta["kind"] == "double" else Decimal(node.this))

    # -- logic -----------------------------------------------------------------------------------------------------
    def _and(self, node: exp.And) -> Reader:
        readers = [self.reader(part) for part in chain(node, exp.And)]

        def read(row: Row) -> bool | None:
            verdict: bool | None = True
            for part in readers:
                value = part(row)
                if value is False:
                    return False
                if value is None:
                    verdict = None
            return verdict

        return read

    def _or(self, node: exp.Or) -> Reader:
        readers = [self.reader(part) for part in chain(node, exp.Or)]

        def read(row: Row) -> bool | None:
            verdict: bool | None = False
            for part in readers:
                value = part(row)
                if value is True:
                    return True
                if value is None:
                    verdict = None
            return verdict

        return read

    def _not(self, node: exp.Not) -> Reader:
        read = self.reader(node.this)
        return lambda row: None if (value := read(row)) is None else not value

    def _comparison(self, node: exp.Binary) -> Reader:
        kind = self._widest(node.this, node.expression)
        left, right = self._as(node.this, kind), self._as(node.expression, kind)
        compare = _COMPARE[type(node)]

        def read(row: Row) -> bool | None:
            first = left(row)
            if first is None:
                return None
            second = right(row)
            return None if second is None else compare(first, second)

        return read

    def _in(self, node: exp.In) -> Reader:
        kind = self._widest(node.this, *node.expressions)
        read = self._as(node.this, kind)
        items = [self._as(item, kind) for item in node.expressions]

        def test(row: Row) -> bool | None:
            value = read(row)
            if value is None:
                return None
            unknown = False
            for item in items:
                other = item(row)
                if other is None:
                    unknown = True
                elif value == other:
                    return True
            return None if unknown else False

        return test

    def _between(self, node: exp.Between) -> Reader:
        low, high = node.args["low"], node.args["high"]
        kind = self._widest(node.this, low, high)
        value, bottom, top = self._as(node.this, kind), self._as(low, kind), self._as(high, kind)

        def read(row: Row) -> bool | None:
            x, a, b = value(row), bottom(row), top(row)
            if x is None:
                return None
            if (a is not None and x < a) or (b is not None and x > b):
                return False
            return None if a is None or b is None else True

        return read

    def _like(self, node: exp.Like) -> Reader:
        read = self.reader(node.this)
        pattern = str(node.expression.this)
        if pattern.endswith("%") and not set("%_") & set(pattern[:-1]):
            prefix = pattern[:-1]
            return lambda row: None if (value := read(row)) is None else value.startswith(prefix)
        matches = like_pattern(pattern).fullmatch
        return lambda row: None if (value := read(row)) is None else matches(value) is not None

    def _is(self, node: exp.Is) -> Reader:
        read = self.reader(node.this)
        return lambda row: read(row) is None

    def _array_contains(self, node: exp.ArrayContains) -> Reader:
        read, member = self.reader(node.this), str(node.expression.this)
        return lambda row: None if (value := read(row)) is None else member in value

    # -- values ----------------------------------------------------------------------------------------------------
    def _coalesce(self, node: exp.Coalesce) -> Reader:
        kind = node.meta["kind"]
        readers = [self._as(part, kind) for part in (node.this, *node.expressions)]
        return lambda row: next((value for read in readers if (value := read(row)) is not None), None)

    def _nullif(self, node: exp.Nullif) -> Reader:
        kind = self._widest(node.this, node.expression)
        plain, left, right = self.reader(node.this), self._as(node.this, kind), self._as(node.expression, kind)

        def read(row: Row) -> Any:
            value = left(row)
            return None if value is None or value == right(row) else plain(row)

        return read

    def _extreme(self, node: exp.Expression, choose: Callable[[list[Any]], Any]) -> Reader:
        kind = node.meta["kind"]
        readers = [self._as(part, kind) for part in (node.this, *node.expressions)]

        def read(row: Row) -> Any:
            known = [value for part in readers if (value := part(row)) is not None]
            return choose(known) if known else None

        return read

    def _case(self, node: exp.Case) -> Reader:
        kind = node.meta["kind"]
        branches = [(self.reader(branch.this), self._as(branch.args["true"], kind)) for branch in node.args["ifs"]]
        default = node.args.get("default")
        otherwise = self._as(default, kind) if default is not None else _constant(None)

        def read(row: Row) -> Any:
            for condition, value in branches:
                if condition(row) is True:
                    return value(row)
            return otherwise(row)

        return read

    def _negative(self, node: exp.Neg) -> Reader:
        read = self.reader(node.this)
        return lambda row: None if (value := read(row)) is None else -value

    def _arithmetic(
        self, node: exp.Binary, native: Callable[[Any, Any], Any], decimal: Callable[[Any, Any], Decimal]
    ) -> Reader:
        kind = node.meta["kind"]
        left, right = self._as(node.this, kind), self._as(node.expression, kind)
        work = decimal if kind == "decimal" and not self.exact else native

        def read(row: Row) -> Any:
            first = left(row)
            if first is None:
                return None
            second = right(row)
            return None if second is None else work(first, second)

        return read

    def _divide(self, node: exp.Div) -> Reader:
        left, right = self.reader(node.this), self.reader(node.expression)
        number: Callable[[Any], Any] = Fraction if self.exact else _double

        def read(row: Row) -> Any:
            first, second = left(row), right(row)
            if first is None or second is None:
                return None
            divisor = number(second)
            return number(first) / divisor if divisor else None

        return read

    def _extract(self, node: exp.Extract) -> Reader:
        read = self.reader(node.expression)
        part: Callable[[Any], int] = _EXTRACT[str(node.this.name).upper()]
        return lambda row: None if (value := read(row)) is None else part(value)


def _double(value: Any) -> float:
    """The nearest double; a whole number beyond the largest is infinite, as a decimal beyond it is."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _constant(value: Any) -> Reader:
    return lambda row: value
