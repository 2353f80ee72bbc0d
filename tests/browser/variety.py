"""How a test is run in several ways: some of them by default, all by ``make walk``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def ways(default: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Parameters of a test or a fixture: ``default`` always, ``others`` where all looks are asked for (the mark ``walk``).

    What is chosen by default has every value of every choice at least once (a script and none, Chinese and English, a phone
    and a desk), and leaves combinations of them to the walk.
    """
    return [*default, *(pytest.param(other, marks=pytest.mark.walk) for other in others)]
