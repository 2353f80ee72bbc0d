"""The journal as a file, and the proof of one event: both are verified without us and without the database.

An export is JSON, a line a thing: a block, then its events in order. Any part of an event may be kept back; in its place
stands the commitment to it, so that the file verifies as a whole all the same. A proof is one JSON object: an event, its
path to the root of its block, the block, and the chain of blocks from there to the head.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from . import content, merkle, rows
from .models import Block, Leaf
from .rows import Written
from .sealing import stamp

#: Which parts of an event may be shown.
Shown = Callable[[Written], Iterable[str]]


def everything(event: Written) -> Iterable[str]:
    return content.PARTS


def what_only(event: Written) -> Iterable[str]:
    """What was done to what and when, without who did it, why, and what the rows held."""
    return ("what",)


def lines(shown: Shown = everything) -> Iterator[str]:
    """The whole journal as lines of an export."""
    for block in Block.objects.order_by("number").iterator(chunk_size=500):
        yield _dump({"block": block_form(block)})
        for batch in rows.in_order(block.first, block.first + block.count - 1):
            written = rows.read([event for _, event, _ in batch])
            for position, event, _ in batch:
                yield _dump({"event": event_form(written[event], shown(written[event]), position)})


def event_form(event: Written, shown: Iterable[str], position: int) -> dict[str, Any]:
    """An event with the parts that are shown and their salts, and the commitments to the others."""
    visible = [part for part in content.PARTS if part in set(shown)]
    commitments = event.commitments()
    return {
        "id": event.id,
        "position": position,
        "leaf": event.leaf().hex(),
        "parts": {part: event.parts[part] for part in visible},
        "salts": {part: content.salt_of(event.salt, part).hex() for part in visible},
        "commitments": {part: commitments[part].hex() for part in content.PARTS if part not in visible},
    }


def block_form(block: Block) -> dict[str, Any]:
    return {
        "number": block.number,
        "first": block.first,
        "count": block.count,
        "root": bytes(block.root).hex(),
        "previous": bytes(block.previous).hex(),
        "sealed_at": stamp(block),
        "hash": bytes(block.hash).hex(),
    }


def proof(event: int, shown: Shown = everything) -> dict[str, Any]:
    """The proof that an event is in the journal. Raises Leaf.DoesNotExist while it is not sealed."""
    leaf = Leaf.objects.get(event=event)
    block = Block.objects.filter(first__lte=leaf.position).order_by("-first")[0]
    leaves = [hashed for batch in rows.in_order(block.first, block.first + block.count - 1) for _, _, hashed in batch]
    written = rows.read([event])[event]
    steps = merkle.path(leaves, leaf.position - block.first)
    later = Block.objects.filter(number__gt=block.number).order_by("number")
    return {
        "event": event_form(written, shown(written), leaf.position),
        "path": [[side, neighbour.hex()] for side, neighbour in steps],
        "block": block_form(block),
        "later": [block_form(other) for other in later.iterator(chunk_size=500)],
    }


def _dump(thing: Mapping[str, Any]) -> str:
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
