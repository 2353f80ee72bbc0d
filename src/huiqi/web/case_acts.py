"""What an officer does with a case beside its steps: what each act asks for, and what it does with what was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy

from huiqi.cases import conferring, files, routing
from huiqi.cases.acting import By, CaseProblem
from huiqi.cases.models import Case, Party
from huiqi.cases.sight import Sight
from huiqi.cases.vocabulary import (
    ASSOCIATION,
    COMPLAINANT,
    HANDLER,
    INVITED,
    PARTS,
    SUPERIOR,
    THIRD_PARTY,
)
from huiqi.law.duties.places import Organs
from huiqi.registry.evidence import EvidenceProblem, read_evidence
from huiqi.registry.models import Organisation
from huiqi.registry.models.declarations import MOST_EVIDENCE
from huiqi.registry.permissions import Actor
from huiqi.registry.vocabulary import ASSOCIATION as AN_ASSOCIATION
from huiqi.rules.words import Words

from .case_steps import BOX, CHOICE, DAY, FILE, LINE, Around, Asked
from .sentences import opening, say
from .views.finder import today

#: So many associations are offered.
MOST_OFFERED = 200


@dataclass(frozen=True)
class At:
    """A case as the actor of this request sees it: in the handling office's part, or in that of an office above."""

    actor: Actor
    case: Case
    part: str

    @property
    def by(self) -> By:
        return By(self.part, self.actor)

    @property
    def sight(self) -> Sight:
        return Sight(self.case, self.part)

    @property
    def handles(self) -> bool:
        return self.part == HANDLER

    @cached_property
    def organs(self) -> Organs:
        return Organs(today())

    @cached_property
    def around(self) -> Around:
        return Around(self._organs, self._case_of)

    def _organs(self) -> list[tuple[str, str]]:
        """The offices to which the case may go: neither the one complained of nor one under it, nor where it is."""
        may = [
            each
            for each in self.organs.all()
            if each.pk != self.case.handling_id and routing.may_handle(each, self.case.respondent, self.organs)
        ]
        near = (self.case.region_id or "")[:4]
        may.sort(key=lambda each: (not (each.region_id or "").startswith(near), each.region_id or "", each.pk))
        return [(str(each.pk), say(each.name)) for each in may]

    def _case_of(self, number: str) -> int | None:
        ours = Case.objects.visible_to(self.actor).in_part(self.actor, HANDLER).filter(number=number.strip().upper())
        found: int | None = ours.values_list("pk", flat=True).first()
        return found

    @cached_property
    def colleagues(self) -> list[tuple[str, str]]:
        return [(str(each.pk), each.display_name) for each in conferring.colleagues(self.actor, today())]

    def colleague(self, pk: str) -> Any:
        return next((each for each in conferring.colleagues(self.actor, today()) if str(each.pk) == pk), None)


def at_case(actor: Actor, pk: int) -> At:
    """The case in the part in which the actor does most with it. Http404 for whoever neither handles nor oversees it."""
    for part in (HANDLER, SUPERIOR):
        found = (
            Case.objects.visible_to(actor)
            .in_part(actor, part)
            .select_related(
                "region", "handling__region", "handler", "respondent", "merged_into", "complainant__organisation"
            )
            .filter(pk=pk)
            .first()
        )
        if found is not None:
            return At(actor, found, part)
    raise Http404(pk)


# --- acts beside the steps --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One act beside the steps: what it asks for, what it does with what was given, and what is said afterwards."""

    title: Any
    button: Any
    asks: Callable[[At], Sequence[Asked]]
    does: Callable[[At, dict[str, Any], int | None], HttpResponse | None]
    done: Any
    parts: tuple[str, ...] = (HANDLER,)
    hint: Any = ""
    there: Callable[[At], bool] = lambda at: True


def _addressees(at: At) -> list[tuple[str, str]]:
    there = set(
        Party.objects.visible_to(at.actor).filter(case=at.case, until__isnull=True).values_list("part", flat=True)
    ) | {COMPLAINANT}
    return [(each, opening(say(PARTS[each]))) for each in conferring.ADDRESSEES if each in there]


def _message(at: At, data: dict[str, Any], version: int | None) -> None:
    conferring.write(at.by, at.case.pk, data["text"], data["to"])


def _note(at: At, data: dict[str, Any], version: int | None) -> None:
    conferring.note_down(at.by, at.case.pk, data["text"])


def _task(at: At, data: dict[str, Any], version: int | None) -> None:
    conferring.add_task(at.by, at.case.pk, data["text"], at.colleague(data["officer"]), data["due"])


def _assign(at: At, data: dict[str, Any], version: int | None) -> None:
    conferring.assign(at.actor, at.case.pk, at.colleague(data["officer"]), version)


def _conflict(at: At, data: dict[str, Any], version: int | None) -> HttpResponse:
    try:
        conferring.declare_conflict(at.actor, at.case.pk, data["reason"])
    except ValueError as problem:
        if isinstance(problem, CaseProblem):
            raise
        raise CaseProblem(Words("请写明理由", "Give the reason"), "reason") from problem
    return redirect("desk_cases")


def _invite(at: At, data: dict[str, Any], version: int | None) -> None:
    chosen = _associations(at).filter(pk=data["organisation"] or 0).first()
    if chosen is None:
        raise CaseProblem(Words("请选择一家协会商会", "Choose an association"), "organisation")
    conferring.invite(at.by, at.case.pk, chosen, ASSOCIATION)


