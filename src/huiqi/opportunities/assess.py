"""One enterprise against one policy: the verdict with its reasons, questions, changes and amount."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from huiqi.registry.codes import names
from huiqi.registry.size import complete, needed_for_size
from huiqi.rules import ChangeSet, Condition, Explainer, Fact, Gate, Reading, Words, dictionary, smallest_changes
from huiqi.rules.dictionary import FIXED
from huiqi.rules.sentence import day_words

from .library import Policy

#: The house's word for one row of an explanation.
Leaf = Condition
SIZE_FACTS = frozenset({"size_class", "size_class_best", "size_class_worst"})

__all__ = ["Assessment", "ChangeSet", "Gate", "Leaf", "Reading", "assess", "completed"]


@dataclass(frozen=True)
class Assessment:
    """What a policy means for an enterprise on a day.

    ``verdict`` is ``eligible``, ``not_eligible`` or ``unknown``. ``standing`` is how it is shown: ``yes``, ``offer``
    (all conditions are met, and somebody else still decides), ``near`` (a single change of the owner's own is enough),
    ``no``, ``ask`` (a fact is missing), ``closed`` (not open on the day; ``rule_verdict`` then tells what the
    conditions alone would say). ``fixed`` tells of a *no* without a change to offer why there is none: ``no`` (it
    cannot be changed), ``seldom`` (nobody would for one policy), else empty. ``amount`` is in yuan per ``amount_per``,
    for a near miss as it would be after the change. While a fact is missing, ``usefulness`` holds the bits that each
    answer is expected to settle, and ``likelihood`` a guess of how likely a yes is.
    """

    policy: Policy
    on: dt.date
    verdict: str
    standing: str
    rule_verdict: bool | None
    leaves: tuple[Leaf, ...]
    ask: tuple[Fact, ...] = ()
    changes: tuple[ChangeSet, ...] = ()
    amount: Decimal | None = None
    amount_per: str | None = None
    fixed: str = ""
    usefulness: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)
    likelihood: float = field(default=1.0, compare=False, repr=False)


def completed(facts: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """The facts with the day of evaluation and the size class filled in."""
    return complete({**facts, "reference_date": on}, on)


def sources_on(on: dt.date, name: str, facts: Mapping[str, Any]) -> Iterable[str]:
    """The facts to ask for behind a fact that is computed."""
    return needed_for_size(facts, on) if name in SIZE_FACTS else (name,)


@functools.lru_cache(maxsize=16_384)
def _explainer(policy: Policy, on: dt.date) -> Explainer:
    return policy.explainer(names, functools.partial(sources_on, on))


def assess(policy: Policy, facts: Mapping[str, Any], on: dt.date) -> Assessment:
    """Judge one policy on typed facts (absent or None: unknown) under the law of the day ``on``."""
    full = completed(facts, on)
    explainer = _explainer(policy, on)
    explanation = explainer.explain(full)
    phase = policy.phase(on)
    if phase != "open":
        return Assessment(
            policy,
            on,
            "not_eligible",
            "closed",
            explanation.verdict,
            (_validity(policy, on, False), *_undecided(explanation.conditions)),
        )
    leaves = explanation.conditions
    if policy.valid_from or policy.valid_to:
        leaves = (_validity(policy, on, True), *leaves)
    if explanation.verdict is True:
        return Assessment(
            policy, on, "eligible", "offer" if policy.is_offer else "yes", True, leaves,
            amount=_amount(policy, full), amount_per=policy.benefit_per,
        )  # fmt: skip
    if explanation.verdict is None:
        return Assessment(
            policy, on, "unknown", "ask", None, leaves, explanation.ask,
            usefulness=dict(explainer.questions(full)), likelihood=explainer.likelihood(full),
        )  # fmt: skip

    def changed(change: Mapping[str, Any]) -> dict[str, Any]:
        return completed({**facts, **change}, on)

    changes = tuple(smallest_changes(explainer, full, changed))
    near = bool(changes) and len(changes[0].changes) == 1
    amount = None
    if near:
        change = changes[0].changes[0]
        amount = _amount(policy, changed({change.fact.name: change.after}))
    return Assessment(
        policy,
        on,
        "not_eligible",
        "near" if near else "no",
        False,
        leaves,
        changes=changes,
        amount=amount,
        amount_per=policy.benefit_per if near else None,
        fixed="" if changes else _fixed(explainer, leaves),
    )


def _fixed(explainer: Explainer, leaves: Iterable[Leaf]) -> str:
    """Why no change is offered: the hardest of the conditions that decide against it, each as hard as its easiest fact."""
    words = dictionary()
    hardest = ""
    for leaf in leaves:
        if leaf.decides and leaf.verdict is False:
            ways = {words[name].changeable for key in leaf.keys for name in explainer.inputs[key]}
            if ways <= FIXED:
                hardest = "seldom" if "seldom" in ways and hardest != "no" else "no"
    return hardest


def _amount(policy: Policy, facts: Mapping[str, Any]) -> Decimal | None:
    return policy.amount.evaluate(facts) if policy.amount is not None else None


def _validity(policy: Policy, on: dt.date, met: bool) -> Leaf:
    start = day_words(policy.valid_from) if policy.valid_from else None
    end = day_words(policy.valid_to) if policy.valid_to else None
    if start and end:
        text = Words(f"政策在 {start.zh}至 {end.zh}有效", f"the policy is valid from {start.en} to {end.en}")
    elif start:
        text = Words(f"政策自 {start.zh}起有效", f"the policy is valid from {start.en}")
    else:
        assert end is not None
        text = Words(f"政策有效至 {end.zh}", f"the policy is valid until {end.en}")
    fact = dictionary()["reference_date"]
    reading = Reading(fact, on, day_words(on))
    return Condition(
        text=text,
        asked=text,
        verdict=met,
        decides=not met,
        readings=(reading,),
        gate=None,
        key="validity",
        keys=("validity",),
    )


def _undecided(conditions: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """Conditions that decide nothing, because the day already does."""
    return tuple(replace(condition, decides=False) for condition in conditions)
