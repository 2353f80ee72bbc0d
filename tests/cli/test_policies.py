"""huiqi policies: check a folder, search the library."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner, Result

from huiqi.cli import group
from huiqi.opportunities.library import load_library, policy_folder

FILES = load_library(policy_folder())


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(group, ["policies", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


# -- check -------------------------------------------------------------------------------------------------------------
def test_the_library_of_the_project_is_sound():
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "124 项政策，0 处问题\n")
    assert run("check", str(policy_folder()), "--lang", "en").stdout == "124 policies, 0 findings\n"
    assert json.loads(run("check", "--json").stdout) == {"policies": 124, "findings": []}


def test_a_fault_is_told_with_file_and_field(tmp_path):
    name = "vat-small-scale-exempt.yaml"
    text = (
        (policy_folder() / name).read_text(encoding="utf-8").replace("monthly_sales <= 10\n", "montly_sales <= 10\n", 1)
    )
    (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copy(policy_folder() / "green-factory.yaml", tmp_path)
    result = run("check", str(tmp_path), "--lang", "en")
    assert result.exit_code == 1
    first = result.stdout.splitlines()[0]
    assert (
        first.startswith(f"{name}: eligible: there is no fact called montly_sales")
        and "Did you mean: monthly_sales" in first
    )
    assert result.stdout.splitlines()[-1].startswith("2 policies, ")
    found = json.loads(run("check", str(tmp_path), "--json").stdout)
    assert found["policies"] == 2 and {"file", "field", "zh", "en"} == set(found["findings"][0])


@pytest.mark.parametrize("content", ["title: [", "", "just text", "policies: null", "\ufeff"])
def test_a_file_that_is_no_policy_is_a_finding(tmp_path, content):
    (tmp_path / "odd.yaml").write_text(content, encoding="utf-8")
    result = run("check", str(tmp_path))
    assert result.exit_code == 1 and result.stdout.startswith("odd.yaml")


def test_a_folder_without_policies_is_a_wrong_call(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        result = run("check", str(folder))
        assert result.exit_code == 2 and "no policy files" in result.stderr


# -- search ------------------------------------------------------------------------------------------------------------
def test_a_search_lists_ids_and_titles_the_best_first():
    result = run("search", "稳岗返还")
    assert result.exit_code == 0
    first, title = result.stdout.splitlines()[0].split("\t")
    assert first == "stability-refund-2026" and title == FILES.policies[first].title.zh
    assert (
        run("search", "稳岗返还", "--lang", "en").stdout.splitlines()[0] == f"{first}\t{FILES.policies[first].title.en}"
    )


def test_a_search_speaks_json():
    found = [json.loads(line) for line in run("search", "财税[2014]75号", "--json").stdout.splitlines()]
    assert found[0]["policy"] == "accelerated-depreciation"
    assert set(found[0]) == {"policy", "title_zh", "title_en", "score"}


def test_without_a_text_all_shown_policies_are_listed():
    ids = [line.split("\t")[0] for line in run("search").stdout.splitlines()]
    assert ids == [policy.id for policy in FILES.shown()]


def test_nothing_found_is_no_error():
    for text in ("zzzqqq", "！！！", "(", "%", "a" * 10_000):
        result = run("search", text)
        assert (result.exit_code, result.stdout) == (0, "")


def test_filters():
    shown = {policy.id: policy for policy in FILES.shown()}
    ids = [
        line.split("\t")[0]
        for line in run(
            "search", "--benefit", "tax", "--open-on", "2026-11-24", "--region", "653101", "--industry", "6210"
        ).stdout.splitlines()
    ]
    assert ids and all(shown[i].benefit_type.startswith("tax") for i in ids)
    assert (
        "cit-agri-exempt" not in ids
        or FILES.policies["cit-agri-exempt"].rule.evaluate({"industry_code": "6210"}) is not False
    )
    ending = run("search", "--deadline-before", "2026-12-31", "--open-on", "2026-11-24").stdout
    assert "stability-refund-2026" in ending
    assert "税务总局" in shown[run("search", "--body", "税务总局").stdout.split("\t")[0]].issuing_body.zh


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "--benefit", "gifts"),
        ("search", "--open-on", "tomorrow"),
        ("search", "--deadline-before", "2026-02-30"),
        ("search", "--policies", "/nonsense"),
        ("search", "a", "b"),
        ("nonsense",),
    ],
)
def test_a_wrong_call_ends_with_status_2(arguments):
    result = run(*arguments)
    assert result.exit_code == 2 and result.stdout == ""
