"""Kinds of notice: what each is told as, to which group of news it belongs, and what of it may be said outside.

A package declares its kinds with :func:`declare` when its application is ready. A kind is known by its name for ever: notices
of it stay in inboxes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from huiqi.rules.words import Words

if TYPE_CHECKING:
    from .models import Notice

CASES, DUTIES, POLICIES, FACTS, ACCOUNT = "cases", "duties", "policies", "facts", "account"
#: The groups of news by which people choose what comes to them, and by which way. News of the account cannot be chosen.
GROUPS: dict[str, Words] = {
    CASES: Words("诉求和案件", "Cases"),
    DUTIES: Words("要办的事", "Duties"),
    POLICIES: Words("政策和到期", "Policies and deadlines"),
    FACTS: Words("资料核定和身份", "Facts and roles"),
    ACCOUNT: Words("账号安全", "Safety of your account"),
}

#: The title of a policy by its id; None when there is none (any more).
TitleOf: TypeAlias = Callable[[str], Words | None]
#: Title and text of a notice, and the page where something can be done: its url name and arguments.
InWords: TypeAlias = Callable[["Notice", TitleOf], tuple[Words, Words, tuple[str, ...]]]


def own_number(notice: Notice) -> str:
    """The number of the notice itself: it tells nothing of the matter."""
    return str(notice.pk)


def always(notice: Notice) -> bool:
    """What this notice says does not end by itself."""
    return True


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    ``in_words`` tells it in the inbox. ``news`` and ``number`` are all that is said of it outside, in an e-mail or an SMS: what kind
    of news it is, and the number by which it is found. Neither may name a person, a firm or what the matter is about.
    ``holds`` tells whether what the notice says still holds: it is asked at the moment of sending, so that nobody is warned of
    what has been done meanwhile.
    """

    name: str
    group: str
    news: Words
    in_words: InWords
    number: Callable[[Notice], str] = own_number
    holds: Callable[[Notice], bool] = always

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise ValueError(f"{self.group} is no group of news: {', '.join(GROUPS)}")
        if not 0 < len(self.name) <= 40:
            raise ValueError(f"the name of a kind has 1 to 40 letters: {self.name!r}")


_kinds: dict[str, Kind] = {}


def declare(*kinds: Kind) -> None:
    """Declare kinds. Raises ValueError for a name that another kind has already."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) != kind:
            raise ValueError(f"two kinds of notice are called {kind.name}")


def kind_of(name: str) -> Kind:
    """The kind of this name. Raises KeyError for one that no package declares."""
    return _kinds[name]


def kinds() -> dict[str, Kind]:
    """All kinds by name."""
    return dict(_kinds)
