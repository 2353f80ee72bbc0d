"""Events of the journal and obligations: which event opens what, and whether somebody who owes something has acted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from huiqi.journal.models import Event
from huiqi.registry.models import Organisation
from huiqi.registry.vocabulary import certifying_functions
from huiqi.rules.dictionary import dictionary

from ..models import Obligation
from .definitions import Duty, Fulfilment
from .places import Organs, Owing


def occasion_of(event: Event) -> str:
    """What an event is an occasion of: the thing that it is about, else the event itself."""
    return f"{event.object_kind}:{event.object_id}" if event.object_id else f"event:{event.pk}"


def day_of(event: Event) -> dt.date:
    """The day of an event: the one that its details name as ``on``, if it is not to come, else that on which it was done."""
    done = timezone.localtime(event.at).date()
    try:
        named = dt.date.fromisoformat(str(event.details.get("on")))
    except ValueError:
        return done
    return min(named, done)


def owing_after(duty: Duty, event: Event, organs: Organs) -> Owing | None:
    """Who owes the duty that an event opens; without an organ where none owns it; None when it is nobody's duty.

    What somebody who is no organ does opens no duty of organs.
    """
    if duty.owner.by == "actor":
        organ = organs.get(event.organisation)
        if organ is None or (duty.owner.functions and organ.organ_function not in duty.owner.functions):
            return None
        return Owing(organ.region_id or "", organ.pk, organ.organ_function or "")
    fact = dictionary().get(str(event.details.get("fact", "")))
    functions = tuple(sorted(certifying_functions(fact))) if fact is not None else ()
    region = event.region or _region_of(event.subject)
    if not functions or region not in organs.regions:
        return None
    nearest = organs.nearest(functions, region)
    return Owing(region, nearest.pk if nearest is not None else None, functions[0])


def _region_of(organisation: int | None) -> str:
    """The place of whomever an event concerns."""
    return Organisation.objects.filter(pk=organisation or 0).values_list("region", flat=True).first() or ""


def acted(obligation: Obligation) -> Event | None:
    """The event by which the one who owes it has acted, looked up in the journal itself and not in what was read of it.

    So nobody who has acted is warned or reported, even when the reader of the feed has not come so far.
    """
    if obligation.organ_id is None and not obligation.object_id:
        return None  # nobody owes it who could act
    for fulfilment in obligation.definition.fulfilled_by:
        event: Event | None = _events(obligation).filter(_condition(obligation, fulfilment)).order_by("pk").first()
        if event is not None:
            return event
    return None


def fell_away(obligation: Obligation) -> Event | None:
    """The event after which nothing is owed any more."""
    verbs = obligation.definition.falls_away_by
    if not verbs or not obligation.object_id:
        return None
    about = {"object_kind": obligation.object_kind, "object_id": obligation.object_id}
    event: Event | None = _events(obligation).filter(verb__in=verbs, **about).order_by("pk").first()
    return event


def _events(obligation: Obligation) -> Any:
    """The events that came after the one that opened it; for a period all, its details or its days tell them apart."""
    return Event.objects.filter(pk__gt=obligation.opening_event or 0)


def _condition(obligation: Obligation, fulfilment: Fulfilment) -> Q:
    found = Q(verb=fulfilment.verb)
    if fulfilment.details:
        found &= Q(details__contains=_filled(obligation, fulfilment))
    elif obligation.object_id:
        found &= Q(object_kind=obligation.object_kind, object_id=obligation.object_id)
    if not obligation.object_id:
        found &= Q(organisation=obligation.organ_id)
        if not fulfilment.details:
            begins = timezone.make_aware(dt.datetime.combine(obligation.starts_on, dt.time.min))
            found &= Q(at__gte=begins)
    return found


def _filled(obligation: Obligation, fulfilment: Fulfilment) -> Mapping[str, Any]:
    """The details that an event has to have, with what stands for the year and the object filled in."""
    filled: dict[str, Any] = {}
    for name, value in fulfilment.details.items():
        if value == "{year}":
            filled[name] = obligation.starts_on.year
        elif value == "{object}":
            filled[name] = int(obligation.object_id) if obligation.object_id.isdigit() else obligation.object_id
        else:
            filled[name] = value
    return filled


def concerned(duty: Duty, event: Event) -> Iterator[Obligation]:
    """The open obligations of a duty that an event may close; whether it does is for :func:`acted` to say."""
    waiting = Obligation.objects.open().filter(duty=duty.id).order_by("pk")
    objects = {event.object_id} if event.object_id else set()
    for fulfilment in duty.fulfilled_by:
        if fulfilment.verb == event.verb:
            objects |= {
                str(event.details.get(name)) for name, value in fulfilment.details.items() if value == "{object}"
            }
    mine = Q(organ=event.organisation) if event.organisation is not None else Q(pk__in=())
    yield from waiting.filter(Q(object_id__in=objects) & ~Q(object_id="") | Q(object_id="") & mine)
