"""``huiqi audit``: whether the journal is as it was sealed, and proofs of that for others."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO

import click

from .text import language_option


@click.group("audit")
def audit_group() -> None:
    """日志：封存、查验、导出、证明 / the journal: seal, verify, export, prove."""


@audit_group.command("verify", epilog="例 / example:  huiqi audit verify")
@click.option("--export", "file", type=click.Path(exists=True, dir_okay=False), help="查验导出的文件，不用数据库。")
@click.option("--expect", metavar="HASH", help="以前记下的区块散列 / the hash of a block, noted earlier.")
@language_option
def verify_command(file: str | None, expect: str | None, lang: str) -> None:
    """逐条查验日志：事件、区块、区块链。有一处不符就指出是哪一条，退出码为 1。

    Verify the journal: every event, every block, the chain. The first thing that does not fit is named, and the exit
    code is 1.
    """
    if file is not None:
        _verify_export(file, expect, lang)
        return
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.journal import sealing
        from huiqi.journal.verify import Unfit, verify

        sealing.seal()
        try:
            found = verify(_hash(expect))
        except Unfit as problem:
            click.echo(
                f"日志不符：{problem.words.zh}" if lang == "zh" else f"Does not fit: {problem.words.en}", err=True
            )
            sys.exit(1)
    _say(found.events, found.blocks, found.head.hex(), lang)


@audit_group.command("seal", epilog="例 / example:  huiqi audit seal")
@language_option
def seal_command(lang: str) -> None:
    """封存等待的事件（服务运行时自动进行） / Seal the events that wait; the running service does it by itself."""
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.journal import sealing

        sealed = sealing.seal()
    click.echo(f"封存了 {sealed:,} 条事件" if lang == "zh" else f"{sealed:,} events sealed")


@audit_group.command("export", epilog="例 / example:  huiqi audit export -o journal.jsonl")
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="写到文件 / write to a file.")
@click.option("--redacted", is_flag=True, help="不含谁、理由和改动 / without who, why and the changes.")
def export_command(output: IO[str], redacted: bool) -> None:
    """把整个日志写成一行一条的 JSON；不用数据库也能查验 / Write the whole journal as JSON lines, verifiable offline."""
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.journal import export, sealing

        sealing.seal()
        for line in export.lines(export.what_only if redacted else export.everything):
            click.echo(line, file=output)


@audit_group.command("proof", epilog="例 / example:  huiqi audit proof 1 -o proof.json")
@click.argument("event", type=int)
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="写到文件 / write to a file.")
def proof_command(event: int, output: IO[str]) -> None:
    """事件 EVENT 在日志里的证明 / The proof that an event is in the journal, for ``huiqi audit check``."""
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.journal import export, sealing
        from huiqi.journal.models import Leaf

        sealing.seal()
        try:
            made = export.proof(event)
        except Leaf.DoesNotExist:
            raise click.ClickException(f"没有事件 {event} / there is no event {event}") from None
    click.echo(json.dumps(made, ensure_ascii=False, indent=1), file=output)


@audit_group.command("check", epilog="例 / example:  huiqi audit check proof.json")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--expect", metavar="HASH", help="公布的区块散列 / the head that was published.")
@language_option
def check_command(file: IO[str], expect: str | None, lang: str) -> None:
    """查验一份证明，不用数据库 / Check a proof; no database is needed."""
    from huiqi.journal.checker import PROBLEMS, check_proof

    try:
        proof = json.load(file)
        heads = check_proof(proof)
    except PROBLEMS as problem:
        raise click.ClickException(f"证明不符 / the proof does not fit: {problem}") from None
    if expect is not None and expect.lower() not in heads:
        raise click.ClickException(f"证明不通向 {expect} / the proof does not lead to {expect}")
    click.echo(f"在日志里，到 {heads[-1]}" if lang == "zh" else f"In the journal whose head is {heads[-1]}")


@audit_group.command("checker", epilog="例 / example:  huiqi audit checker > checker.py")
def checker_command() -> None:
    """打印一个只用 Python 标准库的查验程序 / Print a program that checks proofs and exports with Python alone."""
    from huiqi.journal.checker_file import source

    click.echo(source(), nl=False)


def _verify_export(file: str, expect: str | None, lang: str) -> None:
    from huiqi.journal.checker import PROBLEMS, check_export

    try:
        with Path(file).open(encoding="utf-8") as lines:
            events, heads = check_export(lines)
    except PROBLEMS as problem:
        click.echo(f"日志不符：{problem}" if lang == "zh" else f"Does not fit: {problem}", err=True)
        sys.exit(1)
    if expect is not None and expect.lower() not in heads:
        raise click.ClickException(f"以前记下的 {expect} 不在链上 / {expect}, noted earlier, is not in the chain")
    _say(events, len(heads), heads[-1] if heads else bytes(32).hex(), lang)


def _hash(text: str | None) -> bytes | None:
    try:
        return bytes.fromhex(text) if text is not None else None
    except ValueError:
        raise click.UsageError(f"{text} 不是散列 / {text} is no hash: 64 hexadecimal digits") from None


def _say(events: int, blocks: int, head: str, lang: str) -> None:
    click.echo(
        f"{events:,} 条事件、{blocks:,} 个区块相符\n根 {head}"
        if lang == "zh"
        else f"{events:,} events in {blocks:,} blocks fit\nroot {head}"
    )
