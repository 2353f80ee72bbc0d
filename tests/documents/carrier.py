"""A carrier of short messages for tests: it keeps what it was given, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from huiqi.documents.sending.channels import Message, Receipt


class Carrier:
    """An adapter as ``HUIQI_SMS`` names one. ``outcomes`` are what the next calls come to; an empty list: all is taken."""

    given: ClassVar[list[tuple[str, Message]]] = []
    outcomes: ClassVar[list[Exception | None]] = []
    delivered: ClassVar[list[Receipt]] = []

    def send(self, number: str, message: Message) -> str:
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        self.given.append((number, message))
        return f"carrier-{len(self.given)}"

    def receipts(self, waiting: Sequence[str]) -> Iterable[Receipt]:
        return [each for each in self.delivered if each.provider_id in waiting]
