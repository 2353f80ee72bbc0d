"""From a file to columns of raw cells: CSV, Excel (xlsx) and Parquet, with everything that is wrong with the file.

Nothing is guessed away. What cannot be read with certainty is a problem with a row, a column and a remedy.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huiqi.rules.words import Words

from ..problems import Problems
from . import workbook
from .limits import Limits


@dataclass
class Table:
    """A table as it stands in the file.

    ``columns`` holds, under each heading, a list of cells (CSV: strings; Excel: what calamine gives, "" for blank) or
    an Arrow array (Parquet). ``row_numbers`` are those of the file; blank rows are left out. ``percent`` names the
    places of columns with cells that are formatted as a percentage, with the first such row.
    """

    header: list[str]
    columns: list[list[Any] | pa.ChunkedArray]
    row_numbers: list[int] | range
    kind: str
    percent: dict[int, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.row_numbers)


@dataclass(frozen=True)
class Source:
    """The bytes of a file, its name and its digest."""

    name: str
    data: bytes
    sha256: str


def too_large(limits: Limits, size: int) -> Words:
    return Words(
        f"文件有 {size / 1024**2:,.0f} MB，超过 {limits.bytes / 1024**2:,.0f} MB 的上限",
        f"the file has {size / 1024**2:,.0f} MB; the limit is {limits.bytes / 1024**2:,.0f} MB",
    )


NO_ROWS = (
    Words("表头下面没有数据", "there are no rows below the headings"),
    Words("从第二行起每行填一家企业", "Enter an enterprise a row from the second row on"),
)
SPLIT = Words("分成几个文件", "Split it into several files")


def too_many_rows(limits: Limits, rows: int) -> Words:
    return Words(
        f"文件有 {rows:,} 行，超过 {limits.rows:,} 行的上限",
        f"the file has {rows:,} rows; the limit is {limits.rows:,}",
    )


def too_many_cells(limits: Limits, rows: int, columns: int) -> Words:
    return Words(
        f"文件有 {rows:,} 行、{columns:,} 列，超过 {limits.cells:,} 格的上限",
        f"the file has {rows:,} rows and {columns:,} columns; the limit is {limits.cells:,} cells",
    )


def load(source: str | Path | IO[bytes], limits: Limits, problems: Problems) -> Source | None:
    """The bytes of a path or of an open binary file; None, with a problem, when it is too large or empty.

    Raises OSError when the path cannot be read.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        name, size = path.name, path.stat().st_size
        if size > limits.bytes:
            problems.add(too_large(limits, size), SPLIT)
            return None
        data = path.read_bytes()
    else:
        name = Path(str(getattr(source, "name", "") or "roster")).name
        data = source.read(limits.bytes + 1)
        if len(data) > limits.bytes:
            problems.add(too_large(limits, max(len(data), getattr(source, "size", 0) or 0)), SPLIT)
            return None
    if not data.strip():
        problems.add(Words("文件是空的", "the file is empty"), Words("选择有内容的文件", "Choose a file with content"))
        return None
    return Source(name, data, hashlib.sha256(data).hexdigest())


def read_table(source: Source, limits: Limits, problems: Problems) -> Table | None:
    """The table in a file, whatever its name says it is; None, with a problem, when there is none to read."""
    if source.data.startswith(b"PK\x03\x04"):
        table = _read_workbook(source.data, limits, problems)
    elif source.data.startswith(b"PAR1") and not limits.parquet:
        problems.add(
            Words("这里不收 Parquet 文件", "Parquet files are not taken here"),
            Words("另存为 .xlsx 或 CSV", "Save it as .xlsx or CSV"),
        )
        return None
    elif source.data.startswith(b"PAR1"):
        table = _read_parquet(source.data, limits, problems)
    elif source.data.startswith(b"\xd0\xcf\x11\xe0"):
        problems.add(
            Words("这是旧版 Excel（.xls）或加密的文件", "this is an old Excel file (.xls) or one with a password"),
            Words("去掉密码，另存为 .xlsx", "Remove the password and save it as .xlsx"),
        )
        return None
    elif (kind := _other_kind(source.data)) is not None:
        problems.add(
            Words(f"内容是{kind.zh}，不是表格；只改文件名没有用", f"this is {kind.en} and no table, whatever its name says"),
            Words("在原来的表格软件里另存为 .xlsx 或 CSV", "Save the table as .xlsx or CSV in the program that made it"),
        )  # fmt: skip
        return None
    else:
        table = _read_csv(source.data, limits, problems)
    if table is not None and not table.rows:
        problems.add(*NO_ROWS)
        return None
    return table


#: First bytes of files that are taken for a table by mistake.
_OTHER_KINDS = {
    b"%PDF-": Words("PDF 文件", "a PDF"),
    b"\xff\xd8\xff": Words("图片", "a picture"),
    b"\x89PNG": Words("图片", "a picture"),
    b"GIF8": Words("图片", "a picture"),
    b"{\\rtf": Words("文字文档", "a text document"),
    b"Rar!": Words("压缩包", "an archive"),
    b"7z\xbc\xaf": Words("压缩包", "an archive"),
    b"\x1f\x8b": Words("压缩包", "an archive"),
}
#: Some programs save a web page under the name of a spreadsheet.
_WEB_PAGE = re.compile(rb"<(!doctype|html|head|body|table|meta|\?xml)\b", re.IGNORECASE)


def _other_kind(data: bytes) -> Words | None:
    for beginning, words in _OTHER_KINDS.items():
        if data.startswith(beginning):
            return words
    start = data[:512].removeprefix(codecs.BOM_UTF8).lstrip()
    return Words("网页", "a web page") if _WEB_PAGE.match(start) else None


