"""``huiqi roster`` and ``huiqi industries``: files that go into the registry, tried first and written on demand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .text import language_option

#: So many problems are told on the terminal; the list with all of them goes to a file on demand.
TOLD = 50

_commit = click.option("--commit", is_flag=True, help="真正写入；不加只试算 / write; without it nothing is changed.")
_problems = click.option(
    "--problems", "problems_file", help="问题清单写到这个 CSV / write the list of problems to this CSV file."
)


def _run(act: Callable[[], Any], file: str, lang: str, problems_file: str | None) -> None:
    """Do the import, tell its problems and its counts, exit 1 when the file was refused."""
    try:
        report = act()
    except OSError as error:
        raise click.UsageError(f"读不了 {file}：{error.strerror} / cannot read {file}: {error.strerror}") from None
    for problem in report.problems.listed[:TOLD]:
        click.echo(problem.text(lang), err=True)
    told = len(report.problems)
    if told > TOLD:
        click.echo(
            f"还有 {told - TOLD} 处没列出，用 --problems 存成文件 / {told - TOLD} more; use --problems FILE", err=True
        )
    if problems_file is not None:
        Path(problems_file).write_text(report.problems.csv(lang), encoding="utf-8")
    counts = (report.rows, report.new, report.updated, report.unchanged)
    if not report.accepted:
        click.echo(
            f"{report.problems.errors} errors in {report.rows} rows; nothing was imported"
            if lang == "en"
            else f"{report.rows} 行里有 {report.problems.errors} 处错误，没有导入"
        )
        sys.exit(1)
    text = "{} rows: {} new, {} updated, {} unchanged" if lang == "en" else "{} 行：新增 {}，更新 {}，不变 {}"
    state = ("written", "已写入") if report.written else ("a trial; add --commit to write", "试算，加 --commit 才写入")
    click.echo(f"{text.format(*counts)} ({state[0]})" if lang == "en" else f"{text.format(*counts)}（{state[1]}）")


@click.group("roster")
def roster_group() -> None:
    """企业名册 / rosters of enterprises."""


@roster_group.command("import", epilog="例 / example:  huiqi roster import roster.csv")
@click.argument("file")
@_commit
@_problems
@language_option
def roster_import(file: str, commit: bool, problems_file: str | None, lang: str) -> None:
    """导入名册 FILE（CSV、XLSX 或 Parquet），按统一社会信用代码新增或更新。先试算；有错一行也不写。

    Import the roster FILE (CSV, XLSX or Parquet): enterprises are added or updated by their credit code. A trial by
    default; with any error nothing is written. A blank cell leaves what is known as it is.
    """
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.registry.roster.importer import import_roster

        _run(lambda: import_roster(file, by=None, dry_run=not commit), file, lang, problems_file)


@click.group("industries")
def industries_group() -> None:
    """行业分类 / the classification of industries."""


@industries_group.command("import", epilog="例 / example:  huiqi industries import gbt4754.xlsx")
@click.argument("file")
@_commit
@_problems
@language_option
def industries_import(file: str, commit: bool, problems_file: str | None, lang: str) -> None:
    """导入国民经济行业分类全表 FILE（CSV 或 XLSX，列：代码、名称）。先试算；有错一行也不写。

    Import the official full table of industries FILE (CSV or XLSX with the columns code and name). A trial by default.
    """
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.registry.reference import import_industries

        _run(lambda: import_industries(file, dry_run=not commit), file, lang, problems_file)
