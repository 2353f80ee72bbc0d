"""``huiqi worker``: the jobs that the service does by itself."""

from __future__ import annotations

import click


@click.command("worker", epilog="例 / example:  huiqi worker --concurrency 2")
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1, 32), help="同时做几件 / at a time.")
def worker_command(concurrency: int) -> None:
    """做后台的事：封存日志、到期提醒、重新匹配。huiqi serve 已带一个，多台机器时可另开。

    Do the work in the background: sealing the journal, notices, matching anew. ``huiqi serve`` starts one by itself;
    start more of them on other machines.
    """
    from .project import database, prepare, setting_up

    with database():
        with setting_up():
            prepare()
        from huiqi.journal import jobs

        jobs.run(concurrency)
