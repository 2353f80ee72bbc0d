"""Whether the journal is as it was sealed: every event against its leaf, every leaf against its block, every block
against the one before.

Raised is the first thing that does not fit, with the event that it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from huiqi.rules.words import Words

from . import merkle, rows
from .models import Block
from .sealing import BEGINNING, hash_of, waits


class Unfit(ValueError):
    """Something does not fit. ``event`` is the number of the event, ``block`` that of the block, where it is about one."""

    def __init__(self, words: Words, event: int | None = None, block: int | None = None) -> None:
        super().__init__(words.en)
        self.words, self.event, self.block = words, event, block


@dataclass(frozen=True)
class Verified:
    """What was verified: numbers of events and blocks, the hash of the last block, and how many events wait."""

    events: int
    blocks: int
    head: bytes
    waiting: int


def verify(expect: bytes | None = None, on_block: Callable[[int], None] | None = None) -> Verified:
    """Verify the whole. ``expect`` is a head noted earlier: it has to be the hash of some block. Raises Unfit."""
    events, previous, number, met = 0, BEGINNING, -1, expect is None or expect == BEGINNING
    for number, block in enumerate(Block.objects.order_by("number").iterator(chunk_size=500)):
        _check_head(block, number, events, previous)
        _check_leaves(block)
        events, previous = events + block.count, bytes(block.hash)
        met = met or previous == expect
        if on_block is not None:
            on_block(events)
    if not met:
        raise Unfit(
            Words(
                "以前记下的区块散列不在链上：区块链被改写过",
                "the head noted earlier is not in the chain: the chain was rewritten",
            )
        )
    _check_strays()
    return Verified(events, number + 1, previous, waits())


def _check_head(block: Block, number: int, first: int, previous: bytes) -> None:
    if block.number != number:
        raise Unfit(Words(f"缺少区块 {number}", f"block {number} is missing"), block=number)
    if block.first != first or bytes(block.previous) != previous or hash_of(block) != bytes(block.hash):
        raise Unfit(Words(f"区块 {number} 被改过", f"block {number} was changed"), block=number)


def _check_leaves(block: Block) -> None:
    leaves: list[bytes] = []
    for batch in rows.in_order(block.first, block.first + block.count - 1):
        written = rows.read([event for _, event, _ in batch])
        for position, event, leaf in batch:
            if position != block.first + len(leaves):
                raise Unfit(
                    Words(
                        f"缺少第 {block.first + len(leaves)} 位的事件",
                        f"the event at {block.first + len(leaves)} is missing",
                    ),
                    block=block.number,
                )
            if event not in written:
                raise Unfit(Words(f"事件 {event} 不见了", f"event {event} is gone"), event, block.number)
            if written[event].leaf() != leaf:
                raise Unfit(Words(f"事件 {event} 被改过", f"event {event} was changed"), event, block.number)
            leaves.append(leaf)
    if len(leaves) != block.count:
        raise Unfit(
            Words(f"区块 {block.number} 少了事件", f"events of block {block.number} are missing"), block=block.number
        )
    if merkle.root(leaves) != bytes(block.root):
        raise Unfit(
            Words(f"区块 {block.number} 的根不符", f"the root of block {block.number} does not fit"), block=block.number
        )


def _check_strays() -> None:
    """No event stands outside the order but those that wait. One statement each, as events are sealed meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event FROM journal_leaf WHERE position >= coalesce("
            "(SELECT first + count FROM journal_block ORDER BY number DESC LIMIT 1), 0) ORDER BY position LIMIT 1"
        )
        beyond = cursor.fetchone()
        cursor.execute(
            "SELECT e.id FROM journal_event e LEFT JOIN journal_leaf l ON l.event = e.id "
            "LEFT JOIN journal_waiting w ON w.event = e.id WHERE l.event IS NULL AND w.event IS NULL ORDER BY e.id LIMIT 1"
        )
        stray = cursor.fetchone()
    if beyond is not None:
        raise Unfit(Words(f"事件 {beyond[0]} 不属于任何区块", f"event {beyond[0]} belongs to no block"), beyond[0])
    if stray is not None:
        raise Unfit(Words(f"事件 {stray[0]} 没有封存", f"event {stray[0]} was left out of the order"), stray[0])
