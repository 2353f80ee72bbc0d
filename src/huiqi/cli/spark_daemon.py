"""The process from which Spark's executors fork their Python workers, with the engine imported already.

Spark starts one such process an executor and forks a worker for each task that runs at a time; it ends workers that have had nothing
to do for a minute. By itself each new worker imports the engine anew, which takes longer than to match some hundred thousand
enterprises. Set by ``spark.python.daemon.module``; nothing that is imported here may leave a thread running, because
only the thread that forks goes on in the worker.
"""

from __future__ import annotations

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
    """Import what every worker needs."""
    for name, value in WITHOUT_THREADS.items():
        os.environ.setdefault(name, value)
    for name in ENGINE:
        importlib.import_module(name)
    from huiqi.rules import dictionary, language

    dictionary()
    language()


if __name__ == "__main__":
    prepare()
    from pyspark.daemon import manager

    manager()
