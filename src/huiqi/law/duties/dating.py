"""The days of an obligation: the last one, when a warning is due, when it climbs."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from fractions import Fraction

from ..calendars import calendar
from ..clock import CalendarMissing, Reckoning, deadline, reckon_rule
from ..clock.calendar import XINJIANG
from ..models.obligations import CALENDAR_MISSING, DATED, NO_DAY
from .definitions import Duty

#: A warning goes out when so much of the time is over.
WARN_AT = Fraction(3, 4)
#: What the organ above has before an overdue obligation climbs further.
CLIMB = "escalation.climb"


@dataclass(frozen=True)
class Days:
    """``due`` is None where there is no day; ``undated`` says why. ``climb_on`` is the first day on which it is overdue."""

    due: dt.date | None
    undated: str
    warn_on: dt.date | None
    climb_on: dt.date | None


def reckoned(rule: str, starts_on: dt.date) -> Reckoning:
    """The reckoning behind a last day, in the law of the day of the event. Raises ClockProblem."""
    return reckon_rule(deadline(rule, starts_on), starts_on, calendar(XINJIANG))


def days_of(duty: Duty, starts_on: dt.date, opened_on: dt.date) -> Days:
    """The days of an obligation by the clock; the warning counts from the day on which it stands on the board."""
    if duty.rule is None:
        return Days(None, NO_DAY, None, None)
    try:
        due = reckoned(duty.rule, starts_on).last_day
    except CalendarMissing:
        return Days(None, CALENDAR_MISSING, None, None)
    assert due is not None  # nothing pauses here
    return Days(due, DATED, warn_day(opened_on, due), due + dt.timedelta(1))


def warn_day(opened_on: dt.date, due: dt.date) -> dt.date:
    """The day on which three quarters of the time are over; never after the last day."""
    return min(due, opened_on + dt.timedelta(math.ceil(WARN_AT * max((due - opened_on).days, 0))))


def next_climb(on: dt.date) -> dt.date:
    """The day on which an obligation climbs further when the organ to which it has climbed today does not see to it."""
    last = reckon_rule(deadline(CLIMB, on), on, calendar(XINJIANG)).last_day
    assert last is not None
    return last + dt.timedelta(1)
