"""All facts as columns: fresh after every change, equal to the rows, shared through a file."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from huiqi.registry import snapshot as snapshots
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Organisation, Statement
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm() -> EnterpriseFacts:
    load_reference_data()
    organisation = Organisation.objects.create(
        kind="enterprise",
        name_zh="喀什试样纺织有限公司（样例）",
        uscc=make_fictitious("1", "10", 1),
        region_id="653101",
    )
    facts = EnterpriseFacts(organisation=organisation)
    facts.record(
        {"employees": 9, "revenue": "103.2", "titles": [], "certifications": ["iso9001", "product"], "tax_arrears": False,
         "established_date": "2024-02-29", "registration_region": "653101"},
        Statement(source="declared", made_on=dt.date(2026, 11, 24)),
    )  # fmt: skip
    return facts


def test_the_columns_say_what_the_rows_say(firm):
    (row,) = snapshots.snapshot().table.to_pylist()
    assert (row["employees"], row["revenue"], row["established_date"]) == (9, 103.2, dt.date(2024, 2, 29))
    assert row["titles"] == [], "known to hold none"
    assert sorted(row["certifications"]) == ["iso9001", "product"]
    assert row["tax_arrears"] is False
    assert row["loan_purposes"] is None, "unknown stays unknown"


def test_a_change_makes_a_new_stamp_and_a_new_snapshot(firm):
    before = snapshots.snapshot()
    assert snapshots.snapshot() is before, "nothing has changed"
    firm.record({"revenue": Decimal("200")}, Statement(source="declared", made_on=dt.date(2026, 11, 25)))
    after = snapshots.snapshot()
    assert after.stamp != before.stamp
    assert after.table["revenue"].to_pylist() == [200.0]


def test_a_change_past_the_models_is_noticed_too(firm):
    before = snapshots.stamp()
    with connection.cursor() as cursor:
        cursor.execute("update registry_enterprisefacts set employees = 10")
    assert snapshots.stamp() != before


def test_another_process_reads_the_file(firm, monkeypatch):
    first = snapshots.snapshot()
    monkeypatch.setattr(snapshots, "_held", None)
    monkeypatch.setattr(snapshots, "_read", lambda: pytest.fail("the file should have been read"))
    assert snapshots.snapshot().table.equals(first.table)


def test_a_region_has_its_own_enterprises_only(firm):
    found = snapshots.snapshot()
    assert found.under("6531").num_rows == 1
    assert found.under("6501").num_rows == 0


def other_firm(number: int) -> EnterpriseFacts:
    organisation = Organisation.objects.create(
        kind="enterprise",
        name_zh=f"阿克苏试样{number}有限公司（样例）",
        uscc=make_fictitious("1", "10", number),
        region_id="652901",
    )
    facts = EnterpriseFacts(organisation=organisation)
    facts.record(
        {"employees": number, "owner_groups": ["graduate"], "registration_region": "652901"},
        Statement(source="declared", made_on=dt.date(2026, 11, 24)),
    )
    return facts


@pytest.fixture
def firms(firm: EnterpriseFacts) -> list[EnterpriseFacts]:
    return [firm, *(other_firm(number) for number in range(2, 12))]


def everything() -> dict[int, dict]:
    return {row["organisation"]: row for row in snapshots.snapshot().table.to_pylist()}


def whole() -> dict[int, dict]:
    return {row["organisation"]: row for row in snapshots._read().table.to_pylist()}


def test_what_has_changed_is_read_and_nothing_else(firms, monkeypatch):
    snapshots.snapshot()
    firms[3].record(
        {"revenue": Decimal("7.5"), "certifications": ["iso9001"]},
        Statement(source="declared", made_on=dt.date(2026, 11, 25)),
    )
    read, asked = snapshots._read, []
    monkeypatch.setattr(snapshots, "_read", lambda since=None: asked.append(since) or read(since))
    assert everything() == whole()
    assert asked[0] is not None, "only what is new was asked for"


def test_a_new_enterprise_and_one_that_is_gone(firms):
    snapshots.snapshot()
    other_firm(20)
    assert everything() == whole()
    firms[5].delete()
    assert everything() == whole()
    assert len(everything()) == 11


def test_a_half_written_file_is_not_used(firms, monkeypatch):
    now = snapshots.snapshot().stamp
    path = snapshots._folder() / f"{now}.arrow"
    content = path.read_bytes()
    monkeypatch.setattr(snapshots, "_held", None)
    path.write_bytes(content[: len(content) // 2])
    assert everything() == whole()


def test_a_file_of_another_state_under_this_name_is_not_used(firms, monkeypatch):
    old = snapshots.snapshot().stamp
    content = (snapshots._folder() / f"{old}.arrow").read_bytes()
    firms[0].record({"employees": 77}, Statement(source="declared", made_on=dt.date(2026, 11, 25)))
    monkeypatch.setattr(snapshots, "_held", None)
    (snapshots._folder() / f"{snapshots.stamp()}.arrow").write_bytes(content)
    assert everything() == whole()


def test_enterprises_stand_in_the_order_of_their_regions(firms):
    regions = snapshots.snapshot().table["registration_region"].to_pylist()
    assert regions == sorted(regions)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_after_a_later_one_is_not_missed(firms):
    slow, quick = firms[2].pk, firms[4].pk
    begun, go_on = threading.Event(), threading.Event()

    def change_slowly() -> None:
        with transaction.atomic():
            EnterpriseFacts.objects.filter(pk=slow).update(employees=1001)
            begun.set()
            go_on.wait(20)
        connection.close()

    snapshots.snapshot()
    worker = threading.Thread(target=change_slowly)
    worker.start()
    begun.wait(20)
    EnterpriseFacts.objects.filter(pk=quick).update(employees=2002)
    between = everything()
    go_on.set()
    worker.join()
    assert between[quick]["employees"] == 2002
    assert between[slow]["employees"] != 1001
    assert everything()[slow]["employees"] == 1001
