"""Taking a step of a case: one transaction, locked, on record, told to whom it concerns.

What a step may be, who may take it and what it needs is said by the procedure (:mod:`huiqi.cases.procedures`); here it is
carried out. Of two who act at once one wins, and the other is told (:class:`Overtaken`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from statemachine.exceptions import TransitionNotAllowed

from huiqi.journal import Who, act
from huiqi.law.clock import ClockProblem
from huiqi.law.duties.places import Organs
from huiqi.registry.models import Organisation, Person
from huiqi.registry.vocabulary import SUPERVISOR
from huiqi.rules.words import Words

from . import clocks, routing, telling
from .models import Case, Entry, FollowUp, Handling, Party, Rating
from .models.clocks import ACCEPT, FINISH, FIRST_FOLLOW_UP, NOT_NEEDED, SECOND_FOLLOW_UP
from .models.entries import STEP
from .procedures import PROCEDURES, Step
from .vocabulary import (
    ANSWERS,
    BROKEN,
    COMPLAINANT,
    DECISIONS,
    HANDLER,
    KEPT,
    MERGED,
    NOT_TAKEN,
    PARTS,
    PROMISED,
    RESPONDENT,
    WITHDRAWN,
)

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

#: The longest reason or text.
LONGEST = 5_000


class CaseProblem(ValueError):
    """A step that cannot be taken; ``what`` says why and what to do, ``field`` names what was given wrongly, if anything."""

    def __init__(self, what: Words, field: str = "") -> None:
        self.what, self.field = what, field
        super().__init__(what.en)


class Overtaken(CaseProblem):
    """Somebody else has acted on the case meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            Words(
                "别人刚刚办了这一件。请看看现在的情况，再决定",
                "Somebody else has just acted on this case. See how it stands now, and decide again",
            )
        )


@dataclass(frozen=True)
class Given:
    """What is given with a step: words, and what the step's needs ask for. ``on`` is the day (today in Asia/Shanghai)."""

    reason: str = ""
    text: str = ""
    ending: str = ""
    pause: str = ""
    organ: int | None = None
    into: int | None = None
    answer: str = ""
    courtesy: int | None = None
    kept: bool | None = None
    asked_by: str = ""
    basis: str = ""
    on: dt.date | None = None

    @property
    def day(self) -> dt.date:
        return self.on or timezone.localdate()


@dataclass(frozen=True)
class By:
    """Who takes a step: an actor in one of her parts, or the complainant who has shown the secret (``actor`` is None)."""

    part: str
    actor: Actor | None = None

    def who(self, case: Case) -> Who:
        """As the journal names her. A complainant is not named: who she is stands in one place only."""
        if self.part == COMPLAINANT or self.actor is None:
            return Who(role=self.part)
        return self.actor.who

    @property
    def person(self) -> Person | None:
        return None if self.part == COMPLAINANT or self.actor is None else self.actor.person

    @property
    def organisation(self) -> Organisation | None:
        return None if self.part == COMPLAINANT or self.actor is None else self.actor.organisation


def parts_of(actor: Actor, case: Case) -> list[str]:
    """The parts that the actor has in a case, in the hat that she wears."""
    return [part for part in PARTS if Case.objects.in_part(actor, part).filter(pk=case.pk).exists()]


def offered(case: Case, by: By) -> list[tuple[str, Step]]:
    """The steps that somebody may take now, in the order of the procedure."""
    procedure = PROCEDURES[case.procedure]
    return [
        (event, procedure.steps[event]) for event in procedure.of(case).possible() if _may(procedure.steps[event], by)
    ]


def _may(step: Step, by: By) -> bool:
    if by.part not in step.by:
        return False
    return not step.heads or (by.actor is not None and by.actor.role == SUPERVISOR)


def take(by: By, case_id: int, event: str, given: Given, version: int | None = None) -> Case:
    """Take a step. ``version`` is that of the case as the actor saw it.

    Raises PermissionDenied, CaseProblem with the field and the remedy, Overtaken, KeyError for an event that the procedure
    does not have.
    """
    with transaction.atomic():
        case = locked(by, case_id)
        procedure = PROCEDURES[case.procedure]
        step = procedure.steps[event]
        if version is not None and case.version != version:
            raise Overtaken
        if not _may(step, by):
            raise PermissionDenied("not a step of this part")
        _check(step, given)
        with act(
            by.who(case),
            f"case.{event}",
            about=case,
            articles=step.articles,
            region=case.region_id,
        ) as this:
            machine = procedure.of(case)
            before = case.state
            try:
                machine.send(event)
            except TransitionNotAllowed:
                raise CaseProblem(
                    Words(
                        f"现在（{procedure.state_words[before].zh}）不能这样办",
                        f"Not possible now ({procedure.state_words[before].en})",
                    )
                ) from None
            data = _carry_out(event, by, case, given, before)
            for name in step.stops:
                clocks.stop(case, name, given.day, needed=event not in ("withdraw", "reopen"))
            for name in step.starts:
                clocks.start(case, name, given.day)
            clocks.refresh(case)
            case.version += 1
            case.save()
            this.details |= {"state": case.state, "handling": case.handling_id, **_told(data)}
            note_step(case, by, event, _words(given), data, step.shown_to)
        telling.tell_of_step(case, event, step, by.part)
    return case


