"""A nation in Spark: partitions give the answers of the local engine, whatever the cuts and whoever dies on the way."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import pickle
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiqi.opportunities import nation
from huiqi.opportunities.match import Match, Totals, match, totals, work_of
from huiqi.opportunities.nation import ANSWER, SUMS, NationProblem, Order, Part, answer, match_parquet, merge
from huiqi.registry.demo import draw
from huiqi.registry.demo.draw import PROVENANCE
from huiqi.registry.problems import Problems
from huiqi.registry.roster import read
from huiqi.registry.roster.reader import match_headings
from huiqi.rules import dictionary

from .made_up import DAY, FILES, arrow, library_of, raw_policy, some_enterprise, typed

PASSED_OVER = [field.name for field in PROVENANCE]


def local(path: Path | IO[bytes], of: Any = FILES) -> tuple[Match, Problems]:
    """The answers of the engine of one machine for a roster in a file."""
    roster = read(path, dictionary(), allow_fictitious=True, passed_over=PASSED_OVER, today=DAY)
    return match(roster.table, roster.ids, of, DAY), roster.problems


def local_of(table: pa.Table, of: Any = FILES) -> Match:
    file = io.BytesIO()
    parquet.write_table(table, file)
    file.seek(0)
    return local(file, of)[0]


def some_roster(rows: int, seed: int = 1) -> pa.Table:
    r = random.Random(seed)
    return arrow([some_enterprise(r, r.choice([0.0, 0.2, 0.7])) for _ in range(rows)])


def texts(problems: Problems) -> list[str]:
    return sorted(problem.text("en") for problem in problems)


def assert_same(found: Totals, expected: Match) -> None:
    assert found.enterprises == expected.enterprises
    assert found.counts == expected.counts
    assert found.groups.equals(expected.groups)


# --- the partition function and the sums, without Spark ---------------------------------------------------------------


def order_for(table: pa.Table, of: Any = FILES, **fields: Any) -> Order:
    headings = match_headings(table.column_names, dictionary(), Problems(), passed_over=PASSED_OVER)
    return Order(work_of(of, DAY), tuple(headings), DAY, **fields)


def partitions_of(table: pa.Table, cuts: list[int], batch: int) -> Iterator[list[pa.RecordBatch]]:
    """The partitions between cuts as Spark hands them over: the place, then the columns, in batches."""
    placed = table.add_column(0, "place", pa.array(range(table.num_rows), pa.int64()))
    for start, end in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
        yield placed.slice(start, end - start).to_batches(max_chunksize=batch)


def answered(order: Order, partitions: list[list[pa.RecordBatch]]) -> tuple[pa.Table, list[Part]]:
    batches = [out for number, given in enumerate(partitions) for out in answer(order, given, number)]
    assert all(batch.schema == nation.RETURNED for batch in batches)
    every = pa.Table.from_batches(batches, nation.RETURNED).to_pylist()
    rows = [row for row in every if row["kind"] == ANSWER]
    return pa.Table.from_pylist(rows, nation.RETURNED), [Part.of_text(r["id"]) for r in every if r["kind"] == SUMS]


ROSTER = some_roster(90)
WHOLE = local_of(ROSTER)


@settings(max_examples=10)
@given(
    cuts=st.lists(st.integers(0, 90), max_size=4).map(sorted),
    batch=st.integers(1, 90),
    at_a_time=st.integers(15, 90),
    shuffle=st.randoms(use_true_random=False),
)
def test_any_cut_into_partitions_and_batches_gives_the_answers_and_sums_of_the_whole(cuts, batch, at_a_time, shuffle):
    order = order_for(ROSTER, grouped=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nation, "AT_A_TIME", at_a_time)
        patch.setattr(nation, "HANDED_BACK", 7)
        rows, parts = answered(order, list(partitions_of(ROSTER, cuts, batch)))
    assert rows["place"].to_pylist() == list(range(90))
    assert rows.drop(["kind", "place"]).to_pylist() == WHOLE.rows.to_pylist()
    assert len(parts) == len({cut for cut in cuts if 0 < cut < 90}) + 1, "a partition without rows comes to nothing"
    shuffle.shuffle(parts)
    assert_same(totals(merge(parts, order.work, 90, Problems()), FILES, order.work, 1.0), WHOLE)


def test_without_groups_none_are_sent():
    _, (part,) = answered(order_for(ROSTER), list(partitions_of(ROSTER, [], 90)))
    assert part.sums.groups.num_rows == 0 and part.sums.policies.sum() > 0


def test_a_partition_lost_or_doubled_is_no_answer():
    order = order_for(ROSTER)
    _, parts = answered(order, list(partitions_of(ROSTER, [30, 60], 90)))
    for wrong in (parts[:2], [*parts, parts[1]], []):
        with pytest.raises(NationProblem, match="the roster has 90 rows"):
            merge(wrong, order.work, 90, Problems())


def test_money_is_added_exactly_in_any_order():
    of = library_of(raw_policy("paid", eligible="not is_bingtuan", benefit_amount="revenue * 0.1", benefit_per="year"))
    rows = arrow([typed(is_bingtuan=False, revenue=f"{n}.1") for n in range(10**9, 10**9 + 40)])
    order = order_for(rows, of)
    _, parts = answered(order, list(partitions_of(rows, [1, 7, 20], 3)))
    expected = local_of(rows, of).counts
    for chosen in (parts, parts[::-1]):
        assert totals(merge(chosen, order.work, 40, Problems()), of, order.work, 1.0).counts == expected


def test_what_is_told_of_a_partition_survives_the_journey():
    table = pa.table({"employees": ["many", "3", "x" * 70, "12"], "registration_region": ["650102"] * 4})
    _, (part,) = answered(order_for(table, grouped=True), list(partitions_of(table, [], 90)))
    assert part.sums.groups.num_rows
    again = Part.of_text(part.text())
    assert again.text() == part.text() and part.errors == 2
    assert [(problem.row, problem.column) for problem in again.problems] == [(1, "employees"), (3, "employees")]


def test_of_very_many_bad_cells_some_are_told_and_all_are_counted():
    table = pa.table({"employees": ["many"] * 500})
    order = order_for(table)
    _, parts = answered(order, list(partitions_of(table, [250], 100)))
    problems = Problems()
    merge(parts, order.work, 500, problems)
    assert problems.errors == 500 and len(problems.listed) == 2 * nation.LISTED
    assert [problem.row for problem in problems][:2] == [1, 2]


def test_what_concerns_a_whole_column_is_told_once():
    table = pa.table({"industry_code": pa.array([6210] * 6)})
    order = order_for(table)
    _, parts = answered(order, list(partitions_of(table, [2, 4], 1)))
    problems = Problems()
    merge(parts, order.work, 6, problems)
    assert (problems.errors, problems.warnings, len(problems.listed)) == (0, 1, 1)


def test_an_order_is_small_and_can_be_sent_after_it_was_used():
    order = order_for(ROSTER)
    answered(order, list(partitions_of(ROSTER, [], 90)))
    sent = pickle.dumps(order)
    assert len(sent) < 20_000_000
    rows, _ = answered(pickle.loads(sent), list(partitions_of(ROSTER, [], 90)))
    assert rows.drop(["kind", "place"]).to_pylist() == WHOLE.rows.to_pylist()


# --- in Spark: two executors with a process each ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster of two workers on this machine, reachable from nowhere else."""
    home = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_DIRS", str(home / "local"))
        patch.setenv("SPARK_WORKER_DIR", str(home / "work"))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        from pyspark.sql import SparkSession

        # The quick compiler of Java is enough for small rosters.
        options = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "OFF",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.sql.shuffle.partitions": "2",
        }
        builder = SparkSession.builder.master("local-cluster[2,1,1024]")
        for name, value in options.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


