"""Reading rosters: whatever an office sends is either read rightly or refused with a row, a column and a remedy."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from registry_world import TODAY, demo_code, real_code

from huiqi.registry.problems import LISTED, Problem, Problems
from huiqi.registry.roster import Limits, Roster, read
from huiqi.registry.roster.reader import TYPES
from huiqi.registry.roster.workbook import column_letters, column_number
from huiqi.rules.dictionary import dictionary
from huiqi.rules.values import ValueProblem, read_value

Workbook = Callable[[Callable[[xlsxwriter.Workbook], None]], Path]


def read_text(text: str | bytes, **options: Any) -> Roster:
    data = text if isinstance(text, bytes) else text.encode()
    return read(io.BytesIO(data), dictionary(), allow_fictitious=True, today=TODAY, **options)


def only_problem(roster: Roster) -> Problem:
    (problem,) = roster.problems
    return problem


def values(roster: Roster, name: str) -> list[Any]:
    return roster.table[name].to_pylist()


@pytest.fixture
def workbook(tmp_path: Path) -> Workbook:
    """Makes an Excel file by a function that fills the workbook."""

    def make(fill: Callable[[xlsxwriter.Workbook], None]) -> Path:
        path = tmp_path / "roster.xlsx"
        with xlsxwriter.Workbook(path) as book:
            fill(book)
        return path

    return make


def read_file(path: Path, **options: Any) -> Roster:
    return read(path, dictionary(), allow_fictitious=True, today=TODAY, **options)


def sheet_of(*rows: list[Any]) -> Callable[[xlsxwriter.Workbook], None]:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("名册")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, (dt.date, dt.datetime)):
                    sheet.write_datetime(number, place, cell, book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    sheet.write(number, place, cell)

    return fill


# --- headings ---------------------------------------------------------------------------------------------------------


def test_headings_are_names_or_chinese_aliases_in_any_order() -> None:
    roster = read_text(f"营业收入,uscc,employees,企业名称\n86.5,{demo_code(1)},12,样例厂\n")
    assert not len(roster.problems)
    assert roster.names == ["样例厂"]
    assert roster.codes == roster.ids == [demo_code(1)]
    assert list(roster.records()) == [{"revenue": Decimal("86.5000"), "employees": 12, "uscc": demo_code(1)}]


def test_a_heading_may_carry_the_unit_of_its_fact() -> None:
    assert values(read_text("营业收入（万元）\n86.5\n"), "revenue") == [Decimal("86.5")]


def test_a_heading_with_another_unit_is_refused() -> None:
    problem = only_problem(read_text("营业收入（元）\n865000\n"))
    assert problem.row == 1
    assert "万元" in problem.what.zh


def test_an_unknown_heading_gets_a_suggestion() -> None:
    problem = only_problem(read_text("营业收人,employees\n5,5\n"))
    assert (problem.row, problem.column) == (1, "营业收人")
    assert "营业收入" in problem.remedy.zh


def test_the_same_fact_twice_is_refused() -> None:
    problem = only_problem(read_text("营业收入,revenue\n5,5\n"))
    assert problem.column == "revenue"
    assert "营业收入" in problem.what.zh


def test_a_column_without_a_heading_is_refused() -> None:
    assert "no heading" in only_problem(read_text("revenue,\n5,5\n")).what.en


def test_a_computed_fact_is_left_out_with_a_warning() -> None:
    roster = read_text("revenue,age_years\n5,5\n")
    assert only_problem(roster).severity == "warning"
    assert roster.facts == ["revenue"]


def test_without_credit_codes_a_row_is_known_by_its_id_or_its_number() -> None:
    assert read_text("编号,revenue\nA1,5\n").ids == ["A1"]
    assert read_text("revenue\n5\n\n6\n").ids == ["2", "4"]


# --- encodings and CSV ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_utf8_with_and_without_mark_and_gb18030_are_read(encoding: str) -> None:
    roster = read_text("企业名称,从业人员\n喀什样例纺织有限公司,12\n".encode(encoding))
    assert roster.names == ["喀什样例纺织有限公司"]
    assert values(roster, "employees") == [12]


def test_utf16_is_refused_with_the_remedy() -> None:
    roster = read_text("企业名称\n样例\n".encode("utf-16"))
    assert not roster.readable
    assert "UTF-8" in only_problem(roster).remedy.zh


def test_a_damaged_utf8_file_is_refused_with_byte_and_row() -> None:
    data = "企业名称,从业人员\n喀什样例纺织有限公司,12\n和田".encode() + b"\xff,3\n"
    problem = only_problem(read_text(data))
    assert f"byte {data.index(0xFF) + 1} (0xFF)" in problem.what.en
    assert problem.row == 3


def test_bytes_of_no_known_encoding_are_refused_with_byte_and_row() -> None:
    problem = only_problem(read_text(b"revenue\n5\n\xff\xff\n"))
    assert problem.row == 3
    assert "byte 11 (0xFF)" in problem.what.en


def test_nul_bytes_are_refused_with_their_row() -> None:
    problem = only_problem(read_text(b"revenue,employees\n5,1\n6,\x00\n"))
    assert problem.row == 3
    assert "NUL" in problem.what.en


@pytest.mark.parametrize("text", ["", "\n\n", " \n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert "empty" in only_problem(read_text(text)).what.en


def test_headings_without_rows_are_refused() -> None:
    assert "no rows" in only_problem(read_text("revenue\n")).what.en


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_commas_tabs_and_semicolons_separate(delimiter: str) -> None:
    assert values(read_text(f"revenue{delimiter}employees\n5{delimiter}6\n"), "employees") == [6]


def test_a_row_with_more_cells_than_headings_is_refused() -> None:
    problem = only_problem(read_text("revenue,employees\n1,234,5\n"))
    assert problem.row == 2
    assert "3 cells" in problem.what.en


def test_a_short_row_is_filled_with_unknowns() -> None:
    assert values(read_text("revenue,employees\n1\n"), "employees") == [None]


def test_quotation_marks_that_are_not_closed_are_refused() -> None:
    assert "quotation" in only_problem(read_text('企业名称\n"样例\n')).what.en


def test_rows_count_as_in_the_file_also_after_blank_rows() -> None:
    roster = read_text("revenue\n\n1\n\nx\n")
    assert only_problem(roster).row == 5
    assert values(roster, "revenue") == [1, None]


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "cell", "reason"),
    [
        ("employees", "-1", "negative"),
        ("employees", "1.5", "whole number"),
        ("revenue", "a lot", "a number"),
        ("revenue", "-0.01", "negative"),
        ("revenue", "123456789012345", "too large"),
        ("revenue", "=1+1", "formula"),
        ("market_share", "100.5", "exceed 100 %"),
        ("established_date", "2026-11-25", "still to come"),
        ("established_date", "2026-02-30", "no such day"),
        ("established_date", "1234567", "must be"),
        ("first_income_year", "2027", "still to come"),
        ("legal_form", "王国", "no option"),
        ("titles", "hte;king", "no option"),
        ("tech_sme_number", "=cmd|'/c calc'!A0", "runs as a formula"),
        ("tech_sme_number", "@SUM(1)", "runs as a formula"),
        ("企业名称", "+样例", "runs as a formula"),
        ("企业名称", "-样例", "runs as a formula"),
        ("企业名称", "样\x07例", "control characters"),
        ("企业名称", "样" * 201, "longer than 200"),
        ("industry_code", "17A1", "made of digits"),
        ("secondary_industry_codes", "1711;17", "four digits"),
        ("registration_region", "65", "made of digits"),
        ("uscc", "9.165E+17", "last digits are lost"),
        ("tech_sme_number", "清空", "cannot clear"),
        ("revenue", "清空", "cannot clear"),
        ("企业名称", "clear", "cannot clear"),
    ],
)
def test_a_bad_cell_is_told_with_row_and_column_and_counts_as_unknown(heading: str, cell: str, reason: str) -> None:
    roster = read_text(f'{heading},total_assets\n"{cell}",7\n')
    problem = only_problem(roster)
    assert (problem.row, problem.column, problem.severity) == (2, heading, "error")
    assert reason in problem.what.en
    assert problem.remedy.zh and problem.remedy.en
    assert next(roster.records()) == {"total_assets": 7}


def test_a_loss_and_a_debt_above_the_assets_are_no_slips() -> None:
    assert not len(read_text("taxable_income,debt_ratio,revenue_cagr_2y\n-5,130,-20\n").problems)


def test_known_none_is_a_value_and_blank_is_unknown() -> None:
    rows = list(read_text("titles,tax_arrears,employees,listing_stage,revenue\n无,否,0,无,\n,,,,5\n").records())
    assert rows[0] == {"titles": frozenset(), "tax_arrears": False, "employees": 0, "listing_stage": "none"}
    assert rows[1] == {"revenue": 5}


def test_numbers_are_kept_to_four_places() -> None:
    text = 'revenue\n0.00005\n" 1,234.5 "\n１２３\n-0\n1e3\n'
    assert values(read_text(text), "revenue") == [Decimal("0.0001"), Decimal("1234.5"), 123, 0, 1000]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (demo_code(7)[:-1], "17"),
        (demo_code(7)[:-1] + ("1" if demo_code(7)[-1] != "1" else "2"), "check character"),
        ("9165010OMA00000123", "O"),
    ],
)
def test_a_bad_credit_code_is_refused(code: str, reason: str) -> None:
    problem = only_problem(read_text(f"uscc,revenue\n{code},5\n"))
    assert reason in problem.what.en


def test_a_code_that_stands_twice_is_refused_with_both_rows() -> None:
    problem = only_problem(read_text(f"uscc,revenue\n{demo_code(1)},5\n{demo_code(2)},5\n {demo_code(1).lower()} ,6\n"))
    assert problem.row == 4
    assert "row 2" in problem.what.en


def test_codes_of_the_demonstration_stay_out_of_a_live_system() -> None:
    def roster(code: str) -> Roster:
        return read(io.BytesIO(f"uscc,revenue\n{code},5\n".encode()), dictionary())

    assert "fictitious" in only_problem(roster(demo_code(1))).what.en
    assert not len(roster(real_code(1)).problems)


def test_a_column_that_is_wrong_in_every_row_is_counted_and_not_listed_without_end() -> None:
    roster = read_text("revenue\n" + "x\n" * (LISTED + 5))
    assert roster.problems.errors == LISTED + 5
    assert len(roster.problems.listed) == LISTED


# --- Excel ------------------------------------------------------------------------------------------------------------


def test_an_excel_file_is_read_with_its_numbers_dates_and_truths(workbook: Workbook) -> None:
    path = workbook(
        sheet_of(
            ["企业名称", "uscc", "营业收入", "从业人员", "成立日期", "欠税", "行业代码"],
            ["样例厂", demo_code(1), 86.5, 12, dt.date(2020, 5, 1), False, "0111"],
            ["样例店", demo_code(2), 0.1 + 0.2, None, "2021年3月4日", "是", "5210"],
        )
    )
    roster = read_file(path)
    assert not len(roster.problems)
    assert list(roster.records()) == [
        {
            "revenue": Decimal("86.5"), "employees": 12, "established_date": dt.date(2020, 5, 1),
            "tax_arrears": False, "industry_code": "0111", "uscc": demo_code(1),
        },
        {
            "revenue": Decimal("0.3"), "established_date": dt.date(2021, 3, 4),
            "tax_arrears": True, "industry_code": "5210", "uscc": demo_code(2),
        },
    ]  # fmt: skip


def test_a_table_need_not_begin_in_the_first_row(workbook: Workbook) -> None:
    roster = read_file(workbook(sheet_of([], [], ["revenue"], ["x"])))
    assert only_problem(roster).row == 4


def test_formulas_are_refused_with_their_place(workbook: Workbook) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["employees", "revenue"])
        sheet.write_row(1, 0, [3, 5])
        sheet.write_formula(2, 1, "=B2*2", None, 10)

    problem = only_problem(read_file(workbook(fill)))
    assert (problem.row, problem.column, problem.value) == (3, "revenue", "B3")
    assert "formula" in problem.what.en


def test_a_text_that_looks_like_a_formula_is_no_formula_but_refused_as_text(workbook: Workbook) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "企业名称")
        sheet.write_string(1, 0, "=<f>1</f>")

    assert "runs as a formula" in only_problem(read_file(workbook(fill))).what.en


def test_error_values_are_refused_with_their_place(tmp_path: Path, workbook: Workbook) -> None:
    path = workbook(sheet_of(["employees", "revenue"], [1, 12345]))
    path = rewrite(path, tmp_path, b"<v>12345</v>", b"<v>#N/A</v>", (b'<c r="B2">', b'<c r="B2" t="e">'))
    problem = only_problem(read_file(path))
    assert (problem.row, problem.column, problem.value) == (2, "revenue", "#N/A")
    assert "error value" in problem.what.en


def rewrite(path: Path, folder: Path, old: bytes, new: bytes, *more: tuple[bytes, bytes]) -> Path:
    """The workbook with a change in the XML of its first sheet."""
    changed = folder / "changed.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            data = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                for before, after in ((old, new), *more):
                    assert before in data
                    data = data.replace(before, after)
            target.writestr(part.filename, data)
    return changed


def test_merged_cells_are_refused_with_their_place(workbook: Workbook) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["revenue", "employees"])
        sheet.merge_range("A2:A3", 5)
        sheet.write_column(1, 1, [1, 2])

    problem = only_problem(read_file(workbook(fill)))
    assert (problem.row, problem.column, problem.value) == (2, "revenue", "A2:A3")


def test_percentages_are_refused_because_excel_stores_their_hundredth(workbook: Workbook) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["employees", "market_share"])
        sheet.write_number(1, 0, 5)
        sheet.write_number(1, 1, 0.03, book.add_format({"num_format": "0.0%"}))

    problem = only_problem(read_file(workbook(fill)))
    assert (problem.row, problem.column) == (2, "market_share")
    assert "percentage" in problem.what.en


def test_dates_that_are_stored_as_numbers_are_read_with_a_warning(workbook: Workbook) -> None:
    roster = read_file(workbook(sheet_of(["established_date"], [45292], [45293])))
    assert values(roster, "established_date") == [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]
    assert only_problem(roster).severity == "warning"


def test_a_year_is_no_day(workbook: Workbook) -> None:
    assert only_problem(read_file(workbook(sheet_of(["established_date"], [2020])))).severity == "error"


def test_codes_that_are_stored_as_numbers_are_explained(workbook: Workbook) -> None:
    roster = read_file(
        workbook(sheet_of(["industry_code", "registration_region"], [1711, 653101], [111, 653101], [17.5, 653101]))
    )
    errors = [problem for problem in roster.problems if problem.severity == "error"]
    assert [(problem.row, problem.column) for problem in errors] == [(3, "industry_code"), (4, "industry_code")]
    assert "leading zero" in errors[0].what.en
    assert {problem.column for problem in roster.problems if problem.severity == "warning"} == {
        "industry_code",
        "registration_region",
    }
    assert values(roster, "industry_code") == ["1711", None, None]
    assert values(roster, "registration_region") == ["653101"] * 3


def test_a_credit_code_that_is_stored_as_a_number_has_lost_its_last_digits(workbook: Workbook) -> None:
    roster = read_file(workbook(sheet_of(["uscc", "revenue"], [916501007890123456, 5])))
    assert "last digits are lost" in only_problem(roster).what.en


def test_only_the_first_sheet_with_content_is_read_and_the_others_are_named(workbook: Workbook) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("空")
        for name in ("名册", "说明"):
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, ["revenue", 5])
        hidden = book.add_worksheet("隐藏")
        hidden.write(0, 0, "x")
        hidden.hide()

    roster = read_file(workbook(fill))
    assert values(roster, "revenue") == [5]
    problem = only_problem(roster)
    assert problem.severity == "warning"
    assert "说明" in problem.what.zh


def test_an_empty_workbook_is_refused(workbook: Workbook) -> None:
    assert "empty" in only_problem(read_file(workbook(lambda book: book.add_worksheet()))).what.en


def test_a_cell_at_the_far_end_of_the_sheet_is_refused_before_it_fills_the_memory(workbook: Workbook) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["revenue", 5])
        sheet.write(1_048_575, 16_383, "x")

    problem = only_problem(read_file(workbook(fill)))
    assert "XFD" in problem.what.en


def test_a_file_that_is_no_workbook_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("letter.txt", "x")
    assert "damaged" in only_problem(read_text(buffer.getvalue())).what.en
    assert "damaged" in only_problem(read_text(b"PK\x03\x04nonsense")).what.en


def test_an_old_or_encrypted_excel_file_is_refused() -> None:
    assert ".xlsx" in only_problem(read_text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")).remedy.zh


def test_a_document_type_declaration_is_refused(tmp_path: Path, workbook: Workbook) -> None:
    path = workbook(sheet_of(["revenue"], [5]))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet '
    assert "damaged" in only_problem(read_file(rewrite(path, tmp_path, b"<worksheet ", bomb))).what.en


def test_a_zip_bomb_is_refused_by_its_unpacked_size(workbook: Workbook) -> None:
    path = workbook(sheet_of(["企业名称"], *[["样例" * 100 + str(i)] for i in range(2_000)]))
    roster = read_file(path, limits=Limits(unpacked=100_000))
    assert "unpacks to" in only_problem(roster).what.en


def test_a_part_that_unpacks_to_more_than_it_declares_is_refused(workbook: Workbook) -> None:
    path = workbook(sheet_of(["企业名称"], *[["样例" * 100] for _ in range(2_000)]))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/sharedStrings.xml")
    directory = data.rindex(b"xl/sharedStrings.xml") - 46
    data[directory + 24 : directory + 28] = (100).to_bytes(4, "little")
    assert part.file_size > 100
    assert "damaged" in only_problem(read_text(bytes(data))).what.en


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_file_with_too_many_rows_is_refused(workbook: Workbook, tmp_path: Path) -> None:
    limits = Limits(rows=2)
    assert "the limit is 2" in only_problem(read_text("revenue\n1\n2\n3\n", limits=limits)).what.en
    assert (
        "the limit is 2"
        in only_problem(read_file(workbook(sheet_of(["revenue"], [1], [2], [3])), limits=limits)).what.en
    )
    pq.write_table(pa.table({"revenue": [1.0, 2.0, 3.0]}), tmp_path / "r.parquet")
    assert "the limit is 2" in only_problem(read_file(tmp_path / "r.parquet", limits=limits)).what.en
    assert not len(read_text("revenue\n1\n2\n", limits=limits).problems)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("revenue\n" + "1\n" * 100, encoding="utf-8")
    assert "limit" in only_problem(read_file(path, limits=Limits(bytes=100))).what.en
    with path.open("rb") as file:
        assert "limit" in only_problem(read(file, dictionary(), limits=Limits(bytes=100))).what.en


# --- Parquet ----------------------------------------------------------------------------------------------------------


def test_a_parquet_file_is_read_with_its_types(tmp_path: Path) -> None:
    path = tmp_path / "roster.parquet"
    table = pa.table(
        {
            "uscc": [demo_code(1), demo_code(2)],
            "企业名称": ["样例厂", "样例店"],
            "revenue": pa.array([86.5, float("nan")]),
            "total_assets": pa.array([Decimal("1.23456"), None], pa.decimal128(20, 5)),
            "revenue_prev": pa.array([5, None], pa.int32()),
            "employees": pa.array([12.0, None]),
            "tax_arrears": [False, None],
            "titles": pa.array([["tech_sme", "hte"], []], pa.list_(pa.string())),
            "established_date": pa.array([dt.date(2020, 1, 1), None]),
            "legal_form": pa.array(["公司", None]).dictionary_encode(),
        }
    )
    pq.write_table(table, path)
    roster = read_file(path)
    assert not len(roster.problems)
    assert [field.type for field in roster.table.schema] == [TYPES[dictionary()[n].type] for n in roster.facts]
    assert list(roster.records()) == [
        {
            "revenue": Decimal("86.5"), "total_assets": Decimal("1.2346"), "revenue_prev": 5, "employees": 12,
            "tax_arrears": False, "titles": frozenset({"hte", "tech_sme"}), "established_date": dt.date(2020, 1, 1),
            "legal_form": "company", "uscc": demo_code(1),
        },
        {"titles": frozenset(), "uscc": demo_code(2)},
    ]  # fmt: skip


def test_bad_cells_of_a_parquet_file_are_told_by_their_record(tmp_path: Path) -> None:
    path = tmp_path / "roster.parquet"
    pq.write_table(pa.table({"employees": [1.0, 1.5], "revenue": [1e20, 5.0], "industry_code": [111, 1711]}), path)
    found = {(problem.row, problem.column) for problem in read_file(path).problems if problem.severity == "error"}
    assert found == {(2, "employees"), (1, "revenue"), (1, "industry_code")}


def test_a_damaged_parquet_file_is_refused() -> None:
    assert "damaged" in only_problem(read_text(b"PAR1nonsense")).what.en


@pytest.mark.parametrize(
    "column",
    [
        pa.array([2**31 - 1], pa.int32()).view(pa.date32()),
        pa.array([2**62], pa.int64()).view(pa.timestamp("us")),
        pa.array([b"\xff\xfe"]).view(pa.string()),
    ],
)
def test_impossible_days_and_text_in_a_parquet_file_are_refused(column: pa.Array) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"established_date": column}), buffer, write_statistics=False)
    assert "damaged" in only_problem(read_text(buffer.getvalue())).what.en


# --- laws -------------------------------------------------------------------------------------------------------------

cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "无", "是", "否", "0", "12", "-3", "1,234.50", "45292", "2020-01-01", "公司", "hte;tech_sme", "nan"]
    ),
    st.decimals(-(10**15), 10**15, places=3).map(str),
)
plain_facts = ["revenue", "taxable_income", "employees", "tax_arrears", "legal_form", "titles", "vat_type"]


@given(st.sampled_from(plain_facts), st.lists(cells, min_size=1, max_size=8))
def test_a_column_is_read_as_its_cells_are_read_one_by_one(name: str, column: list[str]) -> None:
    fact = dictionary()[name]
    table = pa.table({name: pa.array(column, pa.string())})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    roster = read_text(buffer.getvalue())
    refused = {problem.row for problem in roster.problems}
    for row, (raw, value) in enumerate(zip(column, values(roster, name), strict=True), start=1):
        try:
            expected = read_value(fact, raw)
        except ValueProblem:
            assert row in refused
            continue
        if row in refused:
            assert value is None
        elif isinstance(expected, frozenset):
            assert frozenset(value) == expected
        elif isinstance(expected, Decimal):
            assert abs(value - expected) <= Decimal("0.00005")
        else:
            assert value == expected


@given(st.binary(max_size=300))
def test_whatever_the_bytes_reading_ends_with_a_table_or_a_problem(data: bytes) -> None:
    roster = read_text(data)
    assert roster.readable or roster.problems.errors


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    """The parts of a sound workbook."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet_of(["企业名称", "revenue"], *[[f"样例{i}", i] for i in range(5)])(book)
    with zipfile.ZipFile(buffer) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@given(
    st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]),
    st.integers(0, 5_000),
    st.integers(0, 6),
    st.sampled_from([b"", b"9999", b"<", b'"', b"/>", b"-1", b"ZZZ", b"\xff"]),
)
def test_however_a_workbook_is_damaged_reading_ends_with_a_table_or_a_problem(
    parts: dict[str, bytes], part: str, place: int, lost: int, found: bytes
) -> None:
    place %= len(parts[part])
    damaged = parts[part][:place] + found + parts[part][place + lost :]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, damaged if name == part else data)
    roster = read_text(buffer.getvalue())
    assert roster.readable or roster.problems.errors


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "picture"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x1f\x8b\x08\0", "archive"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "web page"),
    ],
)
def test_what_is_no_table_is_refused_for_what_it_is(data: bytes, kind: str) -> None:
    problem = only_problem(read_text(data))
    assert kind in problem.what.en
    assert ".xlsx" in problem.remedy.zh


