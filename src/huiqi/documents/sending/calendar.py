"""Deadlines as a calendar that a calendar program subscribes to (iCalendar, RFC 5545), by a secret address.

An entry names the kind of deadline and its number, and nobody: the address is kept by a program that signs in nowhere, and calendars
lie open on desks. The feed is one person's in one hat. It ends with the hat, with the account, and when she says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import icalendar
from django.utils import timezone

from huiqi.journal import act
from huiqi.registry.models import Delegation, Membership, Person
from huiqi.registry.permissions import Actor
from huiqi.rules.words import Words

from ..addresses import address_of
from ..models import CalendarFeed
from .wording import one_line

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from huiqi.registry.permissions import Hat

#: How often a calendar program should ask again.
REFRESH = dt.timedelta(hours=6)
#: A feed holds so many entries, the nearest ones.
MOST_ENTRIES = 500


@dataclass(frozen=True)
class Entry:
    """One deadline: the last ``day``, in words that name its kind and number alone, with the page where it stands.

    ``uid`` is the same for ever; ``changed`` is when anything of it changed last.
    """

    uid: str
    day: dt.date
    title: Words
    page: str
    args: tuple[str | int, ...]
    changed: dt.datetime


Source = Callable[[Actor], Iterable[Entry]]
#: Where entries come from: each package adds its own when its application is ready.
sources: list[Source] = []


def source(function: Source) -> Source:
    """Register where entries come from; the same function only once."""
    if function not in sources:
        sources.append(function)
    return function


def make(actor: Actor) -> tuple[CalendarFeed, str]:
    """A new secret address for the hat that is worn, in place of the one before. The feed and its secret, told this once.

    Raises ValueError for whoever wears no hat.
    """
    person, hat = actor.person, actor.hat
    if person is None or hat is None:
        raise ValueError("a calendar is that of a role")
    secret = secrets.token_urlsafe(32)
    with act(actor.who, "calendar.made") as this:
        Person.objects.select_for_update().get(pk=person.pk)
        _open(person, hat).update(revoked_at=timezone.now())
        feed = CalendarFeed.objects.create(
            person=person,
            membership=hat if isinstance(hat, Membership) else None,
            delegation=hat if isinstance(hat, Delegation) else None,
            secret_hash=_hash(secret),
        )
        this.about(feed)
    return feed, secret


def revoke(actor: Actor, feed_id: int) -> CalendarFeed:
    """End a feed of one's own. Raises CalendarFeed.DoesNotExist when there is no such feed (any more)."""
    with act(actor.who, "calendar.revoked") as this:
        feed: CalendarFeed = CalendarFeed.objects.visible_to(actor).get(pk=feed_id, revoked_at__isnull=True)
        this.about(feed)
        feed.revoked_at = timezone.now()
        feed.save(update_fields=["revoked_at"])
        return feed


def actor_of_secret(secret: str) -> Actor | None:
    """Whose calendar this is, in the hat that it was made for; None when it has ended, and when there never was one."""
    feed = (
        CalendarFeed.objects.filter(secret_hash=_hash(secret), revoked_at__isnull=True)
        .select_related("person", "membership__organisation__region", "delegation__organisation__region")
        .first()
    )
    if feed is None or not feed.person.is_active:
        return None
    today = timezone.localdate()
    held = {hat.key for hat in feed.person.hats(today)}
    return Actor.wearing(feed.person, feed.hat, today) if feed.hat.key in held else None


def entries(actor: Actor) -> list[Entry]:
    """The deadlines that the actor has, the nearest first."""
    found = [entry for each in sources for entry in each(actor)]
    return sorted(found, key=lambda entry: (entry.day, entry.uid))[:MOST_ENTRIES]


def written(actor: Actor, language: str) -> bytes:
    """The calendar as a file. The same entries give the same bytes, so that it is sent only when something changed."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Huiqi//Calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", Words("惠企：期限", "Huiqi: deadlines").of(language))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries(actor):
        event = icalendar.Event()
        event.add("uid", f"{one_line(entry.uid, 100)}@huiqi")
        event.add("dtstart", entry.day)
        event.add("summary", one_line(entry.title.of(language), 200))
        event.add("url", address_of(entry.page, *entry.args))
        event.add("dtstamp", entry.changed.astimezone(dt.UTC))
        event.add("last-modified", entry.changed.astimezone(dt.UTC))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _open(person: Person, hat: Hat) -> QuerySet[CalendarFeed]:
    of_hat = {"membership": hat} if isinstance(hat, Membership) else {"delegation": hat}
    return CalendarFeed.objects.filter(person=person, revoked_at__isnull=True, **of_hat)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
