"""The pinned versions of the environments: what the service needs stands in each of them, in the same version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "requirements"


def pinned(name: str) -> dict[str, str]:
    """Versions by package."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize(("smaller", "larger"), [("base", "dev"), ("dev", "bench")])
def test_an_environment_has_what_the_smaller_one_has(smaller: str, larger: str) -> None:
    wanted, found = pinned(smaller), pinned(larger)
    assert wanted
    assert {name: found.get(name) for name in wanted} == wanted


def test_spark_has_no_other_version_of_a_package_of_the_service() -> None:
    wanted, found = pinned("dev"), pinned("spark")
    assert found
    assert {name: found[name] for name in wanted.keys() & found} == {
        name: wanted[name] for name in wanted.keys() & found
    }
