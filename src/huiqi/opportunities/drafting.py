"""Drafting: a rule as rows and as text, a draft made from a policy that exists, what differs between two versions.

Rows and text are two views of one rule. Rows hold what most policies need: conditions on one fact each, joined with
*and*; a row joined with *or* belongs to the row above it, so that ``a and (b or c)`` is three rows. Everything else of
the language has no rows and stays text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from huiqi.journal import act
from huiqi.registry.models import Organisation
from huiqi.registry.vocabulary import OFFICER, SUPERVISOR
from huiqi.rules import Fact, Rule, RuleProblem, Words, dictionary, parse_rule
from huiqi.rules.formula import chain
from huiqi.rules.values import ValueProblem, read_value

from .library import Policy
from .models import Draft

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

AND, OR = "and", "or"

_FIGURES = ("ge", "gt", "le", "lt", "eq", "ne")
#: The operators that fit a type of fact, the most usual first.
OPERATORS: dict[str, tuple[str, ...]] = {
    "boolean": ("yes", "no"),
    "integer": _FIGURES,
    "decimal": _FIGURES,
    "date": _FIGURES,
    "enum": ("in", "not_in"),
    "set": ("has", "has_not"),
    "text": ("starts", "not_starts", "eq", "ne"),
}
_SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "eq": "=", "ne": "<>"}
_OPERATOR_OF: dict[type, str] = {
    exp.GTE: "ge",
    exp.GT: "gt",
    exp.LTE: "le",
    exp.LT: "lt",
    exp.EQ: "eq",
    exp.NEQ: "ne",
}
#: What the beginning of a code must not contain: it would not mean itself in a pattern.
_PATTERN = re.compile(r"[%_\\]")
#: What a suggestion replaces: a quoted text or a name.
_TOKEN = re.compile(r"'[^']*'|[^\W]+")


@dataclass(frozen=True)
class Row:
    """One condition. ``value`` is what was typed or chosen, several for a list; ``join`` ties it to the row above."""

    fact: str = ""
    op: str = ""
    value: tuple[str, ...] = ()
    join: str = AND


class RowProblem(ValueError):
    """A row that is no condition yet. ``index`` counts from nought."""

    def __init__(self, index: int, what: Words) -> None:
        self.index, self.what = index, what
        super().__init__(f"row {index + 1}: {what}")


def operators(fact: Fact) -> tuple[str, ...]:
    """The operators that fit a fact."""
    return OPERATORS[fact.type]


# --- rows to text -----------------------------------------------------------------------------------------------------


def expression_of(rows: Sequence[Row]) -> str:
    """The rule of the rows; the empty text without rows. Raises RowProblem for the first row that is no condition."""
    groups: list[list[str]] = []
    for index, row in enumerate(rows):
        text = _condition(index, row)
        if row.join == OR and groups:
            groups[-1].append(text)
        else:
            groups.append([text])
    parts = [" or ".join(group) for group in groups]
    if len(groups) > 1:
        parts = [f"({part})" if len(group) > 1 else part for part, group in zip(parts, groups, strict=True)]
    return " and ".join(parts)


def _condition(index: int, row: Row) -> str:
    fact = dictionary().get(row.fact)
    if fact is None:
        raise RowProblem(index, Words("还没有选条件看什么", "choose what the condition looks at"))
    if row.op not in operators(fact):
        raise RowProblem(index, Words("还没有选怎么比", "choose how to compare"))
    if row.op in ("yes", "no"):
        return fact.name if row.op == "yes" else f"not {fact.name}"
    values = [value.strip() for value in row.value if value.strip()]
    if not values:
        raise RowProblem(index, Words("还没有填要多少、要什么", "enter the value that is asked for"))
    if fact.type in ("integer", "decimal", "date"):
        return f"{fact.name} {_SIGNS[row.op]} {_figure(index, fact, values[0])}"
    codes = [_code(index, fact, value) for value in values]
    if row.op in ("in", "not_in"):
        if len(codes) == 1:
            return f"{fact.name} {'=' if row.op == 'in' else '<>'} {_quoted(codes[0])}"
        return f"{fact.name} {'in' if row.op == 'in' else 'not in'} ({', '.join(map(_quoted, codes))})"
    if row.op in ("has", "has_not"):
        return f"{'not ' if row.op == 'has_not' else ''}array_contains({fact.name}, {_quoted(codes[0])})"
    if row.op in ("eq", "ne"):
        return f"{fact.name} {_SIGNS[row.op]} {_quoted(codes[0])}"
    if _PATTERN.search(codes[0]):
        raise RowProblem(index, Words("开头里不能有 %、_ 或 \\", "the beginning cannot contain %, _ or \\"))
    return f"{fact.name} {'not ' if row.op == 'not_starts' else ''}like {_quoted(codes[0] + '%')}"


def _figure(index: int, fact: Fact, raw: str) -> str:
    try:
        value = read_value(fact, raw)
    except ValueProblem as problem:
        raise RowProblem(
            index, Words(f"{problem.what.zh}。{problem.remedy.zh}", f"{problem.what.en}. {problem.remedy.en}")
        ) from None
    if value is None:
        raise RowProblem(index, Words("还没有填要多少", "enter the value that is asked for"))
    return f"date '{value.isoformat()}'" if isinstance(value, dt.date) else f"{Decimal(value):f}"


def _code(index: int, fact: Fact, raw: str) -> str:
    if any(ord(c) < 32 for c in raw):
        raise RowProblem(index, Words("含有控制字符", "it contains a control character"))
    code = fact.labels.get(raw, raw)
    if fact.members is not None and code not in fact.codes:
        raise RowProblem(index, Words(f"没有“{raw}”这一项", f"there is no option {raw}"))
    return code


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# --- text to rows -----------------------------------------------------------------------------------------------------


def rows_of(rule: Rule) -> list[Row] | None:
    """The rows of a rule, or None when it says more than rows can hold."""
    found: list[Row] = []
    for group in chain(rule.tree, exp.And):
        for place, part in enumerate(chain(group, exp.Or)):
            row = _row(part, OR if place else AND)
            if row is None:
                return None
            found.append(row)
    return found


def _row(node: exp.Expression, join: str) -> Row | None:
    inner, negated = (node.this, True) if isinstance(node, exp.Not) else (node, False)
    subject = inner if isinstance(inner, exp.Column) else inner.this
    fact = dictionary().get(subject.name) if isinstance(subject, exp.Column) else None
    if fact is None:
        return None
    if isinstance(inner, exp.Column):
        return Row(fact.name, "no" if negated else "yes", (), join) if fact.type == "boolean" else None
    if type(inner) in _OPERATOR_OF:
        return None if negated else _compared(fact, _OPERATOR_OF[type(inner)], inner.expression, join)
    found: tuple[str, tuple[str, ...]] | None = None
    if isinstance(inner, exp.In) and fact.type == "enum" and all(_is_text(item) for item in inner.expressions):
        found = "in", tuple(item.this for item in inner.expressions)
    elif isinstance(inner, exp.ArrayContains) and _is_text(inner.expression):
        found = "has", (inner.expression.this,)
    elif isinstance(inner, exp.Like) and fact.type == "text":
        start = inner.expression.this
        if start.endswith("%") and len(start) > 1 and not _PATTERN.search(start[:-1]):
            found = "starts", (start[:-1],)
    if found is None or not all(value.strip() == value and value for value in found[1]):
        return None
    negative = {"in": "not_in", "has": "has_not", "starts": "not_starts"}
    return Row(fact.name, negative[found[0]] if negated else found[0], found[1], join)


def _is_text(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _compared(fact: Fact, op: str, other: exp.Expression, join: str) -> Row | None:
    """A comparison of a fact with a fixed value."""
    if fact.type in ("integer", "decimal"):
        plain = other.this if isinstance(other, exp.Neg) else other
        if not isinstance(plain, exp.Literal) or plain.is_string:
            return None
        value = Decimal(plain.this) * (-1 if isinstance(other, exp.Neg) else 1)
        try:
            exact = read_value(fact, str(value)) == value
        except ValueProblem:
            return None
        return Row(fact.name, op, (f"{value:f}",), join) if exact else None
    if fact.type == "date":
        return Row(fact.name, op, (other.this.this,), join) if isinstance(other, exp.Cast) else None
    if fact.type in ("enum", "text") and op in ("eq", "ne") and _is_text(other):
        text = str(other.this)
        if not text or text.strip() != text:
            return None
        shown = {"eq": "in", "ne": "not_in"}[op] if fact.type == "enum" else op
        return Row(fact.name, shown, (text,), join)
    return None


def key_of(row: Row) -> str | None:
    """The canonical text of a row's condition, by which the review speaks of it; None while it is none."""
    try:
        return parse_rule(expression_of([row])).key
    except (RowProblem, RuleProblem):
        return None


