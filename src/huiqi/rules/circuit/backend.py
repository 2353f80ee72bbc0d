"""The kernel that this process runs: the compiled one, or numpy where numba is not installed or ``HUIQI_KERNEL=numpy`` says so."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
#: (first tile, number of tiles) of each block, the rule of each tile, the words of the tiles.
Tiles = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32], Words]


def _chosen() -> Any:
    if os.environ.get("HUIQI_KERNEL") != "numpy":
        try:
            return importlib.import_module(".kernel", __package__)
        except ImportError:
            pass
    return importlib.import_module(".plain", __package__)


kernel: Any = _chosen()
COMPILED: bool = kernel.__name__.endswith(".kernel")


def aligned(words: int) -> Words:
    """Memory for so many words, at a multiple of 64 bytes and not yet touched."""
    raw = np.empty(words + 8, np.uint64)
    start = (-raw.ctypes.data // 8) % 8
    return raw[start : start + words]
