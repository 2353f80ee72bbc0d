"""Values as people and programs give them: every type, the Chinese forms, and refusals that say how to mend them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiqi.rules import ValueProblem, dictionary, read_value


def read(name: str, raw: Any) -> Any:
    return read_value(dictionary()[name], raw)


def refusal(name: str, raw: Any) -> ValueProblem:
    with pytest.raises(ValueProblem) as caught:
        read(name, raw)
    problem = caught.value
    assert problem.fact.name == name
    for words in (problem.what, problem.remedy):
        assert words.zh and words.en and words.zh != words.en
    return problem


@pytest.mark.parametrize(
    "blank", [None, "", "  ", "\t", "\u3000", float("nan"), "null", "NULL", "NaN", "n/a", "未知", "不清楚"]
)
def test_blank_is_unknown_for_every_fact(blank):
    for fact in dictionary():
        assert read_value(fact, blank) is None


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("abnormal_listed", True, True), ("abnormal_listed", "是", True), ("abnormal_listed", "有", True), ("abnormal_listed", " Yes ", True),
        ("abnormal_listed", "TRUE", True), ("abnormal_listed", "√", True), ("abnormal_listed", 1, True), ("abnormal_listed", 1.0, True),
        ("abnormal_listed", "ＹＥＳ", True), ("abnormal_listed", "否", False), ("abnormal_listed", "无", False), ("abnormal_listed", "没有", False),
        ("abnormal_listed", "0", False), ("abnormal_listed", 0, False), ("abnormal_listed", Decimal(0), False), ("abnormal_listed", "×", False),
        ("employees", 9, 9), ("employees", "9", 9), ("employees", "1,200", 1200), ("employees", "９", 9), ("employees", 9.0, 9), ("employees", "9.0", 9),
        ("employees", Decimal("1E+3"), 1000), ("employees", 0, 0), ("employees", "0", 0),
        ("revenue", "8.6", Decimal("8.6")), ("revenue", 8.6, Decimal("8.6")), ("revenue", 5, Decimal(5)), ("revenue", "１２．５", Decimal("12.5")),
        ("revenue", "1,000,000.5", Decimal("1000000.5")), ("revenue", "1，000", Decimal(1000)), ("revenue", " 12 ", Decimal(12)),
        ("revenue", "-12", Decimal(-12)), ("revenue", 0.1 + 0.2, Decimal("0.30000000000000004")), ("revenue", "99999999999999.9999", Decimal("99999999999999.9999")),
        ("rd_cost_share", "3%", Decimal(3)), ("rd_cost_share", "３％", Decimal(3)), ("rd_cost_share", "33.33", Decimal("33.33")),
        ("established_date", "2026-11-24", dt.date(2026, 11, 24)), ("established_date", "2026/1/2", dt.date(2026, 1, 2)),
        ("established_date", "2026年1月2日", dt.date(2026, 1, 2)), ("established_date", "2026.01.02", dt.date(2026, 1, 2)),
        ("established_date", "20260102", dt.date(2026, 1, 2)), ("established_date", "2026-01-02T03:04:05", dt.date(2026, 1, 2)),
        ("established_date", "2026-01-02 00:00:00", dt.date(2026, 1, 2)), ("established_date", dt.datetime(2026, 1, 2, 3), dt.date(2026, 1, 2)),
        ("established_date", "２０２６-０１-０２", dt.date(2026, 1, 2)), ("established_date", "2024-02-29", dt.date(2024, 2, 29)),
        ("industry_code", "0131", "0131"), ("industry_code", "17", "17"), ("industry_code", 1711, "1711"), ("industry_code", "１７１１", "1711"),
        ("industry_code", " 1711 ", "1711"), ("registration_region", "653101", "653101"), ("registration_region", 653101, "653101"),
        ("uscc", "91650100MA77ABC15P", "91650100MA77ABC15P"),
        ("legal_form", "company", "company"), ("legal_form", "公司", "company"), ("legal_form", "Company", "company"),
        ("legal_form", "individual business", "individual_business"), ("legal_form", " 个体工商户 ", "individual_business"),
        ("tax_credit_grade", "a", "A"), ("tax_credit_grade", "Ｂ级", "B"), ("incubator_level", "无", "none"), ("incubator_level", "不是", "none"),
        ("titles", [], frozenset()), ("titles", "[]", frozenset()), ("titles", "[ ]", frozenset()), ("titles", "无", frozenset()), ("titles", "None", frozenset()),
        ("titles", "高新技术企业；科技型中小企业", frozenset(["hte", "tech_sme"])), ("titles", "hte;tech_sme", frozenset(["hte", "tech_sme"])),
        ("titles", "hte、tech_sme，hte", frozenset(["hte", "tech_sme"])), ("titles", '["hte", "tech_sme"]', frozenset(["hte", "tech_sme"])),
        ("titles", ("高新技术企业",), frozenset(["hte"])), ("titles", {"hte"}, frozenset(["hte"])),
        ("owner_groups", "高校毕业生(毕业五年内)", frozenset(["graduate"])),
        ("secondary_industry_codes", ["1711", "0131"], frozenset(["1711", "0131"])), ("secondary_industry_codes", "1711、0131", frozenset(["1711", "0131"])),
    ],
)  # fmt: skip
def test_values_are_read_in_the_forms_that_people_write(name, raw, value):
    found = read(name, raw)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("abnormal_listed", "maybe"), ("abnormal_listed", 2), ("abnormal_listed", "不"), ("abnormal_listed", []), ("abnormal_listed", {}),
        ("employees", "3.5"), ("employees", "三"), ("employees", True), ("employees", "9人"), ("employees", [9]), ("employees", 1e14), ("employees", "1e-3"),
        ("revenue", "一百"), ("revenue", "12万"), ("revenue", "3%"), ("revenue", "0x10"), ("revenue", float("inf")), ("revenue", "-Infinity"), ("revenue", "sNaN"),
        ("revenue", 10**14), ("revenue", "1" * 5000), ("revenue", "1e999999999"), ("revenue", Decimal("1e-999999999")), ("revenue", "0." + "1" * 5000),
        ("revenue", "1,5"), ("revenue", "12,34"), ("revenue", "1,0000"), ("revenue", ",1"), ("revenue", True), ("revenue", {}), ("revenue", b"1"), ("revenue", "½"),
        ("established_date", "2026-02-30"), ("established_date", "2025-02-29"), ("established_date", "2026-13-01"), ("established_date", "0000-01-01"),
        ("established_date", "26-1-1"), ("established_date", "24.11.2026"), ("established_date", 45000), ("established_date", 20260102), ("established_date", "2026年1月"),
        ("established_date", True), ("established_date", "昨天"),
        ("industry_code", 131), ("industry_code", "1"), ("industry_code", "17110"), ("industry_code", "A171"), ("industry_code", 17.0), ("industry_code", True),
        ("industry_code", "17\n11"), ("industry_code", "17\x0011"), ("registration_region", "65"), ("registration_region", "喀什"), ("registration_region", "６５"),
        ("uscc", "x" * 201), ("uscc", "\ud800"), ("uscc", ["x"]),
        ("legal_form", "x"), ("legal_form", "无"), ("legal_form", 3), ("legal_form", ["company"]), ("legal_form", False), ("size_class", "超大型"),
        ("titles", "x"), ("titles", "hte;x"), ("titles", [1]), ("titles", [None]), ("titles", [""]), ("titles", 5), ("titles", {"hte": 1}), ("titles", ";;"), ("titles", True),
        ("secondary_industry_codes", ["a"]), ("secondary_industry_codes", [""]), ("secondary_industry_codes", ["17\x1f11"]), ("secondary_industry_codes", [1711]),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused_with_a_remedy(name, raw):
    refusal(name, raw)


def test_a_refusal_lists_the_options():
    problem = refusal("legal_form", "有限公司")
    assert "公司" in problem.remedy.zh and "individual_business" in problem.remedy.en
    assert "有限公司" in problem.what.zh


def test_a_figure_in_yuan_where_ten_thousand_yuan_are_meant_is_caught_by_its_size():
    assert "万元" in refusal("revenue", 10**14).remedy.zh


def test_a_code_that_lost_its_zeros_is_not_guessed():
    assert "0131" in refusal("industry_code", 131).remedy.zh


def test_every_member_is_read_by_code_and_by_both_labels():
    for fact in dictionary():
        for member in fact.members or ():
            expected: Any = frozenset([member.code]) if fact.type == "set" else member.code
            for text in (member.code, member.label.zh, member.label.en):
                assert read_value(fact, [text] if fact.type == "set" else text) == expected, (fact.name, text)


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=40), st.lists(st.text(max_size=5), max_size=3),
                 st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.dates(), st.datetimes(), st.binary(max_size=5)))  # fmt: skip
def test_anything_is_read_or_refused_and_what_is_read_has_the_type_of_the_fact(raw):
    types = {
        "boolean": bool,
        "integer": int,
        "decimal": Decimal,
        "date": dt.date,
        "text": str,
        "enum": str,
        "set": frozenset,
    }
    for fact in [dictionary()[name] for name in ("abnormal_listed", "employees", "revenue", "rd_cost_share", "established_date", "uscc", "industry_code", "legal_form", "titles", "secondary_industry_codes")]:  # fmt: skip
        try:
            value = read_value(fact, raw)
        except ValueProblem as problem:
            assert problem.what.zh and problem.remedy.en
        else:
            assert value is None or type(value) is types[fact.type]
            assert value is None or read_value(fact, value) == value, "a value that was read is read again as itself"


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4))
def test_a_figure_with_four_places_keeps_every_digit(figure):
    assert read("revenue", str(figure)) == read("revenue", figure) == read("revenue", f"{figure:,}") == figure
