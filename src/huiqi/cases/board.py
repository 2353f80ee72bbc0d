"""The queue of an office: which cases an officer looks at, by deadline, narrowed down and in order; and the load of the office.

Every list begins at a part of the actor (:meth:`~huiqi.cases.queries.CaseQuerySet.in_part`). Who complains is searched by her
exact name and by the handling office alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Q

from huiqi.law.calendars import calendar
from huiqi.law.clock import CalendarMissing
from huiqi.law.clock.calendar import XINJIANG
from huiqi.registry.models import Person

from .models import Case, CaseClock, Complainant, Handling
from .vocabulary import HANDLER, SUPERIOR

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

    from .queries import CaseQuerySet

MINE, UNASSIGNED, OFFICE, LATE, WAITING, ABOVE, CLOSED = (
    "mine",
    "unassigned",
    "office",
    "overdue",
    "waiting",
    "above",
    "closed",
)
TABS = (MINE, UNASSIGNED, OFFICE, LATE, WAITING, ABOVE, CLOSED)
#: States in which the office waits for somebody else: the complainant, a lawful reason, the delivery of the letter.
WAITING_STATES = ("supplementing", "paused", "decided")
SORTS: dict[str, tuple[Any, ...]] = {
    "due": (F("due").asc(nulls_last=True), "pk"),
    "filed": ("-filed_at", "-pk"),
    "officer": (F("handler").asc(nulls_first=True), F("due").asc(nulls_last=True), "pk"),
}
#: What is due within so many working days stands apart.
SOON = 3
#: Cases that are offered for joining were filed within so many days; a limit of the service.
SIMILAR_DAYS = 365
#: So many cases are offered for joining at most.
MOST_SIMILAR = 20
#: So many cases of a list stand on the page of the load.
MOST_LISTED = 30


@dataclass(frozen=True)
class Choice:
    """What is looked at: the tab, and what narrows it down. Empty is no restriction; ``officer`` is the id of a person."""

    tab: str = MINE
    kind: str = ""
    state: str = ""
    place: str = ""
    officer: int | None = None
    q: str = ""
    sort: str = "due"

    @property
    def narrowed(self) -> bool:
        return bool(self.kind or self.state or self.place or self.officer or self.q)


def passed_on(actor: Actor, pk: int) -> Case | None:
    """The case, if the actor's office has handled it and passed it on."""
    return Case.objects.passed_on_by(actor).filter(pk=pk).first()


def listed(actor: Actor, choice: Choice, today: dt.date) -> CaseQuerySet:
    """The cases of a tab, narrowed down and in order; without the long texts."""
    found = of_tab(actor, choice.tab, today)
    for name, value in (("kind", choice.kind), ("state", choice.state), ("handler", choice.officer)):
        if value:
            found = found.filter(**{name: value})
    if choice.place:
        found = found.filter(region__code__startswith=choice.place)
    if choice.q:
        found = found.filter(_searched(choice.q))
    return _without_words(found).order_by(*SORTS[choice.sort])


def _searched(text: str) -> Q:
    """By part of the number or of the other side's name. Where there are no capitals none are folded, which is much faster."""
    plain = text.upper() == text.lower()
    name = Q(respondent_name__contains=text) if plain else Q(respondent_name__icontains=text)
    return Q(number__contains=text.upper()) | name


def of_tab(actor: Actor, tab: str, today: dt.date) -> CaseQuerySet:
    """The cases of a tab."""
    found: CaseQuerySet = Case.objects.in_part(actor, SUPERIOR if tab == ABOVE else HANDLER)
    match tab:
        case "closed":
            return found.exclude(state__in=_open_states())
        case "mine":
            found = found.filter(handler=actor.person)
        case "unassigned":
            found = found.filter(handler__isnull=True)
        case "overdue":
            found = found.filter(due__lt=today)
        case "waiting":
            found = found.filter(state__in=WAITING_STATES)
        case _:
            pass
    return found.open()


def named(actor: Actor, name: str) -> CaseQuerySet:
    """The cases that the actor's office handles of whoever complains under exactly this name."""
    ours = Case.objects.in_part(actor, HANDLER)
    whose = Complainant.objects.visible_to(actor).filter(name=name)
    return _without_words(ours.filter(pk__in=whose.values("case"))).order_by("-filed_at", "-pk")


def _without_words(found: CaseQuerySet) -> CaseQuerySet:
    shown: CaseQuerySet = found.select_related("region", "handling", "handler").defer(
        "told", "wish", "told_to_respondent", "secret"
    )
    return shown


def _open_states() -> tuple[str, ...]:
    from .models.cases import OPEN_STATES

    return OPEN_STATES