def test_parquet_files_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "roster.parquet"
    pq.write_table(pa.table({"uscc": [demo_code(1)]}), path)
    assert read_file(path).readable
    assert "CSV" in only_problem(read_file(path, limits=Limits(parquet=False))).remedy.en


def test_a_csv_file_with_more_cells_than_may_be_is_refused_before_it_fills_the_memory() -> None:
    problem = only_problem(read_text("a," * 1_000 + "\n" + "1\n" * 1_000, limits=Limits(cells=1_000_000)))
    assert "1,001 columns" in problem.what.en


@pytest.mark.parametrize("often", [1, 200])
def test_a_long_text_that_stands_in_many_cells_is_refused(workbook: Workbook, often: int) -> None:
    text = "样" * 10_000
    path = workbook(sheet_of(["企业名称", "revenue"], *[[text if i < often else f"样例{i}", 1] for i in range(200)]))
    roster = read_file(path, limits=Limits(unpacked=1_000_000))
    assert ("unpacks to" in roster.problems.listed[0].what.en) is (often == 200)


@given(st.integers(0, 16_383))
def test_columns_are_numbered_as_excel_letters_them(number: int) -> None:
    assert column_number(column_letters(number)) == number


def test_the_list_of_problems_can_be_opened_in_a_spreadsheet_without_running_anything() -> None:
    roster = read_text("企业名称\n=HYPERLINK(1)\n")
    text = roster.problems.csv("zh-hans")
    assert text.startswith("\ufeff行,列,值")
    assert "'=HYPERLINK(1)" in text
    assert roster.problems.csv("en").startswith("\ufeffrow,column")
    told = Problems()
    for value in ("=1", "+1", "-1", "@x", " =1", "＝1"):
        told.add(*_words(), value=value, column="\t=1")
    for line in csv.reader(io.StringIO(told.csv("en").removeprefix("\ufeff"))):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "＝")) for cell in line), line
    assert Problem(3, "营业收入", "x", *_words()).text("en").startswith("row 3, '营业收入': x")
    assert len(Problems()) == 0


def _words() -> tuple[Any, Any]:
    problem = only_problem(read_text("revenue\nx\n"))
    return problem.what, problem.remedy
