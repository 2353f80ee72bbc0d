"""What can be done here under an article of the law: the form in which each package declares it in its ``services.py``.

It stands in the registry and not beside the articles, because packages below ``law`` declare services too and because
who may use a service is said of an actor (``docs/decisions/0018-what-serves-an-article.md``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from huiqi.rules.words import Words

from .permissions import Actor

#: For whom a service is: everybody, who acts for a firm, who works in an organ.
Audience = Literal["public", "enterprise", "officer"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)


def has_account(actor: Actor) -> bool:
    """Whether somebody is signed in, in whatever role."""
    return actor.person is not None


_USUALLY_OPEN_TO: dict[Audience, Callable[[Actor], bool]] = {
    "public": lambda actor: True,
    "enterprise": lambda actor: actor.own_enterprise is not None,
    "officer": lambda actor: actor.jurisdiction is not None,
}


@dataclass(frozen=True)
class Service:
    """One thing that can be done here today under these articles of the Xinjiang measures.

    ``address`` is the url name of the page where it begins, which needs no arguments; ``pages`` are the url names of
    the further pages that belong to it. ``open_to`` tells whose role the first page lets in, where that is not simply
    everybody of the audience. Policies are never declared: which articles they rest on stands in the policies.
    """

    articles: tuple[int, ...]
    title: Words
    description: Words
    address: str
    audience: Audience
    pages: tuple[str, ...] = ()
    open_to: Callable[[Actor], bool] | None = None

    def open_for(self, actor: Actor) -> bool:
        """Whether the first page lets the actor in."""
        return (self.open_to or _USUALLY_OPEN_TO[self.audience])(actor)
