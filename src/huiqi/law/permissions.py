"""Who may do what with the clock."""

from __future__ import annotations

from huiqi.registry.permissions import Actor, administers_system
from huiqi.registry.vocabulary import ADMINISTRATOR


def keeps_calendar(actor: Actor) -> bool:
    """Whether the actor keeps the calendars: the system administrator of the service, or an administrator in an organ of
    the autonomous region."""
    organ = actor.organisation
    return administers_system(actor) or (
        actor.role == ADMINISTRATOR
        and organ is not None
        and actor.works_in_organ
        and organ.region is not None
        and organ.region.level == "autonomous_region"
    )
