"""The officer's desk: drafts of policies, with whom they reach and what they cost while they are being written.

Everything on the editor's page is one form, so that nothing typed is ever lost: each button sends the whole of it, and
only *save* and *publish* keep it. Rows and text are two views of one rule; ``base`` is the text that both last agreed
on, and tells which of the two was changed since.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiqi.law.articles import articles
from huiqi.opportunities import publishing
from huiqi.opportunities.drafting import (
    Row,
    RowProblem,
    content_of,
    differences,
    expression_of,
    key_of,
    mended,
    new_draft,
    operators,
    rows_of,
)
from huiqi.opportunities.library import library, load_library, policy_folder
from huiqi.opportunities.models import Draft, PublishedPolicy
from huiqi.opportunities.publishing import NotPublished, Problem, reason_key
from huiqi.opportunities.reach import NEAR, Reach, Slice, Threshold
from huiqi.opportunities.review import Concern, review
from huiqi.opportunities.search import search
from huiqi.registry.codes import industry_names, names, region_names
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.snapshot import snapshot
from huiqi.registry.vocabulary import OFFICER, SUPERVISOR
from huiqi.rules import Amount, Fact, Rule, RuleProblem, Words, dictionary, parse_amount, parse_rule
from huiqi.rules.sentence import Speaker

from .. import formats, vocabulary
from ..sentences import opening, say
from ..templatetags.huiqi import BENEFITS, PER
from .finder import today

PAGE_SIZE = 20
#: More rows than anybody writes, so that a request cannot ask for thousands.
MOST_ROWS = 60
#: So many policies are offered to copy from.
OFFERED = 8
#: Where each prefecture stands in the schematic map, and its short name.
TILES: dict[str, tuple[str, Words]] = {
    "654200": ("t12", Words("塔城", "Tacheng")),
    "654300": ("t13", Words("阿勒泰", "Altay")),
    "652700": ("t21", Words("博州", "Bortala")),
    "650200": ("t22", Words("克拉玛依", "Karamay")),
    "652300": ("t23", Words("昌吉", "Changji")),
    "654000": ("t31", Words("伊犁", "Ili")),
    "650100": ("t33", Words("乌鲁木齐", "Urumqi")),
    "650400": ("t34", Words("吐鲁番", "Turpan")),
    "650500": ("t35", Words("哈密", "Hami")),
    "653000": ("t41", Words("克州", "Kizilsu")),
    "652900": ("t42", Words("阿克苏", "Aksu")),
    "652800": ("t43", Words("巴州", "Bayingol")),
    "653100": ("t51", Words("喀什", "Kashgar")),
    "653200": ("t52", Words("和田", "Hotan")),
}
GROUPS = {
    "context": gettext_lazy("The day"),
    "identity": gettext_lazy("Identity, place and record"),
    "size_finance": gettext_lazy("Size and finance"),
    "tax": gettext_lazy("Tax"),
    "innovation": gettext_lazy("Innovation"),
    "employment": gettext_lazy("Employment"),
    "financing_market": gettext_lazy("Financing and market"),
}
OPERATOR_WORDS = {
    "yes": gettext_lazy("holds"),
    "no": gettext_lazy("does not hold"),
    "ge": gettext_lazy("is at least"),
    "gt": gettext_lazy("is more than"),
    "le": gettext_lazy("is at most"),
    "lt": gettext_lazy("is less than"),
    "eq": gettext_lazy("is exactly"),
    "ne": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "has": gettext_lazy("includes"),
    "has_not": gettext_lazy("does not include"),
    "starts": gettext_lazy("begins with"),
    "not_starts": gettext_lazy("does not begin with"),
}
DATE_WORDS = {
    "ge": gettext_lazy("is on or after"),
    "gt": gettext_lazy("is after"),
    "le": gettext_lazy("is on or before"),
    "lt": gettext_lazy("is before"),
    "eq": gettext_lazy("is on"),
    "ne": gettext_lazy("is not on"),
}
FIELD_WORDS = {
    "title_zh": gettext_lazy("Title in Chinese"),
    "title_en": gettext_lazy("Title in English"),
    "document_number": gettext_lazy("Document number"),
    "benefit_type": gettext_lazy("Kind of benefit"),
    "benefit_zh": gettext_lazy("What one gets, in Chinese"),
    "benefit_en": gettext_lazy("What one gets, in English"),
    "eligible": gettext_lazy("Who may have it"),
    "benefit_amount": gettext_lazy("How much"),
    "benefit_per": gettext_lazy("Per"),
    "how_to_claim_zh": gettext_lazy("How to get it, in Chinese"),
    "how_to_claim_en": gettext_lazy("How to get it, in English"),
    "articles": gettext_lazy("Articles it rests on"),
    "valid_from": gettext_lazy("First day"),
    "valid_to": gettext_lazy("Last day"),
}
STATES = {
    "open": gettext_lazy("being written"),
    "published": gettext_lazy("published"),
    "withdrawn": gettext_lazy("given up"),
}


# --- who may ----------------------------------------------------------------------------------------------------------


def desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For officers and supervisors of an organ; everybody else is told that another role is needed."""

    @functools.wraps(view)
    def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor.jurisdiction is None or actor.role not in (OFFICER, SUPERVISOR):
            raise PermissionDenied("drafting needs the role of an officer")
        return view(request, actor, *args, **kwargs)

    return never_cache(login_required(allowed))


