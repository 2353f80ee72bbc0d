"""``huiqi match``: a roster against the policy library."""

from __future__ import annotations

import datetime as dt
import io
import sys
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from huiqi.opportunities.library import Library
from huiqi.opportunities.match import Match, Totals, match, needed
from huiqi.opportunities.nation import AT_A_TIME, match_parquet
from huiqi.registry.demo.draw import PROVENANCE
from huiqi.registry.problems import Problems
from huiqi.registry.roster import read
from huiqi.rules import dictionary

from .explain import library_of
from .progress import Amount, Progress
from .spark import session
from .text import dump, language_option, on_option, read_bytes, today, write_to

#: Columns of a roster of the demonstration that are no facts.
PASSED_OVER = [field.name for field in PROVENANCE]
#: So many bad cells are told one by one; the rest is counted.
TOLD = 200


@click.command(
    "match",
    epilog="例 / example:  huiqi demo --enterprises 1000 -o roster.parquet && huiqi match roster.parquet --on 2026-11-24 -o matched.parquet",
)
@click.argument("roster")
@click.option("--policies", help="政策库文件夹 / folder of the policy library.")
@on_option
@click.option(
    "-o",
    "--output",
    help="结果文件：.parquet、.csv 或 .jsonl / file of the result by its ending; without it the rows go to standard output as JSON Lines.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="计算引擎：本机，或 Spark（名册用 Parquet 文件或文件夹） / this machine, or Spark (the roster is a Parquet file or a folder of them).",
)
@click.option(
    "--master",
    help="Spark 在哪里运行：local[2]、spark://主机:7077、yarn、k8s://……；默认用 SPARK_MASTER，再默认本机 / where Spark runs; else SPARK_MASTER, else this machine.",
)
@click.option(
    "--conf",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Spark 的设置，可多次 / a setting of Spark, as often as you like: spark.executor.memory=8g.",
)
@click.option(
    "--memory",
    type=Amount(),
    help="结果一次最多占用的内存，如 512M、2G；整次运行要多少，开始前会说 / most memory for answers at a time; what the run needs is said before it starts.",
)
@click.option(
    "--groups",
    help="另存一个按地州市、规模、行业分的汇总：.parquet 或 .csv / also write the sums by prefecture, size and industry to this file.",
)
@click.option("--json", "as_json", is_flag=True, help="汇总用 JSON 输出 / the summary as JSON.")
@language_option
def match_command(
    roster: str,
    policies: str | None,
    on: dt.date,
    output: str | None,
    engine: str,
    master: str | None,
    settings: tuple[str, ...],
    memory: int | None,
    groups: str | None,
    as_json: bool,
    lang: str,
) -> None:
    """名册 ROSTER（CSV、XLSX 或 Parquet）与全部政策匹配：每家企业能享受什么、可能享受什么、一年多少元。

    Match ROSTER (CSV, XLSX or Parquet; columns are fact names or their Chinese aliases) with all policies. Out: a row
    an enterprise with its id, the lists eligible and unknown, and amount, the known yuan a year (of policies that
    exclude each other the best set counts; what goes to workers, once or per contract is not in it). ROSTER may be -
    for standard input. The summary
    gives the counts of each policy and the rate. Bad cells are listed by row and column and count as unknown.
    """
    chosen = library_of(policies)
    endings = (".parquet",) if engine == "spark" else (".parquet", ".csv", ".jsonl")
    for target, allowed in ((output, endings), (groups, (".parquet", ".csv"))):
        if target is not None and Path(target).suffix not in allowed:
            raise click.UsageError(f"{target}：文件名要以 {'、'.join(allowed)} 结尾 / must end in {', '.join(allowed)}")
    if engine == "spark":
        result, problems = _in_spark(roster, chosen, on, output, memory, groups is not None, lang, master, settings)
    elif master is not None or settings:
        raise click.UsageError(
            "--master 和 --conf 只用于 --engine spark / --master and --conf go with --engine spark only"
        )
    else:
        result, problems = _on_this_machine(roster, chosen, on, memory, lang)
    summary = _summary(result, on, problems.errors, problems.warnings)
    if groups is not None:
        _write(result.groups, Path(groups))
    if output is not None:
        if isinstance(result, Match):
            _write(result.rows, Path(output))
        click.echo(dump(summary) if as_json else _table(summary, lang))
    elif isinstance(result, Match):
        if as_json:
            click.echo(dump(summary | {"rows": result.rows.to_pylist()}))
        else:
            out = write_to(None)
            for row in result.rows.to_pylist():
                out.write(dump(row) + "\n")
            out.flush()
            click.echo(_table(summary, lang), err=True)
    sys.exit(1 if problems.errors else 0)


def _on_this_machine(
    roster: str, policies: Library, on: dt.date, memory: int | None, lang: str
) -> tuple[Match, Problems]:
    try:
        source = io.BytesIO(read_bytes("-")) if roster == "-" else roster
        loaded = read(source, dictionary(), allow_fictitious=True, passed_over=PASSED_OVER)
    except OSError as error:
        raise click.UsageError(f"读不了 {roster}：{error.strerror} / cannot read {roster}: {error.strerror}") from None
    _tell(loaded.problems, lang)
    if not loaded.readable:
        sys.exit(2)
    _state_memory(policies, on, len(loaded.ids), memory)
    with Progress(lang) as progress:
        return match(loaded.table, loaded.ids, policies, on, progress.tell, memory), loaded.problems


