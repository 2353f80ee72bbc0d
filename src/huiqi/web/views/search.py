"""One field for policies, the law and the help pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_cookie

from huiqi.rules.words import Words

from ..found import LONGEST, asked, find
from ..help_pages import help_pages
from .finder import today

#: What an empty field offers to try: concerns that owners have, in their own words.
EXAMPLES = (
    Words("欠钱不给", "late payment"),
    Words("乱收费", "illegal fees"),
    Words("查店", "inspection"),
    Words("贷款", "loan"),
    Words("招大学生", "hire graduates"),
    Words("怎么投诉", "complaint"),
)


@require_GET
@vary_on_cookie
def search_page(request: HttpRequest) -> HttpResponse:
    """What a text finds, in groups. The text stands in the address, so that a search can be sent to somebody."""
    raw = request.GET.get("q", "")
    text = asked(raw)
    return render(
        request,
        "web/search/page.html",
        {
            "section": "search",
            "q": text,
            "longest": LONGEST if len(raw.strip()) > LONGEST else 0,
            "answer": find(text, today()) if text else None,
            "examples": EXAMPLES,
            "pages": list(help_pages().values()),
        },
    )
