"""The policy library: files read whole, versions in their order, phases to the day, policies that exclude each other."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import pytest
import yaml

from huiqi.opportunities.library import library, load_library, policy_folder, read_files, read_policy
from huiqi.rules import RuleProblem

from .made_up import DAY, FILES, library_of, raw_policy

each = pytest.mark.parametrize("policy", list(FILES), ids=lambda policy: policy.id)


def test_the_library_has_124_policies_in_the_order_of_their_names():
    assert len(FILES) == 124
    assert list(FILES.policies) == sorted(FILES.policies, key=lambda policy_id: f"{policy_id}.yaml")
    assert library() is FILES, "the folder is read once"


@each
def test_a_policy_is_whole_in_both_languages(policy):
    for words in (
        policy.title,
        policy.issuing_body,
        policy.benefit,
        policy.source,
        *policy.how_to_claim,
        *(c.text for c in policy.conditions),
    ):
        assert words.zh.strip() and words.en.strip()
    assert policy.title.zh != policy.title.en
    assert policy.articles == tuple(sorted(set(policy.articles))) and all(
        1 <= article <= 57 for article in policy.articles
    )
    assert policy.lane in ("automatic", "simplified", "application", "self_declared")
    assert policy.how_to_claim
    assert (policy.amount is None) or policy.benefit_per in ("year", "once", "month", "contract")
    assert policy.exclusive_with == () or policy.exclusive_scope
    assert len(policy.digest) == 64
    assert policy.rule.text == policy.eligible


@each
def test_the_wording_belongs_to_parts_of_the_rule(policy):
    keys = {row.key for row in policy.explainer(None, None).explain({}).conditions}
    assert set(policy.texts) <= {condition.key for condition in policy.conditions}
    worded = [key for key in policy.texts if key in keys]
    assert worded or not policy.conditions


@each
def test_a_policy_promises_nothing_to_an_enterprise_of_which_nothing_is_known(policy):
    assert policy.rule.evaluate({"reference_date": DAY}) is None
    if policy.amount is not None and policy.amount.inputs:
        assert policy.amount.evaluate({"reference_date": DAY}) is None


@each
def test_earlier_versions_end_before_the_later_ones_begin(policy):
    for earlier in FILES.history(policy.id):
        assert earlier.id != policy.id
        assert earlier.valid_to is not None
    if policy.supersedes:
        earlier = FILES.get(policy.supersedes)
        assert earlier is not None and earlier.valid_to < policy.valid_from
        assert FILES.successor(earlier.id) is policy
        assert FILES.history(policy.id)[0] is earlier


def test_the_versions_of_the_exemption_of_small_shops_follow_each_other():
    assert [policy.id for policy in FILES.history("vat-small-scale-exempt")] == [
        "vat-small-scale-exempt-2023",
        "vat-small-scale-exempt-2021",
        "vat-small-scale-exempt-2019",
    ]
    assert FILES.history("vat-small-scale-exempt-2019") == []
    assert FILES.successor("vat-small-scale-exempt") is None


@pytest.mark.parametrize(
    ("start", "end", "day", "phase"),
    [
        (None, None, "2026-11-24", "open"),
        ("2026-11-24", None, "2026-11-23", "not_yet"),
        ("2026-11-24", None, "2026-11-24", "open"),
        (None, "2026-11-24", "2026-11-24", "open"),
        (None, "2026-11-24", "2026-11-25", "expired"),
        ("2026-11-24", "2026-11-24", "2026-11-24", "open"),
        ("2026-11-24", "2026-11-24", "2026-11-25", "expired"),
    ],
)
def test_both_ends_of_the_validity_are_open(start, end, day, phase):
    assert read_policy(raw_policy(valid_from=start, valid_to=end)).phase(dt.date.fromisoformat(day)) == phase


def test_of_every_measure_at_most_one_version_is_open_on_any_day():
    days = {day + dt.timedelta(n) for p in FILES for day in (p.valid_from, p.valid_to) if day for n in (-1, 0, 1)}
    for policy in FILES:
        line = [policy, *FILES.history(policy.id)]
        for day in days:
            assert sum(version.phase(day) == "open" for version in line) <= 1, (policy.id, day)


def test_policies_on_hold_are_not_shown():
    held = [policy.id for policy in FILES if policy.display == "hold"]
    assert "xj-textile" in held
    assert {policy.id for policy in FILES.shown()} == set(FILES.policies) - set(held)


def test_a_reader_is_told_to_confirm_what_is_not_verified():
    assert not read_policy(raw_policy()).needs_confirmation
    assert read_policy(raw_policy(display="show_with_notice")).needs_confirmation
    assert read_policy(raw_policy(confidence="well_known")).needs_confirmation


# -- exclusion ---------------------------------------------------------------------------------------------------------
def paid(policy_id: str, *against: str, **fields: object) -> dict:
    return raw_policy(policy_id, benefit_amount="100", benefit_per="year", exclusive_with=list(against), **fields)


@pytest.mark.parametrize(
    ("raws", "choices"),
    [
        ([paid("a"), paid("b")], [[{"a"}], [{"b"}]]),
        ([paid("a", "b"), paid("b", "a")], [[{"a"}, {"b"}]]),
        ([paid("a", "b", "c"), paid("b", "a"), paid("c", "a")], [[{"a"}, {"b", "c"}]]),
        ([paid("a", "b", "c"), paid("b", "a", "c"), paid("c", "a", "b")], [[{"a"}, {"b"}, {"c"}]]),
        (
            [paid("a", "b"), paid("b", "a", "c"), paid("c", "b", "d"), paid("d", "c")],
            [[{"a", "c"}, {"a", "d"}, {"b", "d"}]],
        ),
        ([paid("a", "b"), raw_policy("b", exclusive_with=["a"])], [[{"a"}]]),
        ([paid("a", "b"), paid("b", "a", benefit_type="grant_to_worker")], [[{"a"}]]),
    ],
)
def test_the_largest_sets_that_can_be_had_together(raws, choices):
    found = library_of(*raws).exclusion_choices
    assert [sorted(map(sorted, group)) for group in found] == [sorted(map(sorted, group)) for group in choices]


def test_in_the_library_no_choice_has_two_that_exclude_each_other_and_none_can_grow():
    counted = set()
    for group in FILES.exclusion_choices:
        members = set().union(*group)
        assert not members & counted
        counted |= members
        for choice in group:
            for one, other in combinations(choice, 2):
                assert other not in FILES.policies[one].exclusive_with
            for left in members - choice:
                assert any(other in choice for other in FILES.policies[left].exclusive_with)
    assert all(FILES.policies[i].amount is not None for i in counted)


@each
def test_exclusion_is_mutual(policy):
    for other in policy.exclusive_with:
        assert policy.id in FILES.policies[other].exclusive_with


# -- files -------------------------------------------------------------------------------------------------------------
def test_a_file_may_hold_one_policy_or_several(tmp_path):
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(raw_policy("b"), allow_unicode=True), encoding="utf-8")
    (tmp_path / "a.yaml").write_text(
        yaml.safe_dump({"policies": [raw_policy("x"), raw_policy("y")]}, allow_unicode=True), encoding="utf-8"
    )
    (tmp_path / "note.txt").write_text("no policy", encoding="utf-8")
    assert list(load_library(tmp_path).policies) == ["x", "y", "b"]
    assert [path.name for path, _ in read_files(tmp_path)] == ["a.yaml", "a.yaml", "b.yaml"]


def test_a_folder_without_policies_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_library(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_library(tmp_path / "missing")


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"eligible": "nonsense > 3"}, RuleProblem), ({"benefit_amount": "is_sme"}, RuleProblem), ({"valid_from": "2026-02-30"}, ValueError),
     ({"conditions": [{"leaf": "emplyees > 3", "zh": "x", "en": "x"}]}, RuleProblem)],
)  # fmt: skip
def test_a_broken_policy_is_an_error(fields, error):
    with pytest.raises(error):
        read_policy(raw_policy(**fields))


def test_the_digest_changes_with_every_field():
    assert read_policy(raw_policy()).digest == read_policy(raw_policy()).digest
    digests = {
        read_policy(raw_policy(**change)).digest
        for change in ({}, {"title_zh": "另一个"}, {"articles": [14]}, {"eligible": "is_sme"})
    }
    assert len(digests) == 4


def test_the_folder_can_be_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HUIQI_POLICIES", str(tmp_path))
    assert policy_folder() == tmp_path
