"""huiqi match: a roster in, a row an enterprise out; what is wrong in the roster is told and the rest is answered."""

from __future__ import annotations

import csv
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from huiqi.cli import group
from huiqi.opportunities.library import policy_folder

DAY = ["--on", "2026-11-24"]
HEADER = ["企业名称", "组织形式", "增值税纳税人类型", "月销售额"]
SHOP, FIRM = ["甲", "个体工商户", "小规模纳税人", "8.6"], ["乙", "公司", "一般纳税人", "500"]


def run(*arguments: str, data: bytes | None = None) -> Result:
    result = CliRunner().invoke(group, ["match", *arguments], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def roster(tmp_path: Path) -> Any:
    def write(*rows: list[str], header: list[str] = HEADER, encoding: str = "utf-8") -> str:
        path = tmp_path / "roster.csv"
        path.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n", encoding=encoding)
        return str(path)

    return write


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_row_an_enterprise_and_a_summary(roster):
    result = run(roster(SHOP, FIRM), *DAY, "--lang", "en")
    assert result.exit_code == 0
    first, second = lines(result)
    assert list(first) == ["id", "eligible", "unknown", "amount"]
    assert "vat-small-scale-exempt" in first["eligible"] and first["amount"] == "10217.82"
    assert "vat-small-scale-exempt" not in second["eligible"] + second["unknown"]
    assert "2 enterprises x 124 policies on 2026-11-24" in result.stderr
    assert "pairs/s" in result.stderr


def test_standard_input_is_a_roster_too(roster):
    path = roster(SHOP)
    assert lines(run("-", *DAY, data=Path(path).read_bytes())) == lines(run(path, *DAY))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_offices(roster, encoding):
    assert lines(run(roster(SHOP, encoding=encoding), *DAY))[0]["amount"] == "10217.82"


def test_excel_and_parquet_give_the_answers_of_csv(roster, tmp_path):
    expected = lines(run(roster(SHOP, FIRM), *DAY))
    book = xlsxwriter.Workbook(tmp_path / "roster.xlsx")
    sheet = book.add_worksheet()
    for n, row in enumerate([HEADER, SHOP, FIRM]):
        sheet.write_row(n, 0, row)
    book.close()
    assert lines(run(str(tmp_path / "roster.xlsx"), *DAY)) == expected
    table = pa.table(
        {
            "legal_form": ["individual_business", "company"],
            "vat_type": ["small_scale", "general"],
            "monthly_sales": pa.array([Decimal("8.6"), Decimal(500)], pa.decimal128(18, 4)),
        }
    )
    parquet.write_table(table, tmp_path / "roster.parquet")
    got = lines(run(str(tmp_path / "roster.parquet"), *DAY))
    assert [{**row, "id": None} for row in got] == [{**row, "id": None} for row in expected]


def test_the_result_as_parquet_csv_and_json_lines(roster, tmp_path):
    source = roster(SHOP, FIRM)
    expected = lines(run(source, *DAY))
    for ending in ("parquet", "csv", "jsonl"):
        target = tmp_path / f"out.{ending}"
        result = run(source, *DAY, "-o", str(target))
        assert result.exit_code == 0 and "2 家企业 × 124 项政策" in result.stdout
        if ending == "parquet":
            got = parquet.read_table(target).to_pylist()
            assert [row["amount"] for row in got] == [Decimal(row["amount"]) for row in expected]
        elif ending == "jsonl":
            assert [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()] == expected
            continue
        else:
            with target.open(encoding="utf-8", newline="") as handle:
                got = [
                    {
                        **row,
                        "eligible": list(filter(None, row["eligible"].split(";"))),
                        "unknown": list(filter(None, row["unknown"].split(";"))),
                    }
                    for row in csv.DictReader(handle)
                ]
            assert [Decimal(row["amount"]) for row in got] == [Decimal(row["amount"]) for row in expected]
        assert [(row["id"], row["eligible"], row["unknown"]) for row in got] == [
            (row["id"], row["eligible"], row["unknown"]) for row in expected
        ]
    assert not list(tmp_path.glob("*.part"))


def test_the_summary_as_json(roster, tmp_path):
    summary = json.loads(run(roster(SHOP, FIRM), *DAY, "--json").stdout)
    assert (summary["on"], summary["enterprises"], summary["bad_cells"], len(summary["policies"])) == (
        "2026-11-24",
        2,
        0,
        124,
    )
    assert len(summary["rows"]) == 2 and summary["seconds"] >= 0 and summary["pairs_per_second"] > 0
    exempt = next(row for row in summary["policies"] if row["policy"] == "vat-small-scale-exempt")
    assert (exempt["eligible"], exempt["not_eligible"], exempt["unknown"], exempt["amount"], exempt["amount_per"]) == (
        1,
        1,
        0,
        "10217.82",
        "year",
    )
    assert all(row["eligible"] + row["not_eligible"] + row["unknown"] == 2 for row in summary["policies"])
    filed = json.loads(run(roster(SHOP, FIRM), *DAY, "--json", "-o", str(tmp_path / "x.parquet")).stdout)
    assert "rows" not in filed


def test_the_law_of_the_day(roster):
    source = roster(SHOP)
    (before,) = lines(run(source, "--on", "2025-12-31"))
    assert "vat-small-scale-exempt-2023" in before["eligible"] and "vat-small-scale-exempt" not in before["eligible"]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("abc", "must be a number"),
        ("1e400", "too large"),
        ("1e-999999999", "decimal places"),
        ("8,6", "must be a number"),
        ("-", None),
        ("9" * 40, "too large"),
        ("８．６万", "must be a number"),
    ],
)
def test_a_bad_cell_is_told_by_row_and_column_and_counts_as_unknown(roster, cell, words):
    bad = [SHOP[0], SHOP[1], SHOP[2], f'"{cell}"']
    result = run(roster(SHOP, bad, SHOP), *DAY, "--lang", "en")
    first, second, third = lines(result)
    assert first["eligible"] == third["eligible"] and "vat-small-scale-exempt" in first["eligible"]
    assert "vat-small-scale-exempt" in second["unknown"]
    if words:
        assert result.exit_code == 1
        assert "row 3" in result.stderr and "月销售额" in result.stderr and words in result.stderr


