"""What the commands share: reading a file or standard input, JSON with exact numbers, the day, the language."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import click

from huiqi.rules import Dictionary, ValueProblem, Words, dictionary, read_value

HERE = ZoneInfo("Asia/Shanghai")


def today() -> dt.date:
    """The day in Asia/Shanghai."""
    return dt.datetime.now(HERE).date()


class Day(click.ParamType):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            if len(value) != 10:
                raise ValueError
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，写成 2026-11-24 / {value!r} is no day; write it as 2026-11-24", param, ctx)


on_option = click.option(
    "--on", type=Day(), default=today, show_default="today / 今天", help="按哪一天的规定 / the day whose law applies."
)
language_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="输出语言 / language of the text."
)


def read_text(source: str) -> str:
    """The text of a file or of standard input (``-``). Raises click.UsageError when it is missing or not UTF-8."""
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise click.UsageError(f"读不了 {source}：{error.strerror} / cannot read {source}: {error.strerror}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + 1
        raise click.UsageError(
            f"{source} 不是 UTF-8 编码（第 {at} 个字节），请另存为 UTF-8 / {source} is not UTF-8 (byte {at}): save it as UTF-8"
        ) from None


def write_to(target: str | None) -> TextIO:
    """A text stream to a file or, without one, to standard output."""
    if target is None or target == "-":
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        return sys.stdout
    try:
        return Path(target).open("w", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"写不了 {target}：{error.strerror} / cannot write {target}: {error.strerror}") from None


def load_json(text: str) -> Any:
    """JSON with decimals read exactly; NaN, Infinity and doubled keys are refused with ValueError."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} 不是数字 / {name} is no number")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise ValueError(f"“{key}”写了两次 / {key!r} stands twice")
            found[key] = value
        return found

    return json.loads(text, parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)


def json_lines(text: str) -> Iterator[tuple[int, str]]:
    """(line number, text) of the lines that are not blank."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def plain(value: Any) -> Any:
    """A value for JSON: decimals and dates as text, sets as sorted lists."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def dump(value: Any) -> str:
    """One line of JSON."""
    return json.dumps(plain(value), ensure_ascii=False)


def read_facts(raw: Any, known: Dictionary | None = None) -> tuple[dict[str, Any], list[Words]]:
    """(typed facts, problems) of a flat JSON object of facts, by name or Chinese alias; null and blank are unknown."""
    chosen = known or dictionary()
    if not isinstance(raw, dict):
        return {}, [
            Words('facts 要是一个对象，如 {"employees": 9}', 'facts must be an object such as {"employees": 9}')
        ]
    facts: dict[str, Any] = {}
    problems: list[Words] = []
    for name, value in raw.items():
        fact = chosen.get(name)
        if fact is None:
            near = chosen.suggest(name)
            hint = Words(f"，是不是 {near}？", f", did you mean {near}?") if near else Words("", "")
            problems.append(Words(f"没有叫“{name}”的事实{hint.zh}", f"there is no fact called {name!r}{hint.en}"))
            continue
        try:
            typed = read_value(fact, value)
        except ValueProblem as problem:
            shown = str(value)[:40]
            problems.append(
                Words(
                    f"{fact.name}（{fact.name_zh}）的值“{shown}”：{problem.what.zh}。{problem.remedy.zh}",
                    f"{fact.name}: {shown!r}: {problem.what.en}. {problem.remedy.en}",
                )
            )
            continue
        if typed is not None:
            facts[fact.name] = typed
    return facts, problems
