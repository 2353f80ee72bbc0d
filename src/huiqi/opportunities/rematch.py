"""Who may have a policy now and could not before, and who no longer may: found after every change, and told.

Compared are the last state and the present one, whatever lies between them: facts declared, certified or imported,
policies published or ended, another day. Enterprises whose codes are the same and policies whose rules are the same are
not looked at. Meant to run each night and after changes (``huiqi rematch``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from huiqi.documents.inbox import tell_organisations
from huiqi.journal import act, machine
from huiqi.registry.locks import REMATCHING, alone
from huiqi.registry.snapshot import snapshot
from huiqi.rules.circuit import Answers, Runner, between

from .library import Library, library
from .match import PART
from .resident import Resident, keep, kept, name_of, resident

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rematch:
    """What has changed since the last state: the ids of enterprises by policy. ``first``: there was no last state.

    ``told`` are the notes that were written.
    """

    gained: dict[str, Ids] = field(default_factory=dict)
    lost: dict[str, Ids] = field(default_factory=dict)
    first: bool = False
    told: int = 0


def rematch(on: dt.date, of: Library | None = None, tell: bool = True) -> Rematch:
    """Compare the present state with the last one, tell the enterprises, and keep the present one.

    With ``tell`` off nothing is written and the last state stays. One run at a time; a second one waits.
    """
    with alone(REMATCHING):
        facts, chosen, former = snapshot(), of or library(), kept()
        if former is not None and former.name == name_of(facts, chosen, on):
            return Rematch()
        now = resident(facts, chosen, on, timezone.now())
        found = Rematch(first=True) if former is None else changes(former, now)
        if not tell:
            return found
        told = 0 if former is None else _tell(found, former, now)
        keep(now)
        return Rematch(found.gained, found.lost, found.first, told)


def changes(former: Resident, now: Resident) -> Rematch:
    """The enterprises that gained and lost each policy between two states."""
    names = list(dict.fromkeys(policy.id for policy in (*former.policies, *now.policies)))
    place = {name: number for number, name in enumerate(names)}
    numbers = tuple(np.array([place[p.id] for p in state.policies], np.int32) for state in (former, now))
    gained: list[tuple[Ids, npt.NDArray[np.int32]]] = []
    lost: list[tuple[Ids, npt.NDArray[np.int32]]] = []

    _, old_places, new_places = np.intersect1d(former.organisations, now.organisations, True, True)
    if former.policies == now.policies:
        other = _differ(former, now, old_places, new_places)
        old_places, new_places = old_places[other], new_places[other]
    if len(old_places):
        for old, new in zip(_parts(former, old_places), _parts(now, new_places), strict=True):
            change = between(old, new, (numbers[0], numbers[1]))
            ids = now.organisations[new_places[new.first : new.first + new.rows]]
            for pairs, to in ((change.gained, gained), (change.lost, lost)):
                to.append((ids[pairs[:, 0]], pairs[:, 1]))
    for state, others, number, to in ((now, former, numbers[1], gained), (former, now, numbers[0], lost)):
        alone = np.flatnonzero(~np.isin(state.organisations, others.organisations))
        if len(alone):
            for answers in _parts(state, alone):
                offsets, rules = answers.lists()
                ids = state.organisations[alone[answers.first : answers.first + answers.rows]]
                to.append((np.repeat(ids, np.diff(offsets)), number[rules]))
    return Rematch(_by_policy(gained, names), _by_policy(lost, names))


def _differ(
    former: Resident, now: Resident, old: npt.NDArray[np.intp], new: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Which of the enterprises at these places have another code on any axis."""
    found = np.zeros(len(old), bool)
    for before, after in ((former.codes.narrow, now.codes.narrow), (former.codes.wide, now.codes.wide)):
        for one, other in zip(before, after, strict=True):
            found |= one[old] != other[new]
    return np.flatnonzero(found)


def _parts(state: Resident, places: npt.NDArray[np.intp]) -> Iterator[Answers]:
    return Runner(state.circuit).parts(state.codes.take(places, state.circuit), PART)


def _by_policy(found: list[tuple[Ids, npt.NDArray[np.int32]]], names: list[str]) -> dict[str, Ids]:
    ids = np.concatenate([np.zeros(0, np.int64), *(ids for ids, _ in found)])
    numbers = np.concatenate([np.zeros(0, np.int32), *(numbers for _, numbers in found)])
    order = np.lexsort((ids, numbers))
    ids, numbers = ids[order], numbers[order]
    present, starts = np.unique(numbers, return_index=True)
    ends = [*starts[1:].tolist(), len(ids)]
    return {names[n]: ids[start:end] for n, start, end in zip(present.tolist(), starts.tolist(), ends, strict=False)}


# --- telling ----------------------------------------------------------------------------------------------------------


def _tell(found: Rematch, former: Resident, now: Resident) -> int:
    """Write the notes: a policy applies now, or, though it is still open, no longer does.

    Whoever was told already since the last state (by the publication of a policy) is not told again.
    """
    shown = {policy.id for policy in now.policies if policy.shown}
    with act(machine("rematch"), "match.renewed", articles=(27,)):
        return sum(
            tell_organisations(
                kind,
                policy,
                f"{now.stamp}-{now.on}",
                {"since": now.on.isoformat()},
                ids.tolist(),
                unless_since=former.made_at,
            )
            for kind, by_policy in (("begins_to_apply", found.gained), ("no_longer_applies", found.lost))
            for policy, ids in by_policy.items()
            if policy in shown
        )
