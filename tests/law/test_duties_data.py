"""The duties as data: every one with an owner, a source, a deadline that exists, and verbs that the journal knows."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from huiqi.journal.verbs import verbs
from huiqi.law.articles import articles
from huiqi.law.clock import deadline
from huiqi.law.duties.definitions import DATA, PERIODS, Duty, duties
from huiqi.registry.vocabulary import KINDS, ORGAN_FUNCTIONS, REGION_LEVELS

ALL = list(duties().values())


@pytest.mark.parametrize("duty", ALL, ids=lambda duty: duty.id)
def test_every_duty_is_whole(duty: Duty) -> None:
    assert duty.articles and all(1 <= number <= len(articles()) for number in duty.articles)
    for words in (duty.title, duty.source, duty.owed_to, duty.proof):
        assert words.zh.strip() and words.en.strip()
        assert re.search(r"[\u4e00-\u9fff]", words.zh)
    assert duty.owner.kind in KINDS
    assert set(duty.owner.functions) | set(duty.supervised_by) <= set(ORGAN_FUNCTIONS)
    assert set(duty.owner.levels) <= set(REGION_LEVELS)
    assert (duty.opens is None) != (duty.period is None)
    assert duty.period is None or duty.period in PERIODS
    assert (duty.rule is None) != (duty.before is None)
    if duty.rule is not None:
        assert deadline(duty.rule, dt.date(2026, 11, 24)).unit != "hour"


@pytest.mark.parametrize("duty", ALL, ids=lambda duty: duty.id)
def test_every_verb_that_a_duty_listens_to_is_one_of_the_journal(duty: Duty) -> None:
    assert duty.verbs <= set(verbs())
    assert duty.by_hand is False or duty.opens is not None


def test_whoever_is_no_organ_has_a_supervisor() -> None:
    for duty in ALL:
        assert (duty.owner.kind == "organ") != bool(duty.supervised_by), duty.id


def test_the_duty_calendar_of_the_measures_is_there() -> None:
    owed = {(number, duty.period or "event") for duty in ALL for number in duty.articles}
    assert {
        (7, "yearly"), (9, "event"), (10, "yearly"), (11, "yearly"), (14, "yearly"), (15, "quarterly"), (20, "quarterly"),
        (36, "event"), (37, "yearly"), (38, "yearly"), (44, "yearly"), (48, "yearly"), (49, "yearly"), (50, "event"),
        (52, "yearly"), (53, "event"), (54, "yearly"), (57, "yearly"),
    } <= owed  # fmt: skip
    rules = {duty.id: duty.rule for duty in ALL}
    assert rules["disclosure.public"] == "disclosure.public" and rules["calendar.load"] == "calendar.load"
    assert rules["fee_catalogue.publish"] == "fee_catalogue.publish"


def test_no_field_of_the_file_is_unknown() -> None:
    known = {
        "id", "title", "articles", "source", "owner", "owed_to", "opened_by", "by_hand", "deadline", "before", "fulfilled_by",
        "falls_away_by", "supervised_by", "proof",
    }  # fmt: skip
    for entry in yaml.safe_load(DATA.read_text(encoding="utf-8")):
        assert set(entry) <= known, entry["id"]
        assert set(entry["owner"]) <= {"kind", "functions", "levels", "choose", "size", "by"}, entry["id"]


@given(st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31)), st.sampled_from(["yearly", "quarterly"]))
def test_periods_follow_each_other_without_gap_or_overlap(day: dt.date, kind: str) -> None:
    duty = next(each for each in ALL if each.period == kind)
    period = duty.period_of(day)
    assert period.first <= day <= period.last
    assert duty.period_of(period.last).key == period.key
    following = duty.period_of(period.last + dt.timedelta(1))
    assert following.first == period.last + dt.timedelta(1) and following.key != period.key
