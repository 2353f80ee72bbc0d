"""The size standard: every worked example of the table, and the laws that hold for all figures."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import huiqi.registry.size as size
from huiqi.registry.size import (
    CLASSES,
    IndustryCodeProblem,
    classify,
    classify_columns,
    classify_financial,
    complete,
    needed_for_size,
)

ON = dt.date(2026, 11, 24)
TABLE = yaml.safe_load((Path(size.__file__).parent / "data" / "size_standards.yaml").read_text(encoding="utf-8"))

#: Figures on, just below and just above every limit of the table, where mistakes live.
LIMITS = sorted({v for g in TABLE["industry_groups"] for c in g["limits"].values() for v in c.values()})
people = (
    st.none() | st.integers(0, 3000) | st.sampled_from(LIMITS).flatmap(lambda v: st.sampled_from([v - 1, v, v + 1]))
)
money = (
    st.none()
    | st.decimals(0, 250_000, places=4)
    | st.sampled_from(LIMITS).flatmap(
        lambda v: st.sampled_from([Decimal(v) - Decimal("0.0001"), Decimal(v), Decimal(v) + Decimal("0.0001")])
    )
)
#: One code of each of the sixteen groups.
EACH_GROUP = [
    "0131",
    "1353",
    "4710",
    "51",
    "52",
    "5810",
    "592",
    "60",
    "61",
    "62",
    "6311",
    "65",
    "7010",
    "702",
    "72",
    "73",
]
codes = st.none() | st.sampled_from(
    [
        "A",
        "C",
        "F",
        "G",
        "H",
        "I",
        "J",
        "K",
        "P",
        "Q",
        "S",
        "59",
        "70",
        "705",
        "591",
        "5920",
        "5261",
        "6513",
        "7020",
        "7263",
        "8211",
        "5320",
        "7040",
        "8331",
        "9411",
        "84",
        "85",
        "6920",
        *EACH_GROUP,
    ]
)
rank = {name: position for position, name in enumerate(CLASSES)}


def exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@pytest.mark.parametrize("example", TABLE["examples"], ids=lambda e: f"{e['n']}: {e['why']}")
def test_every_worked_example_of_the_standard(example: dict[str, Any]) -> None:
    result = classify(example["code"], example["X"], exact(example["Y"]), exact(example["Z"]), ON)
    found = result.size_class or result.status
    assert found == example["expect"]
    assert result.to_next_text.zh and result.to_next_text.en


@pytest.mark.parametrize("example", TABLE["financial_examples"], ids=lambda e: str(e["n"]))
def test_every_worked_example_of_the_financial_standard(example: dict[str, Any]) -> None:
    assert classify_financial(example["type"], example["assets_yi"]) == example["expect"]


def test_an_unknown_kind_of_financial_institution_is_refused() -> None:
    with pytest.raises(ValueError, match="microloan_pawn"):
        classify_financial("casino", 1)


@pytest.mark.parametrize("group", TABLE["industry_groups"], ids=lambda g: g["id"])
@pytest.mark.parametrize("name", ["small", "medium", "large"])
def test_a_lower_limit_belongs_to_its_class_and_one_ten_thousandth_less_does_not(
    group: dict[str, Any], name: str
) -> None:
    code = (group["codes"].get("classes") or group["codes"].get("groups") or group["codes"]["divisions"])[0]
    limits = group["limits"][name]
    at = {i: Decimal(v) for i, v in limits.items()}
    assert classify(code, *(at.get(i) for i in "XYZ"), ON).size_class == name
    for indicator in limits:
        below = {**at, indicator: at[indicator] - (1 if indicator == "X" else Decimal("0.0001"))}
        result = classify(code, *(below.get(i) for i in "XYZ"), ON)
        assert rank[result.size_class] < rank[name]
        assert result.deciding == (indicator,)


@given(codes, people, money, money, people, money, money)
def test_more_of_any_indicator_never_lowers_the_class(code, x, y, z, more_x, more_y, more_z) -> None:
    larger = [None if a is None else max(a, b or 0) for a, b in ((x, more_x), (y, more_y), (z, more_z))]
    before, after = classify(code, x, y, z, ON), classify(code, *larger, ON)
    if before.best:
        assert rank[after.best] >= rank[before.best]
        assert rank[after.worst] >= rank[before.worst]


@given(
    codes,
    people,
    money,
    money,
    st.integers(0, 5000),
    st.decimals(0, 300_000, places=4),
    st.decimals(0, 300_000, places=4),
)
def test_the_range_of_an_undetermined_size_holds_the_class_of_every_completion(
    code, x, y, z, fill_x, fill_y, fill_z
) -> None:
    result = classify(code, x, y, z, ON)
    filled = [fill if value is None else value for value, fill in ((x, fill_x), (y, fill_y), (z, fill_z))]
    for completed_code in [code] if code else EACH_GROUP:
        completed = classify(completed_code, *filled, ON)
        if completed.size_class and completed.status != "not_an_enterprise":
            assert rank[result.worst] <= rank[completed.size_class] <= rank[result.best]


@given(codes, people, money, money)
def test_the_best_and_the_worst_class_are_attained(code, x, y, z) -> None:
    result = classify(code, x, y, z, ON)
    if result.status not in ("determined", "undetermined"):
        return
    options = [[value] if value is not None else [Decimal(0), Decimal(10**9)] for value in (x, y, z)]
    one_each = [code] if code else EACH_GROUP
    found = [classify(c, *figures, ON) for c in one_each for figures in itertools.product(*options)]
    assert max(rank[f.best] for f in found) == rank[result.best]
    assert min(rank[f.worst] for f in found) == rank[result.worst]


@given(codes, people, money, money)
def test_what_is_missing_is_what_can_still_change_the_class(code, x, y, z) -> None:
    result = classify(code, x, y, z, ON)
    assert bool(result.missing) == (result.status == "undetermined")
    known = {"industry_code": code, "employees": x, "revenue": y, "total_assets": z}
    for name in result.missing:
        assert name == "industry_code" or known[name] is None
    assert needed_for_size(known, ON) == result.missing


@given(codes, people, money, money)
def test_what_is_lacking_to_the_next_class_is_exactly_enough(code, x, y, z) -> None:
    result = classify(code, x, y, z, ON)
    if result.status != "determined" or not result.to_next or None in (x, y, z):
        return
    reached = [value + result.to_next.get(i, 0) for i, value in zip("XYZ", (x, y, z), strict=True)]
    assert classify(code, *reached, ON).size_class == result.next_class
    assert set(result.deciding) <= set(result.to_next)


@given(
    st.lists(st.tuples(codes | st.sampled_from(["0000", "9999", "x", ""]), people, money, money), max_size=30),
    st.booleans(),
)
def test_columns_give_what_single_rows_give(rows: list[tuple[Any, ...]], as_arrow: bool) -> None:
    column_codes: Any = [row[0] for row in rows]
    if as_arrow:
        column_codes = pa.chunked_array([pa.array(column_codes, pa.string())]).dictionary_encode()
    figures = [np.array([np.nan if row[i] is None else float(row[i]) for row in rows], np.float64) for i in (1, 2, 3)]
    columns = classify_columns(column_codes, *figures, ON)
    for position, (code, x, y, z) in enumerate(rows):
        try:
            one = classify(code, x, y, z, ON)
        except IndustryCodeProblem:
            one = classify(None, x, y, z, ON)
        for column, expected in zip(columns, (one.size_class, one.best, one.worst), strict=True):
            assert column[position] == (size.NOT_KNOWN if expected is None else rank[expected])


def test_two_digits_decide_except_where_the_division_is_split() -> None:
    assert classify("13", 300, Decimal(2000), None, ON).size_class == "medium"
    split = classify("59", 100, Decimal(3000), None, ON)
    assert (split.status, split.best, split.worst) == ("undetermined", "medium", "small")
    assert split.missing == ("industry_code",)


def test_a_split_division_is_determined_when_every_possible_group_agrees() -> None:
    assert classify("59", 5, None, None, ON).size_class == "micro"


def test_a_division_that_is_partly_outside_the_standard_is_never_certain() -> None:
    result = classify("70", 5, Decimal(1), Decimal(1), ON)
    assert (result.status, result.size_class, result.best, result.worst) == ("undetermined", None, "micro", "micro")


def test_hotels_and_restaurants_share_their_limits_so_the_section_letter_is_enough() -> None:
    result = classify("H", 100, Decimal(2000), None, ON)
    assert (result.size_class, result.group, result.to_next) == ("medium", None, {"X": 200, "Y": 8000})


def test_an_unknown_industry_leaves_every_group_open() -> None:
    result = classify(None, 5, None, None, ON)
    assert (result.best, result.worst, result.missing) == (
        "large",
        "micro",
        ("industry_code", "revenue", "total_assets"),
    )


def test_an_unknown_figure_that_the_industry_does_not_use_is_not_asked_for() -> None:
    assert classify("8211", None, None, None, ON).missing == ("employees",)
    assert classify("1353", 500, None, None, ON).missing == ("revenue",)


@pytest.mark.parametrize(("code", "status"), [("9411", "not_an_enterprise"), ("S", "not_an_enterprise"), ("97", "not_an_enterprise"), ("6635", "not_covered"), ("P", "not_covered")])  # fmt: skip
def test_activities_outside_the_standard_are_named(code: str, status: str) -> None:
    assert classify(code, 50, Decimal(1), Decimal(1), ON).status == status


def test_an_activity_outside_the_standard_has_a_class_by_reference_only() -> None:
    railway = classify("5320", 300, Decimal(3000), None, ON)
    assert (railway.size_class, railway.best, railway.reference) == (None, None, "medium")
    assert classify("8331", 120, None, None, ON).reference == "medium"
    assert classify("8411", None, None, None, ON).reference is None
    assert classify("6635", 120, None, None, ON).reference is None


@pytest.mark.parametrize("code", ["0000", "9999", "98", "6", "13530", "abc", "131.0", "U", "A1353", "", "１３x"])
def test_a_code_that_the_classification_does_not_have_is_refused_with_a_remedy(code: str) -> None:
    with pytest.raises(IndustryCodeProblem) as caught:
        classify(code, 1, None, None, ON)
    assert caught.value.remedy.zh


@pytest.mark.parametrize("code", ["C1353", "１３５３", " 1353 ", "1399"])
def test_other_ways_to_write_a_code_and_classes_of_later_amendments_are_accepted(code: str) -> None:
    assert classify(code, 300, Decimal(2000), None, ON).size_class == "medium"


def test_the_standard_applies_from_the_day_it_was_issued() -> None:
    assert classify("1353", 1, None, None, dt.date(2011, 6, 18)).standard == "工信部联企业〔2011〕300号"
    before = classify("1353", 1, None, None, dt.date(2011, 6, 17))
    assert (before.status, before.standard, before.size_class) == ("not_covered", None, None)
    assert "2011-06-18" in before.to_next_text.zh


def test_what_is_lacking_is_said_in_both_languages() -> None:
    result = classify("1353", 19, Decimal("299.9999"), None, ON)
    assert result.to_next_text.zh == "成为小型企业还差：从业人员 1 人、营业收入 0.0001 万元"
    assert result.to_next_text.en == "To be small it lacks 1 more person engaged and ¥1 more operating revenue"
    open_ = classify("1353", 500, None, None, ON).to_next_text
    assert open_.zh == "还不能确定，可能是中型到微型；还要知道营业收入"


class TestCompletingFacts:
    def test_the_size_is_computed_from_the_figures(self) -> None:
        facts = complete({"industry_code": "1353", "employees": 300, "revenue": Decimal(2000)}, ON)
        assert facts["reference_date"] == ON
        assert {facts["size_class"], facts["size_class_best"], facts["size_class_worst"]} == {"medium"}

    def test_an_open_size_has_a_best_and_a_worst_class_only(self) -> None:
        facts = complete({"industry_code": "1353", "employees": 500, "size_class": None}, ON)
        assert "size_class" not in facts
        assert (facts["size_class_best"], facts["size_class_worst"]) == ("medium", "micro")

    def test_a_written_decision_wins_over_the_figures(self) -> None:
        given_facts = {"industry_code": "1353", "employees": 1, "size_class": "large"}
        facts = complete(given_facts, ON)
        assert (facts["size_class_best"], facts["size_class_worst"]) == ("large", "large")
        assert needed_for_size(given_facts, ON) == ()

    def test_a_given_range_is_kept(self) -> None:
        facts = complete({"size_class_best": "small", "size_class_worst": "micro", "employees": 5000}, ON)
        assert "size_class" not in facts and facts["size_class_best"] == "small"
        assert complete({"size_class_best": "small", "size_class_worst": "small"}, ON)["size_class"] == "small"

    def test_the_reference_date_of_the_facts_decides_the_standard(self) -> None:
        facts = complete({"industry_code": "1353", "employees": 1, "reference_date": dt.date(2010, 1, 1)}, ON)
        assert facts["reference_date"] == dt.date(2010, 1, 1)
        assert "size_class_best" not in facts

    def test_a_code_that_does_not_exist_counts_as_not_known(self) -> None:
        facts = complete({"industry_code": "0000", "employees": 1}, ON)
        assert facts["size_class_best"] == "large"
        assert needed_for_size({"industry_code": "0000", "employees": 1}, ON)[0] == "industry_code"

    def test_the_facts_that_were_given_are_not_changed(self) -> None:
        given_facts = {"industry_code": "1353"}
        complete(given_facts, ON)
        assert given_facts == {"industry_code": "1353"}


def test_the_table_holds_sixteen_groups_and_every_division_leads_somewhere() -> None:
    standard = size.standard_on(ON)
    assert standard is not None and len(standard.groups) == 16
    for division in range(1, 98):
        assert classify(f"{division:02d}", 1, Decimal(1), Decimal(1), ON).standard
