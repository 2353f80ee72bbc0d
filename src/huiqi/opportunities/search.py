"""Search in the policy library, in Chinese first: words, synonyms, pinyin and its initials, document numbers, English.

The library is small enough to be indexed in memory in a fraction of a second, so a search needs no database and
works on the command line too. Words come from rjieba's segmentation for search; ranking is BM25 (Robertson and
Zaragoza, 2009) over fields that are weighted by repetition.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import rjieba
import yaml
from pypinyin import Style, lazy_pinyin

from huiqi.rules import Words

from .library import Library, Policy, library

SYNONYMS = Path(__file__).parent / "data" / "synonyms.yaml"

#: How often the words of a field count; BM25's two parameters; what a synonym is worth of the word itself.
WEIGHTS = {"title": 5, "keywords": 4, "benefit": 2, "conditions": 1, "body": 2, "how": 1, "note": 1}
K1, B = 1.2, 0.6
SYNONYM = 0.5
#: What the whole text (twice in a title), the beginning of a name in pinyin and a document number add; below a share of the best all is noise.
WHOLE, PINYIN, NUMBER, FAINTEST = 4.0, 6.0, 10.0, 0.08
#: A version that a later one has replaced comes after it.
REPLACED = 0.7
#: Frequency of the words of the field for the segmentation: high enough that they stay whole.
DOMAIN_FREQUENCY = 100_000
#: Words that stand in nearly every text and say nothing about what is sought.
STOP = frozenset(
    [
        "的",
        "了",
        "和",
        "与",
        "或",
        "在",
        "是",
        "有",
        "不",
        "按",
        "等",
        "及",
        "可",
        "以",
        "为",
        "对",
        "到",
        "从",
        "你",
        "你的",
        "把",
        "被",
        "the",
        "a",
        "an",
        "of",
        "to",
        "for",
        "and",
        "or",
        "in",
        "is",
        "are",
        "be",
        "at",
        "with",
        "your",
        "you",
    ]
)

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


def words_of(text: str) -> list[str]:
    """Search words of a text: Chinese words and their parts, Latin words and numbers in lower case."""
    plain = unicodedata.normalize("NFKC", text).lower()
    found = []
    for word in rjieba.cut_for_search(plain):
        word = word.strip()
        if word and word not in STOP and any(c.isalnum() for c in word):
            found.append(word)
    return found


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


@functools.cache
def _synonyms() -> dict[str, frozenset[str]]:
    raw = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    for group in raw["groups"]:
        for word in group:
            # A word of the field stays whole beside its parts: 小巨人 is not 小 and 巨人.
            rjieba.add_word(word, DOMAIN_FREQUENCY, None)
    return {word: frozenset(group) - {word} for group in raw["groups"] for word in group}


@functools.lru_cache(maxsize=4096)
def _related(word: str) -> frozenset[str]:
    """Search words that mean the same to an owner."""
    return frozenset(part for other in _synonyms().get(word, ()) for part in words_of(other)) - {word}


def _number_text(text: str) -> str:
    """A document number without brackets and spaces, so that 财税[2023]12号 finds 财税〔2023〕12号."""
    return re.sub(r"[\s〔〕\[\]()（）【】]", "", unicodedata.normalize("NFKC", text)).lower()


class Index:
    """The words of a library's shown policies."""

    def __init__(self, of: Library) -> None:
        _synonyms()
        self.policies = of.shown()
        self.replaced = {policy.supersedes for policy in of}
        self.counts: list[Counter[str]] = []
        self.pinyin: list[str] = []
        self.initials: list[str] = []
        self.numbers: list[str] = []
        self.texts: list[str] = []
        holders: dict[str, int] = defaultdict(int)
        for policy in self.policies:
            counts: Counter[str] = Counter()
            fields = _fields(policy)
            for name, text in fields.items():
                for word in words_of(text):
                    counts[word] += WEIGHTS[name]
            self.counts.append(counts)
            for word in counts:
                holders[word] += 1
            names = [policy.title.zh, *policy.keywords]
            self.pinyin.append(" ".join("".join(lazy_pinyin(name)) for name in names).lower())
            self.initials.append(
                " ".join("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)) for name in names).lower()
            )
            self.numbers.append(_number_text(policy.document_number or ""))
            self.texts.append(
                unicodedata.normalize("NFKC", f"{fields['title']} {fields['keywords']} {fields['benefit']}").lower()
            )
        total = len(self.policies)
        self.idf = {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in holders.items()}
        self.mean = sum(c.total() for c in self.counts) / max(1, total)

    def search(self, text: str) -> list[Hit]:
        """Hits, the best first. A text without any word finds nothing."""
        wanted = words_of(text)
        if not wanted:
            return []
        plain = unicodedata.normalize("NFKC", text).lower().strip()
        related = {word: _related(word) for word in dict.fromkeys(wanted)}
        latin = re.sub(r"[^a-z]", "", plain)
        number = _number_text(plain)
        hits = []
        for i, policy in enumerate(self.policies):
            score, marks = self._words(i, related)
            if len(plain) > 1 and plain in self.texts[i]:
                score += WHOLE * (2 if plain in unicodedata.normalize("NFKC", policy.title.zh).lower() else 1)
            if len(latin) >= 2 and latin == re.sub(r"\s", "", plain):
                score += self._pinyin(i, latin)
            if len(number) >= 4 and any(c.isdigit() for c in number) and number in self.numbers[i]:
                score += NUMBER
            if policy.id in self.replaced:
                score *= REPLACED
            if score > 0:
                hits.append(Hit(policy, score, marks))
        best = max((hit.score for hit in hits), default=0.0)
        kept = [hit for hit in hits if hit.score >= best * FAINTEST]
        return sorted(kept, key=lambda hit: (-hit.score, hit.policy.id))

    def _words(self, i: int, related: dict[str, frozenset[str]]) -> tuple[float, tuple[str, ...]]:
        """(score, words found). A policy that answers all words stands far above one that answers some."""
        score = covered = 0.0
        marks: list[str] = []
        for word, others in related.items():
            own = self._bm25(i, word) if word in self.counts[i] else 0.0
            near = [other for other in others if other in self.counts[i]]
            other = SYNONYM * max((self._bm25(i, w) for w in near), default=0.0)
            score += max(own, other)
            covered += 1.0 if own else SYNONYM if near else 0.0
            marks += [word] if own else near
        return score * (covered / len(related)) ** 2, tuple(marks)

    def _bm25(self, i: int, word: str) -> float:
        count = self.counts[i][word]
        length = self.counts[i].total() / self.mean
        return self.idf[word] * count * (K1 + 1) / (count + K1 * (1 - B + B * length))

    def _pinyin(self, i: int, latin: str) -> float:
        if any(name.startswith(latin) for name in self.initials[i].split()):
            return PINYIN
        if latin in self.pinyin[i] or (len(latin) >= 3 and latin in self.initials[i]):
            return PINYIN / 2
        return 0.0


@functools.lru_cache(maxsize=4)
def index_of(of: Library) -> Index:
    """The index of a library, made once."""
    return Index(of)


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
    hits = index_of(chosen).search(text) if text.strip() else [Hit(policy, 0.0) for policy in chosen.shown()]
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
