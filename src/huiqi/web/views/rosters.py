"""The desk's rosters: what was imported, a file to try, what the trial found, and the yes to it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.registry.codes import PLACE_FACTS
from huiqi.registry.models import RosterImport, RosterTrial
from huiqi.registry.models.facts import OF_THE_ORGANISATION
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.problems import Problem, in_order, problems_csv
from huiqi.registry.roster import template, trials
from huiqi.registry.roster.area import Area, may_import
from huiqi.registry.roster.reader import NAME_COLUMNS
from huiqi.rules.dictionary import Fact, dictionary

from .. import formats, vocabulary
from ..filed import GROUPS
from ..forms import RosterForm
from ..limits import within_limit

PAGE_SIZE = 20
PROBLEMS_PAGE_SIZE = 50
#: So many files one person may try within an hour.
MOST_TRIALS, HOUR = 30, 3600

TYPES = {
    "boolean": gettext_lazy("yes or no"),
    "integer": gettext_lazy("whole number"),
    "decimal": gettext_lazy("number"),
    "date": gettext_lazy("date"),
    "text": gettext_lazy("words"),
    "enum": gettext_lazy("one of a list"),
    "set": gettext_lazy("several of a list"),
}
CODES = {
    **dict.fromkeys(PLACE_FACTS, gettext_lazy("six digits of the region, as text")),
    "industry_code": gettext_lazy("four digits of the industry (GB/T 4754), as text"),
    "secondary_industry_codes": gettext_lazy("four digits each, separated by semicolons"),
}
TEMPLATES = {
    "xlsx": (template.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (template.as_csv, "text/csv; charset=utf-8"),
}


def importing_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who imports rosters for an organ. PermissionDenied for everybody else."""
    actor = actor_of(request)
    if not may_import(actor):
        raise PermissionDenied("a page for officers of certifying organs")
    return actor


def _limits() -> dict[str, int]:
    limits = trials.upload_limits()
    return {"megabytes": settings.HUIQI_UPLOAD_LIMIT // 1024 // 1024, "most_rows": limits.rows}


# --- the list, and a file to try --------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rosters(request: HttpRequest) -> HttpResponse:
    """What the organ has imported; a file that is sent is tried, and the answer has an address of its own."""
    actor = importing_actor(request)
    assert actor.person is not None
    form = RosterForm(request.POST, request.FILES) if request.method == "POST" else RosterForm()
    limited = request.method == "POST" and not within_limit("roster", str(actor.person.pk), MOST_TRIALS, HOUR)
    if request.method == "POST" and not limited and form.is_valid():
        sent = form.cleaned_data["file"]
        return redirect("roster_trial", trials.begin(actor, sent, sent.name).pk)
    trials.forget_old()
    made = RosterImport.objects.visible_to(actor).select_related("by")
    open_trial = RosterTrial.objects.visible_to(actor).filter(content__isnull=False).defer("content", "problems")
    return render(
        request,
        "web/rosters/list.html",
        {
            "organ": actor.organisation,
            "page": Paginator(made, PAGE_SIZE).get_page(request.GET.get("page")),
            "form": form,
            "limited": limited,
            "open_trial": open_trial.first(),
            **_limits(),
        },
        status=429 if limited else 422 if form.is_bound else 200,
    )


# --- a trial ----------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import would do and what is wrong; the yes to it, or giving it up."""
    actor = importing_actor(request)
    act = request.POST.get("act", "")
    try:
        if act == "import":
            return _import(request, actor, pk)
        if act == "give_up":
            trials.give_up(actor, pk)
            messages.success(request, gettext("Given up. The file is deleted, nothing was imported."))
            return redirect("rosters")
        found = _trial(actor, pk)
    except RosterTrial.DoesNotExist:
        return render(request, "web/rosters/gone.html", status=404)
    problems = in_order(map(Problem.of_json, found.problems))
    return render(
        request,
        "web/rosters/trial.html",
        {
            "trial": found,
            "page": Paginator(problems, PROBLEMS_PAGE_SIZE).get_page(request.GET.get("page")),
            "total": found.errors + found.warnings,
            "writes": found.new + found.updated,
            "form": RosterForm(),
            **_limits(),
        },
    )


def _trial(actor: Actor, pk: int) -> RosterTrial:
    found: RosterTrial = RosterTrial.objects.visible_to(actor).defer("content").get(pk=pk)
    return found


def _import(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    outcome = trials.confirm(actor, pk)
    if outcome == trials.CHANGED:
        messages.warning(
            request, gettext("The enterprises on file have changed since. Look at the new counts, then confirm again.")
        )
        return redirect("roster_trial", pk)
    if outcome == trials.NOT_IMPORTED:
        messages.warning(request, gettext("Nothing was imported. Here is why."))
        return redirect("roster_trial", pk)
    made = _trial(actor, pk)
    counts = {"new": formats.plain(made.new), "updated": formats.plain(made.updated)}
    if outcome == trials.ALREADY:
        messages.success(request, gettext("This file was imported already; it was not imported twice."))
    else:
        messages.success(request, gettext("Imported: %(new)s new, %(updated)s updated.") % counts)
    return redirect("rosters")


@never_cache
@login_required
@require_GET
def problems_file(request: HttpRequest, pk: int) -> FileResponse:
    """The problems of a trial as a table that a spreadsheet opens and does not run."""
    actor = importing_actor(request)
    try:
        found = _trial(actor, pk)
    except RosterTrial.DoesNotExist as problem:
        raise Http404(pk) from problem
    text = problems_csv(map(Problem.of_json, found.problems), get_language() or settings.LANGUAGE_CODE)
    name = gettext("%(file)s, problems.csv") % {"file": found.file_name.rsplit(".", 1)[0]}
    return FileResponse(
        io.BytesIO(text.encode()), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


# --- how a roster is made ---------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def template_file(request: HttpRequest, kind: str) -> FileResponse:
    """The headings that are used most and one example, as a file to fill in."""
    area = Area.of(importing_actor(request))
    make, content_type = TEMPLATES[kind]
    name = gettext("roster-template") + f".{kind}"
    content = io.BytesIO(make(area, not formats.in_english()))
    return FileResponse(content, as_attachment=True, filename=name, content_type=content_type)


@never_cache
@login_required
@require_GET
def columns(request: HttpRequest) -> HttpResponse:
    """Every column that a roster of this organ may have."""
    area = Area.of(importing_actor(request))
    stored = [fact for fact in dictionary().stored if fact.name not in area.barred | OF_THE_ORGANISATION]
    return render(
        request,
        "web/rosters/columns.html",
        {
            "groups": [(words, list(_columns(stored, group))) for group, words in GROUPS.items()],
            "always": [
                (dictionary()["uscc"].name_zh, "uscc", gettext("18 characters, as on the licence")),
                (NAME_COLUMNS[0], "name", TYPES["text"]),
            ],
            "count": len(stored) + 2,
            "barred": len(area.barred),
        },
    )


def _columns(stored: list[Fact], group: str) -> Iterator[dict[str, object]]:
    for fact in stored:
        if fact.group == group:
            yield {
                "fact": fact,
                "type": CODES.get(fact.name, TYPES[fact.type]),
                "unit": vocabulary.unit_words(fact) if fact.type in ("integer", "decimal") else None,
            }
