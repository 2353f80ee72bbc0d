"""Acts: who did what, to what, under which article. The changes themselves are noted by the database.

While an act lasts, its number stands in a setting of the transaction (``huiqi.act``), and triggers note every row that
is inserted, updated or deleted under it. When it ends, its event is written. An act in which nothing was changed
writes none: saying a thing twice is not doing it twice. Acts nest, and the inner event names the outer one as cause.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

if TYPE_CHECKING:
    from django.db.models import Model


@dataclass(frozen=True)
class Who:
    """Who acts: a person and the hat that she wears, or a ``machine`` (the name of a job or a command), or the public.

    Numbers and never names: the journal is kept for ever, and a name is looked up by whoever may see it.
    """

    person: int | None = None
    membership: int | None = None
    organisation: int | None = None
    role: str = ""
    machine: str = ""


#: A visitor who has not logged in.
NOBODY = Who()


def machine(name: str) -> Who:
    """A job or a command of the service itself."""
    return Who(machine=name)


@dataclass
class Act:
    """One act while it lasts. ``details`` and ``reason`` may be added to; ``event`` is its number."""

    event: int
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    object_kind: str = ""
    object_id: str = ""
    subject: int | None = None
    region: str = ""
    written: bool = False

    def about(self, thing: Model) -> None:
        """Name the object, where it comes to be within the act."""
        self.object_kind, self.object_id = label(thing), str(thing.pk)


def label(thing: Model | type[Model]) -> str:
    """The kind of a model's rows, such as ``registry.declaration``."""
    return thing._meta.label_lower


_BEGIN = (
    "SELECT nextval('journal_event_id_seq'), current_setting('huiqi.act', true), "
    "set_config('huiqi.act', currval('journal_event_id_seq')::text, true)"
)
_WRITE = """
INSERT INTO journal_event (id, at, person, membership, organisation, role, machine, verb, object_kind, object_id,
                           subject, region, articles, reason, details, cause, salt)
SELECT %(id)s, clock_timestamp(), %(person)s, %(membership)s, %(organisation)s, %(role)s, %(machine)s, %(verb)s,
       %(object_kind)s, %(object_id)s, %(subject)s,
       coalesce(nullif(%(region)s, ''), nullif(journal_place_of(%(subject)s::bigint), ''),
                journal_place_of(%(organisation)s::bigint)),
       %(articles)s::int[], %(reason)s, %(details)s::jsonb,
       %(cause)s::bigint, %(salt)s
WHERE %(always)s
   OR EXISTS (SELECT 1 FROM journal_change WHERE event = %(id)s)
   OR EXISTS (SELECT 1 FROM journal_event WHERE cause = %(id)s)
"""


@contextlib.contextmanager
def act(
    who: Who,
    verb: str,
    *,
    about: Model | None = None,
    articles: Sequence[int] = (),
    subject: int | None = None,
    region: str | None = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    always: bool = False,
) -> Iterator[Act]:
    """Do something on record, in one transaction: all of it and its event, or nothing.

    ``verb`` is one of the declared ones (:mod:`huiqi.journal.verbs`); ``articles`` are those of the Xinjiang measures;
    ``subject`` is the organisation whom it concerns, ``region`` the code of the place; without it the
    place is that of the subject, or else of the organisation that acts. With ``always`` the event is
    written although no row changed. Raises KeyError for a verb that no package declares.
    """
    from .verbs import words_of

    words_of(verb)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BEGIN)
        number, outer, _ = cursor.fetchone()
        this = Act(number, reason, dict(details or {}), subject=subject, region=region or "")
        if about is not None:
            this.about(about)
        yield this
        cursor.execute(
            _WRITE,
            {
                "id": number,
                "person": who.person,
                "membership": who.membership,
                "organisation": who.organisation,
                "role": who.role,
                "machine": who.machine,
                "verb": verb,
                "object_kind": this.object_kind,
                "object_id": this.object_id,
                "subject": this.subject,
                "region": this.region,
                "articles": list(articles),
                "reason": this.reason,
                "details": json.dumps(this.details, ensure_ascii=False, default=str),
                "cause": int(outer) if outer else None,
                "salt": secrets.token_bytes(16),
                "always": always,
            },
        )
        this.written = cursor.rowcount == 1
        cursor.execute("SELECT set_config('huiqi.act', %s, true)", [outer or ""])


def note(who: Who, verb: str, **about: Any) -> int:
    """Write an event of something that changes no row, such as a sign-in. Takes what :func:`act` takes; its number."""
    with act(who, verb, always=True, **about) as noted:
        pass
    return noted.event
