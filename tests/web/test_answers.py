"""What a visitor said is kept in the session, comes back with its type, and goes when she says so."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib.sessions.backends.signed_cookies import SessionStore
from hypothesis import given
from hypothesis import strategies as st

from huiqi.rules.dictionary import Fact, dictionary
from huiqi.web.answers import KEY, MOST_QUESTIONS, Answers

ASKABLE = [fact for fact in dictionary() if fact.askable]


def values_of(fact: Fact) -> st.SearchStrategy[Any]:
    codes = sorted(fact.codes) or ["6210", "5431"]
    return {
        "boolean": st.booleans(),
        "integer": st.integers(0, 10**6),
        "decimal": st.decimals(0, 10**6, places=4),
        "date": st.dates(dt.date(1980, 1, 1), dt.date(2026, 11, 24)),
        "enum": st.sampled_from(codes),
        "set": st.frozensets(st.sampled_from(codes)),
        "text": st.sampled_from(
            {"registration_region": ["653101"], "operating_region": ["653101"]}.get(fact.name, ["6210"])
        ),
    }[fact.type]


facts_and_values = st.sampled_from(ASKABLE).flatmap(lambda fact: st.tuples(st.just(fact), values_of(fact)))


@given(st.lists(facts_and_values, max_size=8))
def test_every_answer_comes_back_with_its_type_after_a_journey_through_the_session(
    given_: list[tuple[Fact, Any]],
) -> None:
    session = SessionStore()
    said = Answers(session)
    said.start({})
    for fact, value in given_:
        said.record(fact.name, value)
    carried = SessionStore()
    carried[KEY] = session.decode(session.encode(dict(session.items())))[KEY]
    assert Answers(carried).facts() == {fact.name: value for fact, value in given_}


def test_a_run_asks_six_questions_and_going_back_asks_none_anew() -> None:
    said = Answers(SessionStore())
    names = [fact.name for fact in ASKABLE if fact.type == "boolean"][: MOST_QUESTIONS + 2]
    for name in names:
        said.record(name, True)
    assert said.asked == names[:MOST_QUESTIONS]
    said.record(names[0], False)
    assert said.asked == names[:MOST_QUESTIONS]
    assert said.before(names[0]) is None
    assert said.before(names[3]) == names[2]


def test_a_skipped_question_is_unknown_and_an_answer_later_takes_the_skip_back() -> None:
    said = Answers(SessionStore())
    said.record("monthly_sales", Decimal("8.6"))
    said.skip("monthly_sales")
    assert "monthly_sales" not in said.facts()
    assert said.skipped == ["monthly_sales"]
    said.record("monthly_sales", Decimal(9))
    assert said.skipped == []


def test_a_value_from_the_register_loses_that_mark_once_the_visitor_changes_it() -> None:
    said = Answers(SessionStore())
    said.start({"legal_form": "company", "registration_status": "active"}, on_file=True)
    said.record("legal_form", "partnership")
    assert said.on_file == ["registration_status"]


def test_an_answer_that_a_newer_dictionary_refuses_is_dropped_instead_of_breaking_the_page() -> None:
    session = SessionStore()
    session[KEY] = {"facts": {"legal_form": "guild", "employees": 9, "no_such_fact": 1}}
    assert Answers(session).facts() == {"employees": 9}
