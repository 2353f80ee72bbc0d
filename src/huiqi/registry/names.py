"""Sort keys and Latin spellings of Chinese names. PostgreSQL's collations here do not sort Chinese."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from pathlib import Path

from pypinyin import lazy_pinyin

DATA = Path(__file__).parent / "data"

#: Long enough to tell names apart in a list; the rest of a longer name does not change its place.
KEY_LENGTH = 120

#: Words of enterprises' names in which a character is not read in its commonest way.
_WORDS = (
    "银行",
    "行业",
    "商行",
    "车行",
    "会计",
    "音乐",
    "大厦",
    "重机",
    "长城",
    "长江",
    "长虹",
    "种植",
    "种业",
    "传媒",
    "调味",
    "石油",
)


@functools.lru_cache(maxsize=32_768)
def _syllable(character: str) -> str:
    return lazy_pinyin(character)[0].lower()


@functools.cache
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    """Places and common words that are read otherwise than character by character: 喀什 is not ``ka shen``."""
    places = []
    for file_name in ("regions.csv", "national_regions.csv"):
        with (DATA / file_name).open(encoding="utf-8", newline="") as file:
            places += [re.sub("(市|县|区|地区|自治州|盟)$", "", row["name_zh"]) for row in csv.DictReader(file)]
    readings = {}
    for word in (*_WORDS, *places):
        reading = " ".join(lazy_pinyin(word))
        if len(word) > 1 and reading != " ".join(map(_syllable, word)):
            readings[word] = reading
    return re.compile("|".join(sorted(map(re.escape, readings), key=len, reverse=True))), readings


def pinyin_key(name: str) -> str:
    """The sort key of a name: its syllables, separated by spaces.

    Place names and common words are read as words, all else character by character in its commonest reading, so that
    keys for a hundred thousand names take about a second.
    """
    pattern, readings = _words()
    text = unicodedata.normalize("NFKC", name).strip()
    syllables: list[str] = []
    end = 0
    for word in pattern.finditer(text):
        syllables += map(_syllable, text[end : word.start()])
        syllables.append(readings[word.group()])
        end = word.end()
    syllables += map(_syllable, text[end:])
    return " ".join(syllables)[:KEY_LENGTH]


def pinyin_name(name: str) -> str:
    """A Latin spelling in pinyin, read as a phrase: ``天山`` becomes ``Tianshan``."""
    return "".join(lazy_pinyin(name)).capitalize()


def bare_file_name(name: str) -> str:
    """The name of a file as somebody sent it, without folders, control characters and signs that a system reserves.

    To be shown and kept, never to be used as a path. It may be empty.
    """
    last = re.split(r"[\\/]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable() and letter not in '"<>:|?*').strip(". ")
