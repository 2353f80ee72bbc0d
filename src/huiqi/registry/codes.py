"""Names behind codes: GB/T 2260 regions and GB/T 4754-2017 industries, also by the beginning of a code.

The project ships the sections, the divisions and the groups and classes that laws and policies name; a longer code
takes the name of the nearest level above that is known.
"""

from __future__ import annotations

import csv
import functools
from pathlib import Path

from huiqi.rules import Words

DATA = Path(__file__).parent / "data"
PLACE_FACTS = frozenset({"registration_region", "operating_region"})
TRADE_FACTS = frozenset({"industry_code", "secondary_industry_codes"})


@functools.cache
def region_names() -> dict[str, Words]:
    """Names of regions by six-digit code."""
    with (DATA / "region_names_en.csv").open(encoding="utf-8", newline="") as rows:
        english = {row["code"]: row["name_en"] for row in csv.DictReader(rows)}
    found: dict[str, Words] = {}
    for file in ("national_regions.csv", "regions.csv"):
        with (DATA / file).open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                found[row["code"]] = Words(row["name_zh"], english.get(row["code"]) or row["name_zh"])
    return found


@functools.cache
def industry_names() -> dict[str, Words]:
    """Names of sections, divisions, groups and classes by code."""
    with (DATA / "industries.csv").open(encoding="utf-8", newline="") as rows:
        return {row["code"]: Words(row["name_zh"], row["name_en"]) for row in csv.DictReader(rows)}


@functools.cache
def _sections() -> dict[str, str]:
    with (DATA / "industries.csv").open(encoding="utf-8", newline="") as rows:
        return {row["code"]: row["section"] for row in csv.DictReader(rows) if row["level"] == "division"}


def section_of(code: str) -> str:
    """The section letter of an industry code; empty when its division is not in the standard."""
    return _sections().get(code[:2], "")


def names(fact: str, code: str) -> Words | None:
    """The name behind a code, or the beginning of one, of a place or a trade; None for other facts and unknown codes."""
    if fact in PLACE_FACTS:
        return region_names().get(code if len(code) == 6 else code.ljust(6, "0"))
    if fact in TRADE_FACTS:
        known = industry_names()
        return next((known[code[:length]] for length in range(len(code), 1, -1) if code[:length] in known), None)
    return None
