"""Why a rule answers as it does: condition by condition, what decides, and what is still worth asking."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any

from sqlglot import exp

from .dialects import text_of
from .dictionary import Fact
from .formula import Formula, Group, Leaf, Verdict, judge, leaves
from .rule import Rule, compiled, inputs_of
from .sentence import Names, Speaker, show, show_number
from .words import Words

#: Names the askable facts behind a computed fact, given what is known (size_class rests on staff, revenue, assets).
Sources = Callable[[str, Mapping[str, Any]], Iterable[str]]

#: Names facts of which most enterprises have none, so that an unknown condition on them is no even chance.
RARE, COMMON, EVEN = 0.12, 0.97, 0.5

#: Above this many unknown conditions on one fact they are taken to stand or fall together.
MOST_JOINT = 4


@dataclass(frozen=True)
class Reading:
    """A fact as it stands for the enterprise; ``value`` None is unknown."""

    fact: Fact
    value: Any
    shown: Words


@dataclass(frozen=True)
class Gate:
    """One numeric fact against one number, ready for the ruler: the axis runs from ``low`` to ``high``."""

    value: float | None
    gate: float
    allowed: str
    low: float
    high: float
    shown_gate: Words


@dataclass(frozen=True)
class Condition:
    """One row of an explanation. ``decides`` says whether the verdict of the whole rests on it."""

    text: Words
    asked: Words
    verdict: Verdict
    decides: bool
    readings: tuple[Reading, ...]
    gate: Gate | None
    key: str
    keys: tuple[str, ...] = field(compare=False, default=())


@dataclass(frozen=True)
class Explanation:
    """The verdict with its conditions in the order of the rule, and the facts worth asking, most useful first."""

    verdict: Verdict
    conditions: tuple[Condition, ...]
    ask: tuple[Fact, ...]


class Explainer:
    """Explains one rule for many enterprises: everything that does not depend on facts is prepared once.

    ``texts`` gives the wording that the policy itself has for a condition, by canonical text; where a whole bracket
    has its own wording and its parts have none, the bracket is one row.
    """

    def __init__(
        self,
        rule: Rule,
        texts: Mapping[str, Words] | None = None,
        names: Names | None = None,
        sources: Sources | None = None,
    ) -> None:
        self.rule, self.texts, self.names = rule, texts or {}, names
        self.sources: Sources = sources or (lambda name, facts: (name,))
        self.dictionary = rule.language.dictionary
        self.speaker = Speaker(self.dictionary, names)
        # A share that is exactly the threshold meets it, so verdicts on enterprises reckon quotients exactly.
        compiler, shown = compiled(rule.language, exact=True), compiled(rule.language, exact=False)
        self.leaves = {leaf.key: leaf for leaf in leaves(rule.formula)}
        self.readers = {key: compiler.reader(leaf.node) for key, leaf in self.leaves.items()}
        self.inputs = {key: inputs_of(rule.language, leaf.node, key) for key, leaf in self.leaves.items()}
        self.columns = {column.name: shown.reader(column) for column in rule.tree.find_all(exp.Column)}
        self.rows = list(self._rows(rule.formula))

    # -- prepared --------------------------------------------------------------------------------------------------
    def _rows(self, part: Formula) -> Iterable[tuple[str, exp.Expression, Words, tuple[str, ...]]]:
        if isinstance(part, Leaf):
            words = self.texts.get(part.key) or self.speaker.sentence(part.node)
            yield part.key, part.node, words, (part.key,)
            return
        own = self._own_text(part)
        inside = list(leaves(part))
        if own is not None and part.node is not None and not any(leaf.key in self.texts for leaf in inside):
            yield own[0], part.node, own[1], tuple(leaf.key for leaf in inside)
            return
        for child in part.parts:
            yield from self._rows(child)

    def _own_text(self, part: Group) -> tuple[str, Words] | None:
        key = text_of(part.node) if part.node is not None else ""
        return (key, self.texts[key]) if key in self.texts else None

    # -- for one enterprise ----------------------------------------------------------------------------------------
    def verdict(self, facts: Mapping[str, Any]) -> Verdict:
        """The verdict of the whole rule, quotients reckoned exactly."""
        return judge(self.rule.formula, self.verdicts(facts))

    def verdicts(self, facts: Mapping[str, Any]) -> dict[str, Verdict]:
        return {key: read(facts) for key, read in self.readers.items()}

    def explain(self, facts: Mapping[str, Any]) -> Explanation:
        """The explanation for one enterprise's facts (typed values by name; absent or None is unknown)."""
        verdicts = self.verdicts(facts)
        verdict = judge(self.rule.formula, verdicts)
        deciding = set(_deciding(self.rule.formula, verdicts))
        conditions = []
        for key, node, words, keys in self.rows:
            own = verdicts[key] if key in verdicts else judge(self._part(keys), verdicts)
            conditions.append(
                Condition(
                    text=words,
                    asked=self.speaker.asked(node),
                    verdict=own,
                    decides=bool(deciding & set(keys)),
                    readings=self._readings(node, facts),
                    gate=self._gate(node, facts),
                    key=key,
                    keys=keys,
                )
            )
        ask = self.questions(facts, verdicts) if verdict is None else []
        return Explanation(verdict, tuple(conditions), tuple(self.dictionary[name] for name, _ in ask))

    def _part(self, keys: tuple[str, ...]) -> Formula:
        def find(part: Formula) -> Formula | None:
            if isinstance(part, Group):
                if tuple(leaf.key for leaf in leaves(part)) == keys:
                    return part
                return next((found for child in part.parts if (found := find(child)) is not None), None)
            return None

        found = find(self.rule.formula)
        assert found is not None
        return found

    def _readings(self, node: exp.Expression, facts: Mapping[str, Any]) -> tuple[Reading, ...]:
        names = list(dict.fromkeys(column.name for column in node.find_all(exp.Column, bfs=False)))
        stored: list[str] = []
        for name in names:
            if self.dictionary[name].derived is not None:
                stored += [
                    inner
                    for inner in inputs_of(self.rule.language, exp.column(name), name)
                    if inner != "reference_date"
                ]
        readings = []
        for name in dict.fromkeys([*names, *stored]):
            fact = self.dictionary[name]
            value = self.columns[name](facts) if name in self.columns else facts.get(name)
            if fact.type == "decimal" and isinstance(value, float):
                value = Decimal(repr(round(value, 4)))
            readings.append(Reading(fact, value, show(fact, value, self.names)))
        return tuple(readings)

    def _gate(self, node: exp.Expression, facts: Mapping[str, Any]) -> Gate | None:
        flip = False
        while isinstance(node, exp.Not):
            node, flip = node.this, not flip
        if not isinstance(node, (exp.GT, exp.GTE, exp.LT, exp.LTE)):
            return None
        left, right = node.this, node.expression
        if not isinstance(left, exp.Column) or not isinstance(right, exp.Literal) or right.is_string:
            return None
        fact = self.dictionary[left.name]
        if fact.type not in ("integer", "decimal") or fact.name.endswith("_year"):
            return None
        above = isinstance(node, (exp.GT, exp.GTE)) != flip
        raw = self.columns[fact.name](facts) if fact.name in self.columns else facts.get(fact.name)
        value = None if raw is None else float(raw)
        gate = float(right.this)
        if gate == 0:
            return None
        high = _axis_end(max(gate, value or 0.0), fact.unit == "%")
        amount = Decimal(right.this)
        return Gate(value, gate, "above" if above else "below", min(0.0, value or 0.0), high, show_number(fact, amount))

    # -- questions -------------------------------------------------------------------------------------------------
    def questions(
        self, facts: Mapping[str, Any], verdicts: dict[str, Verdict] | None = None
    ) -> list[tuple[str, float]]:
        """Unknown facts that could still change the verdict, with their usefulness in bits, most useful first.

        A fact is worth the uncertainty about the verdict that its answer is expected to remove, shared where a
        condition waits for several facts at once.
        """
        verdicts = verdicts if verdicts is not None else self.verdicts(facts)
        if judge(self.rule.formula, verdicts) is not None:
            return []
        chances = self.chances(facts, verdicts)
        waiting: dict[str, list[str]] = {}
        needs: dict[str, int] = {}
        for key, verdict in verdicts.items():
            if verdict is not None:
                continue
            missing = self.missing(key, facts)
            needs[key] = len(missing)
            for name in missing:
                waiting.setdefault(name, []).append(key)
        gains = []
        for name, keys in waiting.items():
            gain = _gain(self.rule.formula, chances, keys)
            if gain > 0:
                gains.append((name, gain / max(needs[key] for key in keys)))
        order = {name: i for i, name in enumerate(waiting)}
        return sorted(gains, key=lambda pair: (-round(pair[1], 9), order[pair[0]]))

    def chances(self, facts: Mapping[str, Any], verdicts: Mapping[str, Verdict]) -> dict[str, float]:
        """How likely each condition is to be met: certain where it is judged, else a guess.

        The guess looks at an enterprise that has none of what is unknown, because most have no patent, no interns and
        no entry in a list of offenders. Where that settles nothing the chance is even.
        """
        return {
            key: self._guess(key, facts) if verdict is None else float(verdict) for key, verdict in verdicts.items()
        }

    def _guess(self, key: str, facts: Mapping[str, Any]) -> float:
        if any(name in _FEW_CONCERNED for name in self.inputs[key]):
            return RARE
        none = {
            name: value
            for name in self.inputs[key]
            if facts.get(name) is None and (value := usual_value(self.dictionary[name])) is not None
        }
        usual = self.readers[key]({**facts, **none}) if none else None
        return EVEN if usual is None else COMMON if usual else RARE

    def likelihood(self, facts: Mapping[str, Any]) -> float:
        """How likely the whole rule is to be met, by the same guesses."""
        return _chance(self.rule.formula, self.chances(facts, self.verdicts(facts)))

    def missing(self, key: str, facts: Mapping[str, Any]) -> list[str]:
        """Askable unknown facts that the condition waits for."""
        names: dict[str, None] = {}
        for name in self.inputs[key]:
            # The size may be known as a range only; its sources then say what would narrow it.
            if facts.get(name) is None or self.dictionary[name].computed_by == "size_standards":
                for source in self.sources(name, facts):
                    if self.dictionary[source].askable and facts.get(source) is None:
                        names[source] = None
        return list(names)


