"""A nation against the library: the engine of one machine in Spark, partition by partition of a Parquet roster.

Read in this order: :func:`answer` is the partition function, :func:`match_parquet` the driver, :func:`merge` adds up.

Nothing is lost or doubled when an executor dies. What a partition comes to is a row of its own behind the partition's
answers, so that both are written, or returned, by the same task: Spark keeps those of one attempt and throws away all
others. The driver adds up only what was kept, in whole numbers, and compares it with the rows of the roster.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huiqi.registry.problems import ERROR, Problem, Problems
from huiqi.registry.roster.reader import USCC, Heading, double_code, match_headings, read_columns
from huiqi.registry.roster.tables import NO_ROWS, Table
from huiqi.rules import Words, dictionary
from huiqi.rules.circuit.run import Progress

from .library import Library
from .match import GROUPS, LISTS, Match, Sums, Totals, Work, added, judge, totals, work_of

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

#: Enterprises that a task matches at a time: what it keeps in memory does not grow with its partition.
AT_A_TIME = 65_536
#: Enterprises that a task hands back at a time; their lists may be long.
HANDED_BACK = 8_192
#: Seconds that cancelled tasks are waited for.
PATIENCE = 60
#: Problems that a partition tells one by one; the rest is counted.
LISTED = 200

#: Of the row with what a partition comes to, ``kind`` is SUMS and ``id`` holds the text of a :class:`Part`.
ANSWER, SUMS = "answer", "sums"
RETURNED = pa.schema(
    [
        pa.field("kind", pa.string()),
        pa.field("place", pa.int64()),
        pa.field("id", pa.string()),
        pa.field("eligible", pa.list_(pa.string())),
        pa.field("unknown", pa.list_(pa.string())),
        pa.field("amount", pa.decimal128(19, 2)),
    ]
)
RETURNED_TO_SPARK = (
    "kind string, place bigint, id string, eligible array<string>, unknown array<string>, amount decimal(19,2)"
)


class NationProblem(Exception):
    """Why there is no answer for a roster, in both languages."""

    def __init__(self, what: Words, remedy: Words) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(f"{what.en}. {remedy.en}")


# --- the partition function -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """What every worker is told, once: the policies, what the columns of the roster mean, the day on which it is read."""

    work: Work
    headings: tuple[Heading, ...]
    today: dt.date
    grouped: bool = False
    memory: int | None = None


@dataclass(frozen=True)
class Part:
    """What a partition comes to: its number, the place in the roster of its first enterprise, sums and problems."""

    partition: int
    place: int
    sums: Sums
    errors: int
    problems: tuple[Problem, ...]

    def text(self) -> str:
        """What :meth:`of_text` reads: JSON."""
        sums = {"rows": self.sums.rows, "policies": self.sums.policies.tolist(), "groups": self.sums.groups.to_pydict()}
        problems = [problem.as_json() for problem in self.problems]
        return json.dumps([self.partition, self.place, sums, self.errors, problems], ensure_ascii=False)

    @classmethod
    def of_text(cls, text: str) -> Part:
        partition, place, sums, errors, problems = json.loads(text)
        groups = pa.table(sums["groups"], schema=GROUPS)
        kept = Sums(sums["rows"], np.array(sums["policies"], np.int64), groups)
        return cls(partition, place, kept, errors, tuple(Problem.of_json(problem) for problem in problems))


def answer(
    order: Order, batches: Iterable[pa.RecordBatch], partition: int = 0, threads: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Answer the enterprises of a partition: a row each, and behind them one with the :class:`Part`.

    The first column of ``batches`` is the place of the enterprise in the roster, counted from 0; the others are those of
    ``order.headings``. Nothing comes out where nothing goes in.
    """
    problems, place = Problems(), None
    sums = added((), order.work)
    for part in _at_a_time(batches):
        part.validate(full=True)  # text that is no UTF-8 would fail later, and far from here
        places = part.column(0)
        place = places[0].as_py() if place is None else place
        headings, numbers = [heading.heading for heading in order.headings], [row + 1 for row in places.to_pylist()]
        roster = read_columns(
            Table(headings, part.columns[1:], numbers, "parquet"),
            order.headings, problems, allow_fictitious=True, today=order.today,
        )  # fmt: skip
        rows, here = judge(roster.table, roster.ids, order.work, memory=order.memory, threads=threads)
        sums = added((sums, here if order.grouped else replace(here, groups=GROUPS.empty_table())), order.work)
        kinds = pa.array([ANSWER] * len(numbers), pa.string())
        yield from _returned(pa.table([kinds, places, *rows.columns], names=RETURNED.names))
    if place is not None:
        told = [problem for problem in problems if problem.severity == ERROR][:LISTED]
        told += [problem for problem in problems if problem.severity != ERROR]
        text = Part(partition, place, sums, problems.errors, tuple(told)).text()
        last = {"kind": SUMS, "place": place, "id": text, "eligible": [], "unknown": [], "amount": None}
        yield from _returned(pa.Table.from_pylist([last], RETURNED))


