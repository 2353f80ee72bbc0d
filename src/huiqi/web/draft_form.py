"""The form of a draft: its texts, and its rule as rows."""

from __future__ import annotations

import functools
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from huiqi.law.articles import articles
from huiqi.opportunities.drafting import (
    Row,
    RowProblem,
    key_of,
    operators,
)
from huiqi.opportunities.models import Draft
from huiqi.opportunities.review import Concern
from huiqi.registry.codes import industry_names, names, region_names
from huiqi.rules import Fact, Words, dictionary

from . import vocabulary
from .filed import GROUPS as FILE_GROUPS
from .sentences import opening, say
from .templatetags.huiqi import BENEFITS, PER

#: More rows than anybody writes, so that a request cannot ask for thousands.
MOST_ROWS = 60
#: The groups of the dictionary as a page heads them: those of a firm's file, and the day.
GROUPS = {"context": gettext_lazy("The day"), **FILE_GROUPS}
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


def _amount_hint() -> SafeString:
    example = format_html("<code>{}</code>", gettext("least(employees * 500, 100000)"))
    return format_html(
        gettext("A number or an expression, such as {example}. Leave it blank if there is none."), example=example
    )


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
        lazy(_amount_hint, SafeString)(),
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


def initial_of(draft: Draft) -> dict[str, Any]:
    found = {name: getattr(draft, name) for name in FIELDS}
    return found | {"articles": ", ".join(map(str, draft.articles))}


# --- rows -------------------------------------------------------------------------------------------------------------


def rows_sent(sent: QueryDict) -> list[Row] | None:
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


def fitting(row: Row) -> Row:
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
def divisions() -> tuple[tuple[str, Words], ...]:
    """Divisions of the industry classification."""
    return tuple((code, words) for code, words in sorted(industry_names().items()) if len(code) == 2)


def fact_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for fact in dictionary():
        found.setdefault(fact.group, []).append((fact.name, opening(say(fact.label))))
    return [(str(GROUPS.get(group, group)), facts) for group, facts in found.items()]


def row_view(index: int, row: Row, concerns: list[Concern], trouble: RowProblem | None) -> dict[str, Any]:
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
