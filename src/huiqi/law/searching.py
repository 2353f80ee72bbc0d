"""Articles found by their words, by the words that owners use, by pinyin, or by their number."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

import yaml

from huiqi.textsearch import Entry, Index, plain

from .articles import DATA, Article, article, articles

#: How often the words of a field count, and the fields in which a search is looked for word for word.
WEIGHTS = {"title": 5, "words": 4, "text": 2, "chapter": 1}
VERBATIM = ("title", "words", "text")
#: What an article called by its number stands above all that words find, here or in any other collection.
CALLED = 50.0

#: 一 to 九十九.
_DIGITS = ("", *"一二三四五六七八九")
_TENS = ("", "十", *(f"{digit}十" for digit in "二三四五六七八九"))
_IN_CHINESE = {f"{ten}{one}": 10 * tens + ones for tens, ten in enumerate(_TENS) for ones, one in enumerate(_DIGITS)}
_NUMERAL = r"[0-9]+|[一二三四五六七八九十]+"
#: 第十三条, 第 13 条, article 13, art. 13 anywhere in a text.
_CALL = re.compile(rf"第\s*({_NUMERAL})\s*条|(?<![a-z])art(?:icles?|\.)?\s*([0-9]+)")
#: 13, 十三, 13条 as all that was typed.
_BARE = re.compile(rf"({_NUMERAL})\s*条?")


class Found(NamedTuple):
    """An article that was found; ``marks`` are the words of its text that answered, for highlighting."""

    article: Article
    score: float
    marks: tuple[str, ...]


def find_articles(text: str) -> list[Found]:
    """Articles for a text in Chinese, English or pinyin, the best first; those called by their number come before.

    A number outside 1 to 57 calls nothing; a text without any word finds nothing.
    """
    called, rest = _called(text)
    by_words = [Found(article(int(hit.key)), hit.score, hit.marks) for hit in _index().search(rest)]
    best = by_words[0].score if by_words else 0.0
    marks = {found.article.number: found.marks for found in by_words}
    first = [Found(article(number), best + CALLED, marks.get(number, ())) for number in called]
    return first + [found for found in by_words if found.article.number not in called]


def _called(text: str) -> tuple[list[int], str]:
    """(numbers of the articles that a text calls, each once, in their order; what else the text says)."""
    asked = plain(text).strip()
    bare = _BARE.fullmatch(asked)
    calls = [bare] if bare else list(_CALL.finditer(asked))
    numbers = [_value(next(group for group in call.groups() if group)) for call in calls]
    known = [number for number in dict.fromkeys(numbers) if 1 <= number <= len(articles())]
    return known, _CALL.sub(" ", "" if bare and known else asked)


def _value(numeral: str) -> int:
    """A number below a hundred in figures or in Chinese (十三, 五十七); 0 for what is no such number."""
    return _IN_CHINESE.get(numeral, 0) if numeral[0] not in "0123456789" else int(numeral[:9])


@functools.cache
def _index() -> Index:
    """The index of all articles, made once."""
    words = yaml.safe_load((DATA / "article_words.yaml").read_text(encoding="utf-8"))
    return Index(
        Entry(
            key=f"{each.number:02}",
            fields={
                "title": f"{each.title.zh} {each.title.en}",
                "words": " ".join(map(str, words.get(each.number, ()))),
                "text": " ".join((*each.paragraphs_zh, *each.paragraphs_en)),
                "chapter": f"{each.chapter_title.zh} {each.chapter_title.en}",
            },
            weights=WEIGHTS,
            verbatim=VERBATIM,
            names=(each.title.zh, *map(str, words.get(each.number, ()))),
        )
        for each in articles()
    )
