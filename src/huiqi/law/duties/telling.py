"""Who is told of a warning or of a step up: those who have asked for it, in the transaction of the step itself.

The law knows no letters and no inboxes. Packages above register here, and what they write stands or falls with the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..models import EscalationStep, Obligation

WARNED, CLIMBED = "warned", "climbed"


@dataclass(frozen=True)
class Told:
    """What there is to tell: ``WARNED`` to whoever owes it, ``CLIMBED`` by this step to the organ above and to her."""

    kind: str
    obligation: Obligation
    step: EscalationStep | None = None


Teller = Callable[[Told], None]
_tellers: list[Teller] = []


def tells(teller: Teller) -> Teller:
    """Register somebody who tells; the same one only once."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def tell(told: Told) -> None:
    for teller in _tellers:
        teller(told)
