"""The 57 articles of the Xinjiang measures implementing the SME Promotion Law, in Chinese and in English.

Adopted 2006-09-29, revised 2022-09-28, in force since 2022-11-01. The Chinese text prevails; the English is unofficial.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from pathlib import Path

import yaml

from huiqi.rules import Words

DATA = Path(__file__).parent / "data"

TITLE = Words(
    "新疆维吾尔自治区实施《中华人民共和国中小企业促进法》办法",
    "Measures of the Xinjiang Uygur Autonomous Region for Implementing the Law of the People's Republic of China on the Promotion of Small and "
    "Medium-sized Enterprises",
)

#: The day of the revision that made this text, and the day from which it applies (article 57).
REVISED = dt.date(2022, 9, 28)
IN_FORCE = dt.date(2022, 11, 1)


@dataclass(frozen=True)
class Article:
    """One article. ``title`` is a headline of ours and no part of the regulation."""

    number: int
    chapter: int
    chapter_title: Words
    title: Words
    paragraphs_zh: tuple[str, ...]
    paragraphs_en: tuple[str, ...]

    def paragraphs(self, language: str) -> tuple[str, ...]:
        return self.paragraphs_en if language.startswith("en") else self.paragraphs_zh


@functools.cache
def articles() -> tuple[Article, ...]:
    """All articles in order; number n stands at index n - 1."""
    zh = yaml.safe_load((DATA / "articles.zh.yaml").read_text(encoding="utf-8"))
    en = yaml.safe_load((DATA / "articles.en.yaml").read_text(encoding="utf-8"))
    return tuple(
        Article(
            number=a["number"],
            chapter=a["chapter"],
            chapter_title=Words(a["chapter_title"], b["chapter_title"]),
            title=Words(b["title_zh"], b["title"]),
            paragraphs_zh=tuple(a["paragraphs"]),
            paragraphs_en=tuple(b["paragraphs"]),
        )
        for a, b in zip(zh, en, strict=True)
    )


def article(number: int) -> Article:
    """One article; IndexError for a number outside 1 to 57."""
    if not 1 <= number <= len(articles()):
        raise IndexError(f"there is no article {number}: the measures have {len(articles())}")
    return articles()[number - 1]


@functools.cache
def _meanwhile() -> tuple[dict[int, Words], Words]:
    """What to do where nothing serves an article yet: by article, and for all others."""
    listed: dict[int, Words] = {}
    others = Words("", "")
    for entry in yaml.safe_load((DATA / "meanwhile.yaml").read_text(encoding="utf-8")):
        words = Words(entry["zh"], entry["en"])
        if "articles" in entry:
            listed.update(dict.fromkeys(entry["articles"], words))
        else:
            others = words
    return listed, others


def meanwhile(number: int) -> Words:
    """What an enterprise can do about this article as long as nothing serves it here."""
    listed, others = _meanwhile()
    words = listed.get(number, others)
    return Words(words.zh.format(n=number), words.en.format(n=number))
