"""Merkle trees against the definition in RFC 9162, and proofs that cannot be bent."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiqi.journal import merkle

leaves = st.lists(st.binary(min_size=0, max_size=8).map(merkle.leaf_hash), min_size=1, max_size=70)


def by_definition(hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162: split at the largest power of two below the number of leaves."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = by_definition(hashes[:split]), by_definition(hashes[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(leaves)
def test_the_root_is_the_one_of_the_rfc(hashes: list[bytes]) -> None:
    assert merkle.root(hashes) == by_definition(hashes)


@given(leaves, st.data())
def test_every_leaf_is_proved_and_no_other(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    path = merkle.path(hashes, index)
    assert [side for side, _ in path] == merkle.sides(index, len(hashes))
    assert merkle.climb(hashes[index], path) == merkle.root(hashes)
    other = merkle.leaf_hash(b"never among them, as it is longer")
    assert merkle.climb(other, path) != merkle.root(hashes)


def test_no_tree_has_no_root_and_no_leaf_outside_has_a_path() -> None:
    with pytest.raises(ValueError, match="without leaves"):
        merkle.root([])
    with pytest.raises(IndexError):
        merkle.path([bytes(32)], 1)
