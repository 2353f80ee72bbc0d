"""The policy library: one YAML file a policy, read into frozen objects with their rules parsed.

A question is answered under the law of a given day: a policy answers only from its first to its last day, and
earlier versions of a measure (``supersedes``) stay in the library. Entries on ``hold`` wait for a person to load the
official document and are never shown to enterprises.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
import functools
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from huiqi.rules import Amount, Explainer, Rule, Words, language, parse_amount, parse_rule
from huiqi.rules.dialects import text_of
from huiqi.rules.dictionary import read_yaml
from huiqi.rules.explain import Sources
from huiqi.rules.sentence import Names

#: Benefits that go to the worker; they are no income of the enterprise and in none of its totals.
PAID_TO_WORKERS = ("grant_to_worker", "subsidy_to_worker")


#: Kinds of benefit that are an offer: whoever meets the conditions may apply, and a bank, a fund, a jury or an assessment
#: decides. Every other kind is due to whoever meets the conditions.
OFFERS = frozenset({"award", "equity", "guarantee", "loan", "loan_facility", "programme", "risk_sharing", "title"})


@dataclass(frozen=True)
class WordedCondition:
    """The wording that a policy gives to one part of its rule; ``key`` is the part's canonical text."""

    leaf: str
    key: str
    text: Words


