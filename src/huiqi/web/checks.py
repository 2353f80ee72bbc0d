"""Django's system check of what packages declare under the articles of the law (``manage check`` runs it)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error

from huiqi.law.serving import declared_services, faults

#: Pages that serve no article by themselves.
EXEMPT = frozenset({"login", "logout", "hats", "set_language"})


def pages() -> dict[str, bool]:
    """The url name of every page, and whether its address needs no arguments."""
    # not at the start of a command: the views take long to load, and most commands never check
    from .urls import urlpatterns

    return {pattern.name or str(pattern.pattern): not pattern.pattern.converters for pattern in urlpatterns}


def check_services(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """One error for each fault of the declarations."""
    return [
        Error(fault, hint="docs/developers.md, “A service”", id="huiqi.E001")
        for fault in faults(declared_services(), pages(), EXEMPT)
    ]
