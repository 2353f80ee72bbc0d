"""Cases for whoever has been let in to them by their secrets. Whoever calls has checked that."""

from __future__ import annotations

from collections.abc import Sequence

from .models import Case


def by_keys(keys: Sequence[int]) -> list[Case]:
    """The cases of these keys, the newest first, with what a page of a case needs."""
    found = Case.objects.filter(pk__in=keys).select_related("region", "handling", "respondent", "complainant")
    return list(found.order_by("-filed_at", "-pk"))
