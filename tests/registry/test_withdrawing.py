"""A declaration that is withdrawn leaves the file as if it had never been made."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from registry_world import TODAY, certified, declared

from huiqi.registry.declaring import certify, correct, declare, refuse, withdraw
from huiqi.registry.models import Declaration, EnterpriseFacts, Membership, Organisation, Person, Statement
from huiqi.registry.models.declarations import CERTIFIED as AS_DECLARED
from huiqi.registry.models.declarations import CORRECTED, REFUSED, WITHDRAWN
from huiqi.registry.permissions import Actor
from huiqi.registry.roster.importer import import_roster

pytestmark = pytest.mark.django_db

Make = Callable[..., Organisation]
Act = Callable[..., Actor]


def imported(made_on: dt.date = TODAY) -> Statement:
    return Statement(source="imported", made_on=made_on)


@pytest.fixture
def owner(facts: EnterpriseFacts, actor: Act) -> Actor:
    return actor(facts.organisation, "owner")


@pytest.fixture
def officer(organ: Make, actor: Act) -> Actor:
    return actor(organ("653100", "tax"))


def say(owner: Actor, value: Any, name: str = "monthly_sales") -> int:
    return declare(owner, name, value, TODAY).declaration.pk


def standing(facts: EnterpriseFacts, name: str = "monthly_sales") -> tuple[Any, str, Any]:
    """(value, source, value of the claim beside it) as the file now has them."""
    row = EnterpriseFacts.objects.select_related("organisation").get(pk=facts.pk)
    source = row.source_of(name)
    claim = row.claims.get(name)
    return row.values().get(name), source.source if source else "", claim and Decimal(claim["value"])


def test_the_value_of_a_roster_comes_back(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    declaration = say(owner, "8.6")
    assert standing(facts) == (Decimal("8.6"), "declared", None)
    withdraw(owner, declaration)
    assert standing(facts) == (7, "imported", None)


def test_what_was_not_known_is_not_known_again(owner: Actor, facts: EnterpriseFacts) -> None:
    withdraw(owner, say(owner, "8.6"))
    assert standing(facts) == (None, "", None)


def test_an_estimate_comes_back(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, Statement(source="derived", made_on=TODAY))
    withdraw(owner, say(owner, "8.6"))
    assert standing(facts) == (7, "derived", None)


def test_a_certified_value_that_had_ended_comes_back_as_ended(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record(
        {"monthly_sales": "7"}, certified(TODAY - dt.timedelta(days=9), valid_until=TODAY - dt.timedelta(days=1))
    )
    declaration = say(owner, "8.6")
    assert standing(facts) == (Decimal("8.6"), "declared", None)
    withdraw(owner, declaration)
    assert standing(facts) == (7, "certified", None)
    row = EnterpriseFacts.objects.get(pk=facts.pk)
    assert "monthly_sales" not in row.values(TODAY)
    assert row.values(TODAY - dt.timedelta(days=1))["monthly_sales"] == 7


def test_of_two_declarations_in_a_row_neither_is_left(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    first, second = say(owner, "8"), say(owner, "9")
    with pytest.raises(Declaration.DoesNotExist):
        withdraw(owner, first)  # the second one has taken its place
    assert standing(facts) == (9, "declared", None)
    withdraw(owner, second)
    assert standing(facts) == (7, "imported", None)


def test_two_facts_are_withdrawn_in_either_order(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7", "employees": 9}, imported())
    for order in (("monthly_sales", "employees"), ("employees", "monthly_sales")):
        made = {"monthly_sales": say(owner, "8"), "employees": say(owner, 10, "employees")}
        for name in order:
            withdraw(owner, made[name])
            assert standing(facts, name)[1] == "imported"
        assert standing(facts)[0] == 7
        assert standing(facts, "employees")[0] == 9


def test_a_declaration_that_was_not_certified_still_counts_and_comes_back(
    owner: Actor, officer: Actor, facts: EnterpriseFacts
) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    refuse(officer, say(owner, "8"), "看不清")
    withdraw(owner, say(owner, "9"))
    assert standing(facts) == (8, "declared", None)


def test_a_claim_that_a_later_claim_replaced_comes_back(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    facts.record({"monthly_sales": "6"}, certified())
    assert standing(facts) == (6, "certified", 7)
    declaration = say(owner, "9")
    assert standing(facts) == (6, "certified", 9)
    withdraw(owner, declaration)
    assert standing(facts) == (6, "certified", 7)
    withdraw(owner, say(owner, "6"))  # to agree and to take it back settles nothing
    assert standing(facts) == (6, "certified", 7)


def test_a_certificate_that_came_after_the_declaration_stays_beside_what_was_there_before_it(
    owner: Actor, facts: EnterpriseFacts
) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    declaration = say(owner, "8")
    facts.record({"monthly_sales": "6"}, certified())
    assert standing(facts) == (6, "certified", 8)
    withdraw(owner, declaration)
    assert standing(facts) == (6, "certified", 7)


def test_the_place_of_registration_takes_the_firm_back(owner: Actor, facts: EnterpriseFacts) -> None:
    withdraw(owner, say(owner, "650102", "registration_region"))
    facts.organisation.refresh_from_db()
    assert facts.organisation.region_id == "653101"
    facts.record({"registration_region": "653201"}, imported())
    declaration = say(owner, "650102", "registration_region")
    facts.organisation.refresh_from_db()
    assert facts.organisation.region_id == "650102"
    withdraw(owner, declaration)
    facts.organisation.refresh_from_db()
    assert facts.organisation.region_id == "653201"


# --- a roster in between ----------------------------------------------------------------------------------------------


def bring_in(
    facts: EnterpriseFacts, figure: str, statement: Statement | None = None, heading: str = "月销售额"
) -> None:
    text = f"统一社会信用代码,{heading}\n{facts.organisation.uscc},{figure}\n"
    report = import_roster(
        io.BytesIO(text.encode()), by=None, dry_run=False, allow_fictitious=True, statement=statement
    )
    assert report.accepted


def test_a_roster_that_came_after_the_declaration_has_the_last_word(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    declaration = say(owner, "8.6")
    bring_in(facts, "7.5")
    assert standing(facts) == (Decimal("7.5"), "imported", None)
    withdraw(owner, declaration)
    assert standing(facts) == (Decimal("7.5"), "imported", None)


def test_a_declaration_after_that_roster_gives_way_to_it(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    say(owner, "8")
    bring_in(facts, "7.5")
    withdraw(owner, say(owner, "9"))
    assert standing(facts) == (Decimal("7.5"), "imported", None)


def test_what_a_roster_confirmed_stays_when_the_declaration_goes(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    declaration = say(owner, "8.6")
    bring_in(facts, "8.6")
    withdraw(owner, declaration)
    assert standing(facts) == (Decimal("8.6"), "imported", None)


def test_a_dry_run_and_a_blank_cell_leave_what_comes_back(owner: Actor, facts: EnterpriseFacts) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    declaration = say(owner, "8.6")
    text = f"统一社会信用代码,月销售额\n{facts.organisation.uscc},7.5\n"
    import_roster(io.BytesIO(text.encode()), by=None, dry_run=True, allow_fictitious=True)
    bring_in(facts, "")
    withdraw(owner, declaration)
    assert standing(facts) == (7, "imported", None)


def test_a_certified_roster_in_between_keeps_what_was_said_before_the_declaration_as_a_claim(
    owner: Actor, facts: EnterpriseFacts
) -> None:
    facts.record({"monthly_sales": "7"}, imported())
    declaration = say(owner, "8.6")
    bring_in(facts, "6", certified())
    assert standing(facts) == (6, "certified", Decimal("8.6"))
    withdraw(owner, declaration)
    assert standing(facts) == (6, "certified", 7)


# --- the law over all histories ---------------------------------------------------------------------------------------

FIGURES = st.sampled_from(["1", "2", "3"])
DECLARE = st.tuples(st.just("declare"), FIGURES)
WITHDRAW = st.just(("withdraw",))
OTHERS = st.one_of(
    st.tuples(st.just("import"), FIGURES),
    st.tuples(st.just("certify until"), FIGURES, st.none() | st.integers(0, 3)),
    st.tuples(st.just("estimate"), FIGURES),
    st.sampled_from([("certify it",), ("refuse it",)]) | st.tuples(st.just("correct it"), FIGURES),
)
HISTORIES = st.lists(st.one_of(OTHERS, DECLARE, WITHDRAW), max_size=8)
#: Most of these declare, hear others and withdraw; the rest is anything.
EVENTS = st.builds(
    lambda *parts: list(itertools.chain(*parts)),
    HISTORIES,
    st.lists(DECLARE, max_size=1),
    st.lists(OTHERS, max_size=3),
    st.lists(WITHDRAW, max_size=1),
    HISTORIES,
)


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS)
def test_after_any_history_a_file_is_what_it_would_be_without_what_was_withdrawn(
    enterprise: Make, organ: Make, person: Callable[..., Person], events: list[tuple[Any, ...]]
) -> None:
    start = dt.date(2020, 1, 1)
    row = EnterpriseFacts.objects.create(organisation=enterprise())
    hat = Membership.objects.create(person=person(), organisation=row.organisation, role="owner", start=start)
    owner = Actor(hat.person, hat)
    office = Membership.objects.create(
        person=person(), organisation=organ("653100", "tax"), role="officer", start=start
    )
    officer = Actor(office.person, office)
    history: list[tuple[str, Statement, int | None]] = []
    waiting: Declaration | None = None
    day = TODAY

    def hear(figure: str, statement: Statement, declaration: int | None = None) -> None:
        history.append((figure, statement, declaration))

    for what, *rest in events:
        day += dt.timedelta(days=1)
        figure = rest[0] if rest else ""
        if what == "declare":
            waiting = declare(owner, "monthly_sales", figure, day).declaration
            hear(figure, declared(day), waiting.pk)
        elif what in ("import", "estimate", "certify until"):
            until = day + dt.timedelta(days=rest[1]) if what == "certify until" and rest[1] is not None else None
            make = {"import": imported, "estimate": lambda on: Statement(source="derived", made_on=on)}.get(what)
            statement = make(day) if make else certified(day, valid_until=until)
            EnterpriseFacts.objects.get(pk=row.pk).record({"monthly_sales": figure}, statement)
            hear(figure, make(day) if make else certified(day, valid_until=until))
        elif waiting is not None:
            if what == "withdraw":
                withdraw(owner, waiting.pk)
            elif what == "refuse it":
                refuse(officer, waiting.pk, "看不清")
            elif what == "correct it":
                correct(officer, waiting.pk, figure, "申报表不同", day)
                hear(figure, certified(day))
            else:
                certify(officer, waiting.pk, day)
                hear(f"{waiting.value}", certified(day))
            waiting = None
    taken_back = set(Declaration.objects.filter(state=WITHDRAWN).values_list("pk", flat=True))
    twin = EnterpriseFacts.objects.create(organisation=enterprise())
    for figure, statement, declaration in history:
        if declaration not in taken_back:
            twin.record({"monthly_sales": figure}, statement)

    def seen(of: EnterpriseFacts) -> tuple[Any, ...]:
        value, _, claim = standing(of)
        basis = of.source_of("monthly_sales")
        said = Statement.objects.filter(pk=of.claims.get("monthly_sales", {}).get("statement")).first()
        return (
            value,
            claim,
            *((each.source, each.made_on, each.valid_until) if each else () for each in (basis, said)),
        )

    assert seen(EnterpriseFacts.objects.select_related("organisation").get(pk=row.pk)) == seen(twin)


def test_a_decided_declaration_is_no_longer_taken_back(owner: Actor, officer: Actor, facts: EnterpriseFacts) -> None:
    decisions: dict[str, Callable[[int], Declaration]] = {
        AS_DECLARED: lambda declaration: certify(officer, declaration, TODAY),
        CORRECTED: lambda declaration: correct(officer, declaration, "9", "不同", TODAY),
        REFUSED: lambda declaration: refuse(officer, declaration, "看不清"),
    }
    for state, decide in decisions.items():
        declaration = say(owner, "8")
        assert decide(declaration).state == state
        with pytest.raises(Declaration.DoesNotExist):
            withdraw(owner, declaration)
