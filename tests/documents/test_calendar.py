"""Calendars by a secret address: the deadlines of one hat, by kind and number, as long as the hat is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace

import icalendar
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.browser.world import actor, make_person

from huiqi.documents.models import CalendarFeed
from huiqi.documents.sending import calendar
from huiqi.documents.sending.calendar import Entry
from huiqi.journal.models import Change
from huiqi.law.duties.definitions import duties
from huiqi.law.models import Obligation
from huiqi.registry.delegating import delegate_to_agency
from huiqi.registry.models import Organisation, Person
from huiqi.registry.permissions import PUBLIC, Actor
from huiqi.rules import Words

from .sending_town import Town

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)


def events(who: Actor, language: str = "zh-hans") -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(calendar.written(who, language)).walk("VEVENT"))


@pytest.fixture
def owed(town: Town) -> Obligation:
    today = timezone.localdate()
    return Obligation.objects.create(
        duty=next(iter(duties())),
        organ=town.bureau,
        region=town.bureau.region,
        occasion="2026",
        starts_on=today,
        opened_on=today,
        due=today + dt.timedelta(9),
    )


def test_an_officer_has_what_her_organ_owes_by_kind_and_number(town: Town, owed: Obligation) -> None:
    (event,) = events(actor(town.officer))
    assert event["dtstart"].dt == owed.due and event["uid"] == f"duty-{owed.pk}@huiqi"
    assert event["summary"] == f"{owed.definition.title.zh}（编号 {owed.pk}）"
    assert event["url"] == f"https://huiqi.example/desk/duties/{owed.pk}/"
    assert owed.definition.title.en in events(actor(town.officer), "en")[0]["summary"]
    assert calendar.written(actor(town.officer), "en") == calendar.written(actor(town.officer), "en")
    assert not events(town.as_owner)


def test_an_owner_has_the_last_days_of_the_policies_that_she_may_have(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huiqi.opportunities import calendar as of_policies

    def found(name: str, end: dt.date | None) -> SimpleNamespace:
        return SimpleNamespace(policy=SimpleNamespace(id=name, valid_from=dt.date(2026, 1, 1), valid_to=end))

    groups = {
        "yes": [found("loan", dt.date(2026, 12, 31))],
        "offer": [found("open-ended", None)],
        "no": [found("not-hers", dt.date(2026, 12, 1))],
    }
    monkeypatch.setattr(of_policies, "assess_all", lambda facts, on: SimpleNamespace(groups=groups))
    (event,) = events(town.as_owner)
    assert (event["summary"], event["dtstart"].dt) == ("政策截止（loan）", dt.date(2026, 12, 31))
    assert town.firm.name_zh not in calendar.written(town.as_owner, "zh-hans").decode()
    assert not events(actor(town.officer))


def test_a_secret_opens_the_calendar_of_its_hat_and_nothing_else_is_kept_of_it(town: Town) -> None:
    feed, secret = calendar.make(town.as_owner)
    found = calendar.actor_of_secret(secret)
    assert found is not None and found.hat == town.as_owner.hat and len(secret) >= 40
    assert secret not in str(CalendarFeed.objects.filter(pk=feed.pk).values())
    assert feed.secret_hash not in str(list(Change.objects.values_list("after", flat=True)))
    assert calendar.actor_of_secret("") is None and calendar.actor_of_secret(secret + "x") is None


def test_a_new_address_ends_the_one_before_and_that_of_another_person_stays(town: Town) -> None:
    colleague = actor(make_person("colleague", town.firm, "agent"))
    _, hers = calendar.make(colleague)
    _, first = calendar.make(town.as_owner)
    feed, second = calendar.make(town.as_owner)
    assert calendar.actor_of_secret(first) is None and calendar.actor_of_secret(second) is not None
    with pytest.raises(CalendarFeed.DoesNotExist):
        calendar.revoke(colleague, feed.pk)
    assert calendar.actor_of_secret(second) is not None
    calendar.revoke(town.as_owner, feed.pk)
    assert calendar.actor_of_secret(second) is None
    with pytest.raises(CalendarFeed.DoesNotExist):
        calendar.revoke(town.as_owner, feed.pk)
    assert calendar.actor_of_secret(hers) is not None
    with pytest.raises(ValueError, match="role"):
        calendar.make(Actor(town.owner))
    with pytest.raises(ValueError, match="role"):
        calendar.make(PUBLIC)


def test_it_ends_with_the_hat_and_with_the_account(town: Town) -> None:
    _, secret = calendar.make(town.as_owner)
    Person.objects.filter(pk=town.owner.pk).update(is_active=False)
    assert calendar.actor_of_secret(secret) is None
    Person.objects.filter(pk=town.owner.pk).update(is_active=True)
    assert calendar.actor_of_secret(secret) is not None
    town.owner.memberships.update(ended_at=timezone.now())
    assert calendar.actor_of_secret(secret) is None


def test_a_delegation_to_an_agency_has_a_calendar_while_both_last(town: Town) -> None:
    today = timezone.localdate()
    agency = Organisation.objects.create(kind="service_agency", name_zh="代账", uscc="91000000MA00000000")
    clerk = make_person("bookkeeper", agency, "agent")
    given_to = delegate_to_agency(
        town.as_owner, agency.uscc or "", ["read_facts"], today, today + dt.timedelta(30), today
    )
    hat = next(each for each in clerk.hats(today) if each == given_to)
    _, secret = calendar.make(Actor.wearing(clerk, hat))
    found = calendar.actor_of_secret(secret)
    assert found is not None and found.own_enterprise == town.firm.pk
    clerk.memberships.update(ended_at=timezone.now())
    assert calendar.actor_of_secret(secret) is None


@given(text=st.text(max_size=80), uid=st.text(max_size=20))
def test_no_words_break_out_of_their_entry(text: str, uid: str) -> None:
    def source(_: Actor) -> Iterator[Entry]:
        words = f"{text}\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nATTENDEE:mailto:x@example.com"
        yield Entry(
            f"{uid}\r\nURL:http://thief.example", dt.date(2026, 12, 1), Words(words, words), "inbox", (), MOMENT
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calendar, "sources", [source])
        made = icalendar.Calendar.from_ical(calendar.written(PUBLIC, "en"))
    (event,) = made.walk("VEVENT")
    assert not made.walk("VALARM") and "attendee" not in event
    assert event["url"].endswith("/inbox/")


def test_another_package_adds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "sources", [])

    @calendar.source
    def of_cases(_: Actor) -> Iterator[Entry]:
        yield Entry("case-7", dt.date(2026, 12, 1), Words("案件期限", "Deadline of a case"), "inbox", (), MOMENT)

    calendar.source(of_cases)
    assert [each["summary"] for each in events(PUBLIC, "en")] == ["Deadline of a case"]
