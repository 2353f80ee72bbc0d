"""The fair-competition review finds what the law is watchful of, and leaves alone what it allows."""

from __future__ import annotations

import pytest

from huiqi.law.articles import articles
from huiqi.opportunities.review import checks, review
from huiqi.rules import parse_rule


def found(text: str, benefit: str = "subsidy") -> list[str]:
    return [concern.check.id for concern in review(parse_rule(text), benefit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uscc = '91659901YL00000122'", ["named_firms"]),
        ("ownership_type = 'private' and is_sme", ["ownership"]),
        ("in_xinjiang and is_sme", ["local_registration"]),
        ("registration_region like '6531%'", ["local_registration"]),
        ("age_years >= 3", ["years_in_business"]),
        ("established_date <= date '2020-01-01'", ["years_in_business"]),
        ("not is_sme", ["large_only"]),
        ("size_class = 'large'", ["large_only"]),
    ],
)
def test_a_condition_by_firm_owner_place_age_or_size_is_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "is_sme",
        "size_class in ('small', 'micro')",
        "operating_region like '65%'",
        "age_years <= 3",
        "established_date >= date '2024-01-01'",
        "employees >= 10",
    ],
)
def test_support_for_smes_for_the_young_and_by_place_of_operation_passes(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("revenue >= 100", "procurement_scale"),
        ("age_years <= 3", "procurement_years"),
        ("ownership_type = 'private'", "procurement_ownership"),
    ],
)
def test_article_38_forbids_scale_years_and_ownership_in_procurement(text, check):
    (concern,) = review(parse_rule(text), "market")
    assert (concern.check.id, concern.blocks, concern.check.article) == (check, True, 38)


def test_only_named_firms_and_procurement_block_outright():
    assert {check.id for check in checks() if check.severity == "forbidden"} == {
        "named_firms",
        "procurement_years",
        "procurement_ownership",
        "procurement_scale",
    }


def test_every_check_names_an_article_of_the_measures():
    assert all(1 <= check.article <= len(articles()) for check in checks())
