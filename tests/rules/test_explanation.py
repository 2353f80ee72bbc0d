"""Why a rule answers as it does: what decides, what is worth asking, and the smallest changes that turn a no into a yes."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiqi.rules import Explainer, Words, dictionary, parse_rule, read_value, smallest_changes
from huiqi.rules.dictionary import FIXED
from huiqi.rules.formula import judge

from .generator import Generator
from .test_semantics import Plain

seeds = st.integers(0, 2**32)


def typed(**facts: Any) -> dict[str, Any]:
    return {name: read_value(dictionary()[name], value) for name, value in facts.items()}


def explain(text: str, **facts: Any) -> Any:
    return Explainer(parse_rule(text)).explain(typed(**facts))


def decides(text: str, **facts: Any) -> list[str]:
    return [c.key for c in explain(text, **facts).conditions if c.decides]


def asked(text: str, **facts: Any) -> list[str]:
    return [fact.name for fact in explain(text, **facts).ask]


def changes(text: str, **facts: Any) -> list[dict[str, Any]]:
    sets = smallest_changes(Explainer(parse_rule(text)), typed(**facts))
    return [{change.fact.name: change.after for change in one.changes} for one in sets]


# -- what decides ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("employees > 3 and revenue > 5", {"employees": 2, "revenue": 9}, ["employees > 3"]),
        ("employees > 3 and revenue > 5", {"employees": 2}, ["employees > 3"]),
        ("employees > 3 and revenue > 5", {"employees": 2, "revenue": 2}, ["employees > 3", "revenue > 5"]),
        ("employees > 3 and revenue > 5", {"employees": 4, "revenue": 9}, ["employees > 3", "revenue > 5"]),
        ("employees > 3 and revenue > 5", {"employees": 4}, ["revenue > 5"]),
        ("employees > 3 or revenue > 5", {"employees": 4}, ["employees > 3"]),
        ("employees > 3 or revenue > 5", {"employees": 2}, ["revenue > 5"]),
        ("employees > 3 or revenue > 5", {"employees": 2, "revenue": 2}, ["employees > 3", "revenue > 5"]),
        ("not (employees > 3 or revenue > 5)", {"employees": 4}, ["NOT employees > 3"]),
        ("(employees > 3 or revenue > 5) and not serious_dishonesty", {"employees": 4, "serious_dishonesty": False},
         ["employees > 3", "NOT serious_dishonesty"]),
        ("employees > 3", {}, ["employees > 3"]),
    ],
)  # fmt: skip
def test_the_conditions_that_decide(text, facts, expected):
    assert decides(text, **facts) == expected


@given(seeds)
@settings(max_examples=80)
def test_what_decides_is_enough_for_the_verdict(seed):
    """With the deciding conditions as they are, no answer to the others would change a certain verdict."""
    source = random.Random(seed)
    generator = Generator(source)
    rule, facts = parse_rule(generator.condition(4)), generator.row(0.3)
    explainer = Explainer(rule)
    explanation = explainer.explain(facts)
    assert explanation.verdict is rule.evaluate(facts)
    assert [c.verdict for c in explanation.conditions] == [
        parse_rule(c.key).evaluate(facts) for c in explanation.conditions
    ]
    assert any(c.decides for c in explanation.conditions)
    if explanation.verdict is None:
        assert {c.verdict for c in explanation.conditions if c.decides} == {None}
        return
    assert {c.verdict for c in explanation.conditions if c.decides} == {explanation.verdict}
    deciding = {c.key: c.verdict for c in explanation.conditions if c.decides}
    others = [c.key for c in explanation.conditions if not c.decides]
    for _ in range(8):
        guess = {key: source.choice([True, False, None]) for key in others}
        assert judge(rule.formula, guess | deciding) is explanation.verdict


# -- what is worth asking ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("employees > 3 and revenue > 5", {"employees": 2}, []),
        ("employees > 3 and revenue > 5", {"employees": 4}, ["revenue"]),
        ("employees > 3 or revenue > 5", {"employees": 4}, []),
        ("employees > 3 and (revenue > 5 or rd_expense > 5)", {"employees": 4, "revenue": 9}, []),
        ("revenue > 5 and (employees > 3 or employees > 5)", {"employees": 4}, ["revenue"]),
        ("rd_ratio >= 3", {"revenue": 100}, ["rd_expense"]),
        ("rd_ratio >= 3", {"revenue": 0}, ["rd_expense"]),
        ("rd_ratio >= 3", {}, ["rd_expense", "revenue"]),
        ("overdue_interest > 3", {}, []),
        ("disabled_quota > 1 and employees > 3", {}, ["employees"]),
        ("hte_valid", {"reference_date": "2026-11-24"}, ["hte_valid_to", "titles"]),
        ("coalesce(sme_at_contract, true) and employees > 3", {}, ["employees"]),
        ("not serious_dishonesty and not abnormal_listed and not tax_arrears and employees > 3", {},
         ["serious_dishonesty", "abnormal_listed", "tax_arrears", "employees"]),
        ("reference_date > date '2026-01-01'", {}, []),
    ],
)  # fmt: skip
def test_the_facts_worth_asking(text, facts, expected):
    assert sorted(asked(text, **facts)) == sorted(expected)


def test_the_most_useful_question_comes_first():
    # One answer settles the left side, only both together the right side.
    assert asked("employees > 3 or (revenue > 5 and rd_expense > 5 and debt_ratio < 5)")[0] == "employees"
    assert asked("(revenue > 5 or rd_expense > 5 or debt_ratio < 5) and employees > 3")[0] == "employees"
    # A fact on which two conditions hang is worth more than a fact on which one hangs.
    assert asked("revenue > 100 and employees > 3 and revenue < 500 and insured_staff > 2")[0] == "revenue"


def samples(name: str, figures: list[Decimal]) -> list[Any]:
    """Values of a fact on either side of every figure of a rule."""
    fact = dictionary()[name]
    if fact.type == "boolean":
        return [True, False]
    if fact.type == "enum":
        return sorted(fact.codes)
    if fact.type == "set":
        codes = sorted(fact.codes)
        return [frozenset(), frozenset(codes), *(frozenset([code]) for code in codes)]
    if fact.type == "date":
        days = [
            dt.date.fromisoformat(day)
            for day in (
                "2019-01-01",
                "2020-02-29",
                "2021-01-01",
                "2021-11-24",
                "2025-11-25",
                "2026-11-24",
                "2026-12-31",
                "2028-01-01",
            )
        ]
        return sorted({*days, *(day + dt.timedelta(1) for day in days), *(day - dt.timedelta(1) for day in days)})
    if fact.type == "text":
        return ["1711", "6210", "0131", "6531", "6501", "9999", "1811", "0000"]
    near = sorted(
        {f + d for f in figures for d in (Decimal("-0.0001"), Decimal(0), Decimal("0.0001"), Decimal(1), Decimal(-1))}
        | {Decimal(0)}
    )
    return sorted({int(x) for x in near}) if fact.type == "integer" else near


FIGURES = [
    Decimal(f) for f in ("0", "1", "2", "3", "5", "10", "100", "0.1", "0.2", "0.3", "2.5", "33.33", "300", "100000")
]


@given(seeds)
@settings(max_examples=150)
def test_no_answer_to_a_fact_that_is_not_asked_changes_the_verdict(seed):
    generator = Plain(random.Random(seed))
    rule, facts = parse_rule(generator.condition(3)), generator.row(0.6)
    explanation = Explainer(rule).explain(facts)
    names = [fact.name for fact in explanation.ask]
    assert len(set(names)) == len(names)
    if explanation.verdict is not None:
        assert names == []
        return
    for name in rule.inputs:
        fact = dictionary()[name]
        if facts.get(name) is None and fact.askable and name not in names:
            for value in samples(name, FIGURES):
                assert rule.evaluate({**facts, name: value}) is None, (rule.text, name, value)


#: A condition for each of these facts, with a value that meets it and one that does not.
INDEPENDENT: dict[str, tuple[str, Any, Any]] = {
    "revenue": ("revenue > 100", Decimal(101), Decimal(100)),
    "employees": ("employees >= 3", 3, 2),
    "rd_expense": ("rd_expense between 5 and 10", Decimal(5), Decimal(11)),
    "graduate_hires": ("graduate_hires in (1, 2, 3)", 2, 0),
    "legal_form": ("legal_form = 'company'", "company", "partnership"),
    "titles": ("array_contains(titles, 'hte')", frozenset(["hte"]), frozenset()),
    "serious_dishonesty": ("not serious_dishonesty", False, True),
    "industry_code": ("industry_code like '17%'", "1711", "1811"),
    "hte_valid_to": ("hte_valid_to > date '2026-11-24'", dt.date(2026, 11, 25), dt.date(2026, 11, 24)),
}


@given(seeds)
@settings(max_examples=100)
def test_exactly_the_facts_that_can_still_matter_are_asked(seed):
    """Over conditions on different facts, every answer can be tried: asked is what makes a difference in some world."""
    r = random.Random(seed)
    chosen = r.sample(sorted(INDEPENDENT), 6)
    parts = [INDEPENDENT[name][0] for name in chosen]
    while len(parts) > 1:
        joined = f"{r.choice(['', '', 'not '])}({parts.pop()} {r.choice(['and', 'or'])} {parts.pop()})"
        parts.insert(r.randrange(len(parts) + 1), joined)
    rule = parse_rule(parts[0])
    facts = {name: r.choice([None, None, *INDEPENDENT[name][1:]]) for name in chosen}
    unknown = [name for name in chosen if facts[name] is None]
    worlds = [dict(zip(unknown, values, strict=True)) for values in product(*(INDEPENDENT[n][1:] for n in unknown))]
    matters = [
        name
        for name in unknown
        if any(len({rule.evaluate({**facts, **world, name: v}) for v in INDEPENDENT[name][1:]}) > 1 for world in worlds)
    ]
    assert sorted(fact.name for fact in Explainer(rule).explain(facts).ask) == sorted(matters), rule.text


def test_facts_behind_a_computed_fact_are_asked_through_the_sources():
    explainer = Explainer(
        parse_rule("is_sme"),
        sources=lambda name, facts: ("employees", "revenue") if name.startswith("size_class") else (name,),
    )
    assert sorted(fact.name for fact in explainer.explain({"employees": 5}).ask) == ["revenue"]
    assert [fact.name for fact in Explainer(parse_rule("is_sme")).explain({}).ask] == []


# -- changes -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("class1_ip >= 3", {"class1_ip": 1}, [{"class1_ip": 3}]),
        ("class1_ip > 3", {"class1_ip": 1}, [{"class1_ip": 4}]),
        ("class1_ip >= 3", {}, [{"class1_ip": 3}]),
        ("class1_ip <= 3", {"class1_ip": 5}, []),
        ("employees >= 300", {"employees": 5}, []),
        ("employees >= 300 and class1_ip >= 3", {"employees": 5, "class1_ip": 1}, []),
        ("employees >= 300 or class1_ip >= 3", {"employees": 5, "class1_ip": 1}, [{"class1_ip": 3}]),
        ("class1_ip >= 3 and not tax_arrears", {"class1_ip": 1, "tax_arrears": True}, [{"class1_ip": 3, "tax_arrears": False}]),
        ("class1_ip >= 3 and class1_ip >= 5", {"class1_ip": 1}, [{"class1_ip": 5}]),
        ("class1_ip >= 3 or class1_ip >= 5", {"class1_ip": 1}, [{"class1_ip": 3}]),
        ("loan_principal <= 300", {"loan_principal": "300.01"}, [{"loan_principal": Decimal(300)}]),
        ("new_hire_ratio >= 15", {"new_hire_ratio": "14.5"}, [{"new_hire_ratio": Decimal(15)}]),
        ("new_hire_ratio > 100", {"new_hire_ratio": 5}, []),
        ("new_hire_ratio >= 100", {"new_hire_ratio": "99.995"}, []),
        ("array_contains(titles, 'hte')", {"titles": []}, [{"titles": frozenset(["hte"])}]),
        ("array_contains(titles, 'hte') and array_contains(titles, 'tech_sme')", {"titles": ["little_giant"]},
         [{"titles": frozenset(["hte", "tech_sme", "little_giant"])}]),
        ("rd_institution in ('provincial', 'national')", {"rd_institution": "none"},
         [{"rd_institution": "provincial"}]),
        ("collection_method = 'audit'", {"collection_method": "deemed"}, [{"collection_method": "audit"}]),
        ("abnormal_listed", {"abnormal_listed": False}, []),
        ("not abnormal_listed", {"abnormal_listed": True}, [{"abnormal_listed": False}]),
        ("clean_record", {"abnormal_listed": True, "serious_dishonesty": False}, [{"abnormal_listed": False}]),
        ("true", {}, []),
        ("false", {}, []),
        ("class1_ip >= 3", {"class1_ip": 3}, []),
    ],
)  # fmt: skip
def test_the_smallest_changes(text, facts, expected):
    found = changes(text, **facts)
    assert found == expected


CHANGEABLE = {
    "class1_ip": [0, 1, 4], "class2_ip": [0, 2], "graduate_hires": [0, 1], "new_hire_ratio": [Decimal("2.5"), Decimal(99)],
    "loan_principal": [Decimal("0"), Decimal("412.5")], "bachelor_share": [Decimal(0), Decimal(40)], "emission_pct_of_limit": [Decimal(65)],
    "tax_arrears": [True, False], "abnormal_listed": [True, False], "intern_base": [True, False],
    "titles": [frozenset(), frozenset(["tech_sme"])], "certifications": [frozenset()],
    "rd_institution": ["none", "municipal"], "collection_method": ["deemed", "audit"], "listing_stage": ["none", "neeq"],
    "employees": [3, 30], "revenue": [Decimal(50), Decimal(500)], "legal_form": ["company", "partnership"], "is_bingtuan": [True, False],
}  # fmt: skip
LEAVES = [
    "class1_ip >= 3", "class1_ip + class2_ip >= 5", "class2_ip > 1", "graduate_hires >= 1", "graduate_hires + class1_ip > 2", "new_hire_ratio >= 15",
    "loan_principal <= 300", "loan_principal < 100", "bachelor_share >= 33.33", "emission_pct_of_limit <= 70", "not tax_arrears", "clean_record", "not abnormal_listed",
    "intern_base", "array_contains(titles, 'hte')", "array_contains(titles, 'tech_sme')", "array_contains(certifications, 'iso9001')",
    "rd_institution in ('provincial', 'national')", "collection_method = 'audit'", "listing_stage <> 'none'", "listed_on_exchange", "employees >= 20", "revenue <= 100",
    "legal_form = 'company'", "not is_bingtuan", "100 * class1_ip / nullif(class1_ip + class2_ip, 0) >= 60", "class1_ip between 2 and 4", "not (class2_ip < 3)",
]  # fmt: skip


def random_rule(r: random.Random) -> str:
    parts = r.sample(LEAVES, r.choice([1, 2, 3, 4, 5]))
    while len(parts) > 1:
        joined = f"({parts.pop()} {r.choice(['and', 'or', 'and'])} {parts.pop()})"
        parts.insert(r.randrange(len(parts) + 1), joined)
    return parts[0]


@given(seeds)
@settings(max_examples=200)
def test_every_set_of_changes_works_is_minimal_and_is_the_owners_own_act(seed):
    r = random.Random(seed)
    rule = parse_rule(random_rule(r))
    facts = {name: None if r.random() < 0.15 else r.choice(values) for name, values in CHANGEABLE.items()}
    explainer = Explainer(rule)
    found = smallest_changes(explainer, facts)
    if rule.evaluate(facts) is True:
        assert found == []
    sizes = []
    for one in found:
        after = {change.fact.name: change.after for change in one.changes}
        sizes.append((len(after), one.effort))
        assert rule.evaluate({**facts, **after}) is True, (rule.text, after)
        for count in range(len(after)):
            for part in combinations(after.items(), count):
                assert rule.evaluate({**facts, **dict(part)}) is not True, (rule.text, after, part)
        for change in one.changes:
            fact, before = change.fact, facts.get(change.fact.name)
            assert change.before == before and change.after != before
            assert fact.changeable not in FIXED and fact.change_effort in (1, 2, 3)
            if fact.changeable == "up":
                assert change.after >= (before or 0)
            if fact.changeable == "down":
                assert before is None or change.after < before
            if fact.changeable == "join":
                assert change.after > frozenset(before or ())
            if fact.changeable.startswith("become_"):
                assert change.after is (fact.changeable == "become_true")
            for words in (change.text.zh, change.text.en):
                assert words and "{" not in words and "None" not in words
    assert [size for size, _ in sizes] == sorted(size for size, _ in sizes), "the fewest changes first"
    assert sizes == sorted(sizes), "of sets of one size the least effort first"
    assert len({tuple(sorted(c.fact.name + str(c.after) for c in one.changes)) for one in found}) == len(found)


def test_a_figure_is_moved_no_further_than_needed():
    (way,) = changes("rd_cost_share >= 3.333", rd_cost_share="1")
    value = way["rd_cost_share"]
    assert value >= Decimal("3.333") and value - Decimal("0.01") < Decimal("3.333")


def test_what_follows_from_a_change_is_filled_in_before_it_is_tried():
    rule = parse_rule("class1_ip >= 3 and employees >= 5")
    explainer = Explainer(rule)
    facts = {"class1_ip": 1, "employees": 9}
    assert smallest_changes(explainer, facts, lambda change: facts | change | {"employees": 1}) == []


def test_the_words_of_a_change_name_the_difference_and_the_goal():
    (one,) = smallest_changes(Explainer(parse_rule("graduate_hires >= 3")), typed(graduate_hires=1))
    (change,) = one.changes
    assert "2 名" in change.text.zh
    assert (change.before, change.after) == (1, 3)
    (one,) = smallest_changes(Explainer(parse_rule("loan_principal <= 300")), typed(loan_principal="1300"))
    assert "1,000 万元" in one.changes[0].text.zh and "300 万元" in one.changes[0].text.zh
    assert "¥10,000,000" in one.changes[0].text.en and "¥3,000,000" in one.changes[0].text.en


# -- readings and gates ------------------------------------------------------------------------------------------------
def test_a_condition_shows_the_value_of_the_enterprise():
    (condition,) = explain("monthly_sales <= 10", monthly_sales="8.6").conditions
    (reading,) = condition.readings
    assert (reading.fact.name, reading.value, reading.shown) == (
        "monthly_sales",
        Decimal("8.6"),
        Words("8.6 万元", "¥86,000"),
    )
    (condition,) = explain("monthly_sales <= 10").conditions
    assert condition.readings[0].shown == Words("还不知道", "not known yet")
    assert condition.readings[0].value is None


def test_a_derived_fact_is_shown_with_what_it_is_made_of():
    (condition,) = explain("rd_ratio >= 3", rd_expense=5, revenue=300).conditions
    assert {r.fact.name: r.value for r in condition.readings} == {
        "rd_ratio": Decimal("1.6667"),
        "rd_expense": Decimal(5),
        "revenue": Decimal(300),
    }


@pytest.mark.parametrize(
    ("text", "facts", "value", "gate", "allowed"),
    [
        ("monthly_sales <= 10", {"monthly_sales": "8.6"}, 8.6, 10, "below"),
        ("monthly_sales < 10", {}, None, 10, "below"),
        ("employees >= 10", {"employees": 300}, 300, 10, "above"),
        ("not (employees >= 10)", {"employees": 3}, 3, 10, "below"),
        ("not (employees < 10)", {"employees": 3}, 3, 10, "above"),
        ("rd_ratio >= 3", {"rd_expense": 5, "revenue": 100}, 5, 3, "above"),
        ("taxable_income <= 300", {"taxable_income": -20}, -20, 300, "below"),
    ],
)
def test_a_figure_against_a_figure_has_a_ruler(text, facts, value, gate, allowed):
    (condition,) = explain(text, **facts).conditions
    ruler = condition.gate
    assert (ruler.value, ruler.gate, ruler.allowed) == (value, gate, allowed)
    assert (
        ruler.low <= min(ruler.gate, ruler.value or 0) and ruler.high > ruler.gate and ruler.high >= (ruler.value or 0)
    )
    assert ruler.shown_gate.zh and ruler.shown_gate.en


@pytest.mark.parametrize(
    "text",
    ["employees = 10", "employees between 3 and 5", "employees > revenue", "first_income_year >= 2024", "established_date > date '2020-01-01'",
     "is_sme", "employees + 1 > 3", "class1_ip > 0", "legal_form = 'company'"],
)  # fmt: skip
def test_other_conditions_have_none(text):
    assert all(condition.gate is None for condition in explain(text).conditions)


def test_the_wording_of_the_policy_stands_for_a_condition_or_a_whole_bracket():
    rule = parse_rule("employees > 3 and (revenue > 5 or rd_expense > 5)")
    own = Words("人够多", "enough people")
    texts = {"employees > 3": own}
    assert Explainer(rule, texts).explain({}).conditions[0].text == own
    bracket = Words("有钱", "money")
    texts = {"revenue > 5 OR rd_expense > 5": bracket}
    _, second = Explainer(rule, texts).explain(typed(employees=5, revenue=6)).conditions
    assert (second.text, second.verdict, second.decides) == (bracket, True, True)
    assert second.keys == ("revenue > 5", "rd_expense > 5")
    texts |= {"revenue > 5": own}
    assert len(Explainer(rule, texts).explain({}).conditions) == 3, "a bracket with worded parts is shown by its parts"


def test_a_condition_that_stands_twice_in_different_brackets_is_shown_in_both():
    explanation = explain("(employees > 3 and revenue > 5) or (employees > 3 and rd_expense > 5)", employees=2)
    assert [c.key for c in explanation.conditions] == [
        "employees > 3",
        "revenue > 5",
        "employees > 3",
        "rd_expense > 5",
    ]
    assert explanation.verdict is False


@given(seeds)
@settings(max_examples=60)
def test_any_rule_is_explained_for_any_enterprise(seed):
    generator = Generator(random.Random(seed))
    rule, facts = parse_rule(generator.condition(4)), generator.row(0.3)
    explanation = Explainer(rule).explain(facts)
    for condition in explanation.conditions:
        for words in (condition.text, condition.asked, *(r.shown for r in condition.readings)):
            assert words.zh and words.en
    smallest_changes(Explainer(rule), facts)
