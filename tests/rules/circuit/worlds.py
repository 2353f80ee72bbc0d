"""Worlds of random rules and random enterprises to run the kernels on."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huiqi.rules import Rule, RuleProblem, dictionary, language, parse_rule
from huiqi.rules.rule import compiled
from huiqi.rules.table import Table, column_of_values

from ..generator import STORED, Generator


@dataclass(frozen=True)
class World:
    """Rules, enterprises, and the verdict of each rule's own reader: 1 met, 0 not met, -1 unknown."""

    rules: list[Rule]
    rows: list[dict[str, Any]]
    table: Table
    wanted: npt.NDArray[np.int8]


def world(seed: int, rules: int, rows: int, depth: int = 3) -> World:
    made = Generator(random.Random(seed))
    found: list[Rule] = []
    while len(found) < rules:
        try:
            found.append(parse_rule(made.condition(depth)))
        except RuleProblem:
            continue
    people = [made.row() for _ in range(rows)]
    return World(found, people, table_of_rows(people), verdicts(found, people))


def table_of_rows(rows: list[dict[str, Any]]) -> Table:
    columns = {name: column_of_values(dictionary()[name], [row.get(name) for row in rows]) for name in STORED}
    return Table(columns, len(rows), language())


def verdicts(rules: list[Rule], rows: list[dict[str, Any]]) -> npt.NDArray[np.int8]:
    """Judged one by one, exactly."""
    readers: list[Callable[[Any], Any]] = [compiled(rule.language, True).reader(rule.tree) for rule in rules]
    return np.array([[-1 if (v := read(row)) is None else int(v) for read in readers] for row in rows], np.int8)
