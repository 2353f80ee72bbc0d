"""What only the registry can tell of a roster: missing and foreign codes, regions, industries, names, whose area it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huiqi.rules.words import Words

from ..credit_code import is_known_region
from ..models import Industry, Organisation, Region
from ..problems import ERROR, WARNING
from ..reference import section_of_division
from ..vocabulary import ENTERPRISE, KINDS
from .area import Area
from .reader import NAME, USCC, Roster

REGION_FACTS = ("registration_region", "operating_region")
CORPS = "is_bingtuan"


def check_roster(roster: Roster, area: Area | None = None) -> None:
    """Add what is wrong with a roster to its problems; ``area`` is that of the organ that brings it in."""
    problems = roster.problems
    if USCC not in roster.headings:
        problems.add(
            Words("没有“统一社会信用代码”列", "there is no column 统一社会信用代码 (uscc)"),
            Words("加上这一列，每家企业填 18 位代码", "Add it, with the 18 characters of each enterprise"),
            row=1,
        )
        return
    heading = roster.headings[USCC]
    told = {problem.row for problem in problems if problem.column == heading and problem.severity == ERROR}
    for code, row in zip(roster.codes, roster.row_numbers, strict=True):
        if code is None and row not in told:
            problems.add(
                Words("没有统一社会信用代码", "the credit code is missing"),
                Words("填上营业执照左上角的 18 位代码", "Enter the 18 characters at the top of the licence"),
                row=row,
                column=heading,
            )
    if area is not None:
        _check_barred(roster, area)
    _check_regions(roster, area)
    _check_industries(roster)
    _check_organisations(roster, area)


def _rows_of(roster: Roster, column: pa.ChunkedArray, value: Any) -> Iterable[int]:
    return (roster.row_numbers[int(i)] for i in np.flatnonzero(pc.fill_null(pc.equal(column, value), False)))


def _check_regions(roster: Roster, area: Area | None) -> None:
    known = set(Region.objects.values_list("code", flat=True))
    for name in REGION_FACTS:
        if name not in roster.facts:
            continue
        codes = roster.table[name].to_pylist()
        told: dict[str, tuple[Words, Words]] = {}
        for code in set(codes) - {None}:
            if code not in known and (code.startswith("65") or not is_known_region(code)):
                told[code] = _NO_REGION
            elif area is not None and name == "registration_region" and not area.covers(code):
                told[code] = _ELSEWHERE
        if not told:
            continue
        for code, row in zip(codes, roster.row_numbers, strict=True):
            if code in told:
                what, remedy = told[code]
                roster.problems.add(what, remedy, row=row, column=roster.headings[name], value=code)
    if "registration_region" not in roster.facts:
        roster.problems.add(
            Words("没有“登记地”列，新企业不会出现在任何地区的名单里", "there is no column 登记地: new enterprises will be on the list of no region"),
            Words("加上“登记地”列", "Add the column registration_region"),
            severity=WARNING,
        )  # fmt: skip


def _check_industries(roster: Roster) -> None:
    if "industry_code" in roster.facts:
        _check_main_industries(roster)
    if "secondary_industry_codes" in roster.facts:
        column = roster.table["secondary_industry_codes"]
        places = pc.list_parent_indices(column.combine_chunks())
        for place, code in zip(places.to_pylist(), pc.list_flatten(column).to_pylist(), strict=True):
            if code[:2] not in section_of_division():
                _unknown_division(roster, "secondary_industry_codes", code, roster.row_numbers[place])


def _unknown_division(roster: Roster, name: str, code: str, row: int) -> None:
    roster.problems.add(
        Words(f"国家标准没有大类 {code[:2]}", f"the standard has no division {code[:2]}"),
        Words("对照 GB/T 4754-2017 改正", "Correct it from GB/T 4754-2017"),
        row=row,
        column=roster.headings[name],
        value=code,
    )


def _check_main_industries(roster: Roster) -> None:
    column, heading = roster.table["industry_code"], roster.headings["industry_code"]
    known = set(Industry.objects.values_list("code", flat=True))
    unlisted: list[str] = []
    for code in pc.unique(column).to_pylist():
        if code is None or (len(code) == 4 and code in known):
            continue
        if code[:2] not in section_of_division():
            for row in _rows_of(roster, column, code):
                _unknown_division(roster, "industry_code", code, row)
        elif len(code) == 4:
            unlisted.append(code)
        elif len(code) == 3 and code[0] != "0":
            for row in _rows_of(roster, column, code):
                roster.problems.add(
                    Words(
                        f"行业代码只有三位，开头的 0 可能丢了（是不是 0{code}？）",
                        f"the industry code has three digits: a leading zero may be lost (0{code}?)",
                    ),
                    Words("填四位小类代码；CSV 不要用 Excel 直接打开再保存", "Enter the four digits of the class; do not open and save a CSV in Excel"),
                    row=row,
                    column=heading,
                    value=code,
                )  # fmt: skip
        else:
            roster.problems.add(
                Words("这不是四位小类代码，只能部分判断规模和政策", "this is no class of four digits; size and policies can be told in part only"),
                Words("填四位小类代码", "Enter the four digits of the class"),
                row=next(iter(_rows_of(roster, column, code))),
                column=heading,
                value=code,
                severity=WARNING,
            )  # fmt: skip
    if unlisted:
        some = "、".join(sorted(unlisted)[:5])
        roster.problems.add(
            Words(f"有 {len(unlisted)} 个行业代码不在已装的行业表里（{some}），照收", f"{len(unlisted)} industry codes are not in the table that is installed ({some}); they were accepted"),
            Words("请管理员导入官方行业分类表", "Have an administrator import the official table of industries"),
            column=heading,
            severity=WARNING,
        )  # fmt: skip


# --- enterprises, and whose area they are in -------------------------------------------------------------------------

_NO_REGION = (
    Words("没有这个地区代码", "there is no region of this code"),
    Words("填现行的 6 位行政区划代码", "Enter the present six-digit code of the region"),
)
_ELSEWHERE = (
    Words("登记地不在你单位的辖区", "the place of registration is not in your office's area"),
    Words("核对登记地；归别处管的企业，删去这一行", "Check the place; delete the row if the enterprise belongs elsewhere"),
)  # fmt: skip
_NOT_OF_THE_CORPS = (
    Words("你单位只导入兵团企业，这一行写的不是", "your office imports enterprises of the Corps only; this row says it is none"),
    Words("核对“兵团企业”列；不是兵团企业的，删去这一行", "Check the column 兵团企业 (is_bingtuan); delete the row if it is right"),
)  # fmt: skip
#: Said of all rows that the registry does not show to be the organ's own, in the same words whatever the reason: whether
#: another organ has the enterprise on file is not told.
_NOT_SHOWN = (
    Words("看不出这家企业归你单位管", "nothing shows that this enterprise is in your office's area"),
    Words(
        "核对代码，写上辖区内的登记地；不归你单位管的，删去这一行",
        "Check the code and enter the place of registration in your area; delete the row if it belongs elsewhere",
    ),
)
_NOT_SHOWN_TO_BE_OF_THE_CORPS = (
    _NOT_SHOWN[0],
    Words(
        "核对代码，写上辖区内的登记地，“兵团企业”列写“是”；不归你单位管的，删去这一行",
        "Check the code, enter the place of registration in your area and 是 under 兵团企业 (is_bingtuan); "
        "delete the row if it belongs elsewhere",
    ),
)


@dataclass(frozen=True)
class _OnFile:
    """What is on file under a credit code: what kind of organisation, and whether it is an enterprise of the area."""

    kind: str
    inside: bool


def _on_file(roster: Roster, area: Area | None) -> dict[str, _OnFile]:
    found = Organisation.objects.filter(uscc__in=[code for code in roster.codes if code is not None])
    rows = found.values_list("uscc", "kind", "region_id", "facts__registration_region", f"facts__{CORPS}")
    return {
        code: _OnFile(
            kind,
            area is None
            or (area.covers(region, stated or region) and (not area.corps_only or corps is True)),
        )
        for code, kind, region, stated, corps in rows
    }  # fmt: skip


def _check_organisations(roster: Roster, area: Area | None) -> None:
    """New enterprises need a name, and a code must not be that of a bank or an organ.

    An enterprise of another area counts as not on file, so that no message tells it from one that is nowhere.
    """
    known = _on_file(roster, area)
    names: Sequence[str | None] = roster.names or [None] * roster.rows
    for code, name, row in zip(roster.codes, names, roster.row_numbers, strict=True):
        if code is None:
            continue
        on_file = known.get(code)
        if name is None and (on_file is None or (on_file.kind == ENTERPRISE and not on_file.inside)):
            roster.problems.add(
                Words("新企业没有名称", "a new enterprise has no name"),
                Words("填上“企业名称”", "Enter its name in the column 企业名称 (name)"),
                row=row,
                column=roster.headings.get(NAME, "企业名称"),
                value=code,
            )
        elif on_file is not None and on_file.kind != ENTERPRISE:
            roster.problems.add(
                Words(
                    f"这个代码属于一家{KINDS[on_file.kind].zh}",
                    f"this code is that of an organisation of kind {KINDS[on_file.kind].en}",
                ),
                Words("企业名册里删去这一行", "Take it out of the roster of enterprises"),
                row=row,
                column=roster.headings[USCC],
                value=code,
            )
    if area is not None:
        _check_area(roster, area, known)


def check_area(roster: Roster, area: Area) -> None:
    """Look again whether every row is the organ's own, now that nobody can change it any more."""
    _check_area(roster, area, _on_file(roster, area))


