"""A Spark session for a command: what it needs, how it is set, and what it says when something fails, in one line."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from huiqi.opportunities.nation import NationProblem
from huiqi.rules import Words

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
ALONE = "local[*]"
#: How Spark on one machine is set unless somebody says otherwise: no port is open to others, nothing is drawn.
ON_THIS_MACHINE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={Path(__file__).with_name('spark-log4j2.properties')}",
}
IN_THE_ENVIRONMENT = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
ALWAYS = {
    "spark.app.name": "huiqi match",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    # Only the first way of committing files publishes those of a task at once, or none of them.
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
}

#: What to do about the faults that people make; for others there is the log.
REMEDIES = {
    "PATH_NOT_FOUND": Words("检查路径", "Check the path"),
    "CANNOT_READ_FILE_FOOTER": Words(
        "Spark 引擎只读 Parquet：另存为 Parquet", "The Spark engine reads Parquet: save the roster as Parquet"
    ),
    "UNABLE_TO_INFER_SCHEMA": Words("文件夹里要有 Parquet 文件", "The folder must have Parquet files in it"),
    "PARQUET_TYPE_ILLEGAL": Words(
        "Spark 读不了这种列：日期存成 date32，时间精确到微秒（pandas：to_parquet(…, coerce_timestamps='us')）",
        "Spark cannot read such a column: store dates as date32, times in microseconds "
        "(pandas: to_parquet(..., coerce_timestamps='us'))",
    ),
    "CANNOT_MERGE_SCHEMA": Words("各文件的同一列要用同一种类型", "A column must have the same type in all files"),
    "COLUMN_ALREADY_EXISTS": Words("列名重复：只留一列", "A column is there twice: keep one of them"),
}
_CONDITION = re.compile(r"\[([A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\] ?([^\n]*)")
_LOG = Words("详情：加 --conf spark.log.level=ERROR", "For details add --conf spark.log.level=ERROR")


class SparkFails(click.ClickException):
    """One line, in both languages; the command ends with 2."""

    exit_code = 2

    def __init__(self, what: Words, remedy: Words) -> None:
        super().__init__(f"{what.zh}。{remedy.zh} / {what.en}. {remedy.en}")


@contextmanager
def session(master: str | None, settings: Sequence[str]) -> Iterator[SparkSession]:
    """A session on ``master`` (else SPARK_MASTER, else what spark-submit was told, else this machine), and its end.

    ``settings`` are KEY=VALUE. Raises SparkFails with what to install, and for whatever fails inside.
    """
    chosen = {}
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign or not key.startswith("spark."):
            raise click.UsageError(
                f"--conf {setting}：写成 spark.executor.memory=8g / write it as spark.executor.memory=8g"
            )
        chosen[key] = value
    _require()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    where = master or os.environ.get("SPARK_MASTER") or (None if _submitted() else ALONE)
    defaults = dict(ALWAYS)
    if where is not None and where.startswith("local"):
        defaults |= ON_THIS_MACHINE
        for name, value in IN_THE_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
    builder = SparkSession.builder if where is None else SparkSession.builder.master(where)
    for key, value in (defaults | chosen).items():
        builder = builder.config(key, value)
    spark = None
    interrupt = signal.getsignal(signal.SIGINT)
    # Of an interrupt py4j would tell at length that it was in the middle of something.
    logging.disable(logging.ERROR)
    try:
        spark = builder.getOrCreate()
        # pyspark's own handler speaks to Java over the connection that it has just interrupted.
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, _end)
        yield spark
    except NationProblem as problem:
        raise SparkFails(problem.what, problem.remedy) from None
    except (PySparkException, Py4JError) as error:
        raise told(str(error)) from None
    except _Ended:
        sys.exit(128 + signal.SIGTERM)
    finally:
        if spark is not None:
            spark.stop()
        logging.disable(logging.NOTSET)


class _Ended(KeyboardInterrupt):
    """Somebody has ended the process. Of all exceptions py4j drops a connection in use for an interrupt only; on another
    one it would take the next answer for that to the next question."""


def _end(number: int, frame: FrameType | None) -> None:
    raise _Ended


def _submitted() -> bool:
    """Whether spark-submit or its arguments decide where Spark runs."""
    return any(name in os.environ for name in ("PYSPARK_GATEWAY_PORT", "PYSPARK_SUBMIT_ARGS"))


def told(text: str) -> SparkFails:
    """What Spark says in hundreds of lines, in one, with what to do about it."""
    if "Traceback" in text:
        python = [line for line in text.split("\n\tat ")[0].splitlines() if line.strip()]
        return SparkFails(Words(f"Spark：{python[-1].strip()}", f"Spark: {python[-1].strip()}"), _LOG)
    found = _CONDITION.search(text)
    what = (found[2] if found else text.strip().splitlines()[0]).partition(" SQLSTATE")[0].rstrip(" .")
    parts = found[1].split(".") if found else []
    remedy = next((REMEDIES[part] for part in reversed(parts) if part in REMEDIES), _LOG)
    return SparkFails(Words(f"Spark：{what}", f"Spark: {what}"), remedy)


def _require() -> None:
    """Refuse, with what to install, when pyspark or a Java of the right age is not there."""
    if any(importlib.util.find_spec(name) is None for name in ("pyspark", "pandas")):
        raise SparkFails(
            Words("没有装 pyspark", "pyspark is not installed"),
            Words(
                "运行 pip install 'huiqi[spark]'，或在源码目录 pip install -r requirements/spark.txt",
                "Run pip install 'huiqi[spark]', or pip install -r requirements/spark.txt in the source folder",
            ),
        )
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return  # spark-submit has brought its Java
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    version = 0
    if java is not None and Path(java).exists():
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
        version = int(found[1]) if (found := re.search(r'version "(\d+)', said)) else 0
    if version < JAVA:
        there = (
            Words(f"只有 Java {version}", f"Java {version} is too old")
            if version
            else Words("没有 Java", "there is no Java")
        )
        raise SparkFails(
            there,
            Words(
                f"安装 Java {JAVA}（Debian：apt-get install openjdk-{JAVA}-jre-headless），或设 JAVA_HOME",
                f"Install Java {JAVA} (Debian: apt-get install openjdk-{JAVA}-jre-headless), or set JAVA_HOME",
            ),
        )
