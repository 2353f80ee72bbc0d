"""What a visitor has said so far, kept in the session of this visit and nowhere else.

An owner who starts from her own file takes nothing of it into the session: the file is read anew at each request, as
long as she wears the hat of her firm.

The session holds plain values (see ``_plain``), which ``read_value`` turns back into typed facts, so that an answer
that a newer dictionary no longer accepts is dropped instead of breaking the page.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.base import SessionBase

from huiqi.registry.size import FACTS as SIZE_FIGURES
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import ValueProblem, read_value
from huiqi.rules.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from huiqi.registry.on_file import Registration

KEY = "finder"

#: A size class that was stated, by a file or by a link, gives way as soon as the visitor states what it follows from.
SIZE_CLASSES = frozenset({"size_class", "size_class_best", "size_class_worst"})
SIZED_BY = frozenset({"industry_code", *SIZE_FIGURES.values()})

#: A run of the finder asks at most so many questions.
MOST_QUESTIONS = 6


def _plain(value: Any) -> Any:
    """A typed value as what JSON can hold; ``read_value`` is its inverse."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


class Answers:
    """The facts of one visit, which of them come from the public register, and the run of questions."""

    def __init__(
        self,
        session: SessionBase,
        own_file: Callable[[], Registration | None] = lambda: None,
        *,
        own_first: bool = False,
    ) -> None:
        """``own_first``: a visit in which nothing was said yet begins from the own file."""
        self._session = session
        kept = session.get(KEY, {})
        self._raw: dict[str, Any] = dict(kept.get("facts", {}))
        #: Names of the facts asked in this run, in order, whether answered or skipped.
        self.asked: list[str] = list(kept.get("asked", []))
        self.skipped: list[str] = list(kept.get("skipped", []))
        #: Names of the facts taken from the register, and the name of the enterprise that they belong to.
        self.on_file: list[str] = list(kept.get("on_file", []))
        self.enterprise: Words | None = Words(*kept["enterprise"]) if kept.get("enterprise") else None
        #: Whether the visit began from the owner's own file, and what that file says today.
        self.own: bool = bool(kept.get("own")) or (own_first and KEY not in session)
        #: Whether there is an own file that this visit leaves aside, because it began from other answers.
        self.leaves_file_aside: bool = own_first and not self.own
        self._file = own_file() if self.own else None
        if self._file is not None:
            self.enterprise = self._file.name

    @property
    def any(self) -> bool:
        return bool(self._raw) or self._file is not None

    def source(self, name: str) -> str:
        """Where a known fact comes from: ``register``, ``answered``, or in an own file declared, certified and so on."""
        if name in self._raw:
            return "register" if name in self.on_file else "answered"
        return self._file.sources.get(name, "declared") if self._file is not None else "answered"

    def facts(self) -> dict[str, Any]:
        """The known facts, typed as the dictionary says. What the visitor says stands before what is on file."""
        filed = self._file.facts if self._file is not None else {}
        stale = SIZE_CLASSES if SIZED_BY & self._raw.keys() else frozenset()
        found: dict[str, Any] = {
            name: value for name, value in filed.items() if name not in self.skipped and name not in stale
        }
        words = dictionary()
        for name, raw in self._raw.items():
            fact = words.get(name)
            if fact is None:
                continue
            try:
                value = read_value(fact, raw)
            except ValueProblem:
                continue
            if value is not None:
                found[name] = value
        return found

    def to_save(self) -> dict[str, Any]:
        """The answers as they may be kept beyond this visit, as plain values: no sensitive one, nothing of a file."""
        words = dictionary()
        return {
            name: raw for name, raw in self._raw.items() if name in words and words[name].sensitivity != "sensitive"
        }

    def stated(self) -> list[tuple[Fact, Any]]:
        """The facts that the visitor stated or the register gave, in the order in which they came."""
        words = dictionary()
        known = self.facts()
        return [(words[name], known[name]) for name in dict.fromkeys([*self._raw, *known]) if name in known]

    def start_from_own_file(self) -> None:
        """Begin a new run from the file of the firm for which the visitor acts."""
        self.start({}, own=True)

    def start(
        self, facts: dict[str, Any], *, enterprise: Words | None = None, on_file: bool = False, own: bool = False
    ) -> None:
        """Begin a new run with these facts; what was said before is forgotten."""
        self.own = own
        self._raw = {name: _plain(value) for name, value in facts.items()}
        self.asked, self.skipped = [], []
        self.on_file, self.enterprise = (list(facts) if on_file else []), enterprise
        self._save()

    def record(self, name: str, value: Any) -> None:
        """Keep an answer. A value stated by the visitor replaces the one on file."""
        if name in SIZED_BY:
            self._raw = {other: raw for other, raw in self._raw.items() if other not in SIZE_CLASSES}
        self._raw[name] = _plain(value)
        self._passed(name)
        self.skipped = [other for other in self.skipped if other != name]
        self.on_file = [other for other in self.on_file if other != name]
        self._save()

    def skip(self, name: str) -> None:
        """The visitor does not know: the fact is unknown and is not asked again in this run."""
        self._raw.pop(name, None)
        self._passed(name)
        if name not in self.skipped:
            self.skipped.append(name)
        self.on_file = [other for other in self.on_file if other != name]
        self._save()

    def forget(self) -> None:
        self._session.pop(KEY, None)

    def before(self, name: str | None) -> str | None:
        """The question before this one in the run; before a new question stands the last one asked."""
        if name in self.asked:
            place = self.asked.index(name)
            return self.asked[place - 1] if place else None
        return self.asked[-1] if self.asked else None

    def _passed(self, name: str) -> None:
        if name not in self.asked and len(self.asked) < MOST_QUESTIONS:
            self.asked.append(name)

    def _save(self) -> None:
        self._session[KEY] = {
            "facts": self._raw,
            "asked": self.asked,
            "skipped": self.skipped,
            "on_file": self.on_file,
            "own": self.own,
            "enterprise": [self.enterprise.zh, self.enterprise.en] if self.enterprise and not self.own else None,
        }
        # the answers go when the browser is closed, as the page promises
        if not self._session.get("_auth_user_id"):
            self._session.set_expiry(0)
