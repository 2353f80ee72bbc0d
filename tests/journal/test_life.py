"""Random acts of random people, through the functions of the product: no change without its event, no event without its
change.

A second record is kept by triggers of the test's own, which know nothing of the journal: what they saw is compared with
what the journal says.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from huiqi.documents import decisions, inbox
from huiqi.journal import coverage, sealing
from huiqi.journal.models import Change, Event
from huiqi.journal.verify import verify
from huiqi.opportunities import drafting, publishing, saved
from huiqi.registry import declaring, hats
from huiqi.registry.models import Declaration, HatRequest, Membership, Organisation, Person
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data

DAY = dt.date(2026, 11, 24)

#: One person's three hats as an officer, and an owner now and then.
OFFICERS = st.sampled_from([3, 7, 11, 0])
LAWFULLY_REFUSED = contextlib.suppress(PermissionDenied, ValueError, Declaration.DoesNotExist)
#: The verbs of all events of the run.
done: set[str] = set()

SECOND_RECORD = """
CREATE TEMPORARY TABLE seen (kind text, operation text, number bigint);
CREATE OR REPLACE FUNCTION pg_temp.saw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV[1]::text[] = to_jsonb(NEW) - TG_ARGV[1]::text[] THEN
        RETURN NULL;
    END IF;
    INSERT INTO seen VALUES (TG_ARGV[0], lower(TG_OP), 1);
    RETURN NULL;
