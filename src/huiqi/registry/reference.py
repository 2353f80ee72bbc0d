"""Reference data: regions and industries, from the files of the product and from official tables."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from huiqi.journal import act, machine
from huiqi.rules.words import Words

from .models import Industry, Region
from .names import pinyin_key, pinyin_name
from .problems import Problems
from .roster.limits import Limits
from .roster.tables import load, read_table

DATA = Path(__file__).parent / "data"

CODE_HEADINGS = ("code", "代码", "行业代码", "类别代码")
NAME_HEADINGS = ("name", "name_zh", "名称", "类别名称", "行业名称")

#: The level of an industry by the length of its code.
LEVELS = {1: "section", 2: "division", 3: "group", 4: "class"}


@dataclass(frozen=True)
class ReferenceData:
    """How many regions and industries there are after loading."""

    regions: int
    industries: int


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@functools.cache
def section_of_division() -> dict[str, str]:
    """The section letter of each division (two digits) of GB/T 4754-2017."""
    return {row["code"]: row["section"] for row in _rows("industries.csv") if row["level"] == "division"}


def _english_name(name: str) -> str:
    """A name in pinyin, for a region that has no entry in ``region_names_en.csv`` yet: ``和康县``, Hekang County."""
    for ending, english in (("县", " County"), ("区", " District"), ("市", "")):
        if name.endswith(ending):
            return pinyin_name(name.removesuffix(ending)) + english
    return pinyin_name(name)


def load_reference_data() -> ReferenceData:
    """Load the regions of Xinjiang and the industries that ship with the product. May be run again at any time.

    Industries that an administrator has loaded from the official table stay as they are.
    """
    with act(machine("reference data"), "reference.loaded", articles=(3,)):
        return _load_reference_data()


def _load_reference_data() -> ReferenceData:
    english = {row["code"]: row["name_en"] for row in _rows("region_names_en.csv")}
    regions = [
        Region(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=english.get(row["code"]) or _english_name(row["name_zh"]),
            name_pinyin=pinyin_key(row["name_zh"]),
            level=row["level"],
            kind=row["kind"],
            parent_id=row["parent_code"] or None,
            superior_id=row["superior_code"] or None,
        )
        for row in _rows("regions.csv")
    ]
    Region.objects.bulk_create(
        regions,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_zh", "name_en", "name_pinyin", "level", "kind", "parent", "superior"],
    )
    industries = [
        Industry(
            code=row["code"],
            level=row["level"],
            section=row["section"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            parent_id=row["parent_code"] or None,
        )
        for row in _rows("industries.csv")
    ]
    Industry.objects.bulk_create(industries, ignore_conflicts=True)
    return ReferenceData(Region.objects.count(), Industry.objects.count())


@dataclass
class IndustryReport:
    """What an import of the industry table did, or would do in a dry run."""

    dry_run: bool
    problems: Problems = field(default_factory=Problems)
    rows: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    written: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the file is without errors."""
        return self.problems.errors == 0


