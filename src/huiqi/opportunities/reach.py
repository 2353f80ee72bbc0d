"""Whom a draft reaches, while it is being typed: everyone against one rule.

Counts by place, size and trade, the cost, who stands just below a threshold, what each condition keeps out, and how
far existing policies reach the same enterprises. Needs only the columns that the rule reads; a hundred thousand
enterprises take some milliseconds.
"""

from __future__ import annotations

import copy
import datetime as dt
import functools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlglot import exp

from huiqi.registry.codes import industry_names, names, region_names, section_of
from huiqi.rules import Amount, Fact, Rule, Words, dictionary
from huiqi.rules.dialects import text_of
from huiqi.rules.dictionary import Dictionary
from huiqi.rules.formula import Leaf, leaves
from huiqi.rules.sentence import Speaker, show_number
from huiqi.rules.table import Column, Matcher, Rails, Table

from .library import Library
from .match import table_of
from .search import BENEFIT_GROUPS

#: A threshold is moved by this share of itself to show who just misses it; whole numbers by one at least.
NEAR = Decimal("0.2")
BINS = 12
#: The beginning of the codes of all places of the region.
WHOLE_REGION = "65"
SIZE_WORDS = {
    "micro": Words("微型", "Micro"),
    "small": Words("小型", "Small"),
    "medium": Words("中型", "Medium"),
    "large": Words("大型", "Large"),
    "not_an_enterprise": Words("非企业单位", "Not an enterprise"),
    "": Words("规模未定", "Size not determined"),
}
ELSEWHERE = Words("其他", "Elsewhere")
UNKNOWN = Words("未知", "Not known")


@dataclass(frozen=True)
class Slice:
    """A place, a size or a trade: numbers of enterprises and the yuan known for the eligible ones."""

    code: str
    words: Words
    eligible: int
    unknown: int
    total: int
    amount: Decimal | None


@dataclass(frozen=True)
class Threshold:
    """One numeric condition: who just misses it although all else is met, and a histogram around it.

    ``missed`` would qualify in addition if the threshold stood at ``moved`` (:data:`NEAR`), which would cost ``added``
    yuan per the draft's own period; ``added_without_amount`` of them have no known amount and are not in it.
    ``bins`` are (low, high, eligible, others) counts.
    """

    key: str
    fact: Fact
    gate: float
    shown_gate: Words
    moved: float
    shown_moved: Words
    allowed: str
    missed: int
    added: Decimal | None
    added_without_amount: int
    bins: tuple[tuple[float, float, int, int], ...]


@dataclass(frozen=True)
class Keeps:
    """What a condition keeps out: so many more would qualify without it."""

    key: str
    words: Words
    without: int


@dataclass(frozen=True)
class Overlap:
    """An existing policy that reaches the same enterprises."""

    policy_id: str
    title: Words
    both: int
    share: float


@dataclass(frozen=True)
class Reach:
    """The answer for a draft. Amounts are yuan per the draft's own period; ``most`` is the cost if all unknown qualify."""

    enterprises: int
    eligible: int
    not_eligible: int
    unknown: int
    by_place: tuple[Slice, ...]
    by_size: tuple[Slice, ...]
    by_trade: tuple[Slice, ...]
    thresholds: tuple[Threshold, ...]
    keeps: tuple[Keeps, ...]
    overlaps: tuple[Overlap, ...]
    cost: Decimal | None
    most: Decimal | None
    without_amount: int
    seconds: float


