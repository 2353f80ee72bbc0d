"""What somebody sees of a case in one of her parts: the one place that pages, lists, files and the API ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .models import Attachment, Complainant, Entry
from .vocabulary import COMPLAINANT, HANDLER, RESPONDENT, SUPERIOR

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import Case


@dataclass(frozen=True)
class Sight:
    """A case as one part sees it. Whoever asks has been let into the case in this part already."""

    case: Case
    part: str

    @property
    def knows_who(self) -> bool:
        """Whether this part knows who complains."""
        return self.part in (COMPLAINANT, HANDLER) or not self.case.withheld

    @property
    def complainant(self) -> Complainant | None:
        return self.case.complainant if self.knows_who else None

    @property
    def told(self) -> str:
        """What happened: in the complainant's words for the office, for the respondent in those of the office."""
        if self.part == RESPONDENT:
            return self.case.told_to_respondent
        return self.case.told if self.part in (COMPLAINANT, HANDLER) or self._open_to_superior else ""

    @property
    def wish(self) -> str:
        return self.case.wish if self.part in (COMPLAINANT, HANDLER) or self._open_to_superior else ""

    @property
    def _open_to_superior(self) -> bool:
        return self.part == SUPERIOR and not self.case.withheld

    def entries(self) -> QuerySet[Entry]:
        """The timeline, with that of the cases that are joined to this one, as it happened."""
        cases = [
            self.case.pk,
            *(self.case.merged.values_list("pk", flat=True) if self.part in (HANDLER, SUPERIOR) else ()),
        ]
        return Entry.objects.shown_to(self.part).filter(case__in=cases).select_related("person", "organisation")

    def attachments(self) -> QuerySet[Attachment]:
        """The files, without their content."""
        return Attachment.objects.shown_to(self.part).filter(case=self.case).defer("content")
