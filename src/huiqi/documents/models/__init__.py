"""What is kept of documents."""

from .notices import Notice
from .sending import CalendarFeed, Contact, Dispatch, Preference

__all__ = ["CalendarFeed", "Contact", "Dispatch", "Notice", "Preference"]
