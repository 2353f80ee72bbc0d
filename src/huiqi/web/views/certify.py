"""The certifying organ's desk: what firms declared, and the decision on each."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.documents.decisions import certify as do_certify
from huiqi.documents.decisions import correct as do_correct
from huiqi.documents.decisions import refuse as do_refuse
from huiqi.registry.codes import region_names
from huiqi.registry.declaring import decidable, decides_for_organ
from huiqi.registry.models import Declaration, EnterpriseFacts
from huiqi.registry.on_file import PUBLISHED
from huiqi.registry.permissions import Actor, actor_of
from huiqi.rules.dictionary import dictionary

from .. import vocabulary
from ..filed import lines
from ..forms import CorrectForm, ReasonForm, ValidityForm
from ..narrowing import Filter, narrowed
from ..sentences import say
from ..widgets import widget_of
from .finder import today

PAGE_SIZE = 30
#: A declaration that has waited so many days is marked in the list.
WAITS_LONG = 15


def certifying_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who certifies facts for an organ. PermissionDenied for everybody else."""
    actor = actor_of(request)
    if not decides_for_organ(actor):
        raise PermissionDenied("a page for officers of certifying organs")
    return actor


@never_cache
@login_required
@require_GET
def certify(request: HttpRequest) -> HttpResponse:
    """The declarations that wait for this organ, oldest first; filters and search are in the address."""
    actor = certifying_actor(request)
    every = decidable(actor)
    names = sorted(set(every.order_by().values_list("fact", flat=True)), key=lambda name: dictionary()[name].name_zh)
    counties = sorted(code for code in set(every.order_by().values_list("organisation__region", flat=True)) if code)
    narrowing = narrowed(
        request.GET,
        Filter("fact", gettext("Fact"), gettext("All facts"), [(name, vocabulary.label(dictionary()[name])) for name in names]),
        Filter("county", gettext("County"), gettext("All counties"), [(code, say(region_names()[code])) for code in counties if code in region_names()]),
    )  # fmt: skip
    found, chosen = every, narrowing.chosen
    if text := narrowing.q:
        found = found.filter(
            Q(organisation__name_zh__icontains=text)
            | Q(organisation__name_en__icontains=text)
            | Q(organisation__uscc=text.upper())
        )
    if chosen["fact"]:
        found = found.filter(fact=chosen["fact"])
    if chosen["county"]:
        found = found.filter(organisation__region=chosen["county"])
    page = Paginator(found.defer("evidence").select_related("organisation__region"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "web/certify/list.html",
        {
            "section": "desk",
            "organ": actor.organisation,
            "page": page,
            "rows": [_row(each) for each in page],
            "narrowing": narrowing,
        },
    )


def _row(each: Declaration) -> dict[str, object]:
    waited = today() - timezone.localtime(each.declared_at).date()
    return {
        "declaration": each,
        "fact": each.definition,
        "words": vocabulary.value_words(each.definition, each.typed(each.value)),
        "days": waited.days,
        "long": waited.days >= WAITS_LONG,
        "has_file": bool(each.evidence_name),
    }


def _declaration(actor: Actor, declaration_id: int) -> Declaration:
    found: Declaration | None = (
        decidable(actor).filter(pk=declaration_id).defer("evidence").select_related("organisation__region").first()
    )
    if found is None:
        raise Http404(declaration_id)
    return found


def _shown(actor: Actor, declaration: Declaration) -> dict[str, object]:
    """What both pages of a declaration show: the firm's public data, the declared and the present value."""
    row = EnterpriseFacts.objects.visible_to(actor).filter(organisation=declaration.organisation).first()
    filed = {line.fact.name: line for line in lines(row, [], today())}
    return {
        "section": "desk",
        "declaration": declaration,
        "fact": declaration.definition,
        "firm": declaration.organisation,
        "public": [filed[name] for name in PUBLISHED if name in filed and filed[name].words is not None],
        "present": filed.get(declaration.fact),
        "present_is_this": row is not None and row.provenance.get(declaration.fact) == declaration.statement_id,
        "words": vocabulary.value_words(declaration.definition, declaration.typed(declaration.value)),
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declaration(request: HttpRequest, declaration_id: int) -> HttpResponse:
    """One declaration: certify it as declared, or refuse it with a reason."""
    actor = certifying_actor(request)
    found = _declaration(actor, declaration_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    validity = ValidityForm(request.POST if act == "certify" else None)
    reason = ReasonForm(request.POST if act == "refuse" else None)
    try:
        if act == "certify" and validity.is_valid():
            do_certify(actor, declaration_id, today(), validity.cleaned_data["valid_until"])
            messages.success(request, gettext("Certified. The firm is told."))
            return redirect("certify")
        if act == "refuse" and reason.is_valid():
            do_refuse(actor, declaration_id, reason.cleaned_data["reason"])
            messages.success(request, gettext("Refused. The firm is told why and what it can do."))
            return redirect("certify")
    except Declaration.DoesNotExist as problem:
        raise Http404(declaration_id) from problem
    return render(
        request,
        "web/certify/declaration.html",
        {**_shown(actor, found), "validity": validity, "reason": reason},
        status=422 if act else 200,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, declaration_id: int) -> HttpResponse:
    """Certify another value than the declared one, with the reason."""
    actor = certifying_actor(request)
    found = _declaration(actor, declaration_id)
    form = CorrectForm(found.definition, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            do_correct(actor, declaration_id, data["value"], data["reason"], today(), data["valid_until"])
        except Declaration.DoesNotExist as problem:
            raise Http404(declaration_id) from problem
        messages.success(request, gettext("Corrected and certified. The firm is told why."))
        return redirect("certify")
    return render(
        request,
        "web/certify/correct.html",
        {**_shown(actor, found), "form": form, **widget_of(form, found.typed(found.value))},
        status=422 if form.is_bound else 200,
    )
