"""What is kept of a case."""

from .cases import Case, CaseNumber, Complainant, FilingDraft, FilingDraftFile
from .clocks import CaseClock
from .entries import Attachment, Entry, Task
from .handling import Conflict, Handling, Party
from .outcomes import Alert, FollowUp, Rating

__all__ = [
    "Alert",
    "Attachment",
    "Case",
    "CaseClock",
    "CaseNumber",
    "Complainant",
    "Conflict",
    "Entry",
    "FilingDraft",
    "FilingDraftFile",
    "FollowUp",
    "Handling",
    "Party",
    "Rating",
    "Task",
]
