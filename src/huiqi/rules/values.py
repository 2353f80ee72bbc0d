"""Values of facts: from a JSON value, a spreadsheet cell or a form field to the type that the dictionary gives.

Blank means *not known* and becomes None. *Known none* is a value: ``否``, ``0``, ``无`` (for sets and enums).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from .dictionary import Fact
from .words import Words

type_names = {
    "boolean": Words("是或否", "yes or no"),
    "integer": Words("整数", "a whole number"),
    "decimal": Words("数字", "a number"),
    "date": Words("日期，如 2026-11-24", "a date such as 2026-11-24"),
    "text": Words("文字", "text"),
    "enum": Words("列出的选项之一", "one of the listed options"),
    "set": Words("列出的选项，用分号隔开", "listed options separated by semicolons"),
}

YES = {"是", "有", "对", "真", "1", "true", "yes", "y", "t", "√", "✓"}
NO = {"否", "没有", "无", "不是", "假", "0", "false", "no", "n", "f", "×"}
NONE = {"无", "没有", "none", "[]", "都没有", "都不是", "没有贷款", "都不在"}
BLANK = {"", "null", "nan", "na", "n/a", "未知", "不清楚", "不详"}

#: Fourteen digits before the point are held by the fact store; a figure of more than twenty places is a slip.
LIMIT, MOST_PLACES = Decimal(10) ** 14, 20
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?%?")
CODE = {
    "industry_code": re.compile(r"^\d{2,4}$"),
    "registration_region": re.compile(r"^\d{6}$"),
    "operating_region": re.compile(r"^\d{6}$"),
    "secondary_industry_codes": re.compile(r"^\d{2,4}$"),
}
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")


class ValueProblem(ValueError):
    """A value that does not fit its fact. ``what`` says what is wrong, ``remedy`` how to mend it."""

    def __init__(self, fact: Fact, raw: Any, what: Words, remedy: Words) -> None:
        self.fact, self.raw, self.what, self.remedy = fact, raw, what, remedy
        super().__init__(f"{fact.name_zh} {fact.name}: {raw!r}: {what}. {remedy}")


def _options(fact: Fact) -> Words:
    zh = "、".join(m.label.zh for m in fact.members or ())
    en = ", ".join(m.code for m in fact.members or ())
    return Words(f"可填：{zh}", f"One of: {en}")


def _refuse(fact: Fact, raw: Any, what: Words | None = None, remedy: Words | None = None) -> ValueProblem:
    wanted = type_names[fact.type]
    if remedy is None:
        remedy = (
            _options(fact)
            if fact.members
            else Words(f"请填{wanted.zh}；不知道就留空", f"Enter {wanted.en}; leave it blank if you do not know")
        )
    return ValueProblem(fact, raw, what or Words(f"这里要{wanted.zh}", f"this must be {wanted.en}"), remedy)


def _boolean(fact: Fact, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, Decimal) and raw.is_nan():
        raise _refuse(fact, raw)
    if isinstance(raw, (int, float, Decimal)) and raw in (0, 1):
        return bool(raw)
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw).strip().lower()
        if text in YES:
            return True
        if text in NO:
            return False
    raise _refuse(fact, raw)


def _decimal(fact: Fact, raw: Any) -> Decimal:
    if isinstance(raw, bool):
        raise _refuse(fact, raw)
    text = str(raw) if not isinstance(raw, str) else unicodedata.normalize("NFKC", raw).strip()
    text = text.replace(" ", "")
    if "," in text and not _GROUPED.fullmatch(text):
        # 1,5 may mean one and a half: read as fifteen it would be wrong by a factor of ten.
        raise _refuse(fact, raw)
    text = text.replace(",", "")
    if fact.unit == "%" and text.endswith("%"):
        text = text[:-1]
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _refuse(fact, raw) from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise _refuse(fact, raw)
    if not value:
        return Decimal(0)
    if exponent < -MOST_PLACES:
        raise _refuse(
            fact,
            raw,
            Words("小数位太多", "the number has too many decimal places"),
            Words("保留四位小数就够了", "Four decimal places are enough"),
        )
    if value.adjusted() > LIMIT.adjusted() - 1:
        raise _refuse(
            fact,
            raw,
            Words("数字太大", "the number is too large"),
            Words("核对单位，是不是该填万元", "Check the unit of the figure"),
        )
    return value


def _integer(fact: Fact, raw: Any) -> int:
    value = _decimal(fact, raw)
    if value != value.to_integral_value():
        raise _refuse(fact, raw, Words("这里要整数", "this must be a whole number"))
    return int(value)


def _date(fact: Fact, raw: Any) -> dt.date:
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw).strip().split("T")[0].split(" ")[0]
        found = _DATE.match(text) or _COMPACT_DATE.match(text)
        if found:
            try:
                return dt.date(*map(int, found.groups()))
            except ValueError:
                raise _refuse(fact, raw, Words("没有这一天", "there is no such day")) from None
    raise _refuse(fact, raw)


def _text(fact: Fact, raw: Any) -> str:
    if isinstance(raw, bool) or not isinstance(raw, (str, int)):
        raise _refuse(
            fact,
            raw,
            Words("代码要按文字填", "codes are text"),
            Words("把这一列设成文本格式", "Format the column as text"),
        )
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if isinstance(raw, int) and fact.name == "industry_code" and len(text) < 4:
        # A number has lost its leading zeros: 131 may be the code 0131.
        raise _refuse(
            fact,
            raw,
            Words("代码要按文字填", "codes are text"),
            Words("行业代码按文字填写，保留开头的 0，如 \"0131\"", 'Give the industry code as text with its leading zeros, such as "0131"'),
        )  # fmt: skip
    if "\x00" in text or any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise _refuse(
            fact,
            raw,
            Words("含有不可见的控制字符", "it contains control characters"),
            Words("重新输入这个值", "Type the value again"),
        )
    if len(text) > 200:
        raise _refuse(
            fact, raw, Words("超过 200 个字", "it is longer than 200 characters"), Words("缩短后再填", "Shorten it")
        )
    pattern = CODE.get(fact.name)
    if pattern and not pattern.match(text):
        raise _refuse(
            fact, raw, Words("代码只能是数字", "the code is made of digits"),
            Words("行业代码填 2 到 4 位数字，地区代码填 6 位数字，保留开头的 0", "2 to 4 digits for an industry, 6 for a region, leading zeros kept"),
        )  # fmt: skip
    return text


def _code(fact: Fact, raw: Any, text: str) -> str:
    if text in fact.labels:
        return fact.labels[text]
    if fact.members is None:
        return _text(fact, text)
    wanted = unicodedata.normalize("NFKC", text).lower()
    for member in fact.members:
        names = (member.code, member.label.zh, member.label.en)
        if wanted in (unicodedata.normalize("NFKC", name).lower() for name in names):
            return member.code
    raise _refuse(fact, raw, Words(f"没有“{text}”这个选项", f"there is no option {text!r}"))


def _enum(fact: Fact, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _refuse(fact, raw)
    text = raw.strip()
    if text in NONE and "none" in fact.codes:
        return "none"
    return _code(fact, raw, text)


def _set(fact: Fact, raw: Any) -> frozenset[str]:
    if isinstance(raw, str):
        text = raw.strip()
        if text.lower() in NONE:
            return frozenset()
        parts: list[Any] = [part for part in re.split(r"[;；、,，|]", text.strip("[]")) if part.strip()]
        if not parts and text.replace(" ", "") != "[]":
            raise _refuse(fact, raw)
    elif isinstance(raw, (list, tuple, set, frozenset)):
        parts = list(raw)
    else:
        raise _refuse(fact, raw)
    if not all(isinstance(part, str) for part in parts):
        raise _refuse(fact, raw)
    return frozenset(_code(fact, raw, part.strip().strip("'\"")) for part in parts)


_READERS = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "text": _text,
    "enum": _enum,
    "set": _set,
}


def read_value(fact: Fact, raw: Any) -> Any:
    """The value of ``raw`` for this fact, or None when it is blank (not known).

    Returns bool, int, Decimal, date, str (text and enum code) or frozenset of codes. Raises ValueProblem with a
    remedy in both languages when the value does not fit.
    """
    if raw is None or (isinstance(raw, float) and raw != raw):
        return None
    if isinstance(raw, str) and raw.strip().lower() in BLANK:
        return None
    return _READERS[fact.type](fact, raw)
