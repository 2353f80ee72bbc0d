"""Reasons: what is done to somebody else says why."""

from __future__ import annotations


def given_reason(reason: str) -> str:
    """The reason without the space around it. ValueError when nothing is left."""
    given = reason.strip()
    if not given:
        raise ValueError("an act of this kind gives its reason")
    return given
