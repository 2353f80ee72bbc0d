"""The facts of one's own firm: see them with their sources, declare and change them with evidence, withdraw."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiqi.registry.declaring import (
    CLAIM,
    certifiable,
    declarable,
    declare,
    with_evidence_for,
    withdraw,
)
from huiqi.registry.models import Declaration, EnterpriseFacts
from huiqi.registry.models.declarations import REFUSED, WAITING
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.vocabulary import DECLARE_FACTS
from huiqi.rules.dictionary import Fact, dictionary

from .. import vocabulary
from ..filed import GROUPS, Line, lines
from ..forms import DeclareForm
from ..narrowing import searched
from ..sentences import say
from ..widgets import widget_of
from . import attached, own_address
from .finder import today

#: What of the file is shown: everything, or what stands in one of these ways.
SHOWN = ("all", "known", "unknown", "certified", "waiting", "refused", "conflict")


def firm_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who acts for an enterprise. PermissionDenied for everybody else."""
    actor = actor_of(request)
    if actor.own_enterprise is None:
        raise PermissionDenied("a page for who acts for a firm")
    return actor


def own_row(actor: Actor) -> EnterpriseFacts | None:
    """The file of the firm for which the actor acts, with its organisation."""
    found: EnterpriseFacts | None = (
        EnterpriseFacts.objects.visible_to(actor)
        .filter(organisation=actor.own_enterprise)
        .select_related("organisation")
        .first()
    )
    return found


@never_cache
@login_required
@require_GET
def facts(request: HttpRequest) -> HttpResponse:
    """All facts of the firm by group; search and filters are in the address."""
    actor = firm_actor(request)
    # the files themselves are not read for a list
    declarations = Declaration.objects.visible_to(actor).defer("evidence").select_related("decided_for")
    every = lines(own_row(actor), declarations, today())
    text = searched(request.GET)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "all"
    chosen = [line for line in every if _stands(line, shown) and _matches(line, text)]
    groups = [(group, words, [line for line in chosen if line.fact.group == group]) for group, words in GROUPS.items()]
    return render(
        request,
        "web/facts/list.html",
        {
            "firm": actor.organisation,
            "groups": [each for each in groups if each[2]],
            "q": text,
            "shown": shown,
            "tabs": [
                (
                    name,
                    _shown_word(name),
                    sum(_stands(line, name) for line in every),
                    urlencode({"q": text, "show": name}),
                )
                for name in SHOWN
            ],
            "may_declare": actor.may(DECLARE_FACTS),
        },
    )


def _shown_word(name: str) -> str:
    return {
        "all": gettext("All facts"),
        "known": gettext("Known"),
        "unknown": gettext("Not known"),
        "certified": gettext("Certified"),
        "waiting": gettext("Waiting"),
        "refused": gettext("Not certified"),
        "conflict": gettext("In conflict"),
    }[name]


def _stands(line: Line, shown: str) -> bool:
    known = line.words is not None and not line.ended
    state = line.declaration.state if line.declaration is not None else ""
    return {
        "all": True,
        "known": known,
        "unknown": not known,
        "certified": known and line.source == "certified",
        "waiting": state == WAITING and line.certifiable,
        "refused": state == REFUSED,
        "conflict": line.claim is not None,
    }[shown]


def _matches(line: Line, text: str) -> bool:
    words = f"{line.fact.name_zh} {line.fact.label_en} {vocabulary.label(line.fact)}".lower()
    return all(part in words for part in text.lower().split())


def _fact(name: str) -> Fact:
    fact = dictionary().get(name)
    if fact is None or fact.name != name or not declarable(fact):
        raise Http404(name)
    return fact


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def fact(request: HttpRequest, name: str) -> HttpResponse:
    """One fact: what is on file and why, and a form to declare it or to declare another value."""
    actor = firm_actor(request)
    asked = _fact(name)
    onward = own_address(request, request.POST.get("next") or request.GET.get("next"), "")
    form = DeclareForm(asked, *((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        done = declare(
            actor,
            name,
            form.cleaned_data["value"],
            today(),
            evidence_text=form.cleaned_data["note"],
            evidence=form.cleaned_data["file"],
        )
        messages.success(request, _said(asked, done.outcome))
        return redirect(onward) if onward else redirect("fact", name)
    row = own_row(actor)
    declarations = list(
        Declaration.objects.visible_to(actor).filter(fact=name).defer("evidence").select_related("decided_for")
    )
    line = next(line for line in lines(row, declarations, today()) if line.fact.name == name)
    known = row.values().get(name) if row is not None else None
    return render(
        request,
        "web/facts/fact.html",
        {
            "fact": asked,
            "form": form,
            "line": line,
            "next": onward,
            "may_declare": actor.may(DECLARE_FACTS),
            "earlier": [in_words(each) for each in reversed(declarations)],
            **widget_of(form, known),
        },
        status=422 if form.is_bound else 200,
    )


def _said(asked: Fact, outcome: str) -> str:
    """What has become of the value, and what follows."""
    if outcome == CLAIM:
        return gettext("Kept beside the certified value. The office decides; until then the certified value counts.")
    if certifiable(asked):
        return gettext("Declared. It counts at once, and the office that certifies it will look at it.")
    return gettext("Declared. It counts at once; no office certifies this fact.")


def in_words(each: Declaration) -> dict[str, object]:
    """An earlier declaration in words."""
    return {
        "declaration": each,
        "words": vocabulary.value_words(each.definition, each.typed(each.value)),
        "certified": vocabulary.value_words(each.definition, each.typed(each.certified_value))
        if each.certified_value is not None
        else None,
        "certifiable": certifiable(each.definition),
    }


@never_cache
@login_required
@require_POST
def withdraw_declaration(request: HttpRequest, declaration_id: int) -> HttpResponse:
    """Take a declaration back that still waits."""
    actor = firm_actor(request)
    try:
        taken_back = withdraw(actor, declaration_id)
    except Declaration.DoesNotExist as problem:
        raise Http404(declaration_id) from problem
    row = own_row(actor)
    value = row.values().get(taken_back.fact) if row is not None else None
    text = (
        gettext("Withdrawn: %(fact)s. It is no longer known.")
        if value is None
        else gettext("Withdrawn: %(fact)s. Without it the file says %(value)s.")
    )
    words = {
        "fact": say(taken_back.definition.label),
        "value": say(vocabulary.value_words(taken_back.definition, value)) if value is not None else "",
    }
    messages.info(request, text % words)
    return redirect("fact", taken_back.fact)


@never_cache
@login_required
@require_GET
def evidence(request: HttpRequest, declaration_id: int) -> HttpResponse:
    """The file of a declaration, for the firm and the certifying organ only, and never shown inside a page."""
    found = with_evidence_for(actor_of(request)).filter(pk=declaration_id, evidence__isnull=False).first()
    if found is None or found.evidence is None:
        raise Http404(declaration_id)
    return attached(found.evidence, found.evidence_type, found.evidence_name)
