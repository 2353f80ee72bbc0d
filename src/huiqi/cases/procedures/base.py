"""What every procedure is: states and transitions, and for each step who takes it, what it needs and what follows.

A procedure is a :class:`statemachine.StateMachine` over a case. For each of its events it declares a :class:`Step`; a class
whose events and steps differ cannot be made. Nothing about a step stands anywhere else: pages ask the class which buttons to
show, the API which acts there are, the documentation what the diagram is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from statemachine import StateMachine

from huiqi.rules.words import Words

if TYPE_CHECKING:
    from ..models import Case

#: What a step may ask for.
Need = Literal[
    "reason",
    "text",
    "kind_of_refusal",
    "pause",
    "organ",
    "decision",
    "basis",
    "case",
    "answer",
    "asked_by",
    "officer",
    "kept",
    "courtesy",
    "comment",
]


class DiagramError(TypeError):
    """A procedure whose events and steps do not belong together."""


@dataclass(frozen=True)
class Step:
    """One step of a procedure.

    ``by`` are the parts that may take it (:data:`~huiqi.cases.vocabulary.PARTS`), ``heads`` whether only a supervisor of the
    office may. ``needs`` are asked for; ``shown_to`` are the parts that read what was said. ``starts`` and ``stops`` are steps
    of the clock, ``letter`` is the kind of letter that goes with it. ``articles`` are those of the Xinjiang measures.
    """

    words: Words
    done: Words
    by: tuple[str, ...]
    shown_to: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    heads: bool = False
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    letter: str = ""
    articles: tuple[int, ...] = (52,)


class Procedure(StateMachine):
    """A procedure over a case; its state is the case's. Abstract: it has no states of its own."""

    #: What a case names it by.
    key: ClassVar[str] = ""
    title: ClassVar[Words] = Words("", "")
    steps: ClassVar[Mapping[str, Step]] = {}
    #: Words for the states in both languages.
    state_words: ClassVar[Mapping[str, Words]] = {}

    @classmethod
    def check(cls) -> None:
        """Raises DiagramError when an event has no step, a step no event, or a state no words."""
        events = {event.id for event in cls.events}  # type: ignore[attr-defined]
        states = {state.id for state in cls.states}
        for what, one, other in (("step", events, set(cls.steps)), ("words", states, set(cls.state_words))):
            if one != other:
                raise DiagramError(f"{cls.__name__}: {what} and diagram differ in {sorted(one ^ other)}")

    @classmethod
    def of(cls, case: Case) -> Procedure:
        """The procedure over this case, in its present state."""
        return cls(case, state_field="state")

    def possible(self) -> list[str]:
        """The events that the state and the guards allow now, in the order in which the class declares them."""
        enabled = {event.id for event in self.enabled_events()}
        return [event for event in self.steps if event in enabled]

    @classmethod
    def mermaid(cls) -> str:
        """The diagram, as text for mermaid."""
        return format(cls, "mermaid")
