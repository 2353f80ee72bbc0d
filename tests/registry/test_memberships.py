"""People and their hats: one is worn at a time, and none after its last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.permissions import PUBLIC, SESSION_KEY, Actor, actor_of, hat_of, wear_hat

pytestmark = pytest.mark.django_db

Make = Callable[..., Organisation]
DAY = dt.timedelta(days=1)


def request_of(person: Person | AnonymousUser, **session: Any) -> HttpRequest:
    request = HttpRequest()
    request.user = person
    request.session = dict(session)  # type: ignore[assignment]
    return request


def hat(person: Person, organisation: Organisation, role: str = "owner", **days: Any) -> Membership:
    return Membership.objects.create(
        person=person, organisation=organisation, role=role, **({"start": dt.date(2020, 1, 1)} | days)
    )


# --- logging in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["amina", "AMINA", "amina@example.invalid", "Amina@Example.Invalid"])
def test_a_person_logs_in_by_login_name_or_email_in_any_case(person: Callable[..., Person], typed: str) -> None:
    made = person(login_name="Amina", email="Amina@example.invalid", password="correct horse battery")
    assert authenticate(username=typed, password="correct horse battery") == made
    assert authenticate(username=typed, password="wrong") is None


def test_a_closed_account_cannot_log_in(person: Callable[..., Person]) -> None:
    person(login_name="amina", password="correct horse battery", is_active=False)
    assert authenticate(username="amina", password="correct horse battery") is None


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_person_logs_in_by_login_name_or_email", {"login_name": None, "email": None}),
        ("a_login_name_is_lower_case_and_no_email_address", {"login_name": "a@b"}),
        ("an_email_address_is_lower_case", {"email": "nobody"}),
    ],
)
def test_the_database_refuses_a_person(person: Callable[..., Person], constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        person(**fields)


def test_an_email_address_is_one_persons_in_whatever_case(person: Callable[..., Person]) -> None:
    person(email="amina@example.invalid")
    with pytest.raises(IntegrityError), transaction.atomic():
        person(email="AMINA@example.invalid")


# --- hats -------------------------------------------------------------------------------------------------------------


def test_a_hat_is_held_on_its_first_and_on_its_last_day(enterprise: Make, person: Callable[..., Person]) -> None:
    amina, start, end = person(), dt.date(2026, 3, 1), dt.date(2026, 3, 31)
    held = hat(amina, enterprise(), start=start, end=end)
    for day, expected in ((start - DAY, False), (start, True), (end, True), (end + DAY, False)):
        assert held.active_on(day) is expected
        assert (amina.hats(day) == [held]) is expected


def test_a_hat_does_not_end_before_it_begins(enterprise: Make, person: Callable[..., Person]) -> None:
    with pytest.raises(IntegrityError, match="a_hat_does_not_end_before_it_begins"), transaction.atomic():
        hat(person(), enterprise(), end=dt.date(2019, 12, 31))


def test_nobody_holds_the_same_hat_twice_at_a_time(enterprise: Make, person: Callable[..., Person]) -> None:
    amina, firm = person(), enterprise()
    hat(amina, firm, end=dt.date(2025, 12, 31))
    hat(amina, firm, start=dt.date(2026, 1, 1))
    hat(amina, firm, role="agent")
    with pytest.raises(IntegrityError, match="nobody_holds_the_same_hat_twice"), transaction.atomic():
        hat(amina, firm, start=dt.date(2025, 12, 31), end=dt.date(2025, 12, 31))


def test_an_unknown_role_is_refused(enterprise: Make, person: Callable[..., Person]) -> None:
    with pytest.raises(IntegrityError, match="a_hat_has_a_known_role"), transaction.atomic():
        hat(person(), enterprise(), role="king")


def test_the_only_hat_is_worn_without_being_chosen(enterprise: Make, person: Callable[..., Person]) -> None:
    amina = person()
    only = hat(amina, enterprise())
    assert hat_of(request_of(amina)) == only
    assert actor_of(request_of(amina)).organisation == only.organisation


def test_a_person_with_two_hats_wears_none_until_she_chooses(
    enterprise: Make, organ: Make, person: Callable[..., Person]
) -> None:
    amina, firm, other = person(), enterprise("650102"), enterprise("653101")
    owner, officer = hat(amina, firm), hat(amina, organ("653100", "tax"), "officer")
    request = request_of(amina)
    assert hat_of(request) is None
    assert set(Organisation.objects.visible_to(actor_of(request)).enterprises()) == set()
    assert wear_hat(request, officer.pk) == officer
    assert set(Organisation.objects.visible_to(actor_of(request)).enterprises()) == {other}
    wear_hat(request, owner.pk)
    assert set(Organisation.objects.visible_to(actor_of(request)).enterprises()) == {firm}


def test_a_hat_that_has_ended_is_never_worn(enterprise: Make, organ: Make, person: Callable[..., Person]) -> None:
    amina, today = person(), timezone.localdate()
    ended = hat(amina, organ(), "officer", end=today - DAY)
    request = request_of(amina, **{SESSION_KEY: ended.pk})
    assert hat_of(request) is None
    with pytest.raises(PermissionDenied):
        wear_hat(request, ended.pk)
    with pytest.raises(ValueError, match="not held on this day"):
        Actor(amina, ended)
    owner = hat(amina, enterprise())
    assert hat_of(request) == owner


def test_nobody_wears_another_persons_hat(enterprise: Make, person: Callable[..., Person]) -> None:
    amina, other = person(), person()
    hers = hat(other, enterprise())
    request = request_of(amina, **{SESSION_KEY: hers.pk})
    assert hat_of(request) is None
    with pytest.raises(PermissionDenied):
        wear_hat(request, hers.pk)
    with pytest.raises(ValueError, match="who holds it only"):
        Actor(amina, hers)


def test_nobody_who_is_not_logged_in_or_whose_account_is_closed_wears_a_hat(
    enterprise: Make, person: Callable[..., Person]
) -> None:
    assert actor_of(request_of(AnonymousUser())) == PUBLIC
    closed = person(is_active=False)
    held = hat(closed, enterprise())
    request = request_of(closed, **{SESSION_KEY: held.pk})
    assert hat_of(request) is None
    assert actor_of(request) == PUBLIC
    with pytest.raises(PermissionDenied):
        wear_hat(request, held.pk)


def test_one_sees_ones_own_hats_and_an_administrator_those_of_her_organ(
    enterprise: Make, organ: Make, person: Callable[..., Person]
) -> None:
    office = organ()
    boss, clerk, stranger = person(), person(), person()
    admin, clerks, others = hat(boss, office, "administrator"), hat(clerk, office, "clerk"), hat(stranger, enterprise())
    assert set(Membership.objects.visible_to(Actor(boss, admin))) == {admin, clerks}
    assert set(Membership.objects.visible_to(Actor(clerk, clerks))) == {clerks}
    assert set(Membership.objects.visible_to(Actor(stranger, others))) == {others}
    assert not Membership.objects.visible_to(PUBLIC).exists()
