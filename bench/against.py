"""One peer against our kernel at the same work, in turns, in one process.

    python -m bench.against polars [--rows 100000] [--rules 1000] [--runs 5] [--json]

First the peer's verdicts on a small work with unknowns, figures at limits and empty sets are held against the oracle,
then its counts at the full size against ours. Only then both are timed, one after the other, so often; told are medians
and their ratio. *Resident*: codes are there already (for Polars: the columns of the conditions). Else the work begins
with the columns of facts. *Cold*: with all that is done once, from the trees of the rules on, in a new process.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench import workload
from bench.agree import AT_LIMITS, Disagreement, compare, oracle_verdicts
from bench.peers import PEERS, Counts, Missing, Peer, Work
from huiqi.rules import language
from huiqi.rules.circuit import Circuit, Codes, Runner, encode
from huiqi.rules.table import Table

CHECKED_ROWS, CHECKED_RULES = 400, 100


class Ours:
    """The kernel at the work of a peer."""

    def __init__(self, rules: list[workload.Invented], table: Table) -> None:
        self.table = table
        self.circuit = Circuit([rule.formula for rule in rules], workload.REGION, language())
        self.runner = Runner(self.circuit)
        self.codes = self.encode()

    def encode(self) -> Codes:
        return encode(self.circuit, self.table)

    def count(self, codes: Codes) -> Counts:
        answers = self.runner.run(codes)
        return np.stack([answers.certain, answers.possible - answers.certain])


def in_turns(
    acts: dict[str, Callable[[], object]], runs: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Median seconds of each, all of them run one after the other in each round, after a round that does not count."""
    found: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(runs + 1):
        for name, act in acts.items():
            started = clock()
            act()
            taken = clock() - started
            if number:
                found[name].append(taken)
    return {name: statistics.median(times) for name, times in found.items()}


def peer_named(name: str) -> type[Peer]:
    module, _, of = PEERS[name].partition(":")
    found: type[Peer] = getattr(importlib.import_module(module), of)
    return found


def check(peer: type[Peer]) -> None:
    """Raises Disagreement when the peer does not say what the oracle says."""
    facts = workload.arrow(workload.enterprises(CHECKED_ROWS, at_limits=AT_LIMITS))
    work = Work(facts, workload.rules(CHECKED_RULES))
    compare(work, oracle_verdicts(work), peer.title, peer(work).verdicts())


def against(name: str, rows: int, rules: int, runs: int) -> dict[str, Any]:
    """What is told of a peer: sizes, seconds, ratios. Raises Missing and Disagreement."""
    peer_class = peer_named(name)
    check(peer_class)
    table, trees = workload.enterprises(rows), workload.rules(rules)
    work = Work(workload.arrow(table), trees)
    theirs_ready, ours_ready = [], []
    theirs_ready.append(time.perf_counter())
    peer = peer_class(work)
    theirs_ready.append(time.perf_counter())
    theirs = peer.count()
    theirs_ready.append(time.perf_counter())
    ours_ready.append(time.perf_counter())
    engine = Ours(trees, table)
    ours_ready.append(time.perf_counter())
    own = engine.count(engine.codes)
    ours_ready.append(time.perf_counter())
    if not np.array_equal(own, theirs):
        raise Disagreement(f"{peer.title}: other counts than ours for {int((own != theirs).any(axis=0).sum())} rules")
    acts: dict[str, Callable[[], object]] = {
        "ours_resident": lambda: engine.count(engine.codes),
        "ours": lambda: engine.count(engine.encode()),
        "theirs": peer.count,
    }
    if name == "polars":
        leaves = peer.leaf_columns()  # type: ignore[attr-defined]
        acts["theirs_resident"] = lambda: peer.count_from(leaves)  # type: ignore[attr-defined]
    found = in_turns(acts, runs)
    return {
        "peer": name,
        "title": peer.title,
        "version": peer.version(),
        "rows": rows,
        "rules": rules,
        "seconds": found,
        "cold": {"ours": ours_ready[-1] - ours_ready[0], "theirs": theirs_ready[-1] - theirs_ready[0]},
        "load": os.getloadavg()[0],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        found = against(asked.peer, asked.rows, asked.rules, asked.runs)
    except (Missing, ImportError) as problem:
        found = {"peer": asked.peer, "title": asked.peer, "missing": str(problem)}
    except Disagreement as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(found) if asked.json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
