"""One-time codes: the legal representative's word in a form that can be handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from huiqi.documents import decisions
from huiqi.documents.models import Notice
from huiqi.journal.models import Change
from huiqi.registry import hats, inviting
from huiqi.registry.delegating import BadTerms
from huiqi.registry.inviting import OwnCode, UnknownCode
from huiqi.registry.models import Delegation, HatRequest, Invitation, Membership, Organisation, Person
from huiqi.registry.permissions import Actor
from huiqi.registry.vocabulary import DECLARE_FACTS, DELEGATE, READ_FACTS

Make = Callable[..., Any]
DAY = dt.timedelta(days=1)
FAR = dt.date(2099, 12, 31)
TODAY = timezone.localdate()


@pytest.fixture
def firm(enterprise: Make) -> Organisation:
    made: Organisation = enterprise()
    return made


@pytest.fixture
def owner(firm: Organisation, actor: Make) -> Actor:
    made: Actor = actor(firm, "owner")
    return made


@given(st.text(alphabet=" -_.·\t", max_size=4), st.booleans())
def test_a_code_is_the_same_however_it_is_spaced_or_written(between: str, upper: bool) -> None:
    parts = ("ab2c", "de3f", "gh4j")
    typed = between.join(parts)
    assert inviting.hashed(typed.upper() if upper else typed) == inviting.hashed("-".join(parts))
    assert inviting.hashed(typed) != inviting.hashed("ab2c-de3f-gh4k")


@pytest.mark.django_db
def test_a_code_makes_an_owner_once(owner: Actor, person: Make, firm: Organisation) -> None:
    invitation, code = inviting.invite(owner, "owner", "王经理", TODAY)
    invited = person()
    accepted = decisions.accept_code(Actor(invited), code.upper().replace("-", " "), TODAY)
    assert accepted.hat == Membership.objects.get(person=invited)
    assert (accepted.hat.role, accepted.hat.organisation, accepted.hat.start) == ("owner", firm, TODAY)
    assert Notice.objects.get(organisation=firm).data["outcome"] == "joined"
    with pytest.raises(UnknownCode):
        inviting.accept(Actor(person()), code, TODAY)
    invitation.refresh_from_db()
    assert invitation.accepted_by == invited


@pytest.mark.django_db
def test_a_code_makes_a_delegate_with_its_terms(owner: Actor, person: Make) -> None:
    _, code = inviting.invite(owner, DELEGATE, "代账", TODAY, scopes=[DECLARE_FACTS], end=FAR)
    agent = person()
    hat = inviting.accept(Actor(agent), code, TODAY + DAY).hat
    assert isinstance(hat, Delegation)
    assert (hat.agent, hat.scopes, hat.start, hat.end) == (agent, [READ_FACTS, DECLARE_FACTS], TODAY + DAY, FAR)
    assert hat.given_by == owner.person


@pytest.mark.django_db
def test_a_code_is_kept_as_a_keyed_hash_and_stands_in_no_event(owner: Actor) -> None:
    invitation, code = inviting.invite(owner, "agent", "某人", TODAY)
    assert len(code) == 14 and invitation.code_hash == inviting.hashed(code)
    assert not Invitation.objects.filter(code_hash__contains=code).exists()
    for change in Change.objects.filter(kind="registry.invitation"):
        assert invitation.code_hash not in str(change.after) and code not in str(change.after)


@pytest.mark.django_db
def test_a_code_that_is_wrong_old_withdrawn_or_of_a_closed_firm_is_simply_unknown(
    owner: Actor, person: Make, firm: Organisation
) -> None:
    newcomer = Actor(person())
    with pytest.raises(UnknownCode):
        inviting.accept(newcomer, "xxxx-xxxx-xxxx", TODAY)
    old, code = inviting.invite(owner, "agent", "某人", TODAY)
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    with pytest.raises(UnknownCode):
        inviting.accept(newcomer, code, TODAY)
    taken_back, code = inviting.invite(owner, "agent", "某人", TODAY)
    inviting.withdraw(owner, taken_back.pk)
    with pytest.raises(UnknownCode):
        inviting.accept(newcomer, code, TODAY)
    with pytest.raises(Invitation.DoesNotExist):
        inviting.withdraw(owner, taken_back.pk)
    _, code = inviting.invite(owner, "agent", "某人", TODAY)
    Organisation.objects.filter(pk=firm.pk).update(active_to=TODAY - DAY)
    with pytest.raises(UnknownCode):
        inviting.accept(newcomer, code, TODAY)
    assert not Membership.objects.filter(person=newcomer.person).exists()


@pytest.mark.django_db
def test_a_delegation_whose_last_day_has_passed_is_not_taken_up(owner: Actor, person: Make) -> None:
    _, code = inviting.invite(owner, DELEGATE, "代账", TODAY, scopes=[READ_FACTS], end=TODAY)
    with pytest.raises(UnknownCode):
        inviting.accept(Actor(person()), code, TODAY + DAY)


@pytest.mark.django_db
def test_whoever_made_a_code_cannot_use_it_nor_who_acts_for_the_firm_already(
    owner: Actor, firm: Organisation, actor: Make
) -> None:
    _, code = inviting.invite(owner, "agent", "某人", TODAY)
    with pytest.raises(OwnCode):
        inviting.accept(owner, code, TODAY)
    colleague = actor(firm, "agent")
    with pytest.raises(hats.AlreadyHeld):
        inviting.accept(Actor(colleague.person), code, TODAY)
    assert Invitation.objects.open().count() == 1, "it may still be used by whom it is for"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["agent", "clerk"])
def test_only_an_owner_invites(firm: Organisation, actor: Make, role: str) -> None:
    with pytest.raises(PermissionDenied):
        inviting.invite(actor(firm, role), "agent", "某人", TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scopes", "start", "end", "field"),
    [([], None, FAR, "scopes"), ([READ_FACTS], TODAY - DAY, FAR, "start"), ([READ_FACTS], None, None, "end")],
)
def test_terms_that_make_no_sense_make_no_code(
    owner: Actor, scopes: list[str], start: dt.date | None, end: dt.date | None, field: str
) -> None:
    with pytest.raises(BadTerms) as problem:
        inviting.invite(owner, DELEGATE, "代账", TODAY, scopes=scopes, start=start, end=end)
    assert problem.value.field == field
    assert not Invitation.objects.exists()


@pytest.mark.django_db
def test_a_request_that_waits_is_approved_by_the_code_and_one_for_another_role_is_not(
    owner: Actor, firm: Organisation, person: Make
) -> None:
    asking, other = person(), person()
    same = hats.ask(asking, str(firm.uscc), "agent", TODAY)
    differs = hats.ask(other, str(firm.uscc), "owner", TODAY)
    assert same is not None and differs is not None
    for somebody in (asking, other):
        _, code = inviting.invite(owner, "agent", "某人", TODAY)
        inviting.accept(Actor(somebody), code, TODAY)
    states = dict(HatRequest.objects.values_list("pk", "state"))
    assert states == {same.pk: "approved", differs.pk: "waiting"}
    assert HatRequest.objects.get(pk=same.pk).decided_by == owner.person


@pytest.mark.django_db
def test_the_sme_authority_makes_a_code_for_an_owner_of_its_area_and_of_no_other(
    firm: Organisation, organ: Make, actor: Make, person: Make
) -> None:
    code = str(firm.uscc)
    officer = actor(organ("653100"))
    made = inviting.invite_owner(officer, code, "法定代表人", TODAY)
    assert made is not None
    invitation, word = made
    assert (invitation.role, invitation.made_for) == ("owner", officer.organisation)
    assert list(Invitation.objects.visible_to(officer)) == [invitation]
    newcomer: Person = person()
    inviting.accept(Actor(newcomer), word, TODAY)
    assert newcomer.memberships.get().role == "owner"
    assert inviting.invite_owner(actor(organ("652900")), code, "法定代表人", TODAY) is None
    for somebody in (actor(organ("653100", "tax")), actor(organ("653100"), "clerk"), actor(firm, "owner")):
        with pytest.raises(PermissionDenied):
            inviting.invite_owner(somebody, code, "法定代表人", TODAY)


@pytest.mark.django_db
def test_only_whoever_runs_the_firm_sees_its_codes(
    owner: Actor, firm: Organisation, enterprise: Make, actor: Make
) -> None:
    invitation, _ = inviting.invite(owner, "agent", "某人", TODAY)
    for somebody in (actor(firm, "agent"), actor(enterprise(), "owner"), Actor()):
        assert not Invitation.objects.visible_to(somebody).exists()
        with pytest.raises(Invitation.DoesNotExist):
            inviting.withdraw(somebody, invitation.pk)
