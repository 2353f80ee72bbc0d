"""Following a case from outside: finding it by its secret, my cases, one case as each part sees it, what one can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.cases import clocks, conferring, files, filing, watching
from huiqi.cases.acting import CaseProblem, Overtaken, offered, take
from huiqi.cases.models import Case
from huiqi.cases.models.clocks import ACCEPT, FINISH
from huiqi.cases.models.entries import CLEAN, MESSAGE, QUARANTINE
from huiqi.cases.procedures import PROCEDURES
from huiqi.cases.sight import Sight
from huiqi.cases.vocabulary import ANSWERS, ASSOCIATION, COMPLAINANT, ENDINGS, HANDLER, INVITED, PARTS, RESPONDENT
from huiqi.cases.writing import letters_to_complainant
from huiqi.cases.writing import taken as letter_taken
from huiqi.law.clock.calendar import XINJIANG
from huiqi.registry.permissions import Actor, actor_of
from huiqi.rules.words import Words

from ..case_forms import AfterwardsForm, FileForm, MessageForm, SecretForm, problem_text
from ..case_steps import COURTESIES, ActForm, Around, given, step_form
from ..case_visits import Seen, by_secret, leave, let_in, private, seen
from ..limits import within_limit
from . import attached

PAGE_SIZE, SHOWN_AT_HOME = 20, 5
MOST_TRIES, MOST_SENT, HOUR = 30, 60, 3600
PDF = "application/pdf"

#: What happens next, by the state of the case, as it is told to whoever complains and to the other side.
NEXT = {
    "received": gettext_lazy("The office looks whether it can accept it, and tells you in writing."),
    "supplementing": gettext_lazy(
        "The office waits for what is missing. Add it here; until then the time stands still."
    ),
    "handling": gettext_lazy("The office looks into it and hears the other side. Then it answers you in writing."),
    "paused": gettext_lazy("The time stands still for a lawful reason. The office goes on when it is over."),
    "decided": gettext_lazy("The office has decided. The written reply is on its way to you."),
    "answered": gettext_lazy("Say whether it is solved. If it is not, you can have it taken up again."),
    "refused": gettext_lazy(
        "It was not accepted; the letter says why and what you can do. You can have it taken up again."
    ),
    "withdrawn": gettext_lazy("You withdrew it. You can have it taken up again."),
    "merged": gettext_lazy("It is handled together with another case of the same matter."),
}
NEXT_RESPONDENT = {
    "handling": gettext_lazy("The office looks into it. Give your statement here when it asks for one."),
}
NEXT_OTHERS = gettext_lazy("The office handles it. There is nothing for you to do.")
NEXT_INVITED = gettext_lazy("The office handles it. Tell it here what you know, and add files if you have any.")


# --- finding it -------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def case_find(request: HttpRequest) -> HttpResponse:
    """Into a case by its number and secret. Which of the two is wrong is not told."""
    if request.method == "POST" and request.POST.get("act") == "leave":
        leave(request)
        messages.info(request, gettext("This device has forgotten your cases."))
        return redirect("case_find")
    form = SecretForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"section": "complain", "form": form}
    if request.method != "POST":
        return private(render(request, "web/cases/find.html", context))
    address = get_client_ip_address(request) or ""
    number = str(request.POST.get("number", ""))[:40].strip().upper()
    if not within_limit("case secret", address, MOST_TRIES, HOUR) or not within_limit(
        "case number", number, MOST_TRIES, HOUR
    ):
        return private(render(request, "web/cases/find.html", context | {"limited": True}, status=429))
    if form.is_valid():
        found = filing.by_secret(form.cleaned_data["number"], form.cleaned_data["secret"])
        if found is not None:
            request.session.cycle_key()
            let_in(request, found)
            return redirect("case", found.pk)
        form.add_error("number", gettext("Number and secret do not belong together. Compare both with the receipt."))
    return private(render(request, "web/cases/find.html", context, status=422))


# --- my cases ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of the list: the case, in which part, how it stands and what comes next."""

    case: Case
    part: str
    state: Words
    next: str

    @property
    def part_words(self) -> Words:
        return PARTS[self.part]


def rows_of(actor: Actor, cases: list[Case]) -> list[Row]:
    """The lines of these cases, which are the actor's own."""
    keys = [case.pk for case in cases]
    parts: dict[int, str] = {}
    for part in (COMPLAINANT, RESPONDENT, ASSOCIATION):
        for pk in Case.objects.visible_to(actor).in_part(actor, part).filter(pk__in=keys).values_list("pk", flat=True):
            parts.setdefault(pk, part)
    return [_row(case, parts.get(case.pk, "third_party")) for case in cases]


