"""An overdue clock climbs by itself: whom it reaches on which day, and what keeps it from climbing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from tests.documents.sending_town import work
from town import Town, build, handler

from huiqi.cases import overdue
from huiqi.cases.acting import Given, take
from huiqi.cases.conferring import declare_conflict
from huiqi.cases.models import Case, CaseClock, Entry
from huiqi.documents.models import Contact, Dispatch, Notice
from huiqi.documents.sending import outbox, planning

DAY = dt.timedelta(1)


@pytest.fixture
def town(db: None) -> Town:
    return build()


def clock_of(case: Case, step: str = "accept") -> CaseClock:
    return CaseClock.objects.get(case=case, step=step)


def lines(case: Case, event: str) -> list[Entry]:
    return list(Entry.objects.filter(case=case, event=event).order_by("pk"))


def told(what: str) -> set[tuple[int | None, int | None]]:
    found = Notice.objects.filter(kind="case", data__what=what)
    return set(found.values_list("person", "organisation"))


def test_it_warns_at_three_quarters_and_climbs_on_the_day_after_the_last_to_the_supervisors(town: Town) -> None:
    case = town.complain().case
    due = clock_of(case).due
    assert due is not None
    assert overdue.run(due) == (1, 0), "three quarters are over"
    assert overdue.run(due) == (0, 0), "it is told once"
    assert told("warned") == {(None, town.prefecture.pk)}, "nobody looks after it yet: the office is told"
    assert overdue.run(due + DAY) == (0, 1)
    assert overdue.run(due + DAY) == (0, 0)
    assert told("climbed") == {(town.head.person.pk, None)}
    (step,) = lines(case, "climbed")
    assert step.data["level"] == 1 and step.shown_to == ["handler", "superior"] and step.part == "system"


def test_it_climbs_further_when_the_office_lets_its_time_pass_and_no_further_than_the_top(town: Town) -> None:
    case = town.complain().case
    due = clock_of(case).due
    assert due is not None
    overdue.run(due + DAY)
    # lines are of the moment in which they are written: the days between are counted from there
    written = lines(case, "climbed")[0].at.date()
    assert overdue.run(max(due + DAY, written + 14 * DAY)) == (0, 0), "fourteen days are not over"
    assert overdue.run(max(due, written) + 16 * DAY) == (0, 1)
    assert (town.above.person.pk, None) in told("climbed")
    later = max(due, written)
    for weeks in range(3, 30, 3):
        overdue.run(later + weeks * 7 * DAY)
    levels = [each.data["level"] for each in lines(case, "climbed")]
    assert levels == list(range(1, len(levels) + 1)), "one step at a time"
    assert len(levels) <= 1 + len(Case.objects.get(pk=case.pk).overseers)


def test_a_clock_that_stands_still_neither_warns_nor_climbs(town: Town) -> None:
    case = town.complain(kind="late_payment").case
    take(handler(town.officer), case.pk, "ask_correction", Given(text="请补合同"))
    assert clock_of(case).due is None
    assert overdue.run(dt.date.today() + 300 * DAY) == (0, 0)


def test_where_the_promise_stands_still_the_law_runs_on_and_only_its_day_counts(town: Town) -> None:
    case = town.complain().case
    promised = clock_of(case).due
    take(handler(town.officer), case.pk, "ask_correction", Given(text="请补发票"))
    by_law = clock_of(case).due
    assert promised is not None and by_law is not None and by_law > promised
    assert overdue.run(promised + DAY)[1] == 0
    assert overdue.run(by_law + DAY)[1] == 1


def test_an_extended_clock_climbs_by_its_new_last_day_only(town: Town) -> None:
    case = town.complain().case
    # days of a year whose rest days are known, whatever day it is
    take(handler(town.officer), case.pk, "accept", Given(on=dt.date(2026, 6, 1)))
    before = clock_of(case, "finish").due
    take(handler(town.head), case.pk, "extend", Given(reason="案情复杂", on=dt.date(2026, 6, 10)))
    after = clock_of(case, "finish").due
    assert before is not None and after is not None and after > before
    assert overdue.run(before + DAY)[1] == 0
    assert overdue.run(after + DAY)[1] == 1


def test_a_last_day_that_is_kept_wrongly_is_reckoned_anew_before_anybody_is_told(town: Town) -> None:
    case = town.complain().case
    right = clock_of(case).due
    assert right is not None
    CaseClock.objects.filter(case=case).update(due=right - 300 * DAY)
    assert overdue.run(right - DAY)[1] == 0
    assert clock_of(case).due == right


def test_what_is_done_does_not_climb(town: Town) -> None:
    case = town.complain().case
    take(handler(town.officer), case.pk, "refuse", Given(ending="not_ours", reason="属于法院"))
    assert overdue.run(dt.date.today() + 300 * DAY) == (0, 0)


def test_a_supervisor_with_a_conflict_of_interest_is_not_told(town: Town) -> None:
    case = town.complain().case
    declare_conflict(town.head, case.pk, "亲属")
    due = clock_of(case).due
    assert due is not None
    overdue.run(due + DAY)
    assert told("climbed") == {(None, town.prefecture.pk)}


@pytest.mark.parametrize("acts", [True, False])
@pytest.mark.parametrize("what", ["warned", "climbed"])
def test_whoever_has_acted_before_a_warning_goes_out_is_not_threatened(
    town: Town, settings: Any, acts: bool, what: str
) -> None:
    settings.HUIQI_MAIL = True
    Contact.objects.create(
        person=town.head.person, channel="email", address="head@example.com", confirmed_at=timezone.now()
    )
    case = town.complain().case
    due = clock_of(case).due
    assert due is not None
    work()  # that it has come in is told
    mail.outbox.clear()
    overdue.run(due if what == "warned" else due + DAY)
    notice = Notice.objects.get(data__what=what)
    planning.plan([notice.pk], timezone.now())
    if acts:
        take(handler(town.officer), case.pk, "accept", Given())
    outbox.run()
    row = Dispatch.objects.get(notice=notice, channel="email")
    assert (row.state, row.reason) == (("not_sent", "done") if acts else ("sent", ""))
    assert len(mail.outbox) == (0 if acts else 1)
