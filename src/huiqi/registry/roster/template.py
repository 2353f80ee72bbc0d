"""An empty roster to fill in: the headings that are used most, and one invented enterprise as an example."""

from __future__ import annotations

import csv
import io

import xlsxwriter

from huiqi.rules.dictionary import dictionary

from ..credit_code import make_fictitious
from ..models import Region
from .area import Area
from .reader import NAME, USCC

#: Heading by heading, with what stands in the example row. The region is one of the organ's own.
_EXAMPLE = {
    USCC: make_fictitious("1", "99", 999_999),
    NAME: "样例企业（导入前删去这一行）",
    "registration_region": "",
    "industry_code": "6210",
    "legal_form": "公司",
    "established_date": "2021-03-05",
    "registration_status": "存续",
    "employees": "9",
    "revenue": "103.2",
    "total_assets": "55",
    "vat_type": "小规模纳税人",
    "monthly_sales": "8.6",
    "taxable_income": "12.5",
    "rd_expense": "0",
    "titles": "无",
    "serious_dishonesty": "否",
    "is_bingtuan": "否",
}


def headings(chinese: bool) -> list[str]:
    """The first row: Chinese names with their units, or the names of the dictionary."""
    found = []
    for name in _EXAMPLE:
        if name == NAME:
            found.append("企业名称" if chinese else NAME)
            continue
        fact = dictionary()[name]
        unit = f"（{fact.unit}）" if fact.unit else ""
        found.append(f"{fact.name_zh}{unit}" if chinese else name)
    return found


def example(area: Area) -> list[str]:
    """The second row: an invented enterprise of the area. Its credit code is taken by a demonstration only."""
    within = Region.objects.filter(code__startswith=area.prefix).order_by("code")
    county = within.filter(level="county").first() or within.first()
    values = {
        **_EXAMPLE,
        "registration_region": county.code if county else "",
        "is_bingtuan": "是" if area.corps_only else "否",
    }
    return list(values.values())


def as_csv(area: Area, chinese: bool) -> bytes:
    """The two rows as CSV in UTF-8 with the mark by which spreadsheet programs know it."""
    out = io.StringIO()
    csv.writer(out).writerows([headings(chinese), example(area)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(area: Area, chinese: bool) -> bytes:
    """The two rows as a workbook whose columns are text, so that no code loses its zeros."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
        sheet = book.add_worksheet("名册" if chinese else "roster")
        sheet.set_column(0, len(_EXAMPLE) - 1, 20, text)
        sheet.freeze_panes(1, 0)
        for column, (heading, value) in enumerate(zip(headings(chinese), example(area), strict=True)):
            sheet.write_string(0, column, heading, bold)
            sheet.write_string(1, column, value, text)
    return out.getvalue()