#: Figures that nearly every enterprise has: here *none* is not what is usual.
_MOST_HAVE = frozenset(
    [
        "employees",
        "revenue",
        "revenue_prev",
        "revenue_prev2",
        "total_assets",
        "main_business_share",
        "main_revenue_3y_avg",
        "debt_ratio",
        "taxable_income",
        "avg_employees_tax",
        "avg_assets_tax",
        "monthly_sales",
        "insured_staff",
        "ui_paid_months",
        "ui_contributions",
        "six_taxes_due",
        "first_income_year",
        "market_rank",
        "market_rank_global",
        "quality_score",
        "innovative_score",
        "tech_sme_score",
        "hte_score",
        "owner_first_business",
        "loan_bank_participates",
    ]
)

#: Figures that concern few enterprises at all; a value of zero would not say so.
_FEW_CONCERNED = frozenset({"emission_pct_of_limit"})


def usual_value(fact: Fact) -> Any:
    """The value of an enterprise that has none of it; None where there is no such value or most have some."""
    if fact.name in _MOST_HAVE:
        return None
    return {"false": False, "0": 0, "[]": frozenset(), "none": "none"}.get(fact.known_none or "")


def _deciding(part: Formula, verdicts: dict[str, Verdict]) -> Iterable[str]:
    """Keys of the leaves on which the verdict of a part rests."""
    if isinstance(part, Leaf):
        yield part.key
        return
    own = judge(part, verdicts)
    for child in part.parts:
        if judge(child, verdicts) is own:
            yield from _deciding(child, verdicts)


