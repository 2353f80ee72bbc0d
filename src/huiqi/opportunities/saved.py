"""Saved answers: kept, and deleted, on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from huiqi.journal import act

from .models import Profile

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


def save_profile(actor: Actor, answers: Mapping[str, Any]) -> None:
    """Keep these answers in place of those that were saved before."""
    with act(actor.who, "profile.saved", articles=(27,)) as this:
        profile, _ = Profile.objects.update_or_create(person=actor.person, defaults={"answers": dict(answers)})
        this.about(profile)


def empty_profile(actor: Actor) -> None:
    """Delete the saved answers of the actor, if there are any (Personal Information Protection Law, article 47)."""
    with act(actor.who, "profile.emptied"):
        Profile.objects.visible_to(actor).update(answers={})
