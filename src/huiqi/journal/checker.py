"""Checks an export or a proof: standard library only, so that anybody can read it whole and run it without us.

``huiqi audit checker`` prints this module, :mod:`huiqi.journal.merkle` and :mod:`huiqi.journal.content` as one file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from . import content, merkle


class Misfit(ValueError):
    """Something in the file does not fit; the message names it."""


#: What a file that is no proof raises. A file comes from outside: whatever is wrong with it, it does not fit.
PROBLEMS = (Misfit, ValueError, KeyError, TypeError, IndexError, AttributeError)


def leaf_of(event: Mapping[str, Any]) -> bytes:
    """The hash of the leaf of an event as it stands in a file: shown parts are committed to, the others taken as given."""
    commitments = {part: bytes.fromhex(given) for part, given in event["commitments"].items()}
    for part, shown in event["parts"].items():
        commitments[part] = content.commitment(bytes.fromhex(event["salts"][part]), shown)
    told = event["parts"].get("what")
    if told is not None and told["id"] != str(event["id"]):
        raise Misfit(f"event {event['id']} says that it is event {told['id']}")
    missing = [part for part in content.PARTS if part not in commitments]
    if missing:
        raise Misfit(f"event {event['id']} lacks {', '.join(missing)}")
    leaf = merkle.leaf_hash(content.leaf_content(commitments))
    if leaf.hex() != event["leaf"]:
        raise Misfit(f"event {event['id']} was changed")
    return leaf


def check_block(block: Mapping[str, Any], previous: str | None) -> None:
    """The block follows the one before and its hash is its own."""
    if previous is not None and block["previous"] != previous:
        raise Misfit(f"block {block['number']} does not follow the block before it")
    reckoned = content.block_hash(
        bytes.fromhex(block["previous"]),
        block["number"],
        block["first"],
        block["count"],
        block["sealed_at"],
        bytes.fromhex(block["root"]),
    )
    if reckoned.hex() != block["hash"]:
        raise Misfit(f"block {block['number']} was changed")


def check_proof(proof: Mapping[str, Any]) -> list[str]:
    """The hashes of the blocks that the proof leads to, in hexadecimal: one of them is to be compared with one that was
    published. Raises Misfit."""
    event, block = proof["event"], proof["block"]
    steps = [(side, bytes.fromhex(neighbour)) for side, neighbour in proof["path"]]
    if [side for side, _ in steps] != merkle.sides(event["position"] - block["first"], block["count"]):
        raise Misfit(f"event {event['id']} does not stand at {event['position']}")
    if merkle.climb(leaf_of(event), steps).hex() != block["root"]:
        raise Misfit(f"event {event['id']} is not in block {block['number']} as it is shown here")
    check_block(block, None)
    heads = [str(block["hash"])]
    for later in proof["later"]:
        check_block(later, heads[-1])
        heads.append(str(later["hash"]))
    return heads


def check_export(lines: Iterable[str]) -> tuple[int, list[str]]:
    """The number of events, and the hashes of all blocks in hexadecimal, of a whole export. Raises Misfit."""
    events = 0
    heads: list[str] = []
    block: Mapping[str, Any] | None = None
    leaves: list[bytes] = []
    for line in lines:
        thing = json.loads(line)
        if "block" in thing:
            _close(block, leaves)
            block, leaves = thing["block"], []
            if block["number"] != len(heads) or block["first"] != events:
                raise Misfit(f"block {len(heads)} is missing or out of place")
            check_block(block, heads[-1] if heads else bytes(32).hex())
            heads.append(block["hash"])
            continue
        if block is None:
            raise Misfit("the file begins with an event and not with a block")
        if thing["event"]["position"] != events:
            raise Misfit(f"the event at {events} is missing or out of place")
        leaves.append(leaf_of(thing["event"]))
        events += 1
    _close(block, leaves)
    return events, heads


def _close(block: Mapping[str, Any] | None, leaves: list[bytes]) -> None:
    if block is None:
        return
    if len(leaves) != block["count"]:
        raise Misfit(f"block {block['number']} has {len(leaves)} events and not {block['count']}")
    if merkle.root(leaves).hex() != block["root"]:
        raise Misfit(f"an event of block {block['number']} was exchanged for another")


def main() -> int:
    """``python checker.py FILE``: an export (.jsonl) or a proof (.json)."""
    try:
        with Path(sys.argv[1]).open(encoding="utf-8") as file:
            if sys.argv[1].endswith(".jsonl"):
                events, heads = check_export(file)
                print(f"{events} events in {len(heads)} blocks fit; root {heads[-1]}")
            else:
                print(f"the event is in the journal whose head is {check_proof(json.load(file))[-1]}")
    except PROBLEMS as problem:
        print(f"does not fit: {problem}", file=sys.stderr)
        return 1
    return 0
