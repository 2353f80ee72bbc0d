"""A verdict says whether it rests on certified facts only."""

from __future__ import annotations

import datetime as dt

import pytest

from huiqi.opportunities.assess import assess
from huiqi.opportunities.basis import basis_of, basis_of_assessment
from huiqi.opportunities.completeness import completeness, needed_facts
from huiqi.opportunities.library import Policy, load_library, policy_folder, read_policy
from huiqi.rules import dictionary, read_value

DAY = dt.date(2026, 11, 24)
FILES = load_library(policy_folder())


def policy(rule: str, amount: str | None = None) -> Policy:
    raw = {
        "schema_version": 3, "id": "sample", "title_zh": "样例", "title_en": "Sample", "issuing_body_zh": "样例机关",
        "issuing_body_en": "Sample body", "document_number": None, "document_number_status": "unverified",
        "level": "national", "articles": [13], "valid_from": None, "valid_to": None, "supersedes": None,
        "benefit_type": "grant", "benefit_zh": "给钱", "benefit_en": "money", "benefit_amount": amount,
        "benefit_per": "year" if amount else None, "eligible": rule, "conditions": [], "lane": "application",
        "how_to_claim_zh": ["申请"], "how_to_claim_en": ["Apply"], "exclusive_with": [], "exclusive_scope_zh": None,
        "exclusive_scope_en": None, "keywords": [], "source_zh": "样例", "source_en": "Sample",
        "confidence": "verified", "display": "show", "note_zh": None, "note_en": None,
    }  # fmt: skip
    return read_policy(raw)


def basis(rule: str, facts: dict[str, object], sources: dict[str, str], amount: str | None = None) -> str:
    typed = {name: read_value(dictionary()[name], value) for name, value in facts.items()}
    found = assess(policy(rule, amount), typed, DAY)
    assert found.standing == "yes"
    return basis_of_assessment(found, sources)


@pytest.mark.parametrize(
    ("source", "said"),
    [("certified", "certified"), ("declared", "stated"), ("imported", "stated"), ("register", "stated"),
     ("answered", "stated"), ("derived", "stated")],
)  # fmt: skip
def test_only_a_certified_value_makes_a_certified_verdict(source: str, said: str) -> None:
    assert basis("employees <= 20", {"employees": 9}, {"employees": source}) == said


def test_one_stated_fact_among_certified_ones_is_enough_to_say_so() -> None:
    facts: dict[str, object] = {"employees": 9, "vat_type": "small_scale"}
    rule = "employees <= 20 and vat_type == 'small_scale'"
    assert basis(rule, facts, {"employees": "certified", "vat_type": "certified"}) == "certified"
    assert basis(rule, facts, {"employees": "certified", "vat_type": "declared"}) == "stated"


def test_of_an_either_or_only_what_settles_the_verdict_counts() -> None:
    facts: dict[str, object] = {"employees": 9, "vat_type": "general"}
    rule = "employees <= 20 or vat_type == 'small_scale'"
    assert basis(rule, facts, {"employees": "certified", "vat_type": "declared"}) == "certified"


def test_an_amount_rests_on_its_own_facts_too() -> None:
    facts: dict[str, object] = {"employees": 9, "graduate_hires": 2}
    sources = {"employees": "certified", "graduate_hires": "declared"}
    assert basis("employees <= 20", facts, sources) == "certified"
    assert basis("employees <= 20", facts, sources, "graduate_hires * 1000") == "stated"


def test_a_reckoned_size_rests_on_what_it_is_reckoned_from() -> None:
    facts: dict[str, object] = {"industry_code": "6210", "employees": 9, "revenue": "103.2"}
    rule = "size_class_worst == 'micro'"
    every = dict.fromkeys(facts, "certified")
    assert basis(rule, facts, every) == "certified"
    assert basis(rule, facts, {**every, "revenue": "declared"}) == "stated"


def test_readings_of_nobodys_facts_have_no_basis() -> None:
    assert basis_of([], {"employees": "certified"}) is None


def test_the_share_of_known_facts_grows_with_each_fact_and_reaches_all() -> None:
    assert sum(part.known for part in completeness({}, DAY, FILES)) == 0
    needed = needed_facts(DAY, FILES)
    assert {"employees", "revenue", "industry_code"} <= {fact.name for fact in needed}
    some = completeness({"employees": 9}, DAY, FILES)
    assert sum(part.known for part in some) == 1
    every = completeness({fact.name: 1 for fact in needed}, DAY, FILES)
    assert all(part.share == 100 and not part.missing for part in every)
