"""A complaint from the first word to the last, as article 52 of the measures asks."""

from __future__ import annotations

import pytest
from town import Town, answered, build, complainant, decide, deliver_reply, handler

from huiqi.cases.acting import CaseProblem, Given, Overtaken, take
from huiqi.cases.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Town:
    return build()


def test_a_complaint_about_a_county_bureau_goes_to_the_bureau_above(town: Town) -> None:
    receipt = town.complain()
    assert receipt.case.handling == town.prefecture
    assert receipt.case.number.startswith("653100-")
    assert receipt.accept_by is not None
    assert town.region.pk in receipt.case.overseers
    assert town.county.pk not in receipt.case.overseers


def test_a_case_is_not_closed_before_its_written_reply_is_delivered(town: Town) -> None:
    case = town.complain().case
    take(handler(town.officer), case.pk, "accept", Given())
    with pytest.raises(CaseProblem):
        take(handler(town.officer), case.pk, "answer", Given())
    case = decide(town, case)
    with pytest.raises(CaseProblem):
        take(handler(town.officer), case.pk, "answer", Given())
    deliver_reply(town, case)
    case = take(handler(town.officer), case.pk, "answer", Given())
    assert (case.state, case.ending) == ("answered", "solved")
    assert case.due is not None  # the first follow-up


def test_who_says_that_it_was_not_solved_has_it_taken_up_again(town: Town) -> None:
    case = answered(town)
    take(complainant(town.owner), case.pk, "rate", Given(answer="no", text="钱没有退。"))
    case = take(complainant(town.owner), case.pk, "reopen", Given(reason="钱没有退。"))
    assert (case.state, case.ending) == ("handling", "")
    with pytest.raises(CaseProblem):
        take(handler(town.officer), case.pk, "answer", Given())  # the old letter is no reply to a new decision


def test_of_two_officers_who_decide_at_once_one_is_told(town: Town) -> None:
    case = town.complain().case
    seen = Case.objects.get(pk=case.pk).version
    take(handler(town.officer), case.pk, "accept", Given(), version=seen)
    with pytest.raises(Overtaken):
        take(handler(town.colleague), case.pk, "refuse", Given(ending="not_ours", reason="不归我们管"), version=seen)
