"""The process from which Spark's executors fork their Python workers, with the engine imported already.

Spark starts one such process an executor and forks a worker for each task that runs at a time; it ends workers that have had nothing
to do for a minute. By itself each new worker imports the engine anew, which takes longer than to match some hundred thousand
enterprises. Set by ``spark.python.daemon.module``; nothing that is imported here may leave a thread running, because
only the thread that forks goes on in the worker.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os

#: Libraries that would begin threads of their own when they are imported.
WITHOUT_THREADS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
ENGINE = ("huiqi.opportunities.nation", "huiqi.rules.circuit.kernel", "pandas")


def prepare() -> None:
    """Import what every worker needs, and match one enterprise, so that the compiled loops are loaded."""
    for name, value in WITHOUT_THREADS.items():
        os.environ.setdefault(name, value)
    for name in ENGINE:
        importlib.import_module(name)
    import pyarrow as pa

    from huiqi.opportunities.match import table_of
    from huiqi.rules import language, parse_rule
    from huiqi.rules.circuit import Circuit, Runner, encode

    circuit = Circuit([parse_rule("employees >= 1").formula], None, language())
    facts = pa.table({"employees": pa.array([1.0])})
    answers = Runner(circuit, threads=1).run(
        encode(circuit, table_of(facts, dt.date(2026, 1, 1)), threads=1), keep=True
    )
    answers.lists()


if __name__ == "__main__":
    prepare()
    from pyspark.daemon import manager

    manager()
