"""What is told of opportunities without anybody asking: deadlines, new policies, who is newly entitled."""

from __future__ import annotations

from django.utils import timezone

from huiqi.journal.jobs import every

from .library import one_library
from .notices import send
from .rematch import rematch


@every("10 2 * * *", "opportunities.notices")
def nightly_notices() -> None:
    """Deadlines that near, policies that begin to apply to saved answers."""
    send(timezone.localdate())


@every("*/5 * * * *", "opportunities.rematch")
def renew_match() -> None:
    """Who may have what now, and could not before; looks for changes first, and reckons only when there are any."""
    with one_library():
        rematch(timezone.localdate())
