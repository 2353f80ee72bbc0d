"""ClickHouse in the process (chdb): the rules as they are written, over a table in memory.

Its AND and OR know NULL, but an array cannot be NULL: an unknown set is an empty array and a flag beside it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from chdb.session import Session

from bench.workload import Condition

from . import Counts, Peer, Verdicts, Work, folded

#: Rules a query: its planner slows down out of proportion beyond.
AT_ONCE = 250
#: Compiling the expressions takes longer than it saves here.
SETTINGS = "max_query_size = 100000000, max_ast_elements = 10000000, max_expanded_ast_elements = 10000000, compile_expressions = 0"


def condition(of: Condition) -> str:
    """A condition in ClickHouse's SQL."""
    match of.sign:
        case "prefix":
            return f"startsWith({of.fact}, '{of.value}')"
        case "is":
            return of.fact if of.value else f"not {of.fact}"
        case "has":
            return f"if({of.fact}_known, has({of.fact}, '{of.value}'), null)"
    return of.text


def joined(connective: str, parts: list[str]) -> str:
    """AND or OR of conditions."""
    return "(" + f" {connective} ".join(parts) + ")"


def without_null_lists(table: pa.Table) -> pa.Table:
    """Lists that are NULL as empty ones, with a column that tells whether they are known."""
    for name in table.column_names:
        column = table[name]
        if pa.types.is_list(column.type):
            table = table.append_column(f"{name}_known", column.is_valid())
            empty = pa.scalar([], column.type)
            table = table.set_column(table.column_names.index(name), name, pc.if_else(column.is_valid(), column, empty))
    return table


class ClickHouse(Peer):
    """Each rule as a column of a subquery; within a query ClickHouse evaluates equal conditions once."""

    title, package = "ClickHouse (chdb), SQL", "chdb"

    def __init__(self, work: Work) -> None:
        # chdb finds the table by the name of the variable.
        firms = without_null_lists(work.facts)  # noqa: F841
        self.session = Session()
        self.session.query("drop database if exists work")
        self.session.query("create database work engine = Atomic")
        self.session.query("create table work.firm engine = Memory as select * from Python(firms)")
        self.rules = [folded(rule.tree, condition, joined) for rule in work.rules]

    def _rows(self, wanted: str) -> list[pa.Table]:
        found = []
        for first in range(0, len(self.rules), AT_ONCE):
            texts = self.rules[first : first + AT_ONCE]
            rules = ", ".join(f"{text} as rule{number}" for number, text in enumerate(texts))
            columns = ", ".join(wanted.format(f"rule{number}", number) for number in range(len(texts)))
            query = f"select {columns} from (select {rules} from work.firm) settings {SETTINGS}"
            found.append(self.session.query(query, "ArrowTable"))
        return found

    def count(self) -> Counts:
        tables = self._rows("countIf({0}) as met{1}, countIf(isNull({0})) as unknown{1}")
        counts = [column[0].as_py() for table in tables for column in table.columns]
        return np.array(counts, np.int64).reshape(len(self.rules), 2).T

    def verdicts(self) -> Verdicts:
        tables = self._rows("ifNull(toInt8({0}), toInt8(-1)) as verdict{1}")
        return np.stack([column.to_numpy() for table in tables for column in table.columns], axis=1).astype(np.int8)
