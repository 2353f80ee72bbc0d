"""Made-up policies and enterprises for the tests of this folder."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa

from huiqi.opportunities.library import Library, load_library, policy_folder, read_policy
from huiqi.rules import Fact, dictionary, read_value

#: The library of the files, without what a platform may have published beside them.
FILES = load_library(policy_folder())
DAY = dt.date(2026, 11, 24)
ARROW = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "date": pa.date32(),
    "text": pa.string(),
    "enum": pa.string(),
    "set": pa.list_(pa.string()),
}


def raw_policy(policy_id: str = "sample", **fields: Any) -> dict[str, Any]:
    """The mapping of a sound policy file, with some fields as given."""
    return {
        "schema_version": 3, "id": policy_id, "title_zh": f"样例政策 {policy_id}", "title_en": f"Sample policy {policy_id}",
        "issuing_body_zh": "样例机关", "issuing_body_en": "Sample body", "document_number": None, "document_number_status": "unverified",
        "level": "national", "articles": [13], "valid_from": None, "valid_to": None, "supersedes": None, "benefit_type": "grant",
        "benefit_zh": "给钱", "benefit_en": "money", "benefit_amount": None, "benefit_per": None, "eligible": "is_bingtuan", "conditions": [],
        "lane": "application", "how_to_claim_zh": ["申请"], "how_to_claim_en": ["Apply"], "exclusive_with": [], "exclusive_scope_zh": None,
        "exclusive_scope_en": None, "keywords": [], "source_zh": "样例", "source_en": "Sample", "confidence": "verified", "display": "show",
        "note_zh": None, "note_en": None,
    } | fields  # fmt: skip


def library_of(*raws: dict[str, Any]) -> Library:
    return Library(map(read_policy, raws))


def typed(**facts: Any) -> dict[str, Any]:
    """Facts as JSON would give them, typed."""
    return {name: read_value(dictionary()[name], value) for name, value in facts.items()}


def some_value(fact: Fact, r: random.Random) -> Any:
    if fact.type == "boolean":
        return r.random() < (0.15 if fact.known_none == "false" else 0.5)
    if fact.type == "integer":
        return (
            r.choice([2020, 2023, 2025, 2026])
            if fact.name.endswith("_year")
            else r.choice([0, 1, 2, 3, 10, 19, 20, 30, 60, 299, 300, 1000])
        )
    if fact.type == "decimal":
        return r.choice(
            [Decimal(0), Decimal(r.choice([3, 5, 10, 30, 50, 300, 5000])), Decimal(r.randrange(10**8)) / 10000]
        )
    if fact.type == "enum":
        return r.choice(sorted(fact.codes))
    if fact.type == "date":
        return DAY + dt.timedelta(r.randrange(-2500, 400))
    if fact.type == "set":
        return frozenset(code for code in sorted(fact.codes) if r.random() < 0.3)
    if fact.name.endswith("_region"):
        return r.choice(["650102", "653101", "652901", "654004", "110101"])
    return r.choice(["1711", "6210", "0131", "6513", "5212", "3511", "7211", "8211", "9511"])


def some_enterprise(r: random.Random, unknown: float) -> dict[str, Any]:
    """Known facts of a random enterprise; the classes of size are stated now and then."""
    found = {}
    for fact in dictionary():
        stated = 0.04 if fact.derived or fact.computed_by else 1 - unknown
        if fact.name not in ("reference_date", "reference_year") and r.random() < stated:
            found[fact.name] = some_value(fact, r)
    return found


def arrow(rows: list[dict[str, Any]]) -> pa.Table:
    """An Arrow table with a column for every fact that some row knows."""
    names = sorted({name for row in rows for name in row})
    columns = {}
    for name in names:
        kind = dictionary()[name].type
        values = [sorted(v) if isinstance(v := row.get(name), frozenset) else v for row in rows]
        columns[name] = pa.array(values, ARROW[kind])
    return pa.table(columns) if columns else pa.table({"industry_code": pa.array([None] * len(rows), pa.string())})
