"""The boolean skeleton of a rule: AND and OR over leaves, with every NOT pushed down to its leaf.

De Morgan's laws hold in Kleene's three-valued logic, so the skeleton has the same verdict as the rule on every row.
It is what the explanation walks, what the questions are ranked on, and what the table engine combines as bitmaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from .dialects import text_of

Verdict = bool | None


@dataclass(frozen=True)
class Leaf:
    """One condition that is not taken apart further. ``node`` carries its own NOT; ``key`` is its canonical text."""

    node: exp.Expression = field(compare=False)
    key: str


@dataclass(frozen=True)
class Group:
    """``all`` (AND) or ``any`` (OR) of two or more parts; ``node`` is the part of the rule that it stands for."""

    connective: str
    parts: tuple[Formula, ...]
    node: exp.Expression | None = field(compare=False, default=None)


Formula = Leaf | Group


def formula(node: exp.Expression, negated: bool = False) -> Formula:
    """The skeleton of a checked condition."""
    inner = node
    flip = negated
    while isinstance(inner, exp.Not):
        inner, flip = inner.this, not flip
    if isinstance(inner, (exp.And, exp.Or)):
        parts = [formula(part, flip) for part in chain(inner, type(inner))]
        connective = "all" if isinstance(inner, exp.And) != flip else "any"
        return Group(connective, tuple(parts), _not(inner) if flip else inner)
    leaf = _not(inner) if flip else inner
    return Leaf(leaf, text_of(leaf))


def _not(node: exp.Expression) -> exp.Expression:
    negated = exp.Not(this=node.copy())
    negated.meta["kind"] = "bool"
    return negated


def chain(node: exp.Expression, connector: type[exp.Expression]) -> list[exp.Expression]:
    """The parts of a chain such as a AND b AND c in their order, without recursion."""
    parts: list[exp.Expression] = []
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, connector):
            stack += [part.expression, part.this]
        else:
            parts.append(part)
    return parts


def leaves(skeleton: Formula) -> Iterator[Leaf]:
    """All leaves in the order of the rule; a leaf that stands twice comes twice."""
    if isinstance(skeleton, Leaf):
        yield skeleton
    else:
        for part in skeleton.parts:
            yield from leaves(part)


def combine(connective: str, verdicts: list[Verdict]) -> Verdict:
    """Kleene's AND (``all``) or OR (``any``) of verdicts."""
    settling = connective == "any"
    if settling in verdicts:
        return settling
    return None if None in verdicts else not settling


def judge(skeleton: Formula, verdicts: dict[str, Verdict]) -> Verdict:
    """The verdict of the skeleton, given the verdict of each leaf by its key."""
    if isinstance(skeleton, Leaf):
        return verdicts[skeleton.key]
    return combine(skeleton.connective, [judge(part, verdicts) for part in skeleton.parts])
