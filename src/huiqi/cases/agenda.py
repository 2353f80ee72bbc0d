"""Last days of cases in people's own calendars: the number of the case and the kind of step, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Max

from huiqi.documents.sending.calendar import MOST_ENTRIES, Entry, source
from huiqi.rules.words import Words

from .board import running_clocks
from .models import Case
from .models.clocks import CLOCK_WORDS
from .permissions import handles_cases
from .vocabulary import COMPLAINANT

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


@source
def due_cases(actor: Actor) -> Iterator[Entry]:
    """The running clocks of the cases that the actor looks after, in the hat that she wears."""
    if actor.person is None or not handles_cases(actor):
        return
    for clock in running_clocks(actor, actor.person):
        words = CLOCK_WORDS[clock.step]
        assert clock.due is not None
        yield Entry(
            uid=f"case-clock-{clock.pk}",
            day=clock.due,
            title=Words(f"{clock.case.number}：{words.zh}", f"{clock.case.number}: {words.en}"),
            page="desk_case",
            args=(clock.case_id,),
            changed=clock.changed,
        )


@source
def own_cases(actor: Actor) -> Iterator[Entry]:
    """The last days of the cases of the actor or of the firm for which she files them."""
    mine = Case.objects.in_part(actor, COMPLAINANT).filter(due__isnull=False).annotate(changed=Max("entries__at"))
    for case in mine.order_by("due", "pk")[:MOST_ENTRIES]:
        assert case.due is not None
        yield Entry(
            uid=f"case-{case.pk}",
            day=case.due,
            title=Words(f"诉求 {case.number}：最后一天", f"Complaint {case.number}: last day"),
            page="case",
            args=(case.pk,),
            changed=case.changed or case.filed_at,
        )