def _mine(actor: Actor, pk: int) -> Draft:
    return get_object_or_404(Draft.objects.visible_to(actor).select_related("organ", "organ__region"), pk=pk)


def _state(draft: Draft) -> str:
    if draft.published.all():
        return "published"
    return "withdrawn" if draft.withdrawn_at is not None else "open"


# --- the list ---------------------------------------------------------------------------------------------------------


@desk
@require_GET
def drafts_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The drafts of the organ, and the ways to begin a new one."""
    sought = request.GET.get("q", "").strip()[:200]
    state = request.GET.get("state", "")
    mine = (
        Draft.objects.visible_to(actor)
        .prefetch_related("published")
        .annotate(versions=Count("published"))
        .order_by("-updated_at", "-pk")
    )
    if sought:
        mine = mine.filter(
            Q(title_zh__icontains=sought) | Q(title_en__icontains=sought) | Q(policy_id__icontains=sought)
        )
    match state:
        case "published":
            mine = mine.filter(versions__gt=0)
        case "withdrawn":
            mine = mine.filter(versions=0, withdrawn_at__isnull=False)
        case "open":
            mine = mine.filter(versions=0, withdrawn_at__isnull=True)
        case _:
            state = ""
    wanted = request.GET.get("copy", "").strip()[:200]
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in (("q", sought), ("state", state)) if value})
    return render(
        request,
        "web/drafts/list.html",
        {
            "section": "desk",
            "page": page,
            "lines": [{"draft": draft, "state": _state(draft), "word": STATES[_state(draft)]} for draft in page],
            "query": query.urlencode(),
            "sought": sought,
            "state": state,
            "states": STATES.items(),
            "organ": actor.organisation,
            "wanted": wanted,
            "offered": [hit.policy for hit in search(wanted)[:OFFERED]] if wanted else [],
        },
    )


@desk
@require_POST
def begin(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new draft: empty, or with the content of the policy named in ``from``."""
    policy = None
    if request.POST.get("from"):
        policy = library().get(request.POST["from"])
        if policy is None or not policy.shown:
            raise Http404(request.POST["from"])
    return redirect("draft", new_draft(actor, policy).pk)


# --- the form ---------------------------------------------------------------------------------------------------------


def _text(label: Any, length: int, hint: Any = "", rows: int = 0, code: bool = False, **attrs: str) -> forms.CharField:
    attrs = {"class": "form-control code" if code else "form-control", **attrs}
    widget = forms.Textarea(attrs | {"rows": str(rows)}) if rows else forms.TextInput(attrs)
    return forms.CharField(label=label, max_length=length, required=False, widget=widget, help_text=hint, strip=True)


def _day(label: Any, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        help_text=hint,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "form-control", "type": "date"}),
        error_messages={"invalid": gettext_lazy("This is no day. Write it as 2026-11-24.")},
    )


