"""A collection of texts that can be searched by words, synonyms, pinyin and its initials, and numbers of documents.

Ranking is BM25 (Robertson and Zaragoza, 2009) over fields that are weighted by repetition.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

from .words import number_text, plain, related, words_of

#: BM25's two parameters; what a synonym is worth of the word itself.
K1, B = 1.2, 0.6
SYNONYM = 0.5
#: What the whole text (twice in a title), the beginning of a name in pinyin and a document number add; below a share of the best all is noise.
WHOLE, PINYIN, NUMBER, FAINTEST = 4.0, 6.0, 10.0, 0.08


@dataclass(frozen=True)
class Entry:
    """What can be found.

    ``fields`` are its texts by name; ``weights`` how often the words of a field count (1 unless given); ``verbatim`` the
    fields in which a search is also looked for word for word. ``names`` can be written in pinyin, the first is the
    title; ``numbers`` are those of its documents. ``worth`` multiplies the score.
    """

    key: str
    fields: Mapping[str, str]
    weights: Mapping[str, int]
    verbatim: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    numbers: str = ""
    worth: float = 1.0


@dataclass(frozen=True)
class Hit:
    """An entry that was found; ``marks`` are the words of its text that answered, for highlighting."""

    key: str
    score: float
    marks: tuple[str, ...] = ()


class _Indexed:
    """One entry as it is compared."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.counts: Counter[str] = Counter()
        for field, text in entry.fields.items():
            for word in words_of(text):
                self.counts[word] += entry.weights.get(field, 1)
        self.length = self.counts.total()
        self.title = plain(entry.names[0]) if entry.names else ""
        self.text = plain(" ".join(entry.fields[field] for field in entry.verbatim))
        self.pinyin = " ".join("".join(lazy_pinyin(name)) for name in entry.names).lower()
        self.initials = " ".join("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)) for name in entry.names).lower()
        self.numbers = number_text(entry.numbers)

    def spelled(self, latin: str) -> float:
        """What letters add that begin a name in pinyin's initials, or stand in a name in pinyin."""
        if any(name.startswith(latin) for name in self.initials.split()):
            return PINYIN
        if latin in self.pinyin or (len(latin) >= 3 and latin in self.initials):
            return PINYIN / 2
        return 0.0


class Index:
    """The words of a collection."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._all = [_Indexed(entry) for entry in entries]
        holders: dict[str, int] = defaultdict(int)
        for each in self._all:
            for word in each.counts:
                holders[word] += 1
        total = len(self._all)
        self._idf = {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in holders.items()}
        self._mean = sum(each.length for each in self._all) / max(1, total)

    def search(self, text: str) -> list[Hit]:
        """Hits, the best first. A text without any word finds nothing."""
        wanted = words_of(text)
        if not wanted:
            return []
        whole = plain(text).strip()
        near = {word: related(word) for word in dict.fromkeys(wanted)}
        latin = re.sub(r"[^a-z]", "", whole)
        number = number_text(whole)
        hits = []
        for each in self._all:
            score, marks = self._words(each, near)
            if len(whole) > 1 and whole in each.text:
                score += WHOLE * (2 if whole in each.title else 1)
            if len(latin) >= 2 and latin == re.sub(r"\s", "", whole):
                score += each.spelled(latin)
            if len(number) >= 4 and any(c.isdigit() for c in number) and number in each.numbers:
                score += NUMBER
            score *= each.entry.worth
            if score > 0:
                hits.append(Hit(each.entry.key, score, marks))
        best = max((hit.score for hit in hits), default=0.0)
        return sorted((hit for hit in hits if hit.score >= best * FAINTEST), key=lambda hit: (-hit.score, hit.key))

    def _words(self, each: _Indexed, near: Mapping[str, frozenset[str]]) -> tuple[float, tuple[str, ...]]:
        """(score, words found). An entry that answers all words stands far above one that answers some."""
        score = covered = 0.0
        marks: list[str] = []
        for word, others in near.items():
            own = self._bm25(each, word) if word in each.counts else 0.0
            found = sorted(other for other in others if other in each.counts)
            other = SYNONYM * max((self._bm25(each, w) for w in found), default=0.0)
            score += max(own, other)
            covered += 1.0 if own else SYNONYM if found else 0.0
            marks += [word] if own else found
        return score * (covered / len(near)) ** 2, tuple(marks)

    def _bm25(self, each: _Indexed, word: str) -> float:
        count = each.counts[word]
        length = each.length / self._mean
        return self._idf[word] * count * (K1 + 1) / (count + K1 * (1 - B + B * length))
