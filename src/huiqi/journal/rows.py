"""Events as they are hashed and exported: read from the database in bulk, in exact text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from . import content, merkle

_EVENTS = """
SELECT e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.person, e.membership, e.organisation,
       e.role, e.machine, e.verb, e.object_kind, e.object_id, e.subject, e.region, e.articles::text, e.cause, e.reason,
       e.details::text, e.salt
FROM journal_event e WHERE e.id = ANY(%s)
"""
_CHANGES = """
SELECT event, kind, "row", operation, before::text, after::text FROM journal_change WHERE event = ANY(%s) ORDER BY event, id
"""


@dataclass(frozen=True)
class Written:
    """An event in the parts that are hashed. All values are text, as the database writes them, or None."""

    id: int
    salt: bytes
    parts: Mapping[str, Any]

    def commitments(self) -> dict[str, bytes]:
        return {part: content.commitment(content.salt_of(self.salt, part), self.parts[part]) for part in content.PARTS}

    def leaf(self) -> bytes:
        """The hash of its leaf."""
        return merkle.leaf_hash(content.leaf_content(self.commitments()))


def read(ids: Sequence[int]) -> dict[int, Written]:
    """The events of these numbers that there are, with their changes."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, [list(ids)])
        changes: dict[int, list[list[str | None]]] = {}
        for event, *change in cursor.fetchall():
            changes.setdefault(event, []).append(change)
        cursor.execute(_EVENTS, [list(ids)])
        return {row[0]: _written(row, changes.get(row[0], [])) for row in cursor.fetchall()}


def in_order(first: int, last: int, at_a_time: int = 5_000) -> Iterator[list[tuple[int, int, bytes]]]:
    """Position, event and hash of the leaves from one position to another, both included, in batches."""
    with connection.cursor() as cursor:
        for start in range(first, last + 1, at_a_time):
            cursor.execute(
                "SELECT position, event, hash FROM journal_leaf WHERE position BETWEEN %s AND %s ORDER BY position",
                [start, min(start + at_a_time - 1, last)],
            )
            yield [(position, event, bytes(hashed)) for position, event, hashed in cursor.fetchall()]


def _written(row: Sequence[Any], changes: Iterable[Sequence[str | None]]) -> Written:
    number, at, person, membership, organisation, role, machine, verb, kind, thing, subject, region, articles = row[:13]
    cause, reason, details, salt = row[13:]
    return Written(
        id=number,
        salt=bytes(salt),
        parts={
            "who": {
                "person": _text(person),
                "membership": _text(membership),
                "organisation": _text(organisation),
                "role": role,
                "machine": machine,
            },
            "what": {
                "id": str(number),
                "at": at,
                "verb": verb,
                "object_kind": kind,
                "object_id": thing,
                "subject": _text(subject),
                "region": region,
                "articles": articles,
                "cause": _text(cause),
            },
            "why": {"reason": reason, "details": details},
            "changes": [list(change) for change in changes],
        },
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
