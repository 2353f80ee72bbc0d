"""The tile map: equal tiles with a number each. It is a scheme that shows no borders and no outline of any territory."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from huiqi.opportunities.reach import Slice
from huiqi.registry.codes import region_names
from huiqi.rules.words import Words

#: Where each prefecture stands in the scheme of the region, and its short name.
PREFECTURES: dict[str, tuple[str, Words]] = {
    "654200": ("t12", Words("塔城", "Tacheng")),
    "654300": ("t13", Words("阿勒泰", "Altay")),
    "652700": ("t21", Words("博州", "Bortala")),
    "650200": ("t22", Words("克拉玛依", "Karamay")),
    "652300": ("t23", Words("昌吉", "Changji")),
    "654000": ("t31", Words("伊犁", "Ili")),
    "650100": ("t33", Words("乌鲁木齐", "Urumqi")),
    "650400": ("t34", Words("吐鲁番", "Turpan")),
    "650500": ("t35", Words("哈密", "Hami")),
    "653000": ("t41", Words("克州", "Kizilsu")),
    "652900": ("t42", Words("阿克苏", "Aksu")),
    "652800": ("t43", Words("巴州", "Bayingol")),
    "653100": ("t51", Words("喀什", "Kashgar")),
    "653200": ("t52", Words("和田", "Hotan")),
}
#: What a tile has no room for: the kind of the place, and the people that the name of an autonomous county names.
_LONG_ZH = re.compile(r"(?:哈萨克|回族|塔吉克|锡伯|蒙古)自治县$")
_LONG_EN = re.compile(r"(?: \w+ Autonomous)? (?:County|District)$")


def of_prefectures(places: tuple[Slice, ...]) -> list[dict[str, Any]]:
    """The 14 prefectures, each in its fixed place of the scheme."""
    return _tiles(places, PREFECTURES)


def of_counties(places: tuple[Slice, ...], prefix: str) -> list[dict[str, Any]]:
    """The counties of the prefecture whose codes begin with ``prefix``, in the order of their codes."""
    counties = {
        code: words
        for code, words in sorted(region_names().items())
        if code.startswith(prefix) and not code.endswith("00")
    }
    return _tiles(places, {code: ("", words) for code, words in _short(counties).items()})


def _short(names: dict[str, Words]) -> dict[str, Words]:
    """The names as short as they still tell these places apart."""
    short = {code: Words(_LONG_ZH.sub("", name.zh), _LONG_EN.sub("", name.en)) for code, name in names.items()}
    zh, en = Counter(each.zh for each in short.values()), Counter(each.en for each in short.values())
    return {
        code: Words(
            short[code].zh if zh[short[code].zh] == 1 else name.zh,
            short[code].en if en[short[code].en] == 1 else name.en,
        )
        for code, name in names.items()
    }


def _tiles(places: tuple[Slice, ...], scheme: dict[str, tuple[str, Words]]) -> list[dict[str, Any]]:
    """A tile for each place of the scheme; five shades by its share of the largest number."""
    by_code = {part.code: part.eligible for part in places}
    top = max([by_code.get(code, 0) for code in scheme], default=0)
    return [
        {
            "code": code,
            "place": place,
            "shade": f"s{min(5, 1 + 5 * by_code.get(code, 0) // (top + 1))}" if top else "s1",
            "short": words,
            "count": by_code.get(code, 0),
            "known": code in by_code,
        }
        for code, (place, words) in scheme.items()
    ]
