"""An organ brings in its own enterprises only, and learns nothing of those of others."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from registry_world import TODAY, demo_code

from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, RosterImport, Statement
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data
from huiqi.registry.roster import importer
from huiqi.registry.roster.area import Area, may_import
from huiqi.registry.roster.importer import RosterReport, import_roster
from huiqi.rules.dictionary import dictionary

pytestmark = pytest.mark.django_db

KASHGAR, COUNTY, HOTAN = "653100", "653101", "653201"
PREFECTURE = Area("6531")
TABLES: tuple[type[models.Model], ...] = (Organisation, EnterpriseFacts, Statement, RosterImport)


def bring_in(text: str, area: Area | None = PREFECTURE, *, dry_run: bool = False) -> RosterReport:
    return import_roster(
        io.BytesIO(text.encode()), by=None, dry_run=dry_run, allow_fictitious=True, within=area
    )  # fmt: skip


def on_file(number: int, region: str | None, *, corps: bool | None = None, stated: str | None = None) -> Organisation:
    """An enterprise on file; ``stated`` is its fact of registration where it is not its region."""
    firm = Organisation.objects.create(kind="enterprise", name_zh="样例", uscc=demo_code(number), region_id=region)
    row = EnterpriseFacts.objects.create(organisation=firm)
    row.record(
        {"registration_region": stated or region, "is_bingtuan": corps, "employees": 5},
        Statement.objects.create(source="imported", made_on=TODAY),
    )
    Organisation.objects.filter(pk=firm.pk).update(region_id=region)
    return firm


def everything() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


def told(report: RosterReport) -> list[tuple[Any, ...]]:
    """The errors as they are told, without the value that the file itself gave."""
    errors = [problem for problem in report.problems if problem.severity == "error"]
    return [(problem.row, problem.column, problem.what, problem.remedy) for problem in errors]


# --- the area of an actor ---------------------------------------------------------------------------------------------


def test_the_area_is_that_of_the_organ_and_leaves_out_what_it_may_not_read(
    organ: Callable[..., Organisation], actor: Callable[..., Actor]
) -> None:
    bureau = Area.of(actor(organ(KASHGAR)))
    assert (bureau.prefix, bureau.corps_only) == ("6531", False)
    assert "veteran_hires" in bureau.barred
    assert "revenue" not in bureau.barred
    assert "difficulty_hires" not in Area.of(actor(organ(COUNTY, "human_resources"))).barred
    assert Area.of(actor(organ("650000", "statistics", is_bingtuan=True))) == Area(
        "65", True, frozenset(fact.name for fact in dictionary().stored if fact.sensitivity == "sensitive")
    )


@pytest.mark.parametrize(
    ("function", "role", "may"),
    [
        ("industry_and_it", "officer", True),
        ("statistics", "supervisor", True),
        ("industry_and_it", "clerk", False),
        ("industry_and_it", "auditor", False),
        ("industry_and_it", "administrator", False),
        ("audit", "officer", False),
        ("letters_and_visits", "officer", False),
    ],
)
def test_officers_of_certifying_organs_import_and_nobody_else(
    organ: Callable[..., Organisation], actor: Callable[..., Actor], function: str, role: str, may: bool
) -> None:
    somebody = actor(organ(KASHGAR, function), role)
    assert may_import(somebody) is may
    if not may:
        with pytest.raises(PermissionDenied):
            Area.of(somebody)


def test_owners_banks_and_the_public_import_nothing(
    enterprise: Callable[..., Organisation], actor: Callable[..., Actor]
) -> None:
    bank = enterprise(kind="bank")
    for somebody in (Actor(), actor(enterprise(), "owner"), actor(bank, "officer")):
        assert not may_import(somebody)


# --- rows -------------------------------------------------------------------------------------------------------------


def test_an_organ_brings_in_new_enterprises_and_changes_those_of_its_area(reference: None) -> None:
    on_file(1, "653125")
    report = bring_in(f"uscc,name,登记地,从业人员\n{demo_code(1)},,,7\n{demo_code(2)},样例二号,{COUNTY},8\n")
    assert report.written, told(report)
    assert (report.new, report.updated) == (1, 1)
    assert Organisation.objects.get(uscc=demo_code(2)).region_id == COUNTY
    assert EnterpriseFacts.objects.get(organisation__uscc=demo_code(1)).employees == 7


@pytest.mark.parametrize("region", [HOTAN, "650000", "110105"])
def test_a_row_that_the_file_places_elsewhere_is_refused_on_file_or_not(reference: None, region: str) -> None:
    text = f"uscc,name,登记地,从业人员\n{demo_code(1)},样例,{region},7\n{demo_code(2)},样例,{COUNTY},7\n"
    before = everything()
    (alone,) = bring_in(text).problems
    assert (alone.row, alone.column, alone.value) == (2, "登记地", region)
    assert "辖区" in alone.what.zh and "your office's area" in alone.what.en
    assert "删去这一行" in alone.remedy.zh and "delete the row" in alone.remedy.en
    assert everything() == before
    on_file(1, HOTAN)
    before = everything()
    report = bring_in(text)
    assert told(report) == [(alone.row, alone.column, alone.what, alone.remedy)]
    assert (report.new, report.updated, report.unchanged, report.written) == (0, 0, 0, False)
    assert everything() == before


def test_an_enterprise_of_the_area_is_not_sent_out_of_it(reference: None) -> None:
    on_file(1, COUNTY)
    before = everything()
    assert not bring_in(f"uscc,登记地\n{demo_code(1)},{HOTAN}\n").accepted
    assert everything() == before


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("header", ["uscc,name,从业人员", "uscc,name,从业人员,登记地"])
def test_a_row_without_a_place_tells_nothing_of_enterprises_elsewhere(
    reference: None, header: str, dry_run: bool
) -> None:
    text = f"{header}\n{demo_code(1)},样例,7" + (",\n" if "登记地" in header else "\n")
    nowhere = told(bring_in(text, dry_run=dry_run))
    assert [error[:2] for error in nowhere] == [(2, "uscc")]
    on_file(1, HOTAN)
    before = everything()
    assert told(bring_in(text, dry_run=dry_run)) == nowhere
    assert everything() == before


def test_a_row_without_a_name_tells_nothing_of_enterprises_elsewhere(reference: None) -> None:
    for row in (f"{demo_code(1)},{COUNTY},7", f"{demo_code(1)},,7"):
        text = f"uscc,登记地,从业人员\n{row}\n"
        Organisation.objects.all().delete()
        nowhere = told(bring_in(text))
        assert nowhere
        firm = on_file(1, HOTAN)
        assert told(bring_in(text)) == nowhere
        firm.facts.delete()


@pytest.mark.parametrize(
    ("region", "stated"), [(HOTAN, None), (None, "110105"), (None, None), (COUNTY, HOTAN), (HOTAN, COUNTY)]
)
def test_an_enterprise_on_file_elsewhere_is_not_taken_over(
    reference: None, region: str | None, stated: str | None
) -> None:
    on_file(1, region, stated=stated)
    before = everything()
    (problem,) = bring_in(f"uscc,name,登记地,从业人员\n{demo_code(1)},样例,{COUNTY},7\n").problems
    assert (problem.row, problem.value) == (2, demo_code(1))
    for words in (problem.what.zh, problem.what.en, problem.remedy.zh, problem.remedy.en):
        assert not any(word in words for word in ("和田", "Hotan", "已登记", "在册", "on file", "exists", HOTAN))
    assert everything() == before


def test_one_row_of_another_area_and_nothing_of_the_file_is_imported(reference: None) -> None:
    report = bring_in(f"uscc,name,登记地\n{demo_code(1)},样例,{COUNTY}\n{demo_code(2)},样例,{HOTAN}\n")
    assert not report.accepted
    assert not Organisation.objects.filter(kind="enterprise").exists()


def test_a_place_that_does_not_exist_is_told_once(reference: None) -> None:
    report = bring_in(f"uscc,name,登记地\n{demo_code(1)},样例,653199\n{demo_code(2)},样例,65310\n")
    assert [(problem.row, problem.column) for problem in report.problems] == [(3, "登记地"), (2, "登记地")]


def test_facts_that_the_organ_may_not_read_are_refused_as_a_column(
    organ: Callable[..., Organisation], actor: Callable[..., Actor]
) -> None:
    text = f"uscc,name,登记地,招用退役士兵\n{demo_code(1)},样例,{COUNTY},1\n"
    (problem,) = bring_in(text, Area.of(actor(organ(KASHGAR)))).problems
    assert (problem.row, problem.column) == (1, "招用退役士兵")
    assert bring_in(text, Area.of(actor(organ(KASHGAR, "veterans_affairs")))).written


def test_without_an_area_an_operator_imports_everything(reference: None) -> None:
    on_file(1, HOTAN)
    report = bring_in(f"uscc,name,登记地\n{demo_code(1)},新名,{COUNTY}\n{demo_code(2)},样例,110105\n", None)
    assert report.written
    assert (report.new, report.updated) == (1, 1)


# --- the Corps --------------------------------------------------------------------------------------------------------

CORPS = Area("65", corps_only=True)


@pytest.mark.parametrize(
    ("stated", "known", "accepted"),
    [
        ("是", None, True),
        ("否", None, False),
        ("", None, False),
        ("", True, True),
        ("是", True, True),
        ("否", True, False),
        ("", False, False),
        ("是", False, False),
        ("", "unknown", False),
        ("是", "unknown", False),
    ],
)
def test_an_organ_of_the_corps_brings_in_enterprises_of_the_corps_only(
    reference: None, stated: str, known: bool | str | None, accepted: bool
) -> None:
    if known is not None:
        on_file(1, COUNTY, corps=None if known == "unknown" else bool(known))
    before = everything()
    report = bring_in(f"uscc,name,登记地,兵团企业\n{demo_code(1)},样例,{COUNTY},{stated}\n", CORPS)
    assert report.written is accepted
    if not accepted:
        assert everything() == before


def test_a_regional_organ_brings_in_all_that_is_registered_in_its_region(reference: None) -> None:
    on_file(1, COUNTY, corps=True)
    report = bring_in(f"uscc,name,登记地,从业人员,兵团企业\n{demo_code(1)},,,7,\n{demo_code(2)},样例,{COUNTY},7,是\n")
    assert report.written


# --- what changes meanwhile -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_enterprise_that_moves_away_during_the_import_stops_it(
    reference: None, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    firm = on_file(1, COUNTY)
    copy = importer._Import._copy

    def copy_while_it_moves(self: Any) -> None:
        copy(self)
        Organisation.objects.filter(pk=firm.pk).update(region_id=HOTAN)

    monkeypatch.setattr(importer._Import, "_copy", copy_while_it_moves)
    report = bring_in(f"uscc,从业人员\n{demo_code(1)},7\n", dry_run=dry_run)
    assert [problem.row for problem in report.problems if problem.severity == "error"] == [2]
    assert not report.written and report.updated == 0
    assert EnterpriseFacts.objects.get().employees == 5


# --- all of it at once ------------------------------------------------------------------------------------------------

regions = st.sampled_from([None, COUNTY, "653125", HOTAN, "650000", "110105"])
known_regions = st.sampled_from([None, COUNTY, "653125", HOTAN])
yes_no = st.sampled_from([None, True, False])
firms = st.one_of(st.none(), st.tuples(known_regions, regions, yes_no))
rows = st.tuples(st.booleans(), regions, yes_no)
areas = st.sampled_from([PREFECTURE, Area(COUNTY), Area("65"), Area("6531", True), CORPS])


class TestNothingOfAnotherAreaIsTouched(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        load_reference_data()
        cls.organs = {
            area: Organisation.objects.create(
                kind="organ",
                name_zh="样例机关",
                region_id=area.prefix.ljust(6, "0"),
                organ_function="industry_and_it",
                is_bingtuan=area.corps_only,
            )
            for area in (PREFECTURE, Area(COUNTY), Area("65"), Area("6531", True), CORPS)
        }
        cls.person = Person.objects.create_user("officer", display_name="样例")
        cls.hats = {
            area: Membership.objects.create(
                person=cls.person, organisation=organ, role="officer", start=dt.date(2020, 1, 1)
            )
            for area, organ in cls.organs.items()
        }

    @given(areas, st.lists(st.tuples(firms, rows), min_size=1, max_size=3))
    @hypothesis_settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
    def test_what_an_organ_does_not_see_stays_as_it_is_and_what_it_brings_in_it_sees(
        self, area: Area, drawn: list[tuple[tuple[str | None, str | None, bool | None] | None, tuple[Any, ...]]]
    ) -> None:
        actor = Actor(self.person, self.hats[area])
        lines = ["uscc,name,登记地,兵团企业,从业人员"]
        for number, (known, (named, region, corps)) in enumerate(drawn, start=1):
            if known is not None:
                on_file(number, known[0], stated=known[1], corps=known[2])
            word = {None: "", True: "是", False: "否"}[corps]
            lines.append(f"{demo_code(number)},{'新名' if named else ''},{region or ''},{word},9")
        seen = set(Organisation.objects.enterprises().visible_to(actor).values_list("pk", flat=True))
        unseen = EnterpriseFacts.objects.exclude(pk__in=seen).order_by("pk").values()
        before, names = list(unseen), list(Organisation.objects.exclude(pk__in=seen).order_by("pk").values())
        text = "\n".join(lines) + "\n"
        trial = bring_in(text, Area.of(actor), dry_run=True)
        report = bring_in(text, Area.of(actor))
        assert told(trial) == told(report)
        assert (trial.new, trial.updated, trial.unchanged) == (report.new, report.updated, report.unchanged)
        brought = Organisation.objects.enterprises().filter(facts__employees=9)
        if report.written:
            assert set(brought) <= set(Organisation.objects.enterprises().visible_to(actor))
            assert brought.count() == len(drawn)
        else:
            assert not brought.exists()
        assert (
            list(
                EnterpriseFacts.objects.filter(pk__in=[each["organisation_id"] for each in before])
                .order_by("pk")
                .values()
            )
            == before
        )
        assert list(Organisation.objects.filter(pk__in=[each["id"] for each in names]).order_by("pk").values()) == names
