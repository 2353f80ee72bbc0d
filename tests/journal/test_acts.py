"""An act and its event: no change without an event, no event without its change."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection, transaction

from huiqi import journal
from huiqi.journal.models import Change, Event
from huiqi.registry.models import Organisation, Person

pytestmark = pytest.mark.django_db
WHO = journal.Who(person=7, membership=8, organisation=9, role="officer")


def directly(sql: str, *params: object) -> None:
    """A statement as a program outside the product would send it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.cursor.execute(sql, params or None)  # type: ignore[attr-defined]  (past the wrappers of the tests)


def new_organ() -> Organisation:
    return Organisation.objects.create(kind="bank", name_zh="样例银行", uscc="91650100MA00000000")


def test_a_change_outside_an_act_is_refused_by_the_database() -> None:
    person = Person.objects.create_user("someone", "x", display_name="某人")
    for statement, *params in (
        ("UPDATE registry_person SET display_name = 'x' WHERE id = %s", person.pk),
        ("DELETE FROM registry_person WHERE id = %s", person.pk),
        (
            "INSERT INTO registry_organisation (kind, name_zh, name_en, name_pinyin, uscc, is_bingtuan) "
            "VALUES ('bank', 'x', '', 'x', '91650100MA00000001', false)",
        ),
    ):
        with pytest.raises(psycopg.Error, match="without an act"):
            directly(str(statement), *params)


def test_a_statement_that_touches_no_row_needs_no_act() -> None:
    directly("UPDATE registry_person SET display_name = 'x' WHERE id = -1")


def test_an_act_tells_who_what_which_object_and_what_was_before_and_after() -> None:
    bank = new_organ()
    with journal.act(
        WHO,
        "declaration.made",
        about=bank,
        articles=(3, 6),
        subject=bank.pk,
        region="650100",
        reason="因为",
        details={"fact": "x"},
    ) as done:
        bank.name_en = "Sample Bank"
        bank.save()
    assert done.written
    event = Event.objects.get(pk=done.event)
    assert (event.person, event.membership, event.organisation, event.role) == (7, 8, 9, "officer")
    assert (event.verb, event.object_kind, event.object_id) == (
        "declaration.made",
        "registry.organisation",
        str(bank.pk),
    )
    assert (event.articles, event.subject, event.region, event.reason) == ([3, 6], bank.pk, "650100", "因为")
    change = event.changes.get()
    assert (change.kind, change.row, change.operation) == ("registry.organisation", str(bank.pk), "update")
    assert (change.before, change.after) == ({"name_en": ""}, {"name_en": "Sample Bank"})


def test_doing_what_is_done_writes_no_event() -> None:
    bank = new_organ()
    with journal.act(WHO, "declaration.made", about=bank) as done:
        bank.save()
    assert not done.written
    assert not Event.objects.filter(pk=done.event).exists()


def test_an_act_that_fails_leaves_neither_change_nor_event() -> None:
    with pytest.raises(RuntimeError), journal.act(WHO, "declaration.made") as done:
        new_organ()
        raise RuntimeError("midway")
    assert not Organisation.objects.filter(name_zh="样例银行").exists()
    assert not Event.objects.filter(pk=done.event).exists()
    assert not Change.objects.filter(event=done.event).exists()
    with pytest.raises(psycopg.Error, match="without an act"):  # the act is over, also after the failure
        directly("INSERT INTO registry_organisation (kind, name_zh, name_en, name_pinyin, uscc, is_bingtuan) "
                 "VALUES ('bank', 'x', '', 'x', '91650100MA00000001', false)")  # fmt: skip


def test_an_act_within_an_act_names_it_as_its_cause_and_keeps_its_own_changes() -> None:
    with journal.act(WHO, "declaration.made") as outer:
        bank = new_organ()
        with journal.act(WHO, "notice.sent") as inner:
            Organisation.objects.filter(pk=bank.pk).update(name_en="B")
        Organisation.objects.filter(pk=bank.pk).update(name_en="C")
    assert Event.objects.get(pk=inner.event).cause == outer.event
    assert [change.operation for change in Event.objects.get(pk=outer.event).changes.all()] == ["insert", "update"]
    assert Event.objects.get(pk=inner.event).changes.get().after == {"name_en": "B"}


def test_an_act_within_a_failed_part_does_not_swallow_the_rest() -> None:
    with journal.act(WHO, "declaration.made") as outer:
        bank = new_organ()
        with pytest.raises(RuntimeError), journal.act(WHO, "notice.sent"):
            Organisation.objects.filter(pk=bank.pk).update(name_en="B")
            raise RuntimeError
        Organisation.objects.filter(pk=bank.pk).update(name_en="C")
    changes = list(Event.objects.get(pk=outer.event).changes.all())
    assert [(change.operation, change.after.get("name_en")) for change in changes] == [("insert", ""), ("update", "C")]


def test_a_verb_that_nobody_declares_is_refused() -> None:
    with pytest.raises(KeyError), journal.act(WHO, "thing.undeclared"):
        new_organ()


def test_a_note_is_an_event_without_a_change() -> None:
    number = journal.note(WHO, "notice.read", details={"x": 1})
    assert Event.objects.get(pk=number).details == {"x": 1}
    assert not Change.objects.filter(event=number).exists()


def test_many_rows_in_one_statement_are_all_noted() -> None:
    banks = [
        Organisation(kind="bank", name_zh=f"银行{n}", name_pinyin="x", uscc=f"91650100MA{n:08}") for n in range(50)
    ]
    with journal.act(WHO, "reference.loaded") as done:
        Organisation.objects.bulk_create(banks)
        Organisation.objects.filter(kind="bank").update(name_en="y")
        Organisation.objects.filter(kind="bank").delete()
    operations = [change.operation for change in Event.objects.get(pk=done.event).changes.all()]
    assert operations == ["insert"] * 50 + ["update"] * 50 + ["delete"] * 50


def test_of_a_password_the_journal_says_that_it_changed_and_not_what_it_is() -> None:
    with journal.act(WHO, "person.registered") as done:
        person = Person.objects.create_user("someone", "geheim-geheim", display_name="某人")
        person.set_password("another-secret")
        person.save()
    told = str([(change.before, change.after) for change in Event.objects.get(pk=done.event).changes.all()])
    assert "(hidden)" in told
    assert "md5" not in told
    assert person.password not in told


def test_the_journal_is_only_added_to_whoever_asks() -> None:
    journal.note(WHO, "notice.read")
    for statement in (
        "UPDATE journal_event SET reason = 'x'",
        "DELETE FROM journal_event",
        "TRUNCATE journal_event CASCADE",
    ):
        with pytest.raises(psycopg.Error, match="only added to"):
            directly(statement)


def test_a_row_whose_key_itself_is_changed_is_noted_as_it_was_and_as_it_is() -> None:
    bank = new_organ()
    with journal.act(WHO, "declaration.made") as done:
        Organisation.objects.filter(pk=bank.pk).update(id=987654)
    rows = {change.row for change in Event.objects.get(pk=done.event).changes.all()}
    assert rows == {str(bank.pk), "987654"}
