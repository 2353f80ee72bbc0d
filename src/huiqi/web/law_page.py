"""What stands at an article of the law: what can be done under it, which policies rest on it. All of it is computed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from huiqi.law.articles import Article, articles
from huiqi.law.serving import services_of
from huiqi.opportunities.library import Policy, library
from huiqi.registry.permissions import Actor
from huiqi.registry.serving import Service

OFFICER = "officer"


@dataclass(frozen=True)
class Standing:
    """One article with what serves it on a day: services, open policies (the first to end first), how many are not."""

    article: Article
    services: tuple[Service, ...]
    open: list[Policy]
    to_come: int
    ended: int

    @property
    def for_owners(self) -> list[Service]:
        return [service for service in self.services if service.audience != OFFICER]

    @property
    def for_officers(self) -> list[Service]:
        return [service for service in self.services if service.audience == OFFICER]

    @property
    def serves(self) -> bool:
        """Whether anything can be done about it here: a service, or a policy that is open."""
        return bool(self.services or self.open)


def standings(on: dt.date, of: Iterable[Article] | None = None) -> list[Standing]:
    """All articles, or these, with what serves each on a day. Policies on hold count nowhere."""
    resting: dict[tuple[int, str], list[Policy]] = defaultdict(list)
    for policy in library().shown():
        for number in policy.articles:
            resting[number, policy.phase(on)].append(policy)
    return [
        Standing(
            article,
            services_of(article.number),
            sorted(resting[article.number, "open"], key=lambda policy: policy.valid_to or dt.date.max),
            len(resting[article.number, "not_yet"]),
            len(resting[article.number, "expired"]),
        )
        for article in (articles() if of is None else of)
    ]


@dataclass(frozen=True)
class Offer:
    """A service as the reader meets it. ``address`` is empty where her role is not let in."""

    service: Service
    address: str
    sign_in: bool

    @property
    def for_officers(self) -> bool:
        return self.service.audience == OFFICER


def offers(services: Iterable[Service], actor: Actor) -> list[Offer]:
    """Services with a link where the actor is let in, or would be after signing in; her own first."""
    found = []
    for service in services:
        is_open = service.open_for(actor)
        sign_in = not is_open and actor.person is None and service.audience != OFFICER
        found.append(Offer(service, reverse(service.address) if is_open or sign_in else "", sign_in))
    return sorted(found, key=lambda offer: not offer.address)
