"""A small world: the reference data, an organ here and there, enterprises, people with hats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from registry_world import demo_code, serial_numbers

from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data


@pytest.fixture
def reference(db: None) -> None:
    load_reference_data()


@pytest.fixture
def enterprise(reference: None) -> Callable[..., Organisation]:
    def make(region: str | None = "653101", **fields: Any) -> Organisation:
        number = next(serial_numbers)
        fields = {"name_zh": f"样例{number}号企业", "uscc": demo_code(number), "kind": "enterprise"} | fields
        return Organisation.objects.create(region_id=region, **fields)

    return make


@pytest.fixture
def facts(enterprise: Callable[..., Organisation]) -> EnterpriseFacts:
    """The empty fact sheet of an enterprise in Kashgar."""
    return EnterpriseFacts.objects.create(organisation=enterprise())


@pytest.fixture
def organ(reference: None) -> Callable[..., Organisation]:
    def make(region: str = "650000", function: str = "industry_and_it", **fields: Any) -> Organisation:
        fields = {"name_zh": f"{region} {function}"} | fields
        return Organisation.objects.create(kind="organ", region_id=region, organ_function=function, **fields)

    return make


@pytest.fixture
def person(db: None) -> Callable[..., Person]:
    def make(**fields: Any) -> Person:
        number = next(serial_numbers)
        return Person.objects.create_user(**({"login_name": f"user{number}", "display_name": f"用户{number}"} | fields))

    return make


@pytest.fixture
def actor(person: Callable[..., Person]) -> Callable[..., Actor]:
    """Somebody who wears a hat of this organisation."""

    def make(organisation: Organisation, role: str = "officer") -> Actor:
        somebody = person()
        hat = Membership.objects.create(
            person=somebody, organisation=organisation, role=role, start=dt.date(2020, 1, 1)
        )
        return Actor(somebody, hat)

    return make
