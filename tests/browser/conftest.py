"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .world import World, make_world, published_is_swept_up


@pytest.fixture
def whole_world(transactional_db: None, settings: Any) -> Iterator[World]:
    """Something for every page, in a demonstration: its notice takes room at the head of each."""
    settings.HUIQI_DEMO = True
    with published_is_swept_up():
        yield make_world()
