"""Rules as sentences in Chinese and in English: every kind of node, every policy, thousands of random rules."""

from __future__ import annotations

import datetime as dt
import random
import re
from decimal import Decimal

import pytest

from huiqi.opportunities.library import load_library, policy_folder
from huiqi.rules import Explainer, Words, dictionary, parse_amount, parse_rule
from huiqi.rules.sentence import number, show, show_number

from .generator import Generator

#: What must never reach a reader: Python's and SQL's own words, empty slots, doubled marks.
LEFTOVER = re.compile(
    r"None|True|False|NULL|\bnan\b|\{|\}|Words\(|<huiqi|\bTODO\b|，，|、、|（）|\(\)|“”|ARRAY_CONTAINS|COALESCE|NULLIF|CASE WHEN|_[a-z]"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def clean(words: Words) -> None:
    for text in (words.zh, words.en):
        assert text and text == text.strip() and "  " not in text, repr(text)
        assert not LEFTOVER.search(text), text
        for opening, closing in ("（）", "()", "“”"):
            assert text.count(opening) == text.count(closing), text
    assert CHINESE.search(words.zh), words.zh


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("is_sme", "是中小企业", "is an SME"),
        ("not is_sme", "不是中小企业", "is not an SME"),
        ("not not is_sme", "是中小企业", "is an SME"),
        ("is_sme = true", "是中小企业", "is an SME"),
        ("is_sme <> true", "不是中小企业", "is not an SME"),
        ("true = is_sme", "是中小企业", "is an SME"),
        ("is_sme = false", "不是中小企业", "is not an SME"),
        ("employees >= 3", "从业人员至少 3 人", "persons engaged is at least 3 people"),
        ("employees > 3", "从业人员超过 3 人", "persons engaged is more than 3 people"),
        ("employees < 3", "从业人员不到 3 人", "persons engaged is less than 3 people"),
        ("employees <= 3", "从业人员不超过 3 人", "persons engaged is at most 3 people"),
        ("3 <= employees", "从业人员至少 3 人", "persons engaged is at least 3 people"),
        ("not employees >= 3", "从业人员不到 3 人", "persons engaged is less than 3 people"),
        ("employees = 3", "从业人员等于 3 人", "persons engaged is 3 people"),
        ("not employees = 3", "从业人员不等于 3 人", "persons engaged is not 3 people"),
        ("monthly_sales <= 8.6", "月销售额不超过 8.6 万元", "is at most ¥86,000"),
        ("loan_interest > 0", "有贷款利息", "there is"),
        ("rd_ratio >= 3", "研发费用占比至少 3%", "is at least 3%"),
        ("first_income_year >= 2024", "首笔收入年度至少 2024 年", "is at least 2024"),
        ("export_value >= 30", "上年度出口额至少 30 万美元", "US$300,000"),
        ("legal_form = 'company'", "组织形式是公司", "legal form is company"),
        ("legal_form in ('company', 'partnership')", "组织形式是公司或合伙企业", "legal form is company or partnership"),
        ("legal_form not in ('company', 'partnership')", "组织形式不是公司、合伙企业", "legal form is none of company, partnership"),
        ("array_contains(titles, 'hte')", "称号包括高新技术企业", "includes high and new technology enterprise"),
        ("not array_contains(titles, 'hte')", "称号不包括高新技术企业", "does not include"),
        ("industry_code like '17%'", "行业代码属于代码 17 开头的一类", "is in codes beginning with 17"),
        ("industry_code not like '17%'", "行业代码不属于代码 17 开头的一类", "is not in codes beginning with 17"),
        ("industry_code like '_7%'", "行业代码属于“_7%”", "is in “_7%”"),
        ("established_date >= date '2020-02-29'", "成立日期不早于 2020年2月29日", "date of establishment is on or after 29 February 2020"),
        ("established_date < reference_date", "成立日期早于评估日期", "date of establishment is before date of evaluation"),
        ("employees between 3 and 5", "从业人员在 3 人到 5 人之间（含两端）", "is between 3 people and 5 people inclusive"),
        ("titles is null", "称号还不知道", "titles held is not known"),
        ("titles is not null", "称号已经知道", "titles held is known"),
        ("coalesce(is_sme, false)", "是中小企业（不知道时按“否”）", "is an SME (taken as “no” if not known)"),
        ("coalesce(not is_sme, true)", "不是中小企业（不知道时按“是”）", "is not an SME (taken as “yes” if not known)"),
        ("coalesce(is_sme and in_xinjiang, true)", "（是中小企业，并且在新疆登记）（不知道时按“是”）", "(is an SME and is registered in Xinjiang)"),
        ("coalesce(is_sme, in_xinjiang, true)", "在新疆登记", "registered in Xinjiang"),
        ("revenue / (2 * 3) > 1", "营业收入 ÷ （2 × 3）超过 1", "÷ (2 × 3) is more than 1"),
        ("100 * rd_expense / nullif(revenue + revenue_prev, 0) >= 3", "100 × 研发费用 ÷ （营业收入 + 上一年营业收入）至少 3", "÷ (operating revenue"),
        ("revenue - (rd_expense - 3) > 1", "营业收入 − （研发费用 − 3）超过 1", "− (R&D"),
        ("-(revenue - rd_expense) < 3", "负（营业收入 − 研发费用）不到 3", "minus ("),
        ("revenue - rd_expense > 0", "营业收入 − 研发费用超过 0", "is more than 0"),
        ("least(employees, 3) > 2", "从业人员与3的较小者超过 2", "the smaller of persons engaged and 3 is more than 2"),
        ("greatest(employees, 3) > 2", "从业人员与3的较大者超过 2", "the larger of"),
        ("coalesce(employees, 3) > 2", "从业人员，不知道时按3超过 2", "or if not known 3"),
        ("nullif(employees, 3) > 2", "从业人员（等于3 人时按不知道）超过 2", "not known if it is 3 people"),
        ("nullif(is_sme, true)", "（等于是时按不知道）", "not known if it is yes"),
        ("case when is_sme then 1 else 2 end > 1", "是中小企业时为 1；否则为 2超过 1", "1 if is an SME; else 2"),
        ("true", "总是成立", "always holds"),
        ("false", "总不成立", "never holds"),
        ("null", "还不知道", "not known yet"),
        ("is_sme and employees > 3", "是中小企业，并且从业人员超过 3 人", "is an SME and persons engaged"),
        ("is_sme or employees > 3", "是中小企业，或者从业人员超过 3 人", "is an SME or persons engaged"),
        ("is_sme and (in_xinjiang or employees > 3)", "是中小企业，并且（在新疆登记，或者从业人员超过 3 人）", "(is registered in Xinjiang or "),
        ("not (is_sme and in_xinjiang)", "并非（是中小企业，并且在新疆登记）", "not (is an SME and is registered in Xinjiang)"),
    ],
)  # fmt: skip
def test_every_kind_of_condition_has_its_words(text, zh, en):
    words = parse_rule(text).sentence()
    assert zh in words.zh
    assert en in words.en
    for one in (words.zh, words.en):
        assert "None" not in one and "{" not in one


