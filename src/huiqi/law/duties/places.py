"""Who is there and who stands above whom: organs by place and function, the way up, and who owes a duty.

The way up follows ``Region.superior`` and never the codes of places: Tacheng and Altay stand under Ili. Where an
administrator has entered an organ's superior by hand (the Production and Construction Corps), that comes first.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from huiqi.registry.models import Organisation, Region
from huiqi.registry.size import CLASSES, classify_columns
from huiqi.registry.snapshot import snapshot
from huiqi.registry.vocabulary import ENTERPRISE, ORGAN

from ..models.obligations import NO_ORGAN, NOBODY_ABOVE
from .definitions import Duty

GOVERNMENT = "government"
#: To whom a duty that nobody owns is shown in the place above.
LOOKS_AFTER_GAPS = (GOVERNMENT, "industry_and_it")


class Above(NamedTuple):
    """One place on the way up: the organ there, or the ``reason`` why there is none."""

    region: Region | None
    organ: Organisation | None
    reason: str = ""


class Owing(NamedTuple):
    """Somebody who owes a duty; ``organ`` is None where a place has none, and then ``function`` is what it lacks."""

    region: str
    organ: int | None
    function: str


class Organs:
    """The organs and regions as they are on a day, read once."""

    def __init__(self, on: dt.date) -> None:
        self.on = on
        self.regions: dict[str, Region] = {region.code: region for region in Region.objects.order_by("code")}
        self._by_id: dict[int, Organisation] = {}
        self._there: dict[tuple[str, str], list[Organisation]] = defaultdict(list)
        found = Organisation.objects.filter(kind=ORGAN).active_on(on).order_by("is_bingtuan", "pk")
        for organ in found:
            self._by_id[organ.pk] = organ
            self._there[organ.organ_function or "", organ.region_id or ""].append(organ)

    def all(self) -> Sequence[Organisation]:
        return list(self._by_id.values())

    def get(self, pk: int | None) -> Organisation | None:
        return None if pk is None else self._by_id.get(pk)

    def there(self, function: str, region: str) -> Sequence[Organisation]:
        """The organs of a function that serve exactly this region; those of the Corps come last."""
        return self._there.get((function, region), ())

    def first(self, functions: Sequence[str], region: str, corps: bool = False) -> Organisation | None:
        """The organ of the first of these functions that a region has; one of the Corps first for its own."""
        for function in functions:
            organs = self.there(function, region)
            chosen = next((organ for organ in organs if organ.is_bingtuan == corps), None) or next(iter(organs), None)
            if chosen is not None:
                return chosen
        return None

    def over(self, region: str) -> Region | None:
        """The region above in government."""
        place = self.regions.get(region)
        return self.regions.get(place.superior_id) if place is not None and place.superior_id else None

    # --- the way up ---------------------------------------------------------------------------------------------------

    def above(self, organ: Organisation) -> Iterator[Above]:
        """The next organ above this one; before it the places that have none. It ends with an organ or with nobody."""
        by_hand = self.get(organ.superior_id)
        if by_hand is not None:
            yield Above(self.regions.get(by_hand.region_id or ""), by_hand)
            return
        function = organ.organ_function or ""
        region = self.regions.get(organ.region_id or "")
        if region is not None and self.over(region.code) is None and function != GOVERNMENT:
            # a department of the autonomous region stands under its government
            own = self.first((GOVERNMENT,), region.code)
            yield Above(region, own) if own is not None else Above(region, None, NOBODY_ABOVE)
            return
        yield from self._up(organ.region_id or "", (function, GOVERNMENT), organ.is_bingtuan)

    def above_a_gap(self, region: str) -> Iterator[Above]:
        """Who is shown that a place has no organ for a duty: the place above, at the top its own government."""
        if self.over(region) is None:
            own = self.first(LOOKS_AFTER_GAPS, region)
            place = self.regions.get(region)
            yield Above(place, own) if own is not None else Above(place, None, NOBODY_ABOVE)
            return
        yield from self._up(region, LOOKS_AFTER_GAPS)

    def supervisor(self, region: str, functions: Sequence[str]) -> Iterator[Above]:
        """Who supervises somebody that is no organ: in its own place first, then above."""
        organ = self.first(functions, region)
        place = self.regions.get(region)
        if organ is not None:
            yield Above(place, organ)
            return
        yield Above(place, None, NO_ORGAN)
        yield from self._up(region, functions)

    def _up(self, region: str, functions: Sequence[str], corps: bool = False) -> Iterator[Above]:
        place = self.over(region)
        while place is not None:
            organ = self.first(functions, place.code, corps)
            if organ is not None:
                yield Above(place, organ)
                return
            yield Above(place, None, NO_ORGAN)
            place = self.over(place.code)
        yield Above(None, None, NOBODY_ABOVE)

    def all_above(self, organ: Organisation) -> Iterator[Organisation]:
        """Every organ above this one, the next one first."""
        seen = {organ.pk}
        current: Organisation | None = organ
        while current is not None:
            current = next((step.organ for step in self.above(current) if step.organ is not None), None)
            if current is None or current.pk in seen:
                return
            seen.add(current.pk)
            yield current

    def nearest(self, functions: Sequence[str], region: str) -> Organisation | None:
        """The nearest organ of one of these functions that serves this place: its own, else that of the place above."""
        place: Region | None = self.regions.get(region)
        while place is not None:
            organ = self.first(functions, place.code)
            if organ is not None:
                return organ
            place = self.regions.get(place.parent_id) if place.parent_id else None
        return None

    # --- who owes it --------------------------------------------------------------------------------------------------

    def owing(self, duty: Duty) -> list[Owing]:
        """Everybody who owes a duty that a period opens, and the places that lack an owner."""
        owner = duty.owner
        if owner.kind != ORGAN:
            return self._others(duty)
        levels = owner.levels or ("autonomous_region", "prefecture", "county")
        places = [region for region in self.regions.values() if region.level in levels]
        if not owner.functions:
            codes = {region.code for region in places}
            return [
                Owing(organ.region_id or "", organ.pk, organ.organ_function or "")
                for organ in self._by_id.values()
                if organ.region_id in codes
            ]
        found: list[Owing] = []
        for region in places:
            present = [(function, self.there(function, region.code)) for function in owner.functions]
            if owner.choose == "first":
                present = [next((each for each in present if each[1]), present[-1])]
            for function, organs in present:
                found += [Owing(region.code, organ.pk, function) for organ in organs]
                if not organs and owner.choose != "present":
                    found.append(Owing(region.code, None, function))
        return found

    def _others(self, duty: Duty) -> list[Owing]:
        owner = duty.owner
        found = Organisation.objects.filter(kind=owner.kind, region__isnull=False).active_on(self.on)
        if owner.kind == ENTERPRISE and owner.size is not None:
            found = found.filter(pk__in=_enterprises_of(owner.size, self.on))
        return [Owing(region or "", pk, "") for pk, region in found.order_by("pk").values_list("pk", "region")]


def _enterprises_of(size: str, on: dt.date) -> list[int]:
    """The enterprises of a size by the national standard and the figures on file; those in doubt are left out."""
    table = snapshot().table

    def figures(name: str) -> np.ndarray:
        numbers: np.ndarray = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        return numbers

    sizes = classify_columns(
        table["industry_code"].cast(pa.string()), figures("employees"), figures("revenue"), figures("total_assets"), on
    )
    wanted = np.flatnonzero(sizes.size_class == CLASSES.index(size))
    ids: list[int] = table["organisation"].to_numpy(zero_copy_only=False)[wanted].tolist()
    return ids
