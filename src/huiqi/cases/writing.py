"""Writing the letters of a case: who begins which, and with what it already says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huiqi.documents.letters import acts as letters
from huiqi.documents.letters.mailing import Mailbox, of_person
from huiqi.documents.models import Letter, LetterFile
from huiqi.journal import act
from huiqi.law.articles import article
from huiqi.registry.permissions import Actor

from .models import Case
from .replies import ABOUT, letters_of
from .vocabulary import COMPLAINANT, DECISIONS, ENDINGS, HANDLER, SUPERIOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .acting import By
    from .queries import CaseQuerySet

#: Letters that go to another office; all others go to whoever complains.
TO_OFFICES = ("transfer", "supervision")


def letters_to_complainant(case: Case) -> list[Letter]:
    """The issued letters to whoever complains; whoever asks is she, by her account or by the secret."""
    return [each for each in letters_of(case) if each.out and each.kind not in TO_OFFICES]


def taken(by: By, case: Case, letter_id: int) -> tuple[str, bytes] | None:
    """Number and bytes of a letter to whoever complains; that she has opened it is put on record. None where there is none."""
    letter = next((each for each in letters_to_complainant(case) if each.pk == letter_id), None)
    kept = LetterFile.objects.filter(letter=letter_id).first() if letter is not None else None
    if by.part != COMPLAINANT or letter is None or kept is None:
        return None
    if by.actor is not None:
        letters.opened(by.actor, letter)
    elif letter.opened_at is None:
        # by the secret: somebody without a name has opened it
        with act(by.who(case), "letter.opened", about=letter, articles=letter.definition.articles):
            held = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
            if held.opened_at is None:
                held.opened_at = timezone.now()
                held.save(update_fields=["opened_at"])
    return letter.number, bytes(kept.pdf)


def mailbox(letter: Letter) -> Mailbox | None:
    """Where whoever complains is reached by e-mail: at the address that she has confirmed for her account, while she may still see
    the case; without an account at the one that she left with it. Letters to offices go by other ways."""
    case = Case.objects.select_related("complainant__person").filter(pk=letter.about_id).first()
    if case is None or letter.kind in TO_OFFICES:
        return None
    told, today = case.complainant, timezone.localdate()
    if told.person is not None:
        hats = [Actor.wearing(told.person, hat, today) for hat in told.person.hats(today)]
        sees = any(
            Case.objects.in_part(each, COMPLAINANT).filter(pk=case.pk).exists() for each in (*hats, Actor(told.person))
        )
        return of_person(told.person) if sees else None
    return Mailbox(told.email, told.language) if told.email and told.organisation_id is None else None


def may_begin(actor: Actor, case: Case, kind: str) -> bool:
    """Whether the actor begins a letter of this kind: a supervision letter comes from the office above, a transfer letter from
    whoever passed the case on, all others from the office that handles it."""
    if kind == "supervision":
        return Case.objects.in_part(actor, SUPERIOR).filter(pk=case.pk).exists()
    if kind == "transfer":
        stays = case.stays.filter(organ=actor.organisation, until__isnull=False)
        return stays.exists() and matters_written_about(actor).filter(pk=case.pk).exists()
    return Case.objects.in_part(actor, HANDLER).filter(pk=case.pk).exists()


def matters_written_about(actor: Actor) -> CaseQuerySet:
    """The cases about which the actor's office writes letters: those that it handles, oversees, or has passed on."""
    found: CaseQuerySet = Case.objects.in_part(actor, HANDLER) | Case.objects.in_part(actor, SUPERIOR)
    return found | Case.objects.passed_on_by(actor)


def begin(actor: Actor, case: Case, kind: str) -> Letter:
    """Begin a letter of this kind with what the case already says; the officer goes on from there. Raises PermissionDenied."""
    if not may_begin(actor, case, kind):
        raise PermissionDenied("not a letter of this office in this case")
    told = case.complainant
    to_office = kind in TO_OFFICES
    addressee = (
        letters.Addressee(name=case.handling.name_zh, organisation=case.handling)
        if to_office
        else letters.Addressee(
            name=told.name,
            organisation=told.organisation,
            person=told.person if told.organisation_id is None else None,
            natural=told.organisation_id is None,
            hidden=case.withheld,
        )
    )
    assert actor.organisation is not None
    return letters.draft(actor, kind, (ABOUT, case.pk), actor.organisation, addressee, _content(case, kind))


def _content(case: Case, kind: str) -> Mapping[str, object]:
    from huiqi.documents.letters.kinds import kinds as letter_kinds

    clocks = {clock.step: clock for clock in case.clocks.order_by("pk")}
    finish = clocks.get("finish")
    decided = case.entries.filter(event="decide").order_by("-at").first()
    last = case.entries.exclude(text="").order_by("-at").first()
    extended = case.entries.filter(event="extend").order_by("-at").first()
    known: dict[str, object] = {
        "matter": case.matter.title.zh[:60],
        "received": _day(timezone.localtime(case.filed_at).date()),
        "case_number": case.number,
        "until": _day(case.due or (finish.due if finish is not None else None)),
        "request": case.wish if not case.withheld else "",
        "reason": last.text if last is not None and kind in ("non_acceptance", "transfer", "extension") else "",
        "missing": last.text if last is not None and kind == "correction" else "",
        "summary": "",
        "facts": decided.text if decided is not None else "",
        "basis": decided.data.get("basis", "") if decided is not None else _basis(case),
        "decision": ENDINGS[case.ending].zh if case.ending in DECISIONS else "",
        "before": str(extended.data.get("before", "")) if extended is not None else "",
    }
    fields = {each.name for each in letter_kinds()[kind].fields}
    return {name: value for name, value in known.items() if name in fields and value}


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day is not None else ""


def _basis(case: Case) -> str:
    return "；".join(f"《办法》第{number}条：{article(number).title.zh}" for number in case.matter.articles)
