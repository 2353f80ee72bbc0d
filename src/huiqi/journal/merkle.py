"""Merkle trees over the leaves of a block, and what proves that a leaf is in one (RFC 9162, section 2.1).

A leaf and an inner node are hashed with different first bytes, so that neither can be passed off as the other. The tree
over n leaves splits at the largest power of two below n. All hashes are SHA-256, 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

LEAF, NODE = b"\x00", b"\x01"


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf with this content."""
    return hashlib.sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return hashlib.sha256(NODE + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of the leaves, in order. ValueError for no leaves: no block is empty."""
    if not leaves:
        raise ValueError("a tree without leaves has no root")
    level = list(leaves)
    while len(level) > 1:
        # Pairing neighbours and carrying an odd last one up gives the tree of the RFC.
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """The neighbours from leaf ``index`` up to the root: ``("left" | "right", hash)``. IndexError outside the leaves."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    steps: list[tuple[str, bytes]] = []
    level = list(leaves)
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            steps.append(("left" if neighbour < index else "right", level[neighbour]))
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
        index //= 2
    return steps


def sides(index: int, count: int) -> list[str]:
    """On which side the neighbours stand on the way up from leaf ``index`` of ``count``. IndexError outside the leaves."""
    if not 0 <= index < count:
        raise IndexError(index)
    found = []
    while count > 1:
        if index ^ 1 < count:
            found.append("left" if index % 2 else "right")
        index, count = index // 2, (count + 1) // 2
    return found


def climb(leaf: bytes, steps: Sequence[tuple[str, bytes]]) -> bytes:
    """The root that a leaf and its path lead to."""
    reached = leaf
    for side, neighbour in steps:
        reached = node_hash(neighbour, reached) if side == "left" else node_hash(reached, neighbour)
    return reached
