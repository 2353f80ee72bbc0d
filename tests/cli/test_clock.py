"""huiqi clock: the documented format, one answer a line, and errors that say how to mend them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from huiqi.cli import group

GOOD = {"id": "good", "unit": "working_day", "length": 10, "start": "2026-02-10", "calendar": "national"}


def run(*arguments: str, data: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(group, ["clock", *arguments], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def ask(*lines: Any, arguments: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
    raw = [line if isinstance(line, (str, bytes)) else json.dumps(line, ensure_ascii=False) for line in lines]
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in raw) + b"\n"
    result = run("-", *arguments, data=data)
    return result.exit_code, [json.loads(line) for line in result.stdout.split("\n") if line]


def test_the_documented_form() -> None:
    status, (answer,) = ask({**GOOD, "pauses": [], "extension": None})
    assert status == 0
    assert list(answer)[:3] == ["id", "last_day", "days"]
    assert (answer["id"], answer["last_day"]) == ("good", "2026-03-02")
    assert len(answer["days"]) == 21 and all(isinstance(line, str) for line in answer["days"])
    assert answer["days"][0].startswith("2026-02-10（周二）") and answer["days"][-1].startswith("2026-03-02（周一）")


def test_a_rule_gives_its_source_and_whether_it_is_law() -> None:
    status, (law, promise) = ask(
        {"id": 1, "rule": "payment_complaint.transfer", "start": "2026-02-10", "calendar": "xinjiang"},
        {"id": 2, "rule": "complaint.finish", "start": "2026-02-10", "calendar": "xinjiang"},
    )
    assert status == 0
    assert (law["last_day"], law["kind"]) == ("2026-03-02", "statutory")
    assert "国令第802号" in law["source"]
    assert (promise["kind"], promise["label"]) == ("promise", "服务承诺，不是法律规定")


def test_pauses_and_an_extension() -> None:
    paused = {**GOOD, "pauses": [{"from": "2026-02-11", "to": "2026-02-13", "reason": "等待当事人补正材料"}]}
    extended = {
        **GOOD,
        "unit": "calendar_day",
        "length": 30,
        "start": "2025-12-01",
        "extension": {"total": 120, "cap": 90},
    }
    status, (first, second) = ask(paused, extended)
    assert status == 0
    assert (first["last_day"], "warnings" in first) == ("2026-03-05", False)
    assert second["last_day"] == "2026-03-02" and "90" in second["notes"][0]


def test_a_reason_of_ones_own_counts_and_is_remarked_upon() -> None:
    status, (answer,) = ask(
        {**GOOD, "pauses": [{"from": "2026-02-11", "to": "2026-02-13", "reason": "waiting for Godot"}]}
    )
    assert (status, answer["last_day"]) == (0, "2026-03-05")
    assert "waiting for Godot" in answer["warnings"][0]


def test_a_moment_counts_on_its_day_in_shanghai() -> None:
    _, (evening, next_day) = ask(
        {**GOOD, "start": "2026-02-10T15:59:59+00:00"}, {**GOOD, "start": "2026-02-10T16:00:00+00:00"}
    )
    assert (evening["last_day"], next_day["last_day"]) == ("2026-03-02", "2026-03-03")


def test_hours_run_from_their_moment_through_rest_days() -> None:
    rule = {"rule": "seizure.report_urgent", "start": "2026-05-01T23:30:00+08:00"}
    status, (answer, day_only) = ask({"id": 1, **rule}, {"id": 2, **rule, "start": "2026-05-01"})
    assert status == 1
    assert answer["last_moment"] == "2026-05-02T23:30:00+08:00" and answer["last_day"] == "2026-05-02"
    assert "2026-11-24T10:30:00+08:00" in day_only["error"]


def test_the_other_language() -> None:
    _, (answer,) = ask(GOOD, arguments=("--lang", "en"))
    assert answer["days"][4] == "2026-02-14 (Saturday): make-up working day for Spring Festival, working day 4"


def test_a_line_in_error_leaves_the_others_answered() -> None:
    status, answers = ask(GOOD, {**GOOD, "id": "bad", "unit": "day"}, "nonsense", "[1]", b"\xff", GOOD)
    assert status == 1
    assert [("error" in answer, answer["id"]) for answer in answers] == [
        (False, "good"), (True, "bad"), (True, None), (True, None), (True, None), (False, "good"),
    ]  # fmt: skip
    assert answers[1]["field"] == "unit" and "working_day" in answers[1]["error"]
    assert answers[2]["line"] == 3


def test_a_year_that_no_calendar_has_is_an_error_with_its_name() -> None:
    status, (answer,) = ask({**GOOD, "start": "2026-12-25"})
    assert status == 1
    assert answer["code"] == "calendar_missing" and "2027" in answer["error"] and "last_day" not in answer


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": None}, "start"),
        ({"start": "10.2.2026"}, "start"),
        ({"start": "2026-02-30"}, "start"),
        ({"start": "2026-02-10T10:00:00"}, "start"),
        ({"start": 5}, "start"),
        ({"length": None}, "length"),
        ({"length": "ten"}, "length"),
        ({"length": 1.5}, "length"),
        ({"length": True}, "length"),
        ({"length": 0}, "length"),
        ({"length": 10**12}, "length"),
        ({"unit": None}, "unit"),
        ({"unit": ["working_day"]}, "unit"),
        ({"calendar": "han"}, "calendar"),
        ({"calendar": None}, "calendar"),
        ({"calendar": ["national"]}, "calendar"),
        ({"rule": "payment_complaint.transfer"}, "rule"),
        ({"pauses": {}}, "pauses"),
        ({"pauses": ["2026-02-11"]}, "pauses"),
        ({"pauses": [{"from": "2026-02-13", "to": "2026-02-11", "reason": "court"}]}, "pauses"),
        ({"pauses": [{"from": "x", "to": "2026-02-11", "reason": "court"}]}, "from"),
        ({"pauses": [{"from": "2026-02-11", "to": "x", "reason": "court"}]}, "to"),
        ({"pauses": [{"from": "2026-02-11", "to": "2026-02-12"}]}, "reason"),
        ({"pauses": [{"from": "0001-01-01", "to": "9999-12-31", "reason": "court"}]}, "pauses"),
        ({"pauses": [{"from": "2026-02-11", "to": "2026-02-12", "reason": "court"}] * 101}, "pauses"),
        ({"extension": 40}, "extension"),
        ({"extension": {"cap": 40}}, "total"),
        ({"extension": {"total": 5, "cap": 40}}, "extension"),
        ({"extension": {"total": 20, "cap": "x"}}, "cap"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(change: dict[str, Any], field: str) -> None:
    status, (answer,) = ask({**GOOD, **change})
    assert status == 1 and answer["field"] == field, answer
    zh, _, en = answer["error"].partition(" / ")
    assert zh and en


def test_a_rule_refuses_pauses_and_extensions_that_it_does_not_know() -> None:
    rule = {"id": 1, "rule": "petition.office.transfer", "start": "2026-02-10", "calendar": "national"}
    status, answers = ask(
        {**rule, "pauses": [{"from": "2026-02-11", "to": "2026-02-12", "reason": "supplement"}]},
        {**rule, "extension": {"total": 20, "cap": 20}},
        {**rule, "rule": "petition.office.transfer ", "start": "2026-02-10"},
        {**rule, "start": "2022-04-30"},
    )
    assert status == 1
    assert [answer["field"] for answer in answers] == ["pauses", "extension", "rule", "rule"]
    assert [answer["code"] for answer in answers] == ["not_allowed", "not_allowed", "unknown", "not_in_force"]


def test_a_field_that_is_not_read_is_remarked_upon() -> None:
    status, (answer,) = ask({**GOOD, "pause": [{"from": "2026-02-11"}]})
    assert status == 0 and "pause" in answer["warnings"][0]


def test_it_writes_to_a_file(tmp_path: Any) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(GOOD) + "\n\n", encoding="utf-8")
    assert run(str(source), "-o", str(target)).exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["last_day"] == "2026-03-02"


def test_a_file_that_is_not_there_is_a_wrong_call() -> None:
    assert run("no-such-file.jsonl").exit_code == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["id", "rule", "unit", "length", "start", "pauses", "extension", "calendar"]), json_values
    )
)
def test_whatever_is_asked_one_answer_comes_back(question: dict[str, Any]) -> None:
    status, answers = ask({**question})
    assert len(answers) == 1
    assert ("error" in answers[0]) == (status == 1)


def test_the_example_of_the_help_runs() -> None:
    shown = run("--help").stdout
    assert "huiqi clock -" in shown.replace("\n", " ")
    status, (answer,) = ask(
        {"id": 1, "rule": "payment_complaint.transfer", "start": "2026-02-10", "calendar": "xinjiang"}
    )
    assert (status, answer["last_day"]) == (0, "2026-03-02")