def test_an_unknown_column_is_told_with_the_name_that_was_meant(roster):
    result = run(roster([*SHOP, "3"], header=[*HEADER, "emplyees"]), *DAY, "--lang", "en")
    assert result.exit_code == 1
    assert "employees" in result.stderr
    assert lines(result)[0]["amount"] == "10217.82", "the other columns are read all the same"


def test_a_roster_without_a_single_fact_is_answered(roster):
    result = run(roster(["甲"], ["乙"], header=["企业名称"]), *DAY)
    assert result.exit_code == 0
    assert [(row["eligible"], row["amount"]) for row in lines(result)] == [([], "0"), ([], "0")]
    assert len(lines(run(roster(["1", "2"], header=["nonsense", "emplyees"]), *DAY))) == 1


def test_many_bad_cells_are_counted_and_not_all_listed(roster):
    result = run(roster(*[[*SHOP[:3], "x"]] * 500), *DAY, "--json")
    summary = json.loads(result.stdout)
    assert result.exit_code == 1 and summary["bad_cells"] == 500
    assert len(result.stderr.splitlines()) <= 202


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"employees\n", b"employees\n3\x00\n", b"employees\n\xff\xfe\xfd\n", b"PK\x03\x04 no workbook", b"PAR1 no parquet PAR1", b"\x00" * 100, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600],
)  # fmt: skip
def test_a_file_that_is_no_roster_ends_with_status_2_and_says_why(tmp_path, content):
    for name in ("roster.csv", "roster.xlsx", "roster.parquet"):
        path = tmp_path / name
        path.write_bytes(content)
        result = run(str(path), *DAY)
        assert result.exit_code == 2 and result.stdout == ""
        assert result.stderr.strip() and "Traceback" not in result.stderr
    assert run("-", *DAY, data=content).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["missing.csv"], ["."], ["{roster}", "--on", "2026-02-30"], ["{roster}", "-o", "out.txt"], ["{roster}", "-o", "out"], ["{roster}", "-o", "/nonsense/out.parquet"],
        ["{roster}", "-o", "/nonsense/out.csv"], ["{roster}", "-o", "/nonsense/out.jsonl"], ["{roster}", "--engine", "abacus"], ["{roster}", "--policies", "/nonsense"], ["{roster}", "extra"],
    ],
)  # fmt: skip
def test_a_wrong_call_ends_with_status_2(roster, arguments):
    path = roster(SHOP)
    result = run(*(argument.replace("{roster}", path) for argument in arguments))
    assert result.exit_code == 2 and result.stdout == ""
    assert result.stderr.strip()


def test_another_library_can_be_named(roster, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(policy_folder() / "vat-small-scale-exempt.yaml", folder)
    result = run(roster(SHOP), *DAY, "--policies", str(folder), "--json")
    summary = json.loads(result.stdout)
    assert [row["policy"] for row in summary["policies"]] == ["vat-small-scale-exempt"]
    assert summary["rows"][0]["eligible"] == ["vat-small-scale-exempt"]
