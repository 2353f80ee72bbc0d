"""The matching engine and its peers: agreement first, then every figure, then the page.

    python -m bench.engines [--full] [--busy] [--only kernel polars ...]

At full size the results are kept in ``docs/performance/results.json``, from which the section of ``docs/performance.md``
is written; ``--only`` measures some parts anew and leaves the others as they were. Each part runs in a process of its
own. ``--busy`` is that of :mod:`bench.kernel`. Exits 1 when readers disagree.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import page
from bench.machine import description

FOLDER = Path("docs/performance")
RESULTS = FOLDER / "results.json"
#: Enterprises and rules for each peer, small and full: as many as it does in a reasonable time.
SIZES = {
    "polars": ((50_000, 500), (200_000, 10_000)),
    "duckdb": ((10_000, 100), (100_000, 1_000)),
    "clickhouse": ((10_000, 100), (100_000, 1_000)),
    "openfisca": ((10_000, 100), (100_000, 1_000)),
    "spark": ((10_000, 50), (100_000, 1_000)),
    "cel": ((300, 100), (2_000, 500)),
    "zen": ((300, 100), (2_000, 500)),
}
#: Enterprises and rules for the kernel inside Spark.
NATION = ((20_000, 50), (200_000, 1_000))
#: Measured rounds.
RUNS = ("3", "5")
#: Where everything is done from the start, for a small library of rules.
COLD = ((20_000, 100), (100_000, 100))


def command(part: str, full: bool, busy: bool) -> list[str]:
    """The module and arguments that measure a part."""
    size = ["--full"] if full else []
    match part:
        case "agree":
            return ["agree", "--pairs", "2000000" if full else "100000"]
        case "kernel":
            return ["kernel", "--json", *size, *(["--busy"] if busy else [])]
        case "snapshot":
            return ["snapshot", "--json", "--enterprises", "1000000" if full else "20000"]
        case "nation":
            rows, rules = NATION[full]
            return ["nation", "--json", "--enterprises", str(rows), "--rules", str(rules), "--runs", RUNS[False]]
        case "growth":
            return ["growth", *size, "--out", str(FOLDER if full else Path(os.devnull))]
    name, sizes = ("polars", COLD) if part == "cold" else (part, SIZES[part])
    rows, rules = sizes[full]
    return ["against", name, "--json", "--rows", str(rows), "--rules", str(rules), "--runs", RUNS[full]]


def run(part: str, full: bool, busy: bool) -> dict[str, Any]:
    """The result of a part; raises CalledProcessError with what it said when it failed."""
    module, *arguments = command(part, full, busy)
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    if part == "growth":
        return {"told": ""}
    if part == "agree":
        return {"told": done.stdout}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    parts = ["agree", "kernel", "snapshot", *SIZES, "nation", "cold", "growth"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    asked = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if asked.full and RESULTS.exists() else {}
    for part in asked.only:
        if part == "growth" and not asked.full:
            continue
        print(f"{part} ...", file=sys.stderr, flush=True)
        try:
            results[part] = run(part, asked.full, asked.busy) | {
                "on": dt.datetime.now(tz=dt.UTC).date().isoformat(),
                "machine": description(),
            }
        except subprocess.CalledProcessError as problem:
            print(problem.stdout or problem, file=sys.stderr)
            return 1
        if asked.full:
            FOLDER.mkdir(parents=True, exist_ok=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            page.write(results)
    if not asked.full:
        print(page.section(results, full=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
