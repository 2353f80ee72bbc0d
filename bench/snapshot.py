"""How long does the snapshot of all facts take: read from PostgreSQL, kept current, mapped from its file.

    python -m bench.snapshot [--enterprises 1000000] [--json]

Fills an embedded PostgreSQL of its own in a temporary folder with so many enterprises of the workload (40 facts each).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from bench import workload

CHANGED, RUNS = 1_000, 3
#: What the journal says of it all.
LOADED = "demonstration.loaded"
#: Rows of one COPY while the database is filled.
AT_ONCE = 100_000


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def rows(count: int) -> pa.Table:
    """The enterprises of the workload as PostgreSQL's COPY takes them: sets as array literals."""
    table = workload.arrow(workload.enterprises(count))
    for place, name in enumerate(table.column_names):
        column = table[name]
        if pa.types.is_list(column.type):
            joined = pc.binary_join(column.combine_chunks(), ",")
            table = table.set_column(place, name, pc.binary_join_element_wise("{", joined, "}", ""))
    return table.add_column(0, "organisation_id", pa.array(range(1, count + 1)))


def fill(count: int) -> None:
    """Organisations and facts, past the models."""
    from django.db import connection

    from huiqi.journal import act, machine

    table = rows(count)
    columns = ", ".join(table.column_names)
    with connection.cursor() as cursor:
        for column, value in (("provenance", "'{}'"), ("claims", "'{}'"), ("updated_at", "now()")):
            cursor.execute(f"ALTER TABLE registry_enterprisefacts ALTER {column} SET DEFAULT {value}")
        for first in range(0, count, AT_ONCE):
            here = table.slice(first, AT_ONCE)
            text = io.BytesIO()
            pyarrow.csv.write_csv(here, text, pyarrow.csv.WriteOptions(include_header=False))
            with act(machine("bench"), LOADED):
                cursor.execute(
                    "INSERT INTO registry_organisation (id, kind, name_zh, name_en, name_pinyin, uscc, is_bingtuan) "
                    "SELECT n, 'enterprise', '样例' || n, '', 'yangli', '91' || lpad(n::text, 16, '0'), false "
                    "FROM generate_series(%s, %s) n",
                    [first + 1, first + here.num_rows],
                )
                with cursor.copy(f"COPY registry_enterprisefacts ({columns}) FROM STDIN (FORMAT csv)") as copy:
                    copy.write(text.getvalue())
        cursor.execute("VACUUM (ANALYZE) registry_enterprisefacts, registry_organisation")


def change() -> None:
    """Other figures for some enterprises that stand all over the table."""
    from django.db import connection

    from huiqi.journal import act, machine

    with act(machine("bench"), LOADED), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_enterprisefacts SET employees = coalesce(employees, 0) + 1 WHERE organisation_id IN "
            "(SELECT organisation_id FROM registry_enterprisefacts TABLESAMPLE SYSTEM (5) LIMIT %s)",
            [CHANGED],
        )


def measure(count: int) -> dict[str, float]:
    """Seconds by what is done, and MB of memory that the process had at most."""
    import django

    django.setup()
    from django.core.management import call_command

    from huiqi.registry import snapshot as snapshots

    call_command("migrate", verbosity=0)
    filled = seconds(lambda: fill(count))

    def forget(files: bool) -> None:
        snapshots._held = None
        if files:
            for file in snapshots._folder().glob("*.arrow"):
                file.unlink()

    read, renewed, mapped = [], [], []
    for _ in range(RUNS):
        forget(files=True)
        read.append(seconds(snapshots.snapshot))
        change()
        renewed.append(seconds(snapshots.snapshot))
        forget(files=False)
        mapped.append(seconds(snapshots.snapshot))
    assert snapshots.snapshot().table.num_rows == count
    (file,) = snapshots._folder().glob("*.arrow")
    return {
        "enterprises": count,
        "filled": filled,
        "read": statistics.median(read),
        "renewed": statistics.median(renewed),
        "mapped": statistics.median(mapped),
        "file_mb": file.stat().st_size / 1e6,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "load": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enterprises", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huiqi-bench-") as folder:
        home = Path(folder) / "home"
        os.environ |= {"HUIQI_HOME": str(home), "HUIQI_DEMO": "1", "DJANGO_SETTINGS_MODULE": "huiqi.config.settings"}
        from huiqi.config import embedded

        with embedded.start(home):
            found = measure(asked.enterprises)
    print(json.dumps(found) if asked.json else "\n".join(f"{name}: {value:,.3f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
