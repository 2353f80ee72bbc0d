"""The smallest changes that turn a *no* into a *yes*, over facts that an owner can change.

Each false or unknown condition is given the smallest change of one fact that meets it; AND combines them, OR chooses.
Every set that is returned has been tried: with it the rule answers yes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlglot import exp

from .dictionary import FIXED, Fact
from .explain import Explainer
from .formula import Formula, Leaf, Verdict, judge
from .sentence import show_number
from .words import Words

Facts = Mapping[str, Any]
#: The facts after a change, with what follows from them (size from staff and revenue) worked out again.
Changed = Callable[[dict[str, Any]], Facts]

#: Smallest step of a decimal fact in its unit; sets tried and kept.
STEP = Decimal("0.01")
MOST_TRIED, MOST_KEPT = 64, 5


@dataclass(frozen=True)
class Change:
    """One fact from ``before`` (None: unknown) to ``after``, and what the owner does for it."""

    fact: Fact
    before: Any
    after: Any
    text: Words


@dataclass(frozen=True)
class ChangeSet:
    """Changes that together make the enterprise eligible; ``effort`` adds 1 (days), 2 (months), 3 (a year or more) each."""

    changes: tuple[Change, ...]
    effort: int


def smallest_changes(explainer: Explainer, facts: Facts, changed: Changed | None = None) -> list[ChangeSet]:
    """Change sets, the fewest changes and least effort first; empty when no own act of the owner is enough.

    ``changed`` gives the facts after a change; by default the change is laid over ``facts``.
    """
    after = changed or (lambda change: {**facts, **change})
    verdicts = explainer.verdicts(facts)
    if judge(explainer.rule.formula, verdicts) is True:
        return []
    finder = _Finder(explainer, facts, verdicts)
    proven: list[dict[str, Any]] = []
    for candidate in sorted(finder.ways(explainer.rule.formula), key=finder.cost):
        if any(_covers(smaller, candidate) for smaller in proven):
            continue
        if explainer.verdict(after(candidate)) is not True:
            continue
        for name in sorted(candidate, key=lambda name: -explainer.dictionary[name].change_effort):
            # One change may do the work of another, which is then left out.
            rest = {other: value for other, value in candidate.items() if other != name}
            if rest and explainer.verdict(after(rest)) is True:
                candidate = rest
        proven.append(candidate)
        if len(proven) == MOST_KEPT:
            break
    return [finder.set_of(way) for way in sorted(proven, key=finder.cost)]


def _covers(smaller: dict[str, Any], larger: dict[str, Any]) -> bool:
    return all(name in larger for name in smaller)


class _Finder:
    def __init__(self, explainer: Explainer, facts: Facts, verdicts: dict[str, Verdict]) -> None:
        self.explainer, self.facts, self.verdicts = explainer, facts, verdicts
        self.dictionary = explainer.dictionary
        self.today: dt.date = facts.get("reference_date") or dt.date.min
        self._fixes: dict[str, list[dict[str, Any]]] = {}

    def cost(self, way: dict[str, Any]) -> tuple[int, int, str]:
        return len(way), sum(self.dictionary[name].change_effort for name in way), ",".join(sorted(way))

    def ways(self, part: Formula) -> list[dict[str, Any]]:
        """Assignments that make a part true, the cheapest first; the empty one when it is true already."""
        if isinstance(part, Leaf):
            if self.verdicts[part.key] is True:
                return [{}]
            if part.key not in self._fixes:
                self._fixes[part.key] = list(self._leaf(part))
            return self._fixes[part.key]
        if judge(part, self.verdicts) is True:
            return [{}]
        choices = [self.ways(child) for child in part.parts]
        if part.connective == "any":
            found = [way for choice in choices for way in choice]
        else:
            found = [{}]
            for choice in choices:
                found = [merged for way in found for other in choice if (merged := self._merge(way, other)) is not None]
                found = sorted(found, key=self.cost)[:MOST_TRIED]
        return sorted(found, key=self.cost)[:MOST_TRIED]

    def _merge(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any] | None:
        merged = dict(one)
        for name, value in other.items():
            if name not in merged or merged[name] == value:
                merged[name] = value
            elif isinstance(value, frozenset):
                merged[name] = merged[name] | value
            elif self.dictionary[name].changeable == "up":
                merged[name] = max(merged[name], value)
            elif self.dictionary[name].changeable == "down":
                merged[name] = min(merged[name], value)
            else:
                return None
        return merged

    def _leaf(self, leaf: Leaf) -> Iterable[dict[str, Any]]:
        read = self.explainer.readers[leaf.key]
        found: dict[str, dict[str, Any]] = {}
        several: list[dict[str, Any]] = []
        for name in self.explainer.inputs[leaf.key]:
            fact = self.dictionary[name]
            if fact.changeable in FIXED:
                continue

            def meets(value: Any, name: str = name) -> bool:
                return read({**self.facts, name: value}) is True

            options = list(islice(self._options(fact, leaf, meets), 4))
            if options:
                found[name] = {name: options[0]}
                several += [{name: option} for option in options[1:]]
        # A certificate and its date are one act: name it once.
        if any(name.endswith("_valid_to") for name in found):
            found.pop("titles", None)
            several = [way for way in several if "titles" not in way]
        return [*found.values(), *several]

    def _options(self, fact: Fact, leaf: Leaf, meets: Callable[[Any], bool]) -> Iterable[Any]:
        now = self.facts.get(fact.name)
        if fact.changeable in ("become_true", "become_false"):
            wanted = fact.changeable == "become_true"
            return [wanted] if now is not wanted and meets(wanted) else []
        if fact.changeable in ("up", "down"):
            value = self._search(fact, now, meets)
            return [] if value is None else [value]
        if fact.changeable == "join":
            current = frozenset(now or ())
            members = [code for code in (m.code for m in fact.members or ()) if code not in current and code != "other"]
            return [current | {code} for code in members if meets(current | {code})]
        if fact.type == "enum":
            members = [m.code for m in fact.members or ()]
            if now is not None and ("none" in members or fact.changeable == "climb"):
                # Levels from none upwards, or a step without a way back: an owner does not give up what she has.
                members = members[members.index(now) + 1 :]
            return [code for code in members if code not in (now, "none", "other") and meets(code)]
        if fact.type == "date":
            return [day for day in self._days(fact, leaf) if meets(day)][:1]
        return []

    def _days(self, fact: Fact, leaf: Leaf) -> list[dt.date]:
        if fact.name.endswith("_valid_to"):
            # The day that a title obtained now is valid to is not known; the end of next year stands for it.
            return [dt.date(self.today.year + 1, 12, 31)] if self.today > dt.date.min else []
        named = [dt.date.fromisoformat(cast.this.this) for cast in leaf.node.find_all(exp.Cast)]
        return sorted(day for day in {self.today, *named} if day >= self.today)

    def _search(self, fact: Fact, now: Any, meets: Callable[[Any], bool]) -> Any:
        """The nearest value in the fact's direction that meets the condition, or None."""
        whole = fact.type == "integer"
        step = Decimal(1) if whole else STEP
        start = Decimal(now) if now is not None else Decimal(0)
        sign = 1 if fact.changeable == "up" else -1
        limit = Decimal(100) if fact.unit == "%" else Decimal(10) ** 9

        def value(steps: int) -> Any:
            moved = start + sign * step * steps
            return int(moved) if whole else moved

        def inside(steps: int) -> bool:
            return bool(0 <= value(steps) <= limit)

        if now is None and meets(value(0)):
            return value(0)
        far = 1
        while inside(far) and not meets(value(far)):
            far *= 2
        if not inside(far):
            # The last doubling may have passed the limit although a smaller step meets the condition.
            last = int((limit - start) / step) if sign > 0 else int(start / step)
            if last <= far // 2 or not meets(value(last)):
                return None
            far = last
        near = far // 2
        while far - near > 1:
            middle = (near + far) // 2
            near, far = (near, middle) if meets(value(middle)) else (middle, far)
        return value(far)

    def set_of(self, way: dict[str, Any]) -> ChangeSet:
        changes = []
        for name, after in way.items():
            fact, before = self.dictionary[name], self.facts.get(name)
            if isinstance(after, frozenset):
                added = sorted(after - frozenset(before or ()))
                changes += [
                    Change(fact, before, after, self._text(fact, before, after, fact.member(code))) for code in added
                ]
            else:
                changes.append(
                    Change(
                        fact,
                        before,
                        after,
                        self._text(fact, before, after, fact.member(after) if fact.type == "enum" else None),
                    )
                )
        return ChangeSet(tuple(changes), sum(self.dictionary[name].change_effort for name in way))

    def _text(self, fact: Fact, before: Any, after: Any, member: Words | None) -> Words:
        label = fact.label
        template = fact.change or Words(f"改变{label.zh}", f"change {label.en}")
        empty = Words("", "")
        numeric = fact.type in ("integer", "decimal")
        by = Words(*(_plain(abs(after - (before or 0))),) * 2) if numeric else empty
        to = Words(*(_plain(after),) * 2) if numeric else empty
        if numeric and fact.unit in ("万元", "元", "万美元"):
            difference, target = show_number(fact, abs(after - (before or 0))), show_number(fact, after)
            by, to = Words(by.zh, difference.en), Words(to.zh, target.en)
            template = Words(
                template.zh,
                template.en.replace(" × {unit}", "").replace("{by} {unit}", "{by}").replace("{to} {unit}", "{to}"),
            )
        unit = fact.unit_words or empty
        one = member or empty
        return Words(
            template.zh.format(by=by.zh, to=to.zh, unit=unit.zh, member=one.zh),
            template.en.format(by=by.en, to=to.en, unit=unit.en, member=one.en),
        )


def _plain(value: Any) -> str:
    exact = Decimal(value).normalize()
    return f"{exact:,f}"
