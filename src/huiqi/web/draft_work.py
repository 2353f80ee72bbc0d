"""What is in the editor of a draft at one moment: as it was kept, or as it was sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import QueryDict

from huiqi.opportunities.drafting import (
    Row,
    RowProblem,
    expression_of,
    mended,
    rows_of,
)
from huiqi.opportunities.models import Draft
from huiqi.opportunities.review import Concern, review
from huiqi.rules import Amount, Rule, RuleProblem, parse_amount, parse_rule

from .draft_form import MOST_ROWS, DraftForm, fitting, initial_of, rows_sent


@dataclass
class Work:
    """What is in the editor: the draft as typed (not kept), the rule in both views, what is wrong with it."""

    draft: Draft
    form: DraftForm
    text: str
    base: str
    rows: list[Row] | None
    rule: Rule | None = None
    problem: RuleProblem | None = None
    trouble: RowProblem | None = None
    clash: bool = False
    amount: Amount | None = None
    amount_problem: RuleProblem | None = None
    concerns: list[Concern] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether what was typed can be kept: what cannot be read yet can, what cannot be stored cannot."""
        return self.form.is_valid() and self.trouble is None and not self.clash


def parsed(text: str) -> Rule | None:
    try:
        return parse_rule(text)
    except RuleProblem:
        return None


def _rows_of_text(text: str) -> list[Row] | None:
    if not text.strip():
        return []
    rule = parsed(text)
    return rows_of(rule) if rule is not None else None


def _filled(rows: list[Row]) -> list[Row]:
    """Rows in which something was chosen; an empty one waits and says nothing."""
    return [row for row in rows if row.fact]


def saved(draft: Draft) -> Work:
    """The editor as it was last kept."""
    work = Work(
        draft, DraftForm(initial=initial_of(draft)), draft.eligible, draft.eligible, _rows_of_text(draft.eligible)
    )
    return _judged(work)


def sent_work(draft: Draft, sent: QueryDict, act: str) -> Work:
    """The editor as it was sent; ``act`` is the button, or the view that was changed (``rows``, ``text``)."""
    text, base, rows = sent.get("eligible", ""), sent.get("base", ""), rows_sent(sent)
    agreed = _rows_of_text(base)
    in_rows = rows is not None and [*_filled(rows)] != (agreed or [])
    in_text = text.strip() != base.strip()
    by_rows = rows is not None and (act.startswith(("rows", "add", "remove")) or (in_rows and not in_text))
    clash = act in ("save", "check", "publish") and in_rows and in_text
    trouble = None
    if act.startswith("text") or act == "suggest":
        by_rows, clash = False, False
    if by_rows and rows is not None:
        place = act.partition("-")[2]
        if act.startswith("remove") and place.isdecimal():
            rows = [row for i, row in enumerate(rows) if i != int(place)]
        rows = [fitting(row) for row in rows][:MOST_ROWS]
        if rows:
            rows[0] = Row(rows[0].fact, rows[0].op, rows[0].value)
        try:
            text = base = expression_of(_filled(rows))
        except RowProblem as problem:
            where = [i for i, row in enumerate(rows) if row.fact][problem.index]
            trouble, text = RowProblem(where, problem.what), base
        if act == "add":
            rows.append(Row())
    elif not clash:
        if act == "suggest":
            try:
                parse_rule(text)
            except RuleProblem as problem:
                text = mended(text, problem) or text
        rows, base = _rows_of_text(text), text
    data = sent.copy()
    data["eligible"] = text
    form = DraftForm(data)
    _fill(draft, form, sent)
    draft.eligible = text
    return _judged(Work(draft, form, text, base, rows, trouble=trouble, clash=clash))


def _fill(draft: Draft, form: DraftForm, sent: QueryDict) -> None:
    """Put what is valid of a form into the draft; the rest stays as it was."""
    form.is_valid()
    for name, value in form.cleaned_data.items():
        setattr(draft, name, value)
    reasons = dict(draft.reasons)
    for name, key in sent.items():
        if name.startswith("reason-key-"):
            reasons[str(key)[:2000]] = sent.get("reason-" + name.removeprefix("reason-key-"), "").strip()[:2000]
    draft.reasons = {key: reason for key, reason in reasons.items() if reason}


def _judged(work: Work) -> Work:
    if work.text.strip():
        try:
            work.rule = parse_rule(work.text)
        except RuleProblem as problem:
            work.problem = problem
    if work.draft.amount.strip():
        try:
            work.amount = parse_amount(work.draft.amount)
        except RuleProblem as problem:
            work.amount_problem = problem
    if work.rule is not None:
        work.concerns = review(work.rule, work.draft.benefit_type)
    return work
