"""Models of the law, a file a subject."""

from .calendars import CalendarDay, CalendarYear
from .obligations import EscalationStep, Obligation

__all__ = ["CalendarDay", "CalendarYear", "EscalationStep", "Obligation"]
