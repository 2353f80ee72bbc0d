"""Who may do what with the clock."""

from __future__ import annotations

from huiqi.registry.permissions import Actor
from huiqi.registry.vocabulary import ADMINISTRATOR


def keeps_calendar(actor: Actor) -> bool:
    """Whether the actor is the platform's administrator: an administrator in an organ of the autonomous region."""
    organ = actor.organisation
    return (
        actor.role == ADMINISTRATOR
        and organ is not None
        and actor.works_in_organ
        and organ.region is not None
        and organ.region.level == "autonomous_region"
    )
