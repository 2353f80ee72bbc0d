"""The 57 articles of the measures: the list, each under its own anchor, and a page for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_cookie

from huiqi.law.articles import IN_FORCE, REVISED, TITLE, article, articles, meanwhile
from huiqi.law.duties.board import figures
from huiqi.law.searching import find_articles
from huiqi.registry.permissions import actor_of
from huiqi.textsearch.excerpt import marked

from ..formats import in_english
from ..found import asked
from ..law_page import Standing, offers, standings
from .finder import today
from .policies import article_text

#: Which articles are listed: all, those about which something can be done here, the others.
SHOWN: dict[str, Callable[[Standing], bool]] = {
    "all": lambda standing: True,
    "some": lambda standing: standing.serves,
    "none": lambda standing: not standing.serves,
}
#: So many policies stand on the page of an article; the rest is a page away.
MOST_POLICIES = 6


@require_GET
@vary_on_cookie
def law_page(request: HttpRequest) -> HttpResponse:
    """All articles on one page, so that a browser's own search finds any word of the law; or those that are sought,
    the best first."""
    every = standings(today())
    sought = asked(request.GET.get("q", ""))
    marks = {hit.article.number: hit.marks for hit in find_articles(sought)} if sought else {}
    found = [every[number - 1] for number in marks] if sought else every
    show = request.GET.get("show", "")
    show = show if show in SHOWN else "all"
    listed = [standing for standing in found if SHOWN[show](standing)]
    return render(
        request,
        "web/law/list.html",
        {
            "section": "law",
            "q": sought,
            "hits": [_entry(standing, marks[standing.article.number]) for standing in listed] if sought else [],
            "chapters": [] if sought else _chapters(listed),
            "tabs": [
                {
                    "words": words,
                    "count": sum(SHOWN[name](standing) for standing in found),
                    "query": urlencode(
                        {**({"q": sought} if sought else {}), **({"show": name} if name != "all" else {})}
                    ),
                    "current": name == show,
                }
                for name, words in _shown_words().items()
            ],
            "total": len(every),
            "with_service": sum(bool(standing.services) for standing in every),
            "with_policy": sum(bool(standing.open) for standing in every),
            "serving": sum(standing.serves for standing in every),
            "in_force": IN_FORCE,
            "english": in_english(),
            "law_name": TITLE,
        },
    )


def _shown_words() -> dict[str, str]:
    return {
        "all": gettext("All articles"),
        "some": gettext("Something can be done"),
        "none": gettext("Nothing can be done yet"),
    }


def _entry(standing: Standing, marks: Iterable[str] = ()) -> dict[str, object]:
    """An article of the list: its paragraphs in pieces, the words that were sought apart."""
    return {"standing": standing, "text": [marked(text, marks) for text in article_text(standing.article)]}


def _chapters(listed: list[Standing]) -> list[dict[str, object]]:
    """The articles by chapter, in the order of the law."""
    return [
        {
            "number": number,
            "title": of_chapter[0].article.chapter_title,
            "articles": [_entry(each) for each in of_chapter],
        }
        for number, group in groupby(listed, key=lambda standing: standing.article.chapter)
        if (of_chapter := list(group))
    ]


@require_GET
@vary_on_cookie
def article_page(request: HttpRequest, number: int) -> HttpResponse:
    """One article: its text in both languages, what can be done under it, the policies that rest on it."""
    try:
        found = article(number)
    except IndexError as problem:
        raise Http404(number) from problem
    (standing,) = standings(today(), [found])
    actor = actor_of(request)
    english = in_english()
    return render(
        request,
        "web/law/article.html",
        {
            "section": "law",
            "article": found,
            "text": article_text(found),
            "other_text": found.paragraphs("zh-hans" if english else "en"),
            "other_language": "zh-CN" if english else "en",
            "english": english,
            "revised": REVISED,
            "in_force": IN_FORCE,
            "standing": standing,
            "for_owners": offers(standing.for_owners, actor),
            "for_officers": offers(standing.for_officers, actor),
            "officer": actor.jurisdiction is not None,
            "may_ask_for_a_firm": actor.person is not None and actor.hat is None,
            "figures": figures(number, today()),
            "sees_duties": actor.jurisdiction is not None,
            "meanwhile": meanwhile(number),
            "policies": standing.open[:MOST_POLICIES],
            "today": today(),
            "chapter": [each for each in articles() if each.chapter == found.chapter],
            "before": article(number - 1) if number > 1 else None,
            "after": article(number + 1) if number < len(articles()) else None,
        },
    )
