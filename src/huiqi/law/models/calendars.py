"""The statutory calendars as they are kept: years, and the days that an arrangement names."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Person

from ..clock.calendar import KINDS, calendar_names
from ..queries import CalendarYearQuerySet

CONFIDENCES = ("verified", "well_known", "unsure")


class CalendarYear(models.Model):
    """One year of one calendar: it counts as known from the moment that it stands here with all its days.

    ``source`` is the document that arranges it. ``changed_by`` is empty for a year as it ships with the product; such a
    year follows the product's own file, a year that somebody has changed does not.
    """

    calendar = models.CharField("日历", max_length=20)
    year = models.PositiveSmallIntegerField("年份")
    source = models.CharField("依据", max_length=300)
    confidence = models.CharField("核对", max_length=20)
    changed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    changed_at = models.DateTimeField("更新时间", auto_now=True)

    objects = CalendarYearQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度放假安排"
        ordering = ("calendar", "year")
        constraints = (
            models.UniqueConstraint(name="a_calendar_has_each_year_once", fields=("calendar", "year")),
            models.CheckConstraint(
                name="a_year_belongs_to_a_known_calendar", condition=Q(calendar__in=list(calendar_names()))
            ),
            models.CheckConstraint(name="a_year_names_its_document", condition=~Q(source="")),
            models.CheckConstraint(name="a_year_says_how_sure_it_is", condition=Q(confidence__in=CONFIDENCES)),
        )

    def __str__(self) -> str:
        return f"{calendar_names()[self.calendar].zh} {self.year}"


class CalendarDay(models.Model):
    """A day that the arrangement of its year names: off (rest), or a weekend on which one works (work)."""

    of = models.ForeignKey(CalendarYear, models.CASCADE, verbose_name="年度", related_name="days")
    date = models.DateField("日期")
    kind = models.CharField("类别", max_length=4)
    name_zh = models.CharField("名称", max_length=40)
    name_en = models.CharField("英文名称", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "放假和调休日"
        ordering = ("date",)
        constraints = (
            models.UniqueConstraint(name="an_arrangement_names_a_day_once", fields=("of", "date")),
            models.CheckConstraint(name="a_day_is_off_or_made_up", condition=Q(kind__in=list(KINDS))),
            models.CheckConstraint(name="a_day_has_a_name", condition=~Q(name_zh="")),
            models.CheckConstraint(
                name="only_a_weekend_is_made_up", condition=~Q(kind="work") | Q(date__week_day__in=(1, 7))
            ),
        )

    def __str__(self) -> str:
        return f"{self.date} {KINDS[self.kind].zh} {self.name_zh}"
