"""A second reader of rules, for the sake of doubt: SQL's three values, one enterprise at a time, in plain Python.

It knows nothing of the rules library. It reads the text of a rule by itself and follows the SQL standard word for word:
a comparison with NULL is NULL, NOT NULL is NULL, AND is FALSE when one side is, OR is TRUE when one side is. Numbers are
fractions, so nothing is rounded. As in the dictionary's conventions, x / 0 is NULL, and least and greatest pass over
NULL. It is slow, and short enough to be checked by reading.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
Reader = Callable[[Row], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|'(?P<text>(?:[^']|'')*)'|(?P<name>\w+)|(?P<sign><=|>=|<>|[-+*/=<>(),]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def number(value: int | float | str | Decimal | Fraction) -> int | Fraction:
    """A number as an exact fraction, a whole one as int. A float stands for the shortest decimal that reads as it."""
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact


def facts(row: Row) -> dict[str, Any]:
    """Facts as they are read: numbers exact, sets as sets, all else as it is."""
    found = {}
    for name, value in row.items():
        if isinstance(value, (list, set, frozenset)):
            value = frozenset(value)
        elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            value = number(value)
        found[name] = value
    return found


# --- three values -----------------------------------------------------------------------------------------------------


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _and(parts: list[Reader]) -> Reader:
    def read(row: Row) -> bool | None:
        unknown = False
        for part in parts:
            value = part(row)
            if value is False:
                return False
            unknown |= value is None
        return None if unknown else True

    return read


def _or(parts: list[Reader]) -> Reader:
    def read(row: Row) -> bool | None:
        unknown = False
        for part in parts:
            value = part(row)
            if value is True:
                return True
            unknown |= value is None
        return None if unknown else False

    return read


def _strict(work: Callable[..., Any], *parts: Reader) -> Reader:
    """NULL when any part is NULL, else the work on the values."""

    def read(row: Row) -> Any:
        values = [part(row) for part in parts]
        return None if None in values else work(*values)

    return read


def _like(pattern: str) -> Callable[[str], bool]:
    every = {"%": ".*", "_": "."}
    matches = re.compile("".join(every.get(char) or re.escape(char) for char in pattern), re.DOTALL).fullmatch
    return lambda text: matches(text) is not None


def _divided(left: Any, right: Any) -> Any:
    return None if right == 0 else number(Fraction(left) / right)


# --- the text ---------------------------------------------------------------------------------------------------------


class _Parser:
    """Reads one text by precedence: OR, AND, NOT, comparisons, sums, products, signs."""

    def __init__(self, text: str, definitions: Mapping[str, str]) -> None:
        self.definitions = definitions
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise ValueError(f"cannot read {text[place:]!r}")
            kind = str(found.lastgroup)
            token = found[kind]
            self.tokens.append((kind, token.lower() if kind == "name" else token.replace("''", "'")))
            place = found.end()
        self.tokens.append(("end", ""))
        self.at = 0

    def whole(self) -> Reader:
        found = self.condition()
        if self.tokens[self.at][0] != "end":
            raise ValueError(f"left over: {self.tokens[self.at :]}")
        return found

    def take(self, *wanted: str) -> str | None:
        """The next token, if it is one of these words or signs."""
        kind, token = self.tokens[self.at]
        if kind in ("name", "sign") and token in wanted:
            self.at += 1
            return token
        return None

    def need(self, wanted: str) -> None:
        if self.take(wanted) is None:
            raise ValueError(f"{wanted!r} expected before {self.tokens[self.at :]}")

    def condition(self) -> Reader:
        parts = [self.conjunction()]
        while self.take("or"):
            parts.append(self.conjunction())
        return _or(parts) if len(parts) > 1 else parts[0]

    def conjunction(self) -> Reader:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return _and(parts) if len(parts) > 1 else parts[0]

    def negation(self) -> Reader:
        if self.take("not"):
            inner = self.negation()
            return lambda row: _not(inner(row))
        return self.comparison()

    def comparison(self) -> Reader:
        left = self.sum()
        if sign := self.take(*_COMPARE):
            return _strict(_COMPARE[sign], left, self.sum())
        if self.take("is"):
            negated = self.take("not")
            self.need("null")
            return (lambda row: left(row) is not None) if negated else (lambda row: left(row) is None)
        negated = self.take("not")
        if self.take("in"):
            found = _or([_strict(operator.eq, left, item) for item in self.list()])
        elif self.take("like"):
            found = _strict(_like(self.tokens[self.at][1]), left)
            self.at += 1
        elif self.take("between"):
            low = self.sum()
            self.need("and")
            found = _and([_strict(operator.ge, left, low), _strict(operator.le, left, self.sum())])
        else:
            return left
        return (lambda row: _not(found(row))) if negated else found

    def list(self) -> list[Reader]:
        self.need("(")
        found = [self.condition()]
        while self.take(","):
            found.append(self.condition())
        self.need(")")
        return found

    def sum(self) -> Reader:
        left = self.product()
        while sign := self.take("+", "-"):
            left = _strict(operator.add if sign == "+" else operator.sub, left, self.product())
        return left

    def product(self) -> Reader:
        left = self.signed()
        while sign := self.take("*", "/"):
            left = _strict(operator.mul if sign == "*" else _divided, left, self.signed())
        return left

    def signed(self) -> Reader:
        if self.take("-"):
            return _strict(operator.neg, self.signed())
        return self.single()

    def single(self) -> Reader:
        kind, token = self.tokens[self.at]
        if self.take("("):
            inner = self.condition()
            self.need(")")
            return inner
        self.at += 1
        if kind in ("number", "text"):
            constant = number(token) if kind == "number" else token
            return lambda row: constant
        if kind != "name":
            raise ValueError(f"a value expected before {self.tokens[self.at - 1 :]}")
        if token in ("true", "false", "null"):
            word = {"true": True, "false": False, "null": None}[token]
            return lambda row: word
        if token == "case":
            return self.case()
        if self.tokens[self.at] == ("sign", "("):
            return self.call(token)
        if token == "date" and self.tokens[self.at][0] == "text":
            day = dt.date.fromisoformat(self.tokens[self.at][1])
            self.at += 1
            return lambda row: day
        if token in self.definitions:
            return reader(self.definitions[token], self.definitions)
        return lambda row: row.get(token)

    def case(self) -> Reader:
        branches = []
        while self.take("when"):
            met = self.condition()
            self.need("then")
            branches.append((met, self.condition()))
        otherwise = self.condition() if self.take("else") else lambda row: None
        self.need("end")
        return lambda row: next((value for met, value in branches if met(row) is True), otherwise)(row)

    def call(self, name: str) -> Reader:
        if name == "extract":
            self.need("(")
            field = self.tokens[self.at][1]
            self.at += 1
            self.need("from")
            of = self.condition()
            self.need(")")
            return _strict(operator.attrgetter(field), of)
        parts = self.list()
        match name:
            case "array_contains":
                return _strict(operator.contains, *parts)
            case "coalesce":
                return lambda row: next((value for part in parts if (value := part(row)) is not None), None)
            case "nullif":
                return lambda row: None if (value := parts[0](row)) == parts[1](row) else value
            case "least" | "greatest":
                work = min if name == "least" else max
                return lambda row: work((v for part in parts if (v := part(row)) is not None), default=None)
        raise ValueError(f"no function {name}")


def reader(text: str, definitions: Mapping[str, str] | None = None) -> Reader:
    """A function from :func:`facts` of an enterprise to the value of an expression.

    ``definitions`` has the texts of derived facts by name. Raises ValueError for a text that is not an expression.
    """
    return _read(text, tuple((definitions or {}).items()))


@functools.cache
def _read(text: str, definitions: tuple[tuple[str, str], ...]) -> Reader:
    return _Parser(text, dict(definitions)).whole()
