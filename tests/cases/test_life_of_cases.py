"""Random lawful and unlawful acts of everybody in cases: no state without its event, no closing without a delivered reply,
no clock lost, and nobody sees what she must not."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest
import town as a_town
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from huiqi.cases import conferring, writing
from huiqi.cases.acting import By, CaseProblem, Given, offered, take
from huiqi.cases.models import Case, Complainant, Entry
from huiqi.cases.procedures import Complaint
from huiqi.cases.sight import Sight
from huiqi.cases.vocabulary import COMPLAINANT, HANDLER, RESPONDENT, SUPERIOR
from huiqi.documents.letters import acts as letters
from huiqi.documents.letters.problems import LetterProblem
from huiqi.documents.models import Letter
from huiqi.journal.models import Event

EVENTS = sorted(Complaint.steps)
#: What ends the running clocks of a state; a state that is not here has the clock that it names.
CLOCKS = {
    "received": "accept",
    "supplementing": "accept",
    "handling": "finish",
    "paused": "finish",
    "decided": "finish",
}
#: All events that happened in the run.
done: set[str] = set()


class Life(RuleBasedStateMachine):
    """Two complaints, one of a firm whose identity is withheld, and everybody around them."""

    @initialize()
    def begin(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.town = a_town.build()
        self.cases = [self.town.complain(withheld=withheld).case.pk for withheld in (True, False)]
        town = self.town
        self.people = {
            COMPLAINANT: [town.owner],
            HANDLER: [town.officer, town.colleague, town.head, town.above],
            SUPERIOR: [town.above, town.head],
            RESPONDENT: [town.county_officer],
        }
        self.first = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def by(self, part: str, number: int) -> By:
        people = self.people.get(part, [self.town.county_officer])
        return By(part, people[number % len(people)])

    @rule(
        which=st.integers(0, 1),
        part=st.sampled_from([HANDLER, COMPLAINANT, SUPERIOR, RESPONDENT]),
        number=st.integers(0, 3),
        event=st.sampled_from(EVENTS),
        ending=st.sampled_from(["solved", "promised", "not_ours", "kept"]),
        other=st.booleans(),
    )
    def anything(self, which: int, part: str, number: int, event: str, ending: str, other: bool) -> None:
        """Any step by anybody, most often an unlawful one."""
        self.tried(which, self.by(part, number), event, ending, other)

    @rule(which=st.integers(0, 1), picks=st.lists(st.integers(0, 60), min_size=3, max_size=5), other=st.booleans())
    def some_lawful_steps(self, which: int, picks: list[int], other: bool) -> None:
        """Steps that the page would offer, one after the other, so that the story goes on."""
        for pick in picks:
            case = Case.objects.get(pk=self.cases[which])
            unit = [each for each in self.people[HANDLER] if each.organisation == case.handling]
            by = By(COMPLAINANT, self.town.owner) if pick % 4 == 0 else By(HANDLER, unit[pick % len(unit)])
            steps = [each for each in offered(case, by) if each[0] != "withdraw" or pick > 50]
            if steps:
                event = steps[pick % len(steps)][0]
                self.tried(which, by, event, "not_ours" if event == "refuse" else "promised", other)
                self.no_clock_is_lost()
                self.every_state_came_by_its_event()

    def tried(self, which: int, by: By, event: str, ending: str, other: bool) -> None:
        given = Given(
            reason="理由",
            text="内容",
            ending=ending,
            pause="expert_test",
            organ=(self.town.region if other else self.town.county).pk,
            into=self.cases[1 - which],
            answer="no",
            kept=other,
            asked_by=COMPLAINANT,
            basis="《办法》第五十二条",
        )
        before = Case.objects.get(pk=self.cases[which])
        lawful = event in Complaint.of(before).possible() and by.part in Complaint.steps[event].by
        taken = False
        with contextlib.suppress(PermissionDenied, CaseProblem):
            take(by, before.pk, event, given)
            taken = True
            done.add(event)
        assert lawful or not taken, f"{event} was taken in {before.state} as {by.part}"
        after = Case.objects.get(pk=before.pk)
        written = Event.objects.filter(verb=f"case.{event}", object_id=str(before.pk), pk__gt=self.first)
        assert (after.version > before.version) == taken
        assert written.exists() == taken
        if taken:
            self.first = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
        else:
            assert after.state == before.state

    @rule(which=st.integers(0, 1), how=st.sampled_from(["write", "approve", "issue", "deliver"]))
    def reply(self, which: int, how: str) -> None:
        """One step of the written reply, in whatever order."""
        case = Case.objects.get(pk=self.cases[which])
        officer, head = self.town.officer, self.town.head
        found = Letter.objects.filter(about_kind="case", about_id=case.pk, kind="reply").order_by("-pk").first()
        with contextlib.suppress(PermissionDenied, LetterProblem):
            if how == "write":
                letter = writing.begin(officer, case, "reply")
                letters.revise(officer, letter, {**letter.now.content, **a_town.REPLY})
            elif found is not None and how == "approve":
                letters.approve(head, found)
            elif found is not None and how == "issue":
                letters.issue(officer, found)
            elif found is not None:
                letters.deliver(officer, found, "post")
                done.add("deliver")

    @rule(which=st.integers(0, 1))
    def whole_reply(self, which: int) -> None:
        """Decide and deliver, where that is lawful, so that the later states are reached often enough."""
        case = Case.objects.get(pk=self.cases[which])
        with contextlib.suppress(PermissionDenied, CaseProblem, LetterProblem):
            a_town.decide(self.town, case)
            done.add("decide")
            a_town.deliver_reply(self.town, case)

    @rule(which=st.integers(0, 1), part=st.sampled_from([COMPLAINANT, HANDLER, RESPONDENT]))
    def message(self, which: int, part: str) -> None:
        with contextlib.suppress(PermissionDenied, CaseProblem):
            conferring.write(self.by(part, 0), self.cases[which], "请看", COMPLAINANT)
            done.add("message")

    @invariant()
    def it_is_answered_only_with_a_delivered_reply(self) -> None:
        for case in self._cases():
            if case.state == "answered":
                decided = case.entries.filter(event="decide").order_by("-at").first()
                replies = Letter.objects.filter(about_kind="case", about_id=case.pk, kind="reply", state="delivered")
                assert decided is not None
                assert replies.filter(drafted_at__gte=decided.at).exists()

    @invariant()
    def no_clock_is_lost(self) -> None:
        for case in self._cases():
            running = list(case.clocks.filter(stopped_on__isnull=True).values_list("step", flat=True))
            if case.state in CLOCKS:
                assert running == [CLOCKS[case.state]], (case.state, running)
            if case.state in ("refused", "withdrawn", "merged"):
                assert running == []
            still = case.clocks.filter(stopped_on__isnull=True, due__isnull=True, step__in=("accept", "finish"))
            # the promise stands still; the law's own time may run on, and then there is a last day
            assert not still.exists() or case.state in ("supplementing", "paused")

    @invariant()
    def every_state_came_by_its_event(self) -> None:
        for case in self._cases():
            last = case.entries.filter(kind="step").exclude(event="filed").order_by("-pk").first()
            if last is not None:
                assert case.state in _targets(last.event), (case.state, last.event)

    @invariant()
    def one_office_has_it_and_never_the_one_complained_of(self) -> None:
        for case in self._cases():
            assert case.stays.filter(until__isnull=True, organ=case.handling).count() == 1
            assert case.handling_id != self.town.county.pk

    @invariant()
    def nobody_sees_what_she_must_not(self) -> None:
        for case in self._cases():
            for part, people in self.people.items():
                for actor in people:
                    if case.withheld and part not in (COMPLAINANT, HANDLER) and actor not in self._unit(case):
                        assert not Complainant.objects.visible_to(actor).filter(case=case).exists()
                    if not Case.objects.in_part(actor, part).filter(pk=case.pk).exists():
                        continue
                    sight = Sight(case, part)
                    for entry in sight.entries():
                        assert part in entry.shown_to
                        if case.withheld and part in (RESPONDENT, SUPERIOR):
                            assert a_town.UNMISTAKABLE not in entry.text
            assert not Entry.objects.visible_to(self.town.county_officer).filter(case=case, part=COMPLAINANT).exists()

    def _unit(self, case: Case) -> list[Any]:
        everybody = [actor for people in self.people.values() for actor in people]
        return [each for each in everybody if each.organisation == case.handling] + [self.town.owner]

    def _cases(self) -> list[Case]:
        return list(Case.objects.filter(pk__in=getattr(self, "cases", [])))

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)


def _targets(event: str) -> set[str]:
    return {
        str(transition.target.id)
        for state in Complaint.states
        for transition in state.transitions
        if event in str(transition.event).split()
    }


@pytest.mark.django_db
def test_nothing_unlawful_happens_whatever_people_try() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Life,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
        ),
    )
    assert len(done) >= 10, f"the run went nowhere: {done}"


def test_the_day_of_the_step_is_today_unless_said() -> None:
    assert Given(on=dt.date(2026, 3, 2)).day == dt.date(2026, 3, 2)
