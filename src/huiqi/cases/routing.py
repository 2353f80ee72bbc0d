"""Who handles a case is computed: never the organ complained of nor one under it, else the next superior.

Article 52 of the measures gives the matter to the competent department; articles 54 and 56(3) put the organ above over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huiqi.law.duties.places import GOVERNMENT, LOOKS_AFTER_GAPS
from huiqi.registry.vocabulary import ORGAN
from huiqi.rules.words import Words

from .kinds import ABOVE, Kind

if TYPE_CHECKING:
    from huiqi.law.duties.places import Organs
    from huiqi.registry.models import Organisation


class Unroutable(ValueError):
    """There is no office that may handle this case; ``what`` says so in both languages."""

    def __init__(self) -> None:
        self.what = Words(
            "找不到可以承办的机关，请拨打 12345", "No office was found that may handle this. Please call 12345."
        )
        super().__init__(self.what.en)


@dataclass(frozen=True)
class Route:
    """The organ that handles, and why it is this one."""

    organ: Organisation
    why: Words


def under(organ: Organisation, other: Organisation, organs: Organs) -> bool:
    """Whether an organ is another one or stands under it: in its line, or in the place that a government governs."""
    if organ.pk == other.pk:
        return True
    if any(above.pk == other.pk for above in organs.all_above(organ)):
        return True
    if other.organ_function != GOVERNMENT:
        return False
    place = organs.regions.get(organ.region_id or "")
    seen: set[str] = set()
    while place is not None and place.code not in seen:
        if place.code == other.region_id:
            # only the government itself governs; another government of the same place stands beside it
            return organ.organ_function != GOVERNMENT or organ.region_id != other.region_id
        seen.add(place.code)
        place = organs.over(place.code)
    return False


def route(kind: Kind, region: str, respondent: Organisation | None, organs: Organs) -> Route:
    """The office for a matter of this kind at this place against this respondent. Raises Unroutable."""
    against = respondent if respondent is not None and respondent.kind == ORGAN else None
    competent = None
    if ABOVE not in kind.functions or against is None:
        functions = tuple(each for each in kind.functions if each != ABOVE) or LOOKS_AFTER_GAPS
        competent = organs.nearest(functions, region)
        if against is None and competent is not None:
            return Route(
                competent,
                Words("它在当地主管这类事项", "It is competent for such matters at this place"),
            )
    if competent is not None and against is not None and not under(competent, against, organs):
        return Route(
            competent,
            Words(
                "它主管这类事项，和被投诉单位没有上下级关系",
                "It is competent for such matters and stands neither under nor for the office complained of",
            ),
        )
    if against is not None:
        for above in organs.all_above(against):
            if not under(above, against, organs):
                return Route(
                    above,
                    Words(
                        "它是被投诉单位的上级，被投诉单位和它的下级都不办这一件",
                        "It stands above the office complained of; neither that office nor one under it handles the case",
                    ),
                )
    raise Unroutable


def may_handle(organ: Organisation, respondent: Organisation | None, organs: Organs) -> bool:
    """Whether an organ may handle a case against this respondent."""
    if organ.kind != ORGAN:
        return False
    return respondent is None or respondent.kind != ORGAN or not under(organ, respondent, organs)


def overseers(organ: Organisation, respondent: Organisation | None, organs: Organs) -> list[int]:
    """The organs above the one that handles, which may see how it goes; never the respondent nor one under it."""
    return [each.pk for each in organs.all_above(organ) if may_handle(each, respondent, organs)]


def watcher(respondent: Organisation, organs: Organs) -> Organisation | None:
    """The organ above the respondent, to which an alert goes (article 56(3))."""
    return next(iter(organs.all_above(respondent)), None)
