"""The officer's home page: what waits for her, her office's drafts and published policies, imports, what is new.

Each block is there only for those who may act on it, so that a page of a role without tasks says so and no more.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from huiqi.cases.board import counts as case_counts
from huiqi.cases.permissions import handles_cases
from huiqi.documents.models import Notice
from huiqi.law.calendars import gaps
from huiqi.law.duties.board import counts
from huiqi.law.permissions import keeps_calendar
from huiqi.opportunities.drafting import may_draft
from huiqi.opportunities.library import library, read_policy
from huiqi.opportunities.models import Draft, PublishedPolicy
from huiqi.opportunities.publishing import population, problems
from huiqi.opportunities.reach import Population
from huiqi.registry.declaring import decidable, decides_for_organ
from huiqi.registry.hats import decides, waiting_for
from huiqi.registry.models import RosterImport
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.snapshot import snapshot
from huiqi.registry.vocabulary import ROLES

from ..draft_page import state_of
from ..draft_work import parsed
from .certify import WAITS_LONG
from .drafts import STATES
from .finder import today
from .owner import lines_of

#: Gives the enterprises that the actor's office serves. They are looked up when something is reckoned, and not before.
Reckon = Callable[[], Population]
#: So many lines of a list stand here; the rest is a page away.
SHOWN = 5
#: So many policies stand on a page; the reach of each is reckoned when the page is opened.
POLICIES = 10
ROSTERS = "/desk/rosters/"


@dataclass(frozen=True)
class Waiting:
    """A queue that the actor may work off: ``oldest`` is the day since when the first waits, None when none does."""

    icon: str
    address: str
    what: str
    empty: str
    count: int
    oldest: dt.date | None

    @property
    def days(self) -> int:
        return (today() - self.oldest).days if self.oldest else 0

    @property
    def long(self) -> bool:
        return self.days >= WAITS_LONG


@never_cache
@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The desk of an organ. PermissionDenied for whoever does not act for one."""
    actor = actor_of(request)
    if not actor.works_in_organ:
        raise PermissionDenied("the desk of an organ")
    drafting = may_draft(actor)
    people = functools.cache(lambda: population(actor, snapshot(), today()))
    unread = Notice.objects.visible_to(actor).unread()
    imports = RosterImport.objects.visible_to(actor).select_related("by")[:SHOWN]
    page = _published(actor, request.GET.get("page")) if drafting else None
    return render(
        request,
        "web/desk/home.html",
        {
            "section": "desk",
            "organ": actor.organisation,
            "role": ROLES[actor.role or ""],
            "today": today(),
            "drafting": drafting,
            "waiting": list(_waiting(actor)),
            "drafts": _drafts(actor, people) if drafting else [],
            "page": page,
            "policies": _policies(page, people) if page is not None else [],
            "imports": [{"import": each, "address": _there(f"{ROSTERS}{each.pk}/")} for each in imports],
            "rosters": _there(ROSTERS),
            "duties": counts(actor, today()) if actor.jurisdiction is not None else None,
            "cases": case_counts(actor, today()) if handles_cases(actor) else None,
            "gaps": gaps(today()) if keeps_calendar(actor) else [],
            "notices": lines_of(unread[:SHOWN]),
            "unread": unread.count(),
        },
    )


# --- what waits -------------------------------------------------------------------------------------------------------


def _waiting(actor: Actor) -> list[Waiting]:
    queues = []
    if decides_for_organ(actor):
        queues.append(
            Waiting(
                "shield",
                reverse("certify"),
                gettext("Facts to certify"),
                gettext("When a firm of your place declares a fact that your office certifies, it stands here."),
                *_oldest(decidable(actor), "declared_at"),
            )
        )
    if decides(actor):
        queues.append(
            Waiting(
                "lock",
                reverse("requests"),
                gettext("Who asks to act for a firm"),
                gettext("When somebody of your place asks, it stands here."),
                *_oldest(waiting_for(actor), "asked_at"),
            )
        )
    return queues


def _oldest(waiting: QuerySet[Any], since: str) -> tuple[int, dt.date | None]:
    found = waiting.order_by().aggregate(count=Count("pk"), oldest=Min(since))
    return found["count"], timezone.localtime(found["oldest"]).date() if found["oldest"] else None


# --- drafts and policies ----------------------------------------------------------------------------------------------


def _drafts(actor: Actor, people: Reckon) -> list[dict[str, Any]]:
    """The latest drafts: what is still to be done, and whom they reach, now or as reckoned when they were published."""
    drafts = (
        Draft.objects.visible_to(actor)
        .select_related("organ__region", "author")
        .prefetch_related("published")
        .order_by("-updated_at", "-pk")[:SHOWN]
    )
    return [_draft(draft, people) for draft in drafts]


def _draft(draft: Draft, people: Reckon) -> dict[str, Any]:
    state = state_of(draft)
    line: dict[str, Any] = {"draft": draft, "state": state, "word": STATES[state]}
    if state == "published" and (kept := draft.published.all()[0].reached):
        return line | {"reach": kept["eligible"], "reckoned": dt.date.fromisoformat(kept["on"])}
    if state == "open":
        rule = parsed(draft.eligible) if draft.eligible.strip() else None
        return line | {
            "findings": len(problems(draft, today())),
            "reach": people().qualifying([rule])[0] if rule is not None else None,
        }
    return line


def _published(actor: Actor, number: str | None) -> Page[PublishedPolicy]:
    """The policies that the actor's organ has published, each in its latest version, the latest first."""
    own = PublishedPolicy.objects.visible_to(actor).filter(organ=actor.organisation).current()
    return Paginator(own.order_by("-published_at", "-pk"), POLICIES).get_page(number)


def _policies(page: Page[PublishedPolicy], people: Reckon) -> list[dict[str, Any]]:
    """The policies of one page with the number of enterprises that qualify for each today."""
    found = [(version, library().get(version.policy_id) or read_policy(version.content)) for version in page]
    reach = people().qualifying(policy.rule for _, policy in found) if found else []
    return [
        {"version": version, "policy": policy, "reach": reached}
        for (version, policy), reached in zip(found, reach, strict=True)
    ]


def _there(address: str) -> str:
    """The address, if this installation has a page there; else nothing."""
    try:
        resolve(address)
    except Resolver404:
        return ""
    return address
