"""Querysets of the law. Every view, API call, export and search starts from ``visible_to(actor)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


class CalendarYearQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody: a calendar is published, and whoever is bound by a day can look up why it is one."""
        return self.all()
