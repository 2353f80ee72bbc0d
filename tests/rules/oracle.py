"""DuckDB as an independent judge of rules."""

from __future__ import annotations

from typing import Any

import duckdb

from huiqi.rules import dictionary

from .generator import SQL_TYPE, STORED


class Oracle:
    """A table of random firms in DuckDB."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.connection = duckdb.connect()
        columns = ", ".join(f'"{name}" {SQL_TYPE[dictionary()[name].type]}' for name in STORED)
        self.connection.execute(f"create table firm (n integer, {columns})")
        marks = ", ".join("?" * (len(STORED) + 1))
        for n, row in enumerate(rows):
            values = [sorted(v) if isinstance(v, frozenset) else v for v in (row[name] for name in STORED)]
            self.connection.execute(f"insert into firm values ({marks})", [n, *values])

    def verdicts(self, sql: str) -> list[bool | None]:
        return [
            verdict
            for (verdict,) in self.connection.execute(f"select ({sql})::boolean from firm order by n").fetchall()
        ]
