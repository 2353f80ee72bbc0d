"""Search in the policy library: by text (:mod:`huiqi.textsearch`) and by filters."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from huiqi import textsearch
from huiqi.rules import Words
from huiqi.textsearch import words_of

from .library import Library, Policy, library

__all__ = ["BENEFIT_GROUPS", "Hit", "issuing_bodies", "search", "words_of"]

#: How often the words of a field count, and the fields in which a search is looked for word for word.
WEIGHTS = {"title": 5, "keywords": 4, "benefit": 2, "conditions": 1, "body": 2, "how": 1, "note": 1}
VERBATIM = ("title", "keywords", "benefit")
#: A version that a later one has replaced comes after it.
REPLACED = 0.7

#: Benefit types as an owner would sort them; the filter of the library.
BENEFIT_GROUPS: dict[str, tuple[str, ...]] = {
    "tax": (
        "tax_exemption",
        "tax_reduction",
        "tax_deduction",
        "tax_holiday",
        "tax_deferral",
        "tax_refund",
        "tax_credit",
    ),
    "money": (
        "grant",
        "subsidy",
        "award",
        "refund",
        "voucher",
        "grant_to_worker",
        "subsidy_to_worker",
        "insurance_subsidy",
    ),
    "loan": ("loan", "loan_facility", "interest_subsidy", "guarantee", "equity", "risk_sharing"),
    "fees": ("fee_relief", "rent_relief"),
    "market": ("market",),
    "title": ("title",),
    "service": ("service", "right", "programme"),
}


@dataclass(frozen=True)
class Hit:
    """A policy that was found; ``marks`` are the words of its text that answered, for highlighting."""

    policy: Policy
    score: float
    marks: tuple[str, ...] = ()


def _fields(policy: Policy) -> dict[str, str]:
    return {
        "title": f"{policy.title.zh} {policy.title.en}",
        "keywords": " ".join(policy.keywords),
        "benefit": f"{policy.benefit.zh} {policy.benefit.en}",
        "conditions": " ".join(f"{c.text.zh} {c.text.en}" for c in policy.conditions),
        "body": f"{policy.issuing_body.zh} {policy.issuing_body.en} {policy.document_number or ''}",
        "how": " ".join(f"{step.zh} {step.en}" for step in policy.how_to_claim),
        "note": f"{policy.note.zh} {policy.note.en}" if policy.note else "",
    }


@functools.lru_cache(maxsize=4)
def index_of(of: Library) -> textsearch.Index:
    """The index of a library's shown policies, made once."""
    replaced = {policy.supersedes for policy in of}
    return textsearch.Index(
        textsearch.Entry(
            key=policy.id,
            fields=_fields(policy),
            weights=WEIGHTS,
            verbatim=VERBATIM,
            names=(policy.title.zh, *policy.keywords),
            numbers=policy.document_number or "",
            worth=REPLACED if policy.id in replaced else 1.0,
        )
        for policy in of.shown()
    )


def _found(of: Library, text: str) -> list[Hit]:
    return [Hit(of.policies[hit.key], hit.score, hit.marks) for hit in index_of(of).search(text)]


def search(
    text: str = "",
    *,
    benefit: str | None = None,
    body: str | None = None,
    region: str | None = None,
    industry: str | None = None,
    open_on: dt.date | None = None,
    deadline_before: dt.date | None = None,
    of: Library | None = None,
) -> list[Hit]:
    """Policies for a text and filters, the best first; all that pass the filters when the text is empty.

    ``benefit`` is a group of BENEFIT_GROUPS or a benefit type, ``body`` a part of an issuing body's name, ``region`` a
    region code (policies of other places and levels drop out), ``industry`` an industry code (policies whose rule
    names industries that do not cover it drop out), ``open_on`` a day on which the policy is open, ``deadline_before``
    a last day on or before which it ends. Policies on hold are never found.
    """
    chosen = of or library()
    hits = _found(chosen, text) if text.strip() else [Hit(policy, 0.0) for policy in chosen.shown()]
    types = BENEFIT_GROUPS.get(benefit, (benefit,)) if benefit else None
    return [
        hit
        for hit in hits
        if (types is None or hit.policy.benefit_type in types)
        and (not body or body.lower() in f"{hit.policy.issuing_body.zh} {hit.policy.issuing_body.en}".lower())
        and (not region or _covers_region(hit.policy, region))
        and (not industry or _covers_industry(hit.policy, industry))
        and (open_on is None or hit.policy.phase(open_on) == "open")
        and (deadline_before is None or (hit.policy.valid_to is not None and hit.policy.valid_to <= deadline_before))
    ]


def _covers_region(policy: Policy, region: str) -> bool:
    """Whether a policy can reach a place: its rule is not already false for an enterprise registered there."""
    return _not_refused(policy, {"registration_region": region})


def _covers_industry(policy: Policy, industry: str) -> bool:
    """Whether a policy can reach a trade: its rule is not already false for an enterprise of that trade."""
    return _not_refused(policy, {"industry_code": industry})


def _not_refused(policy: Policy, facts: dict[str, str]) -> bool:
    return policy.rule.evaluate(facts) is not False


def issuing_bodies(of: Library | None = None) -> list[tuple[Words, int]]:
    """Issuing bodies of the shown policies with the number of policies each, the most frequent first.

    The English name is the Chinese one where no policy names the body in English.
    """
    chosen = of or library()
    english = _english_bodies(chosen)
    counts: Counter[str] = Counter()
    for policy in chosen.shown():
        counts.update(set(_bodies(policy)))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(Words(name, english.get(name, name)), count) for name, count in ordered]


@functools.lru_cache(maxsize=4)
def _english_bodies(of: Library) -> dict[str, str]:
    """English names of issuing bodies, read off the policies that name them in both languages one by one."""
    found: dict[str, str] = {}
    for policy in of:
        chinese = list(_bodies(policy))
        named = policy.issuing_body.en.removesuffix(" and others")
        # the name of a single body may have a comma in it
        english = [named] if len(chinese) == 1 else re.split(r"\s*[,;]\s*", named)
        if len(chinese) == len(english):
            found.update(zip(chinese, english, strict=True))
    return found


def _bodies(policy: Policy) -> Iterable[str]:
    return (part for part in re.split(r"[\s;；]+", policy.issuing_body.zh) if part and not part.startswith("等"))
