"""The kernel inside Spark against Spark SQL: how many are eligible for each rule, and for how many that is unknown.

    .venv-spark/bin/python -m bench.nation [--enterprises 200000] [--rules 1000] [--sql-rules 200] [--runs 3]

Both run in one session on two cores of this machine and must count alike. The kernel reads the Parquet file anew in every
run; Spark SQL has the table in its memory, a few rules a query, since it compiles each query to Java and one with many
rules is too long for that. Its time grows with the rules, so that it is measured on some of them; rates are pairs of
enterprise and rule a second.
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from huiqi.opportunities.match import REGION
from huiqi.opportunities.nation import AT_A_TIME
from huiqi.rules import dictionary, language, parse_rule
from huiqi.rules.circuit import Circuit, Runner, encode
from huiqi.rules.table import Table, column_of

from .workload import Invented, arrow, enterprises, rules

ROW_GROUP = 50_000
COUNTED = "met array<bigint>, known array<bigint>"


def count(circuit: Any, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The partition function: (met, known) by rule for the enterprises of a partition."""
    runner, known = Runner(circuit.value, threads=1), dictionary()
    sums = np.zeros((2, circuit.value.rules), np.int64)
    waiting: list[pa.RecordBatch] = []

    def work() -> None:
        facts = pa.Table.from_batches(waiting)
        columns = {name: column_of(known[name], facts[name]) for name in facts.column_names}
        table = Table(columns, facts.num_rows, language())
        answers = runner.run(encode(circuit.value, table, sort=True, threads=1))
        sums[0] += answers.certain
        sums[1] += facts.num_rows - (answers.possible - answers.certain)
        waiting.clear()

    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= AT_A_TIME:
            work()
    if waiting:
        work()
    yield pa.RecordBatch.from_pylist([{"met": sums[0].tolist(), "known": sums[1].tolist()}])


def by_kernel(spark: Any, path: Path, circuit: Any) -> np.ndarray:
    found = spark.read.parquet(str(path)).mapInArrow(functools.partial(count, circuit), COUNTED).collect()
    return np.sum([[row["met"], row["known"]] for row in found], axis=0)


def by_sql(table: Any, texts: list[str], at_once: int) -> np.ndarray:
    found: list[list[int]] = []
    for first in range(0, len(texts), at_once):
        here = texts[first : first + at_once]
        columns = [f"{count}({text})" for text in here for count in ("count_if", "count")]
        figures = list(table.selectExpr(*columns).collect()[0])
        found += [figures[place : place + 2] for place in range(0, len(figures), 2)]
    return np.array(found).T


def median(act: Callable[[], np.ndarray], runs: int) -> tuple[float, np.ndarray]:
    """Median seconds of a call over several runs after one that does not count, and its answer."""
    answer, times = act(), []
    for _ in range(runs):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times), answer


def main(count_of: int, found: list[Invented], sql_rules: int, at_once: int, runs: int) -> None:
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    for name, value in {
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": "4g",
        "spark.sql.files.maxPartitionBytes": str(8 * 1024**2),
    }.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "roster.parquet")
        parquet.write_table(arrow(enterprises(count_of, by_region=True)), path, row_group_size=ROW_GROUP)
        circuit = spark.sparkContext.broadcast(Circuit([rule.formula for rule in found], REGION, language()))
        kernel, counted = median(lambda: by_kernel(spark, path, circuit), runs)
        texts = [parse_rule(rule.text).sql("spark") for rule in found[:sql_rules]]
        table = spark.read.parquet(str(path)).cache()
        table.count()
        sql, expected = median(lambda: by_sql(table, texts, at_once), runs)
    spark.stop()
    if not np.array_equal(counted[:, : len(texts)], expected):
        raise SystemExit("the kernel and Spark SQL disagree")
    rates = count_of * len(found) / kernel, count_of * len(texts) / sql
    print(f"| kernel inside Spark local[2] | {count_of:,} x {len(found):,} | {kernel:.2f} s | {rates[0]:.3g} pairs/s |")
    print(f"| Spark SQL local[2] | {count_of:,} x {len(texts):,} | {sql:.2f} s | {rates[1]:.3g} pairs/s |")
    print(f"| ratio | | | {rates[0] / rates[1]:.0f} x |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enterprises", type=int, default=200_000)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--sql-rules", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=25)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    main(given.enterprises, rules(given.rules), min(given.sql_rules, given.rules), given.at_once, given.runs)
