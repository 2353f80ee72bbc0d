"""What is sent by itself: new notices on the ways that their readers have chosen."""

from __future__ import annotations

from django.utils import timezone

from huiqi.journal.jobs import every

from .sending import outbox, planning


@every("* * * * * */5", "documents.send")
def send_notices() -> None:
    """Plan what is new in the journal, then send what is due."""
    planning.plan_new()
    outbox.run()


@every("* * * * * 30", "documents.receipts")
def ask_for_receipts() -> None:
    """Ask the carrier of short messages which have been delivered."""
    outbox.ask_for_receipts(timezone.now())