def mended(text: str, problem: RuleProblem) -> str | None:
    """The text with the suggestion of a problem taken over, or None when that does not make a rule of it."""
    suggestion = problem.suggestion
    if not suggestion:
        return None
    if len(suggestion) > len(text.strip()) and suggestion.startswith(text.rstrip()):
        better = suggestion
    elif problem.position is not None and (token := _TOKEN.match(text, problem.position)):
        better = text[: token.start()] + suggestion + text[token.end() :]
    else:
        return None
    try:
        parse_rule(better)
    except RuleProblem:
        return None
    return better


# --- drafts -----------------------------------------------------------------------------------------------------------


def may_draft(actor: Actor) -> bool:
    """Whether the actor drafts policies for an organ: its officers and supervisors do, clerks and auditors read."""
    return actor.jurisdiction is not None and actor.role in (OFFICER, SUPERVISOR)


def new_draft(actor: Actor, policy: Policy | None = None) -> Draft:
    """A draft of the actor's organ: empty, or with the content of a policy.

    It becomes the next version when the organ itself published the policy here, it replaces the policy when the organ
    issued it, and else it is a new policy with another's text.
    """
    organ, person = actor.organisation, actor.person
    assert organ is not None and person is not None
    draft = Draft(organ=organ, author=person)
    if policy is not None:
        _fill(draft, policy, organ)
    with act(actor.who, "draft.begun", articles=(5,), region=organ.region_id) as this:
        draft.save()
        this.about(draft)
    return draft


