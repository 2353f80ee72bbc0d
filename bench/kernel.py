"""What the matching engine needs for each kind of work.

    python -m bench.kernel [--full] [--busy] [--json]

At full size: a million enterprises with ten thousand rules, and with fifty thousand that are local; one enterprise; one
rule being typed; a thousand changed enterprises. Medians of five, and the 99th of a hundred for what somebody waits for.
On a machine that is busy with other work ``--busy`` tells processor time in place of time: for everyone against
everything, which all cores share evenly, divided by their number; for all else the sum over the cores, which is more
than one would wait on a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from bench import workload
from bench.against import in_turns
from huiqi.rules import language, parse_rule
from huiqi.rules.circuit import Circuit, Runner, Single, delta, encode
from huiqi.rules.machine import cores
from huiqi.rules.table import Column, Matcher, Table

RUNS = 5
#: Share of local rules where enterprises are sorted by region.
LOCAL = 0.95
CHANGED = 1_000


@dataclass(frozen=True)
class Figure:
    """A measured figure: ``value`` in ``unit``; at least (or, for times and memory, at most) ``least``, better ``goal``."""

    what: str
    value: float
    unit: str
    least: float
    goal: float


@dataclass(frozen=True)
class Clock:
    """Seconds of the clock on the wall, or of the processor where the machine is busy with other work."""

    busy: bool

    def now(self) -> float:
        return time.process_time() if self.busy else time.perf_counter()

    def shared(self) -> float:
        """For work that all cores share evenly."""
        return time.process_time() / cores() if self.busy else time.perf_counter()


def settle() -> None:
    """As the service does when it has read its policies: what stays is not gone through again and again."""
    gc.collect()
    gc.freeze()


def percentile(act: Callable[[int], object], times: int, clock: Clock, share: float = 0.99) -> float:
    """Seconds within which so large a share of the calls is answered; the first calls do not count."""
    settle()
    for number in range(min(10, times)):
        act(number)
    taken = []
    for number in range(times):
        started = clock.now()
        act(number)
        taken.append(clock.now() - started)
    return float(np.quantile(taken, share))


def circuit_of(rules: list[workload.Invented]) -> Circuit:
    return Circuit([rule.formula for rule in rules], workload.REGION, language())


def everything(circuit: Circuit, table: Table, clock: Clock) -> list[Figure]:
    """All enterprises with all rules, dense: matrix and counts."""
    runner, codes = Runner(circuit), encode(circuit, table)
    seconds = in_turns(
        {
            "resident": lambda: runner.run(codes, keep=True),
            "quantised": lambda: runner.run(encode(circuit, table), keep=True),
            "counts": lambda: runner.run(codes),
        },
        RUNS,
        clock.shared,
    )
    pairs, size = table.rows * circuit.rules, f"{table.rows:,} x {circuit.rules:,}"
    return [
        Figure(f"{size}, matrix and counts, codes resident", pairs / seconds["resident"], "pairs/s", 1.2e10, 2e10),
        Figure(f"{size}, the same with quantising", pairs / seconds["quantised"], "pairs/s", 8e9, 1.4e10),
        Figure(f"{size}, counts only, codes resident", pairs / seconds["counts"], "pairs/s", 1.2e10, 2e10),
        Figure(f"memory of {table.rows:,} enterprises resident", codes.nbytes / 1e6, "MB", 100, 60),
    ]


def local(rows: int, rules: int, clock: Clock) -> list[Figure]:
    """Enterprises sorted by region, and rules most of which hold in one place."""
    circuit, table = circuit_of(workload.rules(rules, LOCAL)), workload.enterprises(rows, by_region=True)
    runner, codes = Runner(circuit), encode(circuit, table, sort=True)
    seconds = in_turns({"local": lambda: runner.run(codes, keep=True)}, RUNS, clock.shared)["local"]
    what = f"{rows:,} x {rules:,}, sorted by region, {LOCAL:.0%} local"
    return [Figure(what, rows * rules / seconds, "pairs/s", 3e10, 6e10)]


def one_enterprise(circuit: Circuit, least: float, goal: float, times: int, clock: Clock) -> list[Figure]:
    """One enterprise with all rules, with the reasons for what it may have."""
    table = workload.enterprises(times)
    rows, single = [table.row(row, workload.facts()) for row in range(times)], Single(circuit)

    def judge(number: int) -> object:
        judged = single.judge(rows[number])
        return [judged.reasons(rule) for rule in judged.met()]

    return [
        Figure(
            f"one enterprise x {circuit.rules:,}, explained, p99",
            percentile(judge, times, clock) * 1e3,
            "ms",
            least,
            goal,
        )
    ]


def one_rule(table: Table, times: int, clock: Clock) -> list[Figure]:
    """A rule that nobody has seen before with all enterprises."""
    rules = [parse_rule(rule.text) for rule in workload.rules(times)]
    table.prepare()  # as the platform does once for each state of the facts
    seconds = percentile(lambda number: Matcher(table).match(rules[number]), times, clock)
    return [Figure(f"a new rule x {table.rows:,}, p99", seconds * 1e3, "ms", 20, 10)]


def changed(circuit: Circuit, times: int, clock: Clock) -> list[Figure]:
    """Enterprises of which some facts are other ones now: who gained and who lost what."""
    random = np.random.default_rng(7)
    before = workload.enterprises(CHANGED)
    other = workload.enterprises(CHANGED, at_limits=0.5)
    columns = {}
    for name, column in before.columns.items():
        new, takes = other.columns[name], random.random(CHANGED) < 0.1
        mixed = [
            None if old is None else np.where(takes, fresh, old)
            for old, fresh in ((column.known, new.known), (column.numbers, new.numbers), (column.codes, new.codes))
        ]
        columns[name] = Column(*mixed, column.values)  # type: ignore[arg-type]
    after = Table(columns, CHANGED, language())
    runner, old, codes = Runner(circuit), encode(circuit, before), encode(circuit, after)
    size = f"{CHANGED:,} changed x {circuit.rules:,}"
    settle()
    seconds = in_turns(
        {"facts": lambda: delta(runner, old, encode(circuit, after)), "codes": lambda: delta(runner, old, codes)},
        times,
        clock.now,
    )
    return [
        Figure(f"{size}, from their facts, median", seconds["facts"] * 1e3, "ms", 10, 5),
        Figure(f"{size}, from their codes, median", seconds["codes"] * 1e3, "ms", 10, 5),
    ]


def figures(full: bool, clock: Clock) -> list[Figure]:
    """All figures, at full size or at a tenth of it."""
    rows, rules, many = (1_000_000, 10_000, 50_000) if full else (100_000, 2_000, 5_000)
    times = 200 if full else 100
    circuit, table = circuit_of(workload.rules(rules)), workload.enterprises(rows)
    found = everything(circuit, table, clock)
    found += one_enterprise(circuit, 1.5, 1, times, clock)
    found += one_rule(table, times, clock)
    found += changed(circuit, times // 5, clock)
    if full:
        found += one_enterprise(circuit_of(workload.rules(many)), 6, 4, times, clock)
    return found + local(rows, many, clock)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = figures(asked.full, Clock(asked.busy))
    if asked.json:
        print(
            json.dumps(
                {"figures": [asdict(figure) for figure in found], "load": os.getloadavg()[0], "busy": asked.busy}
            )
        )
    else:
        for figure in found:
            print(f"| {figure.what} | {figure.value:,.3g} {figure.unit} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
