"""Work that one process at a time may do, whatever the number of processes and machines."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection

#: Numbers of our own for PostgreSQL's advisory locks ("huiqi" on a telephone keypad, and on from there).
SETTING_UP, REMATCHING = 48474, 48475


@contextlib.contextmanager
def alone(number: int) -> Iterator[None]:
    """Hold a lock of the database while the work lasts; a second process waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