def in_spark(spark: Any, path: Path, of: Any = FILES, tasks: int = 4, **options: Any) -> tuple[Totals, Problems]:
    """The answers of Spark for a roster, cut into about so many tasks."""
    files = [path] if path.is_file() else sorted(path.glob("*.parquet"))
    spark.conf.set("spark.sql.files.maxPartitionBytes", sum(file.stat().st_size for file in files) // tasks + 1)
    problems = Problems()
    found = match_parquet(
        spark, str(path), of, DAY, problems, today=DAY, grouped=True, passed_over=PASSED_OVER, **options
    )
    return found, problems


@pytest.mark.spark
@pytest.mark.parametrize(("seed", "rows"), [(1, 1), (2, 60), (3, 400)])
def test_spark_gives_the_answers_of_one_machine_row_for_row(spark, tmp_path, seed, rows):
    path = tmp_path / "roster.parquet"
    parquet.write_table(some_roster(rows, seed), path, row_group_size=50)
    expected, told = local(path)
    found, problems = in_spark(spark, path)
    assert isinstance(found, Match)
    assert found.rows.schema == expected.rows.schema
    assert found.rows.to_pylist() == expected.rows.to_pylist()
    assert_same(found, expected)
    assert (problems.errors, problems.warnings) == (told.errors, told.warnings)
    assert set(texts(problems)) <= set(texts(told)), "of very many some are told"


@pytest.mark.spark
def test_a_folder_is_one_roster_in_the_order_of_its_names_and_is_written_as_one(spark, tmp_path):
    roster, folder = draw(900), tmp_path / "in=out 名册"
    folder.mkdir()
    # The largest file is neither the first nor the last.
    for name, start, end in (("a", 0, 50), ("b c", 50, 700), ("华", 700, 900)):
        parquet.write_table(roster.slice(start, end - start), folder / f"{name}.parquet", row_group_size=100)
    parquet.write_table(roster, tmp_path / "whole.parquet")
    expected, _ = local(tmp_path / "whole.parquet")
    output = tmp_path / "matched.parquet"
    found, problems = in_spark(spark, folder, output=str(output))
    assert_same(found, expected)
    assert len(problems) == 0
    written = parquet.read_table(output)
    assert written.column_names == expected.rows.column_names
    assert written.to_pylist() == expected.rows.to_pylist()
    names = sorted(file.name for file in output.iterdir() if not file.name.startswith("."))
    assert names[0] == "_SUCCESS" and names[1:] == [f"part-{n:05d}.parquet" for n in range(len(names) - 1)]
    assert len(names) > 4
    assert sorted(file.name for file in tmp_path.iterdir()) == [folder.name, output.name, "whole.parquet"]


@pytest.mark.spark
def test_bad_cells_wrong_types_and_odd_columns_are_told_as_on_one_machine(spark, tmp_path):
    codes = [*draw(100)["uscc"].to_pylist()[:58], "91650100MA000000XX", None]
    codes[40], codes[59] = codes[3], codes[3]
    count = len(codes)
    noon = dt.datetime(2024, 5, 1, 20, 30, tzinfo=dt.UTC)
    table = pa.table(
        {
            "统一社会信用代码": codes,
            "职工 `人数`.x": pa.array([1] * count),
            " 从业人员 ": pa.array(["many" if n % 20 == 7 else str(n) for n in range(count)]),
            "营业收入": pa.array([float("nan") if n % 9 == 0 else n - 5.5 for n in range(count)]),
            "industry_code": pa.array([6210] * count),
            "established_date": pa.array([noon] * count, pa.timestamp("us", "UTC")),
            "legal_form": pa.array([None] * count, pa.null()),
            "vat_type": pa.array(["small_scale", "nonsense", None] * (count // 3)).dictionary_encode(),
            "titles": pa.array([[], ["hte"], None] * (count // 3), pa.list_(pa.string())),
            "rd_ratio": pa.array([1.0] * count),
            "total_assets": pa.array([Decimal("1.23")] * count, pa.decimal128(20, 2)),
            "is_bingtuan": pa.array([1, 0, 2] * (count // 3), pa.int8()),
            "row": pa.array([1] * count),
            "Revenue": pa.array([1] * count),
        }
    )
    path = tmp_path / "roster.parquet"
    parquet.write_table(table, path, row_group_size=10)
    expected, told = local(path)
    found, problems = in_spark(spark, path)
    assert isinstance(found, Match)
    assert told.errors > 20 and told.warnings >= 2
    assert texts(problems) == texts(told)
    assert (problems.errors, problems.warnings) == (told.errors, told.warnings)
    assert found.rows.to_pylist() == expected.rows.to_pylist()
    assert_same(found, expected)


@pytest.mark.spark
@pytest.mark.parametrize("columns", [{"nonsense": ["a", "b"]}, {"企业名称": ["甲", "乙"]}])
def test_a_roster_without_a_fact_is_answered(spark, tmp_path, columns):
    path = tmp_path / "roster.parquet"
    parquet.write_table(pa.table(columns), path)
    found, problems = in_spark(spark, path)
    expected, told = local(path)
    assert isinstance(found, Match)
    assert found.rows.to_pylist() == expected.rows.to_pylist() and texts(problems) == texts(told)


@pytest.mark.spark
def test_what_is_no_roster_or_no_place_is_refused_and_leaves_nothing(spark, tmp_path):
    empty, fine = tmp_path / "empty.parquet", tmp_path / "fine.parquet"
    parquet.write_table(pa.table({"employees": pa.array([], pa.int64())}), empty)
    parquet.write_table(pa.table({"employees": [1, 2]}), fine)
    with pytest.raises(NationProblem, match="no rows below the headings"):
        in_spark(spark, empty)
    with pytest.raises(NationProblem, match="there is already"):
        in_spark(spark, fine, output=str(fine))
    with pytest.raises(NationProblem, match="there is no folder"):
        in_spark(spark, fine, output=str(tmp_path / "nowhere" / "out.parquet"))
    different = tmp_path / "different"
    different.mkdir()
    parquet.write_table(pa.table({"employees": [1, 2]}), different / "1.parquet")
    parquet.write_table(pa.table({"employees": ["3"]}), different / "2.parquet")
    with pytest.raises(Exception, match="MERGE"):
        in_spark(spark, different)
    damaged = tmp_path / "damaged.parquet"
    parquet.write_table(pa.table({"企业名称": pa.array([b"ok", b"\xff\xfe"]).cast(pa.string(), safe=False)}), damaged)
    with pytest.raises(Exception, match="UTF8"):
        in_spark(spark, damaged, output=str(tmp_path / "out.parquet"))
    assert {p.name for p in tmp_path.iterdir()} == {n.name for n in (empty, fine, different, damaged)}


# --- somebody dies ----------------------------------------------------------------------------------------------------


def processes(of: int) -> Iterator[tuple[int, str]]:
    """(number, command line) of all processes below a process."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    for number in parents:
        above = number
        while above in parents and above != of:
            above = parents[above]
        if above == of and number != of:
            with contextlib.suppress(OSError):
                yield number, Path(f"/proc/{number}/cmdline").read_text().replace("\0", " ")


def executors() -> set[int]:
    return {pid for pid, command in processes(os.getpid()) if "CoarseGrainedExecutorBackend" in command}


def python_workers() -> set[int]:
    """The processes that answer and are at it: children of the daemons of Python, which are children of the executors."""
    daemons = {pid for pid, command in processes(os.getpid()) if "pyspark.daemon" in command}
    return {pid for daemon in daemons for pid, _ in processes(daemon) if computes(pid)}


def computes(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "R"
    return False


class Killer:
    """Ends one of some processes, without a word, as soon as a few tasks of a stage of many are done."""

    def __init__(self, spark: Any, victims: Callable[[], set[int]]) -> None:
        self.victims, self.killed, self.failed = victims, 0, 0
        self._tracker, self._stages = spark.sparkContext.statusTracker(), set[int]()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._hunt)

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        # The last failure may have been mended before anybody looked.
        ended = [stage for number in self._stages if (stage := self._tracker.getStageInfo(number))]
        self.failed = sum(stage.numFailedTasks for stage in ended)

    def _hunt(self) -> None:
        while not self._over.wait(0.05):
            for number in self._tracker.getActiveStageIds():
                stage = self._tracker.getStageInfo(number)
                if stage is None or stage.numTasks < 12:
                    continue
                self._stages.add(number)
                # One that is between two tasks is not missed: then another dies.
                hunting = not stage.numFailedTasks and self.killed < 3
                if hunting and 2 <= stage.numCompletedTasks <= stage.numTasks - 4:
                    victims = self.victims()
                    if victims:
                        os.kill(victims.pop(), signal.SIGKILL)
                        self.killed += 1
                        self._over.wait(1)


@pytest.mark.spark
@pytest.mark.parametrize("victims", [executors, python_workers])
@pytest.mark.parametrize("written", [True, False])
def test_nothing_is_lost_or_doubled_when_somebody_dies(spark, tmp_path, victims, written):
    path, output = tmp_path / "roster.parquet", tmp_path / "matched.parquet"
    parquet.write_table(draw(4_800), path, row_group_size=300)
    expected, _ = local(path)
    with Killer(spark, victims) as killer:
        found, problems = in_spark(spark, path, tasks=16, **({"output": str(output)} if written else {}))
    assert killer.killed and killer.failed, "nobody died in the middle of a task"
    rows = parquet.read_table(output) if written else found.rows  # type: ignore[attr-defined]
    assert rows.to_pylist() == expected.rows.to_pylist()
    assert_same(found, expected)
    assert len(problems) == 0
