"""What is done with cases by the clock: files are checked, drafts that nobody filed are forgotten."""

from __future__ import annotations

from django.utils import timezone

from huiqi.journal.jobs import every

from . import files, filing, overdue


@every("* * * * * */10", "cases.files")
def check_files() -> None:
    """Check the files that came in."""
    files.check_waiting()


@every("40 3 * * *", "cases.drafts")
def sweep_drafts() -> None:
    """Forget drafts whose time is over."""
    filing.sweep_drafts()


@every("20 6 * * *", "cases.overdue")
def climb() -> None:
    """Warn of last days that come near, and let climb what is overdue."""
    overdue.run(timezone.localdate())
