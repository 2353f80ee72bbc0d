"""Notices of duties: a reminder to whoever owes one, and word to both sides when it climbs.

Written in the transaction of the step itself, in which the duty is judged anew: who has acted gets none.
"""

from __future__ import annotations

from typing import Any

from huiqi.law.duties.telling import WARNED, Told, tells

from .models import Notice


@tells
def write_notices(told: Told) -> None:
    """Write what there is to tell into the inboxes."""
    obligation, step = told.obligation, told.step
    title = obligation.definition.title
    data: dict[str, Any] = {
        "title": [title.zh, title.en],
        "due": obligation.due.isoformat() if obligation.due is not None else None,
    }
    if told.kind == WARNED:
        _write(obligation.organ_id, "duty_warned", obligation.pk, "warning", data)
        return
    if step is None or step.to_organ is None:
        return
    to, owes = step.to_organ.name, obligation.organ
    occasion = f"step-{step.number}"
    _write(obligation.organ_id, "duty_overdue", obligation.pk, occasion, data | {"to": [to.zh, to.en]})
    by = {"organ": [owes.name.zh, owes.name.en]} if owes is not None else {}
    _write(step.to_organ_id, "duty_climbed", obligation.pk, occasion, data | by)


def _write(organisation: int | None, kind: str, obligation: int, occasion: str, data: dict[str, Any]) -> None:
    if organisation is not None:
        Notice.objects.create(
            organisation_id=organisation, kind=kind, subject=str(obligation), occasion=occasion, data=data
        )
