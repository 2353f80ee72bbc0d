"""How long does it take to import a roster: reading, checking, database, and the same file again.

    python bench/import_roster.py [--rows 100000]

Writes a roster of so many invented enterprises with 38 facts (and name and credit code) as CSV and as Excel into a
temporary folder, and imports it into an embedded PostgreSQL of its own with the durability of a real one.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HEADINGS = [
    "legal_form", "ownership_type", "established_date", "registration_status", "registration_region", "operating_region",
    "is_bingtuan", "special_zone", "industry_code", "abnormal_listed", "serious_dishonesty", "employees", "revenue",
    "revenue_prev", "revenue_prev2", "total_assets", "large_affiliation", "debt_ratio", "taxable_income", "vat_type",
    "monthly_sales", "tax_credit_grade", "tax_arrears", "rd_expense", "rd_expense_prev", "rd_staff_share", "class1_ip",
    "titles", "market_share", "insured_staff", "layoff_rate", "graduate_hires", "owner_groups", "loan_principal",
    "loan_interest", "overdue_amount", "export_value", "has_government_contract",
]  # fmt: skip


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"{what:<48}{time.perf_counter() - start:8.2f} s", flush=True)


def invented(count: int) -> list[list[str]]:
    """Rows of text cells under HEADINGS, name and credit code first; about 15 % of the facts are blank."""
    import numpy as np

    from huiqi.registry.credit_code import make_fictitious
    from huiqi.registry.reference import DATA
    from huiqi.rules.dictionary import dictionary

    random = np.random.default_rng(57)
    counties = [line.split(",")[0] for line in (DATA / "regions.csv").read_text(encoding="utf-8").splitlines()[2:]]
    columns: list[Any] = []
    for name in HEADINGS:
        fact = dictionary()[name]
        members = np.array([member.label.zh for member in fact.members or ()] or ["无"])
        match fact.type:
            case "boolean":
                cells = np.where(random.random(count) < 0.05, "是", "否")
            case "integer":
                cells = random.geometric(0.05, count).astype(str)
            case "decimal":
                high = 2 if fact.unit == "%" else 6
                cells = np.char.mod("%.2f", 10 ** (random.random(count) * high))
            case "date":
                cells = (np.datetime64("2026-11-01") - random.integers(0, 9_000, count)).astype(str)
            case "set":
                cells = np.where(random.random(count) < 0.8, "无", random.choice(members, count))
            case "enum":
                cells = random.choice(members, count)
            case _:
                cells = random.choice(counties if "region" in name else ["1711", "5610", "6210", "0111", "4710"], count)
        blank = (random.random(count) < 0.15) & (name != "registration_region")
        columns.append(np.where(blank, "", cells).tolist())
    names = [f"喀什珩砚{i}纺织有限公司（样例）" for i in range(count)]
    codes = [make_fictitious("1", f"{i % 14 + 1:02d}", i) for i in range(count)]
    return [list(row) for row in zip(names, codes, *columns, strict=True)]


def write_csv(path: Path, rows: list[list[str]]) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["企业名称", "uscc", *HEADINGS])
        writer.writerows(rows)


def write_excel(path: Path, rows: list[list[str]]) -> None:
    import xlsxwriter

    from huiqi.rules.dictionary import dictionary

    numeric = {i + 2 for i, name in enumerate(HEADINGS) if dictionary()[name].type in ("integer", "decimal")}
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, ["企业名称", "uscc", *HEADINGS])
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if cell and place in numeric:
                    sheet.write_number(number, place, float(cell))
                elif cell:
                    sheet.write_string(number, place, cell)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huiqi-bench-") as folder:
        os.environ["HUIQI_HOME"] = str(Path(folder) / "home")
        os.environ["HUIQI_DEMO"] = "1"
        os.environ["DJANGO_SETTINGS_MODULE"] = "huiqi.config.settings"
        from huiqi.config import embedded

        with embedded.start(Path(folder) / "home"):
            run(Path(folder), arguments.rows)


def run(folder: Path, count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from huiqi.registry.models import Statement
    from huiqi.registry.reference import load_reference_data
    from huiqi.registry.roster import read
    from huiqi.registry.roster.importer import import_roster
    from huiqi.rules.dictionary import dictionary

    call_command("migrate", verbosity=0)
    load_reference_data()
    rows = invented(count)
    csv_path, excel_path = folder / "roster.csv", folder / "roster.xlsx"
    write_csv(csv_path, rows)
    write_excel(excel_path, rows)
    print(
        f"{count:,} rows, {len(HEADINGS) + 2} columns; CSV {csv_path.stat().st_size / 1e6:.0f} MB, Excel {excel_path.stat().st_size / 1e6:.0f} MB"
    )
    del rows

    def bring_in(what: str, path: Path, **options: Any) -> None:
        with timed(what):
            report = import_roster(path, by=None, **options)
        if not report.accepted:
            raise SystemExit("\n".join(problem.text("en") for problem in report.problems.listed[:20]))
        print(f"    new {report.new:,}, updated {report.updated:,}, unchanged {report.unchanged:,}")

    with timed("read and check CSV"):
        read(csv_path, dictionary(), allow_fictitious=True)
    with timed("read and check Excel"):
        read(excel_path, dictionary(), allow_fictitious=True)
    bring_in("dry run, CSV", csv_path)
    bring_in("import, CSV", csv_path, dry_run=False)
    bring_in("import again, CSV", csv_path, dry_run=False)
    bring_in("import again, Excel", excel_path, dry_run=False)
    from django.utils import timezone

    certified = Statement(source="certified", certifier_name="统计局", made_on=timezone.localdate())
    bring_in("import as certified, CSV", csv_path, dry_run=False, statement=certified)
    bring_in("import what is certified already, CSV", csv_path, dry_run=False)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