def import_industries(source: str | Path | IO[bytes], *, dry_run: bool = True) -> IndustryReport:
    """Load the official table of GB/T 4754-2017 from CSV or Excel with a column of codes and one of names.

    Levels and parents follow from the codes: ``A`` section, ``01`` division, ``011`` group, ``0111`` class. Nothing is
    written when anything is wrong, or in a dry run. Codes that are not in the file stay: enterprises may use them.
    Raises OSError when a path cannot be read.
    """
    report = IndustryReport(dry_run)
    problems = report.problems
    loaded = load(source, Limits(rows=20_000), problems)
    table = read_table(loaded, Limits(rows=20_000), problems) if loaded else None
    if table is None:
        return report
    headings = [heading.strip().lower() for heading in table.header]
    code_place = next((i for i, h in enumerate(headings) if h in CODE_HEADINGS), None)
    name_place = next((i for i, h in enumerate(headings) if h in NAME_HEADINGS), None)
    if code_place is None or name_place is None:
        problems.add(
            Words("没有“代码”列或“名称”列", "there is no column 代码 (code) or no column 名称 (name)"),
            Words("第一行写列名：代码，名称", "Write the headings code and name into the first row"),
            row=1,
        )
        return report
    read = _read_industries(
        zip(table.row_numbers, table.columns[code_place], table.columns[name_place], strict=True),
        table.header[code_place],
        table.header[name_place],
        problems,
    )
    report.rows = table.rows
    known = {industry.code: industry for industry in Industry.objects.all()}
    for code, (row, _) in read.items():
        parent = _parent(code)
        if parent is not None and parent not in read and parent not in known:
            problems.add(
                Words(f"上一级“{parent}”不在表里", f"the level above, {parent}, is not in the table"),
                Words("补上这一级，或改正代码", "Add it or correct the code"),
                row=row,
                column=table.header[code_place],
                value=code,
            )
    if problems.errors:
        return report
    changed = []
    for code, (_, name) in read.items():
        current = known.get(code)
        if current is None:
            report.new += 1
        elif current.name_zh != name:
            report.updated += 1
        else:
            report.unchanged += 1
            continue
        section = code if code.isalpha() else section_of_division()[code[:2]]
        changed.append(
            Industry(code=code, level=LEVELS[len(code)], section=section, name_zh=name, parent_id=_parent(code))
        )
    if not dry_run:
        # The English name of the product's own list stays when only the Chinese one is corrected.
        with act(machine("huiqi industries"), "industries.imported", articles=(3,)):
            Industry.objects.bulk_create(
                changed,
                update_conflicts=True,
                unique_fields=["code"],
                update_fields=["level", "section", "name_zh", "parent"],
            )
        report.written = True
    return report


def _parent(code: str) -> str | None:
    """The code one level up; None for a section. A division's section is the standard's."""
    if len(code) == 1:
        return None
    return section_of_division().get(code, "?") if len(code) == 2 else code[:-1]


def _read_industries(
    rows: Iterator[tuple[int, object, object]], code_heading: str, name_heading: str, problems: Problems
) -> dict[str, tuple[int, str]]:
    """Row and name of each code; what is no code, has no name or stands there twice is a problem."""
    read: dict[str, tuple[int, str]] = {}
    for row, raw_code, raw_name in rows:
        if isinstance(raw_code, (int, float)) and not isinstance(raw_code, bool):
            problems.add(
                Words(
                    "代码存成了数字，开头的 0 可能丢了",
                    "the code is stored as a number; a leading zero may be lost",
                ),
                Words("把这一列设成文本格式，重新输入代码", "Format the column as text and type the codes again"),
                row=row,
                column=code_heading,
                value=int(raw_code) if raw_code == int(raw_code) else raw_code,
            )
            continue
        code, name = str(raw_code or "").strip().upper(), str(raw_name or "").strip()
        if not re.fullmatch("[A-T]|[0-9]{2,4}", code):
            what = Words("不是行业代码", "this is no industry code")
            remedy = Words(
                "门类是一个字母 A 到 T，其余是 2 到 4 位数字", "A section is a letter A to T, all else 2 to 4 digits"
            )
        elif not code.isalpha() and code[:2] not in section_of_division():
            what = Words(f"国家标准没有大类 {code[:2]}", f"the standard has no division {code[:2]}")
            remedy = Words("对照 GB/T 4754-2017 改正", "Correct it from GB/T 4754-2017")
        elif code in read:
            what = Words(f"同一代码已在第 {read[code][0]} 行", f"the same code is in row {read[code][0]}")
            remedy = Words("只留一行", "Keep one of the rows")
        elif not name or len(name) > 100:
            what = Words("没有名称，或名称超过 100 个字", "the name is missing or longer than 100 characters")
            remedy = Words(f"改正“{name_heading}”列", f"Correct the column {name_heading}")
        else:
            read[code] = (row, name)
            continue
        problems.add(what, remedy, row=row, column=code_heading, value=code)
    return read
