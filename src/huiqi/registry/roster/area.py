"""Whose enterprises a roster may hold when an organ brings it in: those that the organ serves, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.core.exceptions import PermissionDenied

from huiqi.rules.dictionary import dictionary

from ..declaring import decides_for_organ
from ..permissions import may_read_fact

if TYPE_CHECKING:
    from ..permissions import Actor


@dataclass(frozen=True)
class Area:
    """The area of an organ, as :func:`huiqi.registry.queries._enterprises_of` draws it for reading.

    ``prefix`` are the leading digits of all regions that the organ serves. An organ of the Corps (``corps_only``)
    serves the enterprises of the Corps alone; a regional organ serves all that are registered in its region.
    ``barred`` names the facts that the organ may not read: it may not bring them in either, because what changes and
    what does not would tell it the values (Personal Information Protection Law, article 28).
    """

    prefix: str
    corps_only: bool = False
    barred: frozenset[str] = frozenset()

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """The area of the actor's organ. Raises PermissionDenied for whoever may not import."""
        if not may_import(actor):
            raise PermissionDenied("rosters are imported by officers of certifying organs")
        barred = frozenset(fact.name for fact in dictionary().stored if not may_read_fact(actor, fact))
        return cls(actor.jurisdiction or "", actor.serves_corps_only, barred)

    def covers(self, *regions: str | None) -> bool:
        """Whether all of these regions lie in the area; one that is not known lies in nobody's."""
        return all(region is not None and region.startswith(self.prefix) for region in regions)


def may_import(actor: Actor) -> bool:
    """Whether the actor may import rosters for an organ.

    Officers and supervisors of organs that certify facts: they read the facts of their enterprises already. Clerks and
    auditors write nothing; an administrator looks after accounts and reads no facts, and an import tells of them.
    """
    return decides_for_organ(actor) and actor.jurisdiction is not None
