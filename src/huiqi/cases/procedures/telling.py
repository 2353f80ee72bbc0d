"""A procedure told: who takes which step, what it needs, which letter goes with it, which clocks it moves; and the guide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huiqi.documents.letters.kinds import kinds as letter_kinds
from huiqi.rules.words import Words

from ..models.clocks import CLOCK_WORDS
from ..vocabulary import PARTS
from . import PROCEDURES

if TYPE_CHECKING:
    from .base import Procedure

#: What a step asks for, in words.
NEEDS: dict[str, Words] = {
    "reason": Words("理由", "a reason"),
    "text": Words("内容", "words"),
    "kind_of_refusal": Words("哪一种不予受理", "which kind of refusal"),
    "pause": Words("法定中止理由", "a lawful reason to pause"),
    "organ": Words("机关", "an office"),
    "decision": Words("决定", "a decision"),
    "basis": Words("法律依据", "the legal basis"),
    "case": Words("另一件的编号", "the number of the other case"),
    "answer": Words("解决了没有", "whether it is solved"),
    "asked_by": Words("谁要求的", "who asked for it"),
    "officer": Words("承办人", "an officer"),
    "kept": Words("承诺兑现了没有", "whether the promise was kept"),
    "courtesy": Words("态度（可以不填）", "how people were (may stay empty)"),
    "comment": Words("意见（可以不填）", "words (may stay empty)"),
}


@dataclass(frozen=True)
class ToldStep:
    """One step in words: from which states to which, who takes it, what it needs, who reads it, its letter and its clocks."""

    event: str
    words: Words
    ways: tuple[tuple[Words, Words], ...]
    by: tuple[Words, ...]
    heads: bool
    needs: tuple[Words, ...]
    shown_to: tuple[Words, ...]
    letter: Words | None
    starts: tuple[Words, ...]
    stops: tuple[Words, ...]


def steps_of(procedure: type[Procedure]) -> list[ToldStep]:
    """All steps of a procedure in its order."""
    ways: dict[str, list[tuple[Words, Words]]] = {event: [] for event in procedure.steps}
    for state in procedure.states:
        for way in state.transitions:
            pair = (procedure.state_words[way.source.id], procedure.state_words[way.target.id])
            for event in way.event.split():
                ways[event].append(pair)
    return [
        ToldStep(
            event,
            step.words,
            tuple(ways[event]),
            tuple(PARTS[each] for each in step.by),
            step.heads,
            tuple(NEEDS[each] for each in step.needs),
            tuple(PARTS[each] for each in step.shown_to),
            letter_kinds()[step.letter].name if step.letter else None,
            tuple(CLOCK_WORDS[each] for each in step.starts),
            tuple(CLOCK_WORDS[each] for each in step.stops),
        )
        for event, step in procedure.steps.items()
    ]


def guide() -> str:
    """``docs/procedures.md``: every procedure with its diagram and its steps."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Procedures of cases"
    yield ""
    yield "Written from the classes in `huiqi.cases.procedures` by `huiqi manage procedures > docs/procedures.md`; a test fails when it is stale."
    for procedure in PROCEDURES.values():
        yield from ("", f"## {procedure.title.en} ({procedure.title.zh})", "", "```mermaid")
        yield procedure.mermaid().strip()
        yield from ("```", "", "| State | 状态 |", "|---|---|")
        for name, words in procedure.state_words.items():
            yield f"| {name}: {words.en} | {words.zh} |"
        yield from (
            "",
            "| Step | From, to | Who | Needs | Read by | Letter | Starts | Stops |",
            "|---|---|---|---|---|---|---|---|",
        )
        for step in steps_of(procedure):
            cells = (
                f"{step.words.en} ({step.words.zh})",
                "; ".join(f"{one.en} → {other.en}" for one, other in step.ways),
                _all(step.by) + (", supervisors only" if step.heads else ""),
                _all(step.needs),
                _all(step.shown_to),
                step.letter.en if step.letter is not None else "",
                _all(step.starts),
                _all(step.stops),
            )
            yield f"| {' | '.join(cells)} |"


def _all(words: tuple[Words, ...]) -> str:
    return ", ".join(each.en for each in words)