def _row(case: Case, part: str) -> Row:
    return Row(case, part, state_words(case), next_words(case, part))


def state_words(case: Case) -> Words:
    """How a case stands: its ending where it has one, else its state."""
    if case.ending and not case.open:
        return ENDINGS[case.ending]
    return PROCEDURES[case.procedure].state_words[case.state]


def next_words(case: Case, part: str) -> str:
    """What happens next, for somebody in this part."""
    if part == COMPLAINANT:
        return str(NEXT[case.state])
    if part in INVITED and case.open:
        return str(NEXT_INVITED)
    return str(NEXT_RESPONDENT.get(case.state, NEXT_OTHERS) if part == RESPONDENT else NEXT_OTHERS)


def own_cases(actor: Actor) -> Any:
    """The cases of the actor from outside, the newest first."""
    found = Case.objects.visible_to(actor).own(actor).select_related("region", "handling")
    return found.order_by("-filed_at", "-pk")


@never_cache
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """My cases: those of my account, and those to which this visit was let in by their secrets."""
    actor = actor_of(request)
    shown = request.GET.get("show", "")
    secret = by_secret(request)
    if actor.person is None and not secret:
        return redirect("case_find")
    found = own_cases(actor) if actor.person is not None else Case.objects.visible_to(actor).none()
    if shown == "open":
        found, secret = found.open(), [each for each in secret if each.open]
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    mine = {each.pk for each in page}
    return private(
        render(
            request,
            "web/cases/list.html",
            {
                "section": "complain",
                "rows": rows_of(actor, list(page)),
                "by_secret": [_row(each, COMPLAINANT) for each in secret if each.pk not in mine],
                "page": page,
                "shown": shown if shown == "open" else "",
                "query": "show=open" if shown == "open" else "",
                "today": timezone.localdate(),
                "signed_in": actor.person is not None,
            },
        )
    )


# --- one case ---------------------------------------------------------------------------------------------------------


