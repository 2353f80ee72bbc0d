"""What the public register says about the enterprise that holds a credit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from huiqi.registry.models import EnterpriseFacts
from huiqi.registry.permissions import Actor
from huiqi.rules.words import Words

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
    """The name of an enterprise and the facts of it that this visitor may use."""

    name: Words
    facts: dict[str, Any]


def look_up(code: str, actor: Actor) -> Registration | None:
    """The registration of this code, or None when no enterprise here has it.

    An enterprise's own people get all its facts. Everybody else, signed in or not, gets what is published: this is
    the one place where a row is read past ``visible_to``, and only these facts leave it.
    """
    own = (
        EnterpriseFacts.objects.visible_to(actor).filter(organisation__uscc=code).select_related("organisation").first()
    )
    if own is not None and actor.own_enterprise == own.organisation_id:
        return Registration(own.organisation.name, own.values())
    row = EnterpriseFacts.objects.filter(organisation__uscc=code).select_related("organisation").first()
    if row is None:
        return None
    known = row.values()
    return Registration(row.organisation.name, {name: known[name] for name in PUBLISHED if name in known})
