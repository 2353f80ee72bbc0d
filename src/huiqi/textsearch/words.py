"""Texts as search words: segmentation, words that say nothing, words that mean the same to an owner.

Words come from rjieba's segmentation for search. It has one dictionary for the whole process, so the words that owners
use (``data/synonyms.yaml``) are one list for all collections.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from pathlib import Path

import rjieba
import yaml

SYNONYMS = Path(__file__).parent / "data" / "synonyms.yaml"

#: Frequency of the words of the field for the segmentation: high enough that they stay whole.
DOMAIN_FREQUENCY = 100_000
#: Words that stand in nearly every text, or make a question of it, and say nothing about what is sought.
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
        "我",
        "怎么",
        "怎样",
        "如何",
        "什么",
        "哪里",
        "吗",
        "呢",
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
        "i",
        "my",
        "how",
        "what",
        "where",
        "do",
        "can",
    ]
)


def plain(text: str) -> str:
    """A text as it is compared: full-width forms and capitals as their plain ones."""
    return unicodedata.normalize("NFKC", text).lower()


def words_of(text: str) -> list[str]:
    """Search words of a text: Chinese words and their parts, Latin words and numbers in lower case."""
    synonyms()  # its words have to be in the dictionary before the first text is cut
    return _cut(text)


def _cut(text: str) -> list[str]:
    stripped = (word.strip() for word in rjieba.cut_for_search(plain(text)))
    return [word for word in stripped if word and word not in STOP and any(c.isalnum() for c in word)]


def number_text(text: str) -> str:
    """A document number without brackets and spaces, so that 财税[2023]12号 finds 财税〔2023〕12号."""
    return re.sub(r"[\s〔〕\[\]()（）【】]", "", plain(text))


@functools.cache
def synonyms() -> dict[str, frozenset[str]]:
    """Words that owners use, each with the others of its groups."""
    raw = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    found: dict[str, frozenset[str]] = {}
    for group in raw["groups"]:
        for word in group:
            # A word of the field stays whole beside its parts: 小巨人 is not 小 and 巨人.
            rjieba.add_word(word, DOMAIN_FREQUENCY, None)
            found[word] = found.get(word, frozenset()) | (frozenset(group) - {word})
    return found


@functools.lru_cache(maxsize=4096)
def related(word: str) -> frozenset[str]:
    """Search words that mean the same to an owner, and the singular or plural of an English word."""
    others = {part for other in synonyms().get(word, ()) for part in words_of(other)}
    if word.isascii() and word.isalpha() and len(word) > 3:
        others |= {f"{word}s", word.removesuffix("s"), word.removesuffix("es")}
        others |= {re.sub("y$", "ies", word), re.sub("ies$", "y", word)}
    return frozenset(others - {word})