def locked(by: By, case_id: int) -> Case:
    """The case, locked for this transaction, if it is one of this actor's in this part. Raises PermissionDenied; Overtaken when it
    has ceased to be while she waited for the lock.

    Somebody without an account has shown the secret already (:func:`huiqi.cases.filing.by_secret`).
    """
    seen = Case.objects.all() if by.actor is None else Case.objects.in_part(by.actor, by.part)
    if by.actor is None and by.part != COMPLAINANT:
        raise PermissionDenied("only a complainant acts without an account")
    if not seen.filter(pk=case_id).exists():
        raise PermissionDenied("no part in this case")
    # the row alone: joined to an office that has changed meanwhile, it would not be found again after the wait
    Case.objects.select_for_update().get(pk=case_id)
    held = seen.select_related("region", "handling").filter(pk=case_id).first()
    if held is None:
        raise Overtaken
    return held


def note_step(
    case: Case, by: By, event: str, text: str, data: Mapping[str, Any], shown_to: tuple[str, ...], kind: str = STEP
) -> Entry:
    """Write a line of the timeline.

    Where the identity of the complainant is withheld, her own words are read by the handling office alone, and others see the
    step without them; words of the office that others read must not name her (CaseProblem).
    """

    def line(text: str, shown_to: Sequence[str]) -> Entry:
        return Entry.objects.create(
            case=case,
            at=timezone.now(),
            kind=kind,
            event=event,
            part=by.part,
            person=by.person,
            organisation=by.organisation,
            text=text,
            data=dict(data),
            shown_to=list(shown_to),
        )

    outside = [part for part in shown_to if part not in (COMPLAINANT, HANDLER)]
    if case.withheld and text and outside:
        if by.part == COMPLAINANT:
            line("", outside)
            return line(text, [part for part in shown_to if part not in outside])
        if by.part == HANDLER:
            refuse_names(case, text)
    return line(text, shown_to)


def refuse_names(case: Case, text: str) -> None:
    """Refuse words that others will read when they name a complainant whose identity is withheld. Raises CaseProblem."""
    if case.withheld and any(name in text for name in case.complainant.names):
        raise CaseProblem(
            Words(
                "投诉人要求隐去身份，这段话别人会看到，请去掉名称、联系人、电话和邮箱",
                "The identity of the complainant is withheld and others will read this: take out names, telephone and e-mail",
            ),
            "text",
        )


