"""The officer's queue of cases: by deadline, narrowed down, assigned in bulk; the load of the office, and sealed alerts."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.cases import board, conferring, watching
from huiqi.cases.acting import CaseProblem
from huiqi.cases.kinds import kinds
from huiqi.cases.models import Alert, Case
from huiqi.cases.permissions import handles_cases, leads_cases
from huiqi.cases.procedures import PROCEDURES
from huiqi.cases.sight import Sight
from huiqi.cases.vocabulary import CHANNELS, ENDINGS, HANDLER, SUPERIOR
from huiqi.journal import note
from huiqi.law.clock import deadlines
from huiqi.registry.codes import region_names
from huiqi.registry.models import Person
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.problems import inert

from ..case_forms import problem_text
from ..exports import Echo
from ..forms import ReasonForm
from ..narrowing import MOST, searched
from ..sentences import opening, say
from .finder import today

PAGE_SIZE = 30
#: So many refusals of a bulk assignment are told one by one.
MOST_TOLD = 10
TAB_WORDS = {
    board.MINE: gettext_lazy("Mine"),
    board.UNASSIGNED: gettext_lazy("Unassigned"),
    board.OFFICE: gettext_lazy("All of the office"),
    board.LATE: gettext_lazy("Overdue"),
    board.WAITING: gettext_lazy("Waiting for others"),
    board.ABOVE: gettext_lazy("Overseen by us"),
    board.CLOSED: gettext_lazy("Closed"),
}
SORT_WORDS = {
    "due": gettext_lazy("By last day"),
    "filed": gettext_lazy("Newest first"),
    "officer": gettext_lazy("By officer"),
}


def case_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who handles the cases of an office. PermissionDenied for others."""
    actor = actor_of(request)
    if not handles_cases(actor):
        raise PermissionDenied("for those who handle the cases of an office")
    return actor


@dataclass(frozen=True)
class Row:
    """One case as a line of a list, as the reader's part sees it."""

    case: Case
    on: dt.date
    until: dt.date
    part: str = HANDLER

    @property
    def sight(self) -> Sight:
        return Sight(self.case, self.part)

    @property
    def kind(self) -> Any:
        return self.case.matter.title

    @property
    def state(self) -> Any:
        if not self.case.open and self.case.ending:
            return ENDINGS[self.case.ending]
        return PROCEDURES[self.case.procedure].state_words[self.case.state]

    @property
    def days(self) -> int | None:
        """Days to the last day, negative when it is over; None for what is closed or stands still."""
        return self.case.days_left(self.on) if self.case.open else None

    @property
    def late(self) -> bool:
        return self.days is not None and self.days < 0

    @property
    def late_days(self) -> int:
        return -(self.days or 0)

    @property
    def soon(self) -> bool:
        return self.days is not None and self.days >= 0 and self.case.due is not None and self.case.due <= self.until

    @property
    def promise(self) -> bool:
        """Whether the rule that the present step goes by is a promise of the service and no law."""
        rule = self.case.matter.accept if self.case.state in ("received", "supplementing") else self.case.matter.finish
        versions = deadlines().get(rule)
        return versions is not None and versions[-1].kind == "promise"


def rows_of(found: Iterable[Case], part: str = HANDLER) -> list[Row]:
    """Cases as lines of a list."""
    on = today()
    until = board.soon_until(on)
    return [Row(case, on, until, part) for case in found]


# --- the queue --------------------------------------------------------------------------------------------------------


def _choice(request: HttpRequest) -> board.Choice:
    """What the address asks for; what makes no sense narrows nothing."""
    asked = request.GET
    place, officer, state = asked.get("place", ""), asked.get("officer", ""), asked.get("state", "")
    return board.Choice(
        tab=asked.get("tab", "") if asked.get("tab") in board.TABS else board.MINE,
        kind=asked.get("kind", "") if asked.get("kind") in kinds() else "",
        state=state if any(state in each.state_words for each in PROCEDURES.values()) else "",
        place=place if place.isascii() and place.isdigit() and 2 <= len(place) <= 6 else "",
        officer=int(officer) if officer.isascii() and officer.isdigit() and len(officer) < 16 else None,
        q=searched(asked),
        sort=asked.get("sort", "") if asked.get("sort") in board.SORTS else "due",
    )


