"""What a reckoning of time cannot go on with."""

from __future__ import annotations

from huiqi.rules.words import Words

#: Machine-readable names of what may be wrong; ``field`` of the problem says where.
CALENDAR_MISSING, OUT_OF_RANGE, UNKNOWN, MISSING, WRONG, NOT_IN_FORCE, NOT_ALLOWED = (
    "calendar_missing",
    "out_of_range",
    "unknown",
    "missing",
    "wrong",
    "not_in_force",
    "not_allowed",
)


class ClockProblem(ValueError):
    """Why no day can be given. ``what`` is wrong, the ``remedy``, a ``code`` for machines, the ``field`` it is about."""

    def __init__(self, code: str, field: str, what: Words, remedy: Words) -> None:
        self.code, self.field, self.what, self.remedy = code, field, what, remedy
        super().__init__(str(self.words))

    @property
    def words(self) -> Words:
        """Both sentences."""
        return Words(f"{self.what.zh}。{self.remedy.zh}。", f"{self.what.en}. {self.remedy.en}.")


class CalendarMissing(ClockProblem):
    """The rest days of a year are not known, so nothing is reckoned in it: Monday to Friday would be a guess."""

    def __init__(self, calendar: str, name: Words, year: int) -> None:
        self.calendar, self.year = calendar, year
        super().__init__(
            CALENDAR_MISSING,
            "calendar",
            Words(
                f"“{name.zh}”日历还没有 {year} 年的放假安排，算不出来",
                f"the calendar “{name.en}” has no arrangement of rest days for {year}, so no day can be given",
            ),
            Words(
                f"请平台管理员录入 {year} 年的安排", f"Ask the administrator of the platform to enter that of {year}"
            ),
        )
