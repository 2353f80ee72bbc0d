"""The duties: boards for whoever owes something and for whoever stands above, one duty told to the end, a dry run."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.journal import note
from huiqi.journal.models import Event
from huiqi.law.articles import article
from huiqi.law.clock import CalendarMissing, Reckoning, day_lines, deadlines, notes, sentence
from huiqi.law.duties import board
from huiqi.law.duties.closing import fulfil, may_fulfil, may_waive, record, recordable, waive
from huiqi.law.duties.dating import reckoned
from huiqi.law.duties.definitions import PERIODS, duties
from huiqi.law.duties.places import Organs
from huiqi.law.duties.running import plan
from huiqi.law.duties.wording import reason_words
from huiqi.law.models import EscalationStep, Obligation
from huiqi.law.models.obligations import STATES
from huiqi.law.permissions import sees_board, sees_plan
from huiqi.registry.codes import region_names
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.problems import inert

from ..exports import Echo
from ..forms import OccasionForm, ProofForm, ReasonForm
from ..narrowing import searched
from ..sentences import opening, say
from . import attached
from .clock import months_of
from .finder import today
from .journal import lines_of

PAGE_SIZE = 30
#: So many lines of each kind stand on the page of the dry run.
MOST_PLANNED = 100
TAB_WORDS = {
    board.MINE: gettext_lazy("Ours"),
    board.CLIMBED: gettext_lazy("Climbed to us"),
    board.AREA: gettext_lazy("Below us"),
    board.LATE: gettext_lazy("Overdue"),
    board.UNOWNED: gettext_lazy("Without an owner"),
    board.DONE: gettext_lazy("Closed"),
}
SORT_WORDS = {
    "due": gettext_lazy("By last day"),
    "organ": gettext_lazy("By office"),
    "opened": gettext_lazy("Newest first"),
}


def duty_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who acts for an organisation that may owe something. PermissionDenied for others."""
    actor = actor_of(request)
    if not sees_board(actor):
        raise PermissionDenied("for those who act for an organisation")
    return actor


# --- the board --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One obligation as a line of the board."""

    obligation: Obligation
    on: dt.date

    @property
    def title(self) -> Any:
        return self.obligation.definition.title

    @property
    def days(self) -> int | None:
        """Days to the last day, negative when it is over; None where there is none, or nothing is owed any more."""
        owed = self.obligation
        return (owed.due - self.on).days if owed.state == "open" and owed.due is not None else None

    @property
    def late(self) -> bool:
        return self.days is not None and self.days < 0

    @property
    def soon(self) -> bool:
        return self.days is not None and 0 <= self.days <= board.SOON.days

    @property
    def late_days(self) -> int:
        return -(self.days or 0)

    @property
    def state(self) -> Any:
        return STATES[self.obligation.state]

    @cached_property
    def promise(self) -> bool:
        """Whether the day is promised by the service and set by no law."""
        versions = deadlines().get(self.obligation.rule)
        return versions is not None and versions[-1].kind == "promise"


def _choice(request: HttpRequest, actor: Actor) -> board.Choice:
    """What the address asks for; what makes no sense narrows nothing."""
    asked = request.GET
    tabs = board.tabs_of(actor)
    number = asked.get("article", "")
    return board.Choice(
        tab=asked.get("tab", "") if asked.get("tab") in tabs else tabs[0],
        duty=asked.get("duty", "") if asked.get("duty") in duties() else "",
        article=int(number) if number.isascii() and number.isdigit() and 1 <= int(number[:3]) <= 57 else None,
        place=asked.get("place", "") if _is_place(asked.get("place", "")) else "",
        q=searched(asked),
        sort=asked.get("sort", "") if asked.get("sort") in board.SORTS else "due",
    )


def _is_place(code: str) -> bool:
    return code.isascii() and code.isdigit() and 2 <= len(code) <= 6


def _query(choice: board.Choice, **changed: Any) -> str:
    said = {
        "tab": choice.tab,
        "duty": choice.duty,
        "article": choice.article or "",
        "place": choice.place,
        "q": choice.q,
        "sort": choice.sort if choice.sort != "due" else "",
    }
    return urlencode({name: value for name, value in (said | changed).items() if value})


