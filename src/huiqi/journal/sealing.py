"""Sealing: events that wait get their place in the one order, and a block that covers them and all before.

Writers never wait for each other: an event gets its place after its transaction has ended, from one job at a time. So an
event that began early and ended late stands where it was sealed, and a reader who follows the places misses nothing.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import connection, transaction

from . import content, merkle, rows
from .models import Block, Leaf

logger = structlog.get_logger("huiqi.journal")

#: Events in a block at most: a proof then has at most 13 steps, and sealing holds no more in memory.
MOST = 5_000
#: A number of our own for PostgreSQL's advisory lock: one seals at a time.
SEALING = 48476
#: What stands for the block before the first.
BEGINNING = bytes(32)

_TAKE = """
DELETE FROM journal_waiting WHERE event IN (SELECT event FROM journal_waiting ORDER BY event LIMIT %s) RETURNING event
"""


def seal(most: int = MOST) -> int:
    """Seal all events that wait, in blocks of at most ``most``. The number of events sealed.

    Each block is one transaction: a block, its leaves, and the events taken from the queue; or nothing.
    """
    total = 0
    while sealed := _block(most):
        total += sealed
        if sealed < most:
            break
    return total


def _block(most: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING])
        cursor.execute(_TAKE, [most])
        ids = sorted(event for (event,) in cursor.fetchall())
        if not ids:
            return 0
        written = rows.read(ids)
        leaves = [written[number].leaf() for number in ids]
        last = Block.objects.order_by("-number").first()
        first = last.first + last.count if last else 0
        block = Block(
            number=last.number + 1 if last else 0,
            first=first,
            count=len(ids),
            root=merkle.root(leaves),
            previous=bytes(last.hash) if last else BEGINNING,
            sealed_at=dt.datetime.now(dt.UTC),
        )
        block.hash = hash_of(block)
        block.save(force_insert=True)
        with cursor.copy("COPY journal_leaf (position, event, hash) FROM STDIN") as copy:
            for position, (number, leaf) in enumerate(zip(ids, leaves, strict=True), first):
                copy.write_row((position, number, leaf))
    # Whoever keeps the logs elsewhere keeps with them what no later change of the database can agree with.
    logger.info("sealed", block=block.number, events=len(ids), hash=bytes(block.hash).hex())
    return len(ids)


def stamp(block: Block) -> str:
    """The time of a block as it is hashed."""
    return block.sealed_at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def hash_of(block: Block) -> bytes:
    """The hash that a block should have by what stands in it."""
    return content.block_hash(
        bytes(block.previous), block.number, block.first, block.count, stamp(block), bytes(block.root)
    )


def waits() -> int:
    """How many events wait to be sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_waiting")
        return int(cursor.fetchone()[0])


def last_position() -> int:
    """The position of the last sealed event, -1 when there is none."""
    last = Leaf.objects.order_by("-position").values_list("position", flat=True).first()
    return -1 if last is None else last
