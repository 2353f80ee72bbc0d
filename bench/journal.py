"""How fast is the journal written, sealed and verified, and how does that grow?

    python -m bench.journal [--events 100000]

Acts of one writer and of four at once, each act its own transaction (the database keeps its promises: fsync is on); then
events in bulk, sealed and verified at a tenth of the number, a third and the whole. In a scratch home of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

_BULK = """
INSERT INTO journal_event (at, person, organisation, role, machine, verb, object_kind, object_id, subject, region, articles,
                           reason, details, salt)
SELECT now(), mod(n, 5000), mod(n, 300), 'officer', '', 'notice.read', 'documents.notice', n::text, mod(n, 100000), '653101', '{52}', '',
       '{}', decode(md5(n::text), 'hex') FROM generate_series(1, %s) n
"""


def main(events: int) -> int:
    with tempfile.TemporaryDirectory(prefix="huiqi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        os.environ["HUIQI_HOME"] = str(Path(folder) / "home")
        os.environ["HUIQI_LOG"] = "json"
        from huiqi.cli import project

        with project.database():
            project.prepare()
            _measure(events)
    return 0


def _measure(events: int) -> None:
    from django.db import connection

    from huiqi.journal import sealing
    from huiqi.journal.verify import verify

    sealing.seal()
    for writers in (1, 4):
        rate = _acts(writers, 1_000)
        print(f"| acts with a change, {writers} at once, each committed | {rate:,.0f} a second | |", flush=True)
    sealing.seal()
    there = 0
    for goal in (events // 10, events // 3, events):
        started = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(_BULK, [goal - there])
        added, wrote = goal - there, time.perf_counter() - started
        there = goal
        started = time.perf_counter()
        sealing.seal()
        sealed = time.perf_counter() - started
        started = time.perf_counter()
        found = verify()
        verified = time.perf_counter() - started
        print(
            f"| {goal:,} events: in bulk, sealed, the whole verified | {added / wrote:,.0f}, {added / sealed:,.0f}, "
            f"{found.events / verified:,.0f} a second | {verified:.1f} s |",
            flush=True,
        )


def _acts(writers: int, each: int) -> float:
    from django.db import connection

    from huiqi import journal
    from huiqi.registry.models import Region

    codes = list(Region.objects.order_by("code").values_list("code", flat=True)[:writers])

    def write(code: str) -> None:
        for number in range(each):
            with journal.act(journal.Who(person=1), "reference.loaded", articles=(3,)):
                Region.objects.filter(code=code).update(name_en=f"{number}")
        connection.close()

    threads = [threading.Thread(target=write, args=(code,)) for code in codes]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return writers * each / (time.perf_counter() - started)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    sys.exit(main(parser.parse_args().events))
