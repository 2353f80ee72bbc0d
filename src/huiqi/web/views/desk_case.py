"""One case on the officer's desk: everything that is needed on one page, and every act that she may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.cases import board, clocks, conferring, files
from huiqi.cases.acting import LONGEST, CaseProblem, Overtaken, offered, take
from huiqi.cases.archiving import package
from huiqi.cases.models import Attachment, Case, CaseClock, Conflict, Entry, Handling, Party, Task
from huiqi.cases.models.clocks import CLOCK_WORDS
from huiqi.cases.models.entries import ENTRY_KINDS, EVENT_WORDS, MESSAGE, NOTE, QUARANTINE, STEP
from huiqi.cases.procedures import PROCEDURES
from huiqi.cases.vocabulary import (
    ANSWERS,
    ASSOCIATION,
    CHANNELS,
    COMPLAINANT,
    ENDINGS,
    HANDLER,
    PARTS,
    RESPONDENT,
    SUPERIOR,
    THIRD_PARTY,
)
from huiqi.cases.writing import begin, may_begin
from huiqi.documents.letters.kinds import kinds as letter_kinds
from huiqi.documents.models import Letter
from huiqi.documents.models.letters import STATES as LETTER_STATES
from huiqi.journal.models import Event
from huiqi.law.articles import article
from huiqi.law.clock import CalendarMissing, day_lines, notes, pause_reasons, sentence
from huiqi.registry.models import Organisation
from huiqi.registry.permissions import Actor
from huiqi.rules.words import Words

from ..case_acts import ACTS, At, at_case
from ..case_forms import problem_text
from ..case_steps import ActForm, given, step_form
from ..sentences import opening, say
from . import attached
from .clock import months_of
from .desk_cases import case_actor, rows_of
from .journal import lines_of

#: What the timeline may be narrowed down to.
SHOWN = {STEP: gettext_lazy("Steps"), MESSAGE: gettext_lazy("Messages"), NOTE: gettext_lazy("Internal notes")}
ZIP = "application/zip"


# --- the page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """One act as the page shows it: a form that unfolds."""

    act: str
    title: str
    button: str
    form: ActForm
    open: bool
    hint: Sequence[str] = ()


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case; a POST takes one act or step. Of two who act at once the second is told, and what she typed is kept."""
    actor = case_actor(request)
    act = request.POST.get("act", "")
    try:
        at = at_case(actor, pk)
    except Http404:
        if request.method != "POST":
            raise
        return _gone(request, actor, pk, act)
    if request.method != "POST":
        return _page(request, at)
    simple = _SIMPLE.get(act)
    if simple is not None:
        return simple(request, at)
    form = _form_of(at, act, request)
    if form is None:
        return _lost(request, at, act)
    if form.is_valid():
        try:
            return _done(request, at, act, form)
        except Overtaken as problem:
            return _overtaken(request, actor, pk, act, form, problem)
        except CaseProblem as problem:
            form.refuse(problem)
    return _page(request, at, act, form, 422)


def _done(request: HttpRequest, at: At, act: str, form: ActForm) -> HttpResponse:
    """Carry an act out and lead back to the page. Raises CaseProblem, Overtaken, PermissionDenied."""
    version = form.cleaned_data["version"] or 0
    if act in ACTS:
        answer = ACTS[act].does(at, form.cleaned_data, version)
        messages.success(request, str(ACTS[act].done))
        return answer or redirect("desk_case", at.case.pk)
    step = PROCEDURES[at.case.procedure].steps[act]
    take(at.by, at.case.pk, act, given(form, at.around), version)
    messages.success(request, gettext("Done: %(what)s.") % {"what": say(step.done)})
    if not Case.objects.visible_to(at.actor).in_part(at.actor, at.part).filter(pk=at.case.pk).exists():
        return redirect("desk_cases")  # it has gone to another office
    return redirect("desk_case", at.case.pk)


def _form_of(
    at: At, act: str, request: HttpRequest | None = None, initial: dict[str, str] | None = None
) -> ActForm | None:
    """The form of an act, if the actor may take it now."""
    data = request.POST if request is not None else None
    if act in ACTS:
        if at.part not in ACTS[act].parts:
            return None
        sent = {"files": request.FILES} if request is not None else {}
        return ActForm(ACTS[act].asks(at), data, prefix=act, initial={"version": at.case.version}, **sent)
    step = dict(offered(at.case, at.by)).get(act)
    return step_form(act, step, at.case, at.around, data, initial, act) if step is not None else None


