"""The language of rules: SQL expressions over the fact dictionary, read with sqlglot and held to a whitelist.

A rule is a boolean SQL expression in DuckDB's spelling. Facts go by name or Chinese alias, members of an enum or a
set by code or Chinese label. SQL's three-valued logic is the meaning: a missing fact is NULL. Two things are ours:
``x / 0`` is NULL, and full-width punctuation of a Chinese keyboard is read as its ASCII twin.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from .dictionary import Dictionary, Fact, dictionary
from .words import Words

#: Longest text, deepest brackets, deepest tree and most parts that are read; what people write is far below.
LONGEST, DEEPEST, DEEPEST_TREE, MOST_NODES = 20_000, 60, 180, 4_000
#: Digits that a number may have: what the engines hold exactly.
MOST_DIGITS = 38
#: sqlglot reads by recursion, twenty to forty calls a bracket: with the interpreter's own limit a rule that the command
#: line reads would be too deep in a web request.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 4_000))

KIND_OF_TYPE = {
    "boolean": "bool",
    "integer": "int",
    "decimal": "decimal",
    "date": "date",
    "text": "text",
    "enum": "text",
    "set": "set",
}
NUMBERS = {"int": 0, "decimal": 1, "double": 2}
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)
FUNCTIONS = ("coalesce", "nullif", "least", "greatest", "array_contains")
#: Facts whose values are codes with a hierarchy: a list of them would silently miss the codes below.
PREFIX_FACTS = ("industry_code", "registration_region")

KIND_WORDS = {
    "bool": Words("条件", "a condition"),
    "number": Words("数字", "a number"),
    "int": Words("数字", "a number"),
    "decimal": Words("数字", "a number"),
    "double": Words("数字", "a number"),
    "date": Words("日期", "a date"),
    "text": Words("文字", "text"),
    "set": Words("多选项", "a set"),
}

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", ord("×"): "*", ord("÷"): "/"}
_WIDE_PAIRS = {"≥": ">=", "≤": "<=", "≠": "<>", "≧": ">=", "≦": "<="}
_WIDE_QUOTES = {"‘": "’", "“": "”", "＇": "＇", "＂": "＂", "「": "」"}


class RuleProblem(ValueError):
    """An expression that is not a rule. ``position`` is the offset in characters, None when the whole is meant."""

    def __init__(self, what: Words, position: int | None = None, suggestion: str | None = None, text: str = "") -> None:
        self.what, self.position, self.suggestion, self.text = what, position, suggestion, text
        super().__init__(self.describe("en"))

    def describe(self, language: str) -> str:
        """One line: what is wrong, where, and what to write instead."""
        english = language.startswith("en")
        parts = [self.what.of(language)]
        if self.position is not None:
            parts.append(f"(at character {self.position + 1})" if english else f"（第 {self.position + 1} 个字符）")
        if self.suggestion:
            parts.append(f"Did you mean: {self.suggestion}" if english else f"是不是想写：{self.suggestion}")
        return (" " if english else "").join(parts)

    def pointer(self) -> str:
        """The text with a mark under the place, for a terminal; empty when no place is known."""
        if self.position is None or not self.text or "\n" in self.text:
            return ""
        before = self.text[: self.position]
        width = sum(2 if ord(c) > 0x2E7F else 1 for c in before)
        return f"{self.text}\n{' ' * width}^"


def normalise(text: str) -> str:
    """Read full-width punctuation outside of quoted text as its ASCII twin."""
    return "".join(_normalised(text))


def _normalised(text: str) -> list[str]:
    """What each character is read as: itself, its ASCII twin, or two characters for ≥ and its like."""
    out: list[str] = []
    closing: str | None = None
    for c in text:
        if closing is None:
            closing = c if c in ("'", '"') else _WIDE_QUOTES.get(c)
            out.append("'" if c in _WIDE_QUOTES else _WIDE_PAIRS.get(c, c.translate(_FULL_WIDTH)))
        elif c == closing:
            out.append(c if c == '"' else "'")
            closing = None
        else:
            # An apostrophe between Chinese quotation marks is text.
            out.append("''" if c == "'" else c)
    return out


def position_of(node: exp.Expression) -> int | None:
    """Offset of the first character of a node, where sqlglot kept it."""
    starts = [part.meta["start"] for part in node.find_all(exp.Identifier, exp.Literal) if "start" in part.meta]
    return min(starts, default=None)


def _original(parts: list[str], position: int) -> int:
    """The offset in the text as it was typed of an offset in the text as it was read."""
    for i, part in enumerate(parts):
        position -= len(part)
        if position < 0:
            return i
    return len(parts)


def _depth(tree: exp.Expression) -> int:
    """Levels of a tree; brackets and the links of a chain of AND or of OR are no levels of their own."""
    deepest = 0
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        for child in node.iter_expressions():
            level = isinstance(child, exp.Paren) or (type(child) is type(node) and isinstance(node, (exp.And, exp.Or)))
            stack.append((child, depth if level else depth + 1))
    return deepest


def _exponent(number: str) -> int:
    """Size of the power of ten of a number such as 1e5; 0 without one."""
    power = number.lower().partition("e")[2].lstrip("+-")
    return int(power[:6]) if power.isdigit() else 0


def wider(kinds: Iterable[str]) -> str:
    """The numeric kind that holds all of these, as DuckDB unifies them."""
    return max(kinds, key=lambda kind: NUMBERS[kind])


class Language:
    """Reads expressions over one dictionary; derived facts are parsed once and kept."""

    def __init__(self, facts: Dictionary) -> None:
        self.dictionary = facts
        self._derived: dict[str, exp.Expression] = {}

    # -- reading ---------------------------------------------------------------------------------------------------
    def condition(self, text: str) -> exp.Expression:
        """The tree of a rule. Raises RuleProblem unless it is a condition of the language."""
        return self._read(text, "bool")

    def amount(self, text: str) -> exp.Expression:
        """The tree of an amount in yuan. Raises RuleProblem unless it is a number of the language."""
        return self._read(text, "number")

    def derived(self, name: str) -> exp.Expression:
        """The tree of a derived fact of the dictionary (these may also use ``extract``)."""
        if name not in self._derived:
            fact = self.dictionary[name]
            self._derived[name] = self._read(fact.derived or "", KIND_OF_TYPE[fact.type], extract=True)
        return self._derived[name]

    def _read(self, text: str, want: str, extract: bool = False) -> exp.Expression:
        if not isinstance(text, str) or not text.strip():
            raise RuleProblem(Words("表达式是空的", "the expression is empty"))
        if "\x00" in text:
            raise RuleProblem(
                Words("表达式里有 NUL 字符", "the expression contains a NUL character"), text.index("\x00")
            )
        if len(text) > LONGEST:
            raise RuleProblem(
                Words(f"表达式超过 {LONGEST} 个字符", f"the expression is longer than {LONGEST} characters")
            )
        parts = _normalised(text)
        plain = "".join(parts)
        try:
            tree = self._tree(plain)
            checker = _Checker(self, extract)
            tree = checker.resolve(tree)
            kind = checker.kind(tree)
            _need(kind, want, tree)
        except RuleProblem as problem:
            problem.text = text
            if problem.position is not None:
                problem.position = _original(parts, problem.position)
            raise
        return tree

    def _tree(self, plain: str) -> exp.Expression:
        depth = deepest = 0
        for c in plain:
            depth += (c == "(") - (c == ")")
            deepest = max(deepest, depth)
        if deepest > DEEPEST:
            raise RuleProblem(
                Words(f"括号嵌套超过 {DEEPEST} 层", f"the expression is nested more than {DEEPEST} levels deep")
            )
        try:
            tree = sqlglot.parse_one(plain, read="duckdb")
        except SqlglotError as error:
            raise self._syntax(plain, error) from None
        except RecursionError:
            raise RuleProblem(Words("表达式嵌套太深", "the expression is nested too deeply")) from None
        if tree is None:
            raise RuleProblem(Words("表达式是空的", "the expression is empty"))
        if isinstance(tree, exp.Block):
            raise RuleProblem(
                Words("只能写一个表达式，中间不要用分号", "a rule is a single expression, without semicolons"),
                plain.find(";") if plain.count(";") == 1 else None,
            )
        if sum(1 for _ in tree.walk()) > MOST_NODES:
            raise RuleProblem(Words("表达式太长", "the expression has too many parts"))
        if _depth(tree) > DEEPEST_TREE:
            raise RuleProblem(Words("表达式嵌套太深", "the expression is nested too deeply"))
        return tree

    def _syntax(self, plain: str, error: SqlglotError) -> RuleProblem:
        details = getattr(error, "errors", None) or [{}]
        line, column = details[0].get("line"), details[0].get("col")
        marked = details[0].get("highlight") or ""
        position = None
        if line and column:
            # sqlglot ends a line at a line feed and at a carriage return that stands alone.
            lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", plain)
            last = lines[min(line, len(lines)) - 1]
            position = sum(map(len, lines[: line - 1])) + max(0, min(column, len(last)) - max(1, len(marked)))
        if plain.count("(") > plain.count(")"):
            return RuleProblem(
                Words("少了右括号", "a closing parenthesis is missing"),
                position,
                plain.rstrip() + ")" * (plain.count("(") - plain.count(")")),
                plain,
            )
        if plain.count("(") < plain.count(")"):
            return RuleProblem(Words("多了右括号", "there is a closing parenthesis too many"), position, None, plain)
        if plain.count("'") % 2:
            return RuleProblem(
                Words("引号没有成对", "a quotation mark is missing"), position, plain.rstrip() + "'", plain
            )
        zh = f"“{marked}”附近看不懂" if marked else "看不懂这个表达式"
        en = f"cannot read the expression near {marked!r}" if marked else "cannot read the expression"
        return RuleProblem(Words(zh, en), position, None, plain)


#: Nodes whose value is the value of one of their parts.
_ONE_OF = (exp.Coalesce, exp.Nullif, exp.Least, exp.Greatest, exp.Case)


def _values_of(node: exp.Expression) -> list[exp.Expression]:
    """The parts of a node that are values beside each other: the two sides, the list, the results of a case."""
    if isinstance(node, exp.Case):
        results = [branch.args["true"] for branch in node.args["ifs"]]
        return [*results, node.args["default"]] if node.args.get("default") is not None else results
    return list(node.iter_expressions())


def _need(kind: str, want: str, node: exp.Expression) -> None:
    fits = (
        kind == "null"
        or kind == want
        or (want == "number" and kind in NUMBERS)
        or (want in NUMBERS and kind in NUMBERS)
    )
    if fits:
        return
    text = node.sql("duckdb")
    got, wanted = KIND_WORDS[kind], KIND_WORDS[want]
    suggestion = None
    if want == "bool" and kind == "set" and isinstance(node, exp.Column):
        suggestion = f"array_contains({text}, '…')"
    elif want == "bool" and kind in NUMBERS:
        suggestion = f"{text} > 0"
    raise RuleProblem(
        Words(f"“{text}”是{got.zh}，这里要{wanted.zh}", f"{text} is {got.en} where {wanted.en} is needed"),
        position_of(node),
        suggestion,
    )


class _Checker:
    """Resolves aliases and labels, then gives every node its kind; a departure from the language raises RuleProblem.

    The kind (bool, int, decimal, double, date, text, set, null) is left in ``node.meta["kind"]`` for the compilers.
    """

    def __init__(self, of: Language, extract: bool) -> None:
        self.language, self.facts, self.extract = of, of.dictionary, extract
        self._rules: dict[type[exp.Expression], Callable[[Any], str]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: lambda n: "bool",
            exp.Null: lambda n: "null",
            exp.Cast: self._cast,
            exp.And: self._logic,
            exp.Or: self._logic,
            exp.Not: self._not,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Like: self._like,
            exp.Is: self._is,
            exp.Coalesce: self._one_of,
            exp.Nullif: self._nullif,
            exp.Least: self._one_of,
            exp.Greatest: self._one_of,
            exp.Case: self._case,
            exp.Neg: self._negative,
            exp.ArrayContains: self._array_contains,
            exp.Extract: self._extract,
        }
        self._rules.update(dict.fromkeys(COMPARISONS, self._comparison))
        self._rules.update(dict.fromkeys(ARITHMETIC, self._arithmetic))

    # -- names -----------------------------------------------------------------------------------------------------
    def resolve(self, tree: exp.Expression) -> exp.Expression:
        """Aliases become names, labels become codes, ``'x' = any(set)`` becomes array_contains, parentheses go."""
        root = exp.Paren(this=tree)
        for node in reversed(list(root.find_all(exp.Paren, bfs=False))):
            if node.parent is not None:
                node.replace(node.this)
        for node in list(root.find_all(exp.Like, exp.In, exp.Between, exp.Is)):
            if node.args.get("negate"):
                # sqlglot keeps NOT LIKE as a flag on the node; here every NOT is a node of its own.
                node.set("negate", None)
                outside = exp.Not()
                node.replace(outside)
                outside.set("this", node)
        for node in list(root.find_all(exp.EQ)):
            node.replace(self._any_to_contains(node))
        tree = root.this.pop()
        for node in tree.walk():
            node.comments = None
        for column in tree.find_all(exp.Column):
            fact = self.facts.get(column.name)
            if fact is not None and not column.table:
                identifier = exp.to_identifier(fact.name)
                identifier.meta.update(column.this.meta)
                column.set("this", identifier)
        for node in tree.find_all(*COMPARISONS, exp.In, exp.Between, exp.ArrayContains, *_ONE_OF):
            sides = _values_of(node)
            for fact in filter(None, map(self._fact_of, sides)):
                for literal in sides:
                    if isinstance(literal, exp.Literal) and literal.is_string and literal.this in fact.labels:
                        literal.set("this", fact.labels[literal.this])
        return tree

    def _fact_of(self, node: exp.Expression) -> Fact | None:
        """The fact with members whose value a node has: the column itself, or behind coalesce, case and the like."""
        if isinstance(node, exp.Column):
            fact = self.facts.get(node.name)
            return fact if fact is not None and fact.members is not None and not node.table else None
        if isinstance(node, _ONE_OF):
            return next((fact for part in _values_of(node) if (fact := self._fact_of(part)) is not None), None)
        return None

    @staticmethod
    def _any_to_contains(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
            return exp.ArrayContains(this=node.expression.this.unnest().copy(), expression=node.this.copy())
        return node

    # -- kinds -----------------------------------------------------------------------------------------------------
    def kind(self, node: exp.Expression) -> str:
        rule = self._rules.get(type(node))
        if rule is None:
            raise self._forbidden(node)
        kind = rule(node)
        node.meta["kind"] = kind
        return kind

    def _forbidden(self, node: exp.Expression) -> RuleProblem:
        at = position_of(node)
        if isinstance(node, exp.Anonymous):
            name = str(node.this)
            near = difflib.get_close_matches(name.lower(), FUNCTIONS, n=1)
            return RuleProblem(
                Words(f"没有“{name}”这个函数，可用的有 {'、'.join(FUNCTIONS)}", f"there is no function {name}; there are {', '.join(FUNCTIONS)}"),
                at, near[0] if near else None,
            )  # fmt: skip
        text = node.sql("duckdb")
        if isinstance(node, (exp.Select, exp.Subquery, exp.Exists)):
            return RuleProblem(Words("规则里不能有查询", "a rule cannot contain a query"), at)
        if isinstance(node, (exp.Extract, exp.Year)):
            return RuleProblem(
                Words(f"不能用“{text}”", f"{text} is not allowed"), at, "reference_year, age_years, years_begun"
            )
        shown = text if len(text) <= 60 else text[:60] + "…"
        return RuleProblem(Words(f"规则里不能用“{shown}”", f"{shown} is not part of the rule language"), at)

    def _only(self, node: exp.Expression, *known: str) -> None:
        extra = [key for key, value in node.args.items() if value and key not in known]
        if extra:
            raise self._forbidden(node)

    def _column(self, node: exp.Column) -> str:
        fact = self.facts.get(node.name)
        if node.table or fact is None:
            name = node.sql("duckdb")
            near = self.facts.suggest(node.name) or (f"'{node.name}'" if node.this.args.get("quoted") else None)
            raise RuleProblem(
                Words(f"没有叫“{name}”的事实", f"there is no fact called {name}"), position_of(node), near
            )
        if fact.derived is not None and fact.type == "decimal":
            # A derived ratio is a quotient, hence a double, although the dictionary calls it a decimal.
            return str(self.language.derived(fact.name).meta["kind"])
        return KIND_OF_TYPE[fact.type]

    def _literal(self, node: exp.Literal) -> str:
        if node.is_string:
            if any(ord(c) < 32 for c in node.this):
                raise RuleProblem(
                    Words("引号里有控制字符", "a quoted text contains a control character"), position_of(node)
                )
            return "text"
        if (
            sum(c.isdigit() for c in node.this.lower().split("e")[0]) > MOST_DIGITS
            or _exponent(node.this) > MOST_DIGITS
        ):
            raise RuleProblem(
                Words("数字太大或位数太多", "the number is too large or has too many digits"), position_of(node)
            )
        if re.fullmatch(r"\d+", node.this):
            return "int"
        if re.fullmatch(r"\d*\.\d*", node.this) and any(c.isdigit() for c in node.this):
            return "decimal"
        if re.fullmatch(r"(\d+\.?\d*|\.\d+)[eE][+-]?\d{1,3}", node.this):
            return "double"
        raise RuleProblem(Words(f"“{node.this}”不是数字", f"{node.this} is not a number"), position_of(node))

    def _cast(self, node: exp.Cast) -> str:
        literal = node.this
        if (
            isinstance(literal, exp.Literal)
            and literal.is_string
            and node.to.is_type(exp.DataType.Type.DATE)
            and not node.args.get("format")
        ):
            try:
                if not re.fullmatch(r"\d{4}-\d\d-\d\d", literal.this):
                    raise ValueError
                dt.date.fromisoformat(literal.this)
            except ValueError:
                raise RuleProblem(
                    Words(f"没有“{literal.this}”这一天", f"there is no day {literal.this}"),
                    position_of(literal),
                    "date '2026-11-24'",
                ) from None
            return "date"
        raise RuleProblem(
            Words("只有日期可以写成 date '2026-11-24'", "the only cast is a date literal"),
            position_of(node),
            "date '2026-11-24'",
        )

    def _logic(self, node: exp.And | exp.Or) -> str:
        # Chains such as a or b or c ... lean to one side: walk them in a loop, not by recursion.
        stack: list[exp.Expression] = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, (exp.And, exp.Or)):
                part.meta["kind"] = "bool"
                stack += [part.expression, part.this]
            else:
                _need(self.kind(part), "bool", part)
        return "bool"

    def _not(self, node: exp.Not) -> str:
        _need(self.kind(node.this), "bool", node.this)
        return "bool"

    def _same(self, nodes: list[exp.Expression]) -> str:
        kinds = [(self.kind(node), node) for node in nodes]
        known = [kind for kind, _ in kinds if kind != "null"]
        if not known:
            return "null"
        if all(kind in NUMBERS for kind in known):
            return wider(known)
        if len(set(known)) > 1:
            first = next(kind for kind in known)
            other, node = next(
                (kind, node)
                for kind, node in kinds
                if kind not in ("null", first) and not (kind in NUMBERS and first in NUMBERS)
            )
            suggestion = None
            texts = [n for k, n in kinds if k == "text" and isinstance(n, exp.Literal)]
            if "date" in known and texts:
                suggestion = f"date '{texts[0].this}'"
            elif "set" in known and texts:
                named = next(n for k, n in kinds if k == "set")
                suggestion = f"array_contains({named.sql('duckdb')}, '{texts[0].this}')"
            elif texts and any(k in NUMBERS for k in known) and re.fullmatch(r"-?\d+(\.\d+)?", texts[0].this):
                suggestion = texts[0].this
            raise RuleProblem(
                Words(f"{KIND_WORDS[first].zh}不能和{KIND_WORDS[other].zh}放在一起", f"{KIND_WORDS[first].en} cannot stand with {KIND_WORDS[other].en}"),
                position_of(node), suggestion,
            )  # fmt: skip
        return known[0]

    def _members(self, nodes: list[exp.Expression]) -> None:
        for fact in filter(None, map(self._fact_of, nodes)):
            for other in nodes:
                if isinstance(other, exp.Literal) and other.is_string and other.this not in fact.codes:
                    near = difflib.get_close_matches(other.this, [*sorted(fact.codes), *fact.labels], n=1)
                    listed_zh, listed_en = "、".join(fact.labels), ", ".join(m.code for m in fact.members or ())
                    raise RuleProblem(
                        Words(f"“{fact.name_zh}”没有“{other.this}”这一项，有：{listed_zh}", f"{other.this!r} is no member of {fact.name}: {listed_en}"),
                        position_of(other), f"'{near[0]}'" if near else None,
                    )  # fmt: skip

    def _comparison(self, node: exp.Expression) -> str:
        sides = [node.this, node.expression]
        self._only(node, "this", "expression")
        kind = self._same(sides)
        if kind == "set":
            raise RuleProblem(
                Words("多选项只能用 array_contains 判断", "a set is tested with array_contains"), position_of(node),
                f"array_contains({node.this.sql('duckdb')}, '…')",
            )  # fmt: skip
        self._members(sides)
        return "bool"

    def _in(self, node: exp.In) -> str:
        self._only(node, "this", "expressions")
        if not node.expressions:
            raise self._forbidden(node)
        for item in node.expressions:
            if isinstance(item, exp.Null):
                raise RuleProblem(Words("列表里不能有 NULL", "a list cannot contain NULL"), position_of(node))
        if self._same([node.this, *node.expressions]) == "set":
            raise RuleProblem(
                Words("多选项只能用 array_contains 判断", "a set is tested with array_contains"), position_of(node)
            )
        if isinstance(node.this, exp.Column) and node.this.name in PREFIX_FACTS:
            codes = [item.this for item in node.expressions if isinstance(item, exp.Literal)]
            better = " or ".join([f"{node.this.name} like '{code}%'" for code in codes[:3]] + ["…"] * (len(codes) > 3))
            raise RuleProblem(Words("代码要按开头判断", "codes are tested by prefix"), position_of(node), better)
        self._members([node.this, *node.expressions])
        return "bool"

    def _between(self, node: exp.Between) -> str:
        self._only(node, "this", "low", "high")
        sides = [node.this, node.args["low"], node.args["high"]]
        if self._same(sides) == "set":
            raise self._forbidden(node)
        self._members(sides)
        return "bool"

    def _like(self, node: exp.Like) -> str:
        self._only(node, "this", "expression")
        _need(self.kind(node.this), "text", node.this)
        _need(self.kind(node.expression), "text", node.expression)
        if not isinstance(node.expression, exp.Literal) or "\\" in node.expression.this:
            raise RuleProblem(
                Words("like 后面要写引号里的开头，如 '17%'", "like takes a quoted pattern such as '17%'"),
                position_of(node),
            )
        return "bool"

    def _is(self, node: exp.Is) -> str:
        if not isinstance(node.expression, exp.Null):
            raise RuleProblem(
                Words("只能写 is null 或 is not null", "only is null and is not null are allowed"), position_of(node)
            )
        self.kind(node.this)
        node.expression.meta["kind"] = "null"
        return "bool"

    def _nullif(self, node: exp.Nullif) -> str:
        sides = [node.this, node.expression]
        self._same(sides)
        self._members(sides)
        return str(node.this.meta["kind"])

    def _one_of(self, node: exp.Expression) -> str:
        sides = [node.this, *node.expressions]
        kind = self._same(sides)
        self._members(sides)
        return kind

    def _case(self, node: exp.Case) -> str:
        if node.this is not None:
            raise RuleProblem(
                Words("请写 case when 条件 then …", "write case when … then …, not case x when"), position_of(node)
            )
        results = []
        for branch in node.args["ifs"]:
            _need(self.kind(branch.this), "bool", branch.this)
            results.append(branch.args["true"])
        if node.args.get("default") is not None:
            results.append(node.args["default"])
        kind = self._same(results)
        self._members(results)
        return kind

    def _arithmetic(self, node: exp.Binary) -> str:
        kinds = []
        for side in (node.this, node.expression):
            kind = self.kind(side)
            _need(kind, "number", side)
            kinds.append(kind)
        if isinstance(node, exp.Div):
            return "double"
        known = [kind for kind in kinds if kind != "null"]
        return wider(known) if known else "null"

    def _negative(self, node: exp.Neg) -> str:
        kind = self.kind(node.this)
        _need(kind, "number", node.this)
        return kind

    def _array_contains(self, node: exp.ArrayContains) -> str:
        self._only(node, "this", "expression")
        _need(self.kind(node.this), "set", node.this)
        member = node.expression
        if not (isinstance(member, exp.Literal) and member.is_string):
            raise RuleProblem(
                Words("array_contains 的第二项是引号里的选项", "the second item of array_contains is a quoted member"),
                position_of(node),
            )
        member.meta["kind"] = "text"
        self._members([node.this, member])
        return "bool"

    def _extract(self, node: exp.Extract) -> str:
        if not self.extract:
            raise self._forbidden(node)
        _need(self.kind(node.expression), "date", node.expression)
        return "int"


@functools.cache
def language() -> Language:
    """The language over the dictionary that ships with the product."""
    return Language(dictionary())
