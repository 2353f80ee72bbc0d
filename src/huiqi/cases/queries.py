"""Querysets of cases. Every view, API call, export and search starts from ``visible_to(actor)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from huiqi.registry.vocabulary import CLERK, ENTERPRISE, FILE_CASES, OFFICER, ORGAN, SUPERVISOR

from .vocabulary import ASSOCIATION, COMPLAINANT, HANDLER, RESPONDENT, SUPERIOR, THIRD_PARTY

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

#: Roles in an organ whose people handle cases. Administrators and auditors look after other things.
HANDLING_ROLES = frozenset({OFFICER, SUPERVISOR, CLERK})


def _organ(actor: Actor) -> int | None:
    """The organ for which the actor may handle cases, or None."""
    organ = actor.organisation
    return organ.pk if organ is not None and organ.kind == ORGAN and actor.role in HANDLING_ROLES else None


def _has_conflict(actor: Actor) -> Q:
    """Cases in which the person herself has a conflict of interest, in whatever hat: she declared one, she complains, or
    she belongs to a side."""
    from .models import Complainant, Conflict

    assert actor.person is not None
    mine = actor.person.memberships.filter(ended_at__isnull=True).values("organisation")
    complains = Complainant.objects.filter(
        Q(person=actor.person) | Q(organisation__in=mine, organisation__kind=ENTERPRISE)
    )
    return (
        Q(pk__in=Conflict.objects.filter(person=actor.person).values("case"))
        | Q(pk__in=complains.values("case"))
        | Q(respondent__in=mine)
    )


def _in_part(actor: Actor, part: str) -> Q:
    """The cases in which the actor, in the hat that she wears, has this part."""
    from .models import Complainant, Party

    nothing = Q(pk__in=())
    if actor.person is None:
        return nothing
    if part == COMPLAINANT:
        own = Q(person=actor.person, organisation__isnull=True) if actor.hat is None or actor.acts_for else nothing
        if actor.acts_for is not None and actor.may(FILE_CASES):
            own |= Q(organisation=actor.acts_for)
        return Q(pk__in=Complainant.objects.filter(own).values("case"))
    organ = _organ(actor)
    if part == HANDLER:
        return Q(handling=organ) & ~_has_conflict(actor) if organ is not None else nothing
    if part == SUPERIOR:
        return Q(overseers__contains=[organ]) & ~_has_conflict(actor) if organ is not None else nothing
    organisation = actor.organisation
    if organisation is None or (organisation.kind == ORGAN and organ is None):
        return nothing
    takes_part = Party.objects.filter(organisation=organisation.pk, part=part, until__isnull=True)
    if organisation.kind == ENTERPRISE and not actor.may(FILE_CASES):
        return nothing
    return Q(pk__in=takes_part.values("case"))


#: Parts of those who do not handle the case for an office.
OUTSIDE = (COMPLAINANT, RESPONDENT, ASSOCIATION, THIRD_PARTY)
_ALL_PARTS = (COMPLAINANT, HANDLER, SUPERIOR, RESPONDENT, ASSOCIATION, THIRD_PARTY)


class CaseQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The cases in which the actor has a part: her own, those of her office and of offices below it, those in which her
        organisation is heard or helps. Never those in which she has a conflict of interest as an officer.

        Seeing a case is not seeing who complains: that is :class:`ComplainantQuerySet`.
        """
        seen = Q(pk__in=())
        for part in _ALL_PARTS:
            seen |= _in_part(actor, part)
        return self.filter(seen)

    def in_part(self, actor: Actor, part: str) -> Self:
        """The cases in which the actor has this part."""
        return self.filter(_in_part(actor, part))

    def passed_on_by(self, actor: Actor) -> Self:
        """The cases that the actor's office has handled and passed on."""
        from .models import Handling

        organ = _organ(actor)
        if organ is None:
            return self.none()
        stays = Handling.objects.filter(organ=organ, until__isnull=False)
        return self.filter(Q(pk__in=stays.values("case")) & ~_has_conflict(actor))

    def own(self, actor: Actor) -> Self:
        """The cases in which the actor takes part from outside: she complains, is complained of, helps or is heard."""
        seen = Q(pk__in=())
        for part in OUTSIDE:
            seen |= _in_part(actor, part)
        return self.filter(seen)

    def open(self) -> Self:
        """Those on which somebody still has to act."""
        from .models.cases import OPEN_STATES

        return self.filter(state__in=OPEN_STATES)


class OfCaseQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """What belongs to the cases that the actor's office handles or oversees, or that are her own."""
        return self.filter(case__in=_cases(actor, COMPLAINANT, HANDLER, SUPERIOR))


class TaskQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """What is to be done in the handling office is read by that office alone."""
        return self.filter(case__in=_cases(actor, HANDLER))


class ConflictQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Why an officer has no part in a case is read by the handling office and by those above it."""
        return self.filter(case__in=_cases(actor, HANDLER, SUPERIOR))


def _cases(actor: Actor, *parts: str) -> models.QuerySet[Any]:
    from .models import Case

    seen = Q(pk__in=())
    for part in parts:
        seen |= _in_part(actor, part)
    return Case.objects.filter(seen).values("pk")


class ComplainantQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Oneself and the handling office; others who see the case only where the identity is not withheld."""
        others = Q(case__withheld=False, case__in=_cases(actor, SUPERIOR, RESPONDENT, ASSOCIATION, THIRD_PARTY))
        return self.filter(Q(case__in=_cases(actor, COMPLAINANT, HANDLER)) | others)


class _ShownQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """What is shown to a part that the actor has in the case."""
        seen = Q(pk__in=())
        for part in _ALL_PARTS:
            seen |= Q(shown_to__contains=[part], case__in=_cases(actor, part))
        return self.filter(seen)

    def shown_to(self, part: str) -> Self:
        return self.filter(shown_to__contains=[part])


class EntryQuerySet(_ShownQuerySet):
    """Lines of the timeline."""


class AttachmentQuerySet(_ShownQuerySet):
    """Files of cases."""


class AlertQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Sealed: supervisors of the organ to which it goes, and nobody else."""
        organ = _organ(actor)
        if organ is None or actor.role != SUPERVISOR:
            return self.none()
        from .models import Case

        return self.filter(to=organ).exclude(case__in=Case.objects.filter(_has_conflict(actor)).values("pk"))


class FilingDraftQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own, while they are kept."""
        if actor.person is None:
            return self.none()
        return self.filter(person=actor.person, expires_at__gt=Now())


class FilingDraftFileQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of one's own drafts."""
        from .models import FilingDraft

        return self.filter(draft__in=FilingDraft.objects.visible_to(actor).values("pk"))