def _choice(label: Any, options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=options, widget=forms.Select(attrs={"class": "form-select"}))


class DraftForm(forms.Form):
    """The texts of a draft. Only what cannot be kept at all is refused here; what is missing is told before publishing."""

    title_zh = _text(gettext_lazy("Title in Chinese"), 200, lang="zh-CN")
    title_en = _text(gettext_lazy("Title in English"), 300, lang="en")
    document_number = _text(gettext_lazy("Document number"), 100, gettext_lazy("If there is one already"))
    benefit_type = _choice(gettext_lazy("Kind of benefit"), list(BENEFITS.items()))
    benefit_zh = _text(gettext_lazy("What one gets, in Chinese"), 2000, rows=2, lang="zh-CN")
    benefit_en = _text(gettext_lazy("What one gets, in English"), 2000, rows=2, lang="en")
    how_to_claim_zh = _text(
        gettext_lazy("How to get it, in Chinese"), 4000, gettext_lazy("One step a line"), rows=3, lang="zh-CN"
    )
    how_to_claim_en = _text(
        gettext_lazy("How to get it, in English"), 4000, gettext_lazy("One step a line"), rows=3, lang="en"
    )
    eligible = _text(gettext_lazy("Expression"), 20_000, rows=4, code=True, spellcheck="false", dir="ltr")
    amount = _text(
        gettext_lazy("Amount in yuan"),
        5000,
        gettext_lazy(
            "A number or an expression, such as least(employees * 500, 100000). Leave it blank if there is none."
        ),
        code=True,
        spellcheck="false",
        dir="ltr",
    )
    amount_per = _choice(gettext_lazy("Per"), list(PER.items()))
    articles = _text(gettext_lazy("Articles it rests on"), 200, gettext_lazy("Numbers from 1 to 57, such as 14, 25"))
    valid_from = _day(gettext_lazy("First day"))
    valid_to = _day(gettext_lazy("Last day"), gettext_lazy("Leave it blank if no end is set"))
    policy_id = _text(
        gettext_lazy("Id in the address"), 60, gettext_lazy("Made from the title if you leave it blank"), code=True
    )

    def clean_articles(self) -> list[int]:
        raw = self.cleaned_data["articles"].replace("，", " ").replace(",", " ").replace("、", " ").split()
        known = {article.number for article in articles()}
        if not all(each.isdecimal() and int(each) in known for each in raw):
            raise forms.ValidationError(gettext("The Measures have the articles 1 to 57. Write their numbers only."))
        return sorted({int(each) for each in raw})

    def clean_policy_id(self) -> str:
        given = str(self.cleaned_data["policy_id"]).lower()
        if given and not all(part.isascii() and part.isalnum() for part in given.split("-")):
            raise forms.ValidationError(gettext("Use small letters, digits and single hyphens only."))
        return given

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("valid_from"), found.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", gettext("The last day lies before the first."))
        return found


FIELDS = tuple(DraftForm.base_fields)


def _initial(draft: Draft) -> dict[str, Any]:
    found = {name: getattr(draft, name) for name in FIELDS}
    return found | {"articles": ", ".join(map(str, draft.articles))}


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows_sent(sent: QueryDict) -> list[Row] | None:
    """The rows of a request; None when the page had none."""
    count = sent.get("rows", "")
    if not count.isdecimal():
        return None
    return [
        Row(
            sent.get(f"row-{i}-fact", ""),
            sent.get(f"row-{i}-op", ""),
            tuple(value for value in sent.getlist(f"row-{i}-value") if value.strip()),
            "or" if sent.get(f"row-{i}-join") == "or" else "and",
        )
        for i in range(min(int(count), MOST_ROWS))
    ]


def _fitting(row: Row) -> Row:
    """A row whose operator and value fit its fact: after another fact is chosen, the old ones go."""
    fact = dictionary().get(row.fact)
    if fact is None:
        return Row(join=row.join)
    if row.op not in operators(fact):
        return Row(fact.name, operators(fact)[0], (), row.join)
    if fact.members is not None:
        return Row(fact.name, row.op, tuple(value for value in row.value if value in fact.codes), row.join)
    return row


