"""Other engines at the same work, a file each.

A peer gets the enterprises as an Arrow table and the rules as trees, and counts for every rule by how many enterprises
it is met and for how many it is unknown. Each is written as somebody who knows it well would write it for this work.
What can be done once (columns brought in, expressions built) is done when it is made and is not timed.
"""

from __future__ import annotations

import importlib.metadata
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench.workload import Condition, Invented, Tree

Counts = npt.NDArray[np.int64]
Verdicts = npt.NDArray[np.int8]
T = TypeVar("T")

#: Module and class of every peer, in the order of the table.
PEERS = {
    "polars": "bench.peers.polars_leaves:Polars",
    "duckdb": "bench.peers.duckdb_sql:DuckDB",
    "clickhouse": "bench.peers.clickhouse:ClickHouse",
    "openfisca": "bench.peers.openfisca:OpenFisca",
    "spark": "bench.peers.spark_sql:SparkSQL",
    "cel": "bench.peers.cel_rust:CEL",
    "zen": "bench.peers.zen:Zen",
}


@dataclass(frozen=True)
class Work:
    """Enterprises (null is unknown, sets are lists) and rules."""

    facts: pa.Table
    rules: list[Invented]


class Missing(Exception):
    """The peer cannot run here; the text says what to install."""


class Peer(ABC):
    """An engine with work that is ready to run. Raises :class:`Missing` when it is made where it cannot run."""

    title: ClassVar[str]
    package: ClassVar[str]

    @abstractmethod
    def __init__(self, work: Work) -> None: ...

    @abstractmethod
    def count(self) -> Counts:
        """(met, unknown) by rule, of shape (2, rules). This is what is timed."""

    @abstractmethod
    def verdicts(self) -> Verdicts:
        """1 met, 0 not met, -1 unknown, by enterprise and rule. For the check of agreement, on small work."""

    @classmethod
    def version(cls) -> str:
        """The version that is installed."""
        return importlib.metadata.version(cls.package)


def folded(tree: Tree, leaf: Callable[[Condition], T], group: Callable[[str, list[T]], T]) -> T:
    """A tree in another notation: ``leaf`` writes a condition, ``group`` joins parts by ``and``, ``or`` or ``not``."""
    if isinstance(tree, Condition):
        return leaf(tree)
    return group(tree.connective, [folded(part, leaf, group) for part in tree.parts])
