"""An overdue clock of a case climbs by itself: to the supervisors of the office, then from office to office above.

It climbs on the first day after the last one, and again each time the office to which it climbed has let the time of the
rule ``escalation.climb`` pass (articles 54 and 56 of the measures). A clock that stands still or was extended is not
overdue: its last day is reckoned anew before anybody is told. When three quarters of the time are over whoever looks
after the case is warned.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from huiqi.journal import act, machine
from huiqi.law.duties.dating import next_climb, warn_day
from huiqi.law.duties.places import Organs
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.permissions import Actor
from huiqi.registry.vocabulary import SUPERVISOR

from . import clocks, telling
from .acting import By, note_step
from .models import Case, CaseClock, Entry
from .models.entries import CLIMBED, WARNED
from .vocabulary import HANDLER, SUPERIOR

#: Who writes the line of a climb in the timeline.
SYSTEM = By("system")


@dataclass(frozen=True)
class Climb:
    """One step up: ``level`` 1 is the supervisors of the handling office, each one more an office above it."""

    clock: CaseClock
    level: int
    to: Organisation


def run(today: dt.date) -> tuple[int, int]:
    """Warn and let climb what is due to it today. How many were warned, how many climbed. May be run again on the same day."""
    organs = Organs(today)
    warned = climbed = 0
    for pk in _looked_at(today):
        with transaction.atomic():
            clock = _held(pk)
            if clock is None:
                continue
            _judge_again(clock)
            if clock.due is None:
                continue
            told = _told(clock)
            if today > clock.due:
                climb = _next(clock, told, today, organs)
                if climb is not None:
                    _let_climb(climb, today)
                    climbed += 1
            elif today >= warn_day(clock.starts_on, clock.due) and WARNED not in (each.event for each in told):
                _warn(clock)
                warned += 1
    return warned, climbed


def _looked_at(today: dt.date) -> list[int]:
    """Clocks of which three quarters are over, and those without a last day that do not stand still: the calendar may have come."""
    running = CaseClock.objects.filter(stopped_on__isnull=True).order_by("due", "pk")
    return [
        pk
        for pk, starts_on, due, pauses in running.values_list("pk", "starts_on", "due", "pauses")
        if (today >= warn_day(starts_on, due) if due is not None else all(each["to"] for each in pauses))
    ]


def _held(pk: int) -> CaseClock | None:
    """The clock with its case locked, if it still runs; None while somebody else acts on the case: the next run sees it."""
    case = (
        Case.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("handling", "region")
        .filter(clocks__pk=pk)
        .first()
    )
    if case is None:
        return None
    clock = CaseClock.objects.filter(pk=pk, stopped_on__isnull=True).first()
    if clock is not None:
        clock.case = case
    return clock


def _judge_again(clock: CaseClock) -> None:
    """Reckon the last day anew with the pauses, the extension and the calendar of today."""
    due = clocks.last_day(clock)
    if due == clock.due:
        return
    with act(machine("cases"), "case.redated", about=clock.case, region=clock.case.region_id):
        clock.due = due
        clock.save(update_fields=["due"])
        clocks.refresh(clock.case)
        clock.case.save(update_fields=["due"])


def _told(clock: CaseClock) -> list[Entry]:
    """What was told of this clock with this last day and this office, the latest last."""
    found = Entry.objects.filter(case=clock.case, event__in=(WARNED, CLIMBED), data__contains=telling.clock_mark(clock))
    return list(found.order_by("at", "pk"))


def _next(clock: CaseClock, told: Iterable[Entry], today: dt.date, organs: Organs) -> Climb | None:
    """The step up that is due today; None when the office where it stands still has time, and at the top."""
    steps = [each for each in told if each.event == CLIMBED]
    if steps and today < next_climb(timezone.localtime(steps[-1].at).date()):
        return None
    way = [clock.case.handling, *(organ for pk in clock.case.overseers if (organ := organs.get(pk)) is not None)]
    return Climb(clock, len(steps) + 1, way[len(steps)]) if len(steps) < len(way) else None


def _let_climb(climb: Climb, today: dt.date) -> None:
    clock, case = climb.clock, climb.clock.case
    data = {**telling.clock_mark(clock), "step": clock.step, "level": climb.level, "to": climb.to.pk}
    with act(machine("cases"), "case.climbed", about=case, articles=(54, 56), region=case.region_id) as this:
        this.details |= {"level": climb.level, "to": climb.to.pk, "on": today.isoformat()}
        note_step(case, SYSTEM, CLIMBED, "", data, (HANDLER, SUPERIOR))
    part = HANDLER if climb.level == 1 else SUPERIOR
    people = _supervisors(case, climb.to, part, today)
    for person in people:
        telling.tell_person(case, person, CLIMBED, part, clock)
    if not people:
        telling.tell_organisation(case, climb.to, CLIMBED, part, clock)


def _warn(clock: CaseClock) -> None:
    """Tell whoever looks after the case, or the office while it is nobody's."""
    case = clock.case
    with act(machine("cases"), "case.warned", about=case, articles=(52,), region=case.region_id):
        note_step(case, SYSTEM, WARNED, "", {**telling.clock_mark(clock), "step": clock.step}, (HANDLER,))
    if case.handler is not None:
        telling.tell_person(case, case.handler, WARNED, clock=clock)
    else:
        telling.tell_organisation(case, case.handling, WARNED, clock=clock)


def _supervisors(case: Case, organ: Organisation, part: str, today: dt.date) -> list[Person]:
    """The supervisors of an office who have no conflict of interest in the case."""
    hats = Membership.objects.active_on(today).filter(organisation=organ, role=SUPERVISOR, person__is_active=True)
    return [
        hat.person
        for hat in hats.select_related("person", "organisation__region").order_by("person", "pk")
        if Case.objects.in_part(Actor(hat.person, hat), part).filter(pk=case.pk).exists()
    ]
