"""Two officers act on one case at the same moment, on two connections: one wins, the other is told, nothing is done twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from tests.at_once import together
from town import Town, build, deliver_reply, handler

from huiqi.cases import replies, writing
from huiqi.cases.acting import CaseProblem, Given, Overtaken, take
from huiqi.cases.models import Case
from huiqi.documents.models import Letter, Notice
from huiqi.journal.models import Event
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(town: Town, case: Case, *steps: tuple[Actor, str, Given]) -> tuple[Any, Any]:
    """Both steps, by what both officers saw: the case as it went on, and what the other one was told."""

    def one(step: tuple[Actor, str, Given]) -> Any:
        actor, event, given = step
        return take(handler(actor), case.pk, event, given, case.version)

    outcomes = together(one, steps, CaseProblem)
    won = [each for each in outcomes if isinstance(each, Case)]
    lost = [each for each in outcomes if not isinstance(each, Case)]
    assert len(won) == 1 and [type(each) for each in lost] == [Overtaken]
    assert won[0].version == case.version + 1 == Case.objects.get(pk=case.pk).version
    return won[0], lost[0]


def test_of_two_who_decide_or_answer_or_pass_on_at_once_one_wins_and_the_other_is_told() -> None:
    town = build()
    case = town.complain().case
    case = take(handler(town.officer), case.pk, "accept", Given())

    # two decisions
    given = {each: Given(ending=each, basis="《办法》第五十条", text=f"决定：{each}") for each in ("solved", "refused")}
    case, _ = at_once(
        town, case, (town.officer, "decide", given["solved"]), (town.colleague, "decide", given["refused"])
    )
    (line,) = case.entries.filter(event="decide")
    assert line.text == f"决定：{case.ending}" and line.data["ending"] == case.ending
    assert Event.objects.filter(verb="case.decide", object_id=str(case.pk)).count() == 1
    assert case.clocks.filter(step="finish", stopped_on__isnull=True).count() == 1, "the clock runs until the answer"

    # two answers, of which one tells the complainant
    deliver_reply(town, case)
    told = Notice.objects.filter(kind="case", data__what="answer")
    case, _ = at_once(town, case, (town.officer, "answer", Given()), (town.colleague, "answer", Given()))
    assert (case.state, told.count()) == ("answered", 1)
    assert case.clocks.filter(step="follow_up_first").count() == 1, "what follows is begun once"
    assert Letter.objects.filter(about_id=case.pk, kind="reply", state="delivered").count() == 1
    assert replies.delivered_reply(case) and [each.kind for each in writing.letters_to_complainant(case)] == ["reply"]

    # one passes it on while the other accepts it: wherever it is then, it is there once
    other = town.complain().case
    other, _ = at_once(
        town,
        other,
        (town.officer, "transfer", Given(organ=town.region.pk, reason="省里管")),
        (town.colleague, "accept", Given()),
    )
    assert other.stays.filter(until__isnull=True, organ=other.handling).count() == 1
    assert (other.state, other.handling) in (("handling", town.prefecture), ("received", town.region))


def test_whoever_loses_the_case_while_she_waits_is_told_and_not_turned_away() -> None:
    """The lock is held by a colleague who passes the case on: she comes second for certain."""
    town = build()
    case = town.complain().case

    def second() -> object:
        try:
            return take(handler(town.colleague), case.pk, "accept", Given(), case.version)
        except (CaseProblem, PermissionDenied, Case.DoesNotExist) as problem:
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            given = Given(organ=town.region.pk, reason="省里管")
            take(handler(town.officer), case.pk, "transfer", given, case.version)
            outcome = pool.submit(second)
            while not waits_for_a_lock() and not outcome.done():
                time.sleep(0.01)
        assert type(outcome.result()) is Overtaken
    assert Case.objects.get(pk=case.pk).handling == town.region


def waits_for_a_lock() -> bool:
    """Whether another connection stands before a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
