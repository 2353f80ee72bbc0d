"""What the journal does by itself."""

from __future__ import annotations

import datetime as dt

from procrastinate.contrib.django import app

from . import sealing
from .jobs import STALLED_AFTER, every


@every("* * * * * */2", "journal.seal")
def seal_waiting() -> int:
    """Seal what has happened in the last seconds."""
    return sealing.seal()


@app.periodic(cron="* * * * *")
@app.task(name="jobs.take_up", queueing_lock="jobs.take_up", pass_context=False)
async def take_up_stalled(timestamp: int) -> None:
    """Give jobs whose worker has died to another one."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await manager.retry_job(job, retry_at=dt.datetime.now(dt.UTC))