def _check_area(roster: Roster, area: Area, known: dict[str, _OnFile]) -> None:
    """A row is the organ's own when its enterprise is on file in the area, or is new and the file places it there.

    Rows that the file itself places elsewhere were refused already. A row that has no name is refused as a new one
    would be, and not for its area as well: that would tell apart what is on file elsewhere and what is nowhere.
    """
    names: Sequence[str | None] = roster.names or [None] * roster.rows
    unknown = [None] * roster.rows
    regions = roster.table["registration_region"].to_pylist() if "registration_region" in roster.facts else unknown
    corps = roster.table[CORPS].to_pylist() if CORPS in roster.facts else unknown
    what, remedy = _NOT_SHOWN_TO_BE_OF_THE_CORPS if area.corps_only else _NOT_SHOWN
    heading = roster.headings.get("registration_region")
    unread = {problem.row for problem in roster.problems if heading is not None and problem.column == heading}
    for code, name, region, of_corps, row in zip(roster.codes, names, regions, corps, roster.row_numbers, strict=True):
        if code is None or row in unread or (region is not None and not area.covers(region)):
            continue
        if area.corps_only and of_corps is False:
            roster.problems.add(*_NOT_OF_THE_CORPS, row=row, column=roster.headings[CORPS], value="否")
            continue
        on_file = known.get(code)
        if on_file is not None and (on_file.inside or on_file.kind != ENTERPRISE):
            continue
        placed = region is not None and (of_corps is True or not area.corps_only)
        if not placed or (on_file is not None and name is not None):
            roster.problems.add(what, remedy, row=row, column=roster.headings[USCC], value=code)


def _check_barred(roster: Roster, area: Area) -> None:
    for name in sorted(area.barred.intersection(roster.facts)):
        roster.problems.add(
            Words("这一项涉及敏感个人信息，你单位不认定它，不能导入", "this fact is sensitive personal information that your office does not certify"),
            Words("删去这一列，由认定它的部门导入", "Delete the column; the office that certifies it imports it"),
            row=1,
            column=roster.headings[name],
        )  # fmt: skip
