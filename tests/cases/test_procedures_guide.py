"""The guide to the procedures is as their classes are."""

from __future__ import annotations

from pathlib import Path

from huiqi.cases.procedures.telling import guide

GUIDE = Path(__file__).parents[2] / "docs" / "procedures.md"


def test_the_guide_is_not_stale() -> None:
    assert GUIDE.read_text(encoding="utf-8") == guide(), "huiqi manage procedures > docs/procedures.md"
