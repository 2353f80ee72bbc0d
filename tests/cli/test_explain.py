"""huiqi explain: the verdict on one enterprise with its reasons, for people and for machines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from huiqi.cli import group
from huiqi.opportunities.library import load_library, policy_folder
from huiqi.rules import dictionary
from huiqi.rules.dictionary import FIXED

FILES = load_library(policy_folder())
SHOP = {"legal_form": "individual_business", "vat_type": "small_scale", "monthly_sales": "8.6"}


def run(*arguments: str, facts: Any = SHOP, day: str | None = "2026-11-24") -> Result:
    data = facts if isinstance(facts, (bytes, str)) else json.dumps(facts, ensure_ascii=False)
    on = ["--on", day] if day else []
    result = CliRunner().invoke(group, ["explain", "--facts", "-", *on, *arguments], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def explained(policy: str, facts: Any = SHOP, day: str = "2026-11-24") -> dict[str, Any]:
    result = run("--policy", policy, "--json", facts=facts, day=day)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_documented_object():
    found = explained("vat-small-scale-exempt")
    assert list(found)[:3] == ["policy", "on", "verdict"]
    assert (found["policy"], found["on"], found["verdict"]) == ("vat-small-scale-exempt", "2026-11-24", "eligible")
    assert found["ask"] == [] and found["changes"] == []
    assert found["amount"] == "10217.82" and found["amount_per"] == "year"
    sales = next(leaf for leaf in found["leaves"] if "monthly_sales" in leaf["facts"])
    assert set(sales) >= {"text_zh", "text_en", "facts", "verdict", "decides"}
    assert (sales["facts"], sales["verdict"], sales["decides"]) == ({"monthly_sales": "8.6"}, True, True)


def test_not_eligible_and_unknown():
    found = explained("vat-small-scale-exempt", {**SHOP, "monthly_sales": 10.01})
    assert found["verdict"] == "not_eligible" and found["amount"] is None
    assert [leaf["verdict"] for leaf in found["leaves"] if leaf["decides"]] == [False]
    found = explained("vat-small-scale-exempt", {"vat_type": "small_scale"})
    assert (found["verdict"], found["ask"], found["amount"]) == ("unknown", ["monthly_sales"], None)


@pytest.mark.parametrize(
    ("sales", "verdict"),
    [
        ("10", "eligible"),
        ("10.0000", "eligible"),
        ("10.0001", "not_eligible"),
        (10, "eligible"),
        ("9.9999", "eligible"),
        (None, "unknown"),
    ],
)
def test_exactly_at_the_line(sales, verdict):
    assert explained("vat-small-scale-exempt", {**SHOP, "monthly_sales": sales})["verdict"] == verdict


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        ("2025-12-31", "not_eligible"),
        ("2026-01-01", "eligible"),
        ("2027-12-31", "eligible"),
        ("2028-01-01", "not_eligible"),
    ],
)
def test_the_law_of_the_day(day, verdict):
    found = explained("vat-small-scale-exempt", day=day)
    assert (found["verdict"], found["on"]) == (verdict, day)


def test_changes_name_the_fact_from_and_to():
    facts = {"legal_form": "company", "collection_method": "audit", "rd_expense": 0, "registration_status": "active"}
    for policy in FILES:
        for one in explained(policy.id, facts)["changes"]:
            for change in one:
                assert set(change) == {"fact", "from", "to", "text_zh", "text_en"}
                assert dictionary()[change["fact"]].changeable not in FIXED
                assert change["text_zh"] and change["text_en"]


def test_chinese_names_and_labels_are_facts_too():
    assert (
        explained("vat-small-scale-exempt", {"增值税纳税人类型": "小规模纳税人", "月销售额": "8.6"})["verdict"]
        == "eligible"
    )


def test_all_policies_a_line_each():
    result = run("--all", "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [one["policy"] for one in found] == list(FILES.policies)
    assert all(one["verdict"] in ("eligible", "not_eligible", "unknown") for one in found)
    lines = run("--all").stdout.splitlines()
    assert len(lines) == 124 and all(len(line.split("\t")) == 3 for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_policy_is_told_to_people_in_both_languages(lang):
    for policy in FILES:
        for facts in ({}, SHOP, {"legal_form": "company", "collection_method": "audit", "titles": [], "class1_ip": 0}):
            result = run("--policy", policy.id, "--lang", lang, facts=facts)
            assert result.exit_code == 0
            assert result.stdout.startswith(policy.title.of(lang))
            assert not any(word in result.stdout for word in ("None", "Words(", "{by}", "{member}"))


def test_facts_come_from_a_file_and_the_answer_goes_to_one(tmp_path):
    source, target = tmp_path / "facts.json", tmp_path / "answer.json"
    source.write_text("\ufeff" + json.dumps(SHOP), encoding="utf-8")
    result = CliRunner().invoke(
        group,
        [
            "explain",
            "--policy",
            "vat-small-scale-exempt",
            "--facts",
            str(source),
            "--json",
            "-o",
            str(target),
            "--on",
            "2026-11-24",
        ],
    )
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(target.read_text(encoding="utf-8"))["verdict"] == "eligible"


def test_without_a_day_it_is_today():
    assert run("--policy", "vat-small-scale-exempt", "--json", day=None).exit_code == 0


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"emplyees": 3}, "did you mean employees?"), ({"employees": "many"}, "whole number"), ({"revenue": 1e400}, None), ({"monthly_sales": "1e999999999"}, "too large"),
        ({"titles": "nonsense"}, "no option"), ({"employees": 1, "从业人员": 2}, "given twice"), ([1], "must be an object"), (5, "must be an object"), ("null", "must be an object"),
    ],
)  # fmt: skip
def test_wrong_facts_end_with_status_1_and_say_what_is_wrong(facts, words):
    data = '{"revenue": 1e400}' if words is None else facts
    result = run("--policy", "vat-small-scale-exempt", "--lang", "en", facts=data)
    assert result.exit_code == 1 and result.stdout == ""
    assert (words or "too large") in result.stderr


@pytest.mark.parametrize(
    "facts",
    [
        b"{",
        b"",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"revenue": 1, "revenue": 2}',
        b"[" * 100_000,
        b'{"a": "\x00"}',
        "规模".encode("gbk"),
    ],
)
def test_facts_that_cannot_be_read_are_a_wrong_call(facts):
    result = run("--policy", "vat-small-scale-exempt", facts=facts)
    assert result.exit_code == 2 and result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policy", "vat-small-scale-exemt"], "did you mean vat-small-scale-exempt?"),
        (["--policy", "nonsense-qqq"], "there is no policy nonsense-qqq"),
        ([], "either --policy ID or --all"),
        (["--policy", "vat-small-scale-exempt", "--all"], "either --policy ID or --all"),
        (["--policy", "vat-small-scale-exempt", "--on", "2026-02-30"], "is no day"),
        (["--policy", "vat-small-scale-exempt", "--on", "20261124"], "is no day"),
        (["--policy", "vat-small-scale-exempt", "--lang", "ug"], "ug"),
        (["--all", "--policies", "/nonsense"], "no policy files"),
        (["--all", "-o", "/nonsense/x"], "cannot write"),
    ],
)
def test_a_wrong_call_ends_with_status_2(arguments, words):
    result = run(*arguments, day=None)
    assert result.exit_code == 2 and result.stdout == ""
    assert words in result.stderr


def test_facts_are_required():
    assert CliRunner().invoke(group, ["explain", "--all"]).exit_code == 2
    assert CliRunner().invoke(group, ["explain", "--all", "--facts", "missing.json"]).exit_code == 2


@pytest.mark.parametrize(
    "content", ["title: [", "just text", "", "id: x", "- a", "policies: null", "eligible: 5\nid: x"]
)
def test_a_broken_policy_file_is_told_without_a_traceback(tmp_path, content):
    (tmp_path / "broken.yaml").write_text(content, encoding="utf-8")
    result = run("--all", "--policies", str(tmp_path))
    assert result.exit_code == 2 and "huiqi policies check" in result.stderr
