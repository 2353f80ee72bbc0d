"""huiqi rule check and huiqi rule eval: every line is answered, and the exit status says whether all was well."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from huiqi.cli import group


def run(*arguments: str, data: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(group, ["rule", *arguments], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def evaluate(*lines: Any) -> tuple[int, list[dict[str, Any]]]:
    """(exit status, answers) for lines given as text, as bytes or as what JSON is made of."""
    raw = [
        line
        if isinstance(line, bytes)
        else (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)).encode()
        for line in lines
    ]
    result = run("eval", "-", data=b"\n".join(raw) + b"\n")
    return result.exit_code, [json.loads(line) for line in result.stdout.split("\n") if line]


GOOD = {"id": "good", "expression": "rd_ratio >= 3", "facts": {"rd_expense": 3, "revenue": 100}}


# -- check -------------------------------------------------------------------------------------------------------------
def test_check_prints_sentences_facts_and_sql():
    result = run("check", "规模 in ('小型','微型') and 研发费用占比 >= 3")
    assert result.exit_code == 0 and result.stderr == ""
    lines = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    assert lines["zh"] == "规模是小型或微型，并且研发费用占比至少 3%"
    assert lines["en"].startswith("size class is small or micro and ")
    assert lines["facts"] == "size_class, rd_ratio"
    assert lines["inputs"] == "size_class, rd_expense, revenue"
    assert list(lines)[-3:] == ["duckdb", "postgres", "spark"]


def test_check_prints_one_dialect_when_it_is_named():
    result = run("check", "array_contains(titles, 'hte')", "--dialect", "postgres")
    assert result.exit_code == 0
    assert "postgres: 'hte' = ANY(titles)" in result.stdout
    assert "duckdb" not in result.stdout and "inputs" not in result.stdout


def test_check_speaks_json():
    result = run("check", "employees > 3", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["facts"], found["inputs"]) == (0, ["employees"], ["employees"])
    assert found["sql"] == {"duckdb": "employees > 3", "postgres": "employees > 3", "spark": "employees > 3"}
    assert found["zh"] and found["en"]


def test_check_reads_standard_input():
    result = run("check", "-", data="  从业人员 > 3\n")
    assert result.exit_code == 0 and "facts: employees" in result.stdout
    assert run("check", "-", data="\ufeffemployees > 3").exit_code == 0


def test_check_takes_amounts():
    assert run("check", "loan_interest * 0.5", "--amount").exit_code == 0
    assert run("check", "loan_interest * 0.5").exit_code == 1
    assert run("check", "is_sme", "--amount").exit_code == 1


def test_check_says_in_both_languages_what_is_wrong_and_points_at_it():
    result = run("check", "is_sme and emplyees > 3")
    assert result.exit_code == 1 and result.stdout == ""
    zh, en, text, mark = result.stderr.splitlines()
    assert "没有叫“emplyees”的事实" in zh and "是不是想写：employees" in zh
    assert "there is no fact called emplyees" in en and "Did you mean: employees" in en
    assert text == "is_sme and emplyees > 3" and mark.index("^") == 11


def test_check_in_json_gives_place_and_suggestion():
    result = run("check", "is_sme and emplyees > 3", "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["position"], error["suggestion"]) == (1, 11, "employees")
    assert error["zh"] and error["en"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "select 1",
        "is_sme; drop table x",
        "(" * 5_000,
        "is_sme " * 5_000,
        "not " * 4_900 + "is_sme",
        "x\x00",
        "\ud800",
    ],
)
def test_check_refuses_with_status_1_and_no_traceback(text):
    result = run("check", "--", text)
    assert result.exit_code == 1
    assert result.stderr.strip() and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "a", "b"),
        ("check", "is_sme", "--dialect", "oracle"),
        ("check", "is_sme", "--nonsense"),
        ("nonsense",),
        ("eval",),
        ("eval", "missing.jsonl"),
        ("eval", "a\x00b"),
    ],
)
def test_a_wrong_call_ends_with_status_2(arguments):
    result = run(*arguments)
    assert result.exit_code == 2 and result.stdout == ""
    assert "Usage" in result.stderr


# -- eval --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("expression", "facts", "verdict"),
    [
        ("rd_ratio >= 3", {"rd_expense": 3, "revenue": 100}, True),
        ("rd_ratio >= 3", {"rd_expense": 3, "revenue": 0}, None),
        ("研发费用占比 >= 3", {"研发费用": "3", "营业收入": 100}, True),
        ("array_contains(titles, 'hte')", {}, None),
        ("array_contains(titles, 'hte')", {"titles": None}, None),
        ("array_contains(titles, 'hte')", {"titles": []}, False),
        ("array_contains(titles, '高新技术企业')", {"titles": ["高新技术企业"]}, True),
        ("revenue + rd_expense = 0.3", {"revenue": 0.1, "rd_expense": 0.2}, True),
        ("employees > 3", {"employees": "12"}, True),
        ("serious_dishonesty", {"serious_dishonesty": "否"}, False),
        ("established_date < date '2026-01-01'", {"established_date": "2020-02-29"}, True),
        ("age_years >= 1", {"reference_date": "2026-11-24", "established_date": "2025-11-24"}, True),
        ("hte_valid", {"reference_date": "2026-11-24", "titles_not_held": ["hte"]}, False),
        ("is_sme", {"size_class_best": "medium", "size_class_worst": "micro"}, True),
        ("employees > 3", {"employees": ""}, None),
    ],
)
def test_eval_gives_true_false_or_null(expression, facts, verdict):
    assert evaluate({"id": 7, "expression": expression, "facts": facts}) == (0, [{"id": 7, "verdict": verdict}])


def test_a_number_keeps_every_digit_that_was_written():
    line = '{"id": 1, "expression": "revenue = 12345678901234.5678", "facts": {"revenue": 12345678901234.5678}}'
    assert evaluate(line) == (0, [{"id": 1, "verdict": True}])


def test_a_line_without_facts_knows_nothing():
    assert evaluate({"id": 1, "expression": "is_sme"}, {"id": 2, "expression": "is_sme", "facts": None}) == (
        0,
        [{"id": 1, "verdict": None}, {"id": 2, "verdict": None}],
    )


@pytest.mark.parametrize(
    "identifier", [0, -1, "x", "", "企业", None, True, [1, "a"], {"a": 1}, 10**30, "🙂", "a\u2028b"]
)
def test_the_id_comes_back_as_it_was(identifier):
    assert evaluate({**GOOD, "id": identifier})[1] == [{"id": identifier, "verdict": True}]


def test_answers_come_in_the_order_of_the_lines_and_blank_lines_are_passed_over():
    lines = [json.dumps({**GOOD, "id": n}) for n in range(5)]
    result = run("eval", "-", data="\n\n".join(lines) + "\n   \n\t\r\n")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == list(range(5))
    assert result.exit_code == 0


def test_line_ends_of_windows_a_byte_order_mark_and_no_last_line_end():
    data = b"\xef\xbb\xbf" + "\r\n".join(json.dumps({**GOOD, "id": n}) for n in range(3)).encode()
    result = run("eval", "-", data=data)
    assert result.exit_code == 0 and len(result.stdout.splitlines()) == 3


def test_an_empty_file_has_no_answers(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    assert (run("eval", str(path)).exit_code, run("eval", str(path)).stdout) == (0, "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{broken", "line 2 is not valid JSON"),
        (b'{"id": 1, "expression": "is_sme"', "line 2 is not valid JSON"),
        (b'{"id": "\xff\xfe", "expression": "is_sme"}', "line 2 is not UTF-8"),
        ("规模 = '小型'".encode("gbk"), "line 2 is not UTF-8"),
        (b'{"id": "\x00"}', "line 2 is not valid JSON"),
        (b"\x00\x00", "line 2 is not valid JSON"),
        (b"[" * 100_000, "line 2 is not valid JSON"),
        (b'{"a":' * 50_000, "line 2 is not valid JSON"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "line 2 is not valid JSON"),
        (b'{"id": NaN, "expression": "is_sme"}', "NaN"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"revenue": Infinity}}', "Infinity"),
        (b'{"id": 1, "id": 2, "expression": "is_sme"}', "stands twice"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"revenue": 1, "revenue": 2}}', "stands twice"),
        (b"5", "line 2 must be an object"),
        (b"null", "line 2 must be an object"),
        (b'["is_sme"]', "line 2 must be an object"),
        (b"{}", "expression (text) is missing"),
        (b'{"id": 1, "expression": 5}', "expression (text) is missing"),
        (b'{"id": 1, "expression": null}', "expression (text) is missing"),
        (b'{"id": 1, "expression": ["is_sme"]}', "expression (text) is missing"),
        (b'{"id": 1, "expression": ""}', "the expression is empty"),
        (b'{"id": 1, "expression": "emplyees > 3"}', "Did you mean: employees"),
        (b'{"id": 1, "expression": "legal_form = \'compny\'"}', "Did you mean: 'company'"),
        (b'{"id": 1, "expression": "select 1"}', "cannot contain a query"),
        (b'{"id": 1, "expression": "is_sme\\u0000"}', "NUL"),
        (b'{"id": 1, "expression": "is_sme", "facts": []}', "facts must be an object"),
        (b'{"id": 1, "expression": "is_sme", "facts": 0}', "facts must be an object"),
        (b'{"id": 1, "expression": "is_sme", "facts": ""}', "facts must be an object"),
        (b'{"id": 1, "expression": "is_sme", "facts": false}', "facts must be an object"),
        (b'{"id": 1, "expression": "is_sme", "facts": "x"}', "facts must be an object"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"emplyees": 3}}', "did you mean employees?"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"EMPLOYEES": 3}}', "did you mean employees?"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"employees": "many"}}', "employees: 'many'"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"employees": 3.5}}', "whole number"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"employees": true}}', "whole number"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"employees": [3]}}', "whole number"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"revenue": 1e400}}', "too large"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"revenue": 1e999999999}}', "too large"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"revenue": 1e-999999999}}', "too many decimal places"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"titles": "nonsense"}}', "no option"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"titles": {}}}', "listed options"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"established_date": "2026-02-30"}}', "no such day"),
        (b'{"id": 1, "expression": "is_sme", "facts": {"industry_code": 131}}', "codes are text"),
        ('{"id": 1, "expression": "is_sme", "facts": {"employees": 1, "从业人员": 2}}'.encode(), "given twice"),
    ],
)  # fmt: skip
def test_a_line_in_error_says_what_is_wrong_and_the_others_are_answered(line, words):
    status, answers = evaluate(GOOD, line, {**GOOD, "id": "after"})
    assert status == 1
    assert [answers[0], answers[2]] == [{"id": "good", "verdict": True}, {"id": "after", "verdict": True}]
    assert words in answers[1]["error"]
    assert "verdict" not in answers[1] and "id" in answers[1]
    assert any("\u4e00" <= c <= "\u9fff" for c in answers[1]["error"])


def test_every_wrong_fact_of_a_line_is_told_at_once():
    (answer,) = evaluate(
        {"id": 1, "expression": "is_sme", "facts": {"emplyees": 1, "revenue": "x", "legal_form": "y"}}
    )[1]
    assert all(word in answer["error"] for word in ("emplyees", "revenue", "legal_form"))


def test_an_id_that_no_terminal_can_show_does_not_stop_the_run():
    status, answers = evaluate(
        '{"id": "\\ud800", "expression": "is_sme"}',
        '{"id": 1e999999999, "expression": "is_sme"}',
        '{"id": 1.50, "expression": "is_sme"}',
        GOOD,
    )
    assert status == 0
    assert answers[0]["id"] == "\ud800" and answers[3] == {"id": "good", "verdict": True}


def test_output_goes_to_a_file(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(GOOD), encoding="utf-8")
    result = run("eval", str(source), "-o", str(target))
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(target.read_text(encoding="utf-8")) == {"id": "good", "verdict": True}
    assert run("eval", str(source), "-o", str(tmp_path / "missing" / "out.jsonl")).exit_code == 2
    assert run("eval", str(tmp_path)).exit_code == 2


def test_the_file_may_be_written_over_itself(tmp_path):
    path = tmp_path / "both.jsonl"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert run("eval", str(path), "-o", str(path)).exit_code == 0
    assert json.loads(path.read_text(encoding="utf-8"))["verdict"] is True


@given(
    st.lists(
        st.one_of(st.binary(max_size=30), st.text(max_size=30).map(lambda t: t.encode("utf-8", "surrogatepass"))),
        max_size=4,
    )
)
@settings(max_examples=60)
def test_whatever_is_in_the_file_each_line_is_answered(lines):
    lines = [line.replace(b"\n", b"") for line in lines]
    status, answers = evaluate(*lines, GOOD)
    blank = sum(not line.strip() for line in lines)
    assert len(answers) == len(lines) - blank + 1
    assert answers[-1] == {"id": "good", "verdict": True}
    assert status == (1 if len(answers) > 1 else 0)


# -- help --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("command", ["check", "eval"])
def test_help_shows_an_example(command):
    result = run(command, "--help")
    assert result.exit_code == 0 and "huiqi rule" in result.stdout and "example" in result.stdout
