"""The clock: one reckoning for every legal time. Pure: no Django, no database.

``deadline(id, on)`` gives the rule in the law of a day, ``reckon_rule`` the last day and the way to it, ``day_lines`` the
reason of each day, ``step`` the two clocks of a step.
"""

from .calendar import Arrangement, Calendar, SpecialDay, calendar_names, shipped_calendar
from .deadlines import Deadline, deadline, deadlines, pause_reasons
from .problems import CalendarMissing, ClockProblem
from .reckoning import Extension, Pause, Period, Reckoning, reckon, reckon_rule
from .steps import Step, step
from .telling import DayLine, day_lines, length_words, notes, sentence

__all__ = [
    "Arrangement",
    "Calendar",
    "CalendarMissing",
    "ClockProblem",
    "DayLine",
    "Deadline",
    "Extension",
    "Pause",
    "Period",
    "Reckoning",
    "SpecialDay",
    "Step",
    "calendar_names",
    "day_lines",
    "deadline",
    "deadlines",
    "length_words",
    "notes",
    "pause_reasons",
    "reckon",
    "reckon_rule",
    "sentence",
    "shipped_calendar",
    "step",
]
