"""Visitors and an enterprise of the demonstration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from web_pages import CODE, PASSWORD, visible, visitor

from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, Statement
from huiqi.registry.reference import load_reference_data


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def guest(db: None) -> Client:
    """Somebody who reads Chinese and has no account."""
    return visitor()


@pytest.fixture
def answer() -> Callable[..., Client]:
    """Answers given by a visitor, by fact, as a form sends them."""

    def give(client: Client, **answers: Any) -> Client:
        for name, value in answers.items():
            response = client.post(f"/finder/question/{name}/", {"value": value})
            assert response.status_code == 302, (name, visible(response))
        return client

    return give


@pytest.fixture
def noodle_shop(guest: Client, answer: Callable[..., Client]) -> Client:
    """The owner of a noodle shop in Kashgar who has answered a handful of questions."""
    guest.post("/", {"by": "three", "place": "653101", "trade": "6210", "people": "9"})
    return answer(
        guest,
        vat_type="small_scale",
        monthly_sales="8.6",
        registration_status="active",
        ui_paid_months="14",
        layoff_rate="0",
        graduate_hires="0",
    )


@pytest.fixture
def enterprise(db: None) -> Organisation:
    """An enterprise of the demonstration with a few public and a few confidential facts."""
    load_reference_data()
    organisation = Organisation.objects.create(
        kind="enterprise",
        name_zh="喀什珩砚餐饮有限公司（样例）",
        name_en="Hengyan Catering (sample)",
        uscc=CODE,
        region_id="653101",
    )
    row = EnterpriseFacts.objects.create(organisation=organisation)
    row.record(
        {
            "legal_form": "company",
            "established_date": dt.date(2021, 3, 5),
            "registration_status": "active",
            "registration_region": "653101",
            "industry_code": "6210",
            "abnormal_listed": False,
            "serious_dishonesty": False,
            "employees": 9,
            "revenue": Decimal("103.2"),
            "monthly_sales": Decimal("8.6"),
        },
        Statement.objects.create(source="imported", made_on=dt.date(2026, 11, 1)),
    )
    return organisation


@pytest.fixture
def owner(enterprise: Organisation) -> Person:
    person = Person.objects.create_user("owner", PASSWORD, display_name="样例负责人")
    Membership.objects.create(person=person, organisation=enterprise, role="owner", start=dt.date(2026, 1, 1))
    return person
