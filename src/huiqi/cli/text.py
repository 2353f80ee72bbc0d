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


def read_bytes(source: str) -> bytes:
    """The content of a file or of standard input (``-``). Raises click.UsageError when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(f"读不了 {source}：{reason} / cannot read {source}: {reason}") from None


def read_text(source: str) -> str:
    """The text of a file or of standard input (``-``). Raises click.UsageError when it is missing or not UTF-8."""
    raw = read_bytes(source)
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

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)
    except RecursionError:
        raise ValueError("嵌套太深 / nested too deeply") from None


def json_lines(source: str) -> Iterator[tuple[int, str | None]]:
    """(line number, text) of the lines of a file or of standard input that are not blank; None where it is not UTF-8."""
    for number, raw in enumerate(read_bytes(source).removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if raw.strip():
            try:
                yield number, raw.decode("utf-8")
            except UnicodeDecodeError:
                yield number, None


def object_of(number: int, line: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """(object, answer so far) of one line of ``json_lines``; the answer has the ``error`` of a line that is no object."""
    refused: dict[str, Any] = {"id": None, "line": number}
    if line is None:
        text = f"第 {number} 行不是 UTF-8 编码，请另存为 UTF-8 / line {number} is not UTF-8: save the file as UTF-8"
        return {}, refused | {"error": text}
    try:
        raw = load_json(line)
    except ValueError as error:
        text = f"第 {number} 行不是有效的 JSON / line {number} is not valid JSON: {error}"
        return {}, refused | {"error": text}
    if not isinstance(raw, dict):
        text = f"第 {number} 行要是一个对象 / line {number} must be an object"
        return {}, refused | {"error": text}
    return raw, {"id": raw.get("id")}


def plain(value: Any) -> Any:
    """A value for JSON: decimals and dates as text, sets as sorted lists."""
    if isinstance(value, Decimal):
        # A power of ten far beyond any fact stays a power: written out it could fill the memory.
        return f"{value.normalize():f}" if abs(value.adjusted()) < 100 else str(value)
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
    line = json.dumps(plain(value), ensure_ascii=False)
    # Half of a surrogate pair is no character; JSON can still escape it.
    return json.dumps(plain(value)) if any("\ud800" <= c <= "\udfff" for c in line) else line


def read_facts(raw: Any, known: Dictionary | None = None) -> tuple[dict[str, Any], list[Words]]:
    """(typed facts, problems) of a flat JSON object of facts, by name or Chinese alias; null and blank are unknown."""
    chosen = known or dictionary()
    if not isinstance(raw, dict):
        return {}, [
            Words('facts 要是一个对象，如 {"employees": 9}', 'facts must be an object such as {"employees": 9}')
        ]
    facts: dict[str, Any] = {}
    problems: list[Words] = []
    given: set[str] = set()
    for name, value in raw.items():
        fact = chosen.get(name)
        if fact is None:
            near = chosen.suggest(name)
            hint = Words(f"，是不是 {near}？", f", did you mean {near}?") if near else Words("", "")
            problems.append(Words(f"没有叫“{name}”的事实{hint.zh}", f"there is no fact called {name!r}{hint.en}"))
            continue
        if fact.name in given:
            problems.append(Words(f"“{name}”给了两次（{fact.name}）", f"{name!r} is given twice ({fact.name})"))
            continue
        given.add(fact.name)
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