def counts(actor: Actor, today: dt.date) -> dict[str, int]:
    """The number of open cases in each tab but the closed ones, and of the actor's own that are late or due soon."""
    mine, late = Q(handler=actor.person), Q(due__lt=today)
    soon = Q(due__gte=today, due__lte=soon_until(today))
    return Case.objects.in_part(actor, HANDLER).open().order_by().aggregate(
        mine=Count("pk", filter=mine),
        unassigned=Count("pk", filter=Q(handler__isnull=True)),
        office=Count("pk"),
        overdue=Count("pk", filter=late),
        waiting=Count("pk", filter=Q(state__in=WAITING_STATES)),
        soon=Count("pk", filter=soon),
        mine_late=Count("pk", filter=mine & late),
        mine_soon=Count("pk", filter=mine & soon),
    ) | {ABOVE: Case.objects.in_part(actor, SUPERIOR).open().count()}


def soon_until(today: dt.date) -> dt.date:
    """The third working day from today; so many plain days where the rest days of the year are not known."""
    known, day, left = calendar(XINJIANG), today, SOON
    try:
        while left:
            day += dt.timedelta(1)
            left -= known.is_working(day)
    except CalendarMissing:
        return today + dt.timedelta(SOON)
    return day


# --- the load ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """What stands with one officer (None: with nobody) or in one kind."""

    of: Person | None
    kind: str
    open: int
    soon: int
    late: int


def load(actor: Actor, today: dt.date) -> list[Load]:
    """The open cases of the actor's office by officer, whoever has most overdue first."""
    rows = list(_loads(actor, today, "handler"))
    people = Person.objects.in_bulk([row["handler"] for row in rows if row["handler"]])
    return [
        Load(people.get(row["handler"]), "", row["all"], row["soon"], row["late"])
        for row in sorted(rows, key=lambda row: (-row["late"], -row["all"]))
    ]


def load_by_kind(actor: Actor, today: dt.date) -> list[Load]:
    """The open cases of the actor's office by kind, the most frequent first."""
    rows = sorted(_loads(actor, today, "kind"), key=lambda row: -row["all"])
    return [Load(None, row["kind"], row["all"], row["soon"], row["late"]) for row in rows]


def _loads(actor: Actor, today: dt.date, by: str) -> CaseQuerySet:
    ours = Case.objects.in_part(actor, HANDLER).open().order_by()
    found: CaseQuerySet = ours.values(by).annotate(
        all=Count("pk"),
        soon=Count("pk", filter=Q(due__gte=today, due__lte=soon_until(today))),
        late=Count("pk", filter=Q(due__lt=today)),
    )
    return found


def bounced(actor: Actor) -> list[tuple[Case, int]]:
    """The open cases of the actor's office that were passed on, with how often; the most often passed on first."""
    ours = Case.objects.in_part(actor, HANDLER).open()
    passed = (
        Handling.objects.filter(case__in=ours.order_by().values("pk"), came_from__isnull=False)
        .order_by()
        .values("case")
        .annotate(times=Count("pk"))
        .order_by("-times", "case")[:MOST_LISTED]
    )
    times = {row["case"]: row["times"] for row in passed}
    found = {each.pk: each for each in _without_words(ours.filter(pk__in=times))}
    return [(found[pk], number) for pk, number in times.items() if pk in found]


# --- beside one case --------------------------------------------------------------------------------------------------


def similar(actor: Actor, case: Case) -> list[Case]:
    """Other cases of the office about the same matter against the same side within a year, the newest first: two may be one.

    For joining only; nothing is reckoned of them about anybody.
    """
    same = (
        Q(respondent=case.respondent_id)
        if case.respondent_id is not None
        else Q(respondent__isnull=True, respondent_name=case.respondent_name)
    )
    found = (
        Case.objects.in_part(actor, HANDLER)
        .filter(same, kind=case.kind, filed_at__gte=case.filed_at - dt.timedelta(SIMILAR_DAYS))
        .exclude(pk=case.pk)
    )
    return list(_without_words(found).order_by("-filed_at", "-pk")[:MOST_SIMILAR])


def running_clocks(actor: Actor, person: Person) -> list[Any]:
    """The running clocks of the cases that an officer looks after in the actor's office, for her calendar; each with
    ``changed``, when something happened in its case last."""
    ours = Case.objects.in_part(actor, HANDLER).filter(handler=person)
    found = CaseClock.objects.filter(case__in=ours.values("pk"), stopped_on__isnull=True, due__isnull=False)
    return list(found.select_related("case").annotate(changed=Max("case__entries__at")).order_by("due", "pk"))
