"""The policy library: the list with its filters, and the page of one policy."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_cookie

from huiqi.law.articles import Article, articles
from huiqi.opportunities.assess import assess
from huiqi.opportunities.library import Policy, library
from huiqi.opportunities.search import BENEFIT_GROUPS, issuing_bodies, search

from .. import vocabulary
from ..formats import in_english
from ..forms import WHEN, LibraryForm, read_day
from ..narrowing import Filter
from ..sentences import conditions, say
from ..templatetags.huiqi import KINDS, LEVELS
from .finder import answers_of, rests_on_certified, shown_policy, sources_of, today

PAGE_SIZE = 20

#: Where an owner asks about a kind of benefit: the tax hotline for taxes, the government's hotline for all else.
TAX = "tax_"


@require_GET
@vary_on_cookie
def library_page(request: HttpRequest) -> HttpResponse:
    """Search and filters; their state is in the address, so that a list can be sent to somebody."""
    chosen = LibraryForm(request.GET).filters()
    choices = _choices()
    # a filter with a value that nobody offers is dropped, so that a mistyped address shows a list and no error
    chosen = {name: value for name, value in chosen.items() if name == "q" or value in choices[name]}
    found = _find(chosen)
    kind = chosen.get("kind")
    of_kind = [policy for policy in found if kind is None or policy.benefit_type in BENEFIT_GROUPS[kind]]
    return render(
        request,
        "web/policies/list.html",
        {
            "section": "policies",
            "page": Paginator(of_kind, PAGE_SIZE).get_page(request.GET.get("page")),
            "query": urlencode(chosen),
            "chosen": chosen,
            "tabs": _tabs(found, chosen),
            "filters": _filters(choices, chosen),
            "open_filters": bool(chosen.keys() - {"q", "kind"}),
            "chips": [
                {
                    "words": choices[name][value] if name != "q" else value,
                    "without": urlencode({other: kept for other, kept in chosen.items() if other != name}),
                }
                for name, value in chosen.items()
                if name != "kind"
            ],
            "today": today(),
        },
    )


def _choices() -> dict[str, dict[str, str]]:
    """What each filter offers: the value in the address and the words for it."""
    shown = library().shown()
    levels = {policy.level for policy in shown}
    return {
        "kind": {code: str(words) for code, words in KINDS.items()},
        "region": {choice.code: say(choice.words) for group in vocabulary.places() for choice in group.choices},
        "trade": {choice.code: say(choice.words) for group in vocabulary.trades() for choice in group.choices},
        "level": {code: str(words) for code, words in LEVELS.items() if code in levels},
        "body": {body.zh: f"{say(body)} ({count})" for body, count in issuing_bodies()},
        "when": {code: str(words) for code, words in WHEN.items() if code != "open"},
        "article": {str(each.number): gettext("Rests on article %(n)s") % {"n": each.number} for each in articles()},
    }


def _filters(choices: dict[str, dict[str, str]], chosen: dict[str, str]) -> list[Filter]:
    """The selects of the filter bar, in the order in which owners think of them."""
    labels = {
        "region": (gettext("Where"), gettext("All of Xinjiang")),
        "trade": (gettext("Doing what"), gettext("Any trade")),
        "when": (gettext("Time"), str(WHEN["open"])),
        "level": (gettext("Level"), gettext("All levels")),
        "body": (gettext("Issued by"), gettext("Any office")),
    }
    groups = {"region": vocabulary.places(), "trade": vocabulary.trades()}
    return [
        Filter(name, label, every, tuple(choices[name].items()), chosen.get(name, ""), groups.get(name, ()))
        for name, (label, every) in labels.items()
    ]


def _find(chosen: dict[str, str]) -> list[Policy]:
    """The policies that match all filters but the kind, best first, as the search ranks them."""
    on = today()
    when = chosen.get("when", "open")
    hits = search(
        chosen.get("q", ""),
        body=chosen.get("body"),
        region=chosen.get("region"),
        industry=chosen.get("trade"),
        open_on=None if when == "all" else on,
        deadline_before=on + dt.timedelta(days=int(when)) if when.isdigit() else None,
    )
    level, article = chosen.get("level"), chosen.get("article")
    return [
        hit.policy
        for hit in hits
        if (level is None or hit.policy.level == level) and (article is None or int(article) in hit.policy.articles)
    ]


def _tabs(found: list[Policy], chosen: dict[str, str]) -> list[dict[str, Any]]:
    """The kinds of benefit with the number of policies that each would show."""
    rest = {name: value for name, value in chosen.items() if name != "kind"}
    tabs = [{"words": gettext("All"), "count": len(found), "query": urlencode(rest), "current": "kind" not in chosen}]
    for code, words in KINDS.items():
        count = sum(policy.benefit_type in BENEFIT_GROUPS[code] for policy in found)
        if count or chosen.get("kind") == code:
            query = urlencode({**rest, "kind": code})
            tabs.append({"words": str(words), "count": count, "query": query, "current": chosen.get("kind") == code})
    return tabs


def article_text(article: Article) -> tuple[str, ...]:
    return article.paragraphs_en if in_english() else article.paragraphs_zh


@require_GET
@vary_on_cookie
def policy_page(request: HttpRequest, policy_id: str) -> HttpResponse:
    """One policy: the verdict first if answers are known, then what, who, how, until when, on which basis."""
    policy = shown_policy(policy_id)
    raw_day = request.GET.get("on", "").strip()
    chosen_day = read_day(raw_day) if raw_day else None
    on = chosen_day or today()
    said = answers_of(request)
    facts = said.facts()
    assessment = assess(policy, facts, on) if facts else None
    history = [old for old in library().history(policy_id) if old.shown]
    texts = {article.number: article for article in articles()}
    return render(
        request,
        "web/policies/policy.html",
        {
            "section": "policies",
            "policy": policy,
            "phase": policy.phase(on),
            "assessment": assessment,
            "certified": assessment is not None and rests_on_certified([assessment], sources_of(said)),
            "today": on,
            "on": on,
            "as_of": chosen_day is not None,
            "bad_day": raw_day[:20] if raw_day and chosen_day is None else "",
            "here": request.get_full_path(),
            "conditions": [leaf.text for leaf in conditions(assess(policy, {}, on))],
            "exclusive": [other for other in map(library().get, policy.exclusive_with) if other and other.shown],
            "articles": [
                {"number": number, "title": texts[number].title, "text": article_text(texts[number])}
                for number in policy.articles
                if number in texts
            ],
            "history": history,
            "replaced_by": _successor(policy, on),
            "confidence": confidence(policy),
            "ask_at": gettext("12366, tax service")
            if policy.benefit_type.startswith(TAX)
            else gettext("12345, enterprise desk"),
        },
    )


def _successor(policy: Policy, on: dt.date) -> Policy | None:
    """The version in force of a policy that has ended, over as many steps as it takes."""
    other = library().successor(policy.id) if policy.phase(on) == "expired" else None
    while other is not None and not (other.shown and other.phase(on) == "open"):
        other = library().successor(other.id)
    return other


def confidence(policy: Policy) -> str:
    """How sure the library is of its text, in words; it decides nothing."""
    return {
        "verified": gettext("Checked against the published text."),
        "well_known": gettext("Widely published; not yet checked against the original by us. Confirm with the office."),
    }.get(policy.confidence, gettext("Not confirmed. Ask the office before you rely on it."))
