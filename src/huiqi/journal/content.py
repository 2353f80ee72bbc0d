"""What is hashed of an event, so that any part of it may be kept back and the rest still be proved.

An event has four parts: ``who`` did ``what``, ``why``, and which rows it ``changes``. Each part is committed to by
itself, salted with a salt of its own (derived from the event's, so that one tells nothing of another), and the leaf is
the hash over the four commitments. Whoever is shown a part and its salt can check it; of a part that is kept back she
has the commitment only, from which nothing can be guessed.

A part is JSON with sorted keys and no spaces, all numbers and times as text, UTF-8. This module uses the standard library
alone: ``huiqi audit checker`` prints it together with :mod:`huiqi.journal.merkle` for whoever wants to check without us.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

PARTS = ("who", "what", "why", "changes")


def canonical(part: Any) -> bytes:
    """A part as the bytes that are hashed."""
    return json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def salt_of(salt: bytes, part: str) -> bytes:
    """The salt of one part, from the event's (16 bytes)."""
    return hashlib.sha256(salt + part.encode()).digest()[:16]


def commitment(salt: bytes, part: Any) -> bytes:
    """The commitment to a part under its own salt, 32 bytes."""
    return hashlib.sha256(salt + canonical(part)).digest()


def leaf_content(commitments: Mapping[str, bytes]) -> bytes:
    """The content of the leaf of an event, from the commitments to its four parts. KeyError when one is missing."""
    return b"".join(commitments[part] for part in PARTS)


def block_hash(previous: bytes, number: int, first: int, count: int, sealed_at: str, root: bytes) -> bytes:
    """The hash of a block: over the block before it, its place, the time (ISO, UTC) and its root."""
    head = {"count": str(count), "first": str(first), "number": str(number), "sealed_at": sealed_at}
    return hashlib.sha256(previous + root + canonical(head)).digest()
