"""The fair-competition lint of a draft: conditions that the law forbids or that need review before publication.

What is looked for is data (``data/competition_review.yaml``) with the clause of each check: the Xinjiang measures,
Articles 4, 36 and 38, and 公平竞争审查条例 (国令第783号).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from huiqi.rules import Rule, Words
from huiqi.rules.dictionary import read_yaml
from huiqi.rules.formula import Leaf, leaves

DATA = Path(__file__).parent / "data" / "competition_review.yaml"
FORBIDDEN = "forbidden"
PROCUREMENT = "market"
SMES = frozenset({"medium", "small", "micro"})


@dataclass(frozen=True)
class Check:
    """One thing the law is watchful of; ``article`` is the number in the Xinjiang measures."""

    id: str
    facts: frozenset[str]
    applies_to: str
    only: str | None
    severity: str
    instrument: Words
    clause: Words
    article: int
    what: Words
    instead: Words


@dataclass(frozen=True)
class Concern:
    """A check that a condition of the draft meets; ``key`` is the condition's canonical text."""

    check: Check
    key: str

    @property
    def blocks(self) -> bool:
        """Whether the draft cannot be published with it, whatever reason is given."""
        return self.check.severity == FORBIDDEN


@functools.cache
def checks() -> tuple[Check, ...]:
    """The checks of the data file."""

    def words(raw: dict[str, str]) -> Words:
        return Words(raw["zh"], raw["en"])

    return tuple(
        Check(
            id=raw["id"],
            facts=frozenset(raw["facts"]),
            applies_to=raw["applies_to"],
            only=raw["only"],
            severity=raw["severity"],
            instrument=words(raw["instrument"]),
            clause=words(raw["clause"]),
            article=raw["article"],
            what=words(raw["what"]),
            instead=words(raw["instead"]),
        )
        for raw in read_yaml(DATA)["checks"]
    )


def review(rule: Rule, benefit_type: str) -> list[Concern]:
    """What is doubtful in a draft's conditions, in the order of the rule; a condition may raise several concerns."""
    return list(_concerns(rule, benefit_type == PROCUREMENT))


def _concerns(rule: Rule, procurement: bool) -> Iterator[Concern]:
    told: set[tuple[str, str]] = set()
    for leaf in leaves(rule.formula):
        read = {column.name for column in leaf.node.find_all(exp.Column)}
        for check in checks():
            concerned = check.applies_to == "all" or (check.applies_to == "procurement") == procurement
            if not concerned or not read & check.facts or (check.id, leaf.key) in told:
                continue
            if check.only == "at_least" and not _asks_for_age(leaf):
                continue
            if check.only == "excludes_smes" and not _excludes_smes(leaf):
                continue
            told.add((check.id, leaf.key))
            yield Concern(check, leaf.key)


def _plain(leaf: Leaf) -> tuple[exp.Expression, bool]:
    node, negated = leaf.node, False
    while isinstance(node, exp.Not):
        node, negated = node.this, not negated
    return node, negated


def _asks_for_age(leaf: Leaf) -> bool:
    """Whether the condition asks for a minimum age or an early date of establishment."""
    node, negated = _plain(leaf)
    if isinstance(node, exp.Between):
        return not negated
    if not isinstance(node, (exp.GT, exp.GTE, exp.LT, exp.LTE)):
        return True
    left_is_fact = isinstance(node.this, exp.Column)
    more = isinstance(node, (exp.GT, exp.GTE)) == left_is_fact
    a_date = "established_date" in {column.name for column in node.find_all(exp.Column)}
    return (more != negated) != a_date


def _excludes_smes(leaf: Leaf) -> bool:
    """Whether the condition is met by no medium, small or micro enterprise."""
    node, negated = _plain(leaf)
    if isinstance(node, exp.Column):
        return negated
    named = {literal.this for literal in node.find_all(exp.Literal) if literal.is_string}
    listed = isinstance(node, (exp.EQ, exp.In))
    return bool(named) and ((listed and not negated and not named & SMES) or (listed and negated and named >= SMES))
