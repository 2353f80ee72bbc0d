"""What is done with cases by the clock: files are checked, drafts that nobody filed are forgotten."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import filing, files


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="cases.files", pass_context=False)
def check_files(timestamp: int) -> None:
    """Check the files that came in."""
    files.check_waiting()


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="cases.drafts", pass_context=False)
def sweep(timestamp: int) -> None:
    """Forget drafts whose time is over."""
    filing.sweep_drafts()
