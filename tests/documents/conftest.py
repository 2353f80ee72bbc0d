"""A firm with its owner and a bureau with its officer, who are reached by e-mail and SMS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from carrier import Carrier
from django.utils import timezone
from sending_town import Town
from tests.browser.world import make_firm, make_organ, make_person

from huiqi.documents.models import Contact
from huiqi.registry.reference import load_reference_data


@pytest.fixture
def carrier(settings: Any) -> Iterator[type[Carrier]]:
    settings.HUIQI_SMS = "carrier.Carrier"
    for kept in (Carrier.given, Carrier.outcomes, Carrier.delivered):
        kept.clear()
    yield Carrier


@pytest.fixture
def town(db: None, settings: Any, carrier: type[Carrier]) -> Town:
    settings.HUIQI_MAIL = True
    settings.HUIQI_URL = "https://huiqi.example"
    load_reference_data()
    firm, bureau = make_firm(), make_organ("industry_and_it")
    owner, officer = make_person("owner", firm, "owner", display_name="阿依古丽"), make_person("officer", bureau)
    for channel, address in (("email", "owner@example.com"), ("sms", "+8613812345678")):
        Contact.objects.create(person=owner, channel=channel, address=address, confirmed_at=timezone.now())
    return Town(firm, owner, bureau, officer)
