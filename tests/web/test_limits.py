"""Attempts are counted once for all processes, exactly, and for no longer than needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huiqi.web.limits import within_limit

COUNT = """
import json, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from huiqi.web.limits import within_limit
print(json.dumps([within_limit("test", "somebody", 5, 60) for _ in range(4)]))
"""


def tries(number: int, who: str = "somebody", most: int = 5, seconds: int = 60) -> list[bool]:
    return [within_limit("test", who, most, seconds) for _ in range(number)]


def rows() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select key, number from web_attempts order by key")
        return list(cursor.fetchall())


def end_all() -> None:
    """Let the time of all counts be over."""
    with connection.cursor() as cursor:
        cursor.execute("update web_attempts set ends = ends - interval '1 day'")


@pytest.mark.django_db(transaction=True)
def test_another_process_counts_on_where_this_one_stopped() -> None:
    assert tries(3) == [True] * 3
    # as pytest's workers do, it takes the home of this run for its own
    answer = subprocess.run(
        [sys.executable, "-c", COUNT, str(connection.settings_dict["NAME"])],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "huiqi.config.settings_test", "PYTEST_XDIST_WORKER": "another"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(answer.stdout.splitlines()[-1]) == [True, True, False, False]
    assert tries(1) == [False]


@pytest.mark.django_db(transaction=True)
def test_of_attempts_at_the_same_moment_exactly_as_many_pass_as_may() -> None:
    passed: list[bool] = []
    start = threading.Barrier(6)

    def work() -> None:
        try:
            start.wait()
            passed.extend(tries(5, most=12))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 12
    assert len(passed) == 30


@pytest.mark.django_db
def test_each_person_and_each_thing_is_counted_apart() -> None:
    assert tries(6)[-1] is False
    assert tries(1, "somebody else") == [True]
    assert within_limit("another thing", "somebody", 5, 60)


@pytest.mark.django_db
def test_when_the_time_is_over_the_count_begins_anew() -> None:
    assert tries(6)[-1] is False
    end_all()
    assert tries(6) == [True] * 5 + [False]


@pytest.mark.django_db
def test_further_attempts_do_not_prolong_the_time() -> None:
    tries(1)
    with connection.cursor() as cursor:
        cursor.execute("update web_attempts set ends = clock_timestamp() + interval '1 second' returning ends")
        ends = cursor.fetchone()
        tries(1)
        cursor.execute("select ends from web_attempts")
        assert cursor.fetchone() == ends


@pytest.mark.django_db
def test_neither_the_address_nor_the_thing_is_kept_in_words_and_what_is_over_is_deleted() -> None:
    within_limit("register", "192.0.2.7", 5, 60)
    ((key, number),) = rows()
    assert number == 1
    assert "192" not in key
    assert "register" not in key
    end_all()
    within_limit("register", "192.0.2.8", 5, 60)
    assert len(rows()) == 1
    assert rows()[0][0] != key


@pytest.mark.django_db
def test_pages_of_the_finder_ask_nothing_of_the_counts(noodle_shop: Client, answer: Callable[..., Client]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for path in ("/", "/finder/results/", "/finder/share/", "/finder/answers/", "/policies/", "/register/"):
            noodle_shop.get(path)
        answer(noodle_shop, employees="9")
    assert asked.captured_queries
    assert not [query for query in asked.captured_queries if "web_attempts" in query["sql"]]