def _at_a_time(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches, as many together as make a part worth matching."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= AT_A_TIME:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if any(one.num_rows for one in waiting):
        yield pa.Table.from_batches(waiting)


def _returned(rows: pa.Table) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows.num_rows, HANDED_BACK):
        yield from rows.slice(start, HANDED_BACK).cast(RETURNED).combine_chunks().to_batches()


def _answer_in_worker(order: Broadcast[Order], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """:func:`answer` in a Python worker of Spark, which keeps the order from task to task."""
    from pyspark import TaskContext

    context = TaskContext.get()
    assert context is not None
    return answer(order.value, batches, context.partitionId(), context.cpus())


def _codes_in_worker(order: Broadcast[Order], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """(credit code, place) of enterprises whose code can be read; a column for places and one for codes come in."""
    told = order.value
    for batch in batches:
        places, raw = batch.columns
        table = Table([told.headings[0].heading], [pa.chunked_array([raw])], places.to_pylist(), "parquet")
        codes = read_columns(table, told.headings, Problems(), allow_fictitious=True, today=told.today).codes
        yield pa.RecordBatch.from_arrays([pa.array(codes, pa.string()), places], names=["code", "place"])


# --- adding up --------------------------------------------------------------------------------------------------------


def merge(parts: Iterable[Part], work: Work, rows: int, problems: Problems) -> Sums:
    """The sums of all partitions, their problems added to ``problems`` in the order of the roster.

    Raises NationProblem when they are not those of exactly so many ``rows``.
    """
    ordered = sorted(parts, key=lambda part: part.place)
    for part in ordered:
        problems.take_in(part.problems, part.errors)
    sums = added((part.sums for part in ordered), work)
    if sums.rows != rows:
        raise NationProblem(
            Words(f"名册有 {rows:,} 行，结果有 {sums.rows:,} 行", f"the roster has {rows:,} rows, the result {sums.rows:,}"),
            Words("名册在计算中变了：再算一次", "The roster changed during the run: run it again"),
        )  # fmt: skip
    return sums


# --- the driver -------------------------------------------------------------------------------------------------------


def match_parquet(
    spark: SparkSession,
    roster: str,
    of: Library,
    on: dt.date,
    problems: Problems,
    *,
    today: dt.date,
    output: str | None = None,
    grouped: bool = False,
    passed_over: Sequence[str] = (),
    memory: int | None = None,
    progress: Progress | None = None,
) -> Totals:
    """Match a Parquet file, or the files of a folder in the order of their names, under the law of a day.

    With ``output`` a folder of Parquet files is written, in the order of the roster, which appears when it is complete;
    without it the rows come back as a :class:`Match`. ``grouped`` asks for the sums by place, size and trade. Rows of
    several files are numbered as one. What is wrong with headings and cells is added to ``problems``. Raises
    NationProblem, and what Spark raises.
    """
    started = time.perf_counter()
    _read_all_and_exactly(spark)
    folder = _Output(spark, output) if output is not None else None
    base = spark.read.option("mergeSchema", True).parquet(roster)
    headings = match_headings(base.columns, dictionary(), problems, passed_over=passed_over)
    placed, rows = _placed(spark, base, [base.columns[heading.place] for heading in headings])
    if not rows:
        raise NationProblem(*NO_ROWS)
    work = work_of(of, on)
    in_order = tuple(replace(heading, place=number) for number, heading in enumerate(headings))
    order = Order(work, in_order, today, grouped, memory)
    told = spark.sparkContext.broadcast(order)
    answers = placed.mapInArrow(functools.partial(_answer_in_worker, told), RETURNED_TO_SPARK)
    with folder or nullcontext(), _watched(spark, rows, progress):
        if folder is not None:
            parts = folder.write(answers)
        else:
            table = answers.toArrow()
            sums_only = pc.equal(table["kind"], SUMS)
            parts = [Part.of_text(text) for text in table.filter(sums_only)["id"].to_pylist()]
        sums = merge(parts, work, rows, problems)
        _doubles(spark, placed, order, problems)
        if folder is not None:
            folder.appear(parts)
    found = totals(sums, of, work, time.perf_counter() - started)
    if folder is not None:
        return found
    table = table.filter(pc.invert(sums_only)).sort_by("place").drop(["kind", "place"])
    schema = pa.schema([pa.field(f.name, LISTS if pa.types.is_list(f.type) else f.type) for f in table.schema])
    return Match(found.enterprises, found.counts, found.groups, found.seconds, table.cast(schema))


def _read_all_and_exactly(spark: SparkSession) -> None:
    """Settings on which the answers rest, whatever those of the cluster are."""
    largest = spark.conf.get("spark.sql.files.maxPartitionBytes")
    for name, value in {
        "spark.sql.caseSensitive": "true",
        "spark.sql.files.ignoreCorruptFiles": "false",
        "spark.sql.files.ignoreMissingFiles": "false",
        # A partition is a run of one file, so that its answers are a run of the roster.
        "spark.sql.files.openCostInBytes": largest,
        # Names of folders, such as registration_region=650102, are codes.
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
        # The two kinds of rows are written side by side; else Spark would sort them apart first.
        "spark.sql.maxConcurrentOutputFileWriters": "2",
    }.items():
        spark.conf.set(name, str(value))


def _placed(spark: SparkSession, base: DataFrame, names: Sequence[str]) -> tuple[DataFrame, int]:
    """(the place of each enterprise in the roster and the columns of these names, the number of enterprises)."""
    from pyspark.sql import functions as f

    where = base.metadataColumn("_metadata")
    file, row = where["file_path"].alias("file"), where["row_index"].alias("row")
    lengths = base.select(file, row).groupBy("file").agg((f.max("row") + 1).alias("rows")).collect()
    starts, rows = [], 0
    for length in sorted(lengths, key=lambda each: str(each["file"])):
        starts.append((length["file"], rows))
        rows += length["rows"]
    columns = [f.col("`" + name.replace("`", "``") + "`").alias(f"c{place}") for place, name in enumerate(names)]
    begun = f.broadcast(spark.createDataFrame(starts, "file string, start bigint"))
    found = base.select(file, row, *columns).join(begun, "file")
    return found.select((f.col("start") + f.col("row")).alias("place"), *(f"c{n}" for n in range(len(names)))), rows


def _doubles(spark: SparkSession, placed: DataFrame, order: Order, problems: Problems) -> None:
    """Credit codes that were there before: no partition can know."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    heading = next((heading for heading in order.headings if heading.key == USCC), None)
    if heading is None:
        return
    told = spark.sparkContext.broadcast(replace(order, headings=(replace(heading, place=0),)))
    codes = placed.select("place", f"c{heading.place}").mapInArrow(
        functools.partial(_codes_in_worker, told), "code string, place bigint"
    )
    first = f.min("place").over(Window.partitionBy("code"))
    again = codes.where("code is not null").withColumn("first", first).where("place > first")
    listed = again.orderBy("place").limit(LISTED + 1).collect()
    for row in listed[:LISTED]:
        double_code(problems, heading.heading, row["code"], row["place"] + 1, row["first"] + 1)
    if len(listed) > LISTED:
        problems.take_in((), again.count() - LISTED)


@contextmanager
def _watched(spark: SparkSession, rows: int, progress: Progress | None) -> Iterator[None]:
    """Tells the progress of what runs within by its finished tasks; ends it all when it is left before its end."""
    context, group = spark.sparkContext, uuid.uuid4().hex
    tracker, started, over = context.statusTracker(), time.perf_counter(), threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            jobs = [job for number in tracker.getJobIdsForGroup(group) if (job := tracker.getJobInfo(number))]
            stages = [stage for job in jobs for number in job.stageIds if (stage := tracker.getStageInfo(number))]
            # Of the stages so far the one with the most tasks is that which answers.
            tasks = max(stages, key=lambda stage: stage.numTasks, default=None)
            if tasks and progress is not None:
                done = rows * tasks.numCompletedTasks // tasks.numTasks
                progress(done, rows, time.perf_counter() - started)

    context.setJobGroup(group, "huiqi match", interruptOnCancel=True)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except BaseException:
        context.cancelJobGroup(group)
        raise
    finally:
        over.set()
        watcher.join()


class _Output:
    """A folder of answers on any storage that Spark reaches: made beside its place and moved there when complete."""

    def __init__(self, spark: SparkSession, address: str) -> None:
        self.spark, self.address = spark, address.rstrip("/")
        self.temporary = f"{self.address}.part-{uuid.uuid4().hex[:8]}"
        java: Any = spark._jvm
        self._path = java.org.apache.hadoop.fs.Path
        self.files = self._path(self.address).getFileSystem(spark._jsc.hadoopConfiguration())
        self._refuse_to_replace()
        above = self._path(self.address).getParent()
        if self.files.getScheme() in ("file", "hdfs") and above is not None and not self.files.exists(above):
            raise NationProblem(
                Words(f"没有文件夹 {above.toString()}", f"there is no folder {above.toString()}"),
                Words("先建好", "Make it first"),
            )

    def _refuse_to_replace(self) -> None:
        if self.files.exists(self._path(self.address)):
            raise NationProblem(
                Words(f"已经有 {self.address}", f"there is already {self.address}"),
                Words("换个名字，或先删去它", "Take another name, or delete it first"),
            )

    def __enter__(self) -> None:
        pass

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Leave nothing beside the folder. Tasks that were cancelled must have ended first, or they would write on."""
        java: Any = self.spark._jsc
        tracker, patience = java.sc().statusTracker(), time.monotonic() + PATIENCE
        while failed and any(executor.numRunningTasks() for executor in tracker.getExecutorInfos()):
            if time.monotonic() > patience:
                break
            time.sleep(0.1)
        self.files.delete(self._path(self.temporary), True)

    def write(self, answers: DataFrame) -> list[Part]:
        """Write all answers and read back what the partitions come to."""
        raw = f"{self.temporary}/raw"
        written = answers.drop("place").write.partitionBy("kind")
        written.option("compression", "zstd").option("maxRecordsPerFile", 0).parquet(raw)
        texts = self.spark.read.schema("id string").parquet(f"{raw}/kind={SUMS}").collect()
        return [Part.of_text(row["id"]) for row in texts]

    def appear(self, parts: Iterable[Part]) -> None:
        """Name the files by their order in the roster, and move them to their place all at once."""
        raw, ready = self._path(f"{self.temporary}/raw/kind={ANSWER}"), f"{self.temporary}/ready"
        written = [status.getPath() for status in self.files.listStatus(raw)]
        by_partition = {
            int(found[1]): path for path in written if (found := re.match(r"part-(\d+)-.*\.parquet$", path.getName()))
        }
        self.files.mkdirs(self._path(ready))
        for number, part in enumerate(sorted(parts, key=lambda part: part.place)):
            self._move(by_partition[part.partition], f"{ready}/part-{number:05d}.parquet")
        self.files.create(self._path(f"{ready}/_SUCCESS")).close()
        self._refuse_to_replace()
        self._move(self._path(ready), self.address)

    def _move(self, path: Any, to: str) -> None:
        if not self.files.rename(path, self._path(to)):
            raise OSError(f"{path.toString()} cannot be moved to {to}")
