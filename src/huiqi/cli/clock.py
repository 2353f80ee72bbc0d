"""``huiqi clock``: the last day of periods of time, and the reason of each day on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import click

from huiqi.law.clock.asking import ask
from huiqi.law.clock.calendar import Calendar, shipped_calendar
from huiqi.law.clock.problems import ClockProblem

from .text import dump, json_lines, language_option, object_of, write_to


@click.command(
    "clock",
    epilog='例 / example:  echo \'{"id": 1, "rule": "payment_complaint.transfer", "start": "2026-02-10", "calendar": "xinjiang"}\' | '
    "huiqi clock -",
)
@click.argument("file")
@click.option("-o", "--output", help="写到这个文件 / write to this file.")
@click.option(
    "--platform",
    is_flag=True,
    help="用本平台数据库里修改过的日历 / use the calendars as they are kept in the database of this platform.",
)
@language_option
def clock_command(file: str, output: str | None, platform: bool, lang: str) -> None:
    """逐行算 FILE（JSON Lines，- 为标准输入）里的期限：最后一天，以及每一天的理由。

    Reckon the periods in FILE line by line (JSON Lines, - for standard input): {"id", "rule" or "unit" and "length",
    "start", "pauses", "extension", "calendar"}. A line in error gets {"id", "error"}, the others are answered all the same.
    """
    from . import project

    lines = list(json_lines(file))
    failed = False
    with project.database() if platform else nullcontext():
        calendar_of = _platform_calendars() if platform else shipped_calendar
        out = write_to(output)
        for number, line in lines:
            answer = _answer(number, line, calendar_of, lang)
            failed = failed or "error" in answer
            out.write(dump(answer) + "\n")
        out.flush()
    sys.exit(1 if failed else 0)


def _platform_calendars() -> Callable[[str], Calendar]:
    from huiqi.law.calendars import calendar

    return calendar


def _answer(number: int, line: str | None, calendar_of: Callable[[str], Calendar], lang: str) -> dict[str, Any]:
    raw, answer = object_of(number, line)
    if "error" in answer:
        return answer
    try:
        return answer | ask(raw, calendar_of).as_mapping(lang)
    except ClockProblem as problem:
        return answer | {"error": str(problem), "code": problem.code, "field": problem.field}