def _in_spark(
    roster: str,
    policies: Library,
    on: dt.date,
    output: str | None,
    memory: int | None,
    grouped: bool,
    lang: str,
    master: str | None,
    settings: tuple[str, ...],
) -> tuple[Totals, Problems]:
    if roster == "-" or Path(roster).suffix.lower() in (".csv", ".xlsx", ".xls", ".jsonl", ".json"):
        raise click.UsageError(
            f"{roster}：Spark 引擎只读 Parquet 文件或文件夹；另存为 Parquet，或用 --engine local"
            f" / the Spark engine reads a Parquet file or a folder of them: save it as Parquet, or use --engine local"
        )
    _state_memory(policies, on, AT_A_TIME, memory)
    problems = Problems()
    with session(master, settings) as spark, Progress(lang) as progress:
        result = match_parquet(
            spark, roster, policies, on, problems,
            today=today(), output=output, grouped=grouped, passed_over=PASSED_OVER, memory=memory, progress=progress.tell,
        )  # fmt: skip
    _tell(problems, lang)
    return result, problems


def _tell(problems: Problems, lang: str) -> None:
    for problem in problems.listed[:TOLD]:
        click.echo(problem.text(lang), err=True)
    told = problems.errors + problems.warnings
    if told > TOLD:
        click.echo(f"……共 {told} 处 / {told} in all", err=True)


def _state_memory(policies: Library, on: dt.date, rows: int, memory: int | None) -> None:
    """Say what the answers for so many enterprises at a time need, where somebody has set a bound."""
    if memory is None:
        return
    try:
        codes, answers = needed(policies, on, rows, memory)
    except MemoryError as error:
        least = _mega(error.args[0])
        raise click.UsageError(f"--memory 至少要 {least} / --memory must be {least} at least") from None
    click.echo(
        f"企业数据编码约需 {_mega(codes)}，结果一次约 {_mega(answers)} / codes take about {_mega(codes)}, answers at a time about {_mega(answers)}",
        err=True,
    )


def _mega(size: int) -> str:
    return f"{-(-size // 100_000) / 10:,.1f} MB"


def _summary(result: Totals, on: dt.date, errors: int, warnings: int) -> dict[str, Any]:
    return {
        "on": on,
        "enterprises": result.enterprises,
        "policies": [
            {
                "policy": count.policy.id,
                "title_zh": count.policy.title.zh,
                "title_en": count.policy.title.en,
                "display": count.policy.display,
                "phase": count.policy.phase(on),
                "eligible": count.eligible,
                "not_eligible": count.not_eligible,
                "unknown": count.unknown,
                "amount": count.amount,
                "amount_per": count.policy.benefit_per if count.amount is not None else None,
            }
            for count in result.counts
        ],
        "bad_cells": errors,
        "warnings": warnings,
        "seconds": round(result.seconds, 3),
        "pairs_per_second": round(result.rate),
    }


def _table(summary: dict[str, Any], lang: str) -> str:
    english = lang == "en"
    lines = [
        ("eligible", "not", "unknown", "known yuan", "policy")
        if english
        else ("可以享受", "不符合", "不能判断", "已知金额（元）", "政策")
    ]
    for row in summary["policies"]:
        amount = "" if row["amount"] is None else f"{row['amount']:,.2f}"
        closed = "" if row["phase"] == "open" else (" [closed]" if english else "［未开放］")
        lines.append(
            (
                f"{row['eligible']:,}",
                f"{row['not_eligible']:,}",
                f"{row['unknown']:,}",
                amount,
                row["title_en" if english else "title_zh"] + closed,
            )
        )
    text = "\n".join("\t".join(line) for line in lines)
    rate = f"{summary['pairs_per_second']:,}"
    tail = (
        f"{summary['enterprises']:,} enterprises x {len(summary['policies'])} policies on {summary['on']} in {summary['seconds']} s, {rate} pairs/s"
        if english
        else f"{summary['enterprises']:,} 家企业 × {len(summary['policies'])} 项政策，按 {summary['on']} 的规定，用时 {summary['seconds']} 秒，每秒 {rate} 对"
    )
    return f"{text}\n{tail}"


def _write(rows: pa.Table, path: Path) -> None:
    """The result file; it appears whole or not at all."""
    partial = path.with_name(path.name + ".part")
    try:
        if path.suffix == ".parquet":
            pyarrow.parquet.write_table(rows, partial)
        elif path.suffix == ".jsonl":
            with partial.open("w", encoding="utf-8") as out:
                out.writelines(dump(row) + "\n" for row in rows.to_pylist())
        else:
            flat = [
                pa.array([";".join(items) for items in rows[name].to_pylist()])
                if pa.types.is_large_list(rows.schema.field(name).type)
                else rows[name].cast(pa.string())
                for name in rows.column_names
            ]
            pyarrow.csv.write_csv(pa.table(dict(zip(rows.column_names, flat, strict=True))), partial)
        partial.replace(path)
    except KeyboardInterrupt:
        partial.unlink(missing_ok=True)
        raise
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise click.UsageError(f"写不了 {path}：{error.strerror} / cannot write {path}: {error.strerror}") from None
