"""From a table of enterprises to typed columns.

Headings are names of facts or their Chinese aliases, in any order, and the enterprise's name and credit code. A column
is read as a whole: each distinct cell once, plain numbers without a loop. A cell that cannot be read is a problem with
its row and column, and counts as not known.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huiqi.rules.dictionary import Dictionary, Fact
from huiqi.rules.values import BLANK, ValueProblem, read_value
from huiqi.rules.words import Words

from ..credit_code import CreditCodeProblem
from ..credit_code import check as check_credit_code
from ..problems import WARNING, Problems
from . import plausible
from .limits import Limits
from .tables import Source, Table, load, read_table

NAME_COLUMNS = ("企业名称", "名称", "单位名称", "name", "name_zh")
ID_COLUMNS = ("编号", "企业编号", "id", "enterprise_id")

NAME = "name"
ID = "id"
USCC = "uscc"

TYPES: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "date": pa.date32(),
    "text": pa.string(),
    "enum": pa.string(),
    "set": pa.list_(pa.string()),
}

#: Days counted from the end of 1899, as Excel stores a date: 1954 to 2119. Smaller ones may be years.
_SERIALS = range(20_000, 80_001)
_EXCEL_DAY_0 = dt.date(1899, 12, 30)

_PLAIN_NUMBER = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"
_EXPONENT = re.compile(r"^\d(\.\d+)?E\+\d+$", re.IGNORECASE)
_UNIT_IN_HEADING = re.compile(r"^(.+?)\s*[(（]([^()（）]*)[)）]$")
_MONEY_UNITS = {"元", "万元", "亿元", "千元", "万美元", "美元"}
_PLACES = Decimal("0.0001")
_FORMULA_SIGNS = ("=", "+", "-", "@")
_CLEAR = {"清空", "清除", "删除", "clear", "delete"}
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Roster:
    """A roster as typed columns.

    ``table`` has a column a fact found, by the fact's name: bool, int64, decimal128(18, 4), date32, string, or a list
    of strings for sets; null is *not known*. ``names`` are the enterprises' names, ``codes`` their normalised credit
    codes, ``ids`` what identifies a row (the credit code, else an id column, else the row number). ``headings`` maps
    each fact to its heading in the file. Nothing is to be imported when ``problems.errors`` is not 0;
    ``readable`` is False when there is no table at all. ``source`` names the file, without its bytes.
    """

    source: Source | None
    problems: Problems
    table: pa.Table = field(default_factory=lambda: pa.table({}))
    names: list[str | None] = field(default_factory=list)
    codes: list[str | None] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    row_numbers: Sequence[int] = ()
    headings: dict[str, str] = field(default_factory=dict)
    readable: bool = False

    @property
    def rows(self) -> int:
        return len(self.row_numbers)

    @property
    def facts(self) -> list[str]:
        """Names of the facts that have a column, the credit code not among them."""
        return [str(name) for name in self.table.column_names]

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries of known values, typed as :func:`huiqi.rules.values.read_value` types them."""
        for row, code in zip(self.table.to_pylist(), self.codes or [None] * self.rows, strict=True):
            known = {k: frozenset(v) if isinstance(v, list) else v for k, v in row.items() if v is not None}
            if code is not None:
                known[USCC] = code
            yield known


@dataclass(frozen=True)
class Heading:
    """Where a heading leads: to a fact, or to the name or id of the enterprise (then ``fact`` is None)."""

    place: int
    heading: str
    key: str
    fact: Fact | None


class _CellProblem(ValueError):
    """A cell that is refused before its fact is asked."""

    def __init__(self, what: Words, remedy: Words) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(str(what))