@functools.cache
def _places() -> tuple[tuple[str, Words], ...]:
    """Beginnings of region codes with their names: the region, prefectures, counties."""
    found = []
    for code, words in sorted(region_names().items()):
        if code.startswith("65"):
            found.append((code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code, words))
    return tuple(found)


@functools.cache
def _trades() -> tuple[tuple[str, Words], ...]:
    """Divisions of the industry classification."""
    return tuple((code, words) for code, words in sorted(industry_names().items()) if len(code) == 2)


def _fact_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for fact in dictionary():
        found.setdefault(fact.group, []).append((fact.name, opening(say(fact.label))))
    return [(str(GROUPS.get(group, group)), facts) for group, facts in found.items()]


def _row_view(index: int, row: Row, concerns: list[Concern], trouble: RowProblem | None) -> dict[str, Any]:
    """A row as the page shows it: its operators, the widget of its value, what the review says of it."""
    fact = dictionary().get(row.fact)
    key = key_of(row)
    view: dict[str, Any] = {
        "n": index,
        "number": index + 1,
        "row": row,
        "fact": fact,
        "name": opening(say(fact.label)) if fact else "",
        "concerns": [each for each in concerns if key is not None and each.key == key],
        "trouble": say(trouble.what) if trouble is not None and trouble.index == index else "",
    }
    view["blocked"] = any(each.blocks for each in view["concerns"])
    if fact is None:
        return view
    words = DATE_WORDS if fact.type == "date" else OPERATOR_WORDS
    view["operators"] = [(op, str(words[op])) for op in operators(fact)]
    value = row.value[0] if row.value else ""
    if row.op in ("yes", "no"):
        return view
    if fact.members is not None:
        several = row.op in ("in", "not_in")
        view |= {"widget": "checks" if several else "select", "options": _members(fact), "chosen": row.value}
    elif fact.name in ("registration_region", "operating_region") and row.op in ("starts", "not_starts"):
        options = [(code, say(name)) for code, name in _places()]
        known = {code for code, _ in options}
        view |= {"widget": "select", "options": [*options, *([(value, value)] if value and value not in known else [])]}
        view["chosen"] = row.value
    else:
        unit = vocabulary.unit_words(fact) if fact.type in ("integer", "decimal") else None
        view |= {
            "widget": "entry",
            "value": value,
            "unit": say(unit),
            "kind": "date" if fact.type == "date" else "text",
        }
        view["trades"] = fact.name in ("industry_code", "secondary_industry_codes")
        view["figure"] = fact.type in ("integer", "decimal")
        named = names(fact.name, value) if value else None
        view["named"] = say(named) if named else ""
    return view


def _members(fact: Fact) -> list[tuple[str, str]]:
    return [(member.code, say(member.label)) for member in fact.members or ()]


# --- the state of the editor at one moment ----------------------------------------------------------------------------


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


def _parsed(text: str) -> Rule | None:
    try:
        return parse_rule(text)
    except RuleProblem:
        return None


def _rows_of_text(text: str) -> list[Row] | None:
    if not text.strip():
        return []
    rule = _parsed(text)
    return rows_of(rule) if rule is not None else None


def _filled(rows: list[Row]) -> list[Row]:
    """Rows in which something was chosen; an empty one waits and says nothing."""
    return [row for row in rows if row.fact]


def _saved(draft: Draft) -> Work:
    """The editor as it was last kept."""
    work = Work(
        draft, DraftForm(initial=_initial(draft)), draft.eligible, draft.eligible, _rows_of_text(draft.eligible)
    )
    return _judged(work)


def _sent(draft: Draft, sent: QueryDict, act: str) -> Work:
    """The editor as it was sent; ``act`` is the button, or the view that was changed (``rows``, ``text``)."""
    text, base, rows = sent.get("eligible", ""), sent.get("base", ""), _rows_sent(sent)
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
        rows = [_fitting(row) for row in rows][:MOST_ROWS]
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


# --- what the page shows ----------------------------------------------------------------------------------------------


