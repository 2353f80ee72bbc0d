"""The story of the demonstration: told once, in the states that the guide names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from town import handler

from huiqi.cases import demo
from huiqi.cases.acting import offered, parts_of
from huiqi.cases.models import Case
from huiqi.law.calendars import load_calendars
from huiqi.registry.demo import loading
from huiqi.registry.models import Person
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db


def actor(name: str) -> Actor:
    person = Person.objects.get(login_name=name)
    return Actor(person, person.memberships.order_by("pk").first())


def test_the_story_is_told_once_and_stands_as_the_guide_says(settings: Any, tmp_path: Path) -> None:
    settings.HUIQI_HOME = tmp_path
    load_calendars()
    loading.load(300, 7)
    assert demo.tell() == 4 and demo.tell() == 4
    fee = Case.objects.get(complainant__organisation=actor("noodles").organisation)
    assert (fee.state, fee.withheld) == ("handling", True)
    assert fee.entries.filter(event="reopen").exists()
    assert parts_of(actor("noodles"), fee) == ["complainant"]
    assert parts_of(actor("housing"), fee) == ["respondent"]
    assert parts_of(actor("reform"), fee) == parts_of(actor("reformhead"), fee) == ["handler"]
    assert "decide" in dict(offered(fee, handler(actor("reform"))))
    states = sorted(Case.objects.exclude(pk=fee.pk).values_list("state", "ending"))
    assert states == [("answered", "solved"), ("received", ""), ("supplementing", "")]
    assert set(Case.objects.in_part(actor("county"), "handler").values_list("state", flat=True)) == {
        "received",
        "supplementing",
    }