def read(
    source: str | Path | IO[bytes],
    dictionary: Dictionary,
    *,
    allow_fictitious: bool = False,
    name_columns: Iterable[str] = NAME_COLUMNS,
    passed_over: Iterable[str] = (),
    today: dt.date | None = None,
    limits: Limits | None = None,
) -> Roster:
    """Read a roster from a path or an open binary file: CSV (UTF-8 or GB18030), Excel (xlsx) or Parquet.

    ``allow_fictitious`` admits the credit codes of the demonstration. Columns headed ``passed_over`` are not read.
    ``today`` (in Asia/Shanghai) is the day after
    which a past event cannot lie. Raises OSError when a path cannot be read; all else is told in ``problems``.
    """
    problems = Problems()
    limits = limits or Limits()
    loaded = load(source, limits, problems)
    table = read_table(loaded, limits, problems) if loaded else None
    if loaded is None or table is None:
        return Roster(loaded and replace(loaded, data=b""), problems)
    columns = match_headings(table.header, dictionary, problems, name_columns=name_columns, passed_over=passed_over)
    roster = read_columns(table, columns, problems, allow_fictitious=allow_fictitious, today=today)
    roster.source = replace(loaded, data=b"")
    heading = roster.headings.get(USCC, USCC)
    first: dict[str, int] = {}
    for code, row in zip(roster.codes, roster.row_numbers, strict=bool(roster.codes)):
        if code is not None and first.setdefault(code, row) != row:
            double_code(problems, heading, code, row, first[code])
    return roster


def read_columns(
    table: Table,
    columns: Sequence[Heading],
    problems: Problems,
    *,
    allow_fictitious: bool = False,
    today: dt.date | None = None,
) -> Roster:
    """Read the columns of a table, or of a part of one, to which its headings lead (:func:`match_headings`).

    Whether a credit code stands twice is not looked at: a part cannot tell.
    """
    return _Reading(table, problems, today or dt.datetime.now(_SHANGHAI).date(), allow_fictitious).roster(columns)


def double_code(problems: Problems, heading: str, code: str, row: int, first: int) -> None:
    """Tell that a credit code was there before, in row ``first``."""
    problems.add(
        Words(f"同一代码已在第 {first} 行", f"the same code is in row {first}"),
        Words("一家企业只留一行", "Keep one row an enterprise"),
        row=row,
        column=heading,
        value=code,
    )


# --- headings ---------------------------------------------------------------------------------------------------------


def _plain(heading: str) -> str:
    return "".join(unicodedata.normalize("NFKC", heading).split()).casefold()


def match_headings(
    header: Sequence[str],
    dictionary: Dictionary,
    problems: Problems,
    *,
    name_columns: Iterable[str] = NAME_COLUMNS,
    passed_over: Iterable[str] = (),
) -> list[Heading]:
    """The columns that mean something; unknown, doubled and computed ones are problems."""
    name_columns, passed_over = tuple(name_columns), frozenset(passed_over)
    known: dict[str, tuple[str, Fact | None]] = {
        _plain(name): (entry.name, entry) for entry in dictionary for name in (entry.name, entry.name_zh)
    }
    known |= {_plain(name): (ID, None) for name in ID_COLUMNS}
    known |= {_plain(name): (NAME, None) for name in name_columns}
    columns: list[Heading] = []
    taken: dict[str, str] = {}
    for place, heading in enumerate(header):
        heading = heading.strip()
        if heading in passed_over:
            continue
        if not heading:
            problems.add(
                Words(f"第 {place + 1} 列没有列名", f"column {place + 1} has no heading"),
                Words("补上列名，或删去这一列", "Give it a heading or delete the column"),
                row=1,
            )
            continue
        found = known.get(_plain(heading))
        if found is None:
            found = _heading_with_unit(heading, known, problems)
            if found is None:
                continue
        key, fact = found
        if key == "":
            _unknown_heading(heading, dictionary, name_columns, problems)
            continue
        if fact is not None and not fact.stored:
            problems.add(
                Words("这一项由系统计算，不读这一列", "this fact is computed; the column is not read"),
                Words("可以删去这一列", "The column may be deleted"),
                column=heading,
                severity=WARNING,
            )
            continue
        if key in taken:
            problems.add(
                Words(f"与“{taken[key]}”是同一项，列重复了", f"the same as {taken[key]!r}: the column is there twice"),
                Words("只留一列", "Keep one of them"),
                column=heading,
                row=1,
            )
            continue
        taken[key] = heading
        columns.append(Heading(place, heading, key, fact))
    return columns


