"""Telling one person or one organisation something: the way by which every package writes a notice.

What is written stands in the inbox at once. The further ways (e-mail, SMS) follow from the journal by themselves, see
:mod:`huiqi.documents.sending`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from huiqi.journal import Who, act
from huiqi.registry.models import Organisation, Person

from .kinds import kind_of
from .models import Notice

if TYPE_CHECKING:
    from django.db.models import Model


def tell(
    who: Who,
    kind: str,
    to: Person | Organisation,
    subject: str,
    *,
    occasion: str = "",
    data: Mapping[str, Any] | None = None,
    about: Model | None = None,
    concerns: int | None = None,
    region: str | None = "",
) -> Notice:
    """Tell a person, or all who read the inbox of an organisation. The notice; told a second time, the one that there is.

    ``subject`` names the thing (at most 100 letters, such as the number of a case) and ``occasion`` the event, so that the same
    thing is told once for each event: the database refuses a second notice with the same addressee, kind, subject and
    occasion. ``data`` is what the kind needs to tell it in words; the journal does not keep it. ``about`` is the object of
    the event in the journal, ``concerns`` the organisation whom it concerns (an id), ``region`` the code of the place. Raises
    KeyError for a kind that no package declares.
    """
    kind_of(kind)
    person = to if isinstance(to, Person) else None
    organisation = to if isinstance(to, Organisation) else None
    with act(
        who, "notice.sent", about=about, subject=organisation.pk if organisation else concerns, region=region
    ) as this:
        notice, _ = Notice.objects.get_or_create(
            person=person,
            organisation=organisation,
            kind=kind,
            subject=subject,
            occasion=occasion,
            defaults={"data": dict(data or {})},
        )
        if about is None:
            this.about(notice)
    return notice
