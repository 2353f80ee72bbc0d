"""huiqi match --engine spark: the command as an operator calls it."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner, Result

from huiqi.cli import group
from huiqi.cli.spark import told
from huiqi.registry.demo import draw

DAY = ["--on", "2026-11-24"]


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(group, ["match", *arguments, *DAY])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.parquet"
    parquet.write_table(pa.table({"employees": [3, 5], "vat_type": ["small_scale", "general"]}), path)
    return path


# --- without Spark ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["roster.csv", "--engine", "spark"], "save it as Parquet, or use --engine local"),
        (["名册.XLSX", "--engine", "spark"], "save it as Parquet, or use --engine local"),
        (["-", "--engine", "spark"], "save it as Parquet, or use --engine local"),
        (["roster.parquet", "--engine", "spark", "-o", "out.csv"], "must end in .parquet"),
        (["roster.parquet", "--engine", "spark", "--memory", "1K"], "--memory must be"),
        (["roster.parquet", "--engine", "spark", "--conf", "memory=8g"], "write it as spark.executor.memory=8g"),
        (["roster.parquet", "--engine", "spark", "--conf", "spark.executor.memory"], "write it as"),
        (["roster.parquet", "--master", "local[2]"], "go with --engine spark only"),
        (["roster.parquet", "--conf", "spark.executor.memory=8g"], "go with --engine spark only"),
    ],
)
def test_a_wrong_call_ends_with_status_2_before_anything_starts(arguments, words):
    result = run(*arguments)
    assert result.exit_code == 2 and result.stdout == ""
    assert words in result.stderr


@pytest.mark.parametrize("missing", ["pyspark", "pandas"])
def test_without_pyspark_one_line_says_what_to_install(roster, monkeypatch, missing):
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == missing else there("json"))
    result = run(str(roster), "--engine", "spark")
    assert result.exit_code == 2 and result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert "pip install 'huiqi[spark]'" in line


@pytest.mark.parametrize(("version", "words"), [(None, "there is no Java"), ("11.0.20", "Java 11 is too old")])
def test_without_java_17_one_line_says_what_to_install(roster, monkeypatch, tmp_path, version, words):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: object())
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    if version is not None:
        java = tmp_path / "java" / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2023-07-18' >&2\n")
        java.chmod(0o755)
    result = run(str(roster), "--engine", "spark")
    assert result.exit_code == 2 and result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert words in line and "apt-get install openjdk-17-jre-headless" in line


@pytest.mark.parametrize(
    ("said", "what", "remedy"),
    [
        (
            "[PATH_NOT_FOUND] Path does not exist: file:/nope.parquet. SQLSTATE: 42K03",
            "Spark: Path does not exist: file:/nope.parquet. Check the path",
            "检查路径",
        ),
        (
            "An error occurred while calling o1.parquet.\n: org.apache.spark.SparkException: "
            "[FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER] Encountered error while reading file file:/x. Could not\n\tat a.b",
            "Spark: Encountered error while reading file file:/x. Could not",
            "save the roster as Parquet",
        ),
        (
            "[PARQUET_TYPE_ILLEGAL] Illegal Parquet type: INT64 (TIMESTAMP(NANOS,false)). SQLSTATE: 42846",
            "Spark: Illegal Parquet type: INT64 (TIMESTAMP(NANOS,false))",
            "store dates as date32",
        ),
        (
            "An exception was thrown from the Python worker:\nTraceback (most recent call last):\n  File 'x', line 1\n"
            "ModuleNotFoundError: No module named 'huiqi'\n\n\tat org.apache.spark.Executor",
            "Spark: ModuleNotFoundError: No module named 'huiqi'",
            "--conf spark.log.level=ERROR",
        ),
        ("Answer from Java side is empty", "Spark: Answer from Java side is empty", "--conf spark.log.level=ERROR"),
    ],
)
def test_what_spark_says_in_many_lines_is_told_in_one(said, what, remedy):
    problem = told(said)
    assert problem.exit_code == 2 and "\n" not in problem.message
    assert what in problem.message and remedy in problem.message


# --- with Spark -------------------------------------------------------------------------------------------------------


def command(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own, as in a terminal: its session ends with it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYSPARK_", "SPARK_"))}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    program = [sys.executable, "-c", "from huiqi.cli import main; main()", "match", *arguments, *DAY]
    program += ["--conf", "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"] if "spark" in arguments else []
    return subprocess.Popen(program, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip


def finished(folder: Path, *arguments: str) -> tuple[int, str, list[str]]:
    with command(folder, *arguments) as process:
        output, errors = process.communicate()
    return process.returncode, output, errors.splitlines()


def of_huiqi(lines: list[str]) -> list[str]:
    """What the command says itself: Java and Spark begin with remarks of their own."""
    return sorted(
        line for line in lines if "WARN" not in line and not line.startswith(("Using", "Setting", "To adjust"))
    )


@pytest.mark.spark
def test_the_command_answers_as_on_one_machine(tmp_path):
    table = draw(300)
    employees = table["employees"].cast(pa.string()).to_pylist()
    employees[7] = "many"
    place = table.column_names.index("employees")
    parquet.write_table(table.set_column(place, "employees", pa.array(employees)), tmp_path / "r.parquet")
    expected = finished(tmp_path, "r.parquet", "--json", "--lang", "en", "--groups", "local.csv")
    found = finished(
        tmp_path, "r.parquet", "--json", "--lang", "en", "--groups", "spark.csv", "--engine", "spark", "--master", "local[2]"
    )  # fmt: skip
    assert (found[0], of_huiqi(found[2])) == (expected[0], of_huiqi(expected[2])), found[2]
    assert found[0] == 1 and any("row 8, 'employees': many" in line for line in found[2])
    answers: list[dict[str, Any]] = [json.loads(output) for _, output, _ in (found, expected)]
    for answer in answers:
        del answer["seconds"], answer["pairs_per_second"]
    assert answers[0] == answers[1]
    assert (tmp_path / "spark.csv").read_text() == (tmp_path / "local.csv").read_text()


@pytest.mark.spark
def test_times_in_nanoseconds_are_refused_with_what_to_do(tmp_path):
    days = pa.array([dt.datetime(2024, 5, 1)], pa.timestamp("ns"))
    parquet.write_table(pa.table({"established_date": days}), tmp_path / "r.parquet", version="2.6")
    code, output, errors = finished(tmp_path, "r.parquet", "--engine", "spark", "-o", "out.parquet")
    assert (code, output) == (2, "")
    (line,) = of_huiqi(errors)
    assert (
        "TIMESTAMP(NANOS" in line and "times in microseconds (pandas: to_parquet(..., coerce_timestamps='us'))" in line
    )
    assert [file.name for file in tmp_path.iterdir()] == ["r.parquet"]


@pytest.mark.spark
def test_a_folder_that_is_there_is_not_replaced(tmp_path):
    parquet.write_table(draw(100), tmp_path / "r.parquet")
    (tmp_path / "out.parquet").mkdir()
    code, output, errors = finished(tmp_path, "r.parquet", "--engine", "spark", "-o", "out.parquet", "--lang", "en")
    assert (code, output) == (2, "")
    assert of_huiqi(errors) == ["Error: 已经有 out.parquet。换个名字，或先删去它 / there is already out.parquet. Take another name, or delete it first"]  # fmt: skip
    assert list((tmp_path / "out.parquet").iterdir()) == []


@pytest.mark.spark
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_cancelled_leaves_nothing_behind(tmp_path, sign):
    roster = draw(20_000)
    parquet.write_table(roster, tmp_path / "r.parquet", row_group_size=500)
    size = (tmp_path / "r.parquet").stat().st_size // 40
    with command(
        tmp_path, "r.parquet", "--engine", "spark", "--master", "local[2]", "-o", "out.parquet",
        "--conf", f"spark.sql.files.maxPartitionBytes={size}",
    ) as process:  # fmt: skip
        # Answers of the first tasks are written; most are still to come.
        while not any(tmp_path.glob("out.parquet.part-*/raw/_temporary/**/part-*.parquet")):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(sign)
        process.communicate()
    assert process.returncode in (1, 130, 143)
    assert [file.name for file in tmp_path.iterdir()] == ["r.parquet"]
