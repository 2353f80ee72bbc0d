"""All facts as columns: fresh after every change, equal to the rows, shared through a file."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

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
