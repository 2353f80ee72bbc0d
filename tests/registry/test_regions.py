"""Regions: two hierarchies that are not one."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from huiqi.registry.models import Region
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db


def test_the_region_has_14_prefectures_and_112_counties(reference: None) -> None:
    levels = [region.level for region in Region.objects.all()]
    assert {level: levels.count(level) for level in set(levels)} == {
        "autonomous_region": 1,
        "prefecture": 14,
        "county": 112,
    }


def test_loading_a_second_time_changes_nothing(reference: None) -> None:
    before = list(Region.objects.values())
    loaded = load_reference_data()
    assert list(Region.objects.values()) == before
    assert loaded.regions == 127


def test_totals_of_a_prefecture_are_made_of_its_own_counties(reference: None) -> None:
    codes = set(Region.objects.under("653100").values_list("code", flat=True))
    assert {"653100", "653101", "653131"} <= codes
    assert all(code.startswith("6531") for code in codes)


def test_the_cities_of_the_corps_count_towards_the_region_and_no_prefecture(reference: None) -> None:
    assert "659001" in Region.objects.under("650000").values_list("code", flat=True)
    assert list(Region.objects.under("659001").values_list("code", flat=True)) == ["659001"]
    assert Region.objects.get(pk="659001").parent_id == "650000"


def test_tacheng_is_added_up_apart_from_ili_but_supervised_by_it(reference: None) -> None:
    assert "654200" not in Region.objects.under("654000").values_list("code", flat=True)
    tacheng_city = Region.objects.get(pk="654201")
    assert [region.code for region in tacheng_city.superiors()] == ["654200", "654000", "650000"]
    assert Region.objects.get(pk="654200").parent_id == "650000"


def test_nothing_stands_above_the_autonomous_region(reference: None) -> None:
    assert Region.objects.get(pk="650000").superiors() == []


def test_an_unknown_code_has_no_regions_under_it(reference: None) -> None:
    with pytest.raises(Region.DoesNotExist):
        Region.objects.under("651234")


def test_every_region_has_an_english_name_and_a_sort_key(reference: None) -> None:
    assert Region.objects.get(pk="653101").name_en == "Kashgar"
    assert Region.objects.get(pk="653228").name_en == "Hekang County"
    assert not Region.objects.filter(name_en="").exists()
    assert not Region.objects.filter(name_pinyin="").exists()


@pytest.mark.parametrize("column", ["parent", "superior"])
def test_a_region_is_neither_its_own_parent_nor_its_own_superior(reference: None, column: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.filter(pk="653100").update(**{column: "653100"})


def test_only_the_autonomous_region_has_nothing_above_it(reference: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.filter(pk="653100").update(superior=None)
