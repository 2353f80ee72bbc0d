"""``huiqi classify``: the size class of every line of a CSV file.

In: case_id, industry_code, employees, revenue_wan, assets_wan, found by their names in the header, in any order. Blank
means not known, 0 is a known zero, money is in 万元. Out: the same columns, then size_class, deciding_indicators,
to_next_class, standard and error. A line in error keeps its own cells, has blank answers and says in ``error`` what is
wrong and how to mend it; the other lines are answered all the same.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import click

from huiqi.registry.size import IndustryCodeProblem, SizeResult, classify
from huiqi.rules.values import BLANK, LIMIT
from huiqi.rules.words import Words

COLUMNS = ("case_id", "industry_code", "employees", "revenue_wan", "assets_wan")
ANSWERS = ("size_class", "deciding_indicators", "to_next_class", "standard")

#: Digits with or without correctly placed thousands separators, and decimals.
_NUMBER = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+")
_SCIENTIFIC = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")

#: Bytes that were kept as lone surrogates, and what a decoder puts in the place of others.
_UNREADABLE = re.compile("[\udc80-\udcff\ufffd]")

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")

#: Cells are read whole, so that one long cell is an error of its line and not of the file.
_LONGEST_CELL = 10**7


class LineProblem(ValueError):
    """Why a line cannot be answered."""

    def __init__(self, what: Words, remedy: Words) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(f"{what.zh}。{remedy.zh}。 / {what.en}. {remedy.en}.")


def _number(column: str, cell: str, *, whole: bool) -> Decimal | None:
    text = unicodedata.normalize("NFKC", cell).strip()
    if text.lower() in BLANK:
        return None
    unit = (
        Words("整数人数，如 12", "a whole number such as 12")
        if whole
        else Words("万元数，如 1234.56", "a figure in 万元 such as 1234.56")
    )
    remedy = Words(f"填{unit.zh}；不知道就留空", f"Enter {unit.en}, or leave it blank if it is not known")
    shown = cell if len(cell) <= 40 else cell[:40] + "…"
    if _SCIENTIFIC.fullmatch(text):
        raise LineProblem(
            Words(f"{column} 是科学计数法“{shown}”", f"{column} is in scientific notation, {shown!r}"),
            Words(
                "在表格软件里把这一列设成数值格式后重新导出", "Format the column as plain numbers and export it again"
            ),
        )
    if text.startswith("-") and _NUMBER.fullmatch(text[1:]):
        raise LineProblem(Words(f"{column} 是负数“{shown}”", f"{column} is negative, {shown!r}"), remedy)
    if not _NUMBER.fullmatch(text):
        raise LineProblem(Words(f"{column} 不是数字“{shown}”", f"{column} is not a number, {shown!r}"), remedy)
    value = Decimal(text.replace(",", ""))
    if value >= LIMIT:
        raise LineProblem(
            Words(f"{column} 太大“{shown}”", f"{column} is too large, {shown!r}"),
            Words("核对单位", "Check the unit"),
        )
    if whole and value != value.to_integral_value():
        raise LineProblem(Words(f"{column} 不是整数“{shown}”", f"{column} is not a whole number, {shown!r}"), remedy)
    return value


def _answer(row: dict[str, str], on: dt.date) -> SizeResult:
    code = row["industry_code"].strip()
    employees = _number("employees", row["employees"], whole=True)
    revenue = _number("revenue_wan", row["revenue_wan"], whole=False)
    assets = _number("assets_wan", row["assets_wan"], whole=False)
    try:
        return classify(
            None if code.lower() in BLANK else code,
            None if employees is None else int(employees),
            revenue,
            assets,
            on,
        )
    except IndustryCodeProblem as problem:
        raise LineProblem(
            Words(f"industry_code“{code[:40]}”：{problem.what.zh}", f"industry_code {code[:40]!r}: {problem.what.en}"),
            problem.remedy,
        ) from None


def _cells(result: SizeResult) -> list[str]:
    if result.status == "undetermined":
        size_class = f"undetermined:{result.best}..{result.worst}"
    else:
        size_class = result.size_class or result.status
    lacks = ";".join(f"{indicator}+{amount.normalize():f}" for indicator, amount in result.to_next.items())
    to_next = f"{result.next_class}:{lacks}" if lacks else ""
    return [size_class, "+".join(result.deciding), to_next, result.standard or ""]


def _decode(raw: bytes) -> str:
    """The text of a file in UTF-8 (with or without a mark), UTF-16 with a mark, or GB18030.

    Bytes that fit neither are kept as lone surrogates, so that only the lines that hold them are in error.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    text = raw.decode("utf-8-sig", "surrogateescape")
    lines = [line for line in text.splitlines() if not line.isascii()]
    broken = sum(_UNREADABLE.search(line) is not None for line in lines)
    # Chinese text in GB18030 almost never makes valid UTF-8, so one sound line shows a UTF-8 file with a damaged part.
    if broken * 2 > len(lines):
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return text


