"""Querysets of the law. Every view, API call, export and search starts from ``visible_to(actor)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Q

from huiqi.registry.vocabulary import ORGAN, READING_ROLES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from huiqi.registry.models import Region
    from huiqi.registry.permissions import Actor

#: Functions of organs that look after the duties of all departments of their place (articles 6, 11 and 54).
LOOK_AFTER_ALL = frozenset({"government", "industry_and_it", "audit"})


class CalendarYearQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody: a calendar is published, and whoever is bound by a day can look up why it is one."""
        return self.all()


def places_under(region: Region) -> Q:
    """The condition on a region (reached over ``region__``) that it is this one or one below it in government.

    Below by ``superior`` and not by code alone: the codes of Tacheng and Altay do not begin with that of Ili.
    """
    found = Q(region__code__startswith=region.prefix)
    for below in region.inferiors.all():
        if not below.code.startswith(region.prefix):
            found |= places_under(below)
    return found


class ObligationQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """What one's own organisation owes, and what organs below it owe.

        Governments, SME authorities and audit offices see the duties of every organ of their place and of the places
        below; other departments those of the departments below that have their function, and what has climbed to them.
        The organs of the Corps see those that stand under them. Whoever is no organ sees her own alone.
        """
        organ = actor.organisation
        if organ is None or actor.role not in READING_ROLES:
            return self.none()
        mine = Q(organ=organ.pk) | Q(holder=organ.pk)
        if organ.kind != ORGAN or organ.region is None:
            return self.filter(mine)
        if organ.is_bingtuan:
            return self.filter(mine | Q(organ__superior=organ.pk) | Q(organ__superior__superior=organ.pk))
        if organ.organ_function in LOOK_AFTER_ALL and organ.region.superior_id is None:
            return self.all()
        area = places_under(organ.region)
        if organ.organ_function not in LOOK_AFTER_ALL:
            area &= Q(organ__organ_function=organ.organ_function)
        return self.filter(mine | area)

    def open(self) -> Self:
        """Those that are neither fulfilled nor waived nor fallen away."""
        return self.filter(state="open")

    def overdue(self, today: dt.date) -> Self:
        """Open ones whose last day is over."""
        return self.open().filter(due__lt=today)

    def counted(self, duties: Collection[str], today: dt.date) -> dict[str, int]:
        """How many obligations of these duties are open, overdue and fulfilled: numbers for everybody, without names."""
        found = self.filter(duty__in=duties, organ__isnull=False).aggregate(
            open=Count("pk", filter=Q(state="open")),
            overdue=Count("pk", filter=Q(state="open", due__lt=today)),
            fulfilled=Count("pk", filter=Q(state="fulfilled")),
        )
        return {name: int(number) for name, number in found.items()}


class EscalationStepQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The steps of the obligations that the actor sees."""
        from .models import Obligation

        return self.filter(obligation__in=Obligation.objects.visible_to(actor).values("pk"))