def _third_party(at: At, data: dict[str, Any], version: int | None) -> None:
    conferring.invite(at.by, at.case.pk, conferring.organisation_called(data["organisation"]), THIRD_PARTY)


def _release(at: At, data: dict[str, Any], version: int | None) -> None:
    chosen = data["party"]
    conferring.release(at.by, at.case.pk, int(chosen) if chosen.isdigit() else 0, data["reason"])


def _invited(at: At) -> list[tuple[str, str]]:
    """Who takes part because the office asked."""
    there = Party.objects.visible_to(at.actor).filter(case=at.case, part__in=INVITED, until__isnull=True)
    return [
        (str(each.pk), f"{say(each.organisation.name)}{gettext(', ')}{say(PARTS[each.part])}")
        for each in there.select_related("organisation").order_by("pk")
    ]


def _file(at: At, data: dict[str, Any], version: int | None) -> None:
    sent = data["file"]
    if not sent:
        raise CaseProblem(Words("请选择文件", "Choose a file"), "file")
    try:
        read = read_evidence(sent.name, sent.read(MOST_EVIDENCE + 1))
    except EvidenceProblem as problem:
        what, remedy = problem.what, problem.remedy
        raise CaseProblem(Words(f"{what.zh}。{remedy.zh}", f"{what.en}. {remedy.en}"), "file") from problem
    files.add(at.by, at.case.pk, read)


def _associations(at: At) -> Any:
    return Organisation.objects.visible_to(at.actor).filter(kind=AN_ASSOCIATION).order_by("name_pinyin", "pk")


ACTS: dict[str, Act] = {
    "message": Act(
        gettext_lazy("Write a message"),
        gettext_lazy("Send"),
        lambda at: (
            Asked("to", CHOICE, gettext("To whom"), options=_addressees(at)),
            Asked("text", BOX, gettext("Message")),
        ),
        _message,
        gettext_lazy("Sent. Whoever it goes to is told."),
    ),
    "note": Act(
        gettext_lazy("Write an internal note"),
        gettext_lazy("Keep the note"),
        lambda at: (Asked("text", BOX, gettext("Note"), gettext("Only your own office reads it.")),),
        _note,
        gettext_lazy("Kept."),
    ),
    "task": Act(
        gettext_lazy("Write down a task"),
        gettext_lazy("Keep the task"),
        lambda at: (
            Asked("text", LINE, gettext("What is to be done"), most=200),
            Asked("officer", CHOICE, gettext("Who does it"), options=at.colleagues),
            Asked("due", DAY, gettext("Until when")),
        ),
        _task,
        gettext_lazy("Kept."),
    ),
    "file": Act(
        gettext_lazy("Add a file"),
        gettext_lazy("Add the file"),
        lambda at: (
            Asked(
                "file",
                FILE,
                gettext("A file or a photograph"),
                gettext("PDF, JPEG or PNG, 5 MB at most. From photographs we take out place, time and device."),
            ),
        ),
        _file,
        gettext_lazy("Added. It can be taken as soon as it has been checked."),
    ),
    "assign": Act(
        gettext_lazy("Give it to an officer"),
        gettext_lazy("Assign"),
        lambda at: (
            Asked(
                "officer",
                CHOICE,
                gettext("Officer"),
                gettext("Nobody chosen gives it back to the whole office."),
                options=at.colleagues,
            ),
        ),
        _assign,
        gettext_lazy("Assigned."),
    ),
    "invite": Act(
        gettext_lazy("Ask an association to help"),
        gettext_lazy("Ask it"),
        lambda at: (
            Asked(
                "organisation",
                CHOICE,
                gettext("Association"),
                options=[(str(each.pk), say(each.name)) for each in _associations(at)[:MOST_OFFERED]],
            ),
        ),
        _invite,
        gettext_lazy("The association is told and sees the case from now on."),
    ),
    "third_party": Act(
        gettext_lazy("Ask a third party to be heard"),
        gettext_lazy("Invite it"),
        lambda at: (
            Asked(
                "organisation",
                LINE,
                gettext("Credit code or full name"),
                gettext("An organisation on file. It sees the case, what you write to it and what it sends itself."),
                most=200,
            ),
        ),
        _third_party,
        gettext_lazy("The third party is told and sees the case from now on."),
    ),
    "release": Act(
        gettext_lazy("Release somebody who was invited"),
        gettext_lazy("Release"),
        lambda at: (
            Asked("party", CHOICE, gettext("Who"), options=_invited(at)),
            Asked("reason", BOX, gettext("Reason"), gettext("It stays on record with your name."), most=500),
        ),
        _release,
        gettext_lazy("Released. It does not see the case any more."),
        there=lambda at: bool(_invited(at)),
    ),
    "conflict": Act(
        gettext_lazy("I have an interest in this case"),
        gettext_lazy("Declare it and leave the case"),
        lambda at: (
            Asked(
                "reason",
                BOX,
                gettext("Reason"),
                gettext("From then on you neither see nor handle this case. It cannot be taken back here."),
                most=500,
            ),
        ),
        _conflict,
        gettext_lazy("On record. You do not see this case any more."),
    ),
}