def _heading_with_unit(
    heading: str, known: dict[str, tuple[str, Fact | None]], problems: Problems
) -> tuple[str, Fact | None] | None:
    """``营业收入（万元）``: the fact, when the unit is its own. ("", None) is an unknown heading, None a told problem."""
    split = _UNIT_IN_HEADING.match(heading)
    found = known.get(_plain(split.group(1))) if split else None
    if split is None or found is None:
        return "", None
    fact, unit = found[1], split.group(2).strip()
    if fact is not None and unit in _MONEY_UNITS and fact.unit in _MONEY_UNITS and unit != fact.unit:
        problems.add(
            Words(f"列名写的是{unit}，这一项要用{fact.unit}", f"the heading says {unit}; the fact is in {fact.unit}"),
            Words(f"换算成{fact.unit}，改列名", f"Convert the column to {fact.unit} and change the heading"),
            column=heading,
            row=1,
        )
        return None
    return found


def _unknown_heading(heading: str, dictionary: Dictionary, name_columns: tuple[str, ...], problems: Problems) -> None:
    suggestion = dictionary.suggest(heading)
    problems.add(
        Words("没有这一项", "there is no such fact"),
        Words(f"是不是“{suggestion}”？不需要就删去这一列", f"Did you mean {suggestion}? Otherwise delete the column")
        if suggestion
        else Words(
            "对照指标字典改列名，或删去这一列", "Take the heading from the dictionary of facts, or delete the column"
        ),
        column=heading,
        row=1,
    )


# --- columns ----------------------------------------------------------------------------------------------------------


