"""Blocks, verification, export and proof: one changed byte is found and named."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from huiqi import journal
from huiqi.journal import checker, checker_file, export, sealing
from huiqi.journal.models import Block, Event, Leaf
from huiqi.journal.verify import Unfit, verify
from huiqi.registry.models import Organisation

pytestmark = pytest.mark.django_db
WHO = journal.Who(person=7, organisation=9, role="officer")


@pytest.fixture
def sealed() -> list[int]:
    """Events in three blocks, some with changes; their numbers in order."""
    sealing.seal()
    made = [journal.note(WHO, "notice.read", details={"n": n}, reason="理由") for n in range(5)]
    sealing.seal(most=3)
    with journal.act(WHO, "declaration.made") as done:
        Organisation.objects.create(kind="bank", name_zh="样例银行", uscc="91650100MA00000000")
    sealing.seal()
    return [*made, done.event]


def tamper(sql: str, *params: object) -> None:
    """What a person with all rights over the database could do: take the triggers off, change, put them back."""
    tables = ("journal_event", "journal_change", "journal_leaf", "journal_block")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        if "DELETE FROM journal_event" in sql:
            cursor.execute("ALTER TABLE journal_leaf DROP CONSTRAINT journal_leaf_event_ed322cc8_fk_journal_event_id")
        cursor.cursor.execute(sql, params or None)  # type: ignore[attr-defined]
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_the_whole_fits_and_places_are_dense(sealed: list[int]) -> None:
    found = verify()
    assert found.events == Event.objects.count()
    assert found.waiting == 0
    assert list(Leaf.objects.order_by("position").values_list("position", flat=True)) == list(range(found.events))
    assert bytes(Block.objects.order_by("-number")[0].hash) == found.head


def test_sealing_again_seals_nothing(sealed: list[int]) -> None:
    before = Block.objects.count()
    assert sealing.seal() == 0
    assert Block.objects.count() == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal_event SET reason = reason || ' ' WHERE id = %s",
        "UPDATE journal_event SET at = at + interval '1 microsecond' WHERE id = %s",
        "UPDATE journal_event SET person = 8 WHERE id = %s",
        "UPDATE journal_event SET details = details || '{\"n\": 99}' WHERE id = %s",
        "UPDATE journal_event SET articles = articles || 52 WHERE id = %s",
        "UPDATE journal_event SET cause = 1 WHERE id = %s",
        "UPDATE journal_event SET salt = '\\x00'::bytea || substr(salt, 2) WHERE id = %s",
        "DELETE FROM journal_event WHERE id = %s",
        "UPDATE journal_leaf SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE event = %s",
        "INSERT INTO journal_change (event, kind, \"row\", operation) VALUES (%s, 'x', '1', 'insert')",
    ],
)
def test_one_changed_thing_is_found_and_the_event_is_named(sealed: list[int], change: str) -> None:
    victim = sealed[2]
    tamper(change, victim)
    with pytest.raises(Unfit) as caught:
        verify()
    assert caught.value.event == victim


def test_a_changed_change_is_found_and_the_event_is_named(sealed: list[int]) -> None:
    tamper('UPDATE journal_change SET after = after || \'{"name_zh": "别的"}\' WHERE event = %s', sealed[-1])
    with pytest.raises(Unfit) as caught:
        verify()
    assert caught.value.event == sealed[-1]


def test_an_event_slipped_past_the_queue_is_found(sealed: list[int]) -> None:
    journal.note(WHO, "notice.read")
    stray = journal.note(WHO, "notice.read")
    tamper("DELETE FROM journal_waiting WHERE event = %s", stray)
    with pytest.raises(Unfit) as caught:
        verify()
    assert caught.value.event == stray


def test_a_chain_that_was_rewritten_as_a_whole_does_not_hold_the_head_noted_before(sealed: list[int]) -> None:
    noted = verify().head
    tamper("DELETE FROM journal_leaf; DELETE FROM journal_block; "
           "INSERT INTO journal_waiting SELECT id FROM journal_event; UPDATE journal_event SET reason = 'x'")  # fmt: skip
    sealing.seal()
    verify()
    with pytest.raises(Unfit, match="rewritten"):
        verify(expect=noted)


def test_a_head_noted_before_stays_in_the_chain(sealed: list[int]) -> None:
    noted = verify().head
    journal.note(WHO, "notice.read")
    sealing.seal()
    verify(expect=noted)


# --- outside the database -----------------------------------------------------------------------------------------------


def test_an_export_verifies_without_the_database_and_also_without_us(sealed: list[int], tmp_path: Path) -> None:
    whole, redacted = tmp_path / "whole.jsonl", tmp_path / "redacted.jsonl"
    whole.write_text("\n".join(export.lines()) + "\n", encoding="utf-8")
    redacted.write_text("\n".join(export.lines(export.what_only)) + "\n", encoding="utf-8")
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(export.proof(sealed[1])), encoding="utf-8")
    program = tmp_path / "checker.py"
    program.write_text(checker_file.source(), encoding="utf-8")
    head = verify().head.hex()
    for file in (whole, redacted, proof):
        done = subprocess.run([sys.executable, "-I", program, file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert head in done.stdout
    assert "样例银行" in whole.read_text("utf-8")
    assert "样例银行" not in redacted.read_text("utf-8")
    bent = tmp_path / "bent.jsonl"
    bent.write_text(whole.read_text("utf-8").replace("样例银行", "别的银行"), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", program, bent], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"event {sealed[-1]} was changed" in done.stderr


def test_a_proof_leads_to_every_later_head(sealed: list[int]) -> None:
    proof = json.loads(json.dumps(export.proof(sealed[0])))
    heads = [bytes(block.hash).hex() for block in Block.objects.order_by("number")]
    assert heads[-len(checker.check_proof(proof)) :] == checker.check_proof(proof)


def test_what_is_kept_back_cannot_be_guessed_from_the_commitment(sealed: list[int]) -> None:
    """The same part of two events has two commitments: each has a salt of its own."""
    one, two = (export.proof(number, export.what_only)["event"] for number in sealed[:2])
    assert one["commitments"]["who"] != two["commitments"]["who"]
    assert "who" not in one["salts"]


def _places(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(thing, dict):
        return [place for key, value in thing.items() for place in _places(value, (*path, key))]
    if isinstance(thing, list):
        return [place for index, value in enumerate(thing) for place in _places(value, (*path, index))]
    return [path]


def test_no_single_value_of_a_proof_can_be_changed(sealed: list[int]) -> None:
    text = json.dumps(export.proof(sealed[1]))
    head = checker.check_proof(json.loads(text))[-1]
    for place in _places(json.loads(text)):
        bent = json.loads(text)
        holder = bent
        for key in place[:-1]:
            holder = holder[key]
        value = holder[place[-1]]
        holder[place[-1]] = "bent" if not isinstance(value, str) or not value else value[:-1] + chr(ord(value[-1]) ^ 1)
        with contextlib.suppress(checker.PROBLEMS):
            assert checker.check_proof(bent)[-1] != head, place


@given(st.text(max_size=300))
def test_any_file_is_answered_and_never_taken_for_a_proof(text: str) -> None:
    with pytest.raises(checker.PROBLEMS):
        checker.check_proof(json.load(io.StringIO(text)))
