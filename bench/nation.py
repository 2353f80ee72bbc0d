"""The kernel inside Spark against Spark SQL: how many are eligible for each rule, and for how many that is known.

    python -m bench.nation [--enterprises 200000] [--rules 1000] [--runs 3] [--json]

Both run in one session on two cores of this machine, must count alike, and do the same work in turns. The kernel reads the
Parquet file anew in every run; Spark SQL has the table in its memory, and gets a few rules a query, since it compiles each
query to Java and one with many rules is too long for that.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
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

from .against import in_turns
from .agree import Disagreement
from .peers import Missing
from .workload import Invented, arrow, enterprises, rules

ROW_GROUP = 50_000
COUNTED = "met array<bigint>, known array<bigint>"
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.memory": "4g",
    # two parts of the file at full size: one for each core
    "spark.sql.files.maxPartitionBytes": str(10 * 1024**2),
}


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


def measure(rows: int, trees: list[Invented], at_once: int, runs: int) -> dict[str, Any]:
    """Sizes and median seconds of both. Raises Missing without Java, Disagreement when they do not count alike."""
    if shutil.which("java") is None:
        raise Missing("Java 17 is needed: apt-get install openjdk-17-jre-headless")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "roster.parquet")
        parquet.write_table(arrow(enterprises(rows, by_region=True)), path, row_group_size=ROW_GROUP)
        circuit = spark.sparkContext.broadcast(Circuit([rule.formula for rule in trees], REGION, language()))
        texts = [parse_rule(rule.text).sql("spark") for rule in trees]
        table = spark.read.parquet(str(path)).cache()
        if not np.array_equal(by_kernel(spark, path, circuit), by_sql(table, texts, at_once)):
            raise Disagreement("the kernel and Spark SQL do not count alike")
        seconds = in_turns(
            {"kernel": lambda: by_kernel(spark, path, circuit), "sql": lambda: by_sql(table, texts, at_once)}, runs
        )
    version = spark.version
    spark.stop()
    return {"rows": rows, "rules": len(trees), "version": version, "seconds": seconds, "load": os.getloadavg()[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enterprises", type=int, default=200_000)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--at-once", type=int, default=25)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        found = measure(asked.enterprises, rules(asked.rules), asked.at_once, asked.runs)
    except (Missing, ImportError) as problem:
        found = {"missing": str(problem)}
    except Disagreement as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(found) if asked.json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
