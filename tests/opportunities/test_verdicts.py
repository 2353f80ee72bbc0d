"""The verdicts that a careful reader of each policy gives, held against the program.

The cases are written from the policies' texts, policy by policy, in ``verdicts/*.yaml``. A case takes the facts of its
policy's ``firm`` and puts its own ``facts`` over them (null: not known), or knows only what ``only`` says. ``expect``
is the verdict; ``amount``, where it is given, the sum in yuan (null: not known; for a near miss the sum after the
change), ``standing`` how it is shown, ``ask`` the facts worth asking ([]: no answer of an owner helps). The days
around the first and the last day of each policy are tried here, with the firm as it is (or as ``first_day`` and
``last_day`` change it).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from huiqi.cli.text import read_facts
from huiqi.opportunities.assess import Assessment, assess
from huiqi.opportunities.library import library

VERDICTS = Path(__file__).parent / "verdicts"
#: The size and the figures behind it.
SIZE = {"size_class", "size_class_best", "size_class_worst", "industry_code", "employees", "revenue", "total_assets"}
#: Facts for which another one stands in while they are unknown, so that knowing them may turn the verdict: the class
#: that an authority decided before the computed one, the class at the contract before today's, the date of a title
#: before the list of titles, the quota that counts as not met; and the industry, which may lie outside the standard.
STAND_IN = {
    "size_class",
    "sme_at_contract",
    "disabled_share",
    "disabled_quota",
    "industry_code",
    "little_giant_valid_to",
}
CASE_KEYS = {"day", "facts", "only", "expect", "standing", "amount", "ask", "why"}
POLICY_KEYS = {"valid", "day", "firm", "first_day", "last_day", "edges", "cases"}
DAY = dt.timedelta(days=1)


class _Once(yaml.SafeLoader):
    """YAML in which no key may stand twice."""


def _mapping(loader: _Once, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs = [
        (loader.construct_object(key, deep=True), loader.construct_object(value, deep=True))
        for key, value in node.value
    ]
    found = dict(pairs)
    assert len(found) == len(pairs), f"a key stands twice{node.start_mark}"
    return found


_Once.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass(frozen=True)
class Case:
    """One enterprise against one policy on one day, with what a careful reader says.

    ``amount`` "", ``standing`` None and ``ask`` None: the case does not say.
    """

    policy: str
    on: dt.date
    raw: dict[str, Any]
    expect: str
    why: str
    amount: str | None = ""
    standing: str | None = None
    ask: tuple[str, ...] | None = None

    @functools.cached_property
    def facts(self) -> dict[str, Any]:
        facts, problems = read_facts(self.raw)
        assert not problems, [problem.en for problem in problems]
        return facts

    @functools.cached_property
    def found(self) -> Assessment:
        return assess(library().policies[self.policy], self.facts, self.on)


def _read() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(VERDICTS.glob("*.yaml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Once)
        assert not found.keys() & content.keys(), f"{path.name} repeats a policy"
        found |= content
    return found


def _written(policy: str, entry: dict[str, Any]) -> Iterator[Case]:
    assert entry.keys() <= POLICY_KEYS, entry.keys() - POLICY_KEYS
    for case in entry["cases"]:
        assert case.keys() <= CASE_KEYS, case.keys() - CASE_KEYS
        raw = case["only"] if "only" in case else {**entry["firm"], **case.get("facts", {})}
        on = dt.date.fromisoformat(case.get("day", entry["day"]))
        ask = tuple(case["ask"]) if "ask" in case else None
        yield Case(policy, on, raw, case["expect"], case["why"], case.get("amount", ""), case.get("standing"), ask)


def _edges(policy: str, entry: dict[str, Any]) -> Iterator[Case]:
    start, end = (dt.date.fromisoformat(day) if day else None for day in entry["valid"])
    wanted = entry.get("edges", ["first", "last"])
    if start:
        first = {**entry["firm"], **entry.get("first_day", {})}
        yield Case(policy, start - DAY, first, "not_eligible", "The day before the first.")
        if "first" in wanted:
            yield Case(policy, start, first, "eligible", "The first day.")
    if end:
        last = {**entry["firm"], **entry.get("last_day", {})}
        yield Case(policy, end, last, "eligible", "The last day.")
        yield Case(policy, end + DAY, last, "not_eligible", "The day after the last.")


POLICIES = _read()
WRITTEN = [case for policy, entry in POLICIES.items() for case in _written(policy, entry)]
CASES = WRITTEN + [case for policy, entry in POLICIES.items() for case in _edges(policy, entry)]
every_case = pytest.mark.parametrize("case", CASES, ids=[f"{case.policy}: {case.on}: {case.why}" for case in CASES])


@every_case
def test_the_program_gives_the_verdict_of_a_careful_reader(case: Case) -> None:
    found = case.found
    assert found.verdict == case.expect, case.why
    if case.amount != "":
        assert found.amount == (None if case.amount is None else Decimal(case.amount)), case.why


def test_every_policy_of_the_library_is_read() -> None:
    assert POLICIES.keys() == library().policies.keys()


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_has_a_clear_yes_a_clear_no_and_an_open_case(policy: str) -> None:
    on_valid_days = [case for case in WRITTEN if case.policy == policy and _inside(case)]
    assert {case.expect for case in on_valid_days} == {"eligible", "not_eligible", "unknown"}
    assert sum(case.policy == policy for case in WRITTEN) >= 4


def _inside(case: Case) -> bool:
    start, end = POLICIES[case.policy]["valid"]
    return (start is None or start <= case.on.isoformat()) and (end is None or case.on.isoformat() <= end)


@every_case
def test_the_reasons_shown_justify_the_verdict(case: Case) -> None:
    """A yes rests on conditions that are met, a no on conditions that are not, an open verdict on open ones."""
    found = case.found
    reasons = [leaf.verdict for leaf in found.leaves if leaf.decides]
    expected = {"eligible": True, "not_eligible": False, "unknown": None}[found.verdict]
    assert reasons, "no reason is shown"
    assert all(reason is expected for reason in reasons), reasons


@every_case
def test_what_the_reasons_show_is_enough_for_the_verdict(case: Case) -> None:
    """The facts shown beside the deciding conditions (for a size the figures behind it) give the verdict by themselves."""
    found = case.found
    shown = {reading.fact.name for leaf in found.leaves if leaf.decides for reading in leaf.readings}
    shown |= SIZE if shown & SIZE else set()
    alone = {name: value for name, value in case.facts.items() if name in shown}
    assert assess(found.policy, alone, case.on).verdict == found.verdict, sorted(shown)


@every_case
def test_a_fact_withheld_never_turns_a_yes_into_a_no_or_a_no_into_a_yes(case: Case) -> None:
    found = case.found
    for name in case.facts.keys() - STAND_IN:
        less = {other: value for other, value in case.facts.items() if other != name}
        assert assess(found.policy, less, case.on).verdict in (found.verdict, "unknown"), name


@every_case
def test_only_an_open_verdict_asks_and_it_asks_what_is_missing(case: Case) -> None:
    found = case.found
    asked = {fact.name for fact in found.ask}
    assert not asked & case.facts.keys(), "asks what is known"
    assert all(fact.askable for fact in found.ask)
    if found.verdict != "unknown":
        assert not asked
    elif case.ask is not None:
        assert asked == set(case.ask)
    else:
        assert asked, "nothing is asked although an answer would help"


@every_case
def test_every_set_of_changes_makes_the_enterprise_eligible(case: Case) -> None:
    found = case.found
    assert found.verdict == "not_eligible" or not found.changes
    assert (found.standing == "near") == any(len(changes.changes) == 1 for changes in found.changes)
    for changes in found.changes:
        after = {**case.facts, **{change.fact.name: change.after for change in changes.changes}}
        assert assess(found.policy, after, case.on).verdict == "eligible", [
            change.text.en for change in changes.changes
        ]
    if case.standing is not None:
        assert found.standing == case.standing
