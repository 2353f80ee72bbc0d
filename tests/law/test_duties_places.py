"""Who stands above whom: by the superior and not by the code, past places that have no organ, up to the region's government."""

from __future__ import annotations

import pytest
from offices import AKSU, KASHGAR, KASHGAR_CITY, REGION, TODAY, firm, office

from huiqi.law.duties.definitions import duties
from huiqi.law.duties.places import Organs
from huiqi.law.models.obligations import NO_ORGAN, NOBODY_ABOVE
from huiqi.registry.models import Organisation
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def regions() -> None:
    load_reference_data()


def way(organ: Organisation) -> list[tuple[str, str]]:
    return [
        (step.region.code if step.region else "", step.organ.organ_function if step.organ else step.reason)
        for step in Organs(TODAY).above(organ)
    ]  # type: ignore[misc]


def test_a_department_climbs_to_its_own_kind_in_the_place_above() -> None:
    county, _, _ = office("finance", KASHGAR_CITY), office("finance", KASHGAR), office("government", KASHGAR)
    assert way(county) == [(KASHGAR, "finance")]


def test_without_its_own_kind_it_climbs_to_the_government_of_the_place_above() -> None:
    county, _ = office("finance", KASHGAR_CITY), office("government", KASHGAR)
    assert way(county) == [(KASHGAR, "government")]


def test_a_place_without_an_organ_is_named_and_passed_over() -> None:
    county, _ = office("finance", KASHGAR_CITY), office("finance", REGION)
    assert way(county) == [(KASHGAR, NO_ORGAN), (REGION, "finance")]


def test_a_department_of_the_region_stands_under_its_government_and_that_under_nobody() -> None:
    department, government = office("finance", REGION), office("government", REGION)
    assert way(department) == [(REGION, "government")]
    assert way(government) == [("", NOBODY_ABOVE)]


def test_a_department_of_a_region_without_a_government_has_nobody_above() -> None:
    assert way(office("finance", REGION)) == [(REGION, NOBODY_ABOVE)]


def test_tacheng_and_altay_climb_to_ili_although_their_codes_do_not_say_so() -> None:
    ili = office("industry_and_it", "654000")
    office("industry_and_it", REGION)
    for code in ("654200", "654300"):
        organs = Organs(TODAY)
        (step,) = organs.above(office("industry_and_it", code))
        assert step.organ == ili


def test_an_organ_of_the_corps_climbs_to_the_superior_entered_by_hand() -> None:
    corps = office("industry_and_it", REGION, is_bingtuan=True)
    office("industry_and_it", REGION)
    by_hand = office("industry_and_it", "659001", is_bingtuan=True, superior=corps)
    without = office("industry_and_it", "659002", is_bingtuan=True)
    assert [step.organ for step in Organs(TODAY).above(by_hand)] == [corps]
    assert [step.organ for step in Organs(TODAY).above(without)] == [corps]


def test_everybody_above_in_order() -> None:
    county, prefecture = office("finance", KASHGAR_CITY), office("finance", KASHGAR)
    department, government = office("finance", REGION), office("government", REGION)
    assert list(Organs(TODAY).all_above(county)) == [prefecture, department, government]


def test_superiors_entered_in_a_circle_end() -> None:
    first, second = office("finance", KASHGAR, is_bingtuan=True), office("finance", AKSU, is_bingtuan=True)
    Organisation.objects.filter(pk=first.pk).update(superior=second)
    Organisation.objects.filter(pk=second.pk).update(superior=first)
    assert list(Organs(TODAY).all_above(Organisation.objects.get(pk=first.pk))) == [second]


def test_an_organ_that_no_longer_exists_owes_nothing_and_receives_nothing() -> None:
    import datetime as dt

    county = office("finance", KASHGAR_CITY)
    office("finance", KASHGAR, active_to=dt.date(2025, 12, 31))
    office("finance", REGION)
    assert way(county) == [(KASHGAR, NO_ORGAN), (REGION, "finance")]


def test_who_owes_a_duty_and_which_places_lack_an_owner() -> None:
    bureau, county = office("finance", KASHGAR), office("finance", KASHGAR_CITY)
    owing = Organs(TODAY).owing(duties()["bank.assessment"])
    assert {(each.region, each.organ) for each in owing if each.organ} == {
        (KASHGAR, bureau.pk),
        (KASHGAR_CITY, county.pk),
    }
    lacking = {each.region for each in owing if each.organ is None}
    assert AKSU in lacking and REGION in lacking and KASHGAR not in lacking


def test_the_first_function_that_is_there_owes_it() -> None:
    office("government", KASHGAR)
    finance = office("financial_regulation", KASHGAR)
    government = office("government", AKSU)
    owing = {each.region: each.organ for each in Organs(TODAY).owing(duties()["financing.meeting"])}
    assert owing[KASHGAR] == finance.pk and owing[AKSU] == government.pk and owing[REGION] is None


def test_every_organ_owes_the_disclosure_and_no_place_lacks_one() -> None:
    organs = {office("finance", KASHGAR).pk, office("court", KASHGAR_CITY).pk, office("government", REGION).pk}
    owing = Organs(TODAY).owing(duties()["disclosure.public"])
    assert {each.organ for each in owing} == organs


def test_large_enterprises_owe_theirs_and_others_do_not() -> None:
    large = firm(1, industry_code="1711", employees=1500, revenue="50000")
    firm(2, industry_code="1711", employees=30, revenue="500")
    firm(3, industry_code="1711")
    owing = Organs(TODAY).owing(duties()["disclosure.large"])
    assert [each.organ for each in owing] == [large.pk]


def test_the_nearest_organ_is_looked_for_upwards_by_the_codes_of_places() -> None:
    prefecture, region = office("tax", KASHGAR), office("tax", REGION)
    organs = Organs(TODAY)
    assert organs.nearest(("tax",), KASHGAR_CITY) == prefecture
    assert organs.nearest(("tax",), AKSU) == region
    assert organs.nearest(("customs",), AKSU) is None
