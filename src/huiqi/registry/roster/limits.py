"""How large a roster file may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How large a file may be. ``unpacked`` bounds what a compressed file may grow to in memory.

    ``parquet`` is False where files come from people who are not trusted with the memory of the machine: one value of
    a Parquet file can stand for a million cells.
    """

    bytes: int = 200 * 1024**2
    rows: int = 1_000_000
    cells: int = 50_000_000
    unpacked: int = 2 * 1024**3
    parquet: bool = True