END
$$;
"""


class Life(RuleBasedStateMachine):
    """A few firms, people and organs, and all that they do."""

    @initialize()
    def begin(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.firms = [
            Organisation.objects.create(
                kind="enterprise", name_zh=f"企业{n}", uscc=f"9165000000000000{n:02}", region_id="653101"
            )
            for n in range(2)
        ]
        self.organs = [
            Organisation.objects.create(
                kind="organ", name_zh=f"机关{function}", organ_function=function, region_id="653101"
            )
            for function in ("industry_and_it", "tax", "market_regulation")
        ]
        self.people = [Person.objects.create_user(f"person{n}", display_name=f"人{n}") for n in range(4)]
        for person, firm in zip(self.people[:2], self.firms, strict=True):
            Membership.objects.create(person=person, organisation=firm, role="owner", start=DAY)
        for organ in self.organs:
            Membership.objects.create(person=self.people[3], organisation=organ, role="officer", start=DAY)
        sealing.seal()
        with connection.cursor() as cursor:
            cursor.execute(SECOND_RECORD)
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = 'journal_update' AND NOT tgisinternal"
            )
            for table, raw in cursor.fetchall():
                kind, _, ignored, *_ = bytes(raw).decode().split("\0")
                cursor.execute(
                    f"CREATE TRIGGER zz_saw AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW "
                    f"EXECUTE FUNCTION pg_temp.saw('{kind}', '{ignored}')"
                )
        self.first = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
        self.first_event = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0

    def actor(self, number: int) -> Actor:
        """A person, with one of her hats if she has any."""
        person = self.people[number % len(self.people)]
        held = person.hats(DAY)
        return Actor(person, held[number % len(held)] if held else None, DAY)

    @rule(
        who=st.sampled_from([0, 1, 3]),
        fact=st.sampled_from(["employees", "revenue", "rd_expense"]),
        value=st.integers(0, 3),
    )
    def declares(self, who: int, fact: str, value: int) -> None:
        with contextlib.suppress(PermissionDenied, ValueError, KeyError):
            declaring.declare(self.actor(who), fact, value, DAY, evidence_text="账")

    def pick(self, number: int) -> int:
        """A declaration, most often one that waits; -1 when there is none."""
        waiting = list(Declaration.objects.waiting().order_by("pk").values_list("pk", flat=True))
        known = waiting or list(Declaration.objects.order_by("pk").values_list("pk", flat=True)) or [-1]
        return known[number % len(known)]

    @rule(who=OFFICERS, number=st.integers(0, 9))
    def certifies(self, who: int, number: int) -> None:
        with LAWFULLY_REFUSED:
            decisions.certify(self.actor(who), self.pick(number), DAY)

    @rule(who=OFFICERS, number=st.integers(0, 9))
    def corrects(self, who: int, number: int) -> None:
        with LAWFULLY_REFUSED:
            decisions.correct(self.actor(who), self.pick(number), number, "按账改", DAY)

    @rule(who=OFFICERS, number=st.integers(0, 9))
    def refuses(self, who: int, number: int) -> None:
        with LAWFULLY_REFUSED:
            decisions.refuse(self.actor(who), self.pick(number), "" if number == 0 else "没有依据")

    @rule(who=st.integers(0, 3), number=st.integers(0, 9))
    def withdraws(self, who: int, number: int) -> None:
        with LAWFULLY_REFUSED:
            declaring.withdraw(self.actor(who), self.pick(number))

    @rule(who=st.integers(0, 3), firm=st.integers(0, 1), role=st.sampled_from(["owner", "agent"]))
    def asks(self, who: int, firm: int, role: str) -> None:
        with contextlib.suppress(hats.AlreadyHeld):
            decisions.ask_for_hat(self.people[who], self.firms[firm].uscc or "", role, DAY)

    @rule(who=st.sampled_from([0, 1, 3, 2]), pick=st.integers(0, 5), agree=st.booleans())
    def answers(self, who: int, pick: int, agree: bool) -> None:
        numbers = list(HatRequest.objects.order_by("pk").values_list("pk", flat=True))
        if not numbers:
            return
        with contextlib.suppress(PermissionDenied, HatRequest.DoesNotExist):
            if agree:
                decisions.approve_hat(self.actor(who), numbers[pick % len(numbers)], DAY)
            else:
                decisions.refuse_hat(self.actor(who), numbers[pick % len(numbers)], "不是本企业的人")

    @rule(who=st.integers(0, 11), answers=st.dictionaries(st.just("employees"), st.integers(1, 3)))
    def saves_answers(self, who: int, answers: dict[str, Any]) -> None:
        saved.save_profile(self.actor(who), answers)

    @rule(who=st.integers(0, 11))
    def forgets_answers(self, who: int) -> None:
        saved.empty_profile(self.actor(who))

    @rule(who=st.integers(0, 11))
    def reads_all(self, who: int) -> None:
        inbox.mark_all_read(self.actor(who))

    @rule(pick=st.integers(0, 2), title=st.sampled_from(["", "稳岗"]), give_up=st.booleans())
    def drafts(self, pick: int, title: str, give_up: bool) -> None:
        actor = Actor(self.people[3], self.people[3].hats(DAY)[pick], DAY)
        draft = drafting.new_draft(actor)
        draft.title_zh = title
        drafting.save_draft(draft, actor)
        if give_up:
            publishing.withdraw(draft, actor)

    def every_change_has_its_event_and_every_event_its_change(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, operation, count(*) FROM seen GROUP BY 1, 2 ORDER BY 1, 2")
            seen = cursor.fetchall()
            cursor.execute(
                "SELECT kind, operation, count(*) FROM journal_change WHERE id > %s GROUP BY 1, 2 ORDER BY 1, 2",
                [self.first],
            )
            assert cursor.fetchall() == seen
        changed = set(Change.objects.filter(id__gt=self.first).values_list("event_id", flat=True))
        events = Event.objects.filter(id__gt=self.first_event)
        causes = set(events.exclude(cause=None).values_list("cause", flat=True))
        assert set(events.values_list("id", flat=True)) - causes <= changed
        assert changed <= set(events.values_list("id", flat=True))

    def teardown(self) -> None:
        if hasattr(self, "first"):
            self.every_change_has_its_event_and_every_event_its_change()
            done.update(Event.objects.filter(id__gt=self.first_event).values_list("verb", flat=True))
            sealing.seal(most=7)
            verify()
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)


@pytest.mark.django_db
def test_random_people_do_random_things() -> None:
    assert coverage.noted()
    load_reference_data()
    done.clear()
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    expected = {
        "declaration.made",
        "declaration.certified",
        "declaration.withdrawn",
        "notice.sent",
    }
    expected |= {"hat.requested", "hat.approved", "profile.saved", "notice.all_read", "draft.begun", "draft.saved"}
    assert expected <= done, "the random acts were all refused: the test would show nothing"
