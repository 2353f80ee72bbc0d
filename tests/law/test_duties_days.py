"""What days bring: opened once, warned at three quarters, climbing step by step, and nobody who has acted is touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from offices import AKSU, KASHGAR, KASHGAR_CITY, REGION, TODAY, firm, office, somebody

from huiqi.journal import act, machine, note, sealing
from huiqi.journal.models import Change, Event
from huiqi.law.calendars import load_calendars
from huiqi.law.duties import running
from huiqi.law.duties.closing import NoProof, fulfil, may_waive, record, recordable, waive
from huiqi.law.duties.dating import warn_day
from huiqi.law.duties.reading import read_all
from huiqi.law.duties.running import plan, run
from huiqi.law.duties.telling import Told
from huiqi.law.models import CalendarYear, EscalationStep, Obligation
from huiqi.law.models.obligations import (
    DROPPED,
    FULFILLED,
    NO_ORGAN,
    NO_OWNER,
    NOBODY_ABOVE,
    OVERDUE,
    STILL_OVERDUE,
    WAIVED,
)
from huiqi.registry.declaring import certify, declare, withdraw
from huiqi.registry.evidence import Evidence
from huiqi.registry.models import Organisation
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(1)


@pytest.fixture(autouse=True)
def known() -> None:
    load_reference_data()
    load_calendars()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    heard: list[Told] = []
    monkeypatch.setattr("huiqi.law.duties.telling._tellers", [heard.append])
    return heard


def of(organ: Organisation | None, duty: str, **more: Any) -> Obligation:
    return Obligation.objects.get(organ=organ, duty=duty, **more)


def all_writes() -> tuple[int, int]:
    return Event.objects.count(), Change.objects.count()


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_period_opens_its_duties_once_for_every_owner() -> None:
    bureau = office("finance")
    run(TODAY)
    disclosure = of(bureau, "disclosure.public")
    assert (disclosure.occasion, disclosure.due, disclosure.starts_on) == (
        "2026",
        dt.date(2026, 3, 31),
        dt.date(2026, 1, 1),
    )
    assert disclosure.opened_on == TODAY and disclosure.region_id == KASHGAR
    before = Obligation.objects.count()
    assert run(TODAY).opened == 0 and run(TODAY + DAY).opened == 0
    assert Obligation.objects.count() == before


def test_opening_is_one_act_a_duty_under_its_articles() -> None:
    office("finance", KASHGAR), office("finance", AKSU)
    run(TODAY)
    opened = Event.objects.filter(verb="duty.opened", details__duty="bank.assessment")
    assert [event.articles for event in opened] == [[14]]
    assert Change.objects.filter(event=opened.get(), kind="law.obligation").count() == opened.get().details["count"]


def test_a_quarter_opens_anew() -> None:
    meeting = office("financial_regulation")
    run(TODAY)
    run(dt.date(2026, 4, 1))
    found = Obligation.objects.filter(organ=meeting, duty="financing.meeting").order_by("due")
    assert [(each.occasion, str(each.due)) for each in found] == [("2026-Q1", "2026-03-31"), ("2026-Q2", "2026-06-30")]


def test_nobody_is_blamed_for_a_day_that_had_passed_before_she_was_told() -> None:
    bureau = office("finance")
    late = dt.date(2026, 4, 1)
    found = plan(late)
    skipped = {opening.duty.id for opening in found.openings if opening.too_late}
    assert "disclosure.public" in skipped and "bank.assessment" not in skipped
    run(late)
    assert not Obligation.objects.filter(organ=bureau, duty="disclosure.public").exists()
    assert of(bureau, "bank.assessment").due == dt.date(2026, 12, 31)


def test_an_organ_that_comes_later_gets_its_duties_on_the_next_day() -> None:
    run(TODAY)
    bureau = office("statistics")
    run(TODAY + DAY)
    assert of(bureau, "statistics.publish").opened_on == TODAY + DAY


def test_a_place_without_an_owner_is_a_finding_that_is_shown_above(told: list[Told]) -> None:
    prefecture = office("industry_and_it", KASHGAR)
    run(TODAY)
    finding = of(None, "bank.assessment", region=KASHGAR_CITY)
    assert (finding.holder, finding.level, finding.climb_on) == (prefecture, 1, None)
    (step,) = finding.steps.all()
    assert (step.reason, step.to_organ, step.from_organ) == (NO_OWNER, prefecture, None)
    assert finding.warn_on is None and told == []


def test_a_finding_ends_when_the_place_gets_its_organ() -> None:
    run(TODAY)
    bureau = office("finance", KASHGAR_CITY)
    run(TODAY + DAY)
    assert of(None, "bank.assessment", region=KASHGAR_CITY).state == DROPPED
    assert of(bureau, "bank.assessment").state == "open"


def test_a_large_enterprise_owes_its_own() -> None:
    large = firm(1, industry_code="1711", employees=1500, revenue="50000")
    run(TODAY)
    assert of(large, "disclosure.large").due == dt.date(2026, 6, 30)


# --- warning ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "due", "expected"),
    [
        ("2026-01-01", "2026-12-31", "2026-10-01"),
        ("2026-03-02", "2026-03-31", "2026-03-24"),
        ("2026-03-02", "2026-03-06", "2026-03-05"),
        ("2026-03-02", "2026-03-03", "2026-03-03"),
        ("2026-03-02", "2026-03-02", "2026-03-02"),
        ("2026-03-05", "2026-03-02", "2026-03-02"),
    ],
)
def test_a_warning_is_due_when_three_quarters_of_the_time_are_over(opened: str, due: str, expected: str) -> None:
    assert str(warn_day(dt.date.fromisoformat(opened), dt.date.fromisoformat(due))) == expected


def test_a_warning_goes_out_once_and_not_before_its_day(told: list[Told]) -> None:
    bureau = office("court", KASHGAR)
    run(TODAY)
    disclosure = of(bureau, "disclosure.public")
    assert disclosure.warn_on == dt.date(2026, 3, 24)
    run(dt.date(2026, 3, 23))
    assert of(bureau, "disclosure.public").warned_at is None
    assert run(dt.date(2026, 3, 24)).warned > 0
    assert of(bureau, "disclosure.public").warned_at is not None
    assert run(dt.date(2026, 3, 25)).warned == 0
    mine = [each for each in told if each.kind == "warned" and each.obligation.pk == disclosure.pk]
    assert len(mine) == 1
    event = Event.objects.get(verb="duty.warned", object_id=str(disclosure.pk))
    assert (event.articles, event.subject, event.machine) == ([49], bureau.pk, "duties")


def test_whoever_has_fulfilled_it_is_not_warned(told: list[Told]) -> None:
    bureau = office("court", KASHGAR)
    run(TODAY)
    disclosure = of(bureau, "disclosure.public")
    fulfil(somebody(bureau), disclosure.pk, "已在网站公布", None)
    run(dt.date(2026, 3, 30))
    assert not [each for each in told if each.obligation.pk == disclosure.pk]


def test_whoever_has_acted_is_not_warned_even_before_the_reader_has_come_so_far(told: list[Told]) -> None:
    department = office("industry_and_it", REGION)
    january = dt.date(2026, 1, 2)
    run(january)
    load = of(department, "calendar.load")
    administrator = somebody(department, "administrator")
    note(administrator.who, "calendar.arranged", details={"calendar": "xinjiang", "year": 2026})
    assert running.warn(load.pk, dt.date(2026, 1, 30)) == running.CLOSED
    assert of(department, "calendar.load").state == FULFILLED
    assert told == []
    assert not Event.objects.filter(verb="duty.warned").exists()


def test_what_fulfils_another_year_does_not_fulfil_this_one() -> None:
    department = office("industry_and_it", REGION)
    run(dt.date(2026, 1, 2))
    load = of(department, "calendar.load")
    who = somebody(department, "administrator").who
    note(who, "calendar.arranged", details={"calendar": "xinjiang", "year": 2025})
    note(who, "calendar.arranged", details={"calendar": "national", "year": 2026})
    assert running.warn(load.pk, dt.date(2026, 1, 30)) == "warned"


# --- climbing ---------------------------------------------------------------------------------------------------------


def test_what_is_overdue_climbs_step_by_step_with_its_reasons(told: list[Told]) -> None:
    county, prefecture = office("finance", KASHGAR_CITY), office("finance", KASHGAR)
    department, government = office("finance", REGION), office("government", REGION)
    run(TODAY)
    run(dt.date(2026, 3, 31))
    assert of(county, "disclosure.public").level == 0  # the last day is still hers
    run(dt.date(2026, 4, 1))
    first = of(county, "disclosure.public")
    assert (first.level, first.holder) == (1, prefecture)
    assert first.climb_on == dt.date(2026, 4, 16)
    run(dt.date(2026, 4, 15))
    assert of(county, "disclosure.public").level == 1
    run(dt.date(2026, 4, 16))
    run(dt.date(2026, 5, 1))
    run(dt.date(2026, 5, 16))
    steps = list(first.steps.all())
    assert [(step.number, step.level, step.reason, step.from_organ, step.to_organ) for step in steps] == [
        (1, 1, OVERDUE, county, prefecture),
        (2, 2, STILL_OVERDUE, prefecture, department),
        (3, 3, STILL_OVERDUE, department, government),
        (4, 3, NOBODY_ABOVE, government, None),
    ]
    last = of(county, "disclosure.public")
    assert (last.level, last.holder, last.climb_on) == (3, government, None)
    assert [each.step for each in told if each.obligation.pk == first.pk and each.kind == "climbed"] == steps
    assert Event.objects.filter(verb="duty.climbed", object_id=str(first.pk)).count() == 4


def test_a_place_without_an_organ_is_a_step_with_the_reason_why_not() -> None:
    county, department = office("court", KASHGAR_CITY), office("court", REGION)
    run(TODAY)
    run(dt.date(2026, 4, 1))
    steps = of(county, "disclosure.public").steps.all()
    assert [(step.reason, step.region_id, step.to_organ) for step in steps] == [
        (NO_ORGAN, KASHGAR, None),
        (OVERDUE, REGION, department),
    ]


def test_an_enterprise_climbs_to_who_supervises_it_in_its_own_place() -> None:
    large = firm(1, industry_code="1711", employees=1500, revenue="50000")
    office("industry_and_it", KASHGAR)
    supervisor = office("market_regulation", KASHGAR)
    run(TODAY)
    run(dt.date(2026, 7, 1))
    found = of(large, "disclosure.large")
    assert found.holder == supervisor
    assert [(step.reason, step.to_organ) for step in found.steps.all()] == [(NO_ORGAN, None), (OVERDUE, supervisor)]


def test_whoever_has_acted_is_never_reported(told: list[Told]) -> None:
    bureau = office("finance", KASHGAR_CITY)
    office("finance", KASHGAR)
    run(TODAY)
    disclosure = of(bureau, "disclosure.public")
    fulfil(somebody(bureau), disclosure.pk, "网址：example.cn", None)
    for day in range(1, 40):
        run(dt.date(2026, 3, 31) + day * DAY)
    assert not disclosure.steps.exists()
    assert not [each for each in told if each.obligation.pk == disclosure.pk]


def test_steps_are_only_added() -> None:
    run(TODAY)
    step = EscalationStep.objects.first()
    assert step is not None
    for change in (lambda: EscalationStep.objects.filter(pk=step.pk).update(reason=OVERDUE), lambda: step.delete()):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            change()


def test_climbing_twice_on_a_day_takes_one_step() -> None:
    county = office("finance", KASHGAR_CITY)
    office("finance", KASHGAR)
    run(TODAY)
    for _ in range(3):
        run(dt.date(2026, 4, 1))
    assert of(county, "disclosure.public").steps.count() == 1


# --- the dry run ------------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_a_run_then_does_and_writes_nothing() -> None:
    county, prefecture = office("finance", KASHGAR_CITY), office("finance", KASHGAR)
    before = all_writes()
    planned = plan(TODAY)
    assert all_writes() == before and not Obligation.objects.exists()
    opened = run(TODAY).opened
    assert opened == sum(len(opening.owing) for opening in planned.openings if not opening.too_late)
    later = dt.date(2026, 4, 1)
    before = all_writes()
    planned = plan(later)
    assert all_writes() == before
    climbing = {climb.obligation.pk: climb for climb in planned.climbs}
    disclosure = of(county, "disclosure.public")
    assert climbing[disclosure.pk].reaches == prefecture
    done = run(later)
    assert done.climbed == len(planned.climbs) and done.warned == len(planned.warnings)


def test_a_dry_run_names_those_who_have_acted_instead_of_threatening_them() -> None:
    department = office("industry_and_it", REGION)
    run(dt.date(2026, 1, 2))
    note(somebody(department, "administrator").who, "calendar.arranged", details={"calendar": "xinjiang", "year": 2026})
    planned = plan(dt.date(2026, 1, 31))
    assert of(department, "calendar.load").pk in {obligation.pk for obligation, _ in planned.closed}
    assert of(department, "calendar.load").pk not in {obligation.pk for obligation in planned.warnings}


# --- events -----------------------------------------------------------------------------------------------------------


def read_journal() -> Any:
    sealing.seal()
    return read_all()


def test_a_declaration_opens_the_duty_to_decide_it_and_the_decision_closes_it() -> None:
    tax = office("tax", KASHGAR)
    owner = somebody(firm(), "owner")
    declared = declare(owner, "vat_type", "small_scale", dt.date(2026, 11, 24)).declaration
    assert read_journal().opened == 1
    owed = of(tax, "fact.decide")
    assert (owed.object_kind, owed.object_id, owed.state) == ("registry.declaration", str(declared.pk), "open")
    assert owed.region_id == KASHGAR_CITY
    certify(somebody(tax), declared.pk, dt.date(2026, 11, 24))
    assert read_journal().closed == 1
    closed = of(tax, "fact.decide")
    assert closed.state == FULFILLED and closed.closed_for == tax
    assert Event.objects.get(pk=closed.closing_event).verb == "declaration.certified"


def test_a_declaration_that_is_withdrawn_is_owed_no_more() -> None:
    tax = office("tax", KASHGAR)
    owner = somebody(firm(), "owner")
    declared = declare(owner, "vat_type", "small_scale", dt.date(2026, 11, 24)).declaration
    read_journal()
    withdraw(owner, declared.pk)
    read_journal()
    assert of(tax, "fact.decide").state == DROPPED


def test_events_are_read_once_whoever_reads() -> None:
    office("tax", KASHGAR)
    declare(somebody(firm(), "owner"), "vat_type", "small_scale", dt.date(2026, 11, 24))
    assert read_journal().opened == 1
    assert read_journal().opened == 0
    from huiqi.journal.models import Reader

    Reader.objects.update(position=-1)
    assert read_all().opened == 0
    assert Obligation.objects.filter(duty="fact.decide").count() == 1


def test_where_no_organ_decides_a_fact_it_is_a_finding() -> None:
    declare(somebody(firm(), "owner"), "vat_type", "small_scale", dt.date(2026, 11, 24))
    read_journal()
    finding = of(None, "fact.decide")
    assert finding.region_id == KASHGAR_CITY and finding.warn_on is None
    assert [step.reason for step in finding.steps.all()] == [NO_ORGAN, NO_ORGAN, NOBODY_ABOVE]


def test_an_officer_records_an_event_that_no_page_makes_yet() -> None:
    government = office("government", KASHGAR)
    officer = somebody(government)
    assert [duty.id for duty in recordable(officer)] == ["emergency.package"]
    record(officer, "emergency.package", dt.date(2026, 3, 5), "洪水")
    assert read_journal().opened == 1
    package = of(government, "emergency.package")
    assert (str(package.starts_on), str(package.due)) == ("2026-03-05", "2026-03-12")
    assert package.due is not None and package.due.weekday() < 5
    note(officer.who, "emergency.package_issued")
    read_journal()
    assert of(government, "emergency.package").state == FULFILLED


def test_only_the_organ_whose_duty_it_is_records_its_events() -> None:
    assert recordable(somebody(office("finance", KASHGAR), "clerk")) == []
    assert [duty.id for duty in recordable(somebody(office("finance", AKSU)))] == ["fee_catalogue.publish"]
    assert recordable(somebody(firm(), "owner")) == []
    with pytest.raises(PermissionDenied):
        record(somebody(office("court", KASHGAR)), "emergency.package", TODAY, "洪水")
    with pytest.raises(ValueError, match="not before"):
        record(somebody(office("government", KASHGAR)), "emergency.package", dt.date(2100, 1, 1), "洪水")


# --- closing by people ------------------------------------------------------------------------------------------------


def test_an_officer_shows_that_it_was_done() -> None:
    bureau = office("finance")
    run(TODAY)
    officer = somebody(bureau)
    paper = Evidence("公布.pdf", "application/pdf", b"%PDF-1.7")
    done = fulfil(officer, of(bureau, "disclosure.public").pk, " 已公布 ", paper)
    kept = Obligation.objects.get(pk=done.pk)
    assert (kept.state, kept.evidence_text, kept.evidence_name) == (FULFILLED, "已公布", "公布.pdf")
    assert (kept.closed_by, kept.closed_for, bytes(kept.evidence or b"")) == (officer.person, bureau, b"%PDF-1.7")
    event = Event.objects.get(verb="duty.fulfilled", object_id=str(kept.pk))
    assert (event.person, event.organisation) == (officer.who.person, bureau.pk)
    with pytest.raises(Obligation.DoesNotExist):
        fulfil(officer, kept.pk, "again", None)


def test_nothing_is_fulfilled_without_proof() -> None:
    bureau = office("finance")
    run(TODAY)
    with pytest.raises(NoProof):
        fulfil(somebody(bureau), of(bureau, "disclosure.public").pk, "  ", None)


@pytest.mark.parametrize("role", ["clerk", "auditor", "administrator"])
def test_only_officers_and_supervisors_of_the_organ_fulfil(role: str) -> None:
    bureau = office("finance")
    run(TODAY)
    with pytest.raises((PermissionDenied, Obligation.DoesNotExist)):
        fulfil(somebody(bureau, role), of(bureau, "disclosure.public").pk, "x", None)


def test_another_organ_does_not_fulfil_whether_it_sees_the_duty_or_not() -> None:
    bureau = office("finance", KASHGAR)
    run(TODAY)
    pk = of(bureau, "disclosure.public").pk
    with pytest.raises(PermissionDenied):
        fulfil(somebody(office("industry_and_it", KASHGAR)), pk, "x", None)
    with pytest.raises(Obligation.DoesNotExist):
        fulfil(somebody(office("industry_and_it", AKSU)), pk, "x", None)


def test_a_supervisor_above_waives_with_a_reason_and_nobody_waives_her_own() -> None:
    county, prefecture = office("finance", KASHGAR_CITY), office("finance", KASHGAR)
    run(TODAY)
    pk = of(county, "bank.assessment").pk
    above = somebody(prefecture, "supervisor")
    with pytest.raises(ValueError, match="reason"):
        waive(above, pk, " ")
    waived = waive(above, pk, "本县没有地方法人银行")
    assert (waived.state, waived.reason, waived.closed_for) == (WAIVED, "本县没有地方法人银行", prefecture)
    assert Event.objects.get(verb="duty.waived").reason == "本县没有地方法人银行"
    own = of(county, "fund.budget")
    with pytest.raises(PermissionDenied):
        waive(somebody(county, "supervisor"), own.pk, "太忙")
    with pytest.raises(PermissionDenied):
        waive(somebody(prefecture, "officer"), own.pk, "x")
    with pytest.raises((PermissionDenied, Obligation.DoesNotExist)):
        waive(somebody(office("finance", AKSU), "supervisor"), own.pk, "x")


def test_the_organ_to_which_it_has_climbed_may_waive_it() -> None:
    county, department = office("court", KASHGAR_CITY), office("court", REGION)
    run(TODAY)
    run(dt.date(2026, 4, 1))
    assert may_waive(somebody(department, "supervisor"), of(county, "disclosure.public"))
    assert not may_waive(somebody(office("finance", REGION), "supervisor"), of(county, "disclosure.public"))


# --- calendars --------------------------------------------------------------------------------------------------------


def test_without_a_calendar_there_is_no_day_and_nobody_is_warned_until_there_is_one() -> None:
    with act(machine("tests"), "calendar.loaded"):
        CalendarYear.objects.filter(calendar="xinjiang", year=2026).delete()
    bureau = office("finance")
    run(TODAY)
    undated = of(bureau, "disclosure.public")
    assert (undated.due, undated.undated, undated.warn_on, undated.climb_on) == (None, "calendar_missing", None, None)
    run(dt.date(2026, 4, 30))
    assert of(bureau, "disclosure.public").level == 0
    load_calendars()
    done = run(dt.date(2026, 5, 1))
    dated = of(bureau, "disclosure.public")
    assert done.redated > 0 and dated.due == dt.date(2026, 3, 31)
    assert dated.level == 0 and dated.climb_on == dt.date(2026, 5, 2)


def test_a_changed_calendar_changes_the_open_days_on_record() -> None:
    government = office("government", KASHGAR)
    record(somebody(government), "emergency.package", dt.date(2026, 3, 5), "洪水")
    read_journal()
    assert of(government, "emergency.package").due == dt.date(2026, 3, 12)
    with act(machine("tests"), "calendar.arranged"):
        year = CalendarYear.objects.get(calendar="xinjiang", year=2026)
        year.days.create(date=dt.date(2026, 3, 12), kind="rest", name_zh="临时放假", name_en="extra")
        year.save()
    assert read_journal().redated == 1
    assert of(government, "emergency.package").due == dt.date(2026, 3, 13)
    event = Event.objects.get(verb="duty.redated")
    assert event.details == {"duty": "emergency.package", "before": "2026-03-12", "after": "2026-03-13", "count": 1}


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_who_acts_in_the_moment_of_the_warning_is_not_warned(told: list[Told], in_parallel: Callable[..., Any]) -> None:
    """Whoever comes first holds the row; the warning waits for it, judges anew, and finds that it was done."""
    load_reference_data()
    load_calendars()
    bureau = office("court", KASHGAR)
    officer = somebody(bureau)
    run(TODAY)
    pk = of(bureau, "disclosure.public").pk
    outcome = in_parallel(
        first=lambda hold: _fulfil_slowly(officer, pk, hold),
        second=lambda: running.warn(pk, dt.date(2026, 3, 25)),
    )
    assert outcome == running.NOTHING
    kept = Obligation.objects.get(pk=pk)
    assert kept.state == FULFILLED and kept.warned_at is None
    assert told == [] and not Event.objects.filter(verb="duty.warned").exists()


@pytest.mark.django_db(transaction=True)
def test_who_acts_in_the_moment_of_the_step_up_is_not_reported(
    told: list[Told], in_parallel: Callable[..., Any]
) -> None:
    load_reference_data()
    load_calendars()
    bureau, _ = office("court", KASHGAR), office("court", REGION)
    officer = somebody(bureau)
    run(TODAY)
    pk = of(bureau, "disclosure.public").pk
    outcome = in_parallel(
        first=lambda hold: _fulfil_slowly(officer, pk, hold),
        second=lambda: running.climb(pk, dt.date(2026, 4, 1)),
    )
    assert outcome == running.NOTHING
    assert not EscalationStep.objects.filter(obligation=pk).exists() and told == []


def _fulfil_slowly(officer: Any, pk: int, hold: Callable[[], None]) -> None:
    with transaction.atomic():
        fulfil(officer, pk, "已公布", None)
        hold()


@pytest.fixture
def in_parallel() -> Callable[..., Any]:
    """Run two pieces of work in two connections: the second begins while the first holds what it has changed."""
    import threading
    import time

    from django.db import connection

    def run_both(first: Callable[[Callable[[], None]], None], second: Callable[[], Any]) -> Any:
        changed, waiting = threading.Event(), threading.Event()
        answers: list[Any] = []

        def hold() -> None:
            changed.set()
            waiting.wait(10)
            time.sleep(0.3)  # by now the second waits for the row

        def begin() -> None:
            try:
                first(hold)
            finally:
                connection.close()

        thread = threading.Thread(target=begin)
        thread.start()
        assert changed.wait(10)

        def follow() -> None:
            try:
                waiting.set()
                answers.append(second())
            finally:
                connection.close()

        follower = threading.Thread(target=follow)
        follower.start()
        thread.join(20)
        follower.join(20)
        return answers[0]

    return run_both
