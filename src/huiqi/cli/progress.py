"""What long commands share: a bar on a terminal, and amounts of memory as people write them."""

from __future__ import annotations

import re
import sys
from types import TracebackType
from typing import Any, Self

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


class Amount(click.ParamType):
    """Bytes, as 512M or 2G."""

    name = "512M"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)B?", str(value).strip().upper())
        if found is None or float(found[1]) == 0:
            self.fail(
                f"“{value}”不是内存大小，写成 512M 或 2G / {value!r} is no size; write it as 512M or 2G", param, ctx
            )
        return int(float(found[1]) * _UNITS[found[2]])


class Progress:
    """A bar with the rate and the time left on standard error, when that is a terminal; else silent."""

    def __init__(self, lang: str) -> None:
        per = "家/秒" if lang == "zh" else "enterprises/s"
        self._bar = Bar(
            TextColumn("{task.completed:,.0f} / {task.total:,.0f}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]:,.0f} " + per),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, rate=0.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def tell(self, done: int, total: int, seconds: float) -> None:
        """So many of so many are done after so many seconds."""
        self._bar.update(self._task, completed=done, total=total, rate=done / seconds if seconds else 0.0)
