"""Files of a case: what they are is read from their content, they are kept apart until they are checked, never shown in a page."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from huiqi.journal import act, machine, note
from huiqi.registry.evidence import Evidence
from huiqi.rules.words import Words

from .acting import By, CaseProblem, locked
from .models import Attachment, Case
from .models.entries import CLEAN, QUARANTINE, REFUSED, WAITING
from .vocabulary import COMPLAINANT, HANDLER, RESPONDENT, SUPERIOR

if TYPE_CHECKING:
    from collections.abc import Callable

#: So many files a case has at most, and so many bytes.
MOST, MOST_BYTES = 60, 300 * 1024 * 1024


def keep(case: Case, by: By, file: Evidence, shown_to: tuple[str, ...]) -> Attachment:
    """Keep a file that :func:`huiqi.registry.evidence.read_evidence` has read, within an act."""
    kept = Attachment(
        case=case,
        at=timezone.now(),
        part=by.part,
        person=by.person,
        name=file.name,
        type=file.type,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        content=file.content,
        shown_to=list(shown_to),
    )
    kept.save()
    return kept


def add(by: By, case_id: int, file: Evidence) -> Attachment:
    """Add a file to a case. A respondent's is read by the office; a complainant's by the office, and by the office above where
    the identity is not withheld. Raises PermissionDenied, CaseProblem when there are too many."""
    with transaction.atomic():
        case = locked(by, case_id)
        kept = Attachment.objects.filter(case=case)
        if kept.count() >= MOST or sum(kept.values_list("size", flat=True)) + len(file.content) > MOST_BYTES:
            raise CaseProblem(Words("这一件的附件太多了", "This case has too many files already"), "files")
        with act(by.who(case), "case.file_added", about=case, articles=(52,), region=case.region_id):
            return keep(case, by, file, _readers(case, by))


def _readers(case: Case, by: By) -> tuple[str, ...]:
    if by.part == COMPLAINANT:
        return (COMPLAINANT, HANDLER) if case.withheld else (COMPLAINANT, HANDLER, SUPERIOR)
    if by.part == RESPONDENT:
        return (RESPONDENT, HANDLER, SUPERIOR)
    return tuple(dict.fromkeys((by.part, HANDLER)))


def show_to(by: By, attachment: Attachment, part: str) -> None:
    """Let another part read a file too. Raises PermissionDenied for whoever does not handle the case, and CaseProblem where it
    would show others what the complainant sent while her identity is withheld."""
    if by.part != HANDLER:
        raise PermissionDenied("files are shown to others by the handling office")
    with transaction.atomic():
        case = locked(by, attachment.case_id)
        if case.withheld and attachment.part == COMPLAINANT and part not in (COMPLAINANT, HANDLER):
            raise CaseProblem(
                Words(
                    "投诉人要求隐去身份，她交的文件不能给别人看",
                    "The complainant's identity is withheld: her files are shown to nobody else",
                )
            )
        with act(by.who(case), "case.file_added", about=case, region=case.region_id):
            attachment.shown_to = list(dict.fromkeys([*attachment.shown_to, part]))
            attachment.save(update_fields=["shown_to"])


def taken(by: By, attachment: Attachment) -> bytes:
    """The bytes of a file, on record. Raises CaseProblem while it is kept apart."""
    if attachment.quarantine != CLEAN:
        words = QUARANTINE[attachment.quarantine]
        raise CaseProblem(Words(f"这个文件{words.zh}", f"This file: {words.en}"))
    note(by.who(attachment.case), "case.file_taken", about=attachment, region=attachment.case.region_id)
    return bytes(attachment.content)


def check_waiting(scan: Callable[[bytes], bool] | None = None) -> int:
    """Check the files that wait: whole, as they were sent, and by a virus scanner where one is set. How many were checked."""
    checked = 0
    for pk in Attachment.objects.filter(quarantine=WAITING).values_list("pk", flat=True)[:200]:
        with act(machine("cases"), "case.file_checked") as this:
            waiting = Attachment.objects.select_for_update(skip_locked=True).filter(pk=pk, quarantine=WAITING).first()
            if waiting is None:
                continue
            this.about(waiting)
            content = bytes(waiting.content)
            whole = hashlib.sha256(content).hexdigest() == waiting.sha256
            waiting.quarantine = CLEAN if whole and (scan is None or scan(content)) else REFUSED
            waiting.save(update_fields=["quarantine"])
            checked += 1
    return checked
