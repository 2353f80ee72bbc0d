"""Who sees which obligations: one's own, those of organs below, across regions and functions; everybody else nothing."""

from __future__ import annotations

import pytest
from offices import AKSU, KASHGAR, KASHGAR_CITY, REGION, TODAY, firm, office, somebody

from huiqi.law.calendars import load_calendars
from huiqi.law.duties.board import TABS, Choice, counts, listed
from huiqi.law.duties.running import run
from huiqi.law.models import EscalationStep, Obligation
from huiqi.registry.models import Organisation
from huiqi.registry.permissions import PUBLIC, Actor
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def offices(shared: None) -> dict[tuple[str, str], Organisation]:
    load_reference_data()
    load_calendars()
    made = {
        (function, region): office(function, region)
        for function in ("finance", "industry_and_it", "government", "tax")
        for region in (KASHGAR_CITY, KASHGAR, AKSU, REGION)
    }
    made["enterprise", KASHGAR_CITY] = firm(1, industry_code="1711", employees=1500, revenue="50000")
    run(TODAY)
    return made


def owners(actor: Actor) -> set[tuple[str, str]]:
    """Whose obligations the actor sees: function and place; those that nobody owns are left out."""
    seen = Obligation.objects.visible_to(actor).filter(organ__isnull=False)
    return {
        (function or "enterprise", region)
        for function, region in seen.values_list("organ__organ_function", "organ__region")
    }


ALL_OF_KASHGAR = {(f, r) for f in ("finance", "industry_and_it", "government", "tax") for r in (KASHGAR_CITY, KASHGAR)}
FIRM = ("enterprise", KASHGAR_CITY)


@pytest.mark.parametrize("function", ["industry_and_it", "government"])
def test_who_looks_after_the_place_sees_all_its_organs_and_none_of_another(
    function: str, offices: dict[tuple[str, str], Organisation]
) -> None:
    actor = somebody(offices[function, KASHGAR])
    assert owners(actor) == ALL_OF_KASHGAR | {FIRM}
    assert not Obligation.objects.visible_to(actor).filter(region=AKSU).exists()
    county = somebody(offices[function, KASHGAR_CITY])
    assert owners(county) == {each for each in ALL_OF_KASHGAR if each[1] == KASHGAR_CITY} | {FIRM}


def test_another_department_sees_its_own_kind_below_it(offices: dict[tuple[str, str], Organisation]) -> None:
    assert owners(somebody(offices["finance", KASHGAR])) == {("finance", KASHGAR), ("finance", KASHGAR_CITY)}
    assert owners(somebody(offices["finance", KASHGAR_CITY])) == {("finance", KASHGAR_CITY)}
    assert owners(somebody(offices["tax", AKSU])) == {("tax", AKSU)}
    assert {region for _, region in owners(somebody(offices["finance", REGION]))} == {
        KASHGAR_CITY,
        KASHGAR,
        AKSU,
        REGION,
    }


def test_the_region_sees_everything(offices: dict[tuple[str, str], Organisation]) -> None:
    actor = somebody(offices["industry_and_it", REGION], "supervisor")
    assert Obligation.objects.visible_to(actor).count() == Obligation.objects.count()
    assert EscalationStep.objects.visible_to(actor).count() == EscalationStep.objects.count() > 0


def test_an_auditor_of_an_audit_office_sees_her_place(offices: dict[tuple[str, str], Organisation]) -> None:
    audit = somebody(office("audit", KASHGAR), "auditor")
    assert owners(audit) >= ALL_OF_KASHGAR


def test_an_enterprise_sees_its_own_alone(offices: dict[tuple[str, str], Organisation]) -> None:
    owner = somebody(offices[FIRM], "owner")
    assert owners(owner) == {FIRM}
    other = somebody(firm(2), "owner")
    assert owners(other) == set()


def test_who_acts_for_nobody_and_who_only_looks_after_accounts_sees_nothing(
    offices: dict[tuple[str, str], Organisation],
) -> None:
    administrator = somebody(offices["industry_and_it", REGION], "administrator")
    for actor in (PUBLIC, somebody(None), administrator):
        assert not Obligation.objects.visible_to(actor).exists()
        assert not EscalationStep.objects.visible_to(actor).exists()


def test_ili_sees_tacheng_and_altay_which_stand_under_it(offices: dict[tuple[str, str], Organisation]) -> None:
    ili = somebody(office("industry_and_it", "654000"))
    for code in ("654200", "654300", "654201"):
        office("tax", code)
    run(TODAY)
    assert {region for _, region in owners(ili)} == {"654000", "654200", "654300", "654201"}
    tacheng = somebody(office("government", "654200"))
    assert {region for _, region in owners(tacheng)} == {"654200", "654201"}


def test_the_corps_sees_what_stands_under_it(offices: dict[tuple[str, str], Organisation]) -> None:
    corps = office("industry_and_it", REGION, is_bingtuan=True)
    office("industry_and_it", "659001", is_bingtuan=True, superior=corps)
    run(TODAY)
    assert owners(somebody(corps)) == {("industry_and_it", REGION), ("industry_and_it", "659001")}
    assert not Obligation.objects.visible_to(somebody(corps)).filter(organ=offices["industry_and_it", REGION]).exists()


def test_whoever_it_has_climbed_to_sees_it_even_outside_her_function(
    offices: dict[tuple[str, str], Organisation],
) -> None:
    court = office("court", KASHGAR_CITY)
    justice = office("justice", KASHGAR)
    run(TODAY)
    found = Obligation.objects.get(organ=court, duty="disclosure.public")
    actor = somebody(justice)
    assert not Obligation.objects.visible_to(actor).filter(pk=found.pk).exists()
    Obligation.objects.filter(pk=found.pk).update(holder=justice, level=1)
    assert Obligation.objects.visible_to(actor).filter(pk=found.pk).exists()
    assert [each.pk for each in listed(actor, Choice("climbed"), TODAY)] == [found.pk]


def test_the_numbers_of_the_tabs_are_those_of_their_lists(offices: dict[tuple[str, str], Organisation]) -> None:
    for actor in (
        somebody(offices["industry_and_it", KASHGAR]),
        somebody(offices["finance", KASHGAR]),
        somebody(offices["government", REGION]),
        somebody(offices[FIRM], "owner"),
    ):
        numbers = counts(actor, TODAY)
        for tab in TABS[:-1]:
            assert numbers[tab] == listed(actor, Choice(tab), TODAY).count(), (actor.organisation, tab)
