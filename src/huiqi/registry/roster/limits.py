"""How large a roster file may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How large a file may be. ``unpacked`` bounds what a compressed file may grow to in memory."""

    bytes: int = 200 * 1024**2
    rows: int = 1_000_000
    cells: int = 50_000_000
    unpacked: int = 2 * 1024**3
