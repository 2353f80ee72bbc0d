"""DuckDB: the rules as they are written, as one query over a table in memory."""

from __future__ import annotations

import duckdb
import numpy as np

from . import Counts, Peer, Verdicts, Work

#: Rules a query: its planner slows down out of proportion beyond.
AT_ONCE = 250


class DuckDB(Peer):
    """The text of each rule in a select list."""

    title, package = "DuckDB, SQL", "duckdb"

    def __init__(self, work: Work) -> None:
        self.connection = duckdb.connect()
        self.connection.register("arrow", work.facts)
        self.connection.execute("create table firm as select * from arrow")
        self.connection.unregister("arrow")
        self.texts = [rule.text for rule in work.rules]

    def _selects(self, wanted: str) -> list[str]:
        """Queries with a row of ``wanted`` columns, over shares of the rules as columns rule0, rule1 and so on."""
        found = []
        for first in range(0, len(self.texts), AT_ONCE):
            texts = self.texts[first : first + AT_ONCE]
            rules = ", ".join(f"({text}) as rule{number}" for number, text in enumerate(texts))
            columns = ", ".join(wanted.format(f"rule{number}") for number in range(len(texts)))
            found.append(f"select {columns} from (select {rules} from firm)")
        return found

    def count(self) -> Counts:
        pairs = "count_if({0}), count_if({0} is null)"
        rows = [self.connection.execute(query).fetchone() or () for query in self._selects(pairs)]
        return np.array([n for row in rows for n in row], np.int64).reshape(len(self.texts), 2).T

    def verdicts(self) -> Verdicts:
        tables = [self.connection.execute(query).fetchnumpy() for query in self._selects("coalesce({0}::tinyint, -1)")]
        return np.stack([column for table in tables for column in table.values()], axis=1).astype(np.int8)
