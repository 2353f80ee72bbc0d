"""What serves each article: collected from what the installed packages declare, never listed a second time.

A package declares in its own ``services.py``: ``SERVICES = (Service(...), ...)``.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from huiqi.registry.serving import AUDIENCES, Service

from .articles import articles


@functools.cache
def declared_services() -> tuple[Service, ...]:
    """What the installed packages of Huiqi declare, the public's first.

    Packages that build on others come before them: a complaint is what somebody comes for, the clock helps her with it. The
    pages themselves, which build on all, come last.
    """
    found: list[Service] = []
    packages = list(apps.get_app_configs())[::-1]
    for config in sorted(packages, key=lambda config: config.name == "huiqi.web"):
        if config.name.startswith("huiqi.") and module_has_submodule(config.module, "services"):
            found += import_module(f"{config.name}.services").SERVICES
    return tuple(sorted(found, key=lambda service: AUDIENCES.index(service.audience)))


def services_of(number: int) -> tuple[Service, ...]:
    """What can be done here under one article."""
    return tuple(service for service in declared_services() if number in service.articles)


def faults(
    services: Iterable[Service], pages: Mapping[str, bool], exempt: Collection[str] = frozenset()
) -> Iterator[str]:
    """What is wrong with declarations, a sentence a fault.

    ``pages`` has the url name of every page and whether it needs no arguments; ``exempt`` names those that serve no
    article, such as signing in.
    """
    named: set[str] = set()
    last = len(articles())
    declared = list(services)
    for service in declared:
        who = f"the service “{service.title.zh or service.title.en or service.address}”"
        if not service.articles:
            yield f"{who} names no article"
        for number in service.articles:
            if not 1 <= number <= last:
                yield f"{who} names article {number}, but the measures have articles 1 to {last}"
        for what in ("title", "description"):
            words = getattr(service, what)
            for language in ("zh", "en"):
                if not getattr(words, language).strip():
                    yield f"{who} has no {what} in {language}"
        if service.audience not in AUDIENCES:
            yield f"{who} is for “{service.audience}”; an audience is one of {', '.join(AUDIENCES)}"
        for name in (service.address, *service.pages):
            if name not in pages:
                yield f"{who} names the page “{name}”, which has no address"
        if not pages.get(service.address, True):
            yield f"{who} begins at the page “{service.address}”, which needs arguments"
        named |= {service.address, *service.pages}
    for number, title in _twice(declared):
        yield f"under article {number} two services for the same audience are called “{title}”"
    for name in sorted(pages.keys() - named - set(exempt)):
        yield f"no service names the page “{name}”: declare it in a services.py, or list it as exempt"
    for name in sorted(set(exempt) - pages.keys()):
        yield f"the page “{name}” is listed as exempt but has no address"


def _twice(services: Iterable[Service]) -> list[tuple[int, str]]:
    counted = Counter((number, each.audience, each.title.zh) for each in services for number in each.articles)
    return [(number, title) for (number, _, title), times in counted.items() if times > 1]
