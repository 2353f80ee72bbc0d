"""Who is to be sent a new notice, by which ways: read from the journal, each notice once.

Reading, the rows and the new place in the journal are one transaction. A second reading of a notice adds nothing: the
database holds one row for each notice, person and channel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db.models import Q
from django.utils import timezone

from huiqi.journal import act, feed, machine
from huiqi.journal.models import Change
from huiqi.registry.models import Delegation, Membership, Person
from huiqi.registry.permissions import Actor
from huiqi.registry.vocabulary import ACTING_ROLES

from ..kinds import ACCOUNT, kind_of, kinds
from ..models import Contact, Dispatch, Notice, Preference
from ..models.sending import DAILY, EMAIL, INBOX, OUTSIDE, QUEUED, SENT
from .channels import available

#: What was written longer ago is no news when it is planned: it stands in the inbox alone.
NEWS_FOR = dt.timedelta(days=3)
#: The daily letter goes out at this time of the day (Asia/Shanghai).
MORNING = dt.time(8, 30)
#: So many notices are looked at together.
AT_A_TIME = 2_000


def plan_new() -> int:
    """Plan the notices of the next events of the journal. The number of rows that were made."""
    made = 0
    while True:
        with feed.read("sending") as events:
            written = Change.objects.filter(
                event__in=[event.pk for event in events], kind=Notice._meta.label_lower, operation="insert"
            )
            numbers = [int(row) for row in written.order_by("pk").values_list("row", flat=True)]
            for start in range(0, len(numbers), AT_A_TIME):
                made += plan(numbers[start : start + AT_A_TIME], timezone.now())
        if not events:
            return made


def plan(numbers: Iterable[int], now: dt.datetime) -> int:
    """Make the rows of these notices, where there are none yet. The number of rows that are new."""
    today = timezone.localdate(now)
    held = Membership.objects.active_on(today).values("organisation")
    delegated = Delegation.objects.active_on(today).values("organisation")
    # what no package declares (any more) can be told by nobody
    notices = Notice.objects.filter(pk__in=list(numbers), kind__in=list(kinds())).filter(
        Q(person__isnull=False) | Q(organisation__in=held) | Q(organisation__in=delegated)
    )
    readers: dict[int, list[Person]] = {}
    rows: list[Dispatch] = []
    for notice in notices.select_related("person").order_by("pk"):
        if notice.organisation_id is None:
            people = [notice.person] if notice.person is not None and notice.person.is_active else []
        elif notice.organisation_id in readers:
            people = readers[notice.organisation_id]
        else:
            people = readers[notice.organisation_id] = list(readers_of(notice, today))
        rows += [row for person in people for row in _rows(notice, person, now)]
    if not rows:
        return 0
    with act(machine("sending"), "notice.dispatched"):
        before = Dispatch.objects.filter(notice__in={row.notice_id for row in rows}).count()
        Dispatch.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
        return Dispatch.objects.filter(notice__in={row.notice_id for row in rows}).count() - before


def readers_of(notice: Notice, today: dt.date) -> Iterator[Person]:
    """The people whose inbox shows this notice of an organisation today, in one of their hats."""
    agencies = Delegation.objects.active_on(today).filter(organisation=notice.organisation_id, agency__isnull=False)
    at_agencies = Q(memberships__organisation__in=agencies.values("agency"), memberships__role__in=ACTING_ROLES)
    near = Person.objects.filter(
        Q(memberships__organisation=notice.organisation_id)
        | Q(delegations__organisation=notice.organisation_id)
        | at_agencies,
        is_active=True,
    )
    for person in near.distinct().order_by("pk"):
        if still_reads(person, notice, today):
            yield person


def still_reads(person: Person, notice: Notice, today: dt.date) -> bool:
    """Whether the inbox of this person shows this notice today, in one of her hats or without any."""
    actors = [Actor.wearing(person, hat, today) for hat in person.hats(today)]
    return any(Notice.objects.visible_to(actor).filter(pk=notice.pk).exists() for actor in (*actors, Actor(person)))


def wanted(person: Person, channel: str, group: str) -> bool:
    """Whether this person wants news of this group by this way outside. News of the account comes always."""
    return group == ACCOUNT or group in preference_of(person).chosen(channel)


def preference_of(person: Person) -> Preference:
    """What this person has chosen, or what holds for whoever has chosen nothing."""
    return Preference.objects.filter(person=person).first() or Preference(person=person)


def reached(person: Person, channel: str) -> Contact | None:
    """Where this person is reached by this way; None unless she has confirmed it."""
    return Contact.objects.filter(person=person, channel=channel, confirmed_at__isnull=False).first()


def next_morning(now: dt.datetime) -> dt.datetime:
    """When the next daily letter goes out."""
    local = timezone.localtime(now)
    day = local.date() if local.time() < MORNING else local.date() + dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day, MORNING))


def _rows(notice: Notice, person: Person, now: dt.datetime) -> Iterator[Dispatch]:
    yield Dispatch(notice=notice, person=person, channel=INBOX, state=SENT, due_at=now, sent_at=notice.created_at)
    if notice.created_at < now - NEWS_FOR:
        return
    group = kind_of(notice.kind).group
    usable = available()
    for channel in OUTSIDE:
        if channel in usable and wanted(person, channel, group) and reached(person, channel) is not None:
            daily = channel == EMAIL and group != ACCOUNT and preference_of(person).digest == DAILY
            due = next_morning(now) if daily else now
            yield Dispatch(notice=notice, person=person, channel=channel, state=QUEUED, due_at=due)
