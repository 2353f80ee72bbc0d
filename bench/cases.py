"""How fast is the queue of cases with 1,000, 10,000 and 100,000 open ones, for an officer, her supervisor and the office above?

    python -m bench.cases [--cases 1000 10000 100000] [--repeat 15]

Opens so many invented cases of one office in an embedded PostgreSQL of its own, and asks for the pages as a browser does:
sign-in, tabs and their numbers, a page of thirty lines, rendered. Prints the middle and the slowest of the repeats in
milliseconds and the load of the machine. Exit 1 when a queue takes more than 150 with up to 10,000 cases.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMIT, LIMITED_UP_TO = 150.0, 10_000
OFFICERS = 20
STATES = ("received", "received", "supplementing", "handling", "handling", "handling", "paused", "decided")
PAGES = (
    ("the queue as it opens", ""),
    ("unassigned", "?tab=unassigned"),
    ("all of the office", "?tab=office"),
    ("all of the office, page 20", "?tab=office&page=20"),
    ("overdue", "?tab=overdue"),
    ("waiting for others", "?tab=waiting"),
    ("one kind", "?tab=office&kind=unlawful_fee"),
    ("a name sought", "?tab=office&q=某局"),
    ("overseen", "?tab=above"),
    ("overseen, one kind", "?tab=above&kind=unlawful_fee"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--explain", action="store_true", help="show how PostgreSQL goes about the queries of a page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huiqi-bench-") as folder:
        os.environ |= {"HUIQI_HOME": str(Path(folder) / "home"), "HUIQI_LOG": "json", "HUIQI_DEMO": "0"}
        os.environ.pop("DATABASE_URL", None)
        from huiqi.cli import project

        with project.database():
            project.prepare()
            return _measure(sorted(options.cases), options.repeat, options.explain)


def _measure(numbers: list[int], repeat: int, explain: bool) -> int:
    from django.conf import settings

    settings.ALLOWED_HOSTS.append("testserver")
    # As in the tests: the people that are made up here have no telephone.
    settings.HUIQI_SECOND_FACTOR = False
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    people = _people()
    worst, there = 0.0, 0
    for number in numbers:
        _invent(there, number)
        there = number
        print(f"\n{number:,} open cases of one office; load {os.getloadavg()[0]:.1f}", flush=True)
        for who, client in people.items():
            for what, query in PAGES:
                middle = _time(who, what, client, f"/desk/cases/{query}", repeat)
                worst = max(worst, middle if number <= LIMITED_UP_TO else 0.0)
            if who == "supervisor":
                _time(who, "the load of the office", client, "/desk/cases/load/", repeat)
        if explain:
            _explain(people)
    print(f"slowest middle with up to {LIMITED_UP_TO:,}: {worst:.0f} ms (limit {LIMIT:.0f})")
    return int(worst > LIMIT)


def _time(who: str, what: str, client: Any, address: str, repeat: int) -> float:
    took = []
    for _ in range(repeat):
        begun = time.perf_counter()
        answer = client.get(address)
        took.append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, answer.status_code
    middle = statistics.median(took[1:])
    print(f"{who:<14}{what:<30}{middle:8.1f} ms   slowest {max(took[1:]):8.1f} ms", flush=True)
    return middle


def _explain(people: dict[str, Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for who, client in people.items():
        for what, query in PAGES:
            with CaptureQueriesContext(connection) as caught:
                client.get(f"/desk/cases/{query}")
            for each in caught.captured_queries:
                if float(each["time"]) < 0.01:
                    continue
                print(f"\n-- {who}, {what}: {each['time']} s\n{each['sql'][:1500]}")
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + each["sql"].replace("%", "%%"))
                    print("\n".join(line for (line,) in cursor.fetchall()))


def _people() -> dict[str, Any]:
    """The offices: a county's bureau that handles all, the one above; and who looks at the queue, signed in."""
    from django.test import Client

    from huiqi.journal import act, machine
    from huiqi.registry.models import Membership, Organisation, Person

    with act(machine("bench"), "demonstration.loaded"):
        offices = {
            region: Organisation.objects.create(
                kind="organ",
                organ_function="development_reform",
                region_id=region,
                name_zh=f"发改委{region}",
                name_pinyin=f"development_reform {region}",
            )
            for region in ("650000", "653100", "653101")
        }
        people = {}
        for number in range(OFFICERS):
            person = Person.objects.create_user(f"bench-{number}", "a-long-enough-password", display_name=f"B{number}")
            people[f"officer {number}"] = person
            Membership.objects.create(
                person=person, organisation=offices["653100"], role="officer", start=dt.date(2020, 1, 1)
            )
        for name, region in (("supervisor", "653100"), ("superior", "650000")):
            person = Person.objects.create_user(f"bench-{name}", "a-long-enough-password", display_name=name)
            people[name] = person
            Membership.objects.create(
                person=person, organisation=offices[region], role="supervisor", start=dt.date(2020, 1, 1)
            )
    clients = {}
    for name in ("officer 0", "supervisor", "superior"):
        clients[name] = Client()
        with act(machine("bench"), "demonstration.loaded"):
            clients[name].force_login(people[name], "django.contrib.auth.backends.ModelBackend")
    return clients


def _invent(first: int, number: int) -> None:
    """Open cases of one office up to this number, with who complains, a stay and a clock each."""
    from django.db import connection
    from django.utils import timezone

    from huiqi.cases.kinds import kinds
    from huiqi.cases.models import Case, CaseClock, Complainant, Handling
    from huiqi.journal import act, machine
    from huiqi.registry.models import Organisation, Person

    chance, today, now = random.Random(first), timezone.localdate(), timezone.now()
    handling = Organisation.objects.get(region="653100", kind="organ")
    above = Organisation.objects.get(region="650000", kind="organ")
    respondent = Organisation.objects.get(region="653101", kind="organ")
    officers = list(Person.objects.filter(login_name__startswith="bench-").order_by("pk")[:OFFICERS])
    names = list(kinds())
    with act(machine("bench"), "demonstration.loaded"):
        cases = Case.objects.bulk_create(
            (
                Case(
                    number=f"653100-2026-{serial:06d}",
                    secret="0" * 64,
                    kind=names[serial % len(names)],
                    state=chance.choice(STATES),
                    region_id="653101",
                    channel="online",
                    respondent=respondent,
                    respondent_name=f"某局{serial % 300}",
                    handling=handling,
                    handler=chance.choice([*officers, None]),
                    overseers=[above.pk],
                    withheld=serial % 7 == 0,
                    told="他们要我交赞助费。" * 20,
                    wish="退钱",
                    filed_at=now - dt.timedelta(chance.randint(0, 60)),
                    due=today + dt.timedelta(chance.randint(-20, 40)) if chance.random() < 0.9 else None,
                )
                for serial in range(first, number)
            ),
            batch_size=2_000,
        )
        Complainant.objects.bulk_create(
            (Complainant(case=case, name=f"商户{case.pk}") for case in cases), batch_size=5_000
        )
        Handling.objects.bulk_create(
            (Handling(case=case, organ=handling, since=now) for case in cases), batch_size=5_000
        )
        CaseClock.objects.bulk_create(
            (
                CaseClock(case=case, step="accept", rule="complaint.accept", starts_on=today, due=case.due)
                for case in cases
            ),
            batch_size=5_000,
        )
    with connection.cursor() as cursor:
        for table in ("cases_case", "cases_complainant", "cases_handling", "cases_caseclock", "registry_organisation"):
            cursor.execute(f"VACUUM ANALYZE {table}")


if __name__ == "__main__":
    sys.exit(main())
