"""What is said and noted in a case beside its steps: messages, internal notes, tasks, conflicts of interest, who helps."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from huiqi.journal import act
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reasons import given_reason
from huiqi.registry.vocabulary import ASSOCIATION as AN_ASSOCIATION
from huiqi.registry.vocabulary import SUPERVISOR
from huiqi.rules.words import Words

from . import telling
from .acting import LONGEST, By, CaseProblem, Overtaken, locked, note_step
from .models import Case, Conflict, Entry, Party, Task
from .models.entries import MESSAGE, NOTE
from .queries import HANDLING_ROLES
from .vocabulary import ASSOCIATION, COMPLAINANT, HANDLER, INVITED, RESPONDENT

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

#: To whom a message of the office may go.
ADDRESSEES = (COMPLAINANT, RESPONDENT, *INVITED)


def write(by: By, case_id: int, text: str, to: str = HANDLER) -> Entry:
    """A message: of the office to a party, or of a party to the office. Raises PermissionDenied, CaseProblem."""
    said = _said(text)
    with transaction.atomic():
        case = locked(by, case_id)
        if by.part == HANDLER:
            if to not in ADDRESSEES:
                raise CaseProblem(Words("请选择发给谁", "Choose to whom it goes"), "to")
        elif by.part in ADDRESSEES:
            to = HANDLER
        else:
            raise PermissionDenied("messages are written by the office and by the parties")
        with act(by.who(case), "case.message", about=case, articles=(52,), region=case.region_id):
            entry = note_step(case, by, "", said, {"to": to}, tuple(dict.fromkeys((HANDLER, by.part, to))), MESSAGE)
        if to == COMPLAINANT:
            telling.tell_complainant(case, "message")
        elif by.part != HANDLER:
            telling.tell_organisation(case, case.handling, "message")
        elif to == RESPONDENT and case.respondent is not None:
            telling.tell_organisation(case, case.respondent, "message")
        elif to in INVITED:
            for party in case.parties.filter(part=to, until__isnull=True).select_related("organisation"):
                telling.tell_organisation(case, party.organisation, "message", to)
    return entry


def note_down(by: By, case_id: int, text: str) -> Entry:
    """An internal note, read by the handling office alone. Raises PermissionDenied, CaseProblem."""
    _office_only(by)
    said = _said(text)
    with transaction.atomic():
        case = locked(by, case_id)
        with act(by.who(case), "case.note", about=case, region=case.region_id):
            return note_step(case, by, "", said, {}, (HANDLER,), NOTE)


def add_task(by: By, case_id: int, title: str, assignee: Person | None, due: dt.date | None) -> Task:
    """Write down something to be done in the office. Raises PermissionDenied, CaseProblem."""
    _office_only(by)
    said = _said(title, 200)
    with transaction.atomic():
        case = locked(by, case_id)
        if assignee is not None:
            _may_take_up(case, assignee)
        assert by.person is not None
        with act(by.who(case), "case.task", about=case, region=case.region_id):
            return Task.objects.create(case=case, title=said, assignee=assignee, due=due, made_by=by.person)


def finish_task(by: By, task: Task) -> Task:
    """Say that a task is done; once only."""
    _office_only(by)
    with transaction.atomic():
        case = locked(by, task.case_id)
        held = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        if held.done_at is None:
            with act(by.who(case), "case.task_done", about=case, region=case.region_id):
                held.done_at, held.done_by = timezone.now(), by.person
                held.save(update_fields=["done_at", "done_by"])
    return held


# --- who looks after it -----------------------------------------------------------------------------------------------


def assign(actor: Actor, case_id: int, to: Person | None, version: int | None = None) -> Case:
    """Give a case to an officer of the handling office, or take it up oneself; None gives it back to all. A supervisor gives it to
    anybody, an officer takes what is nobody's and hands on what is hers. Raises PermissionDenied, CaseProblem, Overtaken."""
    by = By(HANDLER, actor)
    with transaction.atomic():
        case = locked(by, case_id)
        if version is not None and case.version != version:
            raise Overtaken
        assert actor.person is not None
        if actor.role != SUPERVISOR and case.handler_id not in (None, actor.person.pk):
            raise PermissionDenied("a colleague looks after this case; a supervisor gives it to somebody else")
        if to is not None:
            _may_take_up(case, to)
        if case.handler_id != (to.pk if to is not None else None):
            with act(actor.who, "case.taken_up", about=case, region=case.region_id) as this:
                case.handler = to
                case.version += 1
                case.save(update_fields=["handler", "version"])
                this.details["officer"] = to.pk if to is not None else None
            if to is not None and to.pk != actor.person.pk:
                telling.tell_person(case, to, "assigned")
    return case


