"""A password is strong by the guesses that it takes, and weak with whatever one knows of the person."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from huiqi.registry.models import Person
from huiqi.registry.passwords import LEAST_SCORE, LOOKED_AT, StrengthValidator, score


@pytest.mark.parametrize(
    "weak",
    [
        "111111111111",
        "password1234",
        "q1w2e3r4t5y6",
        "woaini1314520",
        "xinjiang888888",
        "a123456789a1",
        "样例样例样例样例样例样例",
    ],
)
def test_what_is_found_in_few_guesses_is_refused(weak: str) -> None:
    with pytest.raises(ValidationError) as problem:
        StrengthValidator().validate(weak)
    assert problem.value.code == "password_too_weak"


@pytest.mark.parametrize("strong", ["correct horse battery staple", "喀什面馆开业第一天下雪", "lp3x-9vtq-mm4k"])
def test_a_sentence_of_ones_own_is_taken(strong: str) -> None:
    StrengthValidator().validate(strong, Person(login_name="owner", display_name="阿依古丽"))


def test_what_one_knows_of_the_person_makes_a_password_weaker() -> None:
    password = "hengyancatering"
    assert score(password, ("hengyancatering",)) < score(password)
    with pytest.raises(ValidationError):
        StrengthValidator().validate(password, Person(login_name="hengyancatering", display_name="样例"))


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_has_a_score_and_what_follows_beyond_what_is_looked_at_changes_nothing(text: str, more: str) -> None:
    found = score(text)
    assert 0 <= found <= 4
    if len(text) >= LOOKED_AT:
        assert score(text + more) == found


def test_the_least_score_is_more_than_a_hundred_million_guesses() -> None:
    assert LEAST_SCORE == 3
