"""The three administrators of the service, appointed and dismissed on the machine where it runs, and nowhere else.

Three persons: the system administrator keeps organs, calendar and settings; the security administrator keeps accounts,
roles, locks and sessions; the audit administrator reads what was done. The database refuses a person who holds two.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from huiqi.journal import act, machine

from .accounts import take_second_factors
from .models import Membership, Organisation, Person
from .vocabulary import ADMINISTRATORS, ORGAN

#: Who appoints and dismisses: whoever may run commands on the machine, whom the journal cannot know by name.
MACHINE = machine("administrators")


class HoldsAnother(ValueError):
    """The person is another one of the three administrators; nobody is two of them."""


def appointed(on: dt.date) -> list[Membership]:
    """Who is administrator on this day, by role."""
    held = Membership.objects.active_on(on).filter(role__in=ADMINISTRATORS)
    return list(held.select_related("person", "organisation").order_by("role", "start", "pk"))


def make_organ(name: str, function: str, region: str) -> Organisation:
    """The organ to which the first administrators belong, where there is no system administrator yet who could add it."""
    with act(MACHINE, "organ.made") as this:
        organ = Organisation.objects.create(kind=ORGAN, name_zh=name, organ_function=function, region_id=region)
        this.about(organ)
    return organ


def appoint(person: Person, role: str, organ: Organisation, on: dt.date) -> Membership:
    """Make somebody one of the three, for the organ that runs the service. The hat itself when she is it already.

    Raises HoldsAnother, ValueError for another role or an organisation that is no organ.
    """
    if role not in ADMINISTRATORS or organ.kind != ORGAN:
        raise ValueError("administrators of the service belong to an organ")
    with act(MACHINE, "administrator.appointed") as this:
        held = Membership.objects.active_on(on).filter(person=person, role=role, organisation=organ).first()
        if held is not None:
            return held
        try:
            with transaction.atomic():
                hat = Membership.objects.create(person=person, role=role, organisation=organ, start=on)
        except IntegrityError as problem:
            raise HoldsAnother(role) from problem
        this.about(hat)
        return hat


def dismiss(person: Person, on: dt.date) -> int:
    """End the roles of the three that somebody holds, at once; how many there were."""
    with act(MACHINE, "administrator.dismissed", about=person):
        held = Membership.objects.active_on(on).filter(person=person, role__in=ADMINISTRATORS)
        return held.update(ended_at=timezone.now(), end_reason="dismissed on the machine")


def forget_second_factor(person: Person) -> None:
    """Take the second factors of an administrator who has lost them, and end her sessions."""
    with act(MACHINE, "second_factor.reset", about=person, always=True):
        take_second_factors(person)
