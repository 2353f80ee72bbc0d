"""The help pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_cookie

from ..help_pages import help_groups, help_pages


@require_GET
@vary_on_cookie
def help_list(request: HttpRequest) -> HttpResponse:
    """All help pages by group."""
    groups = [
        (words, [page for page in help_pages().values() if page.group == name]) for name, words in help_groups().items()
    ]
    return render(request, "web/help/list.html", {"section": "help", "groups": groups})


@require_GET
@vary_on_cookie
def help_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One help page, with the others of its group beside it."""
    page = help_pages().get(slug)
    if page is None:
        raise Http404(slug)
    return render(
        request,
        "web/help/page.html",
        {
            "section": "help",
            "page": page,
            "group": help_groups()[page.group],
            "beside": [other for other in help_pages().values() if other.group == page.group],
        },
    )
