"""On what a verdict rests: on certified facts only, or also on what the firm states.

A value is certified when an authority certified it; everything else (declared, imported, answered, taken from the
public register, estimated) counts as stated. A value that is reckoned rests on the facts behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from huiqi.rules import Reading, dictionary

from .assess import SIZE_FACTS, Assessment

CERTIFIED, STATED = "certified", "stated"

#: What a size class is reckoned from when nobody certified the class itself.
SIZE_SOURCES = ("industry_code", "employees", "revenue", "total_assets")
#: Facts of nobody: the day, and what a table gives for everybody alike.
_OF_NOBODY = frozenset({"engine", "parameter_table"})
_PARAMETER = "parameter table"


def basis_of(readings: Iterable[Reading], sources: Mapping[str, str]) -> str | None:
    """``certified`` when every known value read is, else ``stated``; None when no value of the firm is read.

    ``sources`` maps the names of known facts to where they come from (``certified``, ``declared``, ``answered``, ...).
    """
    return _basis((reading.fact.name for reading in readings if reading.value is not None), sources)


def basis_of_assessment(assessment: Assessment, sources: Mapping[str, str]) -> str:
    """What a verdict and its amount rest on: the conditions that settle it, and the facts of the amount."""
    deciding = [leaf for leaf in assessment.leaves if leaf.decides and leaf.verdict is not None]
    names = {
        reading.fact.name
        for leaf in deciding or assessment.leaves
        for reading in leaf.readings
        if reading.value is not None
    }
    if assessment.amount is not None and assessment.policy.amount is not None:
        names |= set(assessment.policy.amount.facts)
    return _basis(names, sources) or STATED


def _basis(names: Iterable[str], sources: Mapping[str, str]) -> str | None:
    found = [sources.get(name, STATED) for name in _grounds(names, sources)]
    if not found:
        return None
    return CERTIFIED if all(source == CERTIFIED for source in found) else STATED


def _grounds(names: Iterable[str], sources: Mapping[str, Any]) -> set[str]:
    """The facts of the firm on which the named ones rest, those only that are known."""
    grounds: set[str] = set()
    for name in names:
        fact = dictionary()[name]
        if name in SIZE_FACTS and not any(size in sources for size in SIZE_FACTS):
            grounds |= {source for source in SIZE_SOURCES if source in sources} or {name}
        elif name in SIZE_FACTS:
            grounds |= {size for size in SIZE_FACTS if size in sources}
        elif fact.derived is None and fact.computed_by not in _OF_NOBODY and fact.certified_by != _PARAMETER:
            grounds.add(name)
    return grounds
