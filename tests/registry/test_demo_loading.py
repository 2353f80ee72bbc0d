"""The demonstration: loaded once, whole, recognisable as made up, with somebody to log in as for every task."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TestCase, override_settings
from django.utils import timezone

from huiqi.registry.declaring import decidable, declare
from huiqi.registry.demo import loading
from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, Region, RosterImport, Statement
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings: Any, tmp_path: Path) -> None:
    settings.HUIQI_HOME = tmp_path


def test_it_is_loaded_once_and_a_second_call_changes_nothing() -> None:
    assert loading.load(300, 7) == loading.Loaded(300, already=False)
    before = (Organisation.objects.count(), Person.objects.count(), RosterImport.objects.count())
    assert loading.load(300, 7) == loading.Loaded(300, already=True)
    assert loading.load() == loading.Loaded(300, already=True)
    assert (Organisation.objects.count(), Person.objects.count(), RosterImport.objects.count()) == before
    with pytest.raises(loading.DemoProblem, match="300"):
        loading.load(400, 7)


def test_everything_in_it_is_marked_as_made_up() -> None:
    loading.load(300, 7)
    assert not Organisation.objects.exclude(name_zh__contains="（样例").exists()
    assert not Person.objects.exclude(display_name__startswith="样例·").exists()
    assert not Organisation.objects.enterprises().exclude(uscc__regex="^9[123]6599").exists()


def test_every_prefecture_and_county_has_its_industry_bureau_and_the_corps_has_its_own() -> None:
    loading.load(300, 7)
    bureaus = Organisation.objects.filter(organ_function="industry_and_it")
    served = set(bureaus.values_list("region_id", flat=True))
    assert served == set(Region.objects.values_list("pk", flat=True))
    cities = bureaus.filter(region__kind__contains="兵团")
    assert cities and all(city.superior.region_id == "650000" and city.superior.is_bingtuan for city in cities)


def test_everybody_logs_in_with_the_password_of_this_installation_alone() -> None:
    loading.load(300, 7)
    path = settings.HUIQI_HOME / "demo_password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(person.check_password(loading.password()) for person in Person.objects.all())
    path.unlink()
    loading.load()
    assert all(person.check_password(loading.password()) for person in Person.objects.all())


def test_a_demonstration_of_an_earlier_version_gets_the_people_who_are_new_and_no_second_hats() -> None:
    loading.load(300, 7)
    Person.objects.get(login_name="tax").memberships.all().delete()
    Person.objects.get(login_name="tax").delete()
    Organisation.objects.filter(organ_function="tax", region_id="653100").delete()
    hats = Membership.objects.count()
    assert loading.load() == loading.Loaded(300, already=True)
    newcomer = Person.objects.get(login_name="tax")
    assert newcomer.check_password(loading.password())
    assert Membership.objects.count() == hats + 1


def test_values_rest_on_statements_of_their_own_kind_and_authorities_certify_their_own() -> None:
    loading.load(300, 7)
    assert set(Statement.objects.values_list("source", flat=True)) == {"declared", "imported", "certified"}
    certifiers = set(
        Statement.objects.filter(source="certified").values_list("certified_by__organ_function", flat=True)
    )
    assert certifiers == set(loading.CERTIFIERS)


def test_it_is_refused_beside_real_enterprises_and_then_leaves_nothing() -> None:
    Organisation.objects.create(kind="enterprise", name_zh="真实企业有限公司", uscc="916501007452359696")
    with pytest.raises(loading.DemoProblem):
        loading.load(300, 7)
    assert not Person.objects.exists() and not RosterImport.objects.exists()


class TestOneOfThreeThousandFirms(TestCase):
    """Large enough to have a firm for every owner and every county."""

    @classmethod
    def setUpTestData(cls) -> None:
        with tempfile.TemporaryDirectory() as home, override_settings(HUIQI_HOME=Path(home)):
            loading.load(3_000, 7)

    def test_owners_have_firms_that_fit_and_one_of_them_has_two(self) -> None:
        firms = {
            person.login_name: [
                EnterpriseFacts.objects.get(pk=hat.organisation_id)
                for hat in person.hats(timezone.localdate())
                if hat.role == "owner"
            ]
            for person in Person.objects.all()
        }
        for owner, trades, place in (
            ("noodles", {"62"}, "6531"),
            ("textiles", {"17", "18"}, "6529"),
            ("software", {"65"}, "6501"),
        ):
            (firm,) = firms[owner]
            assert firm.industry_code[:2] in trades
            assert firm.organisation.region_id.startswith(place)
        assert len({firm.pk for firm in firms["twofirms"]}) == 2

    def test_a_tax_officer_certifies_what_a_firm_of_her_prefecture_declares_of_its_taxes(self) -> None:
        noodles, officer = (Person.objects.get(login_name=name) for name in ("noodles", "tax"))
        owner = Actor(noodles, noodles.hats(timezone.localdate())[0])
        declared = declare(owner, "monthly_sales", "8.6", timezone.localdate()).declaration
        actor = Actor(officer, officer.hats(timezone.localdate())[0])
        assert actor.organisation is not None
        assert (actor.organisation.organ_function, actor.jurisdiction) == ("tax", "6531")
        assert list(decidable(actor)) == [declared]

    def test_an_officer_sees_the_firms_of_her_county_and_no_others(self) -> None:
        officer = Person.objects.get(login_name="county")
        actor = Actor(officer, officer.hats(timezone.localdate())[0])
        seen = Organisation.objects.enterprises().visible_to(actor)
        assert seen and {firm.region_id for firm in seen} == {"653101"}