def hand_over(actor: Actor, colleague: Person, absent: Person | None = None) -> int:
    """For leave: give all open cases of an officer (oneself unless given) to a colleague. How many went over; those in which the
    colleague has a conflict of interest stay. Raises PermissionDenied."""
    assert actor.person is not None
    whose = absent or actor.person
    if whose.pk != actor.person.pk and actor.role != SUPERVISOR:
        raise PermissionDenied("the cases of a colleague are handed over by a supervisor")
    moved = 0
    for pk in Case.objects.in_part(actor, HANDLER).open().filter(handler=whose).values_list("pk", flat=True):
        try:
            assign(actor, pk, colleague)
            moved += 1
        except CaseProblem:
            continue
    return moved


def colleagues(actor: Actor, on: dt.date) -> list[Person]:
    """Who handles cases in the actor's office on a day, by name."""
    hats = Membership.objects.active_on(on).filter(
        organisation=actor.organisation, role__in=HANDLING_ROLES, person__is_active=True
    )
    return list(Person.objects.filter(pk__in=hats.values("person")).order_by("display_name", "pk"))


def _may_take_up(case: Case, person: Person) -> None:
    """Raises CaseProblem for whoever does not work in the handling office or has a conflict of interest."""
    from huiqi.registry.permissions import Actor

    hats = person.memberships.active_on(timezone.localdate()).filter(
        organisation=case.handling, role__in=HANDLING_ROLES
    )
    hat = hats.select_related("organisation__region").first()
    if hat is None or not Case.objects.in_part(Actor(person, hat), HANDLER).filter(pk=case.pk).exists():
        raise CaseProblem(
            Words(
                "这个人不在承办机关，或者和这一件有利益冲突",
                "She does not work in the handling office, or has a conflict of interest",
            ),
            "officer",
        )


# --- conflicts of interest, and who helps -----------------------------------------------------------------------------


def declare_conflict(actor: Actor, case_id: int, reason: str) -> None:
    """An officer declares that she has an interest in a case: from then on she neither sees nor handles it. Raises
    PermissionDenied, ValueError without a reason."""
    given = given_reason(reason)
    by = By(HANDLER, actor)
    with transaction.atomic():
        case = locked(by, case_id)
        assert actor.person is not None
        with act(actor.who, "case.conflict", about=case, articles=(52,), region=case.region_id):
            Conflict.objects.create(case=case, person=actor.person, declared=True, reason=given, at=timezone.now())
            if case.handler_id == actor.person.pk:
                case.handler = None
                case.version += 1
                case.save(update_fields=["handler", "version"])
        telling.tell_organisation(case, case.handling, "conflict")