def _query(choice: board.Choice, **changed: Any) -> str:
    said = {
        "tab": choice.tab,
        "kind": choice.kind,
        "state": choice.state,
        "place": choice.place,
        "officer": choice.officer or "",
        "q": choice.q,
        "sort": choice.sort if choice.sort != "due" else "",
    }
    return urlencode({name: value for name, value in (said | changed).items() if value})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    """The queue by tabs. A POST assigns the chosen cases, or finds those of whoever complains under exactly this name: such
    a name never stands in an address."""
    actor = case_actor(request)
    choice = _choice(request)
    if request.method == "POST" and request.POST.get("act") == "assign":
        _assign(request, actor)
        return redirect(f"{request.path}?{_query(choice)}")
    name = request.POST.get("name", "").replace("\x00", "").strip()[:MOST] if request.method == "POST" else ""
    found = board.named(actor, name) if name else board.listed(actor, choice, today())
    numbers = board.counts(actor, today())
    paginator = Paginator(found, PAGE_SIZE)
    if not name and not choice.narrowed and choice.tab in numbers:
        paginator.count = numbers[choice.tab]  # counted already
    page = paginator.get_page(request.GET.get("page"))
    part = SUPERIOR if choice.tab == board.ABOVE and not name else HANDLER
    people = conferring.colleagues(actor, today())
    return render(
        request,
        "web/desk_cases/queue.html",
        {
            "section": "desk",
            "organ": actor.organisation,
            "leads": leads_cases(actor),
            "today": today(),
            "tabs": [
                (tab, TAB_WORDS[tab], numbers.get(tab), tab == choice.tab and not name, _query(board.Choice(tab)))
                for tab in board.TABS
            ],
            "numbers": numbers,
            "choice": choice,
            "found_by_name": bool(name),
            "page": page,
            "rows": rows_of(page, part),
            "assigns": part == HANDLER and choice.tab != board.CLOSED,
            "part": part,
            "query": _query(choice),
            "everything": _query(board.Choice(choice.tab)),
            "filters": _filters(actor, choice, people),
            "colleagues": people,
            "sorts": [(name, words, name == choice.sort) for name, words in SORT_WORDS.items()],
        },
    )


def _filters(actor: Actor, choice: board.Choice, people: Iterable[Person]) -> list[dict[str, Any]]:
    states = {code: words for each in PROCEDURES.values() for code, words in each.state_words.items()}
    officers = [(str(each.pk), each.display_name) for each in people]
    listed: list[tuple[str, Any, Any, list[tuple[str, str]], str]] = [
        ("kind", gettext("Kind"), gettext("All kinds"), [(k, say(v.title)) for k, v in kinds().items()], choice.kind),
        ("state", gettext("State"), gettext("All states"), [(k, say(v)) for k, v in states.items()], choice.state),
        ("place", gettext("Place"), gettext("All places"), _places(actor), choice.place),
        ("officer", gettext("Officer"), gettext("All officers"), officers, str(choice.officer or "")),
    ]
    return [
        {"name": name, "label": label, "every": every, "options": options, "chosen": chosen}
        for name, label, every, options, chosen in listed
        if options
    ]


def _places(actor: Actor) -> list[tuple[str, str]]:
    """The places that the queue may be narrowed down to: those one level below the actor's own."""
    organ = actor.organisation
    if organ is None or organ.region is None or organ.region.level == "county":
        return []
    names = region_names()
    below = organ.region.inferiors.order_by("code")
    return [(region.prefix, say(names[region.code])) for region in below if region.code in names]


def _assign(request: HttpRequest, actor: Actor) -> None:
    """Give the chosen cases to an officer, each in an act of its own, and tell how many went and why others did not."""
    chosen = [each.partition(":") for each in request.POST.getlist("case")][:PAGE_SIZE]
    to = next(
        (each for each in conferring.colleagues(actor, today()) if str(each.pk) == request.POST.get("officer")), None
    )
    if not chosen or to is None:
        messages.error(request, gettext("Nothing was assigned. Choose cases in the list, and an officer."))
        return
    done, refused = 0, []
    for pk, _, version in chosen:
        if not (pk.isascii() and pk.isdigit() and version.isascii() and version.isdigit()):
            continue
        try:
            conferring.assign(actor, int(pk), to, int(version))
            done += 1
        except CaseProblem as problem:
            refused.append((int(pk), problem_text(problem)))
        except PermissionDenied:
            refused.append((int(pk), gettext("A colleague looks after it; a supervisor gives it to somebody else.")))
    if done:
        messages.success(
            request,
            ngettext("%(n)d case assigned to %(name)s.", "%(n)d cases assigned to %(name)s.", done)
            % {"n": done, "name": to.display_name},
        )
    seen = dict(Case.objects.visible_to(actor).filter(pk__in=[pk for pk, _ in refused]).values_list("pk", "number"))
    for number, why in refused[:MOST_TOLD]:
        messages.error(
            request, gettext("%(number)s was not assigned. %(why)s") % {"number": seen.get(number, ""), "why": why}
        )
    if len(refused) > MOST_TOLD:
        messages.error(request, gettext("%(n)d cases were not assigned.") % {"n": len(refused)})


