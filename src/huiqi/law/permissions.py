"""Who may do what with the clock."""

from __future__ import annotations

from huiqi.registry.permissions import Actor, administers_system
from huiqi.registry.vocabulary import ADMINISTRATOR, AUDITOR, OFFICER, READING_ROLES, SUPERVISOR

from .queries import LOOK_AFTER_ALL


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


def sees_board(actor: Actor) -> bool:
    """Whether the actor acts for an organisation, which may owe something: organs, large enterprises, guarantors do."""
    return actor.organisation is not None and actor.role in READING_ROLES


def sees_plan(actor: Actor) -> bool:
    """Whether the actor looks after the duties of the whole region, and so sees what the next run would do."""
    organ = actor.organisation
    return (
        actor.role in (OFFICER, SUPERVISOR, AUDITOR)
        and organ is not None
        and actor.works_in_organ
        and organ.organ_function in LOOK_AFTER_ALL
        and organ.region is not None
        and organ.region.superior_id is None
    )
