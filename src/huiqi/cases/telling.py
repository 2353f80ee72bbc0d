"""News of a case goes to those whom it concerns. The words outside the case name its number and nothing else."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from huiqi.documents.models import Notice
from huiqi.journal import act, machine
from huiqi.registry.models import Organisation, Person

from .vocabulary import COMPLAINANT, HANDLER, RESPONDENT

if TYPE_CHECKING:
    from .acting import By
    from .models import Alert, Case
    from .procedures import Step

#: Steps after which the office is told, because somebody else has taken them.
_FOR_THE_OFFICE = frozenset({"supplement", "state_position", "withdraw", "reopen", "rate"})
#: Steps of which the other side is told.
_FOR_THE_RESPONDENT = frozenset({"ask_statement"})


def tell_of_step(case: Case, event: str, step: Step, by: By) -> None:
    """Who reads of a step: the complainant what is shown to her, the office what others did, the respondent what it is asked."""
    if COMPLAINANT in step.shown_to and by.part != COMPLAINANT:
        tell_complainant(case, event)
    if event in _FOR_THE_OFFICE and by.part != HANDLER:
        tell_organisation(case, case.handling, event)
    if event in ("transfer", "settle"):
        tell_organisation(case, case.handling, "filed")
    if event in _FOR_THE_RESPONDENT and case.respondent is not None:
        tell_organisation(case, case.respondent, event)


def tell_complainant(case: Case, what: str) -> None:
    """A notice for whoever complains, if she has an account; which case it is, and whose, is not told by the journal."""
    told = case.complainant
    if told.organisation_id is None and told.person_id is None:
        return
    # an act that names neither the case nor the firm: who complains is told by no event
    with act(machine("cases"), "notice.sent"):
        _notice(
            case,
            what,
            COMPLAINANT,
            organisation=told.organisation,
            person=None if told.organisation_id else told.person,
        )


def tell_organisation(case: Case, organisation: Organisation, what: str) -> None:
    """A notice for an office that handles a case, or for an organisation that is heard."""
    with act(machine("cases"), "notice.sent", about=case, region=case.region_id):
        _notice(case, what, RESPONDENT if organisation.pk == case.respondent_id else HANDLER, organisation=organisation)


def tell_person(case: Case, person: Person, what: str) -> None:
    """A notice for one officer."""
    with act(machine("cases"), "notice.sent", about=case, region=case.region_id):
        _notice(case, what, HANDLER, person=person)


def tell_of_alert(alert: Alert) -> None:
    """A notice for the organ above: that there is something sealed to look into, and no more."""
    with act(machine("cases"), "notice.sent", about=alert):
        _notice(alert.case, "alert", "alert", organisation=alert.to)


def _notice(
    case: Case, what: str, part: str, organisation: Organisation | None = None, person: Person | None = None
) -> None:
    Notice.objects.create(
        organisation=organisation,
        person=person,
        kind="case",
        subject=str(case.pk),
        occasion=secrets.token_hex(8),
        data={"what": what, "number": case.number, "part": part},
    )
