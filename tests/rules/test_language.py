"""The language of rules: what is read, what is refused, and how a refusal says where and what to write instead."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiqi.rules import RuleProblem, dictionary, parse_amount, parse_rule
from huiqi.rules.language import LONGEST, normalise

from .generator import Generator


def refusal(text: str) -> RuleProblem:
    """The problem of a text that is no rule; it has words in both languages, and its place lies in the text."""
    with pytest.raises(RuleProblem) as caught:
        parse_rule(text)
    problem = caught.value
    assert problem.what.zh and problem.what.en
    assert any("\u4e00" <= c <= "\u9fff" for c in problem.describe("zh"))
    assert problem.describe("zh") != problem.describe("en")
    if problem.position is not None:
        assert 0 <= problem.position <= len(text)
    return problem


def key(text: str) -> str:
    return parse_rule(text).key


# -- names -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("规模 in ('小型', '微型') and 研发费用占比 >= 3 and not 严重失信",
         "size_class in ('small', 'micro') and rd_ratio >= 3 and not serious_dishonesty"),
        ("array_contains(称号, '高新技术企业')", "array_contains(titles, 'hte')"),
        ("组织形式 = '公司' or '个体工商户' = 组织形式", "legal_form = 'company' or 'individual_business' = legal_form"),
        ("组织形式 not in ('公司')", "legal_form not in ('company')"),
        ("coalesce(组织形式, '公司') = '公司'", "coalesce(legal_form, 'company') = 'company'"),
        ("case when 中小企业 then 组织形式 else '其他' end = '公司'",
         "case when is_sme then legal_form else 'other' end = 'company'"),
        ("nullif(组织形式, '其他') is null", "nullif(legal_form, 'other') is null"),
        ("\"从业人员\" > 3", "employees > 3"),
        ("成立日期 >= date '2020-02-29'", "established_date >= date '2020-02-29'"),
    ],
)  # fmt: skip
def test_chinese_names_and_labels_are_the_same_rule(chinese, english):
    assert key(chinese) == key(english)
    assert parse_rule(chinese).facts == parse_rule(english).facts


def test_every_fact_is_read_by_its_name_and_by_its_chinese_name():
    for fact in dictionary():
        assert key(f"{fact.name} is null") == key(f"{fact.name_zh} is null") == f"{fact.name} IS NULL"


def test_every_label_of_every_member_is_read():
    for fact in dictionary():
        for member in fact.members or ():
            by_code, by_label = (
                (f"array_contains({fact.name}, '{{}}')" if fact.type == "set" else f"{fact.name} = '{{}}'").format,
                (
                    f"array_contains({fact.name_zh}, '{{}}')" if fact.type == "set" else f"{fact.name_zh} = '{{}}'"
                ).format,
            )
            assert key(by_code(member.code)) == key(by_label(member.label.zh))


def test_a_label_of_one_fact_is_no_member_of_another():
    assert "no member of legal_form" in refusal("legal_form = '小型'").describe("en")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("规模　in　（'小型'，'微型'）", "size_class in ('small', 'micro')"),
        ("规模 in (‘小型’，“微型”，「大型」)", "size_class in ('small', 'micro', 'large')"),
        ("规模 ＝ ＇小型＇", "size_class = 'small'"),
        ("规模 = ＂小型＂", "size_class = 'small'"),
        ("研发费用占比≥３ and 从业人员≤300 and 从业人员≠７", "rd_ratio >= 3 and employees <= 300 and employees <> 7"),
        ("研发费用占比≧３．５", "rd_ratio >= 3.5"),
        ("营业收入×２÷３＞１", "revenue * 2 / 3 > 1"),
        ("ｅｍｐｌｏｙｅｅｓ＞３", "employees > 3"),
    ],
)
def test_punctuation_of_a_chinese_keyboard_is_read_as_its_ascii_twin(typed, read):
    assert key(typed) == key(read)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("industry_code = '（１）'", "industry_code = '（１）'"),
        ('industry_code = \'a"b\' and "employees" > 3', 'industry_code = \'a"b\' and "employees" > 3'),
        ("industry_code = 'it''s'", "industry_code = 'it''s'"),
        ("industry_code = “it's”", "industry_code = 'it''s'"),
        ("\"employees\" > 3 and industry_code = '17'", "\"employees\" > 3 and industry_code = '17'"),
    ],
)
def test_quoted_text_is_left_alone(typed, read):
    assert normalise(typed) == read
    assert parse_rule(typed).key


# -- what the language has ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "true", "false", "null", "not null", "is_sme", "not is_sme", "not not is_sme",
        "is_sme = true", "is_sme <> false", "is_sme != true", "is_sme in (true, false)",
        "employees = 3", "employees <> 3", "employees < 3", "employees <= 3", "employees > 3", "employees >= 3",
        "3 < employees", "employees > -3", "-employees < -3", "- - employees > 3", "employees > +3",
        "employees > 3.5", "employees > .5", "employees > 1e2", "employees > 1.5E-3",
        "employees between 1 and 3", "employees not between 1 and 3", "employees in (1, 2, revenue)",
        "employees not in (1, 2)", "3 in (employees, graduate_hires)",
        "employees is null", "employees is not null", "(employees > 3) is null", "titles is null",
        "revenue + 1 > 2", "revenue - rd_expense > 2", "revenue * 2 > 2", "revenue / 2 > 2",
        "revenue / nullif(employees, 0) > 2", "revenue / employees > 2", "revenue / (employees + 1) > 2",
        "coalesce(revenue, 0) > 1", "coalesce(revenue, rd_expense, 0) > 1", "nullif(revenue, 5) > 1",
        "least(revenue, 5) > 1", "greatest(revenue, rd_expense, 5) > 1", "coalesce(is_sme, false)",
        "case when is_sme then true end", "case when is_sme then 1 when in_xinjiang then 2 else 3 end > 2",
        "case when is_sme then true else null end",
        "array_contains(titles, 'hte')", "not array_contains(titles, 'hte')", "'hte' = any(titles)",
        "industry_code like '17%'", "industry_code not like '17%'", "industry_code like '_7%'",
        "industry_code >= '13' and industry_code < '44'", "industry_code = '1711'",
        "legal_form = 'company'", "legal_form in ('company', 'partnership')", "legal_form = ownership_type",
        "established_date > date '2020-01-01'", "established_date > cast('2020-01-01' as date)",
        "established_date between date '2020-01-01' and reference_date",
        "greatest(established_date, reference_date) > date '2020-01-01'",
        "established_date in (date '2020-01-01', date '2021-01-01')",
        "employees = null", "employees + null > 3", "null = null",
        "is_sme and (in_xinjiang or not clean_record) and employees > 3",
        "  is_sme\n and\tin_xinjiang  ", "IS_SME is null or true".lower(), "is_sme AND NOT in_xinjiang",
    ],
)  # fmt: skip
def test_every_construct_of_the_language_is_read(text):
    rule = parse_rule(text)
    assert parse_rule(rule.key).key == rule.key, "the canonical text is a rule again, and the same one"
    assert rule.evaluate({}) in (True, False, None)


def test_amounts_are_numbers_in_yuan():
    assert parse_amount("case when loan_interest is not null then least(loan_interest * 0.5, 500000) end").key
    assert parse_amount("null").evaluate({}) is None
    with pytest.raises(RuleProblem) as caught:
        parse_amount("is_sme")
    assert "a condition where a number is needed" in caught.value.describe("en")
    with pytest.raises(RuleProblem) as caught:
        parse_amount("employees +")
    assert caught.value.position is not None


def test_comments_are_dropped_and_reach_no_engine():
    for text in ("is_sme -- drop table firm", "is_sme /* drop table firm */", "/* drop */ is_sme and /* x */ true"):
        rule = parse_rule(text)
        assert all("drop" not in rule.sql(dialect).lower() for dialect in ("duckdb", "postgres", "spark"))
        assert "drop" not in rule.key.lower()


def test_a_semicolon_at_the_end_is_no_second_statement():
    assert key("is_sme;") == "is_sme"


# -- refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "position", "suggestion", "english"),
    [
        ("emplyees > 3", 0, "employees", "no fact called emplyees"),
        ("is_sme and 从业人 > 3", 11, "从业人员", "no fact called 从业人"),
        ("EMPLOYEES > 3", 0, "employees", "no fact called EMPLOYEES"),
        ("xyzzyqwv > 3", 0, None, "no fact called xyzzyqwv"),
        ("firm.employees > 3", 0, "employees", "no fact called firm.employees"),
        ("a.b.employees > 3", 0, "employees", "no fact called a.b.employees"),
        ("employees.*", 0, None, "no fact called"),
        ('legal_form = "company"', 13, "'company'", "no fact called"),
        ("coalesc(revenue, 0) > 1", None, "coalesce", "no function coalesc"),
        ("foo(revenue) > 1", None, None, "no function foo"),
        ("legal_form = 'compny'", 13, "'company'", "'compny' is no member of legal_form"),
        ("legal_form in ('company', 'compny')", 26, "'company'", "no member"),
        ("legal_form between 'company' and 'z'", 33, None, "no member"),
        ("coalesce(legal_form, 'compny') = 'company'", 21, "'company'", "no member"),
        ("case when is_sme then legal_form else 'compny' end = 'company'", 38, "'company'", "no member"),
        ("nullif(legal_form, 'compny') is null", 19, "'company'", "no member"),
        ("array_contains(titles, '高新企业')", 23, "'高新技术企业'", "no member of titles"),
        ("'hte2' = any(titles)", 0, "'hte'", "no member of titles"),
        ("titles", 0, "array_contains(titles, '…')", "a set where a condition is needed"),
        ("titles = titles_not_held", 0, "array_contains(titles, '…')", "array_contains"),
        ("titles = 'hte'", 9, "array_contains(titles, 'hte')", "a set cannot stand with text"),
        ("titles in ('hte')", 11, "array_contains(titles, 'hte')", "a set cannot stand with text"),
        ("titles like 'h%'", 0, None, "a set where text is needed"),
        ("employees", 0, "employees > 0", "a number where a condition is needed"),
        ("is_sme and employees", 11, "employees > 0", "a number where a condition is needed"),
        ("not revenue", 4, "revenue > 0", "a number where a condition is needed"),
        ("'x'", 0, None, "text where a condition is needed"),
        ("established_date", 0, None, "a date where a condition is needed"),
        ("employees > '5'", 12, "5", "a number cannot stand with text"),
        ("employees > is_sme", 12, None, "a number cannot stand with a condition"),
        ("1 < employees < 3", 16, None, "a condition cannot stand with a number"),
        ("established_date >= '2020-01-01'", 20, "date '2020-01-01'", "a date cannot stand with text"),
        ("established_date + 1 > reference_date", 0, None, "a date where a number is needed"),
        ("industry_code = 17", 16, None, "text cannot stand with a number"),
        ("case when is_sme then 3 else 'x' end = 3", 29, None, "a number cannot stand with text"),
        ("case when employees then true end", 10, "employees > 0", "a number where a condition is needed"),
        ("least(revenue, titles) > 1", 15, None, "a number cannot stand with a set"),
        ("array_contains(employees, 'hte')", 15, None, "a number where a set is needed"),
        ("array_contains(titles, legal_form)", 15, None, "the second item of array_contains"),
        ("established_date > date '2026-02-30'", 24, "date '2026-11-24'", "no day 2026-02-30"),
        ("established_date > date '2025-02-29'", 24, "date '2026-11-24'", "no day 2025-02-29"),
        ("established_date > date '2026-2-3'", 24, "date '2026-11-24'", "no day 2026-2-3"),
        ("industry_code in ('17')", 0, "industry_code like '17%'", "codes are tested by prefix"),
        ("registration_region not in ('65', '62')", 0,
         "registration_region like '65%' or registration_region like '62%'", "by prefix"),
        ("industry_code like revenue", 19, None, "a number where text is needed"),
        ("industry_code like legal_form", 0, None, "quoted pattern"),
        ("industry_code like '1\\7%'", 0, None, "quoted pattern"),
        ("employees in (1, null)", 0, None, "a list cannot contain NULL"),
        ("is_sme is true", 0, None, "only is null"),
        ("is_sme is not false", 0, None, "only is null"),
        ("case is_sme when true then false end", 5, None, "case when"),
        ("extract(year from established_date) > 2020", 18, "reference_year, age_years, years_begun", "not allowed"),
        ("year(established_date) > 2020", 5, "reference_year, age_years, years_begun", "not allowed"),
        ("revenue::int > 3", 0, "date '2026-11-24'", "the only cast is a date"),
        ("cast(revenue as varchar) = 'x'", 5, "date '2026-11-24'", "the only cast is a date"),
        ("employees > 3 and and", 18, None, "near 'and'"),
        ("employees >", 10, None, "near '>'"),
        ("(is_sme or in_xinjiang", None, "(is_sme or in_xinjiang)", "a closing parenthesis is missing"),
        ("((is_sme", None, "((is_sme))", "a closing parenthesis is missing"),
        ("is_sme)", 6, None, "a closing parenthesis too many"),
        ("legal_form = 'company", None, "legal_form = 'company'", "a quotation mark is missing"),
        ("is_sme; in_xinjiang", 6, None, "a single expression"),
        ("is_sme;;", None, None, "a single expression"),
        ("is_sme\r\nand and", 12, None, "near 'and'"),
        ("is_sme\rand and", 11, None, "near 'and'"),
        ("is_sme\n\nand and", 12, None, "near 'and'"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_and_what_to_write(text, position, suggestion, english):
    problem = refusal(text)
    assert english in problem.describe("en")
    assert problem.suggestion == suggestion
    if position is not None:
        assert problem.position == position


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "\n", "()", ";", ",", "*", "1", "1 = ", "select", "select true", "(select true)", "exists(select 1)",
        "employees = (select 1)", "employees in (select 1)", "employees > any(select 1)", "employees > all(select 1)",
        "from firm", "with x as (select 1) select 1", "values (1)", "is_sme union select true",
        "insert into firm values (1)", "update firm set x = 1", "delete from firm", "drop table firm", "create table x (y int)",
        "is_sme; drop table firm", "pragma x", "set x = 1", "attach 'x'", "copy firm to 'x'", "describe firm", "begin",
        "employees > ?", "employees > :limit", "employees > $1", "employees > $limit", "employees > {limit}",
        "employees > @limit", "employees > %s", "employees > %(limit)s",
        "try_cast('2020-01-01' as date) < established_date", "established_date > timestamp '2020-01-01 00:00:00'",
        "established_date > time '10:00'", "established_date + interval '1 day' > reference_date", "date('2020-01-01') < established_date",
        "industry_code ilike '17%'", "industry_code not ilike '17%'", "industry_code like '1%' escape '!'",
        "industry_code similar to '17%'", "industry_code ~ '17'", "industry_code regexp '17'", "industry_code glob '17*'",
        "employees between symmetric 3 and 1", "employees in ()", "'hte' in titles", "'hte' <> any(titles)", "'hte' = all(titles)",
        "employees is distinct from 3", "employees <=> 3", "is_sme xor true", "is_sme || true", "is_sme & true",
        "revenue % 2 = 1", "revenue // 2 = 1", "revenue ^ 2 > 1", "revenue ** 2 > 1", "revenue << 1 > 1", "revenue | 1 > 1", "~employees > 1",
        "abs(revenue) > 1", "round(revenue) > 1", "sum(revenue) > 1", "count(*) > 1", "random() > 0.5", "now() > established_date",
        "current_date > established_date", "today() > established_date", "length(uscc) = 18", "len(titles) > 1", "concat(uscc, 'x') = 'x'",
        "read_csv('x') is null", "getenv('HOME') is null", "lower(uscc) = 'x'", "if(is_sme, true, false)", "coalesce() > 1", "nullif(revenue) > 1",
        "titles[1] = 'hte'", "array_contains(['hte'], 'hte')", "array_contains(titles)", "array_contains(titles, 'hte', 'x')",
        "[1, 2]", "(employees, revenue) = (1, 2)", "row(1) = row(1)", "{'a': 1}", "x -> x + 1", "employees as x", "employees > 3 as x",
        "employees > 3 order by 1", "employees > 3 limit 1", "employees > 3 collate nocase", "sum(employees) over () > 3", "employees:3",
        "[employees] > 3", "`employees` > 3", "employees > 3万", "revenue > 12abc", "1,000 < revenue", "1.5.5 < revenue", "0x10 < revenue",
        "legal_form = 'a\x01b'", "legal_form = 'a\nb'", "is_sme \x00", "'\x00'", "is_sme\x01", "\ufeff is_sm", "is_sme\u200b and true",
        "revenue > " + "9" * 39, "revenue > 0." + "1" * 39, "revenue > 1e99", "revenue > 1e999999999", "revenue > 1e-400",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_both_languages(text):
    refusal(text)


def test_a_name_that_looks_like_another_alphabet_is_refused():
    assert refusal("ｒevenue2 > 3").suggestion == "revenue"
    refusal("rеvenue > 3")  # with a Cyrillic letter


def test_the_place_is_counted_in_the_text_as_it_was_typed():
    problem = refusal("从业人员≥3 and emplyees≥3")
    assert problem.position == 11
    assert problem.pointer().splitlines()[0] == "从业人员≥3 and emplyees≥3"
    assert problem.pointer().splitlines()[1].index("^") == 15 + ("≥" > "\u2e7f")


def test_no_pointer_is_drawn_under_a_text_of_several_lines():
    assert refusal("is_sme\nand emplyees > 3").position == 11
    assert refusal("is_sme\nand emplyees > 3").pointer() == ""


def test_a_long_list_of_codes_is_not_suggested_cut_short():
    assert refusal("industry_code in ('13', '14', '15', '17')").suggestion.endswith(" or …")


# -- size --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + "is_sme" + ")" * 5_000,
        "（" * 5_000 + "is_sme" + "）" * 5_000,
        "not " * 4_990 + "is_sme",
        "!" * 5_000 + "is_sme",
        "not (" * 3_000 + "is_sme" + ")" * 3_000,
        "- " * 5_000 + "employees > 3",
        "-" * 5_000 + "employees > 3",
        "+ " * 5_000 + "employees > 3",
        "~" * 5_000 + "employees > 3",
        " or ".join(["1=1"] * 3_000),
        "or ".join(["1=1"] * 3_000),
        "+".join(["1"] * 3_000) + " > 1",
        "+".join(["1"] * 1_900) + " > 1",
        "*".join(["1"] * 1_900) + " > 1",
        "=".join(["is_sme"] * 1_300),
        "is_sme" + " is null" * 1_900,
        "is_sme" + " between is_sme and is_sme" * 600,
        "'2020-01-01'" + "::date" * 1_900 + " = reference_date",
        "case when " * 1_900,
        "case when is_sme then true else " * 390 + "is_sme" + " end" * 390,
        "coalesce(" * 1_000 + "is_sme" + ")" * 1_000,
        "[" * 5_000 + "]" * 5_000,
        "{" * 5_000 + "}" * 5_000,
        "(" * 5_000,
        ")" * 5_000,
        "'" * 4_999,
        '"' * 4_999,
        "is_sme" + " " * (LONGEST - 5),
        "x" * (LONGEST + 1),
        "is_sme " + "-" * 19_000,
        "/*" * 9_000,
        "%" * 19_000,
    ],
    ids=lambda text: f"{text[:12]!r} of {len(text)}",
)  # fmt: skip
def test_a_monster_is_answered_quickly_and_never_crashes(text):
    started = time.perf_counter()
    try:
        rule = parse_rule(text)
    except RuleProblem as problem:
        assert problem.describe("zh") and problem.describe("en")
    else:
        rule.evaluate({})
        rule.sentence()
    assert time.perf_counter() - started < 2


def test_exactly_the_longest_text_is_read_and_one_character_more_is_not():
    assert key("is_sme" + " " * (LONGEST - 6)) == "is_sme"
    assert "longer than 20000 characters" in refusal("is_sme" + " " * (LONGEST - 5)).describe("en")


def test_sixty_brackets_are_read_and_sixty_one_are_not():
    assert key("(" * 60 + "is_sme" + ")" * 60) == "is_sme"
    assert key("(is_sme or (in_xinjiang and " * 30 + "is_sme" + "))" * 30)
    assert "60 levels" in refusal("(" * 61 + "is_sme" + ")" * 61).describe("en")


def test_what_is_read_deep_down_the_stack_is_the_same():
    text = "not (" * 60 + "is_sme" + ")" * 60

    def below(calls: int) -> str:
        return below(calls - 1) if calls else key(text)

    assert below(400) == below(0)


@pytest.mark.parametrize("connective", ["or", "and"])
def test_a_long_chain_is_a_rule_like_any_other(connective):
    rule = parse_rule(f" {connective} ".join(f"employees <> {n}" for n in range(600)))
    assert rule.evaluate({}) is None
    assert rule.evaluate({"employees": 5}) is (connective == "or")
    assert rule.evaluate({"employees": 1000}) is True
    assert rule.sentence().en.count(f" {connective} ") == 599
    assert len(rule.formula.parts) == 600


def test_two_hundred_dates_are_not_nested():
    assert parse_rule(" or ".join(["established_date = date '2020-01-01'"] * 300)).evaluate({}) is None


# -- any text ----------------------------------------------------------------------------------------------------------
def answered(text: str) -> None:
    try:
        rule = parse_rule(text)
    except RuleProblem as problem:
        assert problem.describe("zh") and problem.describe("en")
        problem.pointer()
        return
    rule.evaluate({})
    rule.sentence()
    for dialect in ("duckdb", "postgres", "spark"):
        rule.sql(dialect)


TOKENS = [
    "is_sme", "employees", "revenue", "titles", "legal_form", "established_date", "industry_code", "规模", "称号", "nonsense", "'small'", "'小型'", "'hte'",
    "'17%'", "''", "0", "1", "3.5", "1e5", "null", "true", "false", "and", "or", "not", "(", ")", "(", ")", ",", "=", "<>", ">", ">=", "<", "<=", "+", "-", "*", "/",
    "in", "between", "like", "is", "case", "when", "then", "else", "end", "coalesce", "nullif", "least", "greatest", "array_contains", "any", "date", "'2026-11-24'",
    "'2026-02-30'", "select", "from", "where", ";", "--", "/*", "*/", "::", "cast", "as", "int", "?", "$1", ":x", "@", "[", "]", "{", "}", "%", "^", "||", ".", "\"x\"", "`",
    "union", "exists", "distinct", "interval", "extract", "year", "over", "filter", "collate", "escape", "ilike", "symmetric", "≥", "（", "）", "‘", "’", "“", "\n", "\x00",
]  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=14))
def test_any_heap_of_words_is_a_rule_or_refused(words):
    answered(" ".join(words))


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text):
    answered(text)


@given(st.integers(0, 2**32), st.integers(0, 400), st.sampled_from(["", *TOKENS]))
def test_a_rule_with_one_slip_is_a_rule_or_refused(seed, place, slip):
    text = Generator(random.Random(seed)).condition(3)
    place %= len(text)
    answered(text[:place] + slip + text[place + 1 :])