@never_cache
@login_required
@require_GET
def queue_file(request: HttpRequest) -> StreamingHttpResponse:
    """The list of the queue as CSV, narrowed down as on the page, without any withheld name. That it was taken is on record."""
    actor = case_actor(request)
    choice = _choice(request)
    part = SUPERIOR if choice.tab == board.ABOVE else HANDLER
    found = board.listed(actor, choice, today()).select_related("complainant")
    # what was searched for may be a name: it is not noted
    note(actor.who, "case.list_taken", details={"tab": choice.tab, "query": _query(replace(choice, q=""))})
    writer = csv.writer(Echo())
    response = StreamingHttpResponse(
        (writer.writerow([inert(str(cell)) for cell in line]) for line in _lines(found.iterator(chunk_size=500), part)),
        content_type="text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="cases-{today()}.csv"'
    return response


def _lines(found: Iterable[Case], part: str) -> Iterator[list[Any]]:
    yield [
        "\ufeff" + gettext("Number"),
        gettext("Kind"),
        gettext("State"),
        gettext("Place"),
        gettext("How it came in"),
        gettext("Complainant"),
        gettext("Other side"),
        gettext("Handling office"),
        gettext("Officer"),
        gettext("Filed on"),
        gettext("Last day"),
        gettext("Days left"),
    ]
    on = today()
    until = board.soon_until(on)
    for case in found:
        row = Row(case, on, until, part)
        # a file goes further than a page: a withheld name does not stand in it, for nobody
        told = None if case.withheld else row.sight.complainant
        yield [
            case.number,
            say(row.kind),
            say(row.state),
            say(case.region.name),
            say(CHANNELS[case.channel]),
            told.name if told is not None else gettext("Identity withheld"),
            case.respondent_name,
            say(case.handling.name),
            case.handler.display_name if case.handler is not None and part == HANDLER else "",
            timezone.localtime(case.filed_at).date(),
            case.due or "",
            row.days if row.days is not None else "",
        ]


# --- the load ---------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """How much stands with whom, by kind, what bounced, what is overdue; and handing over for leave."""
    actor = actor_of(request)
    if not leads_cases(actor):
        raise PermissionDenied("for supervisors of those who handle cases")
    people = conferring.colleagues(actor, today())
    problem = ""
    if request.method == "POST":
        absent, colleague = (_person(people, request.POST.get(name)) for name in ("absent", "colleague"))
        if absent is None or colleague is None or absent == colleague:
            problem = gettext("Choose two officers: from whom, and to whom.")
        else:
            moved = conferring.hand_over(actor, colleague, absent)
            stayed = Case.objects.visible_to(actor).in_part(actor, HANDLER).open().filter(handler=absent).count()
            messages.success(
                request,
                ngettext("%(n)d case went to %(name)s.", "%(n)d cases went to %(name)s.", moved)
                % {"n": moved, "name": colleague.display_name},
            )
            if stayed:
                messages.error(
                    request,
                    ngettext(
                        "%(n)d case stays: a conflict of interest.", "%(n)d cases stay: a conflict of interest.", stayed
                    )
                    % {"n": stayed},
                )
            return redirect("case_load")
    overdue = board.listed(actor, board.Choice(board.LATE), today())
    return render(
        request,
        "web/desk_cases/load.html",
        {
            "section": "desk",
            "organ": actor.organisation,
            "today": today(),
            "loads": board.load(actor, today()),
            "by_kind": [(each, kinds()[each.kind].title) for each in board.load_by_kind(actor, today())],
            "bounced": [(rows_of([case])[0], times) for case, times in board.bounced(actor)],
            "overdue": rows_of(overdue[: board.MOST_LISTED]),
            "people": people,
            "problem": problem,
        },
        status=422 if problem else 200,
    )


def _person(people: Iterable[Person], pk: str | None) -> Person | None:
    return next((each for each in people if str(each.pk) == pk), None)


# --- sealed alerts ----------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: HttpRequest) -> HttpResponse:
    """What happened to complainants by the offices complained of, for supervisors of the organ above; and what was found."""
    actor = actor_of(request)
    if not leads_cases(actor):
        raise PermissionDenied("sealed: for supervisors of the organ above")
    found = Alert.objects.visible_to(actor).select_related("case__respondent", "seen_by")
    sent = request.POST.get("alert", "") if request.method == "POST" else ""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    alert = found.filter(pk=int(sent)).first() if sent.isascii() and sent.isdigit() and len(sent) < 16 else None
    if request.method == "POST":
        if alert is None:
            raise PermissionDenied("no alert of this office")
        if form.is_valid():
            watching.look_into(actor, alert, form.cleaned_data["reason"])
            messages.success(request, gettext("Kept. The finding stands with the alert."))
            return redirect("case_alerts")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/desk_cases/alerts.html",
        {
            "section": "desk",
            "page": page,
            "lines": [
                {
                    "alert": each,
                    "what": watching.OCCURRENCES[each.what],
                    "form": form if alert is not None and each.pk == alert.pk else ReasonForm(),
                }
                for each in page
            ],
        },
        status=422 if request.method == "POST" else 200,
    )


# --- the diagram ------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def procedure(request: HttpRequest, key: str) -> HttpResponse:
    """A procedure as its class has it: the diagram as text, its states and its steps."""
    case_actor(request)
    found = PROCEDURES.get(key)
    if found is None:
        return redirect("desk_cases")
    from huiqi.cases.procedures.telling import steps_of

    return render(
        request,
        "web/desk_cases/procedure.html",
        {
            "section": "desk",
            "title": found.title,
            "states": found.state_words.items(),
            "steps": steps_of(found),
            "mermaid": found.mermaid(),
            "opening": opening,
        },
    )