def _words(given: Given) -> str:
    return "\n".join(each.strip() for each in (given.text, given.reason) if each.strip())[:LONGEST]


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of the data of a step the journal tells: codes and days, no words."""
    return {name: value for name, value in data.items() if name != "basis"}


def _check(step: Step, given: Given) -> None:
    """Whether all that the step needs is there. Raises CaseProblem."""

    def missing(field: str, zh: str, en: str) -> CaseProblem:
        return CaseProblem(Words(zh, en), field)

    for need in step.needs:
        match need:
            case "reason" if not given.reason.strip():
                raise missing("reason", "请写明理由", "Give the reason")
            case "text" if not given.text.strip():
                raise missing("text", "请写明内容", "Say what it is")
            case "kind_of_refusal" if given.ending not in NOT_TAKEN:
                raise missing("ending", "请选择是哪一种不予受理", "Choose which kind of refusal it is")
            case "decision" if given.ending not in DECISIONS:
                raise missing("ending", "请选择决定", "Choose the decision")
            case "basis" if not given.basis.strip():
                raise missing("basis", "请写明法律依据，到条款", "Give the legal basis, down to the article")
            case "pause" if not given.pause:
                raise missing("pause", "请选择中止的法定理由", "Choose the lawful reason to pause")
            case "organ" if given.organ is None:
                raise missing("organ", "请选择机关", "Choose the office")
            case "case" if given.into is None:
                raise missing("into", "请填写要并入的案件编号", "Give the number of the other case")
            case "answer" if given.answer not in ANSWERS:
                raise missing("answer", "请选择解决了没有", "Say whether it is solved")
            case "asked_by" if given.asked_by not in PARTS:
                raise missing("asked_by", "请写明是谁要求撤回的", "Say who asked to withdraw")
            case _:
                pass
    if len(given.reason) > LONGEST or len(given.text) > LONGEST or len(given.basis) > LONGEST:
        raise missing("text", f"太长了，最多 {LONGEST} 字", f"Too long: at most {LONGEST} characters")


def _carry_out(event: str, by: By, case: Case, given: Given, before: str) -> dict[str, Any]:
    """What a step changes besides the state; what of it stands in the timeline."""
    day = given.day
    try:
        match event:
            case "ask_correction":
                clocks.pause(case, ACCEPT, day, "supplement")
            case "supplement":
                clocks.resume(case, ACCEPT, day)
            case "refuse":
                case.ending = given.ending
                return {"ending": given.ending}
            case "transfer" | "settle":
                return _pass_on(by, case, given, settled=event == "settle")
            case "ask_statement":
                case.told_to_respondent = given.text.strip()
                if case.respondent is not None:
                    Party.objects.get_or_create(
                        case=case,
                        organisation=case.respondent,
                        part=RESPONDENT,
                        until=None,
                        defaults={"since": timezone.now()},
                    )
            case "pause":
                clocks.pause(case, FINISH, day, given.pause)
                return {"pause": given.pause}
            case "resume":
                clocks.resume(case, FINISH, day)
            case "extend":
                assert by.actor is not None and by.actor.person is not None
                first, last = clocks.extend(case, FINISH, day, by.actor.person.display_name, given.reason.strip())
                case.extended = True
                return {"before": str(first or ""), "until": str(last or "")}
            case "decide":
                case.ending = given.ending
                return {"ending": given.ending, "basis": given.basis.strip()}
            case "take_back":
                case.ending = ""
            case "answer":
                case.answered_at = timezone.now()
                return {"ending": case.ending}
            case "merge":
                return _merge(by, case, given, before)
            case "unmerge":
                return _unmerge(case)
            case "reopen":
                case.ending, case.answered_at, case.extended, case.ended_by = "", None, False, ""
            case "withdraw":
                case.ending, case.ended_by = WITHDRAWN, given.asked_by
                return {"asked_by": given.asked_by}
            case "rate":
                Rating.objects.create(
                    case=case,
                    at=timezone.now(),
                    solved=given.answer,
                    courtesy=given.courtesy,
                    comment=given.text.strip(),
                )
                return {"solved": given.answer}
            case "follow_up":
                return _follow_up(by, case, given)
            case _:
                pass
    except ClockProblem as problem:
        raise CaseProblem(problem.what, "pause" if event == "pause" else "reason") from problem
    return {}


def _pass_on(by: By, case: Case, given: Given, settled: bool) -> dict[str, Any]:
    """To another office; its clock goes on running, so that passing on wins nobody time. Raises CaseProblem."""
    organs = Organs(given.day)
    organ = organs.get(given.organ)
    refuse_names(case, given.reason)
    if organ is None or organ.pk == case.handling_id:
        raise CaseProblem(Words("请选择另一个机关", "Choose another office"), "organ")
    if not routing.may_handle(organ, case.respondent, organs):
        raise CaseProblem(
            Words(
                "被投诉单位和它的下级不能办这一件",
                "Neither the office complained of nor one under it may handle the case",
            ),
            "organ",
        )
    now, came_from = timezone.now(), case.handling
    case.stays.filter(until__isnull=True).update(until=now)
    Handling.objects.create(
        case=case, organ=organ, came_from=came_from, since=now, reason=given.reason.strip(), by=by.person
    )
    case.handling, case.handler, case.settled = organ, None, settled
    case.overseers = routing.overseers(organ, case.respondent, organs)
    return {"from": came_from.pk, "to": organ.pk}


def _merge(by: By, case: Case, given: Given, before: str) -> dict[str, Any]:
    """Join a case to another one of the same office. Its clocks stop, and how it stood is kept. Raises CaseProblem."""
    assert by.actor is not None
    main = Case.objects.in_part(by.actor, HANDLER).select_for_update(of=("self",)).filter(pk=given.into or 0).first()
    if main is None or main.pk == case.pk or not main.open or main.handling_id != case.handling_id:
        raise CaseProblem(
            Words("要并入的必须是本机关在办的另一件", "The other has to be an open case of the same office"), "into"
        )
    running = list(case.clocks.filter(stopped_on__isnull=True).values_list("pk", flat=True))
    case.before_merge = {"state": before, "clocks": running, "ending": case.ending}
    case.clocks.filter(pk__in=running).update(stopped_on=given.day, outcome=NOT_NEEDED)
    case.merged_into, case.ending = main, MERGED
    return {"into": main.pk}


def _unmerge(case: Case) -> dict[str, Any]:
    """As it was before it was joined."""
    kept = case.before_merge or {}
    case.clocks.filter(pk__in=kept.get("clocks", ())).update(stopped_on=None, outcome="")
    main, case.merged_into, case.before_merge, case.ending = case.merged_into_id, None, None, kept.get("ending", "")
    return {"from": main}


def _follow_up(by: By, case: Case, given: Given) -> dict[str, Any]:
    step = next(
        (
            clock.step
            for clock in case.clocks.filter(
                step__in=(FIRST_FOLLOW_UP, SECOND_FOLLOW_UP), stopped_on__isnull=True
            ).order_by("due")
        ),
        SECOND_FOLLOW_UP,
    )
    clocks.stop(case, step, given.day)
    assert by.person is not None
    FollowUp.objects.create(
        case=case,
        at=timezone.now(),
        step=step,
        solved=given.answer,
        kept=given.kept,
        text=given.text.strip(),
        by=by.person,
    )
    if case.ending in (PROMISED, KEPT, BROKEN) and given.kept is not None:
        case.ending = KEPT if given.kept else BROKEN
    return {"solved": given.answer, "kept": given.kept, "ending": case.ending}


__all__ = ["By", "CaseProblem", "Given", "Overtaken", "locked", "note_step", "offered", "parts_of", "take"]
