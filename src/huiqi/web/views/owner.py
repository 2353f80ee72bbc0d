"""The owner's home page and the inbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huiqi.documents.inbox import Told, mark_all_read, mark_read, told
from huiqi.documents.models import Notice
from huiqi.opportunities import finder
from huiqi.opportunities.assess import Assessment
from huiqi.opportunities.completeness import completeness
from huiqi.opportunities.library import library
from huiqi.opportunities.models import Profile
from huiqi.opportunities.notices import facts_of
from huiqi.opportunities.saved import save_profile
from huiqi.registry.hats import waiting_for
from huiqi.registry.models import Declaration
from huiqi.registry.on_file import own_file
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.vocabulary import ADMINISTRATORS
from huiqi.rules.words import Words

from ..filed import GROUPS
from .cases import own_cases, rows_of
from .facts import in_words
from .finder import answers_of, rests_on_certified, today

#: So many lines of each list stand on the home page; the rest is a page away.
SHOWN = 5
PAGE_SIZE = 20


def home_address(actor: Actor) -> str:
    """Where a person begins in the role that she has: her own pages as administrator, her office's desk, her own home
    page, or the finder."""
    if actor.role in ADMINISTRATORS:
        return reverse("admin")
    if actor.works_in_organ:
        return reverse("desk")
    at_home = actor.own_enterprise is not None or (actor.hat is None and Profile.objects.visible_to(actor).exists())
    return reverse("owner_home") if at_home else reverse("home")


@never_cache
@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is new, what is due, what it comes to, how complete the facts are, what was declared."""
    actor = actor_of(request)
    if actor.hat is not None and actor.own_enterprise is None:
        return redirect(home_address(actor))
    known, sources = _known(actor)
    on = today()
    found = finder.assess_all(known, on)
    parts = completeness(known, on)
    best = finder.questions(known, on) if known else []
    unread = Notice.objects.visible_to(actor).unread()
    declarations = Declaration.objects.visible_to(actor).defer("evidence").order_by("-declared_at", "-pk")
    waiting = waiting_for(actor).count()
    saved = Profile.objects.visible_to(actor).first()
    needed = sum(len(part.needed) for part in parts)
    return render(
        request,
        "web/owner/home.html",
        {
            "firm": actor.organisation,
            "person": actor.person,
            "any": bool(known.keys() - {"uscc"}),
            "notices": lines_of(unread[:SHOWN]),
            "unread": unread.count(),
            "due": _due([*found.groups["yes"], *found.groups["offer"]], on)[:SHOWN],
            "found": found,
            "certified": rests_on_certified(found.counted, sources),
            "sources": sources,
            "today": on,
            "parts": [(GROUPS[part.group], part) for part in parts],
            "share": f"{100 * sum(part.known for part in parts) // needed if needed else 100}%",
            "best": best[0][0] if best else None,
            "declarations": [in_words(each) for each in declarations[:SHOWN]],
            "requests": waiting,
            "cases": rows_of(actor, list(own_cases(actor)[:SHOWN])),
            "unsaved": saved is not None
            and actor.hat is None
            and (given := answers_of(request).to_save()) != saved.answers
            and bool(given),
        },
    )


def _known(actor: Actor) -> tuple[dict[str, Any], dict[str, str]]:
    """(facts, sources) of the firm for which the actor acts, else of her saved answers."""
    if actor.own_enterprise is not None:
        filed = own_file(actor)
        return (filed.facts, filed.sources) if filed is not None else ({}, {})
    saved = Profile.objects.visible_to(actor).first()
    facts = facts_of(saved.answers) if saved is not None else {}
    return facts, dict.fromkeys(facts, "answered")


def _due(eligible: list[Assessment], on: dt.date) -> list[Assessment]:
    """What one may have and what ends, the nearest end first."""
    ending = [each for each in eligible if each.policy.valid_to is not None]
    return sorted(ending, key=lambda each: (each.policy.valid_to or on, each.policy.id))


@never_cache
@login_required
@require_POST
def save_answers(request: HttpRequest) -> HttpResponse:
    """Keep the answers of this visit in place of those that were saved before."""
    actor = actor_of(request)
    given = answers_of(request).to_save()
    if given and actor.hat is None:
        save_profile(actor, given)
        messages.success(request, gettext("Your answers are kept."))
    return redirect("owner_home")


# --- inbox ------------------------------------------------------------------------------------------------------------


def _title(policy_id: str) -> Words | None:
    policy = library().get(policy_id)
    return policy.title if policy is not None and policy.shown else None


def lines_of(notices: Iterable[Notice]) -> list[dict[str, object]]:
    """Notices with their words, as ``web/owner/notice.html`` shows them."""
    return [{"told": told(notice, _title), "notice": notice} for notice in notices]


def _address(line: Told) -> str:
    name, *rest = line.page
    return reverse(name, args=rest)


@never_cache
@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """All notices, newest first, or the unread ones only."""
    mine = Notice.objects.visible_to(actor_of(request))
    only = request.GET.get("show") == "unread"
    page = Paginator(mine.unread() if only else mine, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/owner/inbox.html",
        {
            "page": page,
            "lines": lines_of(page),
            "only_unread": only,
            "unread": mine.unread().count(),
            "all": mine.count(),
            "query": "show=unread" if only else "",
        },
    )


@never_cache
@login_required
@require_POST
def read_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one notice as read, and open what it is about when that is asked for."""
    notice = mark_read(actor_of(request), notice_id)
    if notice is None:
        raise Http404(notice_id)
    return redirect(_address(told(notice, _title)) if request.POST.get("open") else "inbox")


@never_cache
@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read."""
    mark_all_read(actor_of(request))
    return redirect("inbox")