class Population:
    """The enterprises on file as columns, with the groups they are counted by. Made once for a snapshot and a day.

    ``prefix`` begins the codes of all places that are counted: within a prefecture one counts by county.
    """

    def __init__(
        self, facts: pa.Table, on: dt.date, library: Library | None = None, prefix: str = WHOLE_REGION
    ) -> None:
        self.on, self.library = on, library
        self.table: Table = table_of(facts, on)
        self.table.prepare()
        self.rows = self.table.rows
        place = _prefecture if len(prefix) <= len(WHOLE_REGION) else _county
        self.places = _grouped(self.table.columns.get("registration_region"), self.rows, place)
        self.trades = _grouped(self.table.columns.get("industry_code"), self.rows, section_of)
        self.sizes = _grouped(self.table.columns["size_class"], self.rows, str)

    @functools.cached_property
    def policies(self) -> list[tuple[str, Words, npt.NDArray[np.uint8]]]:
        """Each open policy that brings money or relief, with the bitmap of the enterprises that may have it."""
        if self.library is None:
            return []
        matcher = Matcher(self.table)
        open_now = [
            policy
            for policy in self.library.shown()
            if policy.phase(self.on) == "open"
            and policy.benefit_type not in (*BENEFIT_GROUPS["service"], *BENEFIT_GROUPS["title"])
        ]
        return [(policy.id, policy.title, matcher.match(policy.rule).certain) for policy in open_now]

    def beside(self, library: Library) -> Population:
        """The same enterprises beside the policies of another library, without reading them again."""
        other = copy.copy(self)
        other.library = library
        other.__dict__.pop("policies", None)
        return other

    def qualifying(self, rules: Iterable[Rule]) -> list[int]:
        """How many surely qualify under each rule; what several rules ask in common is looked up once."""
        matcher = Matcher(self.table)
        return [Matcher.count(matcher.match(rule).certain) for rule in rules]

    def reach(self, rule: Rule, amount: Amount | None = None, ignore: str | None = None) -> Reach:
        """Whom a rule reaches. ``ignore`` is the policy that the draft would replace; it is no overlap."""
        started = time.perf_counter()
        matcher = Matcher(self.table)
        rails = matcher.match(rule)
        certain = matcher.unpack(rails.certain)
        perhaps = matcher.unpack(rails.possible & ~rails.certain)
        eligible, unknown = int(certain.sum()), int(perhaps.sum())
        cost = most = None
        paid: npt.NDArray[np.float64] | None = None
        without_amount = 0
        if amount is not None:
            paid, known = matcher.amounts(amount, certain | perhaps)
            cost = _yuan(paid[certain].sum())
            most = _yuan(paid[certain | perhaps].sum())
            without_amount = int((certain & ~known).sum())
        return Reach(
            enterprises=self.rows,
            eligible=eligible,
            not_eligible=self.rows - eligible - unknown,
            unknown=unknown,
            by_place=self._slices(self.places, certain, perhaps, paid, _place_words),
            by_size=self._slices(self.sizes, certain, perhaps, paid, lambda code: SIZE_WORDS[code]),
            by_trade=self._slices(self.trades, certain, perhaps, paid, _trade_words),
            thresholds=tuple(self._thresholds(rule, amount, matcher, certain)),
            keeps=tuple(self._keeps(rule, matcher, eligible)),
            overlaps=tuple(self._overlaps(rails, eligible, ignore)),
            cost=cost,
            most=most,
            without_amount=without_amount,
            seconds=time.perf_counter() - started,
        )

    def _slices(
        self,
        groups: tuple[npt.NDArray[np.int32], list[str]],
        certain: npt.NDArray[np.bool_],
        perhaps: npt.NDArray[np.bool_],
        paid: npt.NDArray[np.float64] | None,
        words: Callable[[str], Words],
    ) -> tuple[Slice, ...]:
        index, codes = groups
        width = len(codes)
        totals = np.bincount(index, minlength=width)
        yes = np.bincount(index[certain], minlength=width)
        maybe = np.bincount(index[perhaps], minlength=width)
        money = np.bincount(index[certain], weights=paid[certain], minlength=width) if paid is not None else None
        found = [
            Slice(
                code,
                words(code),
                int(yes[i]),
                int(maybe[i]),
                int(totals[i]),
                None if money is None else _yuan(money[i]),
            )
            for i, code in enumerate(codes)
            if totals[i]
        ]
        return tuple(sorted(found, key=lambda s: (-s.eligible, s.code)))

    def _without(self, rule: Rule, matcher: Matcher, leaf: Leaf) -> npt.NDArray[np.bool_]:
        """Who would qualify if one condition fell away."""
        return matcher.unpack(matcher.match(rule, without=leaf.key).certain)

    def _keeps(self, rule: Rule, matcher: Matcher, eligible: int) -> list[Keeps]:
        distinct = {leaf.key: leaf for leaf in leaves(rule.formula)}
        if len(distinct) < 2:
            return []
        speaker = Speaker(dictionary(), names)
        found = [
            Keeps(key, speaker.sentence(leaf.node), int(self._without(rule, matcher, leaf).sum()) - eligible)
            for key, leaf in distinct.items()
        ]
        return sorted((k for k in found if k.without > 0), key=lambda k: -k.without)

    def _thresholds(
        self, rule: Rule, amount: Amount | None, matcher: Matcher, certain: npt.NDArray[np.bool_]
    ) -> list[Threshold]:
        found = []
        for leaf in {leaf.key: leaf for leaf in leaves(rule.formula)}.values():
            gate = _gate(leaf, dictionary())
            if gate is None:
                continue
            fact, limit, above = gate
            values, known = self._figures(fact, leaf, matcher)
            candidates = self._without(rule, matcher, leaf) & known
            moved = _moved(fact, limit, above)
            near = candidates & ~certain & matcher.unpack(matcher.leaf(_with_limit(leaf, moved)).certain)
            paid, paid_known = matcher.amounts(amount, near) if amount is not None else (None, near)
            found.append(
                Threshold(
                    key=leaf.key,
                    fact=fact,
                    gate=float(limit),
                    shown_gate=show_number(fact, limit),
                    moved=float(moved),
                    shown_moved=show_number(fact, moved),
                    allowed="above" if above else "below",
                    missed=int(near.sum()),
                    added=None if paid is None else _yuan(paid.sum()),
                    added_without_amount=int((near & ~paid_known).sum()),
                    bins=_bins(values, candidates, certain, float(limit), fact.type == "integer"),
                )
            )
        return found

    def _figures(
        self, fact: Fact, leaf: Leaf, matcher: Matcher
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        column = next(c for c in leaf.node.find_all(exp.Column) if c.name == fact.name)
        return matcher.figures(column)

    def _overlaps(self, rails: Rails, eligible: int, ignore: str | None) -> list[Overlap]:
        if not eligible:
            return []
        found = []
        for policy_id, title, reached in self.policies:
            both = Matcher.count(rails.certain & reached)
            if both and policy_id != ignore:
                found.append(Overlap(policy_id, title, both, both / eligible))
        return sorted(found, key=lambda o: (-o.both, o.policy_id))[:8]


def _yuan(total: float) -> Decimal:
    return (Decimal(round(float(total) * 100))) / 100


def _grouped(column: Column | None, rows: int, group: Callable[[str], str]) -> tuple[npt.NDArray[np.int32], list[str]]:
    """(index of the group of each row, codes of the groups). Unknown is the group with the empty code."""
    if column is None or column.codes is None:
        return np.zeros(rows, np.int32), [""]
    codes: dict[str, int] = {}
    table = np.array(
        [codes.setdefault(group(value) if value is not None else "", len(codes)) for value in column.values], np.int32
    )
    return table[column.codes], list(codes)


def _prefecture(code: str) -> str:
    """The prefecture of a region of Xinjiang; cities run directly by the region stand for themselves."""
    if not code.startswith("65"):
        return "other"
    return code if code.startswith("659") else code[:4] + "00"


def _county(code: str) -> str:
    """The county of a region; a place that is only known to lie in a prefecture has none."""
    return "" if code.endswith("00") else code


def _place_words(code: str) -> Words:
    return {"": UNKNOWN, "other": ELSEWHERE}.get(code) or region_names().get(code) or Words(code, code)


def _trade_words(code: str) -> Words:
    return industry_names().get(code) or UNKNOWN


def _moved(fact: Fact, limit: Decimal, above: bool) -> Decimal:
    """A threshold moved so far that those who just miss it are let in."""
    width = limit * NEAR
    if fact.type == "integer":
        width = max(Decimal(1), Decimal(int(width)))
    return limit - width if above else limit + width


def _with_limit(leaf: Leaf, limit: Decimal) -> Leaf:
    """The condition of a leaf with another number in it."""
    node = leaf.node.copy()
    number = node.find(exp.Literal)
    assert number is not None
    number.set("this", f"{limit:f}")
    return Leaf(node, text_of(node))


def _gate(leaf: Leaf, facts: Dictionary) -> tuple[Fact, Decimal, bool] | None:
    """(fact, limit, whether more is better) of a condition that compares one figure with a number."""
    node, negated = leaf.node, False
    while isinstance(node, exp.Not):
        node, negated = node.this, not negated
    if not isinstance(node, (exp.GT, exp.GTE, exp.LT, exp.LTE)):
        return None
    left, right = node.this, node.expression
    if not isinstance(left, exp.Column) or not isinstance(right, exp.Literal) or right.is_string:
        return None
    fact = facts[left.name]
    limit = Decimal(right.this)
    if fact.type not in ("integer", "decimal") or limit == 0:
        return None
    return fact, limit, isinstance(node, (exp.GT, exp.GTE)) != negated


def _bins(
    values: npt.NDArray[np.float64],
    candidates: npt.NDArray[np.bool_],
    certain: npt.NDArray[np.bool_],
    limit: float,
    whole: bool,
) -> tuple[tuple[float, float, int, int], ...]:
    """A histogram from nothing to twice the threshold, so that the threshold stands in the middle."""
    count = max(2, min(BINS, round(abs(2 * limit)))) if whole else BINS
    edges = np.linspace(0, 2 * limit, count + 1) if limit > 0 else np.linspace(2 * limit, 0, count + 1)
    inside: Sequence[int] = np.histogram(values[candidates & certain], edges)[0].tolist()
    outside: Sequence[int] = np.histogram(values[candidates & ~certain], edges)[0].tolist()
    return tuple((float(edges[i]), float(edges[i + 1]), inside[i], outside[i]) for i in range(count))
