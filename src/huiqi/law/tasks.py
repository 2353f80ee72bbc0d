"""What the law does by itself: it reads the journal, and lets each day bring what it brings."""

from __future__ import annotations

from django.utils import timezone

from huiqi.journal import sealing
from huiqi.journal.jobs import every

from .calendars import warn_of_gaps
from .duties.reading import read_all
from .duties.running import run


@every("* * * * * */10", "law.duties_read")
def read_journal() -> None:
    """Open and close duties by what has happened."""
    read_all()


@every("7 * * * *", "law.duties_day")
def bring_the_day() -> None:
    """Open the duties of the period, warn, let the overdue ones climb; tell the operators of calendars that lack a year.

    Every hour, so that a day begins soon after midnight also where the machine was down; what is done is not done twice.
    """
    today = timezone.localdate()
    sealing.seal()
    read_all()
    run(today)
    warn_of_gaps(today)
