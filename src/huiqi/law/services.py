"""What the law itself lets people do: see how a date comes about."""

from __future__ import annotations

from huiqi.registry.serving import Service
from huiqi.rules.words import Words

from .permissions import keeps_calendar

SERVICES = (
    Service(
        articles=(52,),
        title=Words("算期限", "Reckon a deadline"),
        description=Words(
            "从哪天起、几个工作日、到哪天为止，一天一天写明白，可以打印。",
            "From which day, how many working days, until when: told day by day, ready to be printed.",
        ),
        address="clock",
        pages=("clock_rules", "clock_api", "calendar"),
        audience="public",
    ),
    Service(
        articles=(52,),
        title=Words("维护放假日历", "Keep the calendar of rest days"),
        description=Words(
            "录入全国和自治区每年的放假、调休安排。所有期限都按它算。",
            "Enter each year's arrangement of rest days and make-up days. Every deadline is reckoned by it.",
        ),
        address="calendars",
        pages=("calendar_year",),
        audience="officer",
        open_to=keeps_calendar,
    ),
)