class _Reading:
    """The reading of one table."""

    def __init__(self, table: Table, problems: Problems, today: dt.date, allow_fictitious: bool) -> None:
        self.source, self.problems, self.today = table, problems, today
        self.allow_fictitious = allow_fictitious
        self.warned: set[tuple[str, str]] = set()

    def roster(self, columns: Sequence[Heading]) -> Roster:
        arrays: dict[str, pa.Array] = {}
        texts: dict[str, list[str | None]] = {}
        for column in columns:
            raw = self.source.columns[column.place]
            if column.fact is None or column.key == USCC:
                reader = self._credit_code if column.key == USCC else self._name
                texts[column.key] = self._distinct(column, raw, reader, pa.string()).to_pylist()
                continue
            if column.place in self.source.percent and column.fact.type in ("integer", "decimal"):
                self._refuse_percent_format(column)
            array = self._column(column, column.fact, raw)
            arrays[column.key] = self._within_bounds(column, column.fact, array)
        numbers = self.source.row_numbers
        codes = texts.get(USCC, [])
        identities = codes or texts.get(ID) or [None] * len(numbers)
        return Roster(
            None,
            self.problems,
            pa.table(arrays) if arrays else pa.table({}),
            texts.get(NAME, []),
            codes,
            [identity or str(number) for identity, number in zip(identities, numbers, strict=True)],
            numbers,
            {column.key: column.heading for column in columns},
            readable=True,
        )

    def _add(
        self, column: Heading, index: int, value: Any, what: Words, remedy: Words, severity: str = "error"
    ) -> None:
        self.problems.add(
            what, remedy, row=self.source.row_numbers[index], column=column.heading, value=value, severity=severity
        )

    def _warn_once(self, column: Heading, what: Words, remedy: Words) -> None:
        if (column.key, what.en) not in self.warned:
            self.warned.add((column.key, what.en))
            self.problems.add(what, remedy, column=column.heading, severity=WARNING)

    # reading

    def _column(self, column: Heading, fact: Fact, raw: list[Any] | pa.ChunkedArray) -> pa.Array:
        def reader(cell: Any) -> Any:
            return self._cell(column, fact, cell)

        if isinstance(raw, pa.ChunkedArray):
            array = raw.combine_chunks()
            fast = _cast_as_it_is(fact, array)
            if fast is not None:
                return fast
            return self._distinct(column, array, reader, TYPES[fact.type])
        if fact.type == "decimal":
            return self._decimals(column, raw, reader)
        return self._distinct(column, raw, reader, TYPES[fact.type])

    def _decimals(self, column: Heading, raw: list[Any], reader: Callable[[Any], Any]) -> pa.Array:
        """Plain numbers are converted in one go; what is written in another way is read cell by cell."""
        texts = pa.array(
            [cell if isinstance(cell, str) else repr(cell) if type(cell) is float else None for cell in raw],
            pa.string(),
        )
        plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN_NUMBER), False)
        numbers = pc.cast(pc.if_else(plain, texts, pa.scalar(None, pa.string())), TYPES["decimal"])
        easy = pc.or_(plain, pc.fill_null(pc.equal(texts, ""), False))
        odd = np.flatnonzero(~easy.to_numpy(zero_copy_only=False))
        if not len(odd):
            return numbers
        rest = self._distinct(column, [raw[i] for i in odd], reader, TYPES["decimal"], odd)
        return pc.replace_with_mask(numbers, pc.invert(easy), rest)

    def _distinct(
        self,
        column: Heading,
        raw: list[Any] | pa.Array | pa.ChunkedArray,
        reader: Callable[[Any], Any],
        type_: pa.DataType,
        places: npt.NDArray[np.int64] | None = None,
    ) -> pa.Array:
        """Read each distinct cell once. ``places`` are the indexes in the table when ``raw`` is a part of a column."""
        if isinstance(raw, pa.ChunkedArray):
            raw = raw.combine_chunks()
        distinct, indices = _encode(raw)
        values: list[Any] = []
        refused: dict[int, _CellProblem | ValueProblem | CreditCodeProblem] = {}
        for number, cell in enumerate(distinct):
            try:
                values.append(reader(cell))
            except (_CellProblem, ValueProblem, CreditCodeProblem) as problem:
                refused[number] = problem
                values.append(None)
        if refused:
            for index in np.flatnonzero(np.isin(indices, list(refused))):
                number = int(indices[index])
                place = int(index if places is None else places[index])
                self._add(column, place, distinct[number], refused[number].what, refused[number].remedy)
        return pa.array(values, type_).take(pa.array(indices))

    def _cell(self, column: Heading, fact: Fact, cell: Any) -> Any:
        """One cell in the type of its fact. Raises ValueProblem or _CellProblem."""
        if cell is None or cell == "" or (isinstance(cell, float) and cell != cell):
            return None
        _refuse_to_clear(cell)
        if fact.type == "text" or fact.name in plausible.CODES:
            cell = self._code_cell(column, fact, cell)
        elif fact.type == "date":
            cell = self._date_cell(column, cell)
        elif isinstance(cell, str) and cell.lstrip().startswith(("=", "@")):
            raise _FORMULA_TEXT
        elif isinstance(cell, (np.ndarray, list)):
            cell = list(cell)
        value = read_value(fact, cell)
        if isinstance(value, Decimal):
            return value.quantize(_PLACES, ROUND_HALF_UP)
        if fact.name == "secondary_industry_codes" and value is not None:
            for code in value:
                if not re.fullmatch("[0-9]{4}", code):
                    raise _CellProblem(
                        Words(f"“{code}”不是四位行业代码", f"{code!r} is no industry code of four digits"),
                        Words("每个代码四位，用分号隔开", "Four digits a code, separated by semicolons"),
                    )
        return sorted(value) if isinstance(value, frozenset) else value

    def _code_cell(self, column: Heading, fact: Fact, cell: Any) -> Any:
        """A code as text. A number where a code should be may have lost its leading zeros, or its last digits."""
        if isinstance(cell, str):
            if cell.lstrip().startswith(_FORMULA_SIGNS):
                raise _FORMULA_TEXT
            if _EXPONENT.match(cell.strip()):
                raise _DIGITS_LOST
            return cell
        if isinstance(cell, bool) or not isinstance(cell, (int, float)):
            return list(cell) if isinstance(cell, (np.ndarray, list)) else cell
        if cell != int(cell):
            raise _CellProblem(
                Words("这是数字，不是代码", "this is a number and no code"),
                Words("把这一列设成文本格式，重新输入", "Format the column as text and type it again"),
            )
        if abs(cell) >= 1e15:
            raise _DIGITS_LOST
        text = str(int(cell))
        if fact.name == "industry_code" and len(text) != 4:
            raise _CellProblem(
                Words(
                    f"行业代码有四位，这里是数字 {text}：开头的 0 可能丢了",
                    f"an industry code has four digits; here is the number {text}: a leading zero may be lost",
                ),
                Words(
                    "把这一列设成文本格式，重新输入，如 0111", "Format the column as text and type it again, as in 0111"
                ),
            )
        self._warn_once(
            column,
            Words(
                "这一列的代码存成了数字，按文字读",
                "the codes of this column are stored as numbers; they were read as text",
            ),
            Words(
                "把这一列设成文本格式，以免丢失开头的 0", "Format the column as text, so that no leading zero is lost"
            ),
        )
        return text

    def _date_cell(self, column: Heading, cell: Any) -> Any:
        """A date; a bare number of the right size is a day that Excel counts; a time is on the day that it is here."""
        if isinstance(cell, dt.datetime) and cell.tzinfo is not None:
            return cell.astimezone(_SHANGHAI).date()
        if isinstance(cell, str) and re.fullmatch(r"[0-9]{5}(\.0+)?", cell.strip()):
            cell = float(cell)
        if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == int(cell):
            if int(cell) in _SERIALS:
                self._warn_once(
                    column,
                    Words(
                        "这一列的日期存成了数字，按 Excel 的天数读",
                        "dates of this column are stored as numbers; they were read as Excel's count of days",
                    ),
                    Words("把这一列设成日期格式", "Format the column as dates"),
                )
                return _EXCEL_DAY_0 + dt.timedelta(days=int(cell))
            return str(int(cell))
        return cell

    def _credit_code(self, cell: Any) -> str | None:
        if cell is None or (isinstance(cell, str) and cell.strip().lower() in BLANK):
            return None
        if not isinstance(cell, str) or _EXPONENT.match(cell.strip()):
            raise _DIGITS_LOST
        return check_credit_code(cell, allow_fictitious=self.allow_fictitious)

    def _name(self, cell: Any) -> str | None:
        if cell is None:
            return None
        text = unicodedata.normalize(
            "NFC", str(int(cell) if isinstance(cell, float) and cell == int(cell) else cell)
        ).strip()
        if not text:
            return None
        _refuse_to_clear(text)
        if text.startswith(_FORMULA_SIGNS):
            raise _FORMULA_TEXT
        if any(unicodedata.category(c) == "Cc" for c in text):
            raise _CellProblem(
                Words("含有不可见的控制字符", "it contains control characters"),
                Words("重新输入这个值", "Type the value again"),
            )
        if len(text) > 200:
            raise _CellProblem(
                Words("超过 200 个字", "it is longer than 200 characters"), Words("缩短后再填", "Shorten it")
            )
        return text

    # what no enterprise can be

    def _within_bounds(self, column: Heading, fact: Fact, array: pa.Array) -> pa.Array:
        """The column without the values that no enterprise can have; each of them is a problem."""
        if fact.type in ("integer", "decimal"):
            if not plausible.may_be_negative(fact):
                array = self._without(
                    column, array, pc.less(array, 0),
                    Words("这一项不能是负数", "this cannot be negative"),
                    Words("改成正确的值；不知道就留空", "Enter the right value, or leave it blank if it is not known"),
                )  # fmt: skip
            bound = plausible.upper_bound(fact)
            if bound is not None:
                array = self._without(
                    column, array, pc.greater(array, bound),
                    Words(f"占比不能超过 {bound}%", f"a share cannot exceed {bound} %"),
                    Words("填百分数，3 表示 3%", "Enter percent: 3 means 3 %"),
                )  # fmt: skip
        if fact.name in plausible.PAST_DATES:
            array = self._without(
                column, array, pc.greater(array, pa.scalar(self.today)),
                Words("这一天还没有到", "this day is still to come"),
                Words("核对日期", "Check the date"),
            )  # fmt: skip
        if fact.name in plausible.PAST_YEARS:
            array = self._without(
                column, array, pc.greater(array, self.today.year),
                Words("这一年还没有到", "this year is still to come"),
                Words("核对年度", "Check the year"),
            )  # fmt: skip
        return array

    def _without(self, column: Heading, array: pa.Array, wrong: pa.Array, what: Words, remedy: Words) -> pa.Array:
        wrong = pc.fill_null(wrong, False)
        places = np.flatnonzero(wrong.to_numpy(zero_copy_only=False))
        for index in places:
            self._add(column, int(index), array[int(index)].as_py(), what, remedy)
        return pc.if_else(wrong, pa.scalar(None, array.type), array) if len(places) else array

    def _refuse_percent_format(self, column: Heading) -> None:
        self.problems.add(
            Words(
                "单元格是百分比格式，Excel 存的是百分之一（3% 存成 0.03）",
                "the cells are formatted as a percentage, of which Excel stores the hundredth (3 % as 0.03)",
            ),
            Words("设成常规格式，填百分数：3 表示 3%", "Use the general format and enter percent: 3 means 3 %"),
            row=self.source.percent[column.place],
            column=column.heading,
        )


