"""Problems found in a file, told so that somebody who did not write the file can mend it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from huiqi.rules.words import Words

ERROR, WARNING = "error", "warning"

#: More than this many are counted, not listed: nobody reads further, and a wrong column is wrong in every row.
LISTED = 10_000

SEVERITIES = {ERROR: Words("错误", "error"), WARNING: Words("提示", "warning")}


def shorten(value: Any, length: int = 40) -> str:
    """A value as it is shown in a list of problems, on one line, control characters made visible."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(value))
    return text if len(text) <= length else text[: length - 1] + "…"


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file, where, and how to mend it.

    ``row`` counts as a spreadsheet does, the header being row 1 (records of a Parquet file count from 1); it is None
    for what concerns a column or the whole file. ``column`` is the heading as it stands in the file.
    """

    row: int | None
    column: str | None
    value: str
    what: Words
    remedy: Words
    severity: str = ERROR

    def as_json(self) -> list[Any]:
        """What :meth:`of_json` reads. PostgreSQL keeps no NUL in JSON."""
        what, remedy = self.what, self.remedy
        kept = [self.row, self.column, self.value, what.zh, what.en, remedy.zh, remedy.en, self.severity]
        return [each.replace("\0", "") if isinstance(each, str) else each for each in kept]

    @classmethod
    def of_json(cls, kept: Sequence[Any]) -> Self:
        row, column, value, what_zh, what_en, remedy_zh, remedy_en, severity = kept
        return cls(row, column, value, Words(what_zh, what_en), Words(remedy_zh, remedy_en), severity)

    def text(self, language: str) -> str:
        """One line for a terminal or a log."""
        zh = not language.startswith("en")
        place = [f"第 {self.row} 行" if zh else f"row {self.row}"] if self.row is not None else []
        place += [f"“{self.column}”" if zh else f"{self.column!r}"] if self.column is not None else []
        where = (("" if zh else ", ").join(place) + ("：" if zh else ": ")) if place else ""
        value = f"{self.value} " if self.value else ""
        end = "。" if zh else ". "
        return f"{where}{value}{self.what.of(language)}{end}{self.remedy.of(language)}"


class Problems:
    """Collects problems: all are counted, the first :data:`LISTED` are kept. ``bad_rows`` are the rows with errors."""

    def __init__(self) -> None:
        self.listed: list[Problem] = []
        self.errors = 0
        self.warnings = 0
        self.bad_rows: set[int] = set()

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.listed)

    def __len__(self) -> int:
        return self.errors + self.warnings

    def add(
        self,
        what: Words,
        remedy: Words,
        *,
        row: int | None = None,
        column: str | None = None,
        value: Any = "",
        severity: str = ERROR,
    ) -> None:
        if severity == ERROR:
            self.errors += 1
            if row is not None:
                self.bad_rows.add(row)
        else:
            self.warnings += 1
        if len(self.listed) < LISTED:
            self.listed.append(Problem(row, column, shorten(value), what, remedy, severity))

    def take_in(self, listed: Iterable[Problem], errors: int) -> None:
        """What was found in a part of the file: so many ``errors``, of which some are ``listed``, and all warnings.

        A warning of a whole column comes from every part and is told once.
        """
        known = {(problem.column, problem.what) for problem in self.listed if problem.severity == WARNING}
        for problem in listed:
            if problem.severity == WARNING:
                if (problem.column, problem.what) in known:
                    continue
                self.warnings += 1
            elif problem.row is not None:
                self.bad_rows.add(problem.row)
            if len(self.listed) < LISTED:
                self.listed.append(problem)
        self.errors += errors

    def csv(self, language: str) -> str:
        """The list as CSV: see :func:`problems_csv`."""
        return problems_csv(self.listed, language)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Errors before warnings, each from the first row to the last; what concerns the whole file stands first."""
    return sorted(problems, key=lambda problem: (problem.severity, problem.row or 0))


def problems_csv(problems: Iterable[Problem], language: str) -> str:
    """A list of problems as CSV with a byte order mark, which spreadsheet programs need to read Chinese.

    Values from the file that a spreadsheet would run as a formula are put behind an apostrophe.
    """
    zh = not language.startswith("en")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("行", "列", "值", "程度", "问题", "怎么改")
        if zh
        else ("row", "column", "value", "severity", "problem", "remedy")
    )
    for problem in in_order(problems):
        writer.writerow(
            inert(cell)
            for cell in (
                "" if problem.row is None else str(problem.row),
                problem.column or "",
                problem.value,
                SEVERITIES[problem.severity].of(language),
                problem.what.of(language),
                problem.remedy.of(language),
            )
        )
    return "\ufeff" + out.getvalue()


#: What makes a spreadsheet run a cell, the full-width forms and the characters that some programs skip among them.
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(cell: str) -> str:
    """A cell that no spreadsheet program runs as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_RUN) else cell
