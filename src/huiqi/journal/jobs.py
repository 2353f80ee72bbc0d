"""Jobs: work that the service does by itself, kept in the database until it is done (procrastinate).

A job may be run twice, when the process or the machine ends in the middle of it. So each has its effect in one
transaction, together with what tells that it has had it: a place in the feed, a notice that cannot be written twice.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import structlog
from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

logger = structlog.get_logger("huiqi.jobs")

#: A job whose worker has given no sign for so many seconds is taken up by another.
STALLED_AFTER = 30
_RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)


def every(cron: str, name: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Run a function at these times (cron, a sixth field for seconds), one at a time, tried again when it fails."""

    def declare(function: Callable[[], object]) -> Callable[[], object]:
        @functools.wraps(function)
        def run(timestamp: int) -> None:
            close_old_connections()  # one that broke while the worker waited is opened anew
            try:
                function()
            finally:
                close_old_connections()

        task = app.task(name=name, queueing_lock=name, lock=name, retry=_RETRY, pass_context=False)(run)
        app.periodic(cron=cron)(task)
        return function

    return declare


def run(concurrency: int = 2) -> None:
    """Work off the jobs until the process is told to end; what is begun is finished first."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(
            concurrency=concurrency,
            delete_jobs="successful",
            fetch_job_polling_interval=1,
            shutdown_graceful_timeout=10,
            stalled_worker_timeout=STALLED_AFTER,
        )
