"""Offices, firms and people for tests of duties."""

from __future__ import annotations

import datetime as dt
from typing import Any

from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, Statement
from huiqi.registry.permissions import Actor

KASHGAR, KASHGAR_CITY, AKSU, REGION = "653100", "653101", "652900", "650000"
#: A day in the middle of a year whose calendar is known.
TODAY = dt.date(2026, 3, 2)


def office(function: str, region: str = KASHGAR, **more: Any) -> Organisation:
    names = {"name_zh": f"样例{function}{region}", "name_en": f"Sample {function} {region}"}
    return Organisation.objects.create(kind="organ", organ_function=function, region_id=region, **(names | more))


def firm(serial: int = 7, region: str = KASHGAR_CITY, **facts: Any) -> Organisation:
    made = Organisation.objects.create(
        kind="enterprise",
        name_zh=f"样例企业{serial}",
        name_en=f"Sample firm {serial}",
        uscc=make_fictitious("1", "11", serial),
        region_id=region,
    )
    EnterpriseFacts.objects.create(organisation=made).record(
        {"registration_region": region, **facts},
        Statement.objects.create(source="imported", made_on=dt.date(2026, 1, 1)),
    )
    return made


def somebody(organisation: Organisation | None, role: str = "officer", name: str = "") -> Actor:
    """A new person who holds this role."""
    login = name or f"p{Person.objects.count()}"
    person = Person.objects.create_user(login, "a-long-enough-password", display_name=f"样例{login}")
    if organisation is None:
        return Actor(person)
    hat = Membership.objects.create(person=person, organisation=organisation, role=role, start=dt.date(2020, 1, 1))
    return Actor(person, hat)