def _overtaken(
    request: HttpRequest, actor: Actor, pk: int, act: str, form: ActForm, problem: Overtaken
) -> HttpResponse:
    """Somebody else was first: the case as it stands now, with the form as it was typed if the act is still possible."""
    try:
        at = at_case(actor, pk)
    except Http404:
        return _gone(request, actor, pk, act)
    again = _form_of(at, act, request)
    if again is None:
        return _lost(request, at, act, form)
    again.is_valid()
    again.refuse(problem)
    return _page(request, at, act, again, 409)


def _lost(request: HttpRequest, at: At, act: str, form: ActForm | None = None) -> HttpResponse:
    """The act is not possible any more. Words that were typed are shown, so that they can be taken elsewhere."""
    step = PROCEDURES[at.case.procedure].steps.get(act)
    if step is None or (at.part not in step.by and board.passed_on(at.actor, at.case.pk) is None):
        raise PermissionDenied("no act of this part")
    words = form if form is not None else step_form(act, step, at.case, at.around, request.POST, prefix=act)
    return _page(
        request,
        at,
        status=409,
        typed=words.typed,
        lost=gettext("Somebody else has acted on this case meanwhile, and this is not possible any more: %(what)s.")
        % {"what": say(step.words)},
    )


def _gone(request: HttpRequest, actor: Actor, pk: int, act: str) -> HttpResponse:
    """A colleague has passed the case on while somebody wrote: that is said, with what she had written. Http404 for all others."""
    case = board.passed_on(actor, pk)
    if case is None:
        raise Http404(pk)
    words = (request.POST.get(f"{act}-{name}", "").strip() for name in ("text", "reason", "basis"))
    return render(
        request,
        "web/desk_cases/gone.html",
        {"section": "desk", "case": case, "typed": "\n".join(each for each in words if each)[:LONGEST]},
        status=409,
    )


def _page(
    request: HttpRequest,
    at: At,
    act: str = "",
    form: ActForm | None = None,
    status: int = 200,
    typed: str = "",
    lost: str = "",
) -> HttpResponse:
    case, sight = at.case, at.sight
    steps = list(_steps(at, act, form, request.GET.get("into", "")))
    beside = {panel.act: panel for panel in _beside(at, act, form)}
    shown = request.GET.get("show", "")
    return render(
        request,
        "web/desk_cases/case.html",
        {
            "section": "desk",
            "at": at,
            "case": case,
            "sight": sight,
            "row": rows_of([case], at.part)[0],
            "matter": case.matter,
            "channel": CHANNELS[case.channel],
            "ending": ENDINGS.get(case.ending),
            "articles": [article(number) for number in case.matter.articles],
            "clocks": list(_clocks(case)),
            "steps": steps,
            "beside": beside,
            "bound": form,
            "typed": typed,
            "lost": lost,
            "timeline": list(_timeline(at, shown)),
            "shown": shown if shown in SHOWN else "",
            "shows": [(key, words) for key, words in SHOWN.items() if key != NOTE or at.handles],
            "tasks": list(Task.objects.visible_to(at.actor).filter(case=case).select_related("assignee", "done_by"))
            if at.handles
            else [],
            "files": _files(at),
            "letters": _letters(at),
            "begins": _begins(at),
            "stays": list(Handling.objects.visible_to(at.actor).filter(case=case).select_related("organ", "by")),
            "parties": [
                (each, PARTS[each.part])
                for each in Party.objects.visible_to(at.actor)
                .filter(case=case)
                .exclude(part=RESPONDENT)
                .select_related("organisation", "invited_by", "released_by")
                .order_by("pk")
            ],
            "conflicts": Conflict.objects.visible_to(at.actor).filter(case=case).count(),
            "similar": rows_of(board.similar(at.actor, case)) if at.handles else [],
            "joined": rows_of(case.merged.order_by("pk")) if at.handles else [],
            "merges": any(panel.act == "merge" for panel in steps),
            "takes": at.handles and case.open and case.handler_id is None,
            "history": lines_of(
                Event.objects.visible_to(at.actor)
                .filter(object_kind="cases.case", object_id=str(case.pk))
                .order_by("id"),
                at.actor,
            ),
        },
        status=status,
    )


def _steps(at: At, act: str, form: ActForm | None, into: str) -> Iterator[Panel]:
    """The steps that are offered now, each as a form."""
    for event, step in offered(at.case, at.by):
        sent = form if event == act and form is not None else None
        initial = {"into": into} if event == "merge" and into else {}
        shown = sent or step_form(event, step, at.case, at.around, initial=initial, prefix=event)
        yield Panel(
            event,
            opening(say(step.words)),
            opening(say(step.words)),
            shown,
            sent is not None or bool(initial),
            list(_follows(event, at)),
        )


