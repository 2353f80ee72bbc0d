"""Who reads the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from typing import Protocol

    from .acts import Who

    class Reader(Protocol):
        """What the journal asks of an actor (``huiqi.registry.permissions.Actor`` has it)."""

        @property
        def who(self) -> Who: ...
        @property
        def own_enterprise(self) -> int | None: ...
        @property
        def jurisdiction(self) -> str | None: ...
        @property
        def reads_all_events(self) -> bool: ...


class EventQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Reader) -> Self:
        """An auditor reads the events of her region, one of the region itself reads all. Everybody reads what she did
        herself, an enterprise what concerns it, and an organ's people what was done for the organ."""
        who = actor.who
        if actor.reads_all_events:
            region = actor.jurisdiction or ""
            return self if len(region) <= 2 else self.filter(region__startswith=region)
        if who.person is None:
            return self.none()
        seen = Q(person=who.person)
        if actor.own_enterprise is not None:
            seen |= Q(subject=actor.own_enterprise)
        if actor.jurisdiction is not None:
            seen |= Q(organisation=who.organisation)
        return self.filter(seen)

    def sealed_after(self, position: int) -> Self:
        """Events that have their place in the order, from the one after ``position`` on."""
        return self.filter(leaf__position__gt=position).order_by("leaf__position")


class ChangeQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Reader) -> Self:
        """The changes of the events that the actor reads."""
        from .models import Event

        return self.filter(event__in=Event.objects.visible_to(actor))


class BlockQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Reader) -> Self:
        """Hashes are published, for anybody to note down."""
        return self
