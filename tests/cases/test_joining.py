"""Cases of one matter are joined and separated again, and nothing of how they stood is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.forms.models import model_to_dict
from town import Town, build, handler

from huiqi.cases.acting import Given, take
from huiqi.cases.models import Case
from huiqi.cases.sight import Sight
from huiqi.cases.vocabulary import HANDLER

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Town:
    return build()


def state_of(case: Case) -> dict[str, Any]:
    """All that the case is, but for how often it was touched."""
    fresh = Case.objects.get(pk=case.pk)
    clocks = list(fresh.clocks.order_by("pk").values())
    return {**model_to_dict(fresh, exclude=["version"]), "clocks": clocks}


@pytest.mark.parametrize("accepted", [False, True])
def test_what_was_joined_and_separated_is_as_it_was(town: Town, accepted: bool) -> None:
    one, other = town.complain().case, town.complain(told="还有别的收费。").case
    if accepted:
        take(handler(town.officer), one.pk, "accept", Given())
    before = state_of(one)
    joined = take(handler(town.officer), one.pk, "merge", Given(into=other.pk, reason="同一件事"))
    assert (joined.state, joined.due, joined.ending) == ("merged", None, "merged")
    take(handler(town.officer), one.pk, "unmerge", Given(reason="不是一件事"))
    assert state_of(one) == before


def test_the_timeline_of_the_main_case_tells_of_both_as_they_happened(town: Town) -> None:
    one, other = town.complain().case, town.complain(told="还有别的收费。").case
    take(handler(town.officer), other.pk, "accept", Given())
    take(handler(town.officer), one.pk, "merge", Given(into=other.pk, reason="同一件事"))
    seen = list(Sight(Case.objects.get(pk=other.pk), HANDLER).entries())
    assert [entry.at for entry in seen] == sorted(entry.at for entry in seen)
    assert {entry.case_id for entry in seen} == {one.pk, other.pk}