def _follows(event: str, at: At) -> Iterator[str]:
    """What follows from a step: which letter goes with it, which clock it starts and stops, who reads it."""
    step = PROCEDURES[at.case.procedure].steps[event]
    if step.letter:
        yield gettext("Goes with a letter: %(letter)s.") % {"letter": say(letter_kinds()[step.letter].name)}
    for name in step.starts:
        yield gettext("Starts the clock: %(clock)s.") % {"clock": say(CLOCK_WORDS[name])}
    for name in step.stops:
        yield gettext("Stops the clock: %(clock)s.") % {"clock": say(CLOCK_WORDS[name])}
    readers = [say(PARTS[each]) for each in step.shown_to if each != HANDLER]
    yield gettext("Also read by: %(parts)s.") % {"parts": gettext(", ").join(readers)}


def _beside(at: At, act: str, form: ActForm | None) -> Iterator[Panel]:
    for name, each in ACTS.items():
        if at.part not in each.parts or not each.there(at):
            continue
        sent = form if name == act and form is not None else None
        shown = sent or _form_of(at, name)
        assert shown is not None
        yield Panel(name, str(each.title), str(each.button), shown, sent is not None)


def _clocks(case: Case) -> Iterator[dict[str, Any]]:
    """Each clock of the case with the law's and the promised last day."""
    for clock in case.clocks.order_by("pk"):
        yield {
            "clock": clock,
            "words": CLOCK_WORDS[clock.step],
            "told": clocks.told_of(clock) if clock.stopped_on is None else (),
            "outcome": clock.outcome,
        }


def _timeline(at: At, shown: str) -> Iterator[dict[str, Any]]:
    """The timeline, the latest first; colleagues are named to their own office only."""
    entries = at.sight.entries().select_related("case").order_by("-at", "-pk")
    if shown in SHOWN:
        entries = entries.filter(kind=shown)
    found = list(entries)
    ids = {each.data.get(name) for each in found for name in ("from", "to", "organ")}
    organs = Organisation.objects.visible_to(at.actor).in_bulk([each for each in ids if isinstance(each, int)])
    for entry in found:
        own = entry.organisation_id is not None and entry.organisation_id == at.actor.who.organisation
        yield {
            "entry": entry,
            "what": _what(entry),
            "part": PARTS.get(entry.part),
            "organisation": entry.organisation,
            "person": entry.person if own else None,
            "facts": list(_facts(entry, organs)),
            "other": entry.case.number if entry.case_id != at.case.pk else "",
        }


def _what(entry: Entry) -> Words:
    """What a line of the timeline is, in words."""
    step = PROCEDURES[entry.case.procedure].steps.get(entry.event)
    if step is not None:
        return step.done
    return EVENT_WORDS.get(entry.event) or ENTRY_KINDS[entry.kind]


def _facts(entry: Entry, organs: dict[int, Organisation]) -> Iterator[tuple[str, str]]:
    """The codes and days of a line of the timeline, in words."""
    data = entry.data
    vocabulary: dict[str, tuple[str, dict[str, Words]]] = {
        "ending": (gettext("Decision"), ENDINGS),
        "solved": (gettext("Is the matter solved?"), ANSWERS),
        "asked_by": (gettext("Who asked for it"), PARTS),
    }
    for name, (label, words) in vocabulary.items():
        if data.get(name) in words:
            yield label, opening(say(words[data[name]]))
    if data.get("pause") in pause_reasons():
        yield gettext("Lawful reason"), opening(say(pause_reasons()[data["pause"]].words))
    if data.get("basis"):
        yield gettext("Legal basis"), str(data["basis"])
    if entry.event == "extend":
        yield gettext("Last day"), f"{data.get('before')} → {data.get('until')}"
    if entry.kind == MESSAGE and data.get("to") in PARTS:
        yield gettext("To whom"), opening(say(PARTS[data["to"]]))
    for name, label in (("organ", gettext("Handling office")), ("from", gettext("From")), ("to", gettext("To"))):
        organ = organs.get(data[name]) if isinstance(data.get(name), int) else None
        if organ is not None:
            yield label, say(organ.name)


def _files(at: At) -> list[dict[str, Any]]:
    others = [COMPLAINANT, RESPONDENT, SUPERIOR, ASSOCIATION, THIRD_PARTY]
    return [
        {
            "file": each,
            "part": PARTS[each.part],
            "state": QUARANTINE[each.quarantine],
            "readers": [PARTS[part] for part in each.shown_to if part in PARTS],
            "may": [
                (part, opening(say(PARTS[part])))
                for part in others
                if part not in each.shown_to
                and not (at.case.withheld and each.part == COMPLAINANT and part != SUPERIOR)
            ]
            if at.handles
            else [],
        }
        for each in at.sight.attachments()
    ]


