"""What the public register says about the enterprise that holds a credit code, and what an owner's own file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from huiqi.rules.words import Words

from .models import EnterpriseFacts
from .permissions import Actor

#: What the enterprise credit information publicity system shows of every enterprise to whoever knows its code.
PUBLISHED = (
    "legal_form",
    "established_date",
    "registration_status",
    "registration_region",
    "industry_code",
    "abnormal_listed",
    "serious_dishonesty",
)


@dataclass(frozen=True)
class Registration:
    """The name of an enterprise and the facts of it that this visitor may use.

    ``sources`` tells of an own file where each value comes from: declared, certified, imported or derived.
    """

    name: Words
    facts: dict[str, Any]
    sources: dict[str, str] = field(default_factory=dict)


def look_up(code: str) -> Registration | None:
    """The published registration of this code, or None when no enterprise here has it.

    This is the one place where a row is read past ``visible_to``, and only the published facts leave it.
    """
    row = EnterpriseFacts.objects.filter(organisation__uscc=code).select_related("organisation").first()
    if row is None:
        return None
    known = row.values(timezone.localdate())
    return Registration(row.organisation.name, {name: known[name] for name in PUBLISHED if name in known})


def own_file(actor: Actor) -> Registration | None:
    """All facts on file of the enterprise for which the actor acts, as they hold today; None without such a hat."""
    if actor.own_enterprise is None:
        return None
    row = (
        EnterpriseFacts.objects.visible_to(actor)
        .filter(organisation=actor.own_enterprise)
        .select_related("organisation")
        .first()
    )
    if row is None:
        return None
    known = row.values(timezone.localdate())
    statements = row.statements()
    sources = {name: statements[pk].source for name, pk in row.provenance.items() if name in known and pk in statements}
    return Registration(row.organisation.name, known, sources)
