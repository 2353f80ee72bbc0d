"""On which machine figures were measured."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

from huiqi.rules.machine import cores


def processor() -> str:
    """The model of the processor, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(tuple(part.strip() for part in line.split(":", 1)) for line in reversed(lines) if ":" in line)
    name = facts.get("model name", platform.machine())
    family = f"family {facts['cpu family']} model {facts['model']}" if "cpu family" in facts else ""
    wide = next((flag for flag in ("avx512f", "avx2", "asimd") if flag in facts.get("flags", "").split()), "")
    return ", ".join(part for part in (name, family, wide, facts.get("cache size", "")) if part)


def memory() -> float:
    """GiB of memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def description() -> str:
    """Processor, cores, memory and versions in a sentence."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numba", "numpy", "pyarrow"))
    return (
        f"{platform.machine()}: {processor()}; {cores()} cores, {memory():.0f} GiB; "
        f"{platform.system()}, Python {platform.python_version()}, {versions}"
    )
