"""Several who act at the same moment: real threads with connections of their own. For tests that really commit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

Each = TypeVar("Each")


def together(step: Callable[[Each], Any], each_of: Sequence[Each], problem: type[Exception]) -> list[Any]:
    """What came of a step that each of these takes at the same moment: its answer, or the problem that it raised."""
    barrier = threading.Barrier(len(each_of))

    def one(each: Each) -> Any:
        barrier.wait()
        try:
            return step(each)
        except problem as raised:
            return raised
        finally:
            connection.close()

    with ThreadPoolExecutor(len(each_of)) as pool:
        return list(pool.map(one, each_of))
