"""Industries: the list of the product, and the official table that an administrator loads."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import xlsxwriter
from django.db import IntegrityError, transaction

from huiqi.registry.models import Industry
from huiqi.registry.reference import import_industries, section_of_division

pytestmark = pytest.mark.django_db

OFFICIAL = "代码,类别名称\nA,农、林、牧、渔业\n01,农业\n011,谷物种植\n0111,稻谷种植\n0112,小麦种植\n"


def table(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


def test_the_standard_has_20_sections_and_97_divisions(reference: None) -> None:
    assert Industry.objects.filter(level="section").count() == 20
    assert Industry.objects.filter(level="division").count() == 97
    assert len(section_of_division()) == 97


def test_every_industry_stands_under_the_code_that_is_one_digit_shorter(reference: None) -> None:
    for industry in Industry.objects.exclude(level="section"):
        assert industry.parent_id == (industry.section if industry.level == "division" else industry.code[:-1])


def test_a_section_is_asked_for_by_its_letter_and_the_rest_by_digits(reference: None) -> None:
    assert {i.section for i in Industry.objects.under("C")} == {"C"}
    assert {i.code[:2] for i in Industry.objects.under("17")} == {"17"}


@pytest.mark.parametrize(
    "fields", [{"code": "0111", "level": "group"}, {"code": "A", "level": "section", "section": "B"}]
)
def test_the_code_of_an_industry_tells_its_level(db: None, fields: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Industry.objects.create(**({"section": "A", "name_zh": "样例"} | fields))


def test_a_dry_run_of_the_official_table_writes_nothing(reference: None) -> None:
    before = Industry.objects.count()
    report = import_industries(table(OFFICIAL))
    assert report.accepted and not report.written
    assert report.new > 0
    assert Industry.objects.count() == before


def test_the_official_table_is_loaded_with_levels_and_parents_from_the_codes(reference: None) -> None:
    report = import_industries(table(OFFICIAL), dry_run=False)
    assert report.written
    wheat = Industry.objects.get(pk="0112")
    assert (wheat.level, wheat.parent_id, wheat.section, wheat.name_zh) == ("class", "011", "A", "小麦种植")
    again = import_industries(table(OFFICIAL), dry_run=False)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 5)


def test_a_corrected_name_replaces_the_old_one_and_keeps_the_english_name(reference: None) -> None:
    report = import_industries(table("code,name\n01,农业（修订）\n"), dry_run=False)
    assert (report.new, report.updated) == (0, 1)
    division = Industry.objects.get(pk="01")
    assert division.name_zh == "农业（修订）"
    assert division.name_en


def test_the_official_table_may_come_as_excel(reference: None, tmp_path: Path) -> None:
    path = tmp_path / "industries.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(OFFICIAL.splitlines()):
            sheet.write_row(row, 0, line.split(","))
    assert import_industries(path, dry_run=False).written


def test_codes_that_excel_has_made_numbers_are_refused(reference: None, tmp_path: Path) -> None:
    path = tmp_path / "industries.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["代码", "名称"])
        sheet.write_row(1, 0, [111, "稻谷种植"])
    report = import_industries(path, dry_run=False)
    assert not report.accepted
    assert "leading zero" in report.problems.listed[0].what.en


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0991,没有中类", "level above"),
        ("9911,没有大类", "no division 99"),
        ("01111,五位", "no industry code"),
        ("Z,没有门类", "no industry code"),
        ("0111,又一次", "same code"),
        ("0113,", "name is missing"),
    ],
)
def test_one_bad_row_and_nothing_of_the_table_is_loaded(reference: None, line: str, reason: str) -> None:
    before = list(Industry.objects.values())
    report = import_industries(table(OFFICIAL + line + "\n"), dry_run=False)
    (problem,) = report.problems
    assert reason in problem.what.en
    assert problem.row == 7
    assert not report.written
    assert list(Industry.objects.values()) == before


def test_a_table_without_a_column_of_codes_is_refused(reference: None) -> None:
    assert not import_industries(table("编码,名称\n01,农业\n"), dry_run=False).accepted
