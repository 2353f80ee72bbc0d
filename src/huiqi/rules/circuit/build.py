"""The circuit of many rules: distinct conditions once, shared sub-formulas once, then the rules.

AND and OR are flattened, their parts sorted and doubles dropped, so that rules that say the same in another order share
their gates. A gate that one rule alone uses lives in a small pool of slots, so that what is computed stays in the
nearest cache.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from ..axes import TRUTH, Axis, Boundary, Span, span_of
from ..formula import Formula, Leaf
from ..language import Language
from ..language import language as default_language
from ..rule import Rule
from ..table import names_under

#: Boundaries that one axis may have, so that its codes fit into two bytes.
MOST_BOUNDARIES = 65_000

Ints = npt.NDArray[np.int32]


class Program(NamedTuple):
    """The circuit as arrays, for the kernels. A *slot* holds the two bitmaps of an axis' unknowns, a leaf or a gate.

    Slots are numbered: axes (where the value is unknown), leaves, shared gates, the pool. ``x_start`` arrays have one
    entry more than there are x, and ``x_start[i]:x_start[i + 1]`` are those of i.
    """

    axis_row: Ints  #: row of the axis among the codes of one byte or of two
    axis_wide: npt.NDArray[np.bool_]
    axis_zone: Ints  #: row of the axis among the zone maps, -1 without one
    leaf_axis: Ints
    leaf_open: npt.NDArray[np.bool_]  #: whether an unknown value leaves the leaf unknown (else it decides)
    range_start: Ints  #: of leaves
    range_low: npt.NDArray[np.uint16]
    range_span: npt.NDArray[np.uint16]  #: last code of the range less its first
    gate_all: npt.NDArray[np.bool_]  #: AND, else OR
    gate_slot: Ints
    operand_start: Ints  #: of gates
    operands: Ints  #: slots
    rule_start: Ints  #: gates of rules; the last of a rule is its answer
    need_start: Ints  #: of rules
    needs: Ints  #: slots of leaves and shared gates that a rule rests on
    guard: Ints  #: leaf without which the rule is not met, on an axis with a zone map; -1 without one
    shared: int  #: the first so many gates are shared
    slots: int


@dataclass
class _Node:
    """A leaf or a gate while the circuit is being built; ``parts`` are node numbers."""

    connective: str = ""
    parts: tuple[int, ...] = ()
    leaf: int = -1


class Circuit:
    """Many rules as one circuit.

    ``sorted_by`` names a fact by which the enterprises will be sorted (their region): a rule that demands something of
    it is passed over in a block of enterprises that has none of it. Raises nothing: every checked rule has a circuit.
    """

    def __init__(
        self, rules: Sequence[Rule | Formula], sorted_by: str | None = None, of: Language | None = None
    ) -> None:
        formulas = [rule.formula if isinstance(rule, Rule) else rule for rule in rules]
        first = next((rule.language for rule in rules if isinstance(rule, Rule)), None)
        self.language = of or first or default_language()
        self.sorted_by = sorted_by
        self.rules = len(formulas)
        self.axes: list[Axis] = []
        self._current: dict[tuple[str, str], int] = {}
        self._boundaries: list[set[Boundary]] = []
        self._leaf_keys: dict[str, int] = {}
        self._spans: dict[tuple[Any, ...], int] = {}
        self.leaves: list[tuple[int, Span]] = []
        self._nodes: list[_Node] = []
        self._known: dict[tuple[Any, ...], int] = {}
        roots = [self._add(formula) for formula in formulas]
        for axis, boundaries in zip(self.axes, self._boundaries, strict=True):
            axis.settle(boundaries)
        self.program = self._arrange(roots)

    # -- leaves and gates ------------------------------------------------------------------------------------------
    def leaf_number(self, leaf: Leaf) -> int:
        """The number of a leaf of one of the rules; KeyError for a leaf of no rule."""
        return self._leaf_keys[leaf.key]

    @functools.cached_property
    def _leaves_by_rule(self) -> list[list[int]]:
        first, last = len(self.axes), len(self.axes) + len(self.leaves)
        starts, needs = self.program.need_start.tolist(), self.program.needs.tolist()
        return [[n - first for n in needs[a:b] if n < last] for a, b in itertools.pairwise(starts)]

    @functools.cached_property
    def names(self) -> list[tuple[str, ...]]:
        """Names of the facts under each axis."""
        return [names_under(self.language, axis.node) for axis in self.axes]

    def leaves_of(self, rule: int) -> list[int]:
        """Numbers of the leaves on which a rule rests."""
        return self._leaves_by_rule[rule]

    def _leaf(self, leaf: Leaf) -> int:
        if leaf.key not in self._leaf_keys:
            span = span_of(leaf.node, self.language)
            axis = self._axis(span)
            identity = (axis, span.intervals, span.met_if_unknown, span.never_unknown)
            if identity not in self._spans:
                self._spans[identity] = len(self.leaves)
                self.leaves.append((axis, span))
            self._leaf_keys[leaf.key] = self._spans[identity]
        return self._leaf_keys[leaf.key]

    def _axis(self, span: Span) -> int:
        """The axis of a condition; one whose boundaries are used up gets a second beside it."""
        cuts = {boundary for interval in span.intervals for boundary in interval if boundary is not None}
        candidate = Axis(span.node, span.kind)
        identity = (candidate.key, candidate.kind)
        number = self._current.get(identity)
        if number is None or len(self._boundaries[number]) + len(cuts) > MOST_BOUNDARIES:
            number = self._current[identity] = len(self.axes)
            self.axes.append(candidate)
            self._boundaries.append({(True, 0)} if span.kind == TRUTH else set())
        self._boundaries[number] |= cuts
        return number

    def _add(self, part: Formula) -> int:
        if isinstance(part, Leaf):
            number = self._leaf(part)
            return self._node(("leaf", number), _Node(leaf=number))
        parts: list[int] = []
        for child in part.parts:
            number = self._add(child)
            node = self._nodes[number]
            parts += node.parts if node.connective == part.connective else [number]
        distinct = tuple(sorted(set(parts)))
        if len(distinct) == 1:
            return distinct[0]
        return self._node((part.connective, distinct), _Node(part.connective, distinct))

    def _node(self, key: tuple[Any, ...], node: _Node) -> int:
        if key not in self._known:
            self._known[key] = len(self._nodes)
            self._nodes.append(node)
        return self._known[key]

    # -- arrays ----------------------------------------------------------------------------------------------------
    def _arrange(self, roots: list[int]) -> Program:
        shared = self._shared(roots)
        first_leaf, first_gate = len(self.axes), len(self.axes) + len(self.leaves)
        slot_of = {n: first_leaf + node.leaf for n, node in enumerate(self._nodes) if node.leaf >= 0}
        slot_of |= {n: first_gate + place for place, n in enumerate(shared)}
        pool = first_gate + len(shared)
        gates = _Gates(self._nodes, slot_of, pool)
        for number in shared:
            gates.add(number, slot_of[number])
        rule_start, needs, need_start = [len(gates.all)], [], [0]
        for root in roots:
            gates.rule(root)
            rule_start.append(len(gates.all))
            needs += sorted(slot_of[n] for n in self._rests_on(root, slot_of))
            need_start.append(len(needs))
        range_start, lows, spans = [0], [], []
        for axis, span in self.leaves:
            for low, last in self.axes[axis].ranges(span):
                lows.append(low)
                spans.append(last - low)
            range_start.append(len(lows))
        wide = [axis.wide for axis in self.axes]
        places: Counter[bool] = Counter()
        rows = []
        for is_wide in wide:
            rows.append(places[is_wide])
            places[is_wide] += 1
        zones = iter(range(len(self.axes)))
        zone = [next(zones) if self._sorts(axis) else -1 for axis in self.axes]
        return Program(
            axis_row=_ints(rows),
            axis_wide=np.array(wide, bool),
            axis_zone=_ints(zone),
            leaf_axis=_ints([axis for axis, _ in self.leaves]),
            leaf_open=np.array([not span.never_unknown for _, span in self.leaves], bool),
            range_start=_ints(range_start),
            range_low=np.array(lows, np.uint16),
            range_span=np.array(spans, np.uint16),
            gate_all=np.array(gates.all, bool),
            gate_slot=_ints(gates.slots),
            operand_start=_ints(gates.starts),
            operands=_ints(gates.operands),
            rule_start=_ints(rule_start),
            need_start=_ints(need_start),
            needs=_ints(needs),
            guard=_ints([self._guard(root, zone) for root in roots]),
            shared=len(shared),
            slots=pool + gates.deepest + 1,
        )

    def _sorts(self, axis: Axis) -> bool:
        return isinstance(axis.node, exp.Column) and axis.node.name == self.sorted_by and axis.kind != TRUTH

    def _guard(self, root: int, zone: list[int]) -> int:
        """A leaf that the rule demands, on an axis with a zone map: the one with the fewest codes."""
        node = self._nodes[root]
        demanded = [node.leaf] if node.leaf >= 0 else []
        if node.connective == "all":
            demanded = [self._nodes[n].leaf for n in node.parts if self._nodes[n].leaf >= 0]
        sizes = {}
        for leaf in demanded:
            axis, span = self.leaves[leaf]
            if zone[axis] >= 0:
                sizes[leaf] = sum(last - low + 1 for low, last in self.axes[axis].ranges(span))
        return min(sizes, key=lambda leaf: (sizes[leaf], leaf)) if sizes else -1

    def _shared(self, roots: list[int]) -> list[int]:
        """Gates that stand in more than one place, those below first (a node's number is above those of its parts)."""
        places: Counter[int] = Counter()
        seen: set[int] = set()
        for root in roots:
            places[root] += 1
            waiting = [root]
            while waiting:
                number = waiting.pop()
                if number not in seen:
                    seen.add(number)
                    places.update(self._nodes[number].parts)
                    waiting += self._nodes[number].parts
        return sorted(n for n, count in places.items() if count > 1 and self._nodes[n].connective)

    def _rests_on(self, root: int, slot_of: dict[int, int]) -> set[int]:
        found: set[int] = set()
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in slot_of:
                if number in found:
                    continue
                found.add(number)
            waiting += self._nodes[number].parts
        return found


class _Gates:
    """Gates in the order in which they are run."""

    def __init__(self, nodes: list[_Node], slot_of: dict[int, int], pool: int) -> None:
        self.nodes, self.slot_of, self.pool = nodes, slot_of, pool
        self.all: list[bool] = []
        self.slots: list[int] = []
        self.starts: list[int] = [0]
        self.operands: list[int] = []
        self.deepest = 0

    def rule(self, root: int) -> None:
        """The gates of a rule. One that is a leaf or a shared gate by itself gets a gate of one operand."""
        if root in self.slot_of:
            self._emit(True, [self.slot_of[root]], self.pool)
        else:
            self.add(root, self.pool)

    def add(self, number: int, slot: int, depth: int = 0) -> None:
        """A gate and the private ones below it; these take the slots of the pool above ``depth``."""
        node = self.nodes[number]
        operands = []
        for part in node.parts:
            if part in self.slot_of:
                operands.append(self.slot_of[part])
            else:
                depth += 1
                self.add(part, self.pool + depth, depth)
                operands.append(self.pool + depth)
        self._emit(node.connective == "all", operands, slot)

    def _emit(self, is_all: bool, operands: list[int], slot: int) -> None:
        self.deepest = max(self.deepest, slot - self.pool)
        self.all.append(is_all)
        self.slots.append(slot)
        self.operands += operands
        self.starts.append(len(self.operands))


def _ints(values: Sequence[int] | Iterator[int]) -> Ints:
    return np.fromiter(values, np.int32)