def _seen(request: HttpRequest, pk: int) -> Seen:
    found = seen(request, pk)
    if found is None:
        raise Http404(pk)
    return found


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Where it stands, what comes next and when, what was said, letters, files, and what one can do now."""
    handled = Case.objects.visible_to(actor_of(request)).filter(pk=pk)
    if request.method != "POST" and seen(request, pk) is None and handled.exists():
        return redirect("desk_case", pk)  # she handles or oversees it for her office
    looked = _seen(request, pk)
    message, file_form = MessageForm(), FileForm()
    if request.method == "POST":
        if not within_limit("case sent", get_client_ip_address(request) or "", MOST_SENT, HOUR):
            messages.warning(request, gettext("Too much was sent from here within an hour. Wait a little."))
            return _page(request, looked, message, file_form, status=429)
        try:
            if request.POST.get("act") == "file":
                file_form = FileForm(request.POST, request.FILES)
                if file_form.is_valid():
                    files.add(looked.by, pk, file_form.cleaned_data["file"])
                    messages.success(
                        request, gettext("The file is with the case. It is checked before it can be opened.")
                    )
                    return _back(looked)
            else:
                message = MessageForm(request.POST)
                if message.is_valid():
                    conferring.write(looked.by, pk, message.cleaned_data["text"])
                    messages.success(request, gettext("Your message is with the office."))
                    return _back(looked)
        except CaseProblem as problem:
            form, field = (file_form, "file") if request.POST.get("act") == "file" else (message, "text")
            form.add_error(field, problem_text(problem))
    return _page(request, looked, message, file_form, status=422 if request.method == "POST" else 200)


def _back(looked: Seen) -> HttpResponse:
    response = redirect("case", looked.case.pk)
    if len(looked.parts) > 1:
        response["Location"] += f"?part={looked.by.part}"
    return response


def _page(
    request: HttpRequest, looked: Seen, message: MessageForm, file_form: FileForm, status: int = 200
) -> HttpResponse:
    found, part = looked.case, looked.by.part
    sight = Sight(found, part)
    steps = offered(found, looked.by)
    on = timezone.localdate()
    complains = part == COMPLAINANT
    return private(
        render(
            request,
            "web/cases/case.html",
            {
                "section": "complain",
                "case": found,
                "part": part,
                "parts": [(each, PARTS[each]) for each in looked.parts] if len(looked.parts) > 1 else [],
                "part_words": PARTS[part],
                "sight": sight,
                "complainant": sight.complainant,
                "state": state_words(found),
                "ending": ENDINGS.get(found.ending),
                "stages": _stages(found),
                "next": next_words(found, part),
                "clocks": _clocks(found) if complains else [],
                "days_left": found.days_left(on) if complains else None,
                "entries": [_told(each) for each in sight.entries()],
                "letters": letters_to_complainant(found) if complains else [],
                "files": [
                    (each, QUARANTINE[each.quarantine], each.quarantine == CLEAN) for each in sight.attachments()
                ],
                "steps": [(event, step.words) for event, step in steps],
                "may_write": part in conferring.ADDRESSEES,
                "message": message,
                "file_form": file_form,
                "watched_until": filing.watched_until(found) if complains and found.respondent_id else None,
                "watching": complains and found.respondent_id is not None and on <= filing.watched_until(found),
                "by_secret": looked.by.actor is None,
                "complains": complains,
            },
            status=status,
        )
    )


def _stages(found: Case) -> list[dict[str, Any]]:
    """The line from registered to answered: what is done, where it stands, and when each was."""
    done = {
        each.event: each.at
        for each in found.entries.filter(
            event__in=("filed", "accept", "decide", "answer", "refuse", "withdraw", "reopen")
        )
    }
    reopened = done.get("reopen")
    accepted = done.get("accept") or (reopened if found.state not in ("received", "supplementing") else None)
    order = ["received", "supplementing", "handling", "paused", "decided", "answered"]
    place = order.index(found.state) if found.state in order else -1
    names = (
        ("filed", gettext("Registered here"), done.get("filed"), True),
        ("accept", gettext("Accepted"), accepted, place >= 2),
        ("look", gettext("Looked into"), done.get("decide") if place >= 4 else None, place >= 4),
        ("answer", gettext("Answered in writing"), found.answered_at, place >= 5),
    )
    if place < 0:
        ended = PROCEDURES[found.procedure].state_words[found.state]
        at = done.get({"refused": "refuse", "withdrawn": "withdraw"}.get(found.state, ""))
        return [
            {"name": names[0][1], "at": names[0][2], "mark": "done"},
            {"words": ended, "at": at, "mark": "now"},
        ]
    stages = [
        {"name": name, "at": at if is_done else None, "mark": "done" if is_done else ""}
        for _, name, at, is_done in names
    ]
    current = next((each for each in stages if not each["mark"]), None)
    if current is not None:
        current["mark"] = "now"
    return stages


#: What a clock of a case is about, in the words of whoever complains.
CLOCK_NAMES = {
    ACCEPT: gettext_lazy("Until when you are told whether it is accepted"),
    FINISH: gettext_lazy("Until when you are answered in writing"),
    "follow_up_first": gettext_lazy("Until when the office asks how it stands"),
    "follow_up_second": gettext_lazy("Until when the office asks once more"),
}


def _clocks(found: Case) -> list[dict[str, Any]]:
    """The clocks that run, each with the law's and the promised one beside each other, and the way to the day-by-day account."""
    told = []
    for clock in found.clocks.filter(stopped_on__isnull=True).order_by("due", "pk"):
        asked: list[tuple[str, str]] = [
            ("rule", clock.rule),
            ("start", clock.starts_on.isoformat()),
            ("calendar", XINJIANG),
        ]
        for each in clock.pauses:
            asked += [("pause_from", each["from"]), ("pause_to", each["to"] or ""), ("pause_reason", each["reason"])]
        if clock.extension:
            asked.append(("total", str(clock.extension["total"])))
        told.append({"name": CLOCK_NAMES[clock.step], "clocks": clocks.told_of(clock), "query": urlencode(asked)})
    return told


def _told(entry: Any) -> dict[str, Any]:
    """A line of the timeline in words: who, what, and the words themselves."""
    steps = next((each.steps for each in PROCEDURES.values() if entry.event in each.steps), {})
    if entry.event == "filed":
        what = Words("登记了诉求", "registered the complaint")
    elif entry.event in steps:
        what = steps[entry.event].done
    else:
        what = Words("留言", "wrote") if entry.kind == MESSAGE else Words("有进展", "went on")
    return {
        "at": entry.at,
        "who": entry.organisation.name
        if entry.organisation is not None and entry.part == HANDLER
        else PARTS[entry.part],
        "what": what,
        "text": entry.text,
        "message": entry.kind == MESSAGE,
        "basis": entry.data.get("basis", ""),
        "answer": ANSWERS.get(entry.data.get("solved", "")),
    }


# --- what one can do --------------------------------------------------------------------------------------------------

