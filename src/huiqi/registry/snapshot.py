"""All facts on file as Arrow columns, for the questions that concern everybody.

Read from the database in one pass (COPY into Arrow's CSV reader), kept as a Parquet file that all processes of the
machine share, and used only as long as nothing has changed since: every statement that changes facts leaves a row in
``registry_factchange``, and the stamp of a snapshot is when that record began, how many rows it has and the last one.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from huiqi.rules.dictionary import Fact

from .models.facts import COLUMNS

#: Members of a set stand between these in the copy; no code contains it.
SEPARATOR = "\x1f"
_TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
    "text": pa.string(),
    "enum": pa.string(),
    "set": pa.string(),
}
_lock = threading.Lock()


@dataclass(frozen=True)
class Snapshot:
    """The facts of all enterprises under one stamp.

    ``table`` has ``organisation`` (the id), ``uscc`` and a column a stored fact; null is unknown, sets are lists.
    """

    stamp: str
    table: pa.Table

    def under(self, prefix: str) -> pa.Table:
        """The enterprises registered in the regions whose codes begin with ``prefix``."""
        region = self.table["registration_region"]
        return self.table.filter(pc.fill_null(pc.starts_with(region, prefix), False))


_held: Snapshot | None = None


def stamp() -> str:
    """The present state of the facts; two equal stamps mean that no fact has changed in between."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), max(id), (SELECT extract(epoch FROM at)::numeric(20, 6) FROM registry_factchange ORDER BY id LIMIT 1) "
            "FROM registry_factchange"
        )
        count, last, began = cursor.fetchone()
    return f"{began}-{count}-{last}"


def snapshot() -> Snapshot:
    """The facts as they are now, from memory, from the shared file, or from the database."""
    global _held
    now = stamp()
    with _lock:
        if _held is None or _held.stamp != now:
            _held = _load(now)
        return _held


def _folder() -> Path:
    return Path(settings.HUIQI_HOME) / "snapshots"


def _load(now: str) -> Snapshot:
    path = _folder() / f"{now}.parquet"
    with contextlib.suppress(OSError, pa.ArrowInvalid):
        return Snapshot(now, pyarrow.parquet.read_table(path, memory_map=True))
    taken, table = _read()
    _keep(taken, table)
    return Snapshot(taken, table)


def _read() -> tuple[str, pa.Table]:
    """(stamp, facts) in one view of the database, so that the stamp is that of the facts."""
    columns = [_expression(name, fact) for name, fact in COLUMNS.items()]
    query = sql.SQL(
        "COPY (SELECT f.organisation_id AS organisation, o.uscc, {columns} FROM registry_enterprisefacts f "
        "JOIN registry_organisation o ON o.id = f.organisation_id ORDER BY o.uscc) TO STDOUT (FORMAT csv, HEADER)"
    ).format(columns=sql.SQL(", ").join(columns))
    with transaction.atomic():
        fresh = not connection.in_atomic_block or len(connection.savepoint_ids) == 0
        with connection.cursor() as cursor:
            if fresh:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            taken = stamp()
            buffer = io.BytesIO()
            with cursor.copy(query) as copy:
                for block in copy:
                    buffer.write(block)
    table = pyarrow.csv.read_csv(
        pa.BufferReader(buffer.getvalue()),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={
                "organisation": pa.int64(),
                "uscc": pa.string(),
                **{n: _TYPES[f.type] for n, f in COLUMNS.items()},
            },
            true_values=["t"],
            false_values=["f"],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
    )
    for name, fact in COLUMNS.items():
        if fact.type == "set":
            table = table.set_column(table.column_names.index(name), name, _lists(table[name]))
    return taken, table


def _expression(name: str, fact: Fact) -> sql.Composable:
    column = sql.Identifier("f", name)
    if fact.type == "set":
        return sql.SQL("array_to_string({}, {}) AS {}").format(column, sql.Literal(SEPARATOR), sql.Identifier(name))
    return column


def _lists(joined: pa.ChunkedArray) -> pa.ChunkedArray:
    """Joined members as lists; the empty text is the empty set, null stays unknown."""
    values = [None if text is None else text.split(SEPARATOR) if text else [] for text in joined.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.list_(pa.string()))])


def _keep(taken: str, table: pa.Table) -> None:
    """Write the file for other processes, whole or not at all, and remove those of former states."""
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{taken}.{os.getpid()}"
        pyarrow.parquet.write_table(table, draft, compression="zstd")
        draft.replace(folder / f"{taken}.parquet")
        for old in folder.glob("*.parquet"):
            if old.name != f"{taken}.parquet" and old.name.startswith(taken.rsplit("-", 2)[0]):
                old.unlink(missing_ok=True)
    except OSError:
        # Without a place for the file each process reads the database by itself.
        return
