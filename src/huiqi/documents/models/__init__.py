"""What is kept of documents."""

from .letters import Letter, LetterCode, LetterCounter, LetterFile, LetterVersion
from .notices import Notice
from .sending import CalendarFeed, Contact, Dispatch, Preference

__all__ = [
    "CalendarFeed",
    "Contact",
    "Dispatch",
    "Letter",
    "LetterCode",
    "LetterCounter",
    "LetterFile",
    "LetterVersion",
    "Notice",
    "Preference",
]