_FORMULA_TEXT = _CellProblem(
    Words("以 = + - @ 开头，表格软件会当成公式", "it begins with = + - or @, which a spreadsheet runs as a formula"),
    Words("删去开头的符号", "Delete the sign at the beginning"),
)

_DIGITS_LOST = _CellProblem(
    Words(
        "代码存成了数字，后几位已经丢失",
        "the code was stored as a number, and its last digits are lost",
    ),
    Words("把这一列设成文本格式，重新输入完整代码", "Format the column as text and type the whole code again"),
)


def _refuse_to_clear(cell: Any) -> None:
    """A roster adds and corrects; it has no word for "no longer known"."""
    if isinstance(cell, str) and cell.strip().lower() in _CLEAR:
        raise _CellProblem(
            Words("名册不能清空已有的值", "a roster cannot clear a value that is known"),
            Words(
                "留空表示不改；要撤回一个值，到这家企业的页面办理",
                "Leave it blank to change nothing; a value is withdrawn on the enterprise's own page",
            ),
        )


def _encode(raw: list[Any] | pa.Array) -> tuple[list[Any], npt.NDArray[np.int64]]:
    """The distinct cells, and for each cell the index of its equal among them. Equal means of the same type, too."""
    if isinstance(raw, pa.Array) and not pa.types.is_nested(raw.type):
        encoded = raw if pa.types.is_dictionary(raw.type) else raw.dictionary_encode()
        cells = encoded.dictionary.to_pylist()
        indices = pc.fill_null(encoded.indices.cast(pa.int64()), len(cells)).to_numpy(zero_copy_only=False)
        return [*cells, None], indices
    cells_in = raw.to_pylist() if isinstance(raw, pa.Array) else raw
    numbers: dict[Any, int] = {}
    distinct: list[Any] = []
    indices = np.empty(len(cells_in), np.int64)
    for i, cell in enumerate(cells_in):
        key = cell if type(cell) is str else (type(cell), tuple(cell) if type(cell) is list else cell)
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(distinct)
            distinct.append(cell)
        indices[i] = number
    return distinct, indices


def _cast_as_it_is(fact: Fact, array: pa.Array) -> pa.Array | None:
    """An Arrow column that already has the type of its fact, or a number that converts without loss; else None."""
    type_ = array.type
    if fact.type == "boolean" and pa.types.is_boolean(type_):
        return array
    if fact.type == "date" and pa.types.is_date32(type_):
        return array
    if fact.type == "integer" and pa.types.is_integer(type_):
        return array.cast(pa.int64())
    if fact.type != "decimal":
        return None
    try:
        if pa.types.is_integer(type_):
            return array.cast(pa.decimal128(38, 0)).cast(TYPES["decimal"])
        if pa.types.is_decimal(type_):
            return pc.round(array, 4, round_mode="half_towards_infinity").cast(TYPES["decimal"])
        if pa.types.is_floating(type_):
            finite = pc.if_else(pc.is_nan(array), pa.scalar(None, type_), array)
            return finite.cast(TYPES["decimal"])
    except pa.ArrowException:
        return None  # some number is too large: read cell by cell, which says which
    return None
