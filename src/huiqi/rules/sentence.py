"""A rule as a sentence in Chinese and in English, and values of facts as people write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from sqlglot import exp

from .dictionary import Dictionary, Fact
from .words import Words

#: Gives the name behind a code or the beginning of one (industry, region); None when it has none.
Names = Callable[[str, str], Words | None]

UNKNOWN = Words("还不知道", "not known yet")
EMPTY = Words("都没有", "none of them")
YES_NO = {True: Words("是", "yes"), False: Words("否", "no")}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_COMPARE = {
    exp.EQ: Words("等于{}", "is {}"),
    exp.NEQ: Words("不等于{}", "is not {}"),
    exp.GT: Words("超过{}", "is more than {}"),
    exp.GTE: Words("至少{}", "is at least {}"),
    exp.LT: Words("不到{}", "is less than {}"),
    exp.LTE: Words("不超过{}", "is at most {}"),
}
_COMPARE_DATE = {
    exp.EQ: Words("在{}", "is on {}"),
    exp.NEQ: Words("不在{}", "is not on {}"),
    exp.GT: Words("晚于{}", "is after {}"),
    exp.GTE: Words("不早于{}", "is on or after {}"),
    exp.LT: Words("早于{}", "is before {}"),
    exp.LTE: Words("不晚于{}", "is on or before {}"),
}
_COMPARE_TEXT = {
    **_COMPARE,
    exp.EQ: Words("是{}", "is {}"),
    exp.NEQ: Words("不是{}", "is not {}"),
    exp.GT: Words("排在{}之后", "comes after {}"),
    exp.GTE: Words("从{}起", "is {} or after"),
    exp.LT: Words("在{}之前", "comes before {}"),
    exp.LTE: Words("到{}止", "is {} or before"),
}
_NEGATED = {exp.GT: exp.LTE, exp.GTE: exp.LT, exp.LT: exp.GTE, exp.LTE: exp.GT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ}
_MIRRORED = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ}


#: English units of exactly one.
_ONE = {"people": "person", "years": "year", "months": "month", "items": "item", "points": "point"}
#: Room for the longest number of the language.
_WIDE = Context(prec=100)


def number(value: Any) -> str:
    """A figure with thousands separators and no idle zeros; four places at most."""
    exact = (
        value if isinstance(value, Decimal) else Decimal(str(value)) if not isinstance(value, int) else Decimal(value)
    )
    whole = exact == exact.to_integral_value()
    # Four places are what the fact store keeps; a rate below that (0.00005) is shown as it is.
    places = Decimal(1) if whole else Decimal("0.0001") if abs(exact) >= Decimal("0.0001") else exact
    rounded = exact.quantize(places, context=_WIDE)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day_words(day: dt.date) -> Words:
    return Words(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]} {day.year}")


def show_number(fact: Fact, value: Any) -> Words:
    """A number of a fact with its unit: 8.6 万元 / ¥86,000."""
    if fact.unit == "万元":
        return Words(f"{number(value)} 万元", f"¥{number(Decimal(str(value)) * 10000)}")
    if fact.unit == "万美元":
        return Words(f"{number(value)} 万美元", f"US${number(Decimal(str(value)) * 10000)}")
    if fact.unit == "元":
        return Words(f"{number(value)} 元", f"¥{number(value)}")
    if fact.unit and fact.unit.startswith("%"):
        return Words(f"{number(value)}%", f"{number(value)}%")
    if fact.name.endswith("_year"):
        return Words(f"{value} 年", str(value))
    if fact.unit_words:
        unit = _ONE.get(fact.unit_words.en, fact.unit_words.en) if value == 1 else fact.unit_words.en
        return Words(f"{number(value)} {fact.unit_words.zh}", f"{number(value)} {unit}".strip())
    return Words(number(value), number(value))


def show(fact: Fact, value: Any, names: Names | None = None) -> Words:
    """A value of a fact in words; None is *not known yet*."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        phrase = fact.yes if value else fact.no
        return phrase or YES_NO[value]
    if isinstance(value, dt.date):
        return day_words(value)
    if isinstance(value, (frozenset, set, list, tuple)):
        if not value:
            return EMPTY
        labels = [fact.member(code) if fact.members else _coded(fact, code, names) for code in sorted(value)]
        return Words("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))
    if fact.type == "enum":
        return fact.member(value)
    if fact.type == "text":
        return _coded(fact, value, names)
    return show_number(fact, value)


def _coded(fact: Fact, code: str, names: Names | None) -> Words:
    found = names(fact.name, code) if names else None
    return found or Words(code, code)


class Speaker:
    """Puts checked trees into words. ``names`` gives the names behind industry and region codes."""

    def __init__(self, dictionary: Dictionary, names: Names | None = None) -> None:
        self.dictionary, self.names = dictionary, names

    def sentence(self, node: exp.Expression) -> Words:
        """A whole condition: parts joined with 并且/或者, and/or; mixed parts in brackets."""
        if isinstance(node, (exp.And, exp.Or)):
            parts = [self._part(part, type(node)) for part in self._chain(node)]
            zh, en = ("，并且", " and ") if isinstance(node, exp.And) else ("，或者", " or ")
            return Words(zh.join(p.zh for p in parts), en.join(p.en for p in parts))
        if isinstance(node, exp.Not):
            return self._negated(node.this)
        return self._leaf(node)

    def _chain(self, node: exp.Expression) -> list[exp.Expression]:
        parts: list[exp.Expression] = []
        stack = [node]
        while stack:
            part = stack.pop()
            if type(part) is type(node):
                stack += [part.expression, part.this]
            else:
                parts.append(part)
        return parts

    def _part(self, node: exp.Expression, above: type) -> Words:
        words = self.sentence(node)
        if isinstance(node, (exp.And, exp.Or)):
            return Words(f"（{words.zh}）", f"({words.en})")
        return words

    def _negated(self, node: exp.Expression) -> Words:
        if isinstance(node, exp.Not):
            return self.sentence(node.this)
        if isinstance(node, exp.Column):
            fact = self.dictionary[node.name]
            return fact.no or Words(f"{fact.name_zh}为否", f"{fact.label_en}: no")
        if type(node) in _NEGATED:
            flipped = _NEGATED[type(node)](this=node.this.copy(), expression=node.expression.copy())
            return self._leaf(flipped)
        if isinstance(node, exp.Is):
            value = self.value(node.this)
            return Words(f"{value.zh}已经知道", f"{value.en} is known")
        if isinstance(node, exp.In):
            subject, items = self.value(node.this), self._items(node)
            return Words(
                f"{subject.zh}不是{'、'.join(i.zh for i in items)}",
                f"{subject.en} is none of {', '.join(i.en for i in items)}",
            )
        if isinstance(node, exp.Like):
            subject, start = self.value(node.this), self._start(node)
            return Words(f"{subject.zh}不属于{start.zh}", f"{subject.en} is not in {start.en}")
        if isinstance(node, exp.ArrayContains):
            subject, member = self.value(node.this), self._literal(node.expression, node.this)
            return Words(f"{subject.zh}不包括{member.zh}", f"{subject.en} does not include {member.en}")
        words = self.sentence(node)
        return Words(f"并非（{words.zh}）", f"not ({words.en})")

    def _leaf(self, node: exp.Expression) -> Words:
        if isinstance(node, exp.Column):
            fact = self.dictionary[node.name]
            return fact.yes or Words(f"{fact.name_zh}为是", f"{fact.label_en}: yes")
        if type(node) in _COMPARE:
            return self._comparison(node)
        if isinstance(node, exp.In):
            subject, items = self.value(node.this), self._items(node)
            return Words(
                f"{subject.zh}是{'或'.join(i.zh for i in items)}", f"{subject.en} is {' or '.join(i.en for i in items)}"
            )
        if isinstance(node, exp.Between):
            subject = self.value(node.this)
            low, high = self._literal(node.args["low"], node.this), self._literal(node.args["high"], node.this)
            return Words(
                f"{subject.zh}在{_spaced(low.zh)}到{_spaced(high.zh)}之间（含两端）",
                f"{subject.en} is between {low.en} and {high.en} inclusive",
            )
        if isinstance(node, exp.Like):
            subject, start = self.value(node.this), self._start(node)
            return Words(f"{subject.zh}属于{start.zh}", f"{subject.en} is in {start.en}")
        if isinstance(node, exp.Is):
            value = self.value(node.this)
            return Words(f"{value.zh}还不知道", f"{value.en} is not known")
        if isinstance(node, exp.ArrayContains):
            subject, member = self.value(node.this), self._literal(node.expression, node.this)
            return Words(f"{subject.zh}包括{member.zh}", f"{subject.en} includes {member.en}")
        if (
            isinstance(node, exp.Coalesce)
            and len(node.expressions) == 1
            and isinstance(node.expressions[0], exp.Boolean)
        ):
            inner, default = self._part(node.this, type(node)), YES_NO[bool(node.expressions[0].this)]
            return Words(
                f"{inner.zh}（不知道时按“{default.zh}”）", f"{inner.en} (taken as “{default.en}” if not known)"
            )
        if isinstance(node, exp.Boolean):
            return Words("总是成立", "always holds") if node.this else Words("总不成立", "never holds")
        if isinstance(node, exp.Null):
            return UNKNOWN
        if not isinstance(node, (exp.Case, exp.Coalesce, exp.Nullif, exp.Least, exp.Greatest)):
            raise TypeError(f"no words for {type(node).__name__}")
        value = self.value(node)
        return Words(f"{value.zh}成立", f"{value.en} holds")

    def _comparison(self, node: exp.Expression) -> Words:
        left, right, kind = node.this, node.expression, type(node)
        fixed = (exp.Literal, exp.Cast, exp.Boolean)
        if isinstance(left, fixed) and not isinstance(right, fixed):
            left, right, kind = right, left, _MIRRORED[kind]
        if isinstance(right, exp.Boolean) and isinstance(left, exp.Column) and kind in (exp.EQ, exp.NEQ):
            return self._leaf(left) if bool(right.this) == (kind is exp.EQ) else self._negated(left)
        kinds = {left.meta.get("kind"), right.meta.get("kind")}
        if isinstance(left, exp.Column) and isinstance(right, exp.Literal) and right.this == "0" and kind is exp.GT:
            subject = self.value(left)
            return Words(f"有{subject.zh}", f"there is {subject.en}")
        table = _COMPARE_DATE if "date" in kinds else _COMPARE_TEXT if "text" in kinds else _COMPARE
        subject, other = self.value(left), self._literal(right, left)
        pattern = table[kind]
        return Words(subject.zh + pattern.zh.format(_spaced(other.zh)), f"{subject.en} {pattern.en.format(other.en)}")

    def asked(self, node: exp.Expression) -> Words:
        """What a condition asks, without its subject: 至少 10% / at least 10%; the whole condition where it has none."""
        if isinstance(node, exp.Not) and type(node.this) in _NEGATED:
            node = _NEGATED[type(node.this)](this=node.this.this.copy(), expression=node.this.expression.copy())
        subject = node.this
        whole = self.sentence(node)
        if isinstance(subject, exp.Column) and isinstance(
            node, (*_COMPARE, exp.In, exp.Between, exp.Like, exp.ArrayContains)
        ):
            label = self.dictionary[subject.name].label
            if whole.zh.startswith(label.zh) and whole.en.startswith(label.en):
                english = whole.en[len(label.en) :].strip()
                return Words(whole.zh[len(label.zh) :].strip(), english.removeprefix("is ").strip())
        return whole

    def _items(self, node: exp.In) -> list[Words]:
        return [self._literal(item, node.this) for item in node.expressions]

    def _start(self, node: exp.Like) -> Words:
        pattern = str(node.expression.this)
        prefix = pattern[:-1]
        if pattern.endswith("%") and prefix and not set("%_") & set(prefix) and isinstance(node.this, exp.Column):
            name = self.names(node.this.name, prefix) if self.names else None
            return name or Words(f"代码 {prefix} 开头的一类", f"codes beginning with {prefix}")
        return Words(f"“{pattern}”", f"“{pattern}”")

    def _literal(self, node: exp.Expression, subject: exp.Expression) -> Words:
        """A value that is compared with a subject: it takes the subject's unit and labels."""
        fact = self.dictionary.get(subject.name) if isinstance(subject, exp.Column) else None
        plain = node.this if isinstance(node, exp.Neg) else node
        if fact is not None and isinstance(plain, exp.Literal):
            if plain.is_string:
                return fact.member(plain.this) if fact.members else _coded(fact, plain.this, self.names)
            value = Decimal(plain.this) * (-1 if isinstance(node, exp.Neg) else 1)
            return show_number(fact, value if value != value.to_integral_value() else int(value))
        return self.value(node)

    def value(self, node: exp.Expression) -> Words:
        """A value: the label of a fact, a figure, or arithmetic written out."""
        if isinstance(node, exp.Column):
            return self.dictionary[node.name].label
        if isinstance(node, exp.Literal):
            text = node.this if node.is_string else number(Decimal(node.this))
            return Words(text, text)
        if isinstance(node, exp.Cast):
            return day_words(dt.date.fromisoformat(node.this.this))
        if isinstance(node, exp.Null):
            return UNKNOWN
        if isinstance(node, exp.Neg):
            inner = self._operand(node.this, node)
            return Words(f"负{inner.zh}", f"minus {inner.en}")
        if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
            sign = {exp.Add: "+", exp.Sub: "−", exp.Mul: "×", exp.Div: "÷"}[type(node)]
            left, right = self._operand(node.this, node), self._operand(node.expression, node)
            return Words(f"{left.zh} {sign} {right.zh}", f"{left.en} {sign} {right.en}")
        if isinstance(node, exp.Boolean):
            return YES_NO[bool(node.this)]
        if isinstance(node, exp.Nullif):
            inner, unless = self.value(node.this), self._literal(node.expression, node.this)
            if isinstance(node.expression, exp.Literal) and node.expression.this == "0":
                return inner
            return Words(f"{inner.zh}（等于{unless.zh}时按不知道）", f"{inner.en} (not known if it is {unless.en})")
        if isinstance(node, (exp.Least, exp.Greatest)):
            parts = [self.value(part) for part in (node.this, *node.expressions)]
            zh, en = ("较小者", "the smaller of") if isinstance(node, exp.Least) else ("较大者", "the larger of")
            return Words(f"{'与'.join(p.zh for p in parts)}的{zh}", f"{en} {' and '.join(p.en for p in parts)}")
        if isinstance(node, exp.Coalesce):
            parts = [self.value(part) for part in (node.this, *node.expressions)]
            return Words("，不知道时按".join(p.zh for p in parts), ", or if not known ".join(p.en for p in parts))
        if isinstance(node, exp.Case):
            return self._cases(node)
        if isinstance(node, exp.Extract):
            inner, part = self.value(node.expression), str(node.this.name).lower()
            return Words(f"{inner.zh}的{ {'year': '年', 'month': '月', 'day': '日'}[part] }", f"{part} of {inner.en}")
        words = self.sentence(node)
        return Words(f"“{words.zh}”", f"“{words.en}”")

    def _operand(self, node: exp.Expression, above: exp.Expression) -> Words:
        words = self.value(node)
        divisor = isinstance(above, exp.Div) and node is above.expression
        while isinstance(node, exp.Nullif) and isinstance(node.expression, exp.Literal) and node.expression.this == "0":
            node = node.this
        loose = isinstance(node, (exp.Add, exp.Sub)) and isinstance(above, (exp.Mul, exp.Div, exp.Sub, exp.Neg))
        if (
            loose
            or isinstance(node, (exp.Case, exp.Coalesce, exp.Least, exp.Greatest))
            or (isinstance(node, exp.Mul) and divisor)
            or (isinstance(node, exp.Div) and isinstance(above, exp.Div))
        ):
            return Words(f"（{words.zh}）", f"({words.en})")
        return words

    def _cases(self, node: exp.Case) -> Words:
        zh, en = [], []
        for branch in node.args["ifs"]:
            condition, value = self.sentence(branch.this), self.value(branch.args["true"])
            zh.append(f"{condition.zh}时为{_spaced(value.zh)}")
            en.append(f"{value.en} if {condition.en}")
        default = node.args.get("default")
        if default is not None:
            otherwise = self.value(default)
            zh.append(f"否则为{_spaced(otherwise.zh)}")
            en.append(f"else {otherwise.en}")
        return Words("；".join(zh), "; ".join(en))


def _spaced(text: str) -> str:
    """A space between Chinese and a figure that begins the next part."""
    return f" {text}" if text[:1].isascii() and text[:1].isalnum() else text
