"""All facts on file as Arrow columns, for the questions that concern everybody.

Read from the database in one pass (COPY into Arrow's CSV reader) and kept current by reading only the rows that have
changed since. The columns lie in a file that all processes of the machine map into their memory: it is written whole
under another name and then renamed, and it is used only under the stamp that the database has now. Every statement that
changes facts leaves a row in ``registry_factchange``; the stamp is when that record began, how many rows it has and the
last one. Enterprises stand in the order of their regions, those that came since the last full reading at the end.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from huiqi.rules.dictionary import Fact

from .models.facts import COLUMNS

#: Members of a set stand between these in the copy; no code contains it.
SEPARATOR = "\x1f"
#: When more than this share of the enterprises has changed, all are read again.
MOST_CHANGED = 0.2
#: Bytes that are read from the database at a time.
BLOCK = 4 << 20
_CODED = pa.dictionary(pa.int32(), pa.string())
_TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
    "text": _CODED,
    "enum": _CODED,
    "set": pa.string(),
}
_lock = threading.Lock()


@dataclass(frozen=True)
class Snapshot:
    """The facts of all enterprises under one stamp.

    ``table`` has ``organisation`` (the id), ``uscc`` and a column a stored fact; null is unknown, sets are lists.
    ``horizon`` is the first transaction whose changes may be missing.
    """

    stamp: str
    table: pa.Table
    horizon: int = 0

    def under(self, prefix: str) -> pa.Table:
        """The enterprises registered in the regions whose codes begin with ``prefix``."""
        region = self.table["registration_region"]
        return self.table.filter(pc.fill_null(pc.starts_with(region.cast(pa.string()), prefix), False))


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
    """The facts as they are now: from memory, from the shared file, or what is new from the database."""
    global _held
    now = stamp()
    with _lock:
        if _held is None or _held.stamp != now:
            _held = _load(now)
        return _held


def _folder() -> Path:
    return Path(settings.HUIQI_HOME) / "snapshots"


def _load(now: str) -> Snapshot:
    kept = _open(now)
    if kept is not None:
        return kept
    former = _held if _held is not None and _same_record(_held.stamp, now) else _latest(now)
    found = _renewed(former) if former is not None else None
    found = found or _read()
    _keep(found)
    return _open(found.stamp) or found


def _same_record(one: str, other: str) -> bool:
    return one.rsplit("-", 2)[0] == other.rsplit("-", 2)[0]


# --- from the database ------------------------------------------------------------------------------------------------


def _read(since: int | None = None) -> Snapshot:
    """All facts, or those of the rows that were changed in a transaction from ``since`` on.

    One view of the database, so that stamp, horizon and rows belong together. Raises nothing of its own.
    """
    with transaction.atomic():
        fresh = not connection.in_atomic_block or len(connection.savepoint_ids) == 0
        with connection.cursor() as cursor:
            if fresh:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            taken = stamp()
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
            (horizon,) = cursor.fetchone()
            with cursor.copy(_query(since)) as copy:
                table = _table(copy)
    return Snapshot(taken, table, int(horizon))


def _query(since: int | None) -> sql.Composable:
    columns = [_expression(name, fact) for name, fact in COLUMNS.items()]
    chosen = sql.SQL("") if since is None else sql.SQL("WHERE f.changed_in >= {}").format(sql.Literal(str(since)))
    return sql.SQL(
        "COPY (SELECT f.organisation_id AS organisation, o.uscc, {columns} FROM registry_enterprisefacts f "
        "JOIN registry_organisation o ON o.id = f.organisation_id {chosen}) "
        "TO STDOUT (FORMAT csv, HEADER)"
    ).format(columns=sql.SQL(", ").join(columns), chosen=chosen)


def _table(blocks: Iterable[bytes | bytearray | memoryview]) -> pa.Table:
    """The table of a copy. It is read while the database is still writing."""
    reading, writing = os.pipe()

    def feed() -> None:
        # A reader that has given up tells why itself.
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb", buffering=BLOCK) as pipe:
            for block in blocks:
                pipe.write(block)

    with ThreadPoolExecutor(1) as pool:
        fed = pool.submit(feed)
        try:
            # Closing the reader ends a feeder that is still at it, which would wait for ever.
            with os.fdopen(reading, "rb") as pipe:
                table = _parsed(pipe)
        finally:
            # Of an error of the database the reader sees a text that ends too early only.
            fed.result()
    for name, fact in COLUMNS.items():
        if fact.type == "set":
            table = table.set_column(table.column_names.index(name), name, _lists(table[name]))
    table = table.unify_dictionaries().combine_chunks()
    return table.take(_by_region(table))


def _by_region(table: pa.Table) -> pa.Array:
    """The rows in the order of their regions, those without one last. Arrow sorts them in memory, PostgreSQL on its disk."""
    keys = table.select(["uscc"]).append_column("region", table["registration_region"].cast(pa.string()))
    return pc.sort_indices(keys, sort_keys=[("region", "ascending"), ("uscc", "ascending")])


def _parsed(source: BinaryIO) -> pa.Table:
    types = {"organisation": pa.int64(), "uscc": pa.string(), **{n: _TYPES[f.type] for n, f in COLUMNS.items()}}
    reader = pyarrow.csv.open_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(block_size=BLOCK),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            true_values=["t"],
            false_values=["f"],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
    )
    return reader.read_all()


def _expression(name: str, fact: Fact) -> sql.Composable:
    column = sql.Identifier("f", name)
    if fact.type == "set":
        return sql.SQL("array_to_string({}, {}) AS {}").format(column, sql.Literal(SEPARATOR), sql.Identifier(name))
    return column


def _lists(joined: pa.ChunkedArray) -> pa.ChunkedArray:
    """Joined members as lists; the empty text is the empty set, null stays unknown."""
    lists = pc.split_pattern(joined, SEPARATOR)
    return pc.if_else(pc.equal(joined, ""), pa.scalar([], lists.type), lists)


def _renewed(former: Snapshot) -> Snapshot | None:
    """The former facts with what has changed since; None when too much has, or when an enterprise is gone."""
    new = _read(former.horizon)
    if new.table.num_rows > MOST_CHANGED * max(1, former.table.num_rows):
        return None
    place = pc.index_in(new.table["organisation"], former.table["organisation"].combine_chunks())
    place = np.asarray(place.fill_null(-1).to_numpy())
    added = np.flatnonzero(place < 0)
    order = np.arange(former.table.num_rows + len(added))
    order[former.table.num_rows :] = former.table.num_rows + added
    order[place[place >= 0]] = former.table.num_rows + np.flatnonzero(place >= 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_enterprisefacts")
        (count,) = cursor.fetchone()
    if count != len(order) or stamp() != new.stamp:
        return None
    joined = pa.concat_tables([former.table, new.table], promote_options="default").unify_dictionaries()
    return Snapshot(new.stamp, joined.take(pa.array(order)).combine_chunks(), new.horizon)


# --- the shared file --------------------------------------------------------------------------------------------------


def _open(stamp_of: str) -> Snapshot | None:
    """The snapshot of this stamp from its file, mapped and not read; None when there is none, or not a whole one."""
    try:
        with pa.memory_map(str(_folder() / f"{stamp_of}.arrow")) as source:
            table = pa.ipc.open_file(source).read_all()
    except (OSError, pa.ArrowInvalid):
        return None
    about = table.schema.metadata or {}
    if about.get(b"stamp", b"").decode() != stamp_of or int(about.get(b"rows", b"-1")) != table.num_rows:
        return None
    return Snapshot(stamp_of, table, int(about[b"horizon"]))


def _latest(now: str) -> Snapshot | None:
    """The newest file of the same database."""
    with contextlib.suppress(OSError):
        files = sorted(_folder().glob("*.arrow"), key=lambda path: path.stat().st_mtime, reverse=True)
        return next((found for path in files if _same_record(path.stem, now) and (found := _open(path.stem))), None)
    return None


def _keep(taken: Snapshot) -> None:
    """Write the file for other processes, whole or not at all, and remove those of former states."""
    folder = _folder()
    about = {"stamp": taken.stamp, "horizon": str(taken.horizon), "rows": str(taken.table.num_rows)}
    draft = folder / f".{taken.stamp}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        table = _without_empty_columns(taken.table).replace_schema_metadata(about)
        with pa.ipc.new_file(str(draft), table.schema) as writer:
            writer.write_table(table)
        draft.replace(folder / f"{taken.stamp}.arrow")
        for old in folder.glob("*.arrow"):
            if old.stem != taken.stamp and _same_record(old.stem, taken.stamp):
                old.unlink(missing_ok=True)
    except OSError:
        # Without a place for the file each process reads the database by itself.
        draft.unlink(missing_ok=True)


def _without_empty_columns(table: pa.Table) -> pa.Table:
    """Columns in which everything is unknown take no room."""
    columns: dict[str, Any] = {
        name: pa.nulls(table.num_rows) if table.num_rows and table[name].null_count == table.num_rows else table[name]
        for name in table.column_names
    }
    return pa.table(columns)
