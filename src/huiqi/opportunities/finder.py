"""One enterprise against the whole library: groups for display, the total, and the next question worth asking."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from huiqi.rules import Fact, dictionary

from .assess import Assessment, assess
from .library import PAID_TO_WORKERS, Library, library

STANDINGS = ("yes", "offer", "near", "no", "ask", "closed")

#: The finder asks at most this many questions (issue: the owner learns it in two minutes).
MOST_QUESTIONS = 6
#: A benefit that ends within so many days comes first in its group.
SOON = dt.timedelta(days=30)
MONTHS_A_YEAR = 12
#: A question about a person (disability, a past sentence) is asked only when it settles much more than another.
RELUCTANCE = 0.25


@dataclass(frozen=True)
class Results:
    """All shown policies for an enterprise, by standing; ``total`` is yuan a year over ``counted``."""

    groups: dict[str, list[Assessment]]
    total: Decimal
    counted: list[Assessment]
    uncounted: list[Assessment]
    on: dt.date


def assess_all(facts: Mapping[str, Any], on: dt.date, of: Library | None = None) -> Results:
    """Judge every policy that enterprises may see. Typed facts; absent or None is unknown."""
    chosen = of or library()
    groups: dict[str, list[Assessment]] = {standing: [] for standing in STANDINGS}
    for policy in chosen.shown():
        assessment = assess(policy, facts, on)
        groups[assessment.standing].append(assessment)
    for group in groups.values():
        group.sort(key=lambda a: _place(a, on))
    total, counted = yearly_total(groups["yes"], chosen)
    uncounted = [a for a in groups["yes"] if a not in counted]
    return Results(groups, total, counted, uncounted, on)


def _place(assessment: Assessment, on: dt.date) -> tuple[int, Decimal, int, str]:
    """Deadline within 30 days first, then the larger amount, then support before mere programmes."""
    last = assessment.policy.valid_to
    soon = last is not None and on <= last <= on + SOON
    general = assessment.policy.benefit_type in ("programme", "service", "right")
    return (0 if soon else 1, -(assessment.amount or Decimal(0)), 1 if general else 0, assessment.policy.id)


def yearly(assessment: Assessment) -> Decimal | None:
    """Yuan a year that the enterprise itself is known to gain; None when unknown, paid once, or paid to the worker."""
    if assessment.amount is None or assessment.policy.benefit_type in PAID_TO_WORKERS:
        return None
    if assessment.amount_per == "year":
        return assessment.amount
    return assessment.amount * MONTHS_A_YEAR if assessment.amount_per == "month" else None


def yearly_total(eligible: Iterable[Assessment], of: Library) -> tuple[Decimal, list[Assessment]]:
    """(yuan a year, the assessments counted). Of policies that exclude each other the best set counts, not the sum."""
    worth = {a.policy.id: (amount, a) for a in eligible if (amount := yearly(a)) is not None and amount > 0}
    total, counted = Decimal(0), []
    for choices in of.exclusion_choices:
        best = max((sum((worth[i][0] for i in choice if i in worth), Decimal(0)), sorted(choice)) for choice in choices)
        total += best[0]
        counted += [worth[i][1] for i in best[1] if i in worth]
    return total, counted


#: What a *yes* is worth to an owner: money before advice and mere programmes; a computable amount counts once more.
_WEIGHT: dict[str, float] = defaultdict(lambda: 1.0, programme=0.1, service=0.2, right=0.5, title=0.5, market=0.5)


def questions(
    facts: Mapping[str, Any], on: dt.date, skipped: Collection[str] = (), of: Library | None = None
) -> list[tuple[Fact, float]]:
    """Facts worth asking over the whole library, most useful first, with their usefulness.

    The usefulness of a fact is the sum, over the policies still open, of the bits that it is expected to settle there
    times the likelihood of a yes and what a yes is worth.
    """
    gains: dict[str, float] = defaultdict(float)
    for policy in (of or library()).shown():
        if policy.phase(on) != "open":
            continue
        assessment = assess(policy, facts, on)
        worth = _WEIGHT[policy.benefit_type] * (2 if policy.amount is not None else 1) * assessment.likelihood
        for name, gain in assessment.usefulness.items():
            if name not in skipped:
                gains[name] += gain * worth * (RELUCTANCE if dictionary()[name].sensitivity == "sensitive" else 1)
    ranked = sorted(gains.items(), key=lambda pair: (-round(pair[1], 9), pair[0]))
    return [(dictionary()[name], gain) for name, gain in ranked]


def next_question(
    facts: Mapping[str, Any], on: dt.date, skipped: Collection[str] = (), asked: int = 0, of: Library | None = None
) -> Fact | None:
    """The most useful fact still unknown, or None when six were asked or nothing is worth asking.

    ``skipped`` are facts that the owner does not know; they are not asked again.
    """
    if asked >= MOST_QUESTIONS:
        return None
    ranked = questions(facts, on, skipped, of)
    return ranked[0][0] if ranked else None
