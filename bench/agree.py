"""Do the engines say the same? The oracle and DuckDB against each of our readers, pair by pair.

    python -m bench.agree [--pairs 2000000]

Half of the pairs are those of the workload with many figures at a limit, half are rules that nest AND, OR, NOT and tests
for unknown in every way. About 15 % of the facts are unknown, sets may be empty. Our readers are the compiled kernel and
the one in numpy, the judge of one enterprise, and the table of one rule that is being typed. Exits 1 on the first pair
that differs and shows it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np

from bench import oracle, workload
from bench.peers import Verdicts, Work
from bench.peers.duckdb_sql import DuckDB
from huiqi.rules import language, parse_rule
from huiqi.rules.circuit import Circuit, Runner, Single, encode
from huiqi.rules.table import Matcher, Table

RULES = 1_000
AT_LIMITS = 0.6


class Disagreement(Exception):
    """Two readers gave different verdicts on one pair; the text shows it."""


def oracle_verdicts(work: Work) -> Verdicts:
    """What the oracle says: 1 met, 0 not met, -1 unknown, by enterprise and rule."""
    readers = [oracle.reader(rule.text) for rule in work.rules]
    rows = [oracle.facts(row) for row in work.facts.to_pylist()]
    return np.array([[-1 if (v := read(row)) is None else int(v) for read in readers] for row in rows], np.int8)


def compare(work: Work, wanted: Verdicts, name: str, found: Verdicts) -> None:
    """Raises :class:`Disagreement` with the first pair that differs."""
    if found.shape != wanted.shape:
        raise Disagreement(f"{name}: verdicts of shape {found.shape}, not {wanted.shape}")
    differing = np.argwhere(found != wanted)
    if len(differing):
        row, rule = differing[0]
        raise Disagreement(
            f"{name}: {found[row, rule]} where the oracle has {wanted[row, rule]}, in {len(differing):,} of {wanted.size:,} "
            f"pairs (1 met, 0 not met, -1 unknown)\n{work.rules[rule].text}\n{work.facts.slice(row, 1).to_pylist()[0]}"
        )


def our_verdicts(work: Work, table: Table) -> Iterator[tuple[str, Verdicts]]:
    """(name, verdicts) of each of our readers; the kernel is the one that this process runs."""
    circuit = Circuit([rule.formula for rule in work.rules], workload.REGION, language())
    codes = encode(circuit, table, sort=True)
    sorted_verdicts = Runner(circuit).run(codes, keep=True).matrix()
    if codes.order is None:
        yield "the kernel", sorted_verdicts
    else:
        found = np.empty_like(sorted_verdicts)
        found[codes.order] = sorted_verdicts
        yield "the kernel", found
    single = Single(circuit)
    rows = [table.row(row, workload.facts()) for row in range(table.rows)]
    of_answer = np.array([0, -1, 1], np.int8)
    yield "one enterprise", np.stack([of_answer[single.judge(row).answers] for row in rows])
    matcher = Matcher(table)
    yield "one rule being typed", np.stack([matcher.verdicts(parse_rule(rule.text)) for rule in work.rules], axis=1)


def works(rows: int, rules: int) -> Iterator[tuple[str, Work, Table]]:
    """(name, work, the same enterprises as our columns)."""
    table = workload.enterprises(rows, at_limits=AT_LIMITS)
    facts = workload.arrow(table)
    yield "the workload", Work(facts, workload.rules(rules)), table
    yield "nested rules", Work(facts, workload.nested_rules(rules)), table


def check(rows: int, rules: int) -> Iterator[str]:
    """Compare everything at this size; a line for each comparison. Raises :class:`Disagreement`."""
    for name, work, table in works(rows, rules):
        wanted = oracle_verdicts(work)
        shares = " / ".join(f"{(wanted == value).mean():.0%}" for value in (1, 0, -1))
        yield f"{name}: {wanted.size:,} pairs, met / not met / unknown {shares}"
        compare(work, wanted, "DuckDB", DuckDB(work).verdicts())
        yield "    the oracle and DuckDB agree"
        for reader, found in our_verdicts(work, table):
            compare(work, wanted, reader, found)
            yield f"    {reader} agrees"


def main(pairs: int) -> int:
    from huiqi.rules.circuit.backend import COMPILED

    print("the compiled kernel" if COMPILED else "the kernel in numpy", flush=True)
    started = time.perf_counter()
    try:
        for line in check(-(-pairs // (2 * RULES)), RULES):
            print(line, flush=True)
    except Disagreement as problem:
        print(problem)
        return 1
    print(f"{time.perf_counter() - started:.0f} s", flush=True)
    if not COMPILED:
        return 0
    again = [sys.executable, "-m", "bench.agree", "--pairs", str(pairs)]
    return subprocess.run(again, env={**os.environ, "HUIQI_KERNEL": "numpy"}, check=False).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2_000_000)
    sys.exit(main(parser.parse_args().pairs))
