"""Two clocks for each step: the one that the law sets, and the one that the service promises.

Both are shown, each with its label and its source. A pause stops a clock only where its own rule allows the reason, so
that a promise can stand still while the law's time runs on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from .calendar import Calendar
from .deadlines import PROMISE, STATUTORY, Deadline, deadline, deadlines
from .reckoning import Extension, Pause, Reckoning, reckon_rule


@dataclass(frozen=True)
class Step:
    """One step with its clocks; either may be missing. Each :class:`Reckoning` has its rule with label and source."""

    statutory: Reckoning | None
    promised: Reckoning | None

    @property
    def clocks(self) -> tuple[Reckoning, ...]:
        """Those that there are, the law's first."""
        return tuple(clock for clock in (self.statutory, self.promised) if clock is not None)

    @property
    def first(self) -> Reckoning | None:
        """The clock that ends first, of those that run."""
        running = [clock for clock in self.clocks if clock.last_day is not None]
        return min(running, key=lambda clock: clock.last_day or dt.date.max, default=None)


def step(
    name: str,
    start: dt.date,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    extension: Extension | None = None,
) -> Step:
    """The step that a rule is about, with the clock that stands beside it. Raises ClockProblem.

    The extension is that of the rule named; the other clock runs without it.
    """
    rule = deadline(name, start)
    pauses = tuple(pauses)
    named = reckon_rule(rule, start, calendar, pauses, extension)
    other = _beside(rule, start)
    beside = None
    if other is not None:
        beside = reckon_rule(other, start, calendar, (each for each in pauses if each.reason in other.pauses))
    return Step(named, beside) if rule.kind == STATUTORY else Step(beside, named)


def rules(name: str, start: dt.date) -> tuple[Deadline, ...]:
    """The rule and the one that stands beside it, the law's first. Raises ClockProblem."""
    rule = deadline(name, start)
    other = _beside(rule, start)
    both = (rule,) if other is None else (rule, other)
    return tuple(sorted(both, key=lambda each: each.kind != STATUTORY))


def _beside(rule: Deadline, on: dt.date) -> Deadline | None:
    """The rule that stands beside this one: the law's beside a promise, a promise beside the law's."""
    if rule.kind == PROMISE:
        return deadline(rule.beside, on) if rule.beside is not None else None
    return next(
        (
            version
            for versions in deadlines().values()
            for version in versions
            if version.beside == rule.id and version.in_force(on)
        ),
        None,
    )
