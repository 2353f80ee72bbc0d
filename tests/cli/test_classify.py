"""huiqi classify: the format that outside users rely on, and files as offices really save them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from huiqi.cli.classify import classify_command

HEADER = "case_id,industry_code,employees,revenue_wan,assets_wan"
OUT = [*HEADER.split(","), "size_class", "deciding_indicators", "to_next_class", "standard", "error"]
STANDARD = "工信部联企业〔2011〕300号"


def run(data: str | bytes, *arguments: str) -> Result:
    return CliRunner().invoke(classify_command, ["-", *arguments], input=data)


def rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def one(line: str) -> tuple[int, dict[str, str]]:
    """The exit status and the answer for one line, with a sound line after it that must be answered."""
    result = run(f"{HEADER}\n{line}\n9,8211,99,,\n")
    first, second = rows(result)
    assert second["size_class"] == "small"
    return result.exit_code, first


def test_the_columns_come_back_in_order_with_the_answers_behind() -> None:
    result = run(f"{HEADER}\na1,1353,300,2000,\n")
    assert result.exit_code == 0
    assert result.stdout == f"{','.join(OUT)}\na1,1353,300,2000,,medium,X+Y,large:X+700;Y+38000,{STANDARD},\n"


@pytest.mark.parametrize(
    ("cells", "size_class", "deciding", "to_next"),
    [
        ("0610,1000,40000,", "large", "X+Y", ""),
        ("1353,500,,", "undetermined:medium..micro", "", ""),
        ("1353,19,,", "micro", "X", "small:X+1"),
        ("4419,20,299.9999,", "micro", "Y", "small:Y+0.0001"),
        ("5320,300,3000,", "not_covered", "", ""),
        ("9411,3,,", "not_an_enterprise", "", ""),
        (",,,", "undetermined:large..micro", "", ""),
        ("7119,10,0,100", "small", "X+Z", "medium:X+90;Z+7900"),
        ("0314,2,500,1", "medium", "Y", "large:Y+19500"),
    ],
)
def test_every_kind_of_answer(cells: str, size_class: str, deciding: str, to_next: str) -> None:
    status, row = one(f"1,{cells}")
    assert status == 0
    assert (row["size_class"], row["deciding_indicators"], row["to_next_class"], row["error"]) == (
        size_class,
        deciding,
        to_next,
        "",
    )
    assert row["standard"] == STANDARD


def test_a_leading_zero_of_a_code_is_kept() -> None:
    assert one("1,0131,2,600,")[1]["industry_code"] == "0131"


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ("1353,-1,100,", "employees 是负数"),
        ("1353,1,-0.5,", "revenue_wan 是负数"),
        ("1353,abc,100,", "employees 不是数字"),
        ("1353,1,100,x", "assets_wan 不是数字"),
        ("1353,1.5,100,", "employees 不是整数"),
        ("1353,1,1.2E+05,", "科学计数法"),
        ("1353,1e2,1,", "科学计数法"),
        ('1353,1,"1,5",', "revenue_wan 不是数字"),
        ("1353,1,inf,", "不是数字"),
        ("1353,1,٣٤,", "不是数字"),
        ("1353,1,99999999999999999999,", "太大"),
        ("0000,1,1,", "没有大类 00"),
        ("9999,1,1,", "没有大类 99"),
        ("1.35E+03,1,1,", "不是行业代码"),
        ("6,1,1,", "不是行业代码"),
        ("1353,1,1", "有4格，表头有5格"),
        ("1353,1,1,1,1", "有6格，表头有5格"),
        ("1353,1\x00,1,", "空字符"),
    ],
)
def test_a_bad_cell_is_named_and_the_other_lines_are_answered(cells: str, what: str) -> None:
    status, row = one(f"bad,{cells}")
    assert status == 1
    assert what in row["error"] and row["error"].startswith("第2行") and "line 2" in row["error"]
    assert (row["case_id"], row["size_class"], row["standard"]) == ("bad", "", "")


@pytest.mark.parametrize(
    "cells",
    [
        '1353,300,"2,000",',
        "1353, 300 , 2000.00 ,",
        "1353,300.0,2000,",
        "１３５３,３００,２０００,",
        "C1353,300,2000,未知",
        "1353,300,2000,NA",
    ],
)
def test_figures_are_read_as_people_write_them(cells: str) -> None:
    status, row = one(f"1,{cells}")
    assert (status, row["size_class"]) == (0, "medium")


def test_the_columns_may_stand_in_another_order_and_others_are_left_out() -> None:
    result = run("name,assets_wan, Revenue_Wan ,employees,industry_code,case_id\n某,,2000,300,1353,7\n")
    assert result.exit_code == 0
    assert rows(result)[0]["size_class"] == "medium"
    assert list(rows(result)[0]) == OUT
    assert "name" in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_files_are_read_in_the_encodings_that_offices_use(encoding: str) -> None:
    result = run(f"{HEADER}\n喀什一号,1353,300,2000,\n".encode(encoding))
    assert result.exit_code == 0
    assert rows(result)[0]["case_id"] == "喀什一号"
    assert result.stdout.startswith("case_id")


def test_undecodable_bytes_are_an_error_of_their_line_only() -> None:
    data = f"{HEADER}\n甲,1353,300,2000,\n乙".encode() + b"\xff\xff" + ",1353,300,2000,\n丙,1353,300,2000,\n".encode()
    result = run(data)
    assert result.exit_code == 1
    found = rows(result)
    assert [row["size_class"] for row in found] == ["medium", "", "medium"]
    assert "UTF-8" in found[1]["error"]


def test_bytes_of_no_encoding_at_all_are_named() -> None:
    result = run(f"{HEADER}\n".encode() + b"\xff\xff\xff,1353,300,2000,\n")
    assert result.exit_code == 1
    assert "UTF-8" in rows(result)[0]["error"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_and_every_line_end_are_passed_over(end: str) -> None:
    result = run(end.join([HEADER, "", "1,1353,300,2000,", "   ", ",,,,", "2,1353,19,,", ""]).encode())
    assert result.exit_code == 0
    assert [row["case_id"] for row in rows(result)] == ["1", "2"]


def test_a_quoted_cell_may_hold_commas_quotes_and_line_ends() -> None:
    result = run(f'{HEADER}\n"a, ""b""\nc",1353,300,2000,\n')
    assert result.exit_code == 0
    assert rows(result)[0]["case_id"] == 'a, "b"\nc'


@pytest.mark.parametrize(("data", "what"), [("", "文件是空的"), ("\n\n", "文件是空的"), ("case_id,employees\n1,2\n", "industry_code, revenue_wan, assets_wan"), (f"{HEADER},employees\n", "列重复")])  # fmt: skip
def test_a_file_without_the_columns_is_a_wrong_call(data: str, what: str) -> None:
    result = run(data)
    assert result.exit_code == 2
    assert what in result.stderr
    assert result.stdout == ""


def test_a_header_alone_has_no_line_in_error() -> None:
    result = run(f"{HEADER}\n")
    assert (result.exit_code, result.stdout) == (0, ",".join(OUT) + "\n")


def test_a_file_that_does_not_exist_is_a_wrong_call() -> None:
    assert CliRunner().invoke(classify_command, ["nowhere.csv"]).exit_code == 2


def test_the_answer_goes_to_the_file_that_is_asked_for(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"{HEADER}\n1,1353,300,2000,\n", encoding="utf-8")
    result = CliRunner().invoke(classify_command, [str(source), "-o", str(target)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "medium" in target.read_text(encoding="utf-8")


def test_a_target_that_cannot_be_written_is_a_wrong_call(tmp_path: Path) -> None:
    result = run(f"{HEADER}\n", "-o", str(tmp_path / "missing" / "out.csv"))
    assert result.exit_code == 2
    assert "写不了" in result.stderr


def test_a_day_before_the_standard_has_no_answer_by_it() -> None:
    result = run(f"{HEADER}\n1,1353,300,2000,\n", "--on", "2011-06-17")
    assert (rows(result)[0]["size_class"], rows(result)[0]["standard"]) == ("not_covered", "")
    assert run(f"{HEADER}\n", "--on", "yesterday").exit_code == 2


def test_the_help_shows_an_example() -> None:
    assert "huiqi classify -" in CliRunner().invoke(classify_command, ["--help"]).stdout


@given(st.binary(max_size=200))
def test_no_file_makes_the_command_fail_without_words(data: bytes) -> None:
    for result in (run(data), run(HEADER.encode() + b"\n" + data)):
        assert result.exit_code in (0, 1, 2)
        assert result.exception is None or isinstance(result.exception, SystemExit)