def _damage(cells: list[str]) -> LineProblem | None:
    text = "".join(cells)
    if _UNREADABLE.search(text):
        return LineProblem(
            Words("这一行有无法识别的字节", "the line holds bytes that are neither UTF-8 nor GB18030"),
            Words("把文件另存为 UTF-8 编码的 CSV", "Save the file as CSV in UTF-8"),
        )
    if "\x00" in text:
        return LineProblem(
            Words("这一行有空字符（NUL）", "the line holds a NUL character"),
            Words("从原来的表格重新导出这个文件", "Export the file again from its source"),
        )
    return None


def _clean(cell: str) -> str:
    return _UNWRITABLE.sub("\ufffd", cell)


def _header(header: list[str]) -> dict[str, int]:
    names = [unicodedata.normalize("NFKC", cell).strip().lower() for cell in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise click.UsageError(
            f"缺少列 {', '.join(missing)}；第一行必须有 {','.join(COLUMNS)}，现在是：{_clean(','.join(header))[:200]} / "
            f"columns are missing: {', '.join(missing)}; the first line must name {','.join(COLUMNS)}"
        )
    doubled = [column for column in COLUMNS if names.count(column) > 1]
    if doubled:
        raise click.UsageError(
            f"列重复：{', '.join(doubled)}，只留一列 / columns stand twice: {', '.join(doubled)}; keep one"
        )
    extra = [header[position] for position, name in enumerate(names) if name not in COLUMNS and name]
    if extra:
        click.echo(
            f"不用的列没有输出：{_clean(', '.join(extra))} / columns not used and left out: {_clean(', '.join(extra))}",
            err=True,
        )
    return {column: names.index(column) for column in COLUMNS}


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line in the file, its cells) for every line that is not blank."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise click.ClickException(
                f"第{reader.line_num}行读不出来：{problem} / line {reader.line_num} cannot be read: {problem}"
            ) from None
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _classified(text: str, on: dt.date) -> Iterator[tuple[list[str], LineProblem | None]]:
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        raise click.UsageError(
            f"文件是空的；第一行应为 {','.join(COLUMNS)} / the file is empty; the first line must be {','.join(COLUMNS)}"
        )
    header = first[1]
    places = _header(header)
    for number, cells in rows:
        own = [_clean(cells[places[column]]) if places[column] < len(cells) else "" for column in COLUMNS]
        try:
            problem = _damage(cells)
            if problem:
                raise problem
            if len(cells) != len(header):
                raise LineProblem(
                    Words(
                        f"有{len(cells)}格，表头有{len(header)}格",
                        f"it has {len(cells)} cells, the header has {len(header)}",
                    ),
                    Words(
                        "补齐逗号；含逗号的内容用双引号括起来",
                        "Add or drop commas; put a cell that holds a comma in double quotes",
                    ),
                )
            answers = _cells(_answer(dict(zip(COLUMNS, own, strict=True)), on))
        except LineProblem as problem:
            located = f"第{number}行：{problem.what.zh}。{problem.remedy.zh}。 / line {number}: {problem.what.en}. {problem.remedy.en}."
            yield [*own, *[""] * len(ANSWERS), located], problem
        else:
            yield [*own, *answers, ""], None


@click.command("classify")
@click.argument("file", type=click.File("rb"), metavar="FILE.csv")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output.",
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day whose size standard applies; today in Asia/Shanghai if not given.",
)
@click.pass_context
def classify_command(context: click.Context, file: BinaryIO, output: Path | None, on: dt.datetime | None) -> None:
    """划型：大型、中型、小型还是微型。 Size class of each line of FILE.csv ("-" reads standard input).

    \b
    Columns in: case_id, industry_code, employees, revenue_wan, assets_wan (blank = not known, money in 万元).
    Columns out: the same, then size_class, deciding_indicators (X employees, Y revenue, Z assets),
    to_next_class (what is missing, as in small:X+1;Y+0.5), standard, error.

    \b
    Example:
      printf 'case_id,industry_code,employees,revenue_wan,assets_wan\\n1,1353,300,2000,\\n' | huiqi classify -

    Exit status: 0 all lines answered, 1 some line in error (see its column "error"), 2 the call is wrong.
    """
    day = on.date() if on else dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*COLUMNS, *ANSWERS, "error"])
    lines = errors = 0
    for row, problem in _classified(_decode(file.read()), day):
        writer.writerow(row)
        lines += 1
        errors += problem is not None
    data = written.getvalue().encode()
    if output:
        try:
            output.write_bytes(data)
        except OSError as problem:
            raise click.UsageError(
                f"写不了 {output}：{problem.strerror} / cannot write {output}: {problem.strerror}"
            ) from None
    else:
        click.echo(data, nl=False)
    if errors:
        click.echo(
            f"{lines} 行中有 {errors} 行有误，见 error 列 / {errors} of {lines} lines are in error, see the column error",
            err=True,
        )
        context.exit(1)