# --- CSV --------------------------------------------------------------------------------------------------------------

SAVE_AS_UTF8 = Words(
    "在表格软件里另存为“CSV UTF-8（逗号分隔）”，或直接用 .xlsx",
    "Save it as 'CSV UTF-8 (comma delimited)' in your spreadsheet program, or use .xlsx",
)

#: So many characters of two or more bytes that read well as UTF-8 are no accident: the file is UTF-8 with a fault.
_SURELY_UTF8 = 8


def decode(data: bytes, problems: Problems) -> str | None:
    """The text of a CSV file in UTF-8 (with or without a byte order mark) or GB18030; None, with a problem, else."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.add(Words("文件是 UTF-16 编码", "the file is encoded as UTF-16"), SAVE_AS_UTF8)
        return None
    nul = data.find(b"\0")
    if nul >= 0:
        row = data.count(b"\n", 0, nul) + 1
        problems.add(
            Words(
                f"第 {nul + 1} 个字节是空字符（NUL），文件损坏或不是文本",
                f"byte {nul + 1} is NUL: the file is damaged or is no text",
            ),
            Words("重新导出文件", "Export the file again"),
            row=row,
        )
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        utf8 = problem
    readable = utf8.object[: utf8.start].decode("utf-8", "ignore")
    fault, encoding = utf8, "UTF-8"
    if sum(c > "\x7f" for c in readable) < _SURELY_UTF8:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError as problem:
            fault, encoding = problem, "GB18030"
    position = fault.start + (len(codecs.BOM_UTF8) if fault is utf8 and data.startswith(codecs.BOM_UTF8) else 0)
    problems.add(
        Words(
            f"第 {position + 1} 个字节（0x{data[position]:02X}）不是 {encoding} 文字",
            f"byte {position + 1} (0x{data[position]:02X}) is not {encoding} text",
        ),
        SAVE_AS_UTF8,
        row=data.count(b"\n", 0, position) + 1,
    )
    return None


def _read_csv(data: bytes, limits: Limits, problems: Problems) -> Table | None:
    text = decode(data, problems)
    if text is None:
        return None
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",\t;", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if any(row) and not "".join(row).isspace():
                rows.append(row)
                numbers.append(number)
                if len(rows) > limits.rows + 1:
                    problems.add(too_many_rows(limits, max(text.count("\n"), len(rows)) - 1), SPLIT)
                    return None
    except csv.Error:
        problems.add(
            Words("这一行的引号不成对", "the quotation marks in this row are not closed"),
            Words('检查这一行的英文双引号 "，成对使用或删去', 'Check the double quotes (") in this row'),
            row=number + 1,
        )
        return None
    if not rows:
        problems.add(Words("文件是空的", "the file is empty"), Words("选择有内容的文件", "Choose a file with content"))
        return None
    header = rows.pop(0)
    numbers.pop(0)
    width = len(header)
    if width * len(rows) > limits.cells:
        problems.add(too_many_cells(limits, len(rows), width), SPLIT)
        return None
    for i, row in enumerate(rows):
        if len(row) < width:
            row.extend([""] * (width - len(row)))
        elif len(row) > width:
            if any(cell.strip() for cell in row[width:]):
                problems.add(
                    Words(
                        f"这一行有 {len(row)} 格，表头只有 {width} 列",
                        f"this row has {len(row)} cells under {width} headings",
                    ),
                    Words(
                        "值里有逗号时用英文双引号括起来",
                        "Put a value that contains a comma between double quotes",
                    ),
                    row=numbers[i],
                    value=row[width],
                )
            del row[width:]
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in header]
    return Table(header, columns, numbers, "csv")


# --- Excel ------------------------------------------------------------------------------------------------------------


def _read_workbook(data: bytes, limits: Limits, problems: Problems) -> Table | None:
    sheet = workbook.read_sheet(data, limits, problems)
    if sheet is None:
        return None
    rows = sheet.rows
    first = next(i for i, row in enumerate(rows) if any(cell != "" for cell in row))
    header = ["" if cell == "" else str(cell) for cell in rows[first]]
    numbers, kept = [], []
    for i in range(first + 1, len(rows)):
        row = rows[i]
        if any(cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in row):
            numbers.append(i + 1)
            kept.append(row)
    if len(kept) > limits.rows:
        problems.add(too_many_rows(limits, len(kept)), SPLIT)
        return None
    columns: list[Any] = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in header]
    while header and not header[-1] and not any(cell != "" for cell in columns[-1]):
        header.pop()
        columns.pop()
    return Table(header, columns, numbers, "xlsx", sheet.percent)


# --- Parquet ----------------------------------------------------------------------------------------------------------


def _read_parquet(data: bytes, limits: Limits, problems: Problems) -> Table | None:
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        if file.metadata.num_rows > limits.rows:
            problems.add(too_many_rows(limits, file.metadata.num_rows), SPLIT)
            return None
        unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if unpacked > limits.unpacked:
            problems.add(workbook.too_much_unpacked(limits, unpacked), SPLIT)
            return None
        table = file.read()
        table.validate(full=True)  # text that is no UTF-8 would fail later, and far from here
        for column in table.columns:
            if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
                pc.min_max(column).as_py()  # so would a day beyond the year 9999
    except (pa.ArrowException, OSError, ValueError, OverflowError) as problem:
        problems.add(
            Words("Parquet 文件损坏", "the Parquet file is damaged"),
            Words("重新导出文件", "Export the file again"),
            value=problem,
        )
        return None
    return Table(table.column_names, table.columns, range(1, table.num_rows + 1), "parquet")