def save_draft(draft: Draft, actor: Actor) -> None:
    """Keep a draft as it is now."""
    with act(actor.who, "draft.saved", about=draft, articles=(5,)):
        draft.save()


def _fill(draft: Draft, policy: Policy, organ: Organisation) -> None:
    draft.title_zh, draft.title_en = policy.title.zh[:200], policy.title.en[:300]
    draft.benefit_type = policy.benefit_type
    draft.benefit_zh, draft.benefit_en = policy.benefit.zh, policy.benefit.en
    draft.how_to_claim_zh = "\n".join(step.zh for step in policy.how_to_claim)
    draft.how_to_claim_en = "\n".join(step.en for step in policy.how_to_claim)
    draft.eligible = policy.eligible
    draft.amount = policy.amount.text if policy.amount is not None else ""
    draft.amount_per = policy.benefit_per or "year"
    draft.articles = list(policy.articles)
    draft.valid_from, draft.valid_to = policy.valid_from, policy.valid_to
    own = organ.published_policies.filter(policy_id=policy.id).order_by("-version").first()
    if own is not None:
        draft.policy_id, draft.version = policy.id, own.version + 1
        draft.document_number = policy.document_number or ""
        draft.replaces = own.content.get("supersedes") or ""
    elif issued_by(policy, organ):
        draft.replaces = policy.id


def issued_by(policy: Policy, organ: Organisation) -> bool:
    """Whether an organ is among the bodies that issued a policy; the mark of a demonstration does not count."""
    name = organ.name_zh.removesuffix("（样例）")
    return name in re.split(r"[\s;；]+", policy.issuing_body.zh)


@dataclass(frozen=True)
class Difference:
    """A field that differs between two versions."""

    field: str
    before: Any
    after: Any


#: The fields that two versions are compared by, in the order of the page.
COMPARED = (
    "title_zh",
    "title_en",
    "document_number",
    "benefit_type",
    "benefit_zh",
    "benefit_en",
    "eligible",
    "benefit_amount",
    "benefit_per",
    "how_to_claim_zh",
    "how_to_claim_en",
    "articles",
    "valid_from",
    "valid_to",
)


def content_of(policy: Policy) -> dict[str, Any]:
    """The compared fields of a policy of the library, as its file has them."""
    return {
        "title_zh": policy.title.zh,
        "title_en": policy.title.en,
        "document_number": policy.document_number,
        "benefit_type": policy.benefit_type,
        "benefit_zh": policy.benefit.zh,
        "benefit_en": policy.benefit.en,
        "eligible": policy.eligible,
        "benefit_amount": policy.amount.text if policy.amount is not None else None,
        "benefit_per": policy.benefit_per,
        "how_to_claim_zh": [step.zh for step in policy.how_to_claim],
        "how_to_claim_en": [step.en for step in policy.how_to_claim],
        "articles": list(policy.articles),
        "valid_from": policy.valid_from.isoformat() if policy.valid_from else None,
        "valid_to": policy.valid_to.isoformat() if policy.valid_to else None,
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """The fields in which two versions differ. Expressions that mean the same in other words do not."""

    def plain(field: str, value: Any) -> Any:
        if field == "eligible" and isinstance(value, str):
            try:
                return parse_rule(value).key
            except RuleProblem:
                return value
        return value or None

    return [
        Difference(field, before.get(field), after.get(field))
        for field in COMPARED
        if plain(field, before.get(field)) != plain(field, after.get(field))
    ]
