"""What somebody may do with cases in general; what she may do in one case is said by her part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huiqi.registry.vocabulary import SUPERVISOR

from .queries import HANDLING_ROLES

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


def handles_cases(actor: Actor) -> bool:
    """Whether somebody handles the cases of an office."""
    return actor.works_in_organ and actor.role in HANDLING_ROLES


def leads_cases(actor: Actor) -> bool:
    """Whether somebody is over those who handle the cases of an office."""
    return handles_cases(actor) and actor.role == SUPERVISOR