DONE = {
    "supplement": gettext_lazy("Sent. The time runs again."),
    "withdraw": gettext_lazy("Withdrawn. You can have it taken up again."),
    "reopen": gettext_lazy("It is taken up again. The time for a new reply runs from today."),
    "state_position": gettext_lazy("Your statement is with the office."),
}
#: What is said above the form of a step.
HINTS = {
    "supplement": gettext_lazy("Write what was missing. Files go on the page of the case."),
    "withdraw": gettext_lazy(
        "Nobody may press you to withdraw. Say honestly who asked for it: it is kept with the case."
    ),
    "reopen": gettext_lazy("Say what is still not solved. The office above reads it too."),
    "state_position": gettext_lazy(
        "Say how it was from your side, and name your papers. The office reads it, and the office above."
    ),
    "rate": gettext_lazy("First whether it is solved. That is what counts."),
}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def case_step(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """One step that the case offers now, with what it needs."""
    looked = _seen(request, pk)
    found = looked.case
    step = dict(offered(found, looked.by)).get(event)
    sent = request.POST if request.method == "POST" else None
    if step is None:
        if sent is None:
            raise Http404(event)
        messages.warning(request, gettext("This is not possible any more. See how the case stands now."))
        return _back(looked)
    initial = {"answer": request.GET.get("answer", ""), "version": found.version}
    form = step_form(event, step, found, Around(), sent, initial)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                # a form without its version was not sent by this page: the case is looked at anew
                take(looked.by, pk, event, given(form, Around()), version=form.cleaned_data["version"] or 0)
            except Overtaken as problem:
                # what was typed stands; the next time it is sent with the case as it is now
                form = step_form(
                    event, step, found, Around(), {**request.POST.dict(), "version": str(found.version)}, initial
                )
                form.is_valid()
                form.add_error(None, problem_text(problem))
                status = 409
            except CaseProblem as problem:
                form.refuse(problem)
            else:
                messages.success(request, _done(event, form))
                return _back(looked)
    return private(
        render(
            request,
            "web/cases/step.html",
            {
                "section": "complain",
                "case": found,
                "part": looked.by.part,
                "event": event,
                "step": step,
                "hint": HINTS.get(event, ""),
                "form": form,
                "answers": ANSWERS.items(),
                "askers": _askers(),
                "answer": ANSWERS.get(form["answer"].value() or "") if "answer" in form.fields else None,
                "answer_code": form["answer"].value() if "answer" in form.fields else "",
                "rates": "answer" in form.fields,
                "courtesies": COURTESIES,
                "letters": bool(letters_to_complainant(found)) if looked.by.part == COMPLAINANT else False,
            },
            status=status,
        )
    )


def _done(event: str, form: ActForm) -> str:
    if event == "rate" and form.cleaned_data["answer"] != "yes":
        return gettext("Thank you. If you want it looked into once more, have it taken up again.")
    return str(DONE.get(event, gettext("Thank you. It is with the case.")))


def _askers() -> list[tuple[str, str]]:
    """Who asked to withdraw, in the words of whoever complains."""
    return [
        (COMPLAINANT, gettext("I want it myself")),
        (RESPONDENT, gettext("The other side asked me to")),
        (HANDLER, gettext("The office asked me to")),
    ]


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def case_afterwards(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell what the other side did after the complaint: sealed, to the office above it and to nobody else."""
    looked = _seen(request, pk)
    if looked.by.part != COMPLAINANT or looked.case.respondent_id is None:
        raise Http404(pk)
    form = AfterwardsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            watching.report(
                looked.by, pk, form.cleaned_data["what"], form.cleaned_data["on"], form.cleaned_data["text"]
            )
        except CaseProblem as problem:
            form.refuse(problem)
        else:
            messages.success(request, gettext("It is with the office above the other side, and with nobody else."))
            return _back(looked)
    return private(
        render(
            request,
            "web/cases/afterwards.html",
            {
                "section": "complain",
                "case": looked.case,
                "form": form,
                "occurrences": watching.OCCURRENCES.items(),
                "until": filing.watched_until(looked.case),
            },
            status=422 if form.is_bound else 200,
        )
    )


# --- files and letters ------------------------------------------------------------------------------------------------


@never_cache
@require_GET
def case_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """A file of the case, for the parts to whom it is shown; never inside a page."""
    looked = _seen(request, pk)
    kept = Sight(looked.case, looked.by.part).attachments().filter(pk=file).first()
    if kept is None or kept.quarantine != CLEAN:
        raise Http404(file)
    return private(attached(files.taken(looked.by, kept), kept.type, kept.name))


@never_cache
@require_GET
def case_letter(request: HttpRequest, pk: int, letter: int) -> HttpResponse:
    """A letter to whoever complains, as it was issued; that it was opened is put on record."""
    looked = _seen(request, pk)
    found = letter_taken(looked.by, looked.case, letter)
    if found is None:
        raise Http404(letter)
    number, content = found
    return private(attached(content, PDF, f"{number}.pdf"))
