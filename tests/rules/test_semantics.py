"""What a rule means: SQL's three answers, exact figures, derived facts, and the laws that hold for every rule."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from huiqi.rules import dictionary, parse_amount, parse_rule, read_value
from huiqi.rules.formula import judge, leaves

from .generator import BOOLEANS, DATES, ENUMS, FIGURES, NUMBERS, SETS, STORED, TEXTS, Generator

THREE = (True, False, None)


def verdict(text: str, **facts: Any) -> bool | None:
    """The verdict on facts given as JSON would give them."""
    known = dictionary()
    return parse_rule(text).evaluate({name: read_value(known[name], value) for name, value in facts.items()})


# -- the cases of the fact base ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("100 * rd_expense / nullif(revenue, 0) >= 3", {"rd_expense": 5, "revenue": 0}, None),
        ("rd_ratio >= 3", {"rd_expense": 3, "revenue": 100}, True),
        ("array_contains(titles, 'hte')", {"titles": None}, None),
        ("array_contains(titles, 'hte')", {"titles": []}, False),
        ("hte_valid", {"reference_date": "2026-11-24", "hte_valid_to": "2026-11-24"}, True),
        ("hte_valid", {"reference_date": "2026-11-24", "hte_valid_to": "2026-11-23"}, False),
        ("hte_valid", {"reference_date": "2026-11-24", "titles_not_held": ["hte"]}, False),
        ("hte_valid", {"reference_date": "2026-11-24", "titles_not_held": ["tech_sme"]}, None),
        ("age_years >= 1", {"reference_date": "2026-11-24", "established_date": "2025-11-25"}, False),
        ("age_years >= 1", {"reference_date": "2026-11-24", "established_date": "2025-11-24"}, True),
        ("years_begun <= 5", {"reference_date": "2026-11-24", "established_date": "2021-11-24"}, True),
        ("years_begun <= 5", {"reference_date": "2026-11-25", "established_date": "2021-11-24"}, False),
        ("is_sme", {"size_class_best": "medium", "size_class_worst": "micro"}, True),
        ("is_sme", {"size_class_best": "large", "size_class_worst": "micro"}, None),
        ("is_small_micro", {"size_class_best": "medium", "size_class_worst": "micro"}, None),
        ("graduate_hires >= 1 or youth_hires >= 1", {"graduate_hires": 0}, None),
        ("industry_code like '17%'", {"industry_code": "1711"}, True),
        ("has_loan", {"loan_purposes": []}, False),
        ("规模 in ('小型', '微型') and 研发费用占比 >= 3 and not 严重失信",
         {"size_class": "micro", "rd_expense": 3, "revenue": 100, "serious_dishonesty": False}, True),
        ("array_contains(称号, '高新技术企业')", {"titles": ["hte"]}, True),
    ],
)  # fmt: skip
def test_the_cases_of_the_fact_base(text, facts, expected):
    assert verdict(text, **facts) is expected


# -- three answers -----------------------------------------------------------------------------------------------------
def kleene_and(values: tuple[bool | None, ...]) -> bool | None:
    return False if False in values else None if None in values else True


def kleene_or(values: tuple[bool | None, ...]) -> bool | None:
    return True if True in values else None if None in values else False


@pytest.mark.parametrize("values", list(itertools.product(THREE, repeat=3)))
def test_and_or_not_of_three_answers(values):
    facts = dict(zip(BOOLEANS, values, strict=True))
    a, b, c = BOOLEANS
    assert verdict(f"{a} and {b} and {c}", **facts) is kleene_and(values)
    assert verdict(f"{a} or {b} or {c}", **facts) is kleene_or(values)
    assert verdict(f"({a} or {b}) and {c}", **facts) is kleene_and((kleene_or(values[:2]), values[2]))
    assert verdict(f"{a} and {b} or {c}", **facts) is kleene_or((kleene_and(values[:2]), values[2]))
    assert verdict(f"not {a}", **facts) is (None if values[0] is None else not values[0])
    assert verdict(f"not {a} and {b}", **facts) is kleene_and((None if values[0] is None else not values[0], values[1]))


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("employees = null", {"employees": 3}, None),
        ("null = null", {}, None),
        ("null and false", {}, False),
        ("null or true", {}, True),
        ("not null", {}, None),
        ("employees is null", {}, True),
        ("employees is null", {"employees": 0}, False),
        ("employees is not null", {"employees": 0}, True),
        ("titles is null", {"titles": []}, False),
        ("(employees > 3) is null", {}, True),
        ("employees <> employees", {}, None),
        ("employees <> employees", {"employees": 3}, False),
        ("employees between 3 and revenue", {"employees": 2}, False),
        ("employees between 3 and revenue", {"employees": 4}, None),
        ("employees between revenue and 3", {"employees": 4}, False),
        ("employees between 3 and 5", {"employees": 3}, True),
        ("employees between 3 and 5", {"employees": 5}, True),
        ("employees between 5 and 3", {"employees": 4}, False),
        ("employees not between 3 and revenue", {"employees": 2}, True),
        ("employees in (1, revenue)", {"employees": 1}, True),
        ("employees in (1, revenue)", {"employees": 2}, None),
        ("employees in (1, revenue)", {"employees": 2, "revenue": 3}, False),
        ("employees in (1, revenue)", {"revenue": 3}, None),
        ("employees not in (1, revenue)", {"employees": 2}, None),
        ("employees not in (1, revenue)", {"employees": 1}, False),
        ("is_sme = is_small_micro", {"size_class_best": "medium", "size_class_worst": "medium"}, False),
        ("case when is_sme then true end", {}, None),
        ("case when is_sme then true else false end", {}, False),
        ("case when null then true when true then false end", {}, False),
        ("coalesce(serious_dishonesty, false)", {}, False),
        ("coalesce(serious_dishonesty, false)", {"serious_dishonesty": True}, True),
        ("coalesce(employees, revenue, 3) = 3", {}, True),
        ("coalesce(employees, revenue, 3) = 2", {"revenue": 2}, True),
        ("nullif(employees, 0) is null", {"employees": 0}, True),
        ("nullif(employees, 0) = 5", {"employees": 5}, True),
        ("nullif(employees, revenue) = 5", {"employees": 5}, True),
        ("nullif(employees, revenue) = 5", {"revenue": 5}, None),
        ("nullif(serious_dishonesty, true)", {"serious_dishonesty": True}, None),
        ("nullif(serious_dishonesty, true)", {"serious_dishonesty": False}, False),
        ("least(employees, revenue) = 3", {"employees": 3}, True),
        ("greatest(employees, revenue) = 3", {"revenue": 3}, True),
        ("least(employees, revenue) is null", {}, True),
        ("least(employees, 2.5) = 2.5", {"employees": 3}, True),
        ("greatest(established_date, reference_date) = date '2026-11-24'",
         {"established_date": "2020-01-01", "reference_date": "2026-11-24"}, True),
        ("industry_code like '17%'", {}, None),
        ("industry_code not like '17%'", {"industry_code": "1811"}, True),
        ("industry_code like '_7%'", {"industry_code": "1711"}, True),
        ("industry_code like '17__'", {"industry_code": "171"}, False),
        ("industry_code like '1711'", {"industry_code": "1711"}, True),
        ("industry_code like '%1'", {"industry_code": "1711"}, True),
        ("industry_code like '%'", {"industry_code": "1711"}, True),
        ("industry_code like '1.%'", {"industry_code": "1711"}, False),
        ("industry_code >= '13' and industry_code < '44'", {"industry_code": "1311"}, True),
        ("industry_code >= '13' and industry_code < '44'", {"industry_code": "0131"}, False),
        ("established_date < reference_date", {"established_date": "2020-02-29"}, None),
        ("established_date in (date '2020-02-29')", {"established_date": "2020-02-29"}, True),
        ("established_date in (reference_date, date '2020-02-29')", {"established_date": "2020-02-28"}, None),
        ("not array_contains(titles, 'hte')", {"titles": ["tech_sme"]}, True),
        ("'hte' = any(titles)", {}, None),
        ("array_contains(coalesce(titles, titles_not_held), 'hte')", {"titles_not_held": ["hte"]}, True),
    ],
)  # fmt: skip
def test_an_unknown_fact_in_every_construct(text, facts, expected):
    assert verdict(text, **facts) is expected


@pytest.mark.parametrize(
    "quotient",
    [
        "revenue / employees",
        "revenue / nullif(employees, 0)",
        "revenue / (employees - employees)",
        "revenue / 0",
        "0 / 0",
    ],
)
@pytest.mark.parametrize(
    "test", ["{} > 1", "{} <= 1", "{} = {}", "{} <> 0", "{} between 0 and 1", "{} in (1, 2)", "not {} > 1"]
)
def test_a_quotient_by_zero_is_unknown_whatever_is_asked_of_it(quotient, test):
    assert verdict(test.format(quotient, quotient), revenue=5, employees=0) is None
    assert verdict(f"({quotient}) is null", revenue=5, employees=0) is True
    assert verdict(f"coalesce({quotient}, 7) = 7", revenue=5, employees=0) is True
    assert parse_amount(quotient).evaluate({"revenue": Decimal(5), "employees": 0}) is None


# -- exact figures -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("0.1 + 0.2 = 0.3", {}, True),
        ("revenue + rd_expense = 0.3", {"revenue": "0.1", "rd_expense": "0.2"}, True),
        ("revenue * 3 = 0.3", {"revenue": "0.1"}, True),
        ("revenue <= 300", {"revenue": "299.9999"}, True),
        ("revenue < 300", {"revenue": "299.9999"}, True),
        ("revenue >= 300", {"revenue": "299.9999"}, False),
        ("revenue <= 300", {"revenue": "300.0001"}, False),
        ("revenue <= 300", {"revenue": "300.0000"}, True),
        ("revenue = 12345678901234.5678", {"revenue": "12345678901234.5678"}, True),
        ("revenue = 12345678901234.5679", {"revenue": "12345678901234.5678"}, False),
        ("revenue > 999999999999999 - 1000000000000000", {"revenue": 0}, True),
        ("revenue * revenue = 9999999999999800000000000001", {"revenue": "99999999999999"}, True),
        ("revenue * revenue * revenue > 999999999999970000000000000000000000", {"revenue": "999999999999.9999"}, True),
        ("revenue - rd_expense = 0.0001", {"revenue": "99999999999999.9999", "rd_expense": "99999999999999.9998"}, True),
        ("employees = 3.0", {"employees": 3}, True),
        ("employees + 0.5 = 3.5", {"employees": 3}, True),
        ("employees in (3.0, 4)", {"employees": 3}, True),
        ("100 * rd_expense / revenue >= 3", {"rd_expense": 3, "revenue": 100}, True),
        ("100 * rd_expense / revenue >= 3", {"rd_expense": "2.9999", "revenue": 100}, False),
        ("rd_ratio >= 3", {"rd_expense": "0.03", "revenue": 1}, True),
        ("1 / 3 * 3 = 1", {}, True),
        ("7 / 2 = 3.5", {}, True),
        ("-7 / 2 = -3.5", {}, True),
        ("- employees < 0", {"employees": 1}, True),
        ("2 - 3 - 4 = -5", {}, True),
        ("2 - (3 - 4) = 3", {}, True),
        ("12 / 3 / 2 = 2", {}, True),
        ("2 + 3 * 4 = 14", {}, True),
        ("1e2 = 100", {}, True),
    ],
)  # fmt: skip
def test_figures_are_exact_at_the_boundary(text, facts, expected):
    assert verdict(text, **facts) is expected


@pytest.mark.parametrize(
    ("text", "facts", "yuan"),
    [
        ("revenue * 10000", {"revenue": "0.1"}, "1000.00"),
        ("revenue * 10000", {"revenue": "99999999999999.9999"}, "999999999999999999.00"),
        ("revenue / 3", {"revenue": 1}, "0.33"),
        ("revenue / 3", {"revenue": 2}, "0.67"),
        ("revenue / 200", {"revenue": 1}, "0.01"),
        ("0 - revenue / 200", {"revenue": 1}, "-0.01"),
        ("revenue * 0.005", {"revenue": 3}, "0.02"),
        ("1 / 3 + 1 / 3 + 1 / 3", {}, "1.00"),
        ("monthly_sales * 12 * 10000 / 1.01 * 0.01", {"monthly_sales": "8.6"}, "10217.82"),
        ("least(loan_interest * 0.5, 500000)", {"loan_interest": 2000000}, "500000.00"),
        ("case when rd_ratio >= 3 then 100 else 0 end", {"rd_expense": "0.03", "revenue": 1}, "100.00"),
        ("case when revenue in (0.1, 0.2) then 1 end", {"revenue": "0.2"}, "1.00"),
        ("employees * 1500", {"employees": 7}, "10500.00"),
        ("1. * employees + .5", {"employees": 1}, "1.50"),
        ("1e3", {}, "1000.00"),
    ],
)  # fmt: skip
def test_money_is_reckoned_exactly_and_rounded_once(text, facts, yuan):
    known = dictionary()
    amount = parse_amount(text).evaluate({name: read_value(known[name], value) for name, value in facts.items()})
    assert amount == Decimal(yuan)
    assert amount.as_tuple().exponent == -2


def test_an_amount_is_unknown_when_a_fact_is():
    assert parse_amount("revenue * 2").evaluate({}) is None
    assert parse_amount("coalesce(revenue, 0) * 2").evaluate({}) == 0


# -- derived facts -----------------------------------------------------------------------------------------------------
def test_a_derived_fact_that_is_stated_stands():
    assert verdict("is_sme", is_sme=True, size_class_best="large", size_class_worst="large") is True
    assert verdict("rd_ratio >= 3", rd_ratio=5, rd_expense=1, revenue=100) is True
    assert verdict("rd_ratio >= 3", rd_ratio=5) is True
    assert verdict("age_years >= 3", age_years=3, reference_date="2026-11-24", established_date="2026-01-01") is True
    assert verdict("clean_record", clean_record=False, abnormal_listed=False, serious_dishonesty=False) is False


def test_a_stated_fact_is_read_inside_another_derived_fact():
    assert (
        verdict(
            "small_low_profit",
            cit_payer=True,
            taxable_income=300,
            avg_employees_tax=300,
            avg_assets_tax=5000,
            restricted_industry=False,
        )
        is True
    )
    assert verdict("years_begun = 6", age_years=5, reference_date="2026-11-25", established_date="2021-11-24") is True


@pytest.mark.parametrize(
    ("started", "today", "age", "begun"),
    [
        ("2020-02-29", "2021-02-28", 0, 1),
        ("2020-02-29", "2021-03-01", 1, 2),
        ("2020-02-29", "2024-02-29", 4, 4),
        ("2026-11-24", "2026-11-24", 0, 0),
        ("2025-12-31", "2026-01-01", 0, 1),
        ("2026-11-25", "2026-11-24", -1, 0),
    ],
)
def test_completed_years_and_years_begun(started, today, age, begun):
    facts = {"established_date": started, "reference_date": today}
    assert verdict(f"age_years = {age} and years_begun = {begun}", **facts) is True


def test_the_whole_dictionary_is_unknown_of_an_unknown_enterprise():
    """No derived fact makes up a value out of nothing; only the day is given."""
    facts = {"reference_date": dt.date(2026, 11, 24)}
    for fact in dictionary():
        if fact.derived and fact.name not in ("reference_year", "layoff_control_target"):
            assert parse_rule(f"{fact.name} is null").evaluate(facts) is True, fact.name


def test_a_set_known_to_be_empty_is_not_an_unknown_one():
    for name in SETS:
        member = sorted(dictionary()[name].codes)[0]
        assert verdict(f"array_contains({name}, '{member}')", **{name: []}) is False
        assert verdict(f"array_contains({name}, '{member}')") is None
        assert verdict(f"array_contains({name}, '{member}')", **{name: [member]}) is True


# -- laws --------------------------------------------------------------------------------------------------------------
seeds = st.integers(0, 2**32)


def drawn(seed: int, count: int, depth: int = 2) -> tuple[list[str], dict[str, Any]]:
    """Random conditions in brackets, and one random enterprise."""
    generator = Generator(random.Random(seed), bare=True)
    return [f"({generator.condition(depth)})" for _ in range(count)], generator.row(0.3)


def same(facts: dict[str, Any], *texts: str) -> None:
    answers = {text: parse_rule(text).evaluate(facts) for text in texts}
    assert len(set(answers.values())) == 1, answers


@settings(max_examples=50)
@given(seeds)
def test_de_morgan_and_double_negation(seed):
    (a, b), facts = drawn(seed, 2)
    same(facts, f"not ({a} and {b})", f"not {a} or not {b}")
    same(facts, f"not ({a} or {b})", f"not {a} and not {b}")
    same(facts, a, f"not not {a}", f"{a} and {a}", f"{a} or {a}", f"{a} and true", f"{a} or false")


@settings(max_examples=30)
@given(seeds)
def test_the_order_of_the_parts_changes_no_answer(seed):
    (a, b, c), facts = drawn(seed, 3)
    same(facts, *(f"{x} and {y} and {z}" for x, y, z in itertools.permutations([a, b, c])), f"{a} and ({b} and {c})")
    same(facts, *(f"{x} or {y} or {z}" for x, y, z in itertools.permutations([a, b, c])), f"({a} or {b}) or {c}")
    same(facts, f"{a} and ({b} or {c})", f"{a} and {b} or {a} and {c}")
    same(facts, f"{a} or {b} and {c}", f"({a} or {b}) and ({a} or {c})")


@settings(max_examples=50)
@given(seeds)
def test_the_skeleton_of_leaves_has_the_verdict_of_the_rule(seed):
    (a, b), facts = drawn(seed, 2, depth=3)
    for text in (a, f"not ({a} and not {b})"):
        rule = parse_rule(text)
        verdicts = {leaf.key: parse_rule(leaf.key).evaluate(facts) for leaf in leaves(rule.formula)}
        assert judge(rule.formula, verdicts) is rule.evaluate(facts)


@settings(max_examples=50)
@given(seeds)
def test_the_canonical_text_is_the_same_rule(seed):
    (a,), facts = drawn(seed, 1, depth=4)
    rule = parse_rule(a)
    assert parse_rule(rule.key).key == rule.key
    same(facts, a, rule.key)


@settings(max_examples=50)
@given(seeds)
def test_only_the_inputs_matter(seed):
    (a,), facts = drawn(seed, 1, depth=3)
    rule = parse_rule(a)
    assert rule.evaluate({name: facts.get(name) for name in rule.inputs}) is rule.evaluate(facts)
    assert rule.evaluate({name: value for name, value in facts.items() if value is not None}) is rule.evaluate(facts)


class Plain(Generator):
    """Conditions without a test for *unknown*: no is null, coalesce, nullif, least, greatest or case."""

    day = "date '2026-11-24'"

    def condition(self, depth: int) -> str:
        r = self.r
        if depth <= 0 or r.random() < 0.2:
            return self.leaf(depth)
        kind = r.choice(["and", "or", "not", "same"])
        if kind == "not":
            return f"not ({self.condition(depth - 1)})"
        if kind == "same":
            return f"({self.condition(depth - 2)}) {r.choice(['=', '<>'])} ({self.condition(depth - 2)})"
        return "(" + f" {kind} ".join(self.condition(depth - 1) for _ in range(r.choice([2, 3]))) + ")"

    def leaf(self, depth: int) -> str:
        r = self.r
        kind = r.choice(["number", "number", "between", "in", "enum", "text", "date", "set", "bool"])
        if kind == "number":
            return f"{self.number(depth)} {r.choice(['=', '<>', '<', '<=', '>', '>='])} {self.number(1)}"
        if kind == "between":
            return f"{self.number(1)} between {self.number(0)} and {self.number(0)}"
        if kind == "in":
            return f"{self.number(0)} in ({', '.join(self.number(0) for _ in range(3))})"
        if kind == "enum":
            fact = dictionary()[r.choice(ENUMS)]
            return f"{fact.name} {r.choice(['=', '<>'])} '{r.choice(sorted(fact.codes))}'"
        if kind == "text":
            return f"{r.choice(TEXTS)} {r.choice(['', 'not '])}like '{r.choice(['17', '6', '0131', '65'])}%'"
        if kind == "date":
            return f"{r.choice(DATES)} {r.choice(['<', '<=', '>', '>=', '='])} {r.choice([*DATES, self.day])}"
        if kind == "set":
            fact = dictionary()[r.choice(SETS)]
            return f"array_contains({fact.name}, '{r.choice(sorted(fact.codes))}')"
        return r.choice(BOOLEANS)

    def number(self, depth: int) -> str:
        r = self.r
        if depth <= 0 or r.random() < 0.5:
            return r.choice([*NUMBERS, *FIGURES])
        return f"({self.number(depth - 1)} {r.choice('+-*/')} {self.number(depth - 1)})"


@given(seeds)
def test_one_more_fact_never_turns_a_certain_verdict(seed):
    source = random.Random(seed)
    generator = Plain(source)
    rule, full = parse_rule(generator.condition(3)), generator.row(0)
    names = list(rule.inputs)
    source.shuffle(names)
    facts: dict[str, Any] = {}
    before = rule.evaluate(facts)
    for name in names:
        facts[name] = full[name]
        after = rule.evaluate(facts)
        # A quotient by zero stays unknown for ever; a certain verdict stays what it is.
        assert before is None or after is before, (rule.text, facts)
        before = after


@given(seeds)
def test_with_every_fact_known_and_no_quotient_there_is_a_verdict(seed):
    generator = Plain(random.Random(seed))
    rule = parse_rule(generator.condition(3))
    assume("/" not in rule.text)
    assert rule.evaluate(generator.row(0)) in (True, False)


@settings(max_examples=50)
@given(seeds)
def test_an_equivalent_spelling_has_the_same_answers(seed):
    generator = Generator(random.Random(seed))
    x, low, high, facts = generator.number(1), generator.number(1), generator.number(0), generator.row(0.3)
    same(facts, f"{x} between {low} and {high}", f"{x} >= {low} and {x} <= {high}")
    same(facts, f"{x} not between {low} and {high}", f"not ({x} >= {low} and {x} <= {high})")
    same(facts, f"{x} in ({low}, {high})", f"{x} = {low} or {x} = {high}")
    same(facts, f"{x} not in ({low}, {high})", f"{x} <> {low} and {x} <> {high}")
    same(facts, f"nullif({x}, {low}) > {high}", f"case when {x} = {low} then null else {x} end > {high}")
    same(facts, f"coalesce({x}, {low}) > {high}", f"case when {x} is not null then {x} else {low} end > {high}")
    same(facts, f"{x} > {low}", f"{low} < {x}", f"not {x} <= {low}")


def test_facts_that_no_rule_names_are_ignored():
    assert parse_rule("employees > 3").evaluate({"employees": 5, "nonsense": object()}) is True
    assert set(STORED) <= {fact.name for fact in dictionary()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{huge} / 3 > 1", True),
        ("{huge} > 1e38", True),
        ("-{huge} / 3 < 1", True),
        ("1e1 in ({huge})", False),
        ("least(1e1, {huge}) = 10", True),
        ("1 / {tiny} > 1", None),
    ],
)
def test_figures_beyond_a_double_do_not_stop_the_evaluation(text, expected):
    huge, tiny = "*".join(["9" * 38] * 10), "(" + "*".join(["0." + "0" * 36 + "1"] * 10) + ")"
    rule = parse_rule(text.format(huge=f"({huge})", tiny=tiny))
    assert rule.evaluate({}) is expected
