"""What the day brings: obligations are opened, warned of, and climb when they are overdue.

:func:`plan` says what would happen and changes nothing; :func:`run` does it. Each obligation is judged anew under its
row's lock at the moment of the step, and by the journal itself, so that nobody who has acted is ever warned or reported.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from huiqi.journal import Act, act, machine
from huiqi.journal.models import Event
from huiqi.registry.models import Organisation

from ..models import EscalationStep, Obligation
from ..models.obligations import (
    CALENDAR_MISSING,
    DROPPED,
    FULFILLED,
    NO_OWNER,
    OPEN,
    OVERDUE,
    STILL_OVERDUE,
)
from ..queries import ObligationQuerySet
from .dating import Days, days_of, next_climb
from .definitions import Duty, Period, duties
from .events import acted, fell_away, occasion_of
from .places import Above, Organs, Owing
from .telling import CLIMBED, WARNED, Told, tell

WHO = machine("duties")
#: So many obligations are opened in one act.
BATCH = 2_000
#: A number of our own for PostgreSQL's advisory locks: one opens the duties of a period at a time.
OPENING = 48477


@dataclass(frozen=True)
class Opening:
    """A duty that a period opens: for whom it is opened anew, and whose day had passed before anybody was told."""

    duty: Duty
    period: Period
    due: dt.date | None
    undated: str
    owing: tuple[Owing, ...]
    too_late: bool = False


@dataclass(frozen=True)
class Climb:
    """An obligation that climbs: the places on the way, of which the last is the organ that it reaches, or nobody."""

    obligation: Obligation
    reason: str
    way: tuple[Above, ...]

    @property
    def reaches(self) -> Organisation | None:
        return self.way[-1].organ if self.way else None


@dataclass
class Plan:
    """What a day brings. ``closed`` are obligations whose owner has acted, or that fell away: nobody is warned of them."""

    today: dt.date
    openings: list[Opening] = field(default_factory=list)
    warnings: list[Obligation] = field(default_factory=list)
    climbs: list[Climb] = field(default_factory=list)
    closed: list[tuple[Obligation, Event]] = field(default_factory=list)


@dataclass
class Done:
    """What was done: how many were opened, warned of, have climbed, were closed, got another day."""

    opened: int = 0
    warned: int = 0
    climbed: int = 0
    closed: int = 0
    redated: int = 0


def plan(today: dt.date, organs: Organs | None = None) -> Plan:
    """What would happen today; nothing is written."""
    there = organs or Organs(today)
    found = Plan(today, list(_openings(today, there)))
    for obligation in _to_warn(today):
        if (event := _settled(obligation)) is not None:
            found.closed.append((obligation, event))
        else:
            found.warnings.append(obligation)
    for obligation in _to_climb(today):
        if (event := _settled(obligation)) is not None:
            found.closed.append((obligation, event))
        else:
            found.climbs.append(_way(obligation, there))
    return found


def run(today: dt.date) -> Done:
    """Do what the day brings. May be run at any time and as often as one likes."""
    organs = Organs(today)
    done = Done()
    done.redated = redate(today, missing_only=True)
    done.closed += drop_filled_gaps(today, organs)
    for opening in _openings(today, organs):
        if not opening.too_late:
            done.opened += open_period(opening, today, organs)
    for pk in list(_to_warn(today).values_list("pk", flat=True)):
        outcome = warn(pk, today)
        done.warned += outcome == WARNED
        done.closed += outcome == CLOSED
    for pk in list(_to_climb(today).values_list("pk", flat=True)):
        outcome = climb(pk, today, organs)
        done.climbed += outcome == CLIMBED
        done.closed += outcome == CLOSED
    return done


# --- opening ----------------------------------------------------------------------------------------------------------


def _openings(today: dt.date, organs: Organs) -> Iterator[Opening]:
    for duty in duties().values():
        if duty.period is None:
            continue
        period = duty.period_of(today)
        days = days_of(duty, period.first, today)
        there = set(Obligation.objects.filter(duty=duty.id, occasion=period.key).values_list("organ", "region"))
        known = {organ for organ, _ in there if organ is not None}
        gaps = {region for organ, region in there if organ is None}
        owing: dict[tuple[int | None, str], Owing] = {}
        for each in organs.owing(duty):
            missing = each.organ is None and each.region not in gaps
            if missing or (each.organ is not None and each.organ not in known):
                owing.setdefault((each.organ, each.region if each.organ is None else ""), each)
        if owing:
            too_late = days.due is not None and days.due < today
            yield Opening(duty, period, days.due, days.undated, tuple(owing.values()), too_late)


def open_period(opening: Opening, today: dt.date, organs: Organs) -> int:
    """Open a duty for everybody who owes it in a period. The number opened; those that are there stay as they are."""
    duty, period = opening.duty, opening.period
    days = days_of(duty, period.first, today)
    opened = 0
    for start in range(0, len(opening.owing), BATCH):
        details = {"duty": duty.id, "occasion": period.key}
        with act(WHO, "duty.opened", articles=duty.articles, details=details) as this:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OPENING])
            there = set(Obligation.objects.filter(duty=duty.id, occasion=period.key).values_list("organ", "region"))
            known = {organ or region for organ, region in there}
            rows = [
                _new(duty, owing, period.key, days, period.first, today)
                for owing in opening.owing[start : start + BATCH]
                if (owing.organ or owing.region) not in known
            ]
            _place(rows, today, organs)
            this.details["count"] = len(rows)
            opened += len(rows)
    return opened


def _new(duty: Duty, owing: Owing, occasion: str, days: Days, starts_on: dt.date, today: dt.date) -> Obligation:
    owned = owing.organ is not None
    return Obligation(
        duty=duty.id,
        organ_id=owing.organ,
        region_id=owing.region,
        occasion=occasion,
        starts_on=starts_on,
        opened_on=today,
        rule=duty.rule or "",
        due=days.due,
        undated=days.undated,
        warn_on=days.warn_on if owned else None,
        climb_on=days.climb_on if owned else None,
    )


def _place(rows: list[Obligation], today: dt.date, organs: Organs) -> None:
    """Write new obligations. One that nobody owns is a finding, and stands at once with the organ above (article 56(2))."""
    ways: dict[str, tuple[Above, ...]] = {}
    for row in rows:
        if row.organ_id is None:
            way = ways.setdefault(row.region_id, tuple(organs.above_a_gap(row.region_id)))
            row.holder = way[-1].organ
            row.level = 1 if row.holder is not None else 0
    Obligation.objects.bulk_create(rows)
    EscalationStep.objects.bulk_create(
        _step(row, number, above, NO_OWNER, today, row.level if above.organ is not None else 0)
        for row in rows
        if row.organ_id is None
        for number, above in enumerate(ways[row.region_id], start=1)
    )


def _step(obligation: Obligation, number: int, above: Above, reason: str, today: dt.date, level: int) -> EscalationStep:
    return EscalationStep(
        obligation=obligation,
        number=number,
        level=level,
        on=today,
        from_organ_id=obligation.holder_id if reason != NO_OWNER and obligation.holder_id else obligation.organ_id,
        to_organ=above.organ,
        region=above.region,
        reason=above.reason or reason,
        due=obligation.due,
    )


def open_after(duty: Duty, event: Event, owing: Owing, starts_on: dt.date, organs: Organs) -> bool:
    """Open a duty after an event, on the day of the event. False when it stands there already."""
    occasion, today = occasion_of(event), timezone.localtime(event.at).date()
    with act(WHO, "duty.opened", articles=duty.articles, subject=owing.organ, region=owing.region) as this:
        same = Obligation.objects.filter(duty=duty.id, occasion=occasion)
        same = (
            same.filter(organ=owing.organ) if owing.organ is not None else same.filter(organ=None, region=owing.region)
        )
        if same.exists():
            return False
        row = _new(duty, owing, occasion, days_of(duty, starts_on, today), starts_on, today)
        row.object_kind, row.object_id, row.opening_event = event.object_kind, event.object_id, event.pk
        _place([row], today, organs)
        this.about(row)
        this.details |= {"duty": duty.id, "occasion": occasion, "event": event.pk}
        return True


def drop_filled_gaps(today: dt.date, organs: Organs) -> int:
    """End the findings that a place has no organ for a duty, where it has one now. The number ended."""
    dropped = 0
    for duty in duties().values():
        if duty.period is None:
            continue
        open_gaps = Obligation.objects.open().filter(duty=duty.id, organ=None)
        if not open_gaps.exists():
            continue
        lacking = {owing.region for owing in organs.owing(duty) if owing.organ is None}
        for pk in list(open_gaps.exclude(region__in=lacking).values_list("pk", flat=True)):
            with transaction.atomic():
                obligation = _held(pk)
                if obligation is not None:
                    with _on_record("duty.fell_away", obligation):
                        _end(obligation, DROPPED, today)
                        obligation.save()
                    dropped += 1
    return dropped


def _end(obligation: Obligation, state: str, on: dt.date) -> None:
    obligation.state, obligation.closed_at, obligation.closed_on = state, timezone.now(), on


# --- warning and climbing ---------------------------------------------------------------------------------------------

CLOSED, NOTHING = "closed", ""


def _to_warn(today: dt.date) -> ObligationQuerySet:
    return Obligation.objects.open().filter(warn_on__lte=today, warned_at=None, due__gte=today).order_by("due", "pk")


def _to_climb(today: dt.date) -> ObligationQuerySet:
    return Obligation.objects.open().filter(climb_on__lte=today).order_by("due", "pk")


def _settled(obligation: Obligation) -> Event | None:
    """The event by which an obligation is settled although it is still open here."""
    return acted(obligation) or fell_away(obligation)


def _held(pk: int) -> Obligation | None:
    """The obligation, held until the end of the transaction, if it is still open."""
    return Obligation.objects.select_for_update(of=("self",)).filter(pk=pk, state=OPEN).first()


def _on_record(verb: str, obligation: Obligation, **more: object) -> contextlib.AbstractContextManager[Act]:
    return act(
        WHO,
        verb,
        about=obligation,
        articles=obligation.definition.articles,
        subject=obligation.organ_id,
        region=obligation.region_id,
        **more,  # type: ignore[arg-type]
    )


def warn(pk: int, today: dt.date) -> str:
    """Warn whoever owes it, unless she has acted. What was done: WARNED, CLOSED (she had acted), or nothing."""
    with transaction.atomic():
        obligation = _held(pk)
        if obligation is None or obligation.warned_at is not None or obligation.organ_id is None:
            return NOTHING
        if obligation.warn_on is None or obligation.warn_on > today:
            return NOTHING
        if close_if_settled(obligation):
            return CLOSED
        with _on_record("duty.warned", obligation):
            obligation.warned_at = timezone.now()
            obligation.save(update_fields=["warned_at"])
            tell(Told(WARNED, obligation))
        return WARNED


def climb(pk: int, today: dt.date, organs: Organs | None = None) -> str:
    """Let an overdue obligation climb, unless whoever owes it has acted. CLIMBED, CLOSED or nothing.

    Each place on the way is a step on record: the organ that it reaches, or why a place has none.
    """
    with transaction.atomic():
        obligation = _held(pk)
        if obligation is None or obligation.climb_on is None or obligation.climb_on > today:
            return NOTHING
        if close_if_settled(obligation):
            return CLOSED
        found = _way(obligation, organs or Organs(today))
        with _on_record("duty.climbed", obligation) as this:
            number = obligation.steps.count()
            for above in found.way:
                number += 1
                obligation.level += above.organ is not None
                step = _step(obligation, number, above, found.reason, today, obligation.level)
                step.save()
            reaches = found.reaches
            obligation.holder = reaches or obligation.holder
            obligation.climb_on = next_climb(today) if reaches is not None else None
            obligation.save(update_fields=["level", "holder", "climb_on"])
            this.details |= {"level": obligation.level, "to": reaches.pk if reaches is not None else None}
            tell(Told(CLIMBED, obligation, step))
        return CLIMBED


def _way(obligation: Obligation, organs: Organs) -> Climb:
    """Where an obligation climbs next, and why."""
    reason = STILL_OVERDUE if obligation.level else OVERDUE
    standing = obligation.holder or organs.get(obligation.organ_id)
    if standing is not None and standing.organ_function:
        return Climb(obligation, reason, tuple(organs.above(standing)))
    functions = obligation.definition.supervised_by
    return Climb(obligation, reason, tuple(organs.supervisor(obligation.region_id, functions)))


def close_if_settled(obligation: Obligation) -> bool:
    """Close an obligation that is held, if the journal says that whoever owes it has acted or that it fell away."""
    event = acted(obligation)
    state = FULFILLED
    if event is None:
        event, state = fell_away(obligation), DROPPED
    if event is None:
        return False
    with _on_record("duty.fulfilled" if state == FULFILLED else "duty.fell_away", obligation) as this:
        _end(obligation, state, timezone.localtime(event.at).date())
        obligation.closing_event = event.pk
        obligation.closed_for_id = event.organisation if state == FULFILLED else None
        obligation.save()
        this.details["event"] = event.pk
    return True


# --- other days -------------------------------------------------------------------------------------------------------


def redate(today: dt.date, *, missing_only: bool = False) -> int:
    """Reckon the open obligations anew, after a calendar has changed; with ``missing_only`` those without a day.

    A day that comes to lie in the past takes effect tomorrow: nobody becomes overdue by an entry in a calendar. The
    number of obligations that got another day.
    """
    chosen = Obligation.objects.open().exclude(rule="")
    chosen = chosen.filter(undated=CALENDAR_MISSING) if missing_only else chosen
    same = ("duty", "starts_on", "opened_on", "due", "undated")
    changed = 0
    for group in list(chosen.order_by(*same).values(*same).distinct()):
        duty = duties()[group["duty"]]
        days = days_of(duty, group["starts_on"], group["opened_on"])
        if (days.due, days.undated) == (group["due"], group["undated"]):
            continue
        details = {"duty": duty.id, "before": group["due"], "after": days.due}
        with act(WHO, "duty.redated", articles=duty.articles, details=details) as this:
            rows = Obligation.objects.open().filter(**group)
            rows.filter(organ__isnull=False, level=0).update(
                warn_on=days.warn_on, climb_on=max(days.climb_on, today + dt.timedelta(1)) if days.climb_on else None
            )
            number = rows.update(due=days.due, undated=days.undated)
            this.details["count"] = number
        changed += number
    return changed