def _page(work: Work, actor: Actor, live: bool = False) -> dict[str, Any]:
    """The context of the editor's page and of its live parts."""
    draft, rows = work.draft, work.rows
    shown = [_row_view(i, row, work.concerns, work.trouble) for i, row in enumerate(rows)] if rows is not None else None
    concerned = [_concern(i, each, draft) for i, each in enumerate(work.concerns)]
    at_rows = {key_of(row) for row in rows or ()}
    for view in shown or ():
        view["concerns"] = [each for each in concerned if each["concern"] in view["concerns"]]
    found = _reach(work, actor) if work.rule is not None and work.trouble is None else None
    waiting = _in_the_way(work)
    speaker = Speaker(dictionary(), names)
    return {
        "section": "desk",
        "draft": draft,
        "state": _state(draft) if draft.pk else "open",
        "form": work.form,
        "work": work,
        "rows": shown,
        "count": len(rows) if rows is not None else None,
        "facts": _fact_groups(),
        "trades": [(code, say(words)) for code, words in _trades()],
        "marked": _marked(work),
        "what": say(work.problem.what) if work.problem else "",
        "at": work.problem.position + 1 if work.problem and work.problem.position is not None else None,
        "better": mended(work.text, work.problem) if work.problem else None,
        "hint": work.problem.suggestion if work.problem else None,
        "reading": say(work.rule.sentence(names)) if work.rule else "",
        "amount_reading": say(speaker.value(work.amount.tree)) if work.amount else "",
        "amount_problem": work.amount_problem.describe(get_language() or "zh-hans") if work.amount_problem else "",
        "loose": [each for each in concerned if each["concern"].key not in at_rows],
        "problems": waiting,
        "told": _told(found) if found else _why_none(work),
        "reach": found,
        "stays": live and found is None and bool(work.text.strip()),
        "organ": actor.organisation,
        "compared": bool(draft.pk and (draft.replaces or draft.version > 1)),
    }


def _concern(index: int, concern: Concern, draft: Draft) -> dict[str, Any]:
    key = reason_key(concern)
    return {
        "n": index,
        "concern": concern,
        "check": concern.check,
        "key": key,
        "reason": draft.reasons.get(key, ""),
        "text": _law(concern.check.article),
        "condition": _condition_words(concern.key),
    }


def _condition_words(key: str) -> str:
    rule = _parsed(key)
    return say(rule.sentence(names)) if rule else key


@functools.cache
def _laws() -> dict[int, tuple[str, str]]:
    return {each.number: ("\n".join(each.paragraphs_zh), "\n".join(each.paragraphs_en)) for each in articles()}


def _law(number: int) -> str:
    found = _laws().get(number)
    return (found[1] if formats.in_english() else found[0]) if found else ""


def _marked(work: Work) -> tuple[str, str, str] | None:
    """The text before, at and after the place of a problem; None when no place is known."""
    if work.problem is None or work.problem.position is None:
        return None
    at = min(work.problem.position, max(0, len(work.text) - 1))
    end = at + 1
    while end < len(work.text) and (work.text[end].isalnum() or work.text[end] == "_") and work.text[at].isalnum():
        end += 1
    return work.text[:at], work.text[at:end], work.text[end:]


def _in_the_way(work: Work) -> list[Problem]:
    if work.clash or work.trouble is not None:
        return [Problem("eligible", Words("条件还没有写完整", "the conditions are not complete yet"))]
    return publishing.problems(work.draft, today())


def _why_none(work: Work) -> str:
    if work.trouble is not None or work.problem is not None:
        return gettext("The figures are those of the last rule that could be read.")
    return gettext("Write who may have it, and you see here whom it reaches.")


def _told(found: dict[str, Any]) -> str:
    """The reach in one sentence, for those who hear the page."""
    reach: Reach = found["reach"]
    text = gettext("%(yes)s qualify, %(no)s do not, of %(unknown)s too little is known.") % {
        "yes": f"{reach.eligible:,}",
        "no": f"{reach.not_eligible:,}",
        "unknown": f"{reach.unknown:,}",
    }
    if found["cost"] is not None:
        text += " " * formats.in_english() + gettext("Cost: %(cost)s.") % {"cost": found["cost_words"]}
    return text


