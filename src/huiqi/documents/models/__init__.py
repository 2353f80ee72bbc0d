"""What is kept of documents."""

from .letters import Letter, LetterCode, LetterCounter, LetterFile, LetterMail, LetterVersion
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
    "LetterMail",
    "LetterVersion",
    "Notice",
    "Preference",
]
