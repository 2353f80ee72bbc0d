"""How figures, money, dates and distances are written, in the language that is active.

Money: benefits in yuan up to 99,999 and from 100,000 in 万元 with at most two decimals; in English always yuan, with ¥
before the figure. Figures keep their unit by a no-break space. Dates are written in full, distances in days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.dateformat import format as format_date
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext, pgettext

NBSP = "\u00a0"
TEN_THOUSAND = Decimal(10_000)
#: From here on a Chinese page counts in 万元.
COUNT_IN_WAN_FROM = Decimal(100_000)
#: A benefit that ends within so many days is shown as ending soon.
SOON_DAYS = 30
#: Beyond so many days the date alone says more than a number of days.
COUNTDOWN_DAYS = 90


def in_english() -> bool:
    return (get_language() or "").startswith("en")


def plain(value: Decimal | int | float) -> str:
    """Thousands commas and no trailing zeros: 1234.50 becomes ``1,234.5``."""
    text = f"{Decimal(str(value)):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Money:
    """An amount ready to be set: ``¥`` or nothing, the figure, the unit or nothing."""

    sign: str
    figure: str
    unit: str

    def __str__(self) -> str:
        return f"{self.sign}{self.figure}{NBSP + self.unit if self.unit else ''}"


def money(yuan: Decimal | int) -> Money:
    """An amount of benefit in yuan, rounded half up to whole yuan, or to two decimals of 万元."""
    whole = Decimal(yuan).quantize(Decimal(1), ROUND_HALF_UP)
    if in_english():
        return Money("-¥" if whole < 0 else "¥", plain(abs(whole)), "")
    if abs(whole) < COUNT_IN_WAN_FROM:
        return Money("", plain(whole), "元")
    return Money("", plain((whole / TEN_THOUSAND).quantize(Decimal("0.01"), ROUND_HALF_UP)), "万元")


def day(date: dt.date) -> str:
    """2026年11月24日, 24 November 2026."""
    return format_date(date, pgettext("format of a date, in Django's letters", "j F Y"))


def month(date: dt.date) -> str:
    """2026年11月, November 2026."""
    return date_format(date, "YEAR_MONTH_FORMAT")


def month_day(date: dt.date) -> str:
    """11月24日, 24 November: where the year stands above."""
    return date_format(date, "MONTH_DAY_FORMAT")


def day_near(date: dt.date, today: dt.date) -> str:
    """The day without its year when the year is this one: 12月31日, 31 December."""
    if date.year != today.year:
        return day(date)
    return format_date(date, pgettext("format of a date of this year, in Django's letters", "j F"))


def days_left(days: int) -> str:
    """How far a last day is: 还有 37 天, 37 days left; 已过 2 天, ended 2 days ago. The number never leaves its unit."""
    if days == 0:
        return gettext("today is the last day")
    if days > 0:
        text = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    else:
        text = ngettext("ended %(days)d day ago", "ended %(days)d days ago", -days) % {"days": -days}
    return text.replace(f"{abs(days)} ", f"{abs(days)}{NBSP}").replace(f" {abs(days)}", f"{NBSP}{abs(days)}")


@dataclass(frozen=True)
class Due:
    """When an offer ends: ``state`` is ``open`` (no end or far away), ``soon``, ``over`` or ``not_yet``."""

    state: str
    distance: str
    date: str


def due(valid_from: dt.date | None, valid_to: dt.date | None, today: dt.date) -> Due:
    """The distance is empty when the date alone says it better."""
    if valid_from is not None and valid_from > today:
        return Due("not_yet", "", gettext("opens %(date)s") % {"date": day(valid_from)})
    if valid_to is None:
        return Due("open", "", gettext("no end date"))
    days = (valid_to - today).days
    if days < 0:
        return Due("over", "", gettext("ended %(date)s") % {"date": day(valid_to)})
    if days > COUNTDOWN_DAYS:
        return Due("open", "", gettext("until %(date)s") % {"date": day(valid_to)})
    closes = gettext("closes %(date)s") % {"date": day_near(valid_to, today)}
    return Due("soon" if days <= SOON_DAYS else "open", days_left(days), closes)
