"""Importing rosters: all or nothing, the second time nothing, and no certificate is overruled."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from registry_world import TODAY, certified, declared, demo_code, real_code

from huiqi.registry.models import EnterpriseFacts, Organisation, RosterImport, Statement
from huiqi.registry.permissions import Actor
from huiqi.registry.roster import importer
from huiqi.registry.roster.importer import RosterReport, import_roster
from huiqi.registry.vocabulary import CERTIFIED, DECLARED, DERIVED, IMPORTED

pytestmark = pytest.mark.django_db

GOOD = (
    "统一社会信用代码,企业名称,登记地,行业代码,从业人员,营业收入,称号\n"
    f"{demo_code(1)},喀什样例纺织（样例）,653101,1711,12,86.5,无\n"
    f"{demo_code(2)},和田样例果业（样例）,653201,1371,,120,科技型中小企业\n"
)
TABLES: tuple[type[models.Model], ...] = (Organisation, EnterpriseFacts, Statement, RosterImport)


def bring_in(text: str, *, dry_run: bool = False, **options: Any) -> RosterReport:
    options = {"by": None, "allow_fictitious": True} | options
    return import_roster(io.BytesIO(text.encode()), dry_run=dry_run, **options)


def everything() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


def facts_of(code: str) -> EnterpriseFacts:
    return EnterpriseFacts.objects.get(organisation__uscc=code)


# --- what goes in -----------------------------------------------------------------------------------------------------


def test_a_roster_makes_enterprises_with_facts_and_one_statement(reference: None) -> None:
    report = bring_in(GOOD)
    assert report.accepted and report.written
    assert (report.rows, report.new, report.updated, report.unchanged) == (2, 2, 0, 0)
    first = facts_of(demo_code(1))
    assert first.organisation.name_zh == "喀什样例纺织（样例）"
    assert first.organisation.name_pinyin.startswith("ka shi")
    assert first.organisation.region_id == "653101"
    assert first.values()["revenue"] == 86.5
    assert first.state_of("titles") == "none"
    assert facts_of(demo_code(2)).state_of("employees") == "unknown"
    (statement,) = Statement.objects.all()
    assert statement.source == "imported"
    assert statement.roster_import == report.roster_import
    assert set(first.provenance.values()) == {statement.pk}
    assert set(first.provenance) == {"registration_region", "industry_code", "employees", "revenue", "titles"}


def test_a_dry_run_says_the_same_and_writes_nothing(reference: None) -> None:
    before = everything()
    report = bring_in(GOOD, dry_run=True)
    assert (report.new, report.updated, report.unchanged) == (2, 0, 0)
    assert report.accepted and not report.written
    assert everything() == before
    bring_in(GOOD)
    before = everything()
    assert bring_in(GOOD.replace("86.5", "87"), dry_run=True).updated == 1
    assert everything() == before


def test_dry_run_is_the_default(reference: None) -> None:
    assert import_roster(io.BytesIO(GOOD.encode()), by=None, allow_fictitious=True).dry_run
    assert not Organisation.objects.exists()


def test_the_second_import_of_a_file_changes_nothing(reference: None) -> None:
    bring_in(GOOD)
    before = everything()
    report = bring_in(GOOD)
    assert (report.new, report.updated, report.unchanged) == (0, 0, 2)
    after = everything()
    assert len(after.pop("RosterImport")) == len(before.pop("RosterImport")) + 1
    assert after == before


def test_what_differs_is_updated_by_credit_code_and_blank_cells_leave_what_is_known(reference: None) -> None:
    bring_in(GOOD)
    report = bring_in(
        f"uscc,name,employees,revenue,registration_region\n{demo_code(1)},喀什样例棉业（样例）,13,,653125\n{demo_code(2)},,,,\n"
    )
    assert (report.new, report.updated, report.unchanged) == (0, 1, 1)
    first = facts_of(demo_code(1))
    assert first.organisation.name_zh == "喀什样例棉业（样例）"
    assert first.organisation.region_id == "653125"
    assert first.values()["employees"] == 13
    assert first.values()["revenue"] == 86.5
    assert first.provenance["employees"] != first.provenance["revenue"]
    assert facts_of(demo_code(2)).organisation.name_zh == "和田样例果业（样例）"


def test_a_new_name_alone_is_an_update_without_a_statement(reference: None) -> None:
    bring_in(GOOD)
    assert bring_in(f"uscc,name\n{demo_code(1)},新名\n").updated == 1
    assert Statement.objects.count() == 1
    assert Organisation.objects.get(uscc=demo_code(1)).name_pinyin == "xin ming"


def test_after_a_large_import_the_planner_of_the_database_knows_how_many_there_are(reference: None) -> None:
    # Else a small import that follows goes through all facts of all enterprises for each of its rows.
    tables = ["registry_organisation", "registry_enterprisefacts"]
    with connection.cursor() as cursor:
        cursor.execute("analyze")
        lines = [f"{demo_code(9_000 + number)},样例{number}（样例）,5" for number in range(importer.MANY)]
        assert bring_in("\n".join(["uscc,name_zh,employees", *lines])).new == importer.MANY
        cursor.execute("select reltuples from pg_class where relname = any(%s)", [tables])
        assert all(rows >= importer.MANY for (rows,) in cursor.fetchall())


def test_an_enterprise_of_another_province_has_no_region_here(reference: None) -> None:
    bring_in(f"uscc,name,registration_region,operating_region\n{demo_code(1)},样例,110105,653101\n")
    assert Organisation.objects.get(uscc=demo_code(1)).region is None
    assert facts_of(demo_code(1)).registration_region == "110105"


def test_an_import_knows_who_made_it_and_is_seen_by_that_organ_only(
    organ: Callable[..., Organisation], actor: Callable[..., Actor]
) -> None:
    office, other = actor(organ("653100")), actor(organ("653200"))
    report = bring_in(GOOD, by=office.person, organisation=office.organisation)
    made = report.roster_import
    assert made is not None
    assert (made.by, made.organisation, made.rows) == (office.person, office.organisation, 2)
    assert len(made.sha256) == 64
    assert Statement.objects.get().by == office.person
    assert list(RosterImport.objects.visible_to(office)) == [made]
    assert not RosterImport.objects.visible_to(other).exists()


def test_a_roster_may_be_a_path(reference: None, tmp_path: Path) -> None:
    path = tmp_path / "名册.csv"
    path.write_bytes(GOOD.encode("gb18030"))
    report = import_roster(path, by=None, dry_run=False, allow_fictitious=True)
    assert report.roster_import is not None
    assert report.roster_import.file_name == "名册.csv"


# --- what stays out ---------------------------------------------------------------------------------------------------

NEW = f"{demo_code(3)},样例三号,653101,1711,5,10,无"


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (NEW.replace(demo_code(3), demo_code(3)[:-1] + "?"), "统一社会信用代码", ""),
        (NEW.replace(demo_code(3), ""), "统一社会信用代码", "credit code is missing"),
        (NEW.replace(demo_code(3), demo_code(1)), "统一社会信用代码", "same code is in row 2"),
        (NEW.replace("样例三号", ""), "企业名称", "no name"),
        (NEW.replace("653101", "659901"), "登记地", "no region"),
        (NEW.replace("653101", "990000"), "登记地", "no region"),
        (NEW.replace("1711", "9911"), "行业代码", "no division 99"),
        (NEW.replace("1711", "111"), "行业代码", "leading zero"),
        (NEW.replace(",5,", ",-5,"), "从业人员", "negative"),
        (NEW.replace(",10,", ",ten,"), "营业收入", "number"),
        (NEW.replace(",无", ",皇冠"), "称号", "no option"),
    ],
)
def test_one_bad_row_and_nothing_is_imported(reference: None, line: str, column: str, reason: str) -> None:
    before = everything()
    report = bring_in(GOOD + line + "\n")
    (problem,) = [problem for problem in report.problems if problem.severity == "error"]
    assert (problem.row, problem.column) == (4, column)
    assert reason in problem.what.en
    assert not report.accepted and not report.written
    assert everything() == before
    assert problem.what.zh in report.problems_csv("zh-hans")


def test_a_roster_without_credit_codes_is_refused(reference: None) -> None:
    report = bring_in("企业名称,营业收入\n样例,5\n")
    assert "uscc" in report.problems.listed[0].what.en
    assert not Organisation.objects.exists()


def test_an_unreadable_file_is_refused(reference: None) -> None:
    report = bring_in("")
    assert not report.accepted and not report.written


def test_an_industry_that_is_not_in_the_table_yet_is_accepted_with_a_warning(reference: None) -> None:
    report = bring_in(f"uscc,name,registration_region,industry_code\n{demo_code(1)},样例,653101,1799\n")
    (problem,) = report.problems
    assert problem.severity == "warning"
    assert "1799" in problem.what.en
    assert report.written


def test_a_secondary_industry_of_no_division_is_refused(reference: None) -> None:
    report = bring_in(f"uscc,name,registration_region,secondary_industry_codes\n{demo_code(1)},样例,653101,1711;9911\n")
    assert [problem.value for problem in report.problems] == ["9911"]


def test_the_code_of_a_bank_is_refused_in_a_roster_of_enterprises(reference: None) -> None:
    Organisation.objects.create(kind="bank", name_zh="样例银行", uscc=demo_code(1))
    report = bring_in(GOOD)
    (problem,) = [problem for problem in report.problems if problem.severity == "error"]
    assert problem.row == 2
    assert "bank" in problem.what.en
    assert not EnterpriseFacts.objects.exists()


def test_enterprises_without_a_place_of_registration_are_warned_of(reference: None) -> None:
    report = bring_in(f"uscc,name\n{demo_code(1)},样例\n")
    assert [problem.severity for problem in report.problems] == ["warning"]


@pytest.mark.parametrize(
    ("demo", "code", "accepted"),
    [(False, demo_code(1), False), (True, demo_code(1), True), (False, real_code(1), True)],
)
def test_a_live_system_refuses_the_codes_of_the_demonstration(
    reference: None, settings: Any, demo: bool, code: str, accepted: bool
) -> None:
    settings.HUIQI_DEMO = demo
    report = import_roster(io.BytesIO(f"uscc,name\n{code},样例\n".encode()), by=None, dry_run=False)
    assert report.accepted is accepted
    assert Organisation.objects.exists() is accepted


def test_when_somebody_else_enters_an_enterprise_meanwhile_nothing_is_imported(
    reference: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = importer._Import._plan

    def plan_and_be_overtaken(self: Any) -> None:
        plan(self)
        Organisation.objects.create(kind="enterprise", name_zh="样例", uscc=demo_code(2))

    monkeypatch.setattr(importer._Import, "_plan", plan_and_be_overtaken)
    report = bring_in(GOOD)
    assert "Import the file again" in report.problems.listed[-1].remedy.en
    assert not report.written and report.roster_import is None and report.new == 0
    assert not any(everything().values())


# --- who may overrule whom --------------------------------------------------------------------------------------------


def test_an_import_does_not_replace_what_is_certified_and_keeps_it_as_a_claim(reference: None) -> None:
    bring_in(GOOD)
    authority = certified()
    facts_of(demo_code(1)).record({"revenue": 80}, authority)
    before = facts_of(demo_code(1))
    report = bring_in(GOOD.replace("86.5", "95"))
    assert report.updated == 1
    after = facts_of(demo_code(1))
    assert after.values()["revenue"] == 80
    assert after.source_of("revenue") == authority
    assert after.claims["revenue"]["value"] == "95.0000"
    assert Statement.objects.get(pk=after.claims["revenue"]["statement"]).roster_import == report.roster_import
    assert after.provenance == before.provenance
    assert bring_in(GOOD.replace("86.5", "95")).unchanged == 2


def test_a_certified_import_replaces_what_was_imported_and_keeps_it_as_a_claim(reference: None) -> None:
    first = bring_in(GOOD)
    bring_in(GOOD.replace("86.5", "80"), statement=certified())
    facts = facts_of(demo_code(1))
    assert facts.values()["revenue"] == 80
    source = facts.source_of("employees")
    assert source is not None and source.source == "certified"
    assert facts.claims == {
        "revenue": {"value": "86.5000", "statement": Statement.objects.get(roster_import=first.roster_import).pk}
    }
    assert bring_in(GOOD.replace("86.5", "80"), statement=certified()).unchanged == 2


def test_a_claim_is_settled_when_the_roster_agrees_after_all(reference: None) -> None:
    bring_in(GOOD, statement=certified())
    bring_in(GOOD.replace("86.5", "95"))
    assert "revenue" in facts_of(demo_code(1)).claims
    assert bring_in(GOOD).updated == 1
    assert facts_of(demo_code(1)).claims == {}


def test_a_certificate_that_has_ended_gives_way_to_an_import(reference: None) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    bring_in(GOOD, statement=certified(made_on=yesterday, valid_until=yesterday))
    bring_in(GOOD.replace("86.5", "95"), statement=Statement(source=IMPORTED, made_on=TODAY))
    assert facts_of(demo_code(1)).values(TODAY)["revenue"] == 95


def test_a_certificate_is_renewed_by_importing_the_same_values_again(reference: None) -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    bring_in(GOOD, statement=certified(valid_until=TODAY))
    assert "revenue" not in facts_of(demo_code(1)).values(tomorrow)
    assert bring_in(GOOD, statement=certified(valid_until=tomorrow)).updated == 2
    assert facts_of(demo_code(1)).values(tomorrow)["revenue"] == 86.5


kinds = st.sampled_from([DECLARED, IMPORTED, CERTIFIED, DERIVED])
figures = st.one_of(st.none(), st.sampled_from(["0", "1.5", "7"]))
steps = st.lists(st.tuples(kinds, st.sampled_from([None, 0, 1]), figures, figures), min_size=1, max_size=5)


class TestAnImportIsARecord(TestCase):
    """The set-based import and the row-based record follow the same rules, whatever came before."""

    @given(steps)
    @hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    def test_an_import_leaves_the_same_values_and_claims_as_recording_one_by_one(
        self, history: list[tuple[str, int | None, str | None, str | None]]
    ) -> None:
        by_record, by_import = (
            EnterpriseFacts.objects.create(
                organisation=Organisation.objects.create(kind="enterprise", name_zh="样例", uscc=demo_code(number))
            )
            for number in (1, 2)
        )
        for day, (source, valid_for, revenue, assets) in enumerate(history):
            made_on = TODAY + dt.timedelta(days=day)

            def statement(
                made_on: dt.date = made_on, source: str = source, valid_for: int | None = valid_for
            ) -> Statement:
                until = None if valid_for is None else made_on + dt.timedelta(days=valid_for)
                make = certified if source == CERTIFIED else declared
                made = make(made_on, valid_until=until)
                made.source = source
                return made

            by_record.record({"revenue": revenue, "total_assets": assets}, statement())
            text = f"uscc,revenue,total_assets\n{demo_code(2)},{revenue or ''},{assets or ''}\n"
            assert bring_in(text, statement=statement()).written
            by_import.refresh_from_db()
            assert by_import.values() == by_record.values() | {"uscc": demo_code(2)}
            assert {n: c["value"] for n, c in by_import.claims.items()} == {
                n: c["value"] for n, c in by_record.claims.items()
            }
            for name in by_import.provenance:
                one, other = by_record.source_of(name), by_import.source_of(name)
                assert one is not None and other is not None
                assert one.rank == other.rank
                assert one.valid_on(made_on) == other.valid_on(made_on)