@never_cache
@login_required
@require_GET
def board_page(request: HttpRequest) -> HttpResponse:
    """What one's organisation owes and what those below it owe, by tabs, narrowed down, in order, in pages."""
    actor = duty_actor(request)
    choice, on = _choice(request, actor), today()
    numbers = board.counts(actor, on)
    found = board.listed(actor, choice, on).select_related("organ", "region", "holder").defer("evidence")
    paginator = Paginator(found, PAGE_SIZE)
    if not choice.narrowed and choice.tab in numbers:
        paginator.count = numbers[choice.tab]  # counted already
    page = paginator.get_page(request.GET.get("page"))
    places = _places(actor)
    return render(
        request,
        "web/duties/board.html",
        {
            "section": "desk",
            "organ": actor.organisation,
            "today": on,
            "tabs": [
                (tab, TAB_WORDS[tab], numbers.get(tab), tab == choice.tab, _query(choice, tab=tab))
                for tab in board.tabs_of(actor)
            ],
            "numbers": numbers,
            "choice": choice,
            "page": page,
            "rows": [Row(obligation, on) for obligation in page],
            "query": _query(choice),
            "everything": _query(board.Choice(choice.tab)),
            "duties": sorted(
                ((duty.id, opening(say(duty.title))) for duty in duties().values()), key=lambda each: each[1]
            ),
            "places": places,
            "sorts": [
                (name, words, name == choice.sort, _query(choice, sort=name)) for name, words in SORT_WORDS.items()
            ],
            "sees_plan": sees_plan(actor),
            "records": bool(recordable(actor)),
            "firm": not actor.works_in_organ,
        },
    )


def _places(actor: Actor) -> list[tuple[str, str]]:
    """The places that the actor may narrow the board down to: those one level below her own."""
    organ = actor.organisation
    if organ is None or organ.region is None or not actor.works_in_organ or organ.region.level == "county":
        return []
    below = organ.region.inferiors.order_by("code")
    names = region_names()
    return [(region.prefix, say(names[region.code])) for region in below if region.code in names]


