"""The calendars of this platform: read from the database, kept by its administrator, and loud where a year is missing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max

from huiqi.journal import act, machine
from huiqi.rules.words import Words

from .clock.calendar import Arrangement, Calendar, SpecialDay, calendar_names, known_calendar, shipped_calendar
from .clock.problems import CalendarMissing
from .models import CalendarDay, CalendarYear
from .permissions import keeps_calendar

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

logger = structlog.get_logger("huiqi.clock")

#: So far do the deadlines of today reach: the longest usual one is 90 days, with weekends, festivals and a little more.
REACH = dt.timedelta(days=120)


class PlatformCalendar(Calendar):
    """A calendar of this platform; a year that is asked for and missing is also told to the operators."""

    def missing(self, year: int) -> CalendarMissing:
        logger.warning("calendar_missing", calendar=self.code, year=year)
        return super().missing(year)


#: The calendars as last read, with the stamp of the table by which a change is seen.
_read: dict[str, tuple[object, Calendar]] = {}


def calendar(code: str) -> Calendar:
    """One calendar as it stands in the database. Raises ClockProblem for a code that there is none of."""
    known_calendar(code)
    stamp = tuple(
        CalendarYear.objects.filter(calendar=code)
        .aggregate(n=Count("pk"), last=Max("changed_at"), top=Max("pk"))
        .values()
    )
    kept = _read.get(code)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    years = CalendarYear.objects.filter(calendar=code)
    days = CalendarDay.objects.filter(of__calendar=code)
    found = PlatformCalendar(
        code,
        calendar_names()[code],
        {each.date: SpecialDay(each.kind, Words(each.name_zh, each.name_en)) for each in days},  # type: ignore[arg-type]
        {each.year: Arrangement(each.source, each.confidence) for each in years},
    )
    _read[code] = (stamp, found)
    return found


def load_calendars() -> int:
    """Bring the years that ship with the product into the database; a year that somebody has changed stays.

    The number of years that were written. May be run again at any time.
    """
    with act(machine("reference data"), "calendar.loaded", articles=(52,)):
        return _load_calendars()


def _load_calendars() -> int:
    written = 0
    for code in calendar_names():
        shipped = shipped_calendar(code)
        by_year: dict[int, dict[dt.date, SpecialDay]] = defaultdict(dict)
        for day, special in shipped.days.items():
            by_year[day.year][day] = special
        kept = {each.year: each for each in CalendarYear.objects.filter(calendar=code).prefetch_related("days")}
        for year, arrangement in shipped.years.items():
            present = kept.get(year)
            if present is not None and (
                present.changed_by_id is not None or _same(present, by_year[year], arrangement)
            ):
                continue
            _write(code, year, by_year[year], arrangement, None)
            written += 1
    return written


def _same(present: CalendarYear, days: Mapping[dt.date, SpecialDay], arrangement: Arrangement) -> bool:
    return Arrangement(present.source, present.confidence) == arrangement and days_of(present) == days


def days_of(year: CalendarYear) -> dict[dt.date, SpecialDay]:
    """The special days of one year."""
    return {
        each.date: SpecialDay(each.kind, Words(each.name_zh, each.name_en))  # type: ignore[arg-type]
        for each in year.days.all()
    }


class ChangedMeanwhile(ValueError):
    """Somebody else has changed the year since it was read."""


def arrange(
    actor: Actor,
    code: str,
    year: int,
    days: Mapping[dt.date, SpecialDay],
    source: str,
    seen: dt.datetime | None,
) -> CalendarYear:
    """Put the arrangement of a year in the place of what stands there.

    ``seen`` is when the year that the administrator had before her was changed last, None where there was none. Raises
    PermissionDenied and ChangedMeanwhile.
    """
    if not keeps_calendar(actor):
        raise PermissionDenied("only the administrator of the platform keeps the calendars")
    known_calendar(code)
    with act(
        actor.who, "calendar.arranged", articles=(52,), region="650000", details={"calendar": code, "year": year}
    ) as this:
        present = CalendarYear.objects.select_for_update().filter(calendar=code, year=year).first()
        if (present.changed_at if present is not None else None) != seen:
            raise ChangedMeanwhile(f"{code} {year}")
        written = _write(code, year, days, Arrangement(source), actor)
        this.about(written)
        return written


def _write(
    code: str, year: int, days: Mapping[dt.date, SpecialDay], arrangement: Arrangement, actor: Actor | None
) -> CalendarYear:
    written, _ = CalendarYear.objects.update_or_create(
        calendar=code,
        year=year,
        defaults={
            "source": arrangement.source,
            "confidence": arrangement.confidence,
            "changed_by": actor.person if actor is not None else None,
        },
    )
    before = days_of(written)
    gone = [day for day, special in before.items() if days.get(day) != special]
    written.days.filter(date__in=gone).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(of=written, date=day, kind=special.kind, name_zh=special.name.zh, name_en=special.name.en)
        for day, special in sorted(days.items())
        if before.get(day) != special
    )
    return written


@dataclass(frozen=True)
class Gap:
    """A year that deadlines reach and no calendar has. ``now`` when it is the present one."""

    calendar: str
    year: int
    now: bool

    @property
    def name(self) -> Words:
        return calendar_names()[self.calendar]


def gaps(today: dt.date) -> list[Gap]:
    """The years that are missing for the deadlines of today, the present year first."""
    return _gaps(today, set(CalendarYear.objects.values_list("calendar", "year")))


def shipped_gaps(today: dt.date) -> list[Gap]:
    """What :func:`gaps` would say of a platform whose tables are still to be made."""
    return _gaps(today, {(code, year) for code in calendar_names() for year in shipped_calendar(code).years})


def _gaps(today: dt.date, there: Container[tuple[str, int]]) -> list[Gap]:
    needed = sorted({today.year, (today + REACH).year})
    return [
        Gap(code, year, year == today.year) for year in needed for code in calendar_names() if (code, year) not in there
    ]


def warn_of_gaps(today: dt.date) -> list[Gap]:
    """Tell the operators in the log of every year that is missing; the same list is the answer."""
    found = gaps(today)
    for gap in found:
        logger.warning("calendar_missing", calendar=gap.calendar, year=gap.year, reached_by="deadlines of today")
    return found
