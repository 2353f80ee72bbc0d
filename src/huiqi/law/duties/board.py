"""The board: which obligations an actor looks at, narrowed down and in order. Every list begins at ``visible_to``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from huiqi.registry.models import Organisation

from ..models import Obligation
from ..queries import ObligationQuerySet
from .definitions import Duty, duties

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

MINE, CLIMBED, AREA, LATE, UNOWNED, DONE = "mine", "climbed", "area", "overdue", "unowned", "done"
TABS = (MINE, CLIMBED, AREA, LATE, UNOWNED, DONE)
#: What somebody who is no organ sees: her own.
TABS_OF_OTHERS = (MINE, DONE)
SORTS = {
    "due": (F("due").asc(nulls_last=True), "pk"),
    "organ": ("organ__name_pinyin", F("due").asc(nulls_last=True), "pk"),
    "opened": ("-opened_on", "-pk"),
}
#: What is due within so many days stands apart.
SOON = dt.timedelta(7)


@dataclass(frozen=True)
class Choice:
    """What is looked at: the tab, and what narrows it down. Empty is no restriction."""

    tab: str = MINE
    duty: str = ""
    article: int | None = None
    place: str = ""
    q: str = ""
    sort: str = "due"

    @property
    def narrowed(self) -> bool:
        return bool(self.duty or self.article or self.place or self.q)


def tabs_of(actor: Actor) -> tuple[str, ...]:
    """The tabs that make sense for the actor."""
    return TABS if actor.works_in_organ else TABS_OF_OTHERS


def listed(actor: Actor, choice: Choice, today: dt.date) -> ObligationQuerySet:
    """The obligations of a tab, narrowed down and in order."""
    found = _of_tab(Obligation.objects.visible_to(actor), actor, choice.tab, today)
    if choice.duty:
        found = found.filter(duty=choice.duty)
    if choice.article:
        found = found.filter(duty__in=[duty.id for duty in of_article(choice.article)])
    if choice.place:
        found = found.filter(region__code__startswith=choice.place)
    if choice.q:
        found = found.filter(_searched(choice.q))
    if choice.tab == DONE:
        return found.order_by("-closed_at", "-pk")
    return found.order_by(*SORTS[choice.sort])


def _of_tab(seen: ObligationQuerySet, actor: Actor, tab: str, today: dt.date) -> ObligationQuerySet:
    own = actor.organisation.pk if actor.organisation is not None else None
    match tab:
        case "mine":
            return seen.open().filter(organ=own)
        case "climbed":
            return seen.open().filter(holder=own, organ__isnull=False)
        case "area":
            return seen.open().filter(organ__isnull=False).exclude(organ=own)
        case "overdue":
            return seen.overdue(today).filter(organ__isnull=False)
        case "unowned":
            return seen.open().filter(organ__isnull=True)
        case _:
            return seen.exclude(state="open")


def _searched(text: str) -> Q:
    sought = text.strip().lower()
    titled = [d.id for d in duties().values() if sought in f"{d.title.zh} {d.title.en} {d.id}".lower()]
    named = Organisation.objects.filter(Q(name_zh__icontains=sought) | Q(name_en__icontains=sought)).values("pk")
    return Q(duty__in=titled) | Q(organ__in=named)


def counts(actor: Actor, today: dt.date) -> dict[str, int]:
    """How many obligations stand under each tab of open ones, and how many of one's own are due soon; in one pass."""
    own = actor.organisation.pk if actor.organisation is not None else None
    found = (
        Obligation.objects.visible_to(actor)
        .open()
        .aggregate(
            mine=Count("pk", filter=Q(organ=own)),
            climbed=Count("pk", filter=Q(holder=own, organ__isnull=False)),
            area=Count("pk", filter=Q(organ__isnull=False) & ~Q(organ=own)),
            overdue=Count("pk", filter=Q(due__lt=today, organ__isnull=False)),
            unowned=Count("pk", filter=Q(organ__isnull=True)),
            mine_soon=Count("pk", filter=Q(organ=own, due__gte=today, due__lte=today + SOON)),
            mine_late=Count("pk", filter=Q(organ=own, due__lt=today)),
        )
    )
    return {name: int(number) for name, number in found.items()}


def of_article(number: int) -> list[Duty]:
    """The duties that rest on an article of the measures."""
    return [duty for duty in duties().values() if number in duty.articles]


@dataclass(frozen=True)
class Figures:
    """How the duties of an article stand in the whole region: numbers without names, which everybody may see."""

    duties: tuple[Duty, ...]
    open: int
    overdue: int
    fulfilled: int


def figures(number: int, today: dt.date) -> Figures | None:
    """The figures of an article; None when no duty rests on it."""
    resting = of_article(number)
    if not resting:
        return None
    counted = Obligation.objects.counted([duty.id for duty in resting], today)
    return Figures(tuple(resting), counted["open"], counted["overdue"], counted["fulfilled"])