def _chance(part: Formula, chances: dict[str, float]) -> float:
    if isinstance(part, Leaf):
        return chances[part.key]
    inside = [_chance(child, chances) for child in part.parts]
    return math.prod(inside) if part.connective == "all" else 1 - math.prod(1 - p for p in inside)


def _entropy(p: float) -> float:
    return 0.0 if p <= 0 or p >= 1 else -(p * math.log2(p) + (1 - p) * math.log2(1 - p))


def _gain(part: Formula, chances: dict[str, float], keys: list[str]) -> float:
    """Bits that the verdict is expected to lose in uncertainty once these conditions are known; 0 if they cannot matter."""
    outcomes: list[tuple[float, ...]] = list(product((0.0, 1.0), repeat=len(keys))) if len(keys) <= MOST_JOINT else []
    weights = [
        math.prod(chances[k] if met else 1 - chances[k] for k, met in zip(keys, o, strict=True)) for o in outcomes
    ]
    if not outcomes:
        outcomes, mean = [(0.0,) * len(keys), (1.0,) * len(keys)], sum(chances[key] for key in keys) / len(keys)
        weights = [1 - mean, mean]
    after = [_chance(part, chances | dict(zip(keys, outcome, strict=True))) for outcome in outcomes]
    if max(after) == min(after):
        return 0.0
    now = _entropy(sum(weight * p for weight, p in zip(weights, after, strict=True)))
    gain = now - sum(weight * _entropy(p) for weight, p in zip(weights, after, strict=True))
    # What can matter is asked for, however little it is expected to tell.
    return max(gain, 1e-15)


def _axis_end(most: float, percent: bool) -> float:
    if percent and most <= 100:
        return 100.0 if most > 25 else 25.0 if most > 12 else 20.0 if most > 8 else 10.0
    target = most * 1.25
    power = 10 ** math.floor(math.log10(target))
    return float(next(step * power for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= target))