@pytest.mark.parametrize("text", ["is_sme >= false", "is_sme <= true", "is_sme > true", "is_sme < false"])
def test_an_order_of_yes_and_no_is_not_told_as_a_plain_yes_or_no(text):
    assert parse_rule(text).sentence() not in (parse_rule("is_sme").sentence(), parse_rule("not is_sme").sentence())


def test_names_behind_codes_are_used_where_they_are_known():
    names = {
        ("industry_code", "17"): Words("纺织业", "textiles"),
        ("registration_region", "653101"): Words("喀什市", "Kashgar"),
    }.get
    words = parse_rule("industry_code like '17%' and registration_region = '653101'").sentence(
        lambda name, code: names((name, code))
    )
    assert words == Words(
        "行业代码属于纺织业，并且登记地是喀什市",
        "main industry class is in textiles and " + words.en.partition(" and ")[2],
    )
    assert "Kashgar" in words.en


@pytest.mark.parametrize("policy", list(load_library(policy_folder())), ids=lambda policy: policy.id)
def test_the_rule_and_the_amount_of_every_policy_have_words(policy):
    clean(policy.rule.sentence())
    if policy.amount is not None:
        words = policy.amount.sentence()
        for text in (words.zh, words.en):
            assert text and not LEFTOVER.search(text), text
    for condition in policy.explainer(None, None).explain({}).conditions:
        clean(condition.text)
        assert not LEFTOVER.search(condition.asked.zh + condition.asked.en)