def _reach(work: Work, actor: Actor) -> dict[str, Any]:
    """The panels of the reach: figures, places, sizes, trades, cost, thresholds, what keeps out, overlaps."""
    assert work.rule is not None
    people = publishing.population(actor, snapshot(), today())
    found = people.reach(work.rule, work.amount, ignore=work.draft.replaces or work.draft.policy_id or None)
    yearly = work.draft.amount_per in ("year", "month")
    times = 12 if work.draft.amount_per == "month" else 1
    per = "year" if yearly else work.draft.amount_per
    cost = found.cost * times if found.cost is not None else None
    most = found.most * times if found.most is not None else None
    whole = len(actor.jurisdiction or "") <= 2
    places = [part for part in found.by_place if part.total]
    return {
        "reach": found,
        "seconds": f"{found.seconds:.2f}",
        "tiles": _tiles(found.by_place) if whole else [],
        "places": _bars(places, found.eligible),
        "sizes": _bars(found.by_size, found.eligible),
        "trades": _bars(found.by_trade, found.eligible),
        "cost": cost,
        "most": most,
        "per": per,
        "cost_words": _cost_words(cost, per) if cost is not None else "",
        "thresholds": [_threshold(each) for each in found.thresholds],
        "keeps": found.keeps,
        "overlaps": [(each, round(100 * each.share)) for each in found.overlaps],
    }


def _cost_words(cost: Decimal, per: str) -> str:
    """78.6 万元/年, ¥786,000 a year."""
    words = str(PER.get(per, "")) if per != "once" else ""
    return (" " if formats.in_english() else "/").join(filter(None, (str(formats.money(cost)), words)))


def _tiles(places: tuple[Slice, ...]) -> list[dict[str, Any]]:
    by_code = {part.code: part.eligible for part in places}
    top = max([by_code.get(code, 0) for code in TILES], default=0)
    return [
        {
            "code": code,
            "place": tile,
            "shade": f"s{min(5, 1 + 5 * by_code.get(code, 0) // (top + 1))}" if top else "s1",
            "short": words,
            "name": region_names()[code],
            "count": by_code.get(code, 0),
            "known": code in by_code,
        }
        for code, (tile, words) in TILES.items()
    ]


def _bars(parts: tuple[Slice, ...] | list[Slice], eligible: int) -> list[dict[str, Any]]:
    top = max((part.eligible for part in parts), default=0)
    return [
        {
            "part": part,
            "share": f"{100 * part.eligible / eligible:.1f}%" if eligible else "–",
            "width": f"{100 * part.eligible / top:.1f}%" if top else "0%",
        }
        for part in parts
    ]


def _threshold(each: Threshold) -> dict[str, Any]:
    """A histogram in percent of its box; the bars just short of the threshold stand out."""
    top = max((yes + no for _, _, yes, no in each.bins), default=0) or 1
    low, high = each.bins[0][0], each.bins[-1][1]
    above = each.allowed == "above"
    width = 100 / len(each.bins)
    near = abs(each.gate) * NEAR
    bars = []
    for i, (start, end, yes, no) in enumerate(each.bins):
        middle = (start + end) / 2
        met = middle >= each.gate if above else middle <= each.gate
        close = not met and abs(middle - each.gate) <= near
        height = 100 * (yes + no) / top
        bars.append(
            {
                "x": f"{i * width + 0.4:.2f}%",
                "width": f"{width - 0.8:.2f}%",
                "y": f"{100 - height:.1f}%",
                "height": f"{height:.1f}%",
                "kind": "" if met else "just" if close else "below",
            }
        )
    return {
        "threshold": each,
        "bars": bars,
        "at": f"{100 * (each.gate - low) / (high - low):.1f}%",
        "low": formats.plain(Decimal(str(round(low, 4)))),
        "high": formats.plain(Decimal(str(round(high, 4)))),
    }