@never_cache
@login_required
@require_GET
def board_file(request: HttpRequest) -> StreamingHttpResponse:
    """The list of the board as CSV, narrowed down as on the page. That it was taken is on record."""
    actor = duty_actor(request)
    choice, on = _choice(request, actor), today()
    found = board.listed(actor, choice, on).select_related("organ", "region", "holder").defer("evidence")
    note(actor.who, "duty.list_taken", details={"tab": choice.tab, "query": _query(choice)})
    writer = csv.writer(Echo())
    response = StreamingHttpResponse(
        (writer.writerow([inert(str(cell)) for cell in line]) for line in _lines(found.iterator(chunk_size=500), on)),
        content_type="text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="duties-{on}.csv"'
    return response


def _lines(found: Iterable[Obligation], on: dt.date) -> Iterator[list[Any]]:
    yield [
        "\ufeff" + gettext("Number"),
        gettext("Duty"),
        gettext("Articles"),
        gettext("Office"),
        gettext("Place"),
        gettext("Occasion"),
        gettext("Begins"),
        gettext("Last day"),
        gettext("Days left"),
        gettext("Set by"),
        gettext("State"),
        gettext("Warned"),
        gettext("Climbed"),
        gettext("Now with"),
        gettext("Closed on"),
    ]
    for obligation in found:
        row = Row(obligation, on)
        yield [
            obligation.pk,
            say(row.title),
            " ".join(map(str, obligation.definition.articles)),
            say(obligation.organ.name) if obligation.organ is not None else gettext("no office"),
            say(obligation.region.name),
            obligation.occasion,
            obligation.starts_on,
            obligation.due or "",
            row.days if row.days is not None else "",
            gettext("promise") if row.promise else gettext("law"),
            say(row.state),
            timezone.localtime(obligation.warned_at).date() if obligation.warned_at else "",
            obligation.level,
            say(obligation.holder.name) if obligation.holder is not None else "",
            obligation.closed_on or "",
        ]


# --- one duty ---------------------------------------------------------------------------------------------------------


def _obligation(actor: Actor, pk: int) -> Obligation:
    found: Obligation | None = (
        Obligation.objects.visible_to(actor)
        .select_related("organ__region", "region", "holder", "closed_for")
        .defer("evidence")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404(pk)
    return found


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """One obligation: who owes what to whom, its last day told day by day, each step up with its reason; and closing it."""
    actor = duty_actor(request)
    found = _obligation(actor, pk)
    organs = Organs(today())
    act = request.POST.get("act", "") if request.method == "POST" else ""
    proof = ProofForm(request.POST, request.FILES, prefix="proof") if act == "fulfil" else ProofForm(prefix="proof")
    waiver = ReasonForm(request.POST if act == "waive" else None, prefix="waiver")
    is_open = found.state == "open"
    may = {"fulfil": is_open and may_fulfil(actor, found), "waive": is_open and may_waive(actor, found, organs)}
    if act and not may.get(act):
        raise PermissionDenied("not to be closed by this role")
    try:
        if act == "fulfil" and proof.is_valid():
            fulfil(actor, pk, proof.cleaned_data["note"], proof.cleaned_data["file"])
            messages.success(request, gettext("Kept. This duty is done; it neither warns nor climbs any more."))
            return redirect("duty", pk)
        if act == "waive" and waiver.is_valid():
            waive(actor, pk, waiver.cleaned_data["reason"])
            messages.success(request, gettext("Waived. The reason stands with the duty."))
            return redirect("duty", pk)
    except Obligation.DoesNotExist as problem:
        raise Http404(pk) from problem
    return render(
        request,
        "web/duties/duty.html",
        {**_told(actor, found, organs), "may": may, "proof": proof, "waiver": waiver},
        status=422 if act else 200,
    )


def _told(actor: Actor, found: Obligation, organs: Organs) -> dict[str, Any]:
    definition, on = found.definition, today()
    steps = (
        EscalationStep.objects.visible_to(actor)
        .filter(obligation=found)
        .select_related("from_organ", "to_organ", "region")
    )
    reckoning = _reckoning(found)
    events = (
        Event.objects.visible_to(actor).filter(object_kind="law.obligation", object_id=str(found.pk)).order_by("id")
    )
    return {
        "section": "desk",
        "obligation": found,
        "row": Row(found, on),
        "definition": definition,
        "articles": [article(number) for number in definition.articles],
        "period": PERIODS.get(definition.period or ""),
        "today": on,
        "reckoning": reckoning,
        "sentence": sentence(reckoning) if reckoning is not None else None,
        "notes": notes(reckoning) if reckoning is not None else [],
        "months": months_of(day_lines(reckoning), folded=bool(reckoning.period.dates)) if reckoning is not None else [],
        "moved": reckoning is not None and found.due is not None and reckoning.last_day != found.due,
        "steps": [{"step": step, "why": reason_words(step.reason)} for step in steps],
        "climbs_next": _next(found, organs) if found.state == "open" else None,
        "history": lines_of(events, actor),
        "firm": not actor.works_in_organ,
    }


def _reckoning(found: Obligation) -> Reckoning | None:
    """How the last day comes about; None where there is none."""
    if not found.rule:
        return None
    try:
        return reckoned(found.rule, found.starts_on)
    except CalendarMissing:
        return None


def _next(found: Obligation, organs: Organs) -> dict[str, Any] | None:
    """Where the obligation would climb next, and on which day; None when it climbs no further."""
    if found.climb_on is None:
        return None
    standing = found.holder or organs.get(found.organ_id)
    ways = (
        organs.above(standing)
        if standing is not None and standing.organ_function
        else organs.supervisor(found.region_id, found.definition.supervised_by)
    )
    *_, last = ways
    return {"on": found.climb_on, "to": last.organ, "again": found.level > 0}


@never_cache
@login_required
@require_GET
def duty_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The file that shows that a duty was fulfilled, for those who see the duty."""
    found = Obligation.objects.visible_to(duty_actor(request)).filter(pk=pk, evidence__isnull=False).first()
    if found is None or found.evidence is None:
        raise Http404(pk)
    return attached(found.evidence, found.evidence_type, found.evidence_name)


# --- what has happened, and what would happen -------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def occasion(request: HttpRequest) -> HttpResponse:
    """Record that something has happened that opens a duty of one's own organ."""
    actor = duty_actor(request)
    allowed = recordable(actor)
    if not allowed:
        raise PermissionDenied("this office has no such events")
    form = OccasionForm((each.id for each in allowed), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        record(actor, data["duty"], data["on"], data["what"])
        messages.success(request, gettext("Recorded. The duty stands on the board within a minute."))
        return redirect("duties")
    return render(
        request,
        "web/duties/occasion.html",
        {"section": "desk", "form": form, "allowed": allowed, "today": today()},
        status=422 if form.is_bound else 200,
    )


@never_cache
@login_required
@require_GET
def dry_run(request: HttpRequest) -> HttpResponse:
    """What the next run would open, warn of and let climb, with the reason for each; nothing is done."""
    actor = actor_of(request)
    if not sees_plan(actor):
        raise PermissionDenied("for those who look after the whole region")
    on = today()
    planned = plan(on)
    return render(
        request,
        "web/duties/plan.html",
        {
            "section": "desk",
            "today": on,
            "planned": planned,
            "openings": planned.openings[:MOST_PLANNED],
            "warnings": [Row(each, on) for each in planned.warnings[:MOST_PLANNED]],
            "climbs": [
                {
                    "row": Row(climb.obligation, on),
                    "to": climb.reaches,
                    "why": [(above, reason_words(above.reason or climb.reason)) for above in climb.way],
                }
                for climb in planned.climbs[:MOST_PLANNED]
            ],
            "acted": [(Row(each, on), event) for each, event in planned.closed[:MOST_PLANNED]],
            "most": MOST_PLANNED,
        },
    )