def test_every_derived_fact_has_words_for_its_own_expression():
    for fact in dictionary():
        if fact.derived and "extract" not in fact.derived:
            parsed = parse_rule if fact.type == "boolean" else parse_amount
            words = parsed(fact.derived).sentence()
            assert words.zh and words.en


def test_every_boolean_fact_reads_as_a_phrase_and_its_opposite():
    for fact in dictionary():
        if fact.type == "boolean":
            yes, no = parse_rule(fact.name).sentence(), parse_rule(f"not {fact.name}").sentence()
            clean(yes)
            clean(no)
            assert yes.zh != no.zh and yes.en != no.en


@pytest.mark.parametrize("seed", range(4))
def test_random_rules_have_words_without_leftovers(seed):
    generator = Generator(random.Random(seed), bare=True)
    for _ in range(500):
        rule = parse_rule(generator.condition(4))
        words = rule.sentence()
        for text in (words.zh, words.en):
            assert text and not re.search(r"None|True|False|\{|\}|Words\(|<huiqi", text), (rule.text, text)
        assert CHINESE.search(words.zh)


def test_what_is_asked_leaves_the_subject_out():
    asked = {
        c.key: c.asked
        for c in Explainer(parse_rule("employees >= 3 and is_sme and legal_form = 'company' and not revenue > 5"))
        .explain({})
        .conditions
    }
    assert asked["employees >= 3"] == Words("至少 3 人", "at least 3 people")
    assert asked["is_sme"] == Words("是中小企业", "is an SME")
    assert asked["legal_form = 'company'"] == Words("是公司", "company")
    assert asked["NOT revenue > 5"] == Words("不超过 5 万元", "at most ¥50,000")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"), (1000, "1,000"), (Decimal("1000.50"), "1,000.5"), (Decimal("0.1"), "0.1"), (Decimal("8.60"), "8.6"), (Decimal("1E+3"), "1,000"),
        (Decimal("0.00005"), "0.00005"), (Decimal("-5.25"), "-5.25"), (Decimal("33.33333"), "33.3333"), (10**30, "1" + ",000" * 10), (2.5, "2.5"),
    ],
)  # fmt: skip
def test_figures_are_written_as_people_write_them(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("monthly_sales", Decimal("8.6"), "8.6 万元", "¥86,000"),
        ("export_value", Decimal("3"), "3 万美元", "US$30,000"),
        ("loan_interest", Decimal("1234.5"), "1,234.5 元", "¥1,234.5"),
        ("rd_ratio", Decimal("3"), "3%", "3%"),
        ("startup_loan_rate", Decimal("3.5"), "3.5%", "3.5%"),
        ("employees", 9, "9 人", "9 people"),
        ("first_income_year", 2024, "2024 年", "2024"),
    ],
)
def test_a_figure_has_the_unit_of_its_fact(name, value, zh, en):
    assert show_number(dictionary()[name], value) == Words(zh, en)
    assert show(dictionary()[name], value) == Words(zh, en)


def test_values_of_every_type_are_shown():
    facts = dictionary()
    assert show(facts["established_date"], dt.date(2026, 1, 2)) == Words("2026年1月2日", "2 January 2026")
    assert show(facts["legal_form"], "company") == Words("公司", "company")
    assert show(facts["titles"], frozenset()) == Words("都没有", "none of them")
    assert show(facts["titles"], frozenset(["tech_sme", "hte"])).zh == "高新技术企业、科技型中小企业"
    assert show(facts["industry_code"], "1711") == Words("1711", "1711")
    assert show(facts["is_sme"], False) == Words("不是中小企业", "is not an SME")
    for fact in facts:
        assert show(fact, None) == Words("还不知道", "not known yet")