# --- the editor -------------------------------------------------------------------------------------------------------


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def draft_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """The editor: shown as kept, or as sent after a button that keeps nothing; save, publish and give up keep."""
    draft = _mine(actor, pk)
    if request.method != "POST":
        return render(request, "web/drafts/editor.html", _page(_saved(draft), actor) | {"seen": _stamp(draft)})
    if _state(draft) != "open":
        messages.warning(request, gettext("This draft is closed. Start a new version to change it."))
        return redirect("draft", pk)
    act = request.POST.get("act", "check")
    if act == "withdraw":
        publishing.withdraw(draft)
        messages.info(request, gettext("The draft is given up. Nothing of it was published."))
        return redirect("drafts")
    stamp = _stamp(draft)
    overtaken = act in ("save", "publish") and request.POST.get("seen", stamp) != stamp
    work = _sent(draft, request.POST, act)
    if act in ("save", "publish") and work.sound and not overtaken:
        draft.save()
        answer = _publish(request, draft, actor) if act == "publish" else _kept(request, draft)
        if answer is not None:
            return answer
        stamp = _stamp(draft)
    failed = not work.form.is_valid() or work.trouble is not None or work.clash or overtaken
    context = _page(work, actor) | {"seen": stamp, "overtaken": overtaken, "failed": failed, "unsaved": True}
    return render(request, "web/drafts/editor.html", context, status=422 if failed else 200)


def _stamp(draft: Draft) -> str:
    return draft.updated_at.isoformat()


def _kept(request: HttpRequest, draft: Draft) -> HttpResponseRedirect:
    messages.info(request, gettext("Saved."))
    return redirect("draft", draft.pk)


def _publish(request: HttpRequest, draft: Draft, actor: Actor) -> HttpResponse | None:
    """Publish and go to the policy; None when something is in the way, which the page then tells."""
    try:
        done = publishing.publish(draft, actor, today())
    except NotPublished:
        return None
    told = ngettext(
        "Published. %(n)s enterprise was told that it begins to apply to it.",
        "Published. %(n)s enterprises were told that it begins to apply to them.",
        done.told,
    ) % {"n": f"{done.told:,}"}
    messages.info(request, told)
    return redirect("policy", done.policy.policy_id)


@desk
@require_POST
def draft_live(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """The live parts of the editor for what is typed at this moment; nothing is kept."""
    draft = _mine(actor, pk)
    source = request.POST.get("source", "")
    act = source if source in ("rows", "text") else "check"
    work = _sent(draft, request.POST, act)
    return render(request, "web/drafts/live.html", _page(work, actor, live=True) | {"seen": _stamp(draft)})


@desk
@require_GET
def compare(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """What a draft changes in the version before it, field by field."""
    draft = _mine(actor, pk)
    before = _before(draft)
    lines = [
        {
            "words": FIELD_WORDS[each.field],
            "before": list(_lines(each.field, each.before)),
            "after": list(_lines(each.field, each.after)),
        }
        for each in (differences(before, draft.content()) if before is not None else ())
    ]
    return render(
        request, "web/drafts/compare.html", {"section": "desk", "draft": draft, "lines": lines, "before": before}
    )


def _before(draft: Draft) -> dict[str, Any] | None:
    """The content of the version that a draft follows; None when it is the first."""
    former = (
        PublishedPolicy.objects.filter(policy_id=draft.policy_id, organ=draft.organ, version__lt=draft.version)
        .order_by("-version")
        .first()
        if draft.policy_id
        else None
    )
    if former is not None:
        return dict(former.content)
    policy = load_library(policy_folder()).get(draft.replaces) if draft.replaces else None
    return content_of(policy) if policy is not None else None


def _lines(name: str, value: Any) -> Iterator[str]:
    """A field's value in words, line by line."""
    if value in (None, "", []):
        yield gettext("not set")
    elif name == "eligible":
        rule = _parsed(value)
        yield opening(say(rule.sentence(names))) if rule else value
    elif name == "benefit_type":
        yield str(BENEFITS.get(value, value))
    elif name == "benefit_per":
        yield str(PER.get(value, value))
    elif name in ("valid_from", "valid_to"):
        yield formats.day(dt.date.fromisoformat(value))
    elif isinstance(value, list):
        yield from (", ".join(map(str, value)),) if name == "articles" else value
    else:
        yield str(value)
