"""Spark SQL on two cores of this machine: the rules as they are written, over a table that is held in memory."""

from __future__ import annotations

import shutil

import numpy as np
import pyarrow as pa

from . import Counts, Missing, Peer, Verdicts, Work

#: Rules a query: more make a plan whose generated code Java refuses to compile.
AT_ONCE = 100
SETTINGS = {
    "spark.driver.memory": "6g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.log.level": "ERROR",
}


class SparkSQL(Peer):
    """The text of each rule in a select list."""

    title, package = "Spark SQL, local[2]", "pyspark"

    def __init__(self, work: Work) -> None:
        if shutil.which("java") is None:
            raise Missing("Java 17 is needed: apt-get install openjdk-17-jre-headless")
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").appName("bench")
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        self.spark = builder.getOrCreate()
        numbered = work.facts.append_column("number", pa.array(range(work.facts.num_rows)))
        frame = self.spark.createDataFrame(numbered).repartition(2).cache()
        frame.count()
        frame.createOrReplaceTempView("firm")
        self.texts = [rule.text for rule in work.rules]

    def _selects(self, wanted: str) -> list[str]:
        found = []
        for first in range(0, len(self.texts), AT_ONCE):
            texts = self.texts[first : first + AT_ONCE]
            rules = ", ".join(f"({text}) as rule{number}" for number, text in enumerate(texts))
            columns = ", ".join(wanted.format(f"rule{number}") for number in range(len(texts)))
            found.append(f"select {columns} from (select {rules}, number from firm)")
        return found

    def count(self) -> Counts:
        pairs = "count_if({0}), count_if({0} is null)"
        rows = [self.spark.sql(query).collect()[0] for query in self._selects(pairs)]
        return np.array([n for row in rows for n in row], np.int64).reshape(len(self.texts), 2).T

    def verdicts(self) -> Verdicts:
        queries = self._selects("coalesce(cast({0} as int), -1) as of_{0}")
        tables = [self.spark.sql(f"{query} order by number").toArrow() for query in queries]
        return np.stack([column.to_numpy() for table in tables for column in table.columns], axis=1).astype(np.int8)
