"""The officer's desk: drafts of policies, with whom they reach and what they cost while they are being written.

Everything on the editor's page is one form, so that nothing typed is ever lost: each button sends the whole of it, and
only *save* and *publish* keep it. Rows and text are two views of one rule; ``base`` is the text that both last agreed
on, and tells which of the two was changed since.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiqi.opportunities import publishing
from huiqi.opportunities.drafting import (
    content_of,
    differences,
    may_draft,
    new_draft,
    save_draft,
)
from huiqi.opportunities.library import library, load_library, policy_folder
from huiqi.opportunities.models import Draft, PublishedPolicy
from huiqi.opportunities.publishing import NotPublished
from huiqi.opportunities.search import search
from huiqi.registry.codes import names
from huiqi.registry.permissions import Actor, actor_of
from huiqi.rules import RuleProblem, parse_amount

from .. import formats
from ..draft_page import amount_reading, page_of, state_of
from ..draft_work import parsed, saved, sent_work
from ..sentences import opening, say
from ..templatetags.huiqi import BENEFITS, PER
from .finder import today

PAGE_SIZE = 20
#: So many policies are offered to copy from.
OFFERED = 8
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
        if not may_draft(actor):
            raise PermissionDenied("drafting needs the role of an officer")
        return view(request, actor, *args, **kwargs)

    return never_cache(login_required(allowed))


def _mine(actor: Actor, pk: int) -> Draft:
    return get_object_or_404(Draft.objects.visible_to(actor).select_related("organ", "organ__region"), pk=pk)


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
            "lines": [{"draft": draft, "state": state_of(draft), "word": STATES[state_of(draft)]} for draft in page],
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


# --- the editor -------------------------------------------------------------------------------------------------------


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def draft_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """The editor: shown as kept, or as sent after a button that keeps nothing; save, publish and give up keep."""
    draft = _mine(actor, pk)
    if request.method != "POST":
        return render(request, "web/drafts/editor.html", page_of(saved(draft), actor) | {"seen": _stamp(draft)})
    if state_of(draft) != "open":
        messages.warning(request, gettext("This draft is closed. Start a new version to change it."))
        return redirect("draft", pk)
    act = request.POST.get("act", "check")
    if act == "withdraw":
        publishing.withdraw(draft, actor)
        messages.info(request, gettext("The draft is given up. Nothing of it was published."))
        return redirect("drafts")
    stamp = _stamp(draft)
    overtaken = act in ("save", "publish") and request.POST.get("seen", stamp) != stamp
    work = sent_work(draft, request.POST, act)
    if act in ("save", "publish") and work.sound and not overtaken:
        save_draft(draft, actor)
        answer = _publish(request, draft, actor) if act == "publish" else _kept(request, draft)
        if answer is not None:
            return answer
        stamp = _stamp(draft)
    failed = not work.form.is_valid() or work.trouble is not None or work.clash or overtaken
    context = page_of(work, actor) | {"seen": stamp, "overtaken": overtaken, "failed": failed, "unsaved": True}
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
    work = sent_work(draft, request.POST, act)
    return render(request, "web/drafts/live.html", page_of(work, actor, live=True) | {"seen": _stamp(draft)})


@desk
@require_GET
def compare(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """What a draft changes in the version before it, field by field."""
    draft = _mine(actor, pk)
    before = _before(draft, actor)
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


def _before(draft: Draft, actor: Actor) -> dict[str, Any] | None:
    """The content of the version that a draft follows; None when it is the first."""
    former = (
        PublishedPolicy.objects.visible_to(actor)
        .filter(policy_id=draft.policy_id, organ=draft.organ, version__lt=draft.version)
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
        rule = parsed(value)
        yield opening(say(rule.sentence(names))) if rule else value
    elif name == "benefit_amount":
        try:
            yield opening(amount_reading(parse_amount(value)))
        except RuleProblem:
            yield value
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
