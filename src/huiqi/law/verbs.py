"""What is done with the law's clock and duties, as the journal tells it."""

from huiqi.rules.words import Words

VERBS = {
    "calendar.loaded": Words("载入放假日历", "loaded the calendars of rest days"),
    "calendar.arranged": Words("录入一年的放假安排", "entered the rest days of a year"),
}
