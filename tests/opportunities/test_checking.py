"""``huiqi policies check`` finds every fault that is planted, says where it is, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from huiqi.opportunities.checking import Finding, check_folder
from huiqi.opportunities.library import policy_folder

from .made_up import raw_policy


def write(folder: Path, *raws: dict[str, Any], name: str | None = None) -> None:
    for raw in raws:
        path = folder / (name or f"{raw.get('id', 'sample')}.yaml")
        path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")


def findings(folder: Path) -> list[Finding]:
    found = check_folder(folder)[1]
    for finding in found:
        assert finding.what.zh and finding.what.en and finding.file
    return found


def test_the_library_of_the_project_is_without_a_fault():
    assert check_folder(policy_folder()) == (124, [])


def test_a_sound_policy_is_without_a_fault(tmp_path):
    write(tmp_path, raw_policy())
    assert check_folder(tmp_path) == (1, [])


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"schema_version": 2}, "schema_version", "schema"),
        ({"title_zh": ""}, "title_zh", "schema"),
        ({"title_en": "   "}, "title_en", "schema"),
        ({"title_en": 5}, "title_en", "schema"),
        ({"level": "village"}, "level", "schema"),
        ({"articles": []}, "articles", "schema"),
        ({"articles": [58]}, "articles.0", "schema"),
        ({"articles": [0]}, "articles.0", "schema"),
        ({"articles": [13, 13]}, "articles", "schema"),
        ({"articles": [13, 4]}, "articles", "ascending"),
        ({"valid_from": "2026-1-1"}, "valid_from", "schema"),
        ({"valid_from": "2026-02-30"}, "valid_from", "no day 2026-02-30"),
        ({"valid_to": "2025-02-29"}, "valid_to", "no day"),
        ({"valid_from": "2026-01-02", "valid_to": "2026-01-01"}, "valid_to", "before valid_from"),
        ({"benefit_type": "gift"}, "benefit_type", "schema"),
        ({"benefit_per": "week"}, "benefit_per", "schema"),
        ({"benefit_amount": "100"}, "benefit_per", "benefit_per"),
        ({"benefit_amount": "is_sme", "benefit_per": "year"}, "benefit_amount", "a condition where a number is needed"),
        ({"benefit_amount": "reveneu * 2", "benefit_per": "year"}, "benefit_amount", "Did you mean: revenue"),
        ({"benefit_amount": "revenue *", "benefit_per": "year"}, "benefit_amount", "cannot read"),
        ({"eligible": "emplyees > 3"}, "eligible", "Did you mean: employees"),
        ({"eligible": "legal_form = 'compny'"}, "eligible", "no member"),
        ({"eligible": "employees"}, "eligible", "a number where a condition is needed"),
        ({"eligible": "employees > 3 and"}, "eligible", "cannot read"),
        ({"eligible": "graduate_or_youth_hires >= 1"}, "eligible", "for amounts only"),
        ({"eligible": "coalesce(is_bingtuan, false)"}, "eligible", "nothing is known"),
        ({"eligible": "is_bingtuan is null"}, "eligible", "nothing is known"),
        ({"eligible": "employees > 3", "conditions": [{"leaf": "employees > 5", "zh": "甲", "en": "a"}]}, "conditions.0", "no part of eligible"),
        ({"eligible": "employees > 3", "conditions": [{"leaf": "employees > 3", "zh": "甲", "en": "a"}, {"leaf": "emplyees > 5", "zh": "甲", "en": "a"}]},
         "conditions.1", "no fact called"),
        ({"conditions": [{"leaf": "is_bingtuan", "zh": "甲"}]}, "conditions.0", "schema"),
        ({"lane": "express"}, "lane", "schema"),
        ({"how_to_claim_zh": []}, "how_to_claim_zh", "schema"),
        ({"exclusive_with": ["nonsense"], "exclusive_scope_zh": "甲", "exclusive_scope_en": "a"}, "exclusive_with", "no policy nonsense"),
        ({"exclusive_with": ["other"], "exclusive_scope_zh": "甲", "exclusive_scope_en": "a"}, "exclusive_with", "does not exclude it in turn"),
        ({"supersedes": "nonsense"}, "supersedes", "no policy nonsense"),
        ({"keywords": ["甲", "甲"]}, "keywords", "schema"),
        ({"confidence": "sure"}, "confidence", "schema"),
        ({"display": "hide"}, "display", "schema"),
        ({"surprise": 1}, "-", "schema"),
        ({"id": "Not An Id"}, "id", "schema"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found_in_its_field(tmp_path, fields, field, words):
    write(tmp_path, raw_policy(**fields), name="sample.yaml")
    write(tmp_path, raw_policy("other"))
    found = findings(tmp_path)
    assert {finding.file for finding in found} == {"sample.yaml"}
    assert {finding.field for finding in found} == {field}
    assert any(words in finding.what.en for finding in found)


@pytest.mark.parametrize("key", sorted(raw_policy()))
def test_a_missing_field_is_found(tmp_path, key):
    raw = raw_policy()
    del raw[key]
    write(tmp_path, raw, name="sample.yaml")
    (found,) = findings(tmp_path)
    assert key in found.what.en


def test_a_scope_must_be_named_where_policies_exclude_each_other(tmp_path):
    write(
        tmp_path,
        raw_policy("a", exclusive_with=["b"]),
        raw_policy("b", exclusive_with=["a"], exclusive_scope_zh="甲", exclusive_scope_en="a"),
    )
    (found,) = findings(tmp_path)
    assert (found.file, found.field) == ("a.yaml", "exclusive_scope_zh")


def test_a_file_is_named_after_its_policy(tmp_path):
    write(tmp_path, raw_policy("sample"), name="other.yaml")
    (found,) = findings(tmp_path)
    assert (found.file, found.field) == ("other.yaml", "id") and "sample.yaml" in found.what.en


def test_an_id_that_stands_twice_is_found(tmp_path):
    write(tmp_path, raw_policy("sample"))
    (tmp_path / "two.yaml").write_text(
        yaml.safe_dump({"policies": [raw_policy("sample")]}, allow_unicode=True), encoding="utf-8"
    )
    assert any("occurs twice" in finding.what.en for finding in findings(tmp_path))


def test_every_fault_is_found_at_once_and_other_files_are_read_all_the_same(tmp_path):
    write(tmp_path, raw_policy("good"))
    write(
        tmp_path,
        raw_policy(
            "bad",
            eligible="emplyees > 3",
            articles=[14, 13],
            valid_from="2026-02-30",
            benefit_amount="x",
            benefit_per=None,
        ),
    )
    assert check_folder(tmp_path)[0] == 2
    assert {finding.field for finding in findings(tmp_path)} >= {"eligible", "articles", "valid_from"}


@pytest.mark.parametrize("content", [b"title: [", b"\xff\xfe", b"a: b: c", b"id: \x00", b"a: &x\n b: *y", b"\t- x"])
def test_a_file_that_is_no_yaml_is_a_finding(tmp_path, content):
    (tmp_path / "broken.yaml").write_bytes(content)
    write(tmp_path, raw_policy())
    count, found = check_folder(tmp_path)
    assert count == 1 and [f.file for f in found] == ["broken.yaml"]


@pytest.mark.parametrize(
    "content",
    ["", "just text", "- a\n- b", "5", "policies: text", "policies: {a: b}", "policies: [text]", "policies: null"],
)
def test_a_file_that_is_no_policy_is_a_finding_and_no_crash(tmp_path, content):
    (tmp_path / "odd.yaml").write_text(content, encoding="utf-8")
    found = findings(tmp_path)
    assert found and {f.file for f in found} == {"odd.yaml"}


def test_a_key_that_stands_twice_is_found(tmp_path):
    text = yaml.safe_dump(raw_policy(), allow_unicode=True) + "eligible: is_sme\n"
    (tmp_path / "sample.yaml").write_text(text, encoding="utf-8")
    (found,) = findings(tmp_path)
    assert "eligible" in found.what.en


def test_a_folder_without_policies_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        check_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        check_folder(tmp_path / "missing")
