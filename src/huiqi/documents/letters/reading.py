"""Who reads letters and who handles them.

A letter belongs to a matter of a package above (``about_kind``, ``about_id``), and only that package knows who may see the
matter. It says so here, in the ``ready`` of its application::

    from huiqi.documents.letters import reading
    reading.readers["case"] = lambda actor: Case.objects.visible_to(actor)
    reading.handlers["case"] = lambda actor: Case.objects.handled_by(actor)

Both take an actor and give the matters (a queryset, whose keys are meant), their ids, or a condition on ``about_id`` (Q).
What nobody has spoken for is seen by nobody but the addressee.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Q, QuerySet

from huiqi.registry.vocabulary import CLERK, FILE_CASES, OFFICER, SUPERVISOR

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

#: The matters whose issued letters somebody reads, and those whose letters she writes for her organ.
Matters: TypeAlias = Callable[["Actor"], "QuerySet[Any] | Q | Iterable[int]"]
readers: dict[str, Matters] = {}
handlers: dict[str, Matters] = {}

NOTHING = Q(pk__in=())
#: Who writes, issues and delivers letters of an organ, and who approves them.
WRITING_ROLES = frozenset({OFFICER, SUPERVISOR, CLERK})
APPROVING_ROLES = frozenset({OFFICER, SUPERVISOR})


def writes_letters(actor: Actor) -> bool:
    """Whether the actor is somebody who writes letters for an organ at all."""
    return actor.jurisdiction is not None and actor.role in WRITING_ROLES


def approves_letters(actor: Actor) -> bool:
    """Whether the actor is somebody who approves letters of an organ at all."""
    return actor.jurisdiction is not None and actor.role in APPROVING_ROLES


def handled_by(actor: Actor) -> Q:
    """The condition on letters that the actor's organ writes, of matters that she handles."""
    if not writes_letters(actor) or actor.organisation is None:
        return NOTHING
    return Q(organ=actor.organisation) & _of(handlers, actor)


def read_by(actor: Actor) -> Q:
    """The condition on letters of matters that the actor reads. Letters to somebody withheld are not among them."""
    return Q(addressee_hidden=False) & _of(readers, actor)


def sent_to(actor: Actor) -> Q:
    """The condition on letters to the actor: to herself, to the firm for which she files cases, to her organ."""
    if actor.person is None:
        return NOTHING
    mine = Q(addressee_person=actor.person)
    if actor.may(FILE_CASES):
        mine |= Q(addressee_organisation=actor.acts_for)
    elif actor.jurisdiction is not None:
        mine |= Q(addressee_organisation=actor.organisation)
    return mine


def handles(actor: Actor, about_kind: str, about_id: int) -> bool:
    """Whether the actor handles this matter for her organ, so that she may write its letters."""
    matters = handlers.get(about_kind)
    if matters is None or not writes_letters(actor):
        return False
    found = matters(actor)
    if isinstance(found, Q):
        return found.check({"about_id": about_id})
    if isinstance(found, QuerySet):
        return bool(found.filter(pk=about_id).exists())
    return about_id in set(found)


def _of(registered: dict[str, Matters], actor: Actor) -> Q:
    condition = NOTHING
    for kind, matters in registered.items():
        found = matters(actor)
        if isinstance(found, QuerySet):
            found = Q(about_id__in=found.order_by().values("pk"))
        elif not isinstance(found, Q):
            found = Q(about_id__in=list(found))
        condition |= Q(about_kind=kind) & found
    return condition
