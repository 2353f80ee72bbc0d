"""The clocks of a case: started, stopped, paused and extended by its steps, reckoned by the one clock of the law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from huiqi.law.calendars import calendar
from huiqi.law.clock import CalendarMissing, Extension, Pause, Step, deadline, reckon_rule, step
from huiqi.law.clock.calendar import XINJIANG
from huiqi.law.clock.deadlines import Deadline
from huiqi.law.clock.steps import rules

from .models import Case, CaseClock
from .models.clocks import ACCEPT, FINISH, FIRST_FOLLOW_UP, IN_TIME, LATE, NOT_NEEDED, SECOND_FOLLOW_UP

_FOLLOW_UPS = {FIRST_FOLLOW_UP: "complaint.follow_up_first", SECOND_FOLLOW_UP: "complaint.follow_up_second"}


def rule_of(case: Case, name: str) -> str:
    """The rule of ``law/data/deadlines.yaml`` for a step of this case."""
    return {ACCEPT: case.matter.accept, FINISH: case.matter.finish, **_FOLLOW_UPS}[name]


def start(case: Case, name: str, on: dt.date) -> CaseClock:
    """Start the clock of a step; ``on`` is the day of the event, which does not count."""
    clock = CaseClock(case=case, step=name, rule=rule_of(case, name), starts_on=on)
    clock.due = last_day(clock)
    clock.save()
    return clock


def stop(case: Case, name: str, on: dt.date, needed: bool = True) -> None:
    """Stop the running clock of a step, if it runs; how it ended stands with it."""
    for clock in case.clocks.select_for_update().filter(step=name, stopped_on__isnull=True):
        late = clock.due is not None and on > clock.due
        clock.stopped_on, clock.outcome = on, (LATE if late else IN_TIME) if needed else NOT_NEEDED
        clock.save()


def pause(case: Case, name: str, on: dt.date, reason: str) -> None:
    """Let the clock of a step stand still from this day on, for a lawful reason of its rule. Raises ClockProblem."""
    for clock in case.clocks.select_for_update().filter(step=name, stopped_on__isnull=True):
        clock.pauses = [*clock.pauses, {"from": on.isoformat(), "to": None, "reason": reason}]
        clock.due = last_day(clock)
        clock.save()


def resume(case: Case, name: str, on: dt.date) -> None:
    """Let it go on; the day itself counts again."""
    for clock in case.clocks.select_for_update().filter(step=name, stopped_on__isnull=True):
        kept = []
        for each in clock.pauses:
            if each["to"] is not None:
                kept.append(each)
            elif each["from"] < on.isoformat():  # what begins and ends on one day has stopped nothing
                kept.append(each | {"to": (on - dt.timedelta(1)).isoformat()})
        clock.pauses = kept
        clock.due = last_day(clock)
        clock.save()


def extend(case: Case, name: str, on: dt.date, approver: str, reason: str) -> tuple[dt.date | None, dt.date | None]:
    """Extend the clock of a step to the most that its rule allows. The last days before and after. Raises ClockProblem."""
    clock = case.clocks.select_for_update().get(step=name, stopped_on__isnull=True)
    rule = deadline(clock.rule, clock.starts_on)
    total = rule.extension.total if rule.extension is not None else 0
    before = clock.due
    clock.extension = {"total": total, "approver": approver, "decided_on": on.isoformat(), "reason": reason}
    clock.due = last_day(clock)
    clock.save()
    return before, clock.due


@dataclass(frozen=True)
class Told:
    """One clock as it is told: its rule and its last day. Without a day it stands still, or, where ``unknown``, the rest days of
    a year that it runs into are not known yet."""

    rule: Deadline
    last_day: dt.date | None
    unknown: bool = False


def told(
    name: str, start: dt.date, pauses: Iterable[Pause] = (), extension: Extension | None = None
) -> tuple[Told, ...]:
    """Both clocks of a step, the law's first. One that cannot be reckoned yet does not hide the other. Raises ClockProblem."""
    days, pauses = calendar(XINJIANG), tuple(pauses)
    found = []
    for rule in rules(name, start):
        own = rule.id == name
        allowed = pauses if own else tuple(each for each in pauses if each.reason in rule.pauses)
        try:
            last = reckon_rule(rule, start, days, allowed, extension if own else None).last_day
        except CalendarMissing:
            found.append(Told(rule, None, unknown=True))
        else:
            found.append(Told(rule, last))
    return tuple(found)


def reckoned(clock: CaseClock) -> Step:
    """Both clocks of the step, day by day: the law's and the promised one. Raises ClockProblem."""
    return step(clock.rule, clock.starts_on, calendar(XINJIANG), _pauses(clock.pauses), _extension(clock))


def told_of(clock: CaseClock) -> tuple[Told, ...]:
    """Both clocks of a step of a case as they are told."""
    return told(clock.rule, clock.starts_on, _pauses(clock.pauses), _extension(clock))


def _extension(clock: CaseClock) -> Extension | None:
    given = clock.extension
    if given is None:
        return None
    rule = deadline(clock.rule, clock.starts_on)
    return Extension(
        total=given["total"],
        cap=rule.extension.cap if rule.extension is not None else None,
        approver=given["approver"],
        decided_on=dt.date.fromisoformat(given["decided_on"]),
        reason=given["reason"],
    )


def last_day(clock: CaseClock) -> dt.date | None:
    """The last day by the clock that ends first; None while it stands still, or where the year's rest days are not known."""
    return min((each.last_day for each in told_of(clock) if each.last_day is not None), default=None)


def refresh(case: Case) -> None:
    """Keep the case's own last day in line with its clocks: the earliest of those that run."""
    running = case.clocks.filter(stopped_on__isnull=True, due__isnull=False).order_by("due").first()
    case.due = running.due if running is not None else None


def _pauses(kept: Iterable[dict[str, str | None]]) -> list[Pause]:
    return [
        Pause(
            dt.date.fromisoformat(str(each["from"])),
            dt.date.fromisoformat(each["to"]) if each["to"] else None,
            str(each["reason"]),
        )
        for each in kept
    ]
