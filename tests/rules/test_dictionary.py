"""The fact dictionary: complete, consistent, and all that the rules of the policies may speak of."""

from __future__ import annotations

import re

import pytest
from sqlglot import exp

from huiqi.opportunities.library import load_library, policy_folder
from huiqi.rules import dictionary, language, parse_rule
from huiqi.rules.dictionary import FIXED, TYPES, load
from huiqi.rules.language import KIND_OF_TYPE, NUMBERS

FACTS = list(dictionary())


def test_it_has_195_facts_under_unlike_names():
    assert len(FACTS) == 195
    assert len({fact.name for fact in FACTS}) == len({fact.name_zh for fact in FACTS}) == 195
    assert not {fact.name for fact in FACTS} & {fact.name_zh for fact in FACTS}


def test_a_fact_is_complete():
    for fact in FACTS:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", fact.name)
        assert re.fullmatch(r"[\u4e00-\u9fff][\u4e00-\u9fff0-9]*", fact.name_zh)
        assert fact.type in TYPES
        assert fact.sensitivity in {"public", "internal", "business_secret", "personal_behind", "sensitive"}
        assert fact.label_en and fact.period and fact.certified_by
        assert fact.group in dictionary().groups
        assert dictionary()[fact.name] is dictionary()[fact.name_zh] is dictionary().get(fact.name_zh) is fact
        assert fact.name in dictionary() and fact.name_zh in dictionary()


def test_members_belong_to_enums_and_sets_only_and_have_unlike_names():
    for fact in FACTS:
        if fact.type == "enum":
            assert fact.members
        if fact.type not in ("enum", "set"):
            assert fact.members is None
        members = fact.members or ()
        assert (
            len({m.code for m in members})
            == len({m.label.zh for m in members})
            == len({m.label.en for m in members})
            == len(members)
        )
        assert all(m.code and m.label.zh and m.label.en for m in members)
        assert fact.labels == {m.label.zh: m.code for m in members}
        for member in members:
            assert fact.member(member.code) == member.label
        assert fact.member("no such code").zh == "no such code"


def test_a_fact_is_derived_computed_or_asked_in_both_languages():
    for fact in FACTS:
        if not fact.derived and not fact.computed_by:
            assert fact.question and fact.help
        if fact.derived:
            assert fact.question is None and not fact.askable and not fact.stored
        for words in (fact.question, fact.help):
            assert words is None or (words.zh and words.en and words.zh != words.en)
        assert fact.stored == (fact.derived is None and fact.computed_by != "engine")


def test_a_boolean_fact_has_a_phrase_for_yes_and_for_no():
    for fact in FACTS:
        if fact.type == "boolean":
            assert fact.yes and fact.no
            assert fact.yes != fact.no
            assert all(text.strip() for words in (fact.yes, fact.no) for text in (words.zh, words.en))


def test_what_an_owner_can_change_is_said_with_words_and_effort():
    for fact in FACTS:
        assert fact.changeable in (
            "no",
            "seldom",
            "up",
            "down",
            "become_true",
            "become_false",
            "join",
            "choose",
            "climb",
        )
        assert fact.change_effort in (1, 2, 3)
        if fact.changeable in FIXED:
            assert fact.change is None
            continue
        assert fact.change and fact.change.zh and fact.change.en
        assert not fact.derived
        fits = {
            "up": ("integer", "decimal"),
            "down": ("integer", "decimal"),
            "become_true": ("boolean",),
            "become_false": ("boolean",),
            "join": ("set",),
            "choose": ("enum", "date", "text"),
            "climb": ("enum",),
        }
        assert fact.type in fits[fact.changeable]
        for text in (fact.change.zh, fact.change.en):
            slots = re.findall(r"\{(.*?)\}", text)
            assert set(slots) <= {"by", "to", "unit", "member"}
            assert not ({"by", "to"} & set(slots)) or fact.type in ("integer", "decimal")


def test_the_value_of_known_none_fits_the_type():
    for fact in FACTS:
        assert fact.known_none in (None, "false", "0", "[]", "none", "member of titles_not_held")
        fits = {
            "false": ("boolean",),
            "0": ("integer", "decimal"),
            "[]": ("set",),
            "none": ("enum",),
            "member of titles_not_held": ("date",),
        }
        if fact.known_none:
            assert fact.type in fits[fact.known_none]
        if fact.known_none == "none":
            assert "none" in fact.codes


def test_a_derived_fact_is_an_expression_of_its_type_over_known_facts():
    for fact in FACTS:
        if not fact.derived:
            continue
        tree = language().derived(fact.name)
        kind, want = tree.meta["kind"], KIND_OF_TYPE[fact.type]
        assert kind == want or (kind in NUMBERS and want in NUMBERS)
        seen: set[str] = set()
        waiting = [column.name for column in tree.find_all(exp.Column)]
        while waiting:
            name = waiting.pop()
            assert name != fact.name, "a derivation that runs in a circle"
            if name not in seen:
                seen.add(name)
                if dictionary()[name].derived:
                    waiting += [column.name for column in language().derived(name).find_all(exp.Column)]
        assert set(parse_rule(f"{fact.name} is null").inputs) <= {f.name for f in FACTS if not f.derived}


def test_the_size_classes_are_the_same_three_times():
    codes = [
        [member.code for member in dictionary()[name].members or ()]
        for name in ("size_class", "size_class_best", "size_class_worst")
    ]
    assert codes[0] == codes[1] == codes[2] == ["large", "medium", "small", "micro", "not_an_enterprise"]


def test_titles_held_and_not_held_have_the_same_members():
    assert dictionary()["titles"].codes == dictionary()["titles_not_held"].codes


def test_every_fact_that_a_policy_reads_is_stored_or_computed():
    for policy in load_library(policy_folder()):
        for expression in filter(None, (policy.rule, policy.amount)):
            assert all(dictionary()[name].derived is None for name in expression.inputs)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("emplyees", "employees"),
        ("EMPLOYEES", "employees"),
        ("Revenue", "revenue"),
        ("从业人", "从业人员"),
        ("营业收人", "营业收入"),
        ("qqqq", None),
        ("", None),
    ],
)
def test_a_slip_in_a_name_is_answered_with_the_name_that_was_meant(typed, meant):
    assert dictionary().suggest(typed) == meant


def test_an_unknown_name_is_no_fact():
    assert "nonsense" not in dictionary()
    assert dictionary().get("nonsense") is None
    with pytest.raises(KeyError):
        dictionary()["nonsense"]


def test_no_attribute_of_a_person_that_the_law_does_not_name_is_a_fact():
    forbidden = re.compile(r"ethnic|religio|politic|race\b|民族|宗教|政治|党员")
    for fact in FACTS:
        assert not forbidden.search(f"{fact.name} {fact.name_zh} {fact.label_en}")


def test_a_broken_file_is_an_error(tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text("facts: [{name: x}]\ngroups: {}\n", encoding="utf-8")
    with pytest.raises(KeyError):
        load(path)
