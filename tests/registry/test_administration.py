"""The three administrators: each her own field, none the fields of two, and no way to put another one out of the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import authenticate
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from registry_world import demo_code, serial_numbers

from huiqi.documents import decisions
from huiqi.documents.models import Notice
from huiqi.journal.models import Event
from huiqi.registry import accounts, administrators, hats, organs
from huiqi.registry.administrators import HoldsAnother
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.permissions import Actor, administers_accounts, administers_system, audits
from huiqi.registry.vocabulary import ADMINISTRATORS, AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]
DAY = dt.timedelta(days=1)
TODAY = timezone.localdate()
WHY = "本人到窗口，已核对身份证"


@pytest.fixture
def operator(organ: Make) -> Organisation:
    made: Organisation = organ()
    return made


@pytest.fixture
def security(operator: Organisation, actor: Make) -> Actor:
    made: Actor = actor(operator, SECURITY_ADMIN)
    return made


@pytest.fixture
def system(operator: Organisation, actor: Make) -> Actor:
    made: Actor = actor(operator, SYSTEM_ADMIN)
    return made


@pytest.fixture
def auditor(operator: Organisation, actor: Make) -> Actor:
    made: Actor = actor(operator, AUDIT_ADMIN)
    return made


@pytest.fixture
def officer(organ: Make, actor: Make) -> Actor:
    made: Actor = actor(organ("653100", "tax"))
    return made


# --- nobody is two ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("first", sorted(ADMINISTRATORS))
def test_the_database_refuses_a_person_who_would_be_two_of_the_three(
    operator: Organisation, organ: Make, person: Make, first: str, second: str
) -> None:
    somebody = person()
    Membership.objects.create(person=somebody, organisation=operator, role=first, start=TODAY)
    if first == second:
        Membership.objects.create(person=somebody, organisation=organ("653100"), role=second, start=TODAY)
        return
    with pytest.raises(IntegrityError, match="nobody_holds_two_of_the_three"), transaction.atomic():
        Membership.objects.create(person=somebody, organisation=organ("653100"), role=second, start=TODAY)


def test_one_after_the_other_is_allowed_and_at_the_moment_when_the_first_was_ended(
    operator: Organisation, person: Make
) -> None:
    somebody = person()
    hat = administrators.appoint(somebody, SYSTEM_ADMIN, operator, TODAY)
    with pytest.raises(HoldsAnother):
        administrators.appoint(somebody, AUDIT_ADMIN, operator, TODAY)
    assert administrators.dismiss(somebody, TODAY) == 1
    hat.refresh_from_db()
    assert not hat.active_on(TODAY)
    assert administrators.appoint(somebody, AUDIT_ADMIN, operator, TODAY).active_on(TODAY)
    assert [each.role for each in administrators.appointed(TODAY)] == [AUDIT_ADMIN]


def test_to_appoint_somebody_twice_is_to_appoint_her_once_and_it_is_on_record(
    operator: Organisation, person: Make
) -> None:
    somebody = person()
    first = administrators.appoint(somebody, SYSTEM_ADMIN, operator, TODAY)
    assert administrators.appoint(somebody, SYSTEM_ADMIN, operator, TODAY) == first
    event = Event.objects.get(verb="administrator.appointed")
    assert (event.machine, event.object_id) == ("administrators", str(first.pk))


def test_administrators_belong_to_an_organ(enterprise: Make, person: Make) -> None:
    with pytest.raises(ValueError, match="organ"):
        administrators.appoint(person(), SYSTEM_ADMIN, enterprise(), TODAY)


def test_each_has_her_own_field(system: Actor, security: Actor, auditor: Actor) -> None:
    fields = [
        (administers_system(each), administers_accounts(each), audits(each)) for each in (system, security, auditor)
    ]
    assert fields == [(True, False, False), (False, True, False), (False, False, True)]


def test_none_of_them_reads_facts_or_works_for_the_organ(
    system: Actor, security: Actor, auditor: Actor, enterprise: Make
) -> None:
    enterprise()
    for each in (system, security, auditor):
        assert (each.jurisdiction, each.own_enterprise, each.organ_function) == (None, None, None)
        assert not Organisation.objects.enterprises().visible_to(each).exists()
        assert not hats.decides(each)


def test_the_audit_administrator_reads_every_event_and_the_others_their_own(
    system: Actor, security: Actor, auditor: Actor, officer: Actor, person: Make
) -> None:
    assert officer.person is not None
    accounts.lock(security, officer.person.pk, WHY)
    everything = Event.objects.count()
    assert Event.objects.visible_to(auditor).count() == everything > 0
    assert set(Event.objects.visible_to(system)) < set(Event.objects.visible_to(auditor))
    assert {event.person for event in Event.objects.visible_to(security)} == {security.person.pk}  # type: ignore[union-attr]


# --- accounts ---------------------------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Actor, int], Any]] = {
    "lock": lambda actor, pk: accounts.lock(actor, pk, WHY),
    "unlock": lambda actor, pk: accounts.unlock(actor, pk, WHY),
    "reset": lambda actor, pk: decisions.reset_second_factor(actor, pk, WHY),
    "sessions": lambda actor, pk: accounts.end_sessions(actor, pk, WHY),
    "link": lambda actor, pk: accounts.new_password_token(actor, pk, WHY),
}


@pytest.mark.parametrize("act", ACTS)
def test_the_security_administrator_looks_after_an_account(security: Actor, person: Make, act: str) -> None:
    somebody = person()
    ACTS[act](security, somebody.pk)
    event = Event.objects.exclude(verb="notice.sent").latest("id")
    assert (event.reason, event.object_kind) == (WHY, "registry.person")
    assert event.object_id == str(somebody.pk)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_does(system: Actor, auditor: Actor, officer: Actor, person: Make, act: str) -> None:
    somebody = person()
    for each in (system, auditor, officer, Actor(person()), Actor()):
        with pytest.raises(PermissionDenied):
            ACTS[act](each, somebody.pk)


@pytest.mark.parametrize("act", ACTS)
def test_not_her_own_account_nor_those_of_the_other_administrators(
    security: Actor, system: Actor, auditor: Actor, operator: Organisation, actor: Make, act: str
) -> None:
    for each in (security, system, auditor, actor(operator, SECURITY_ADMIN)):
        assert each.person is not None
        with pytest.raises(PermissionDenied):
            ACTS[act](security, each.person.pk)


@pytest.mark.parametrize("reason", ["", "  \n "])
@pytest.mark.parametrize("act", ["lock", "unlock", "reset_second_factor", "end_sessions", "new_password_token"])
def test_nothing_is_done_to_an_account_without_a_reason(security: Actor, person: Make, act: str, reason: str) -> None:
    somebody = person()
    with pytest.raises(ValueError, match="reason"):
        getattr(accounts, act)(security, somebody.pk, reason)
    somebody.refresh_from_db()
    assert somebody.is_active


def test_a_locked_account_signs_in_no_more_until_it_is_unlocked(security: Actor, person: Make) -> None:
    somebody = person(login_name="amina", password="correct horse battery")
    accounts.lock(security, somebody.pk, "疑似被盗用")
    somebody.refresh_from_db()
    assert (somebody.is_active, somebody.lock_reason) == (False, "疑似被盗用")
    assert authenticate(username="amina", password="correct horse battery") is None
    accounts.unlock(security, somebody.pk, WHY)
    assert authenticate(username="amina", password="correct horse battery") == somebody
    assert Person.objects.get(pk=somebody.pk).lock_reason == ""


def test_a_reset_takes_all_factors_and_the_person_is_told_why(security: Actor, person: Make) -> None:
    somebody = person()
    TOTP.activate(somebody, generate_totp_secret())
    decisions.reset_second_factor(security, somebody.pk, "手机丢失。")
    assert not Authenticator.objects.filter(user=somebody).exists()
    assert Notice.objects.get(person=somebody).data == {"reason": "手机丢失"}


def test_the_factor_of_an_administrator_is_taken_on_the_machine(security: Actor) -> None:
    assert security.person is not None
    TOTP.activate(security.person, generate_totp_secret())
    administrators.forget_second_factor(security.person)
    assert not Authenticator.objects.exists()
    assert Event.objects.latest("id").verb == "second_factor.reset"


def test_a_link_for_a_new_password_is_good_for_this_account_only(security: Actor, person: Make) -> None:
    somebody, other = person(password="x"), person(password="x")
    found, token = accounts.new_password_token(security, somebody.pk, WHY)
    assert found == somebody
    assert default_token_generator.check_token(somebody, token)
    assert not default_token_generator.check_token(other, token)
    assert token not in str(list(Event.objects.values()))


# --- roles ------------------------------------------------------------------------------------------------------------


def test_a_role_is_given_in_an_organ_and_the_person_is_told(security: Actor, organ: Make, person: Make) -> None:
    somebody, office = person(), organ("653100", "tax")
    hat = decisions.give_hat(security, somebody.pk, office.pk, "officer", TODAY, None, WHY)
    assert hat.active_on(TODAY) and hat.organisation == office
    assert Notice.objects.get(person=somebody).data["outcome"] == "given"
    event = Event.objects.get(verb="hat.given")
    assert (event.reason, event.subject) == (WHY, office.pk)
    with pytest.raises(hats.AlreadyHeld):
        hats.give(security, somebody.pk, office.pk, "officer", TODAY + DAY, None, WHY)


@pytest.mark.parametrize("role", [*sorted(ADMINISTRATORS), "owner", "delegate", "king"])
def test_roles_that_are_not_hers_to_give_in_an_organ(security: Actor, organ: Make, person: Make, role: str) -> None:
    with pytest.raises(PermissionDenied):
        hats.give(security, person().pk, organ().pk, role, TODAY, None, WHY)


def test_who_acts_for_an_enterprise_is_not_hers_to_say_and_in_an_agency_it_is(
    security: Actor, enterprise: Make, person: Make
) -> None:
    somebody = person()
    with pytest.raises(PermissionDenied):
        hats.give(security, somebody.pk, enterprise().pk, "owner", TODAY, None, WHY)
    agency = Organisation.objects.create(
        kind="service_agency", name_zh="样例财税", uscc=demo_code(next(serial_numbers)), region_id="653101"
    )
    assert hats.give(security, somebody.pk, agency.pk, "owner", TODAY, None, WHY).role == "owner"
    with pytest.raises(PermissionDenied):
        hats.give(security, somebody.pk, agency.pk, "officer", TODAY, None, WHY)


def test_nobody_but_the_security_administrator_gives_roles(
    system: Actor, auditor: Actor, officer: Actor, organ: Make, person: Make
) -> None:
    for each in (system, auditor, officer):
        with pytest.raises(PermissionDenied):
            hats.give(each, person().pk, organ().pk, "officer", TODAY, None, WHY)


def test_an_ended_role_is_over_at_once_and_may_be_given_again(security: Actor, officer: Actor) -> None:
    assert officer.person is not None and officer.membership is not None
    decisions.end_hat(security, officer.membership.pk, "调离")
    hat = Membership.objects.get(pk=officer.membership.pk)
    assert not hat.active_on(TODAY)
    assert (hat.ended_by, hat.end_reason) == (security.person, "调离")
    assert officer.person.hats(TODAY) == []
    assert Notice.objects.get(person=officer.person).data["reason"] == "调离"
    again = hats.give(security, officer.person.pk, hat.organisation_id, "officer", TODAY, None, WHY)
    assert officer.person.hats(TODAY) == [again]


def test_she_ends_no_role_of_an_administrator(security: Actor, auditor: Actor) -> None:
    assert auditor.membership is not None and security.membership is not None
    for hat in (auditor.membership, security.membership):
        with pytest.raises(PermissionDenied):
            hats.end(security, hat.pk, WHY)


def test_an_owner_ends_roles_of_her_own_firm_only_and_never_the_last_owner(enterprise: Make, actor: Make) -> None:
    firm = enterprise()
    owner, agent, stranger = actor(firm, "owner"), actor(firm, "agent"), actor(enterprise(), "owner")
    with pytest.raises(PermissionDenied):
        hats.end(agent, owner.membership.pk, WHY)
    with pytest.raises(Membership.DoesNotExist):
        hats.end(stranger, agent.membership.pk, WHY)
    hats.end(owner, agent.membership.pk, WHY)
    with pytest.raises(hats.LastOwner):
        hats.end(owner, owner.membership.pk, WHY)
    second = actor(firm, "owner")
    hats.end(second, owner.membership.pk, WHY)
    with pytest.raises(hats.LastOwner):
        hats.end(second, second.membership.pk, WHY)


# --- organs -----------------------------------------------------------------------------------------------------------

BUREAU = {"kind": "organ", "name_zh": "样例局", "organ_function": "tax"}


def test_the_system_administrator_makes_and_changes_an_organ_with_a_reason(system: Actor, organ: Make) -> None:
    place = organ("653100").region
    made = organs.save(system, None, {**BUREAU, "region": place}, "机构改革")
    assert Event.objects.get(verb="organ.made").reason == "机构改革"
    changed = organs.save(system, made.pk, {"name_zh": "样例税务局"}, "更名")
    assert (changed.name_zh, changed.organ_function, changed.region) == ("样例税务局", "tax", place)
    assert Event.objects.get(verb="organ.changed").object_id == str(made.pk)
    with pytest.raises(ValueError, match="reason"):
        organs.save(system, made.pk, {"name_zh": "别的局"}, " ")


def test_nobody_else_keeps_organs(security: Actor, auditor: Actor, officer: Actor, organ: Make) -> None:
    for each in (security, auditor, officer, Actor()):
        with pytest.raises(PermissionDenied):
            organs.save(each, organ().pk, {"name_zh": "改名"}, WHY)


def test_an_enterprise_is_neither_made_nor_changed_as_an_organ(system: Actor, enterprise: Make) -> None:
    with pytest.raises(Organisation.DoesNotExist):
        organs.save(system, enterprise().pk, {"name_zh": "改名"}, WHY)
    with pytest.raises(PermissionDenied):
        organs.save(system, None, {"kind": "enterprise", "name_zh": "企业", "uscc": demo_code(1)}, WHY)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name_zh": ""}, "name_zh", "no_name"),
        ({"organ_function": None}, "organ_function", "no_function"),
        ({"region": None}, "region", "no_region"),
        ({"kind": "bank"}, "uscc", "no_code"),
        ({"active_from": TODAY, "active_to": TODAY - DAY}, "active_to", "ends_before_it_begins"),
    ],
)
def test_what_makes_no_sense_is_named_by_its_field(
    system: Actor, organ: Make, change: dict[str, Any], field: str, code: str
) -> None:
    values = {**BUREAU, "region": organ("653100").region} | change
    with pytest.raises(ValidationError) as problem:
        organs.save(system, None, values, WHY)
    assert [each.code for each in problem.value.error_dict[field]] == [code]


def test_an_organ_is_not_its_own_superior_over_whatever_way(system: Actor, organ: Make) -> None:
    top, middle, low = organ("650000", "other"), organ("653100", "other"), organ("653101", "other")
    organs.save(system, middle.pk, {"superior": top}, WHY)
    organs.save(system, low.pk, {"superior": middle}, WHY)
    for superior in (top, middle, low):
        with pytest.raises(ValidationError) as problem:
            organs.save(system, top.pk, {"superior": Organisation.objects.get(pk=superior.pk)}, WHY)
        assert "superior" in problem.value.error_dict
