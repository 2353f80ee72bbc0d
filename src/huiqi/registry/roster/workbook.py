"""Excel workbooks (xlsx): the cells by calamine, and what calamine does not tell by a look into the sheet's XML.

calamine gives the last computed value of a formula, a blank for an error value, and the bare number of a percentage;
each would be a silent mistake. It also lays a sheet out densely, so that one cell in the last row and column of an
otherwise empty sheet would ask for terabytes. So the XML is looked through first, in pieces, as bytes: no entity is
ever expanded, and no more is unpacked than the archive declares and the limits allow.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import numpy as np
import python_calamine as calamine

from huiqi.rules.words import Words

from ..problems import WARNING, Problems

if TYPE_CHECKING:
    from .limits import Limits

_PIECE = 8 * 1024**2

#: Number formats 9 and 10 are Excel's own percentages; others are recognised by their percent sign.
_BUILT_IN_PERCENT = {"9", "10"}

_CELL = re.compile(rb"<(?:\w+:)?c(\s[^>]*?)?(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d+)["']""")
_WIDE_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{2,3})\d""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["'](\d+)["']""")
_ERROR_CELL = re.compile(rb"""\st=["']e["']""")
_SHARED_CELL = re.compile(rb"""\st=["']s["']""")
_SHARED_TEXT = re.compile(rb"""\st=["']s["'][^>]*>\s*<(?:\w+:)?v>\s*(\d+)""")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")


@dataclass
class Sheet:
    """The cells of one sheet from its first row on, and where its percentages are (column from 0 to first row)."""

    name: str
    rows: list[list[Any]]
    percent: dict[int, int] = field(default_factory=dict)


@dataclass
class _Scan:
    formulas: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    percent: dict[int, int] = field(default_factory=dict)
    rows: int = 0
    width: int = 1
    #: Cells that hold a number of a text in the workbook's common list.
    shared: int = 0


class _Forbidden(Exception):
    """A document type declaration, which no spreadsheet program writes."""


def too_much_unpacked(limits: Limits, size: int) -> Words:
    return Words(
        f"文件解压后有 {size / 1024**2:,.0f} MB，超过 {limits.unpacked / 1024**2:,.0f} MB 的上限",
        f"the file unpacks to {size / 1024**2:,.0f} MB; the limit is {limits.unpacked / 1024**2:,.0f} MB",
    )


def column_number(letters: str) -> int:
    """``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _elements(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """(tag without prefix, attributes) of a small XML part. Raises _Forbidden or expat.ExpatError."""
    found: list[tuple[str, dict[str, str]]] = []

    def refuse(*_: object) -> None:
        raise _Forbidden

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parser.Parse(data, True)
    return iter(found)


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """Indexes of the cell styles that show a number as a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    formats = set(_BUILT_IN_PERCENT)
    percent, index, inside = set(), 0, False
    for tag, attributes in _elements(archive.read("xl/styles.xml")):
        if tag == "numFmt" and "%" in attributes.get("formatCode", ""):
            formats.add(attributes.get("numFmtId", ""))
        elif tag in ("cellXfs", "cellStyles"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            if attributes.get("numFmtId") in formats:
                percent.add(str(index))
            index += 1
    return frozenset(percent)


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the archive that holds each sheet, by the sheet's name."""
    targets = {
        attributes["Id"]: attributes["Target"]
        for tag, attributes in _elements(archive.read("xl/_rels/workbook.xml.rels"))
        if tag == "Relationship"
    }
    paths = {}
    for tag, attributes in _elements(archive.read("xl/workbook.xml")):
        if tag == "sheet":
            identity = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            target = targets.get(identity, "")
            paths[attributes["name"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return paths


def _pieces(archive: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    """A sheet's XML in pieces that end before a row begins."""
    rest = b""
    with archive.open(path) as part:
        while piece := part.read(_PIECE):
            rest += piece
            cut = rest.rfind(b"<row")
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
    yield rest


def _scan(archive: zipfile.ZipFile, path: str, percent_styles: frozenset[str]) -> _Scan:
    """Look through a sheet for formulas, error values, percentages, and how far it reaches."""
    scan = _Scan()
    percent = (
        re.compile(rb"""\ss=["'](?:%s)["']""" % b"|".join(style.encode() for style in sorted(percent_styles)))
        if percent_styles
        else None
    )
    for number, piece in enumerate(_pieces(archive, path)):
        if number == 0 and b"<!DOCTYPE" in piece:
            raise _Forbidden
        parts = piece.split(b"<row")
        scan.rows = max(scan.rows + len(parts) - 1, *(int(row) for row in _ROW.findall(piece)), 0)
        letters = {letters.decode() for letters in _WIDE_REFERENCE.findall(piece)}
        scan.width = max(
            scan.width, *(column_number(name) + 1 for name in letters), max(p.count(b"<c ") for p in parts), 26
        )
        scan.shared += len(_SHARED_CELL.findall(piece))
        suspicious = (
            _FORMULA.search(piece) or _ERROR_CELL.search(piece) or (percent is not None and percent.search(piece))
        )
        if suspicious:
            _scan_cells(piece, percent, scan)
    return scan


def _scan_cells(piece: bytes, percent: re.Pattern[bytes] | None, scan: _Scan) -> None:
    for cell in _CELL.finditer(piece):
        attributes, content = cell.group(1) or b"", cell.group(2) or b""
        place = _REFERENCE.search(attributes)
        name = f"{place.group(1).decode()}{place.group(2).decode()}" if place else ""
        if _FORMULA.search(content):
            scan.formulas.append(name)
        elif _ERROR_CELL.search(attributes):
            value = _VALUE.search(content)
            scan.errors.append((name, value.group(1).decode("utf-8", "replace") if value else ""))
        elif percent is not None and place and _VALUE.search(content) and percent.search(attributes):
            scan.percent.setdefault(column_number(place.group(1).decode()), int(place.group(2)))


def _place(name: str) -> tuple[int | None, str | None]:
    """Row number and column letters of a cell's name."""
    letters = name.rstrip("0123456789")
    return (int(name[len(letters) :]), letters) if letters and letters != name else (None, None)


def _text_size(archive: zipfile.ZipFile, path: str, scan: _Scan, limits: Limits) -> int:
    """How many bytes the texts of a sheet take once each cell has its own, or a bound of it that is within the limit.

    A workbook keeps each text once; a long one that stands in a million cells would fill the memory.
    """
    if not scan.shared or "xl/sharedStrings.xml" not in archive.namelist():
        return 0
    lengths = np.array([len(text) for text in re.split(rb"<(?:\w+:)?si\b", archive.read("xl/sharedStrings.xml"))[1:]])
    if not lengths.size or int(lengths.max()) * scan.shared <= limits.unpacked:
        return int(lengths.max(initial=0)) * scan.shared
    size = 0
    for piece in _pieces(archive, path):
        numbers = np.array(_SHARED_TEXT.findall(piece), "S9").astype(np.int64)
        size += int(lengths[numbers[numbers < lengths.size]].sum())
    return size


DAMAGED = Words("Excel 文件损坏或不是工作簿", "the Excel file is damaged or is no workbook")
SAVE_AGAIN = Words("在表格软件里打开并另存为 .xlsx", "Open it in your spreadsheet program and save it as .xlsx")


def read_sheet(data: bytes, limits: Limits, problems: Problems) -> Sheet | None:
    """The first visible sheet with anything in it; None, with a problem, when it cannot be read.

    Formulas, error values and merged cells are problems of the sheet; other sheets that are not empty are warned of.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > limits.unpacked:
                problems.add(
                    too_much_unpacked(limits, unpacked),
                    Words(
                        "删去图片和空白格式，分成几个文件", "Remove pictures and blank formatted rows, split the file"
                    ),
                )
                return None
            broken = archive.testzip()  # unpacks every part once: a part that lies about its size does not pass
            if broken is not None:
                problems.add(DAMAGED, SAVE_AGAIN, value=broken)
                return None
            styles = _percent_styles(archive)
            paths = _sheet_paths(archive)
            return _first_sheet(data, archive, paths, styles, limits, problems)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, LookupError, NotImplementedError, RuntimeError, ValueError,
        expat.ExpatError, _Forbidden, calamine.CalamineError, OSError,
    ) as problem:  # fmt: skip
        problems.add(DAMAGED, SAVE_AGAIN, value="" if isinstance(problem, _Forbidden) else problem)
        return None


def _first_sheet(
    data: bytes,
    archive: zipfile.ZipFile,
    paths: dict[str, str],
    styles: frozenset[str],
    limits: Limits,
    problems: Problems,
) -> Sheet | None:
    chosen: Sheet | None = None
    with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for metadata in book.sheets_metadata:
            if (
                metadata.typ != calamine.SheetTypeEnum.WorkSheet
                or metadata.visible != calamine.SheetVisibleEnum.Visible
            ):
                continue
            scan = _scan(archive, paths[metadata.name], styles)
            if scan.rows * scan.width > limits.cells:
                problems.add(
                    Words(
                        f"工作表“{metadata.name}”到第 {scan.rows:,} 行、{column_letters(scan.width - 1)} 列，超过 {limits.cells:,} 格",
                        f"sheet {metadata.name!r} reaches to row {scan.rows:,}, column {column_letters(scan.width - 1)}: over {limits.cells:,} cells",
                    ),
                    Words(
                        "删去数据右边和下面的空行空列，或分成几个文件",
                        "Delete what stands right of and below the data, or split the file",
                    ),
                )
                return None
            size = _text_size(archive, paths[metadata.name], scan, limits)
            if size > limits.unpacked:
                problems.add(
                    too_much_unpacked(limits, size),
                    Words("缩短过长的文字，分成几个文件", "Shorten long texts, split the file"),
                )
                return None
            sheet = book.get_sheet_by_name(metadata.name)
            empty = not sheet.height and not scan.errors and not scan.formulas
            if empty:
                continue
            if chosen is not None:
                problems.add(
                    Words(
                        f"只读工作表“{chosen.name}”，没有读“{metadata.name}”",
                        f"only sheet {chosen.name!r} was read; {metadata.name!r} was not",
                    ),
                    Words("要导入的数据放在第一个工作表", "Put what is to be imported on the first sheet"),
                    severity=WARNING,
                )
                continue
            rows = sheet.to_python(skip_empty_area=False)
            chosen = Sheet(metadata.name, rows, scan.percent)
            _report(scan, sheet.merged_cell_ranges or [], chosen, problems)
    if chosen is None or not any(cell != "" for row in chosen.rows for cell in row):
        problems.add(
            Words("工作簿是空的", "the workbook is empty"), Words("选择有内容的文件", "Choose a file with content")
        )
        return None
    return chosen


def _report(scan: _Scan, merged: list[Any], sheet: Sheet, problems: Problems) -> None:
    header = next((row for row in sheet.rows if any(cell != "" for cell in row)), [])

    def heading(letters: str | None) -> str | None:
        if letters is None:
            return None
        number = column_number(letters)
        return str(header[number]) if number < len(header) and header[number] != "" else letters

    for name in scan.formulas:
        row, letters = _place(name)
        problems.add(
            Words("这一格是公式", "this cell is a formula"),
            Words("复制后“选择性粘贴—数值”", "Copy it and paste it as a value"),
            row=row,
            column=heading(letters),
            value=name,
        )
    for name, value in scan.errors:
        row, letters = _place(name)
        problems.add(
            Words("这一格是错误值", "this cell is an error value"),
            Words("改成正确的值；不知道就留空", "Enter the right value, or leave it blank if it is not known"),
            row=row,
            column=heading(letters),
            value=value or name,
        )
    for (top, left), (bottom, right) in merged:
        problems.add(
            Words("有合并的单元格", "there are merged cells"),
            Words(
                "取消合并，每格填上自己的值；标题行不要放在表头上面",
                "Unmerge them and fill every cell; no title above the headings",
            ),
            row=top + 1,
            column=heading(column_letters(left)),
            value=f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}",
        )
