"""The last days of one's own cases, for calendars: by number, and naming nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from huiqi.documents.sending import calendar
from huiqi.rules.words import Words

from .models import Case
from .vocabulary import COMPLAINANT

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


@calendar.source
def last_days(actor: Actor) -> Iterator[calendar.Entry]:
    """One entry for each case of the actor's whose clock runs."""
    mine = Case.objects.in_part(actor, COMPLAINANT).filter(due__isnull=False)
    for case in mine.order_by("due", "pk")[: calendar.MOST_ENTRIES]:
        last = case.entries.order_by("-at").first()
        assert case.due is not None
        yield calendar.Entry(
            uid=f"case-{case.pk}",
            day=case.due,
            title=Words(f"诉求 {case.number}：最后一天", f"Complaint {case.number}: last day"),
            page="case",
            args=(case.pk,),
            changed=last.at if last is not None else case.filed_at,
        )
