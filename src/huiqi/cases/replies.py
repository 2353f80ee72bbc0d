"""The letters of a case, and whether the written reply to its decision has gone out."""

from __future__ import annotations

from huiqi.documents.models import Letter
from huiqi.documents.models.letters import DELIVERED, ISSUED

from .models import Case

ABOUT = "case"
REPLY = "reply"


def letters_of(case: Case) -> list[Letter]:
    """All letters of a case, the oldest first; whoever asks has to be let in by the case already."""
    return list(Letter.objects.filter(about_kind=ABOUT, about_id=case.pk).select_related("organ").order_by("pk"))


def _replies(case: Case) -> list[Letter]:
    """The replies to the present decision: those drafted since it was taken."""
    decided = case.entries.filter(event="decide").order_by("-at").first()
    if decided is None:
        return []
    return [each for each in letters_of(case) if each.kind == REPLY and each.drafted_at >= decided.at]


def delivered_reply(case: Case) -> bool:
    """Whether the written reply to the present decision has been delivered."""
    return any(each.state == DELIVERED for each in _replies(case))


def issued_reply(case: Case) -> bool:
    """Whether the written reply to the present decision has been issued, so that the decision is out."""
    return any(each.state in (ISSUED, DELIVERED) for each in _replies(case))
