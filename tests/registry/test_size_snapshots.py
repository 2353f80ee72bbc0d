"""Size snapshots are for good: the size on the day of a contract stays what it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from registry_world import TODAY, certified, declared

from huiqi.registry.models import EnterpriseFacts, Organisation, SizeSnapshot
from huiqi.registry.models.sizes import take_snapshot

pytestmark = pytest.mark.django_db

CONTRACT_DAY = dt.date(2026, 3, 1)


@pytest.fixture
def snapshot(facts: EnterpriseFacts) -> SizeSnapshot:
    facts.record({"industry_code": "1711", "employees": 50, "revenue": 800}, certified(CONTRACT_DAY))
    return take_snapshot(facts.organisation, CONTRACT_DAY, "合同 样例-1")


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_snapshot_keeps_the_class_the_standard_and_the_figures(snapshot: SizeSnapshot) -> None:
    assert snapshot.status == "determined"
    assert snapshot.size_class == snapshot.best == snapshot.worst == "small"
    assert snapshot.standard
    assert snapshot.indicators["employees"]["value"] == 50
    assert snapshot.indicators["revenue"]["value"] == "800.0000"
    assert snapshot.indicators["revenue"]["statement"] == snapshot.organisation.facts.provenance["revenue"]
    assert "total_assets" not in snapshot.indicators


def test_the_growth_of_a_firm_changes_no_snapshot(snapshot: SizeSnapshot) -> None:
    facts = EnterpriseFacts.objects.get(pk=snapshot.organisation_id)
    facts.record({"employees": 5_000, "revenue": 500_000}, certified())
    assert take_snapshot(facts.organisation, TODAY, "今日").size_class == "large"
    assert SizeSnapshot.objects.get(pk=snapshot.pk).size_class == "small"


def test_a_missing_indicator_leaves_the_class_open_between_two_bounds(facts: EnterpriseFacts) -> None:
    facts.record({"industry_code": "1711", "employees": 500}, declared())
    taken = take_snapshot(facts.organisation, TODAY, "申请")
    assert (taken.status, taken.size_class) == ("undetermined", None)
    assert taken.best != taken.worst


def test_a_figure_that_had_ended_by_that_day_does_not_count(facts: EnterpriseFacts) -> None:
    facts.record({"industry_code": "1711"}, declared(CONTRACT_DAY))
    facts.record({"employees": 50, "revenue": 800}, certified(CONTRACT_DAY, valid_until=CONTRACT_DAY))
    assert take_snapshot(facts.organisation, CONTRACT_DAY, "当日").status == "determined"
    assert take_snapshot(facts.organisation, TODAY, "今日").status == "undetermined"


def test_there_is_no_snapshot_without_facts(enterprise: Callable[..., Organisation]) -> None:
    with pytest.raises(EnterpriseFacts.DoesNotExist):
        take_snapshot(enterprise(), TODAY, "没有数据")


@pytest.mark.parametrize(
    "statement",
    [
        "update registry_sizesnapshot set size_class = 'micro'",
        "update registry_sizesnapshot set purpose = purpose",
        "delete from registry_sizesnapshot",
        "truncate registry_sizesnapshot",
        "truncate registry_organisation cascade",
    ],
)
def test_a_snapshot_is_never_changed_and_never_deleted(snapshot: SizeSnapshot, statement: str) -> None:
    with pytest.raises(IntegrityError, match="record for good"):
        run(f"set constraints all immediate; {statement}")
    assert SizeSnapshot.objects.get(pk=snapshot.pk).size_class == "small"


def test_nor_through_the_models(snapshot: SizeSnapshot) -> None:
    snapshot.size_class = "large"
    with pytest.raises(IntegrityError, match="record for good"), transaction.atomic():
        snapshot.save()
    with pytest.raises(IntegrityError, match="record for good"), transaction.atomic():
        snapshot.delete()


def test_an_empty_table_of_snapshots_may_be_truncated(db: None) -> None:
    run("truncate registry_sizesnapshot")


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "guessed"},
        {"status": "determined", "size_class": None},
        {"status": "undetermined", "size_class": "small"},
        {"status": "determined", "size_class": "huge"},
    ],
)
def test_the_database_refuses_a_snapshot_that_contradicts_itself(
    enterprise: Callable[..., Organisation], fields: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SizeSnapshot.objects.create(organisation=enterprise(), on=TODAY, indicators={}, purpose="样例", **fields)
