"""The 57 articles of the measures, each under its own anchor."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_cookie

from huiqi.law.articles import TITLE, articles
from huiqi.opportunities.library import library

from ..formats import in_english
from .finder import today
from .policies import article_text

#: Revised 2022-09-28, in force from this day (article 57).
IN_FORCE = dt.date(2022, 11, 1)


@require_GET
@vary_on_cookie
def law_page(request: HttpRequest) -> HttpResponse:
    """All articles on one page, so that a browser's own search finds any word of the law."""
    every = articles()
    resting = Counter(
        number for policy in library().shown() if policy.phase(today()) == "open" for number in policy.articles
    )
    chapters = [
        {
            "number": number,
            "title": of_chapter[0].chapter_title,
            "articles": [
                {
                    "number": article.number,
                    "title": article.title,
                    "text": article_text(article),
                    "policies": resting[article.number],
                }
                for article in of_chapter
            ],
        }
        for number, group in groupby(every, key=lambda article: article.chapter)
        if (of_chapter := list(group))
    ]
    return render(
        request,
        "web/law.html",
        {
            "section": "law",
            "chapters": chapters,
            "total": len(every),
            "in_force": IN_FORCE,
            "english": in_english(),
            "law_name": TITLE,
        },
    )