def _letters(at: At) -> list[dict[str, Any]]:
    found = Letter.objects.visible_to(at.actor).filter(about_kind="case", about_id=at.case.pk).order_by("pk")
    return [
        {"letter": each, "kind": each.definition.name, "state": LETTER_STATES[each.state]} for each in found.distinct()
    ]


def _begins(at: At) -> list[dict[str, Any]]:
    """The letters that may be begun: those that go with steps that were taken, the one of the last step first."""
    steps = PROCEDURES[at.case.procedure].steps
    taken = at.case.entries.filter(kind=STEP).order_by("-at", "-pk").values_list("event", flat=True)
    asked = dict.fromkeys(steps[event].letter for event in taken if event in steps and steps[event].letter)
    if at.part == SUPERIOR:
        asked = {"supervision": None}
    there = {each.kind for each in Letter.objects.visible_to(at.actor).filter(about_kind="case", about_id=at.case.pk)}
    return [
        {"kind": kind, "words": letter_kinds()[kind].name, "there": kind in there}
        for kind in asked
        if may_begin(at.actor, at.case, kind)
    ]


# --- what needs no form -----------------------------------------------------------------------------------------------


def _take_up(request: HttpRequest, at: At) -> HttpResponse:
    """Take a case up oneself, by one press."""
    version = request.POST.get("version", "")
    try:
        conferring.assign(at.actor, at.case.pk, at.actor.person, int(version) if version.isdigit() else 0)
    except CaseProblem as problem:
        messages.error(request, problem_text(problem))
    else:
        messages.success(request, gettext("The case is yours now."))
    return redirect("desk_case", at.case.pk)


def _task_done(request: HttpRequest, at: At) -> HttpResponse:
    task = Task.objects.visible_to(at.actor).filter(case=at.case, pk=_number(request, "task")).first()
    if task is None:
        raise Http404("no such task")
    conferring.finish_task(at.by, task)
    return _back(at, "tasks")


def _show_file(request: HttpRequest, at: At) -> HttpResponse:
    """Let another part read a file too."""
    kept = at.sight.attachments().filter(pk=_number(request, "file")).first()
    part = request.POST.get("part", "")
    if kept is None or part not in PARTS:
        raise Http404("no such file or part")
    try:
        files.show_to(at.by, kept, part)
    except CaseProblem as problem:
        messages.error(request, problem_text(problem))
    else:
        messages.success(request, gettext("Shown from now on to: %(part)s.") % {"part": say(PARTS[part])})
    return _back(at, "files")


def _begin_letter(request: HttpRequest, at: At) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in letter_kinds():
        raise Http404("no such letter")
    return redirect("letter_edit", begin(at.actor, at.case, kind).pk)


def _number(request: HttpRequest, name: str) -> int:
    raw = request.POST.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else 0


def _back(at: At, part: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk_case", args=(at.case.pk,)) + f"#{part}")


_SIMPLE: dict[str, Callable[[HttpRequest, At], HttpResponse]] = {
    "take_up": _take_up,
    "task_done": _task_done,
    "show_file": _show_file,
    "begin_letter": _begin_letter,
}


# --- what belongs to a case -------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def clock(request: HttpRequest, pk: int, clock_id: int) -> HttpResponse:
    """One clock of a case: the law's and the promised last day, each told day by day."""
    at = at_case(case_actor(request), pk)
    found = CaseClock.objects.visible_to(at.actor).filter(case=at.case, pk=clock_id).first()
    if found is None:
        raise Http404(clock_id)
    try:
        reckoned = clocks.reckoned(found).clocks
    except CalendarMissing:
        reckoned = ()
    return render(
        request,
        "web/desk_cases/clock.html",
        {
            "section": "desk",
            "case": at.case,
            "clock": found,
            "words": CLOCK_WORDS[found.step],
            "lines": [
                {
                    "reckoning": each,
                    "sentence": sentence(each),
                    "notes": notes(each),
                    "months": months_of(day_lines(each), folded=True),
                }
                for each in reckoned
            ],
        },
    )


@never_cache
@login_required
@require_GET
def file(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    """A file of a case, to be kept and never shown in a page; on record. 404 while it is kept apart."""
    at = at_case(case_actor(request), pk)
    kept: Attachment | None = at.sight.attachments().filter(pk=file_id).first()
    if kept is None:
        raise Http404(file_id)
    try:
        return attached(files.taken(at.by, kept), kept.type, kept.name)
    except CaseProblem as problem:
        messages.error(request, problem_text(problem))
        return _back(at, "files")


@never_cache
@login_required
@require_GET
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """The archive package of a case, on record."""
    at = at_case(case_actor(request), pk)
    return attached(package(at.actor, at.case), ZIP, f"{at.case.number}.zip")
