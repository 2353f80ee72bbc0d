"""Sharing results: a link that carries answers a stranger may see, and the page that such a link opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.opportunities import finder
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.words import Words

from .. import vocabulary
from ..answers import SIZE_CLASSES
from ..sharing import arrived, may_travel, query_of, to_share
from .finder import answers_of, today

#: The groups that a shared page lists: what does not apply is nobody's news.
GROUPS = ("yes", "offer", "near", "ask")


def _in_words(facts: Mapping[str, Any]) -> list[tuple[Fact, Words]]:
    words = dictionary()
    return [(words[name], vocabulary.value_words(words[name], value)) for name, value in facts.items()]


@never_cache
@require_GET
def share(request: HttpRequest) -> HttpResponse:
    """The link to one's results, and in words what it holds and what it leaves out."""
    said = answers_of(request)
    known = said.facts()
    without = set(request.GET.getlist("without"))
    whole = to_share(known, today())
    shared = {name: value for name, value in whole.items() if name not in without}
    dropped = [name for name in whole if name in without]
    here = reverse("share")
    return render(
        request,
        "web/finder/share.html",
        {
            "section": "find",
            "link": request.build_absolute_uri(f"{reverse('shared')}?{query_of(shared)}") if shared else "",
            "shared": [
                (fact, words, f"{here}?{urlencode({'without': [*dropped, fact.name]}, doseq=True)}")
                for fact, words in _in_words(shared)
            ],
            "dropped": [dictionary()[name] for name in dropped],
            "held_back": [
                dictionary()[name] for name in known if name not in SIZE_CLASSES and not may_travel(dictionary()[name])
            ],
            "whole_file": said.own,
            "any": bool(known),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest) -> HttpResponse:
    """What a link says and what follows from it. The reader's own answers change only when she asks for it."""
    came = arrived(request.META.get("QUERY_STRING", ""))
    said = answers_of(request)
    if request.method == "POST" and came.facts:
        said.start(came.facts)
        return redirect("results")
    found = finder.assess_all(came.facts, today()) if came.facts else None
    response = render(
        request,
        "web/finder/shared.html",
        {
            "section": "find",
            "came": came,
            "stated": _in_words(came.facts),
            "groups": [(standing, found.groups[standing]) for standing in GROUPS] if found else [],
            "own": len(said.facts()),
            "whole_file": said.own,
            "today": today(),
        },
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
