"""What people do with an obligation: show that it is fulfilled, or waive it, each on record and with its reason."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huiqi.journal import act, note
from huiqi.registry.vocabulary import AGENT, OFFICER, ORGAN, OWNER, SUPERVISOR

from ..models import Obligation
from ..models.obligations import FULFILLED, WAIVED
from .definitions import Duty, duties
from .places import Organs

if TYPE_CHECKING:
    from huiqi.registry.evidence import Evidence
    from huiqi.registry.permissions import Actor

#: Who acts for an organ, or for another organisation that owes something.
ACTING_ROLES = frozenset({OFFICER, SUPERVISOR, OWNER, AGENT})


class NoProof(ValueError):
    """Neither a text nor a file shows that it was done."""


def may_fulfil(actor: Actor, obligation: Obligation) -> bool:
    """Whether the actor acts for whoever owes it."""
    return (
        obligation.organ_id is not None
        and actor.organisation is not None
        and actor.organisation.pk == obligation.organ_id
        and actor.role in ACTING_ROLES
    )


def may_waive(actor: Actor, obligation: Obligation, organs: Organs | None = None) -> bool:
    """Whether the actor supervises for an organ that stands above whoever owes it: nobody waives her own duty."""
    organ = actor.organisation
    if organ is None or organ.kind != ORGAN or actor.role != SUPERVISOR or organ.pk == obligation.organ_id:
        return False
    if obligation.holder_id == organ.pk:
        return True
    there = organs or Organs(timezone.localdate())
    if obligation.organ_id is None:
        return any(organ.pk == above.organ.pk for above in there.above_a_gap(obligation.region_id) if above.organ)
    owing = there.get(obligation.organ_id)
    if owing is None:
        functions = obligation.definition.supervised_by
        return any(
            organ.pk == above.organ.pk for above in there.supervisor(obligation.region_id, functions) if above.organ
        )
    return any(organ.pk == above.pk for above in there.all_above(owing))


def fulfil(actor: Actor, pk: int, text: str, evidence: Evidence | None) -> Obligation:
    """Show that an obligation is fulfilled. Raises Obligation.DoesNotExist when it is not (any more) open to the actor,
    PermissionDenied, and NoProof when neither a text nor a file shows it."""
    if not text.strip() and evidence is None:
        raise NoProof("a text or a file shows that it was done")
    with act(actor.who, "duty.fulfilled") as this:
        obligation = _to_close(actor, pk)
        if not may_fulfil(actor, obligation):
            raise PermissionDenied("this is another organ's duty")
        this.about(obligation)
        this.subject, this.region = obligation.organ_id, obligation.region_id
        obligation.evidence_text = text.strip()
        if evidence is not None:
            obligation.evidence_name, obligation.evidence_type = evidence.name, evidence.type
            obligation.evidence = evidence.content
        return _closed(actor, obligation, FULFILLED)


def waive(actor: Actor, pk: int, reason: str) -> Obligation:
    """Waive an obligation of an organ below, with the reason. ValueError without one, PermissionDenied for one's own."""
    if not reason.strip():
        raise ValueError("a waiver gives its reason")
    with act(actor.who, "duty.waived", reason=reason.strip()) as this:
        obligation = _to_close(actor, pk)
        if not may_waive(actor, obligation):
            raise PermissionDenied("only an organ above waives a duty")
        this.about(obligation)
        this.subject, this.region = obligation.organ_id, obligation.region_id
        obligation.reason = reason.strip()
        return _closed(actor, obligation, WAIVED)


def _to_close(actor: Actor, pk: int) -> Obligation:
    return Obligation.objects.visible_to(actor).open().select_for_update(of=("self",)).get(pk=pk)


def _closed(actor: Actor, obligation: Obligation, state: str) -> Obligation:
    obligation.state = state
    obligation.closed_at, obligation.closed_on = timezone.now(), timezone.localdate()
    obligation.closed_by, obligation.closed_for = actor.person, actor.organisation
    obligation.save()
    return obligation


# --- events that no page of the service makes yet ---------------------------------------------------------------------


def recordable(actor: Actor) -> list[Duty]:
    """The duties whose event an officer of this organ may record by hand."""
    if actor.role not in (OFFICER, SUPERVISOR) or actor.organ_function is None:
        return []
    return [
        duty
        for duty in duties().values()
        if duty.by_hand and (not duty.owner.functions or actor.organ_function in duty.owner.functions)
    ]


def record(actor: Actor, duty_id: str, on: dt.date, what: str) -> int:
    """Record that what opens a duty has happened on a day. The number of the event; the journal's reader opens the duty.

    PermissionDenied when it is not for this organ, ValueError for a day to come or without words.
    """
    duty = next((each for each in recordable(actor) if each.id == duty_id), None)
    if duty is None or duty.opens is None or actor.organisation is None:
        raise PermissionDenied("not an event of this organ")
    if not what.strip() or on > timezone.localdate():
        raise ValueError("what has happened is told in words, and not before it happens")
    return note(
        actor.who,
        duty.opens,
        articles=duty.articles,
        subject=actor.organisation.pk,
        region=actor.organisation.region_id,
        reason=what.strip(),
        details={"on": on.isoformat()},
    )