def invite(by: By, case_id: int, organisation: Organisation, part: str) -> Party:
    """Ask an association to help, or a third party to be heard. Raises PermissionDenied, CaseProblem."""
    _office_only(by)
    with transaction.atomic():
        case = locked(by, case_id)
        if part not in INVITED or (part == ASSOCIATION and organisation.kind != AN_ASSOCIATION):
            raise CaseProblem(Words("请选择一家协会商会", "Choose an association"), "organisation")
        hindrance = _hindrance(by, case, organisation)
        if hindrance is not None:
            raise CaseProblem(hindrance, "organisation")
        with act(by.who(case), "case.party", about=case, articles=(52,), region=case.region_id):
            party: Party = Party.objects.create(
                case=case, organisation=organisation, part=part, since=timezone.now(), invited_by=by.person
            )
        telling.tell_organisation(case, organisation, "invited", part)
    return party


def _hindrance(by: By, case: Case, organisation: Organisation) -> Words | None:
    """Why an organisation cannot be invited to a case, if there is a reason."""
    pk = organisation.pk
    mine = by.person.memberships.active_on(timezone.localdate()) if by.person is not None else Membership.objects.none()
    for applies, words in (
        (pk == case.respondent_id, Words("它是被投诉方", "It is the party complained of")),
        (pk == case.handling_id, Words("它就是承办机关", "It is the handling office itself")),
        (pk in case.overseers, Words("它是上级机关，本来就看得到", "It is an office above and sees the case already")),
        (pk == case.complainant.organisation_id, Words("它是投诉人", "It is the complainant")),
        (
            case.parties.filter(organisation=pk, until__isnull=True).exists(),
            Words("它已经参加了", "It takes part already"),
        ),
        (
            mine.filter(organisation=pk).exists(),
            Words(
                "你自己是它的人，有利益冲突，请同事来邀请",
                "You belong to it yourself, which is a conflict of interest: a colleague invites it",
            ),
        ),
    ):
        if applies:
            return words
    return None


def organisation_called(said: str) -> Organisation:
    """The organisation on file with this unified social credit code or exactly this name. Raises CaseProblem."""
    text = said.strip()
    found = (
        list(Organisation.objects.filter(Q(uscc=text.upper()) | Q(name_zh=text) | Q(name_en=text))[:2]) if text else []
    )
    if not text:
        raise CaseProblem(
            Words("请写统一社会信用代码或者全称", "Give the credit code or the full name"), "organisation"
        )
    if not found:
        raise CaseProblem(
            Words(
                "没有找到。请核对统一社会信用代码，或者写与登记完全一样的全称",
                "Nothing was found. Compare the credit code, or write the full name exactly as it is registered",
            ),
            "organisation",
        )
    if len(found) > 1:
        raise CaseProblem(
            Words("有几个单位叫这个名称，请写统一社会信用代码", "Several have this name: give the credit code"),
            "organisation",
        )
    return found[0]


def release(by: By, case_id: int, party_id: int, reason: str) -> Party:
    """Let somebody who was invited go again: from now on it sees nothing of the case. Raises PermissionDenied, CaseProblem."""
    _office_only(by)
    given = reason.strip()
    if not given:
        raise CaseProblem(Words("请写明理由", "Give the reason"), "reason")
    with transaction.atomic():
        case = locked(by, case_id)
        party = (
            case.parties.filter(pk=party_id, part__in=INVITED, until__isnull=True)
            .select_related("organisation")
            .first()
        )
        if party is None:
            raise CaseProblem(Words("请选择让谁退出", "Choose who is released"), "party")
        with act(by.who(case), "case.party_released", about=case, articles=(52,), region=case.region_id):
            party.until, party.released_by, party.reason = timezone.now(), by.person, given[:500]
            party.save(update_fields=["until", "released_by", "reason"])
        telling.tell_organisation(case, party.organisation, "released", party.part)
    return party


def _office_only(by: By) -> None:
    if by.part != HANDLER:
        raise PermissionDenied("only the handling office does this")


def _said(text: str, most: int = LONGEST) -> str:
    said = text.strip()
    if not said:
        raise CaseProblem(Words("请写下内容", "Write something"), "text")
    if len(said) > most:
        raise CaseProblem(Words(f"最多 {most} 字", f"At most {most} characters"), "text")
    return said
