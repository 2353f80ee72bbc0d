"""Delegation: in named scopes, for a time, changed and ended at once, and never passed on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from registry_world import demo_code, serial_numbers

from huiqi.documents import decisions
from huiqi.documents.models import Notice
from huiqi.journal.models import Event
from huiqi.registry import delegating
from huiqi.registry.declaring import decidable, declare, withdraw
from huiqi.registry.delegating import BadTerms, NoAgency, Overlapping, checked_terms, closed
from huiqi.registry.models import Delegation, EnterpriseFacts, Membership, Organisation, Person
from huiqi.registry.permissions import Actor, actor_of, hat_of, wear_hat
from huiqi.registry.vocabulary import (
    APPLY,
    DECLARE_FACTS,
    DELEGATE,
    FILE_CASES,
    READ_FACTS,
    SCOPE_NEEDS,
    SCOPES,
    SERVICE_AGENCY,
)

Make = Callable[..., Any]
DAY = dt.timedelta(days=1)
FAR = dt.date(2099, 12, 31)


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def firm(enterprise: Make) -> Organisation:
    made: Organisation = enterprise()
    EnterpriseFacts.objects.create(organisation=made)
    return made


@pytest.fixture
def owner(firm: Organisation, actor: Make) -> Actor:
    made: Actor = actor(firm, "owner")
    return made


@pytest.fixture
def agency(reference: None) -> Organisation:
    return Organisation.objects.create(
        kind=SERVICE_AGENCY, name_zh="样例财税", uscc=demo_code(next(serial_numbers)), region_id="653101"
    )


@pytest.fixture
def bookkeeper(agency: Organisation, person: Make) -> Person:
    """Somebody who works in the agency."""
    made: Person = person()
    Membership.objects.create(person=made, organisation=agency, role="agent", start=dt.date(2020, 1, 1))
    return made


@pytest.fixture
def delegation(owner: Actor, agency: Organisation, today: dt.date) -> Delegation:
    return delegating.delegate_to_agency(owner, str(agency.uscc), [READ_FACTS, DECLARE_FACTS], None, FAR, today)


def request_of(person: Person, **session: Any) -> HttpRequest:
    request = HttpRequest()
    request.user = person
    request.session = dict(session)  # type: ignore[assignment]
    return request


# --- the law of scopes and days ---------------------------------------------------------------------------------------

some_scopes = st.lists(st.sampled_from(sorted(SCOPES)))
days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


@given(some_scopes)
def test_scopes_are_closed_under_what_they_need_and_closing_twice_adds_nothing(scopes: list[str]) -> None:
    made = closed(scopes)
    assert set(scopes) <= set(made) <= set(SCOPES)
    assert all(SCOPE_NEEDS[scope] in made for scope in made if scope in SCOPE_NEEDS)
    assert closed(made) == made
    assert set(made) - set(scopes) <= set(SCOPE_NEEDS.values())


@given(scopes=some_scopes, start=st.none() | days, end=st.none() | days, on=days)
def test_terms_are_taken_when_they_begin_today_or_later_and_end_no_earlier(
    scopes: list[str], start: dt.date | None, end: dt.date | None, on: dt.date
) -> None:
    begins = start or on
    sound = bool(scopes) and begins >= on and end is not None and end >= begins
    try:
        agreed = checked_terms(scopes, start, end, on)
    except BadTerms as problem:
        assert not sound
        assert problem.field in ("scopes", "start", "end")
    else:
        assert sound
        assert agreed == (closed(scopes), begins, end)


@given(start=days, length=st.integers(0, 900), on=days, ended=st.booleans())
def test_a_delegation_counts_from_its_first_to_its_last_day_and_never_after_it_was_ended(
    start: dt.date, length: int, on: dt.date, ended: bool
) -> None:
    end = start + length * DAY
    made = Delegation(start=start, end=end, ended_at=timezone.now() if ended else None)
    assert made.active_on(on) is (not ended and start <= on <= end)


def test_an_unknown_scope_is_refused(today: dt.date) -> None:
    with pytest.raises(BadTerms, match="scopes"):
        checked_terms(["everything"], None, FAR, today)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("a_delegation_has_sound_scopes", {"scopes": []}),
        ("a_delegation_has_sound_scopes", {"scopes": ["everything"]}),
        ("a_delegation_has_sound_scopes", {"scopes": [DECLARE_FACTS]}),
        ("a_delegation_does_not_end_before_it_begins", {"end": dt.date(2019, 12, 31)}),
        ("a_delegation_is_to_a_person_or_to_an_agency", {"agency": None}),
        ("whoever_ends_a_delegation_is_known", {"ended_at": timezone.now()}),
    ],
)
def test_the_database_refuses_a_delegation(
    firm: Organisation, owner: Actor, agency: Organisation, constraint: str, change: dict[str, Any]
) -> None:
    terms = {"agency": agency, "scopes": [READ_FACTS], "start": dt.date(2020, 1, 1), "end": FAR} | change
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Delegation.objects.create(organisation=firm, given_by=owner.person, **terms)


@pytest.mark.django_db
def test_a_firm_delegates_to_itself_nowhere(firm: Organisation, owner: Actor, today: dt.date) -> None:
    with pytest.raises(NoAgency):
        delegating.delegate_to_agency(owner, str(firm.uscc), [READ_FACTS], None, FAR, today)
    with pytest.raises(IntegrityError, match="nobody_delegates_to_itself"), transaction.atomic():
        Delegation.objects.create(
            organisation=firm, agency=firm, scopes=[READ_FACTS], start=today, end=FAR, given_by=owner.person
        )


# --- giving -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["agent", "clerk"])
def test_only_the_owner_delegates(firm: Organisation, actor: Make, agency: Organisation, role: str) -> None:
    with pytest.raises(PermissionDenied):
        delegating.delegate_to_agency(
            actor(firm, role), str(agency.uscc), [READ_FACTS], None, FAR, timezone.localdate()
        )
    assert not Delegation.objects.exists()


@pytest.mark.django_db
def test_an_agent_cannot_pass_a_delegation_on(
    delegation: Delegation, bookkeeper: Person, agency: Organisation, today: dt.date
) -> None:
    acting = Actor.wearing(bookkeeper, delegation)
    with pytest.raises(PermissionDenied):
        delegating.delegate_to_agency(acting, str(agency.uscc), [READ_FACTS], None, FAR, today)
    with pytest.raises(PermissionDenied):
        delegating.change(acting, delegation.pk, [READ_FACTS], FAR, today)


@pytest.mark.django_db
def test_an_agency_has_one_delegation_of_a_firm_at_a_time(
    owner: Actor, agency: Organisation, delegation: Delegation, today: dt.date
) -> None:
    with pytest.raises(Overlapping):
        delegating.delegate_to_agency(owner, str(agency.uscc), [FILE_CASES], None, today, today)
    delegating.end(owner, delegation.pk, today)
    again = delegating.delegate_to_agency(owner, str(agency.uscc), [FILE_CASES], None, today, today)
    assert again.active_on(today)


@pytest.mark.django_db
def test_what_is_given_is_on_record_with_who_gave_it_and_to_whom_it_is_about(
    owner: Actor, delegation: Delegation
) -> None:
    event = Event.objects.get(verb="delegation.given")
    assert (event.person, event.subject) == (owner.person.pk if owner.person else None, delegation.organisation_id)
    assert (event.object_kind, event.object_id) == ("registry.delegation", str(delegation.pk))


# --- wearing ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whoever_works_in_the_agency_wears_the_delegation_as_a_hat(
    delegation: Delegation, bookkeeper: Person, firm: Organisation, agency: Organisation
) -> None:
    request = request_of(bookkeeper)
    assert hat_of(request) is None, "she has two hats, and chooses"
    assert wear_hat(request, delegation.key) == delegation
    actor = actor_of(request)
    assert (actor.organisation, actor.role) == (firm, DELEGATE)
    assert actor.who.organisation == firm.pk
    assert actor.who.membership == bookkeeper.memberships.get().pk
    assert actor.own_enterprise == firm.pk
    assert actor.runs_firm is None


@pytest.mark.django_db
def test_whoever_has_left_the_agency_wears_it_no_more(
    delegation: Delegation, bookkeeper: Person, today: dt.date
) -> None:
    request = request_of(bookkeeper, hat=delegation.key)
    assert hat_of(request) == delegation
    bookkeeper.memberships.update(end=today - DAY, start=dt.date(2020, 1, 1))
    assert hat_of(request) is None
    with pytest.raises(ValueError, match="agent to whom"):
        Actor(bookkeeper, None, None, delegation)


@pytest.mark.django_db
def test_nobody_else_uses_a_delegation(delegation: Delegation, person: Make, agency: Organisation, actor: Make) -> None:
    stranger, clerk = person(), actor(agency, "clerk").person
    for somebody in (stranger, clerk):
        with pytest.raises(PermissionDenied):
            wear_hat(request_of(somebody), delegation.key)
        with pytest.raises(ValueError, match="agent to whom"):
            Actor.wearing(somebody, delegation)


@pytest.mark.django_db
def test_before_its_first_day_nobody_acts_under_it(
    owner: Actor, agency: Organisation, bookkeeper: Person, today: dt.date
) -> None:
    to_come = delegating.delegate_to_agency(owner, str(agency.uscc), [READ_FACTS], today + DAY, FAR, today)
    with pytest.raises(PermissionDenied):
        wear_hat(request_of(bookkeeper), to_come.key)
    assert Actor.wearing(bookkeeper, to_come, today + DAY).own_enterprise == to_come.organisation_id


# --- scopes are enforced ----------------------------------------------------------------------------------------------


def wearing(owner: Actor, agency: Organisation, somebody: Person, *scopes: str) -> Actor:
    on = timezone.localdate()
    made = delegating.delegate_to_agency(owner, str(agency.uscc), scopes, None, FAR, on)
    return Actor.wearing(somebody, made)


@pytest.mark.django_db
def test_who_may_declare_declares_and_withdraws(
    owner: Actor, agency: Organisation, bookkeeper: Person, today: dt.date
) -> None:
    actor = wearing(owner, agency, bookkeeper, DECLARE_FACTS)
    made = declare(actor, "employees", "12", today).declaration
    assert made.declared_by == bookkeeper
    withdraw(actor, made.pk)
    assert EnterpriseFacts.objects.visible_to(actor).get().organisation_id == owner.runs_firm


@pytest.mark.django_db
@pytest.mark.parametrize("scope", [READ_FACTS, APPLY])
def test_who_may_read_or_apply_declares_nothing(
    owner: Actor, agency: Organisation, bookkeeper: Person, today: dt.date, scope: str
) -> None:
    actor = wearing(owner, agency, bookkeeper, scope)
    assert EnterpriseFacts.objects.visible_to(actor).exists()
    with pytest.raises(PermissionDenied):
        declare(actor, "employees", "12", today)


@pytest.mark.django_db
def test_who_may_file_cases_alone_reads_no_facts(owner: Actor, agency: Organisation, bookkeeper: Person) -> None:
    actor = wearing(owner, agency, bookkeeper, FILE_CASES)
    assert actor.may(FILE_CASES) and not actor.may(READ_FACTS)
    assert actor.acts_for == owner.runs_firm
    assert actor.own_enterprise is None
    assert not EnterpriseFacts.objects.visible_to(actor).exists()
    assert not Organisation.objects.enterprises().visible_to(actor).exists()


@pytest.mark.django_db
def test_owners_and_agents_do_everything_others_of_the_firm_only_read(firm: Organisation, actor: Make) -> None:
    for role in ("owner", "agent"):
        assert actor(firm, role).scopes == frozenset(SCOPES)
    assert actor(firm, "clerk").scopes == {READ_FACTS}


@pytest.mark.django_db
def test_an_officer_decides_on_no_facts_of_a_firm_for_which_she_is_an_agent(
    owner: Actor, organ: Make, actor: Make, today: dt.date
) -> None:
    officer = actor(organ("650000", "tax"))
    declared = declare(owner, "vat_type", "small_scale", today).declaration
    assert list(decidable(officer)) == [declared]
    Delegation.objects.create(
        organisation_id=owner.runs_firm,
        agent=officer.person,
        scopes=[FILE_CASES],
        start=today,
        end=FAR,
        given_by=owner.person,
    )
    assert not decidable(officer).exists()


# --- changing and ending ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_change_counts_at_once_and_what_was_before_is_kept(
    owner: Actor, delegation: Delegation, bookkeeper: Person, today: dt.date
) -> None:
    changed = decisions.change_delegation(owner, delegation.pk, [FILE_CASES], today + DAY, today)
    assert (changed.follows, changed.scopes, changed.end) == (delegation, [FILE_CASES], today + DAY)
    delegation.refresh_from_db()
    assert delegation.ended_by == owner.person and not delegation.active_on(today)
    assert delegation.scopes == [READ_FACTS, DECLARE_FACTS]
    request = request_of(bookkeeper, hat=delegation.key)
    assert hat_of(request) is None, "the former one is worn no more"
    assert Actor.wearing(bookkeeper, changed).scopes == {FILE_CASES}
    assert Notice.objects.get(organisation=delegation.agency).data["outcome"] == "delegation_changed"


@pytest.mark.django_db
def test_a_change_of_nothing_changes_nothing(owner: Actor, delegation: Delegation, today: dt.date) -> None:
    events = Event.objects.count()
    assert decisions.change_delegation(owner, delegation.pk, [DECLARE_FACTS], FAR, today) == delegation
    assert (Delegation.objects.count(), Event.objects.count(), Notice.objects.count()) == (1, events, 0)


@pytest.mark.django_db
def test_the_owner_of_another_firm_neither_changes_nor_ends_it(
    delegation: Delegation, enterprise: Make, actor: Make, today: dt.date
) -> None:
    other = actor(enterprise(), "owner")
    with pytest.raises(Delegation.DoesNotExist):
        delegating.change(other, delegation.pk, [FILE_CASES], FAR, today)
    with pytest.raises(Delegation.DoesNotExist):
        delegating.end(other, delegation.pk, today)
    assert Delegation.objects.visible_to(other).count() == 0


@pytest.mark.django_db
def test_the_agency_gives_it_up_but_does_not_change_it(
    delegation: Delegation, agency: Organisation, actor: Make, today: dt.date
) -> None:
    boss = actor(agency, "owner")
    with pytest.raises((Delegation.DoesNotExist, PermissionDenied)):
        delegating.change(boss, delegation.pk, [FILE_CASES], FAR, today)
    decisions.end_delegation(boss, delegation.pk, today)
    assert Notice.objects.get(organisation=delegation.organisation).data["outcome"] == "given_up"


@pytest.mark.django_db
def test_an_enterprise_that_is_itself_an_agent_cannot_change_what_another_delegated_to_it(
    owner: Actor, enterprise: Make, actor: Make, today: dt.date
) -> None:
    books = enterprise()
    made = delegating.delegate_to_agency(owner, str(books.uscc), [READ_FACTS], None, FAR, today)
    with pytest.raises(Delegation.DoesNotExist):
        delegating.change(actor(books, "owner"), made.pk, [READ_FACTS, DECLARE_FACTS], FAR, today)


@pytest.mark.django_db
def test_what_has_ended_is_ended_once(owner: Actor, delegation: Delegation, today: dt.date) -> None:
    delegating.end(owner, delegation.pk, today)
    with pytest.raises(Delegation.DoesNotExist):
        delegating.end(owner, delegation.pk, today)
