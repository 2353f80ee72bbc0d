"""The rules of the clock as data: whole, consistent, each with its source."""

from __future__ import annotations

import datetime as dt
import itertools
import re

import pytest
import yaml

from huiqi.law.articles import articles
from huiqi.law.clock import ClockProblem, Deadline, deadline, deadlines, pause_reasons, reckon_rule, shipped_calendar
from huiqi.law.clock.deadlines import DATA, KINDS, SENSES, UNITS, sources
from huiqi.law.clock.reckoning import MOST

VERSIONS = [version for versions in deadlines().values() for version in versions]
CONFIDENCES = {"verified", "well_known", "unsure"}


def of(rule: Deadline) -> str:
    return f"{rule.id} {rule.valid_from}"


@pytest.mark.parametrize("rule", VERSIONS, ids=of)
def test_every_rule_is_whole(rule: Deadline) -> None:
    assert rule.unit in UNITS and rule.kind in KINDS and rule.sense in SENSES
    assert rule.confidence in CONFIDENCES and rule.rest_day in ("moves", "stays")
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", rule.id)
    for words in (rule.title, rule.starts, rule.owner, rule.source):
        assert words.zh.strip() and words.en.strip()
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"\([^()]*[\u4e00-\u9fff][^()]*\)", "", words.en)), words.en
    assert set(rule.pauses) <= set(pause_reasons())
    assert all(1 <= number <= len(articles()) for number in rule.articles)
    assert bool(rule.dates) == (rule.unit == "date")
    if rule.unit in MOST:
        assert 1 <= rule.length <= MOST[rule.unit]
    if rule.extension is not None:
        assert rule.length < rule.extension.total <= rule.extension.cap
        assert rule.extension.approver.zh and rule.extension.approver.en
    for other in filter(None, (rule.not_beyond, rule.beside)):
        assert deadline(other, max(rule.valid_from, deadlines()[other][0].valid_from)).kind == "statutory"


@pytest.mark.parametrize("name", deadlines())
def test_the_versions_of_a_rule_do_not_overlap(name: str) -> None:
    versions = deadlines()[name]
    for before, after in itertools.pairwise(versions):
        assert before.valid_to is not None and before.valid_to < after.valid_from
    assert all(each.valid_to is None or each.valid_from <= each.valid_to for each in versions)


def test_every_source_is_used_and_every_used_source_is_there() -> None:
    file = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    used = {entry["source"] for entry in [*file["deadlines"], *file["pauses"].values()]}
    assert used == set(sources())


def test_a_promise_is_labelled_as_one_and_never_claims_to_be_law() -> None:
    for rule in VERSIONS:
        if rule.id.startswith("complaint."):
            assert rule.kind == "promise", rule.id
        if rule.kind == "promise":
            assert rule.label.en == "service promise, not law"
            assert rule.confidence != "verified"


def test_the_defaults_for_complaints_are_those_that_the_government_has_to_confirm() -> None:
    on = dt.date(2026, 11, 24)
    lengths = {
        name: (deadline(name, on).unit, deadline(name, on).length)
        for name in ("complaint.acknowledge", "complaint.accept", "complaint.finish")
    }
    assert lengths == {
        "complaint.acknowledge": ("working_day", 1),
        "complaint.accept": ("working_day", 5),
        "complaint.finish": ("working_day", 15),
    }
    extension = deadline("complaint.finish", on).extension
    assert extension is not None and (extension.total, extension.times) == (30, 1)


def test_the_payment_complaint_has_the_times_of_the_regulation() -> None:
    on = dt.date(2026, 11, 24)
    assert (deadline("payment_complaint.review", on).unit, deadline("payment_complaint.review", on).length) == (
        "working_day",
        10,
    )
    assert (deadline("payment_complaint.transfer", on).unit, deadline("payment_complaint.transfer", on).length) == (
        "working_day",
        10,
    )
    result = deadline("payment_complaint.result", on)
    assert (result.unit, result.length) == ("calendar_day", 30)
    assert result.extension is not None and result.extension.cap == 90
    assert result.source.zh == "《保障中小企业款项支付条例（2025年修订）》（国令第802号）第 25 条第 2 款"
    assert result.source.en.endswith("article 25(2)")


def test_an_unknown_rule_suggests_the_nearest() -> None:
    with pytest.raises(ClockProblem) as problem:
        deadline("payment_complaint.transfr", dt.date(2026, 1, 1))
    assert problem.value.code == "unknown" and "payment_complaint.transfer" in problem.value.remedy.en


@pytest.mark.parametrize("rule", [each for each in VERSIONS if each.unit != "hour" and each.sense == "at_most"], ids=of)
def test_every_rule_that_bids_something_gives_a_day(rule: Deadline) -> None:
    start = max(rule.valid_from, dt.date(2025, 3, 3)) if rule.valid_to is None else rule.valid_to
    found = reckon_rule(rule, start, shipped_calendar("national"))
    assert found.last_day is not None and found.last_day > start
