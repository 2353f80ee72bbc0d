"""All measurements: ``python -m bench`` in some minutes, ``--full`` at full size."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys

STEPS = {
    "engines": ([], ["--full"]),
    "matching": (["--enterprises", "20000"], ["--enterprises", "100000"]),
    "reach": (["--enterprises", "20000"], ["--enterprises", "100000"]),
    "import_roster": (["--rows", "20000"], ["--rows", "100000"]),
    "duties": (["--duties", "20000"], ["--duties", "100000"]),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
    worst = 0
    for module, (small, large) in STEPS.items():
        print(f"\n{module}", flush=True)
        worst = max(
            worst,
            subprocess.run(
                [sys.executable, "-m", f"bench.{module}", *(large if full else small)], check=False
            ).returncode,
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
