"""The last days of the policies that an enterprise may have, for the calendars of those who act for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from huiqi.documents.sending import calendar
from huiqi.registry.on_file import own_file
from huiqi.registry.permissions import Actor
from huiqi.rules.words import Words

from .finder import assess_all


@calendar.source
def last_days(actor: Actor) -> Iterator[calendar.Entry]:
    """What ends of the policies whose conditions the enterprise of the actor meets."""
    filed = own_file(actor)
    if filed is None:
        return
    groups = assess_all(filed.facts, timezone.localdate()).groups
    for found in (*groups["yes"], *groups["offer"]):
        policy = found.policy
        if policy.valid_to is not None:
            yield calendar.Entry(
                f"policy-{policy.id}",
                policy.valid_to,
                Words(f"政策截止（{policy.id}）", f"Last day of a policy ({policy.id})"),
                "policy",
                (policy.id,),
                timezone.make_aware(dt.datetime.combine(policy.valid_from or policy.valid_to, dt.time())),
            )
