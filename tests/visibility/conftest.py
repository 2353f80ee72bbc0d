"""One place with everything in it, and everybody who might look: shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from tests.browser.world import World, make_firm, make_organ, make_person, make_world

from huiqi.registry.models import SizeSnapshot

#: People of the place, one for each role.
OF_THE_PLACE = (
    "stranger",
    "newcomer",
    "owner",
    "officer",
    "tax",
    "clerk",
    "auditor",
    "government",
    "regional",
    "system",
    "security",
    "audit",
)
#: People from elsewhere, who may see nothing of what the world holds.
STRANGERS = ("other_owner", "other_officer", "other_tax")


@pytest.fixture(scope="module")
def place(shared: None) -> Iterator[World]:
    """The world of the pages in Kashgar, with people of Aksu beside those of the place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "HUIQI_DEMO", True)
        world = make_world()
        aksu = make_organ("industry_and_it", "652900", name_zh="阿克苏工信局")
        bureau, department = (world.people[name].memberships.get().organisation for name in ("officer", "regional"))
        world.people |= {
            "supervisor": make_person("supervisor", bureau, "supervisor"),
            "regional_supervisor": make_person("regional_supervisor", department, "supervisor"),
            "other_owner": make_person("other_owner", make_firm(90, "652901"), "owner"),
            "other_officer": make_person("other_officer", aksu),
            "other_supervisor": make_person("other_supervisor", aksu, "supervisor"),
            "other_auditor": make_person("other_auditor", aksu, "auditor"),
            "other_tax": make_person("other_tax", make_organ("tax", "652900", name_zh="阿克苏税务局")),
        }
        SizeSnapshot.objects.create(
            organisation=world.people["owner"].memberships.get().organisation,
            on=timezone.localdate(),
            status="determined",
            size_class="small",
            indicators={"X": {"value": 12, "statement": None}},
            purpose="采购",
        )
        yield world