@dataclass(frozen=True, eq=False)
class Policy:
    """One entry. The fields are those of ``data/policy.schema.json``; texts are in both languages."""

    id: str
    title: Words
    issuing_body: Words
    document_number: str | None
    document_number_status: str
    level: str
    articles: tuple[int, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    supersedes: str | None
    benefit_type: str
    benefit: Words
    benefit_per: str | None
    eligible: str
    conditions: tuple[WordedCondition, ...]
    lane: str
    how_to_claim: tuple[Words, ...]
    exclusive_with: tuple[str, ...]
    exclusive_scope: Words | None
    keywords: tuple[str, ...]
    source: Words
    confidence: str
    display: str
    note: Words | None
    rule: Rule = field(repr=False)
    amount: Amount | None = field(repr=False)
    digest: str = field(repr=False, default="")

    @property
    def shown(self) -> bool:
        """Whether enterprises may see it."""
        return self.display != "hold"

    @property
    def needs_confirmation(self) -> bool:
        """Whether the reader must be told to confirm with the department."""
        return self.display == "show_with_notice" or self.confidence != "verified"

    @property
    def is_offer(self) -> bool:
        """Whether meeting the conditions lets one apply, and somebody else decides."""
        return self.benefit_type in OFFERS

    def phase(self, on: dt.date) -> str:
        """``open``, ``not_yet`` or ``expired`` on a day; both ends of the validity count as open."""
        if self.valid_from is not None and on < self.valid_from:
            return "not_yet"
        if self.valid_to is not None and on > self.valid_to:
            return "expired"
        return "open"

    @functools.cached_property
    def texts(self) -> dict[str, Words]:
        return {condition.key: condition.text for condition in self.conditions}

    def explainer(self, names: Names | None, sources: Sources | None) -> Explainer:
        """An explainer of the rule in the policy's own wording."""
        return Explainer(self.rule, self.texts, names, sources)


class Library:
    """All policies of a folder, by id, in the order of their file names."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.policies: dict[str, Policy] = {policy.id: policy for policy in policies}

    def __iter__(self) -> Iterator[Policy]:
        return iter(self.policies.values())

    def __len__(self) -> int:
        return len(self.policies)

    def get(self, policy_id: str) -> Policy | None:
        return self.policies.get(policy_id)

    def shown(self) -> list[Policy]:
        """Policies that enterprises may see."""
        return [policy for policy in self if policy.shown]

    def history(self, policy_id: str) -> list[Policy]:
        """Earlier versions of the same measure, the latest first."""
        earlier: list[Policy] = []
        at = self.policies[policy_id].supersedes
        while at is not None and at in self.policies and self.policies[at] not in earlier:
            earlier.append(self.policies[at])
            at = self.policies[at].supersedes
        return earlier

    def successor(self, policy_id: str) -> Policy | None:
        """The version that replaced this one, if any."""
        return next((policy for policy in self if policy.supersedes == policy_id), None)

    @functools.cached_property
    def exclusion_choices(self) -> list[list[frozenset[str]]]:
        """For each group of policies that exclude each other, the largest sets that can be had together.

        Only policies with an amount paid to the enterprise count: the choices serve totals.
        """
        paid = {p.id for p in self if p.amount is not None and p.benefit_type not in PAID_TO_WORKERS}
        against = {i: {o for o in self.policies[i].exclusive_with if o in paid} for i in paid}
        groups: list[list[frozenset[str]]] = []
        left = set(paid)
        for start in sorted(paid):
            if start not in left:
                continue
            group, reach = set(), [start]
            while reach:
                at = reach.pop()
                if at not in group:
                    group.add(at)
                    reach += against[at]
            left -= group
            groups.append(_largest_sets(group, against))
        return groups


def _largest_sets(group: set[str], against: dict[str, set[str]]) -> list[frozenset[str]]:
    """All maximal sets of a group in which no two members exclude each other (Bron and Kerbosch, 1973)."""
    found: list[frozenset[str]] = []

    def grow(chosen: frozenset[str], candidates: set[str], passed: set[str]) -> None:
        if not candidates and not passed:
            found.append(chosen)
            return
        for one in sorted(candidates):
            free = group - against[one] - {one}
            grow(chosen | {one}, candidates & free, passed & free)
            candidates = candidates - {one}
            passed = passed | {one}

    grow(frozenset(), set(group), set())
    return found


def _both(raw: dict[str, Any], key: str) -> Words | None:
    """A text in both languages; files of the older form have one text without a language mark."""
    zh, en = raw.get(f"{key}_zh"), raw.get(f"{key}_en")
    plain = raw.get(key)
    if isinstance(plain, str):
        zh, en = zh or plain, en or plain
    either = zh or en
    return Words(zh or either, en or either) if either else None


def _steps(raw: dict[str, Any]) -> tuple[Words, ...]:
    zh, en = raw.get("how_to_claim_zh"), raw.get("how_to_claim_en")
    if zh and en:
        width = max(len(zh), len(en))
        return tuple(Words(zh[min(i, len(zh) - 1)], en[min(i, len(en) - 1)]) for i in range(width))
    plain = raw.get("how_to_claim")
    return (Words(plain, plain),) if plain else ()


def _condition(raw: dict[str, Any]) -> WordedCondition:
    words = _both(raw, "text") or Words(raw.get("zh") or raw["en"], raw.get("en") or raw["zh"])
    return WordedCondition(raw["leaf"], text_of(language().condition(raw["leaf"])), words)


def read_policy(raw: dict[str, Any]) -> Policy:
    """A policy from the mapping of its file. Raises RuleProblem, KeyError or ValueError when it is not one."""
    digest = hashlib.sha256(yaml.safe_dump(raw, allow_unicode=True, sort_keys=True).encode()).hexdigest()
    return Policy(
        id=raw["id"],
        title=_both(raw, "title") or Words(raw["id"], raw["id"]),
        issuing_body=_both(raw, "issuing_body") or Words("", ""),
        document_number=raw.get("document_number"),
        document_number_status=raw["document_number_status"],
        level=raw["level"],
        articles=tuple(raw["articles"]),
        valid_from=dt.date.fromisoformat(raw["valid_from"]) if raw.get("valid_from") else None,
        valid_to=dt.date.fromisoformat(raw["valid_to"]) if raw.get("valid_to") else None,
        supersedes=raw.get("supersedes"),
        benefit_type=raw["benefit_type"],
        benefit=_both(raw, "benefit") or Words("", ""),
        benefit_per=raw.get("benefit_per"),
        eligible=raw["eligible"],
        conditions=tuple(_condition(c) for c in raw.get("conditions") or raw.get("notes") or ()),
        lane=raw["lane"],
        how_to_claim=_steps(raw),
        exclusive_with=tuple(raw.get("exclusive_with") or ()),
        exclusive_scope=_both(raw, "exclusive_scope"),
        keywords=tuple(raw.get("keywords") or ()),
        source=_both(raw, "source") or Words("", ""),
        confidence=raw["confidence"],
        display=raw["display"],
        note=_both(raw, "note"),
        rule=parse_rule(raw["eligible"]),
        amount=parse_amount(raw["benefit_amount"]) if raw.get("benefit_amount") else None,
        digest=digest,
    )


def read_files(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The raw mappings of a folder with their files. A file may hold one policy or a list under ``policies``.

    Raises FileNotFoundError when the folder is missing or has no policy, yaml.YAMLError for a broken file.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise FileNotFoundError(f"no policy files (*.yaml) in {folder}")
    for path in files:
        raw = read_yaml(path)
        for one in raw["policies"] if isinstance(raw, dict) and "policies" in raw else [raw]:
            yield path, one


@functools.lru_cache(maxsize=8)
def load_library(folder: Path) -> Library:
    """The library of a folder, read once in the life of the process."""
    return Library(read_policy(raw) for _, raw in read_files(folder))


#: Adds to the library of the files what is published on the platform; None where there is no platform (command line).
Provider = Callable[[Library], Library]
_provider: Provider | None = None


def provide(provider: Provider | None) -> None:
    """Let ``library()`` ask this function for what is published beside the files."""
    global _provider
    _provider = provider


#: The library of one piece of work, such as a request: looked up at the first use, the same until the end.
_held: contextvars.ContextVar[list[Library] | None] = contextvars.ContextVar("held", default=None)


@contextlib.contextmanager
def one_library() -> Iterator[None]:
    """Within this, ``library()`` asks once what is published and answers the same to the end."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def library() -> Library:
    """The library of this installation: its files (``HUIQI_POLICIES``, else the ``policies`` folder of the project)
    and, where there is a platform, what is published on it."""
    held = _held.get()
    if held:
        return held[0]
    files = load_library(policy_folder())
    found = files if _provider is None else _provider(files)
    if held is not None:
        held.append(found)
    return found


def policy_folder() -> Path:
    """The folder of policy files: the environment's ``HUIQI_POLICIES``, else ``policies`` beside the source tree."""
    named = os.environ.get("HUIQI_POLICIES")
    return Path(named) if named else Path(__file__).resolve().parents[3] / "policies"
