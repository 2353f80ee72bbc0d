"""The sample answer on the first page: a real policy of the library with an invented figure, reckoned like any other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from huiqi.opportunities.assess import assess
from huiqi.opportunities.library import library
from huiqi.rules.words import Words

if TYPE_CHECKING:
    from huiqi.opportunities.assess import Gate

POLICY = "vat-small-scale-exempt"
FACTS: dict[str, Any] = {"vat_type": "small_scale", "monthly_sales": Decimal("8.6")}


@dataclass(frozen=True)
class Sample:
    id: str
    title: Words
    document_number: str | None
    shown: Words
    gate: Gate


def sample(on: dt.date) -> Sample | None:
    """The sample, or None when the library has no such policy on that day."""
    policy = library().get(POLICY)
    if policy is None or not policy.shown:
        return None
    assessment = assess(policy, FACTS, on)
    for leaf in assessment.leaves:
        if leaf.gate is not None and leaf.readings and assessment.verdict == "eligible":
            return Sample(policy.id, policy.title, policy.document_number, leaf.readings[0].shown, leaf.gate)
    return None
