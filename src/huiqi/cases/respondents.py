"""Finding whom a complaint is about: an organ by its name, at a place and above it."""

from __future__ import annotations

import datetime as dt

from huiqi.registry.models import Organisation, Region
from huiqi.registry.vocabulary import ORGAN

#: So many are offered at most.
MOST = 12


def found(name: str, region: str, on: dt.date) -> list[Organisation]:
    """The organs of a place and of those above it that go by such a name, the nearest first.

    People shorten names: 住建局 is 住房和城乡建设局. A name fits when its characters stand in the full one in this order.
    """
    typed = "".join(name.split()).lower()
    if len(typed) < 2:
        return []
    chain = _chain(region)
    organs = Organisation.objects.filter(kind=ORGAN, region__in=chain).active_on(on).order_by("pk")
    fitting = [each for each in organs if _fits(typed, each.name_zh) or _fits(typed, each.name_en)]
    return sorted(fitting, key=lambda each: (chain.index(each.region_id or ""), len(each.name_zh)))[:MOST]


def _fits(typed: str, name: str) -> bool:
    rest = iter(name.lower())
    return all(character in rest for character in typed)


def _chain(region: str) -> list[str]:
    """The place and all above it, as the codes of places stand under each other and as they are governed."""
    chain: list[str] = []
    waiting = [region]
    while waiting:
        place = Region.objects.filter(pk=waiting.pop(0)).first()
        if place is not None and place.pk not in chain:
            chain.append(place.pk)
            waiting += [code for code in (place.parent_id, place.superior_id) if code]
    return chain
