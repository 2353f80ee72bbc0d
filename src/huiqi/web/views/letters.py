"""Letters: the list, one letter with its steps, its editor, its versions, the files, and the check that anybody can make."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.documents.letters import acts, mailing, reading, rendering
from huiqi.documents.letters.composing import lines_of
from huiqi.documents.letters.kinds import ContentProblem
from huiqi.documents.letters.numbering import code_of, derived_code, set_code
from huiqi.documents.letters.problems import LetterProblem
from huiqi.documents.letters.verifying import Verified, verify
from huiqi.documents.models import Letter, LetterFile, LetterMail, LetterVersion
from huiqi.documents.models.letters import IN_APP, ISSUED, MAIL_STATES, STATES, WAYS
from huiqi.documents.sending.reasons import REASONS
from huiqi.law.articles import article
from huiqi.registry.models import Organisation
from huiqi.registry.permissions import Actor, actor_of, administers_system
from huiqi.registry.vocabulary import ORGAN

from ..letter_forms import (
    MOST_CHECKED,
    CompareForm,
    ContentForm,
    DeliverForm,
    LetterCodeForm,
    SendBackForm,
    StepForm,
    VerifyForm,
    content_of,
    problem_text,
    seen,
)
from ..limits import within_limit
from ..sentences import say
from . import attached

PAGE_SIZE = 30
#: So many checks from one address within an hour: enough for an office, too few to guess a code.
MOST_CHECKS, HOUR = 60, 3600
PDF, PNG = "application/pdf", "image/png"
#: How a file compares with the one that was issued.
SAME, OTHER, TOO_LARGE = "same", "other", "too_large"
#: How the digest of a file is reckoned: on Linux, on Windows, on a Mac.
COMMANDS = ("sha256sum letter.pdf", "certutil -hashfile letter.pdf SHA256", "shasum -a 256 letter.pdf")
DONE = {
    "approve": gettext_lazy("Approved. It can be issued now."),
    "send_back": gettext_lazy("Sent back. It is a draft again."),
    "issue": gettext_lazy("Issued. Number and file stand, and nothing of them can change."),
    "deliver": gettext_lazy("Delivery is on record."),
}


# --- lists ------------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """The letters that one writes for one's organ, or that one has been sent."""
    actor = actor_of(request)
    writes = reading.writes_letters(actor)
    visible = Letter.objects.visible_to(actor).select_related("organ", "addressee_organisation")
    state = request.GET.get("state", "")
    found = visible.filter(state=state) if state in STATES else visible
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/letters/list.html",
        {
            "writes": writes,
            "states": STATES.items() if writes else (),
            "state": state,
            "page": page,
            "query": f"state={state}" if state in STATES else "",
            "rows": [_row(each) for each in page],
        },
    )


def _row(letter: Letter) -> dict[str, Any]:
    return {"letter": letter, "kind": letter.definition.name, "state": STATES[letter.state], "to": addressee_of(letter)}


def addressee_of(letter: Letter) -> str:
    """To whom a letter goes, as pages say it: a withheld name is not written, not even to the office."""
    return gettext("Identity withheld") if letter.addressee_hidden else letter.addressee


# --- one letter -------------------------------------------------------------------------------------------------------


def _seen(actor: Actor, pk: int) -> Letter:
    letter = Letter.objects.visible_to(actor).select_related("organ__region").filter(pk=pk).first()
    if letter is None:
        raise Http404(pk)
    return letter


def _handled(actor: Actor, pk: int) -> Letter:
    """A letter of the actor's own organ that she handles. Http404 for all others."""
    letter = _seen(actor, pk)
    if not Letter.objects.visible_to(actor).handled_by(actor).filter(pk=pk).exists():
        raise Http404(pk)
    return letter


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter: how far it is, what it says, and the steps that the actor can take."""
    actor = actor_of(request)
    shown = _seen(actor, pk)
    handled = Letter.objects.visible_to(actor).handled_by(actor).filter(pk=pk).exists()
    step = request.POST.get("act", "") if request.method == "POST" else ""
    forms: dict[str, Any] = {"send_back": SendBackForm(), "deliver": DeliverForm()}
    problem = ""
    if request.method == "POST":
        if not handled:
            raise PermissionDenied("a letter is handled by its office")
        form_class, do = _STEPS.get(step, _STEPS["approve"])
        form = forms[step] = form_class(request.POST)
        if step in _STEPS and form.is_valid():
            try:
                do(actor, seen(form, shown), form.cleaned_data)
            except LetterProblem as refused:
                problem = problem_text(refused)
            else:
                messages.success(request, str(DONE[step]))
                return redirect("letter", pk)
            shown = _seen(actor, pk)
    version = shown.now
    return render(
        request,
        "web/letters/letter.html",
        {
            "letter": shown,
            "kind": shown.definition,
            "state": STATES[shown.state],
            "way": WAYS.get(shown.delivered_how),
            "to": addressee_of(shown),
            "sheet": acts.sheet(shown, version.content),
            "attachments": [
                f"{'附件：' if at == 1 else ''}{at}. {name}"
                for at, name in enumerate(lines_of(version.content.get("attachments", "")), start=1)
            ],
            "articles": [article(number) for number in shown.definition.articles],
            "handled": handled,
            "approves": handled and reading.approves_letters(actor),
            "missing": shown.definition.missing(version.content),
            "ways": [(way, words) for way, words in WAYS.items() if way != IN_APP or acts.could_be_sent(shown)],
            "mails": [
                (each, MAIL_STATES[each.state], REASONS.get(each.reason))
                for each in LetterMail.objects.visible_to(actor).filter(letter=pk)
            ],
            "mailbox": mailing.mailbox_of(shown) if handled and shown.state == ISSUED else None,
            "problem": problem,
            **forms,
        },
        status=422 if request.method == "POST" else 200,
    )


_STEPS: dict[str, tuple[type[Any], Callable[[Actor, Letter, dict[str, Any]], Letter]]] = {
    "approve": (StepForm, lambda actor, letter, _: acts.approve(actor, letter)),
    "send_back": (SendBackForm, lambda actor, letter, given: acts.send_back(actor, letter, given["reason"])),
    "issue": (StepForm, lambda actor, letter, _: acts.issue(actor, letter)),
    "deliver": (DeliverForm, lambda actor, letter, given: acts.deliver(actor, letter, given["how"], given["note"])),
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What a letter says, field by field, until it is issued. Gaps are kept."""
    actor = actor_of(request)
    shown = _handled(actor, pk)
    if shown.out:
        return redirect("letter", pk)
    version = shown.now
    form = ContentForm(shown.definition, request.POST if request.method == "POST" else None, initial=content_of(version.content, shown.version))  # fmt: skip
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            revised = acts.revise(actor, seen(form, shown), form.content)
        except ContentProblem as refused:
            form.refuse(refused)
        except LetterProblem as refused:
            problem = problem_text(refused)
        else:
            messages.success(request, gettext("Saved as version %(n)s.") % {"n": revised.version})
            return redirect("letter", pk)
    return render(
        request,
        "web/letters/edit.html",
        {"letter": shown, "kind": shown.definition, "form": form, "rows": list(form.rows()), "problem": problem},
        status=422 if request.method == "POST" else 200,
    )


@never_cache
@login_required
@require_GET
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions of a letter, the newest first, each with what differs from the one before."""
    actor = actor_of(request)
    shown = _handled(actor, pk)
    every = list(LetterVersion.objects.visible_to(actor).filter(letter=pk).select_related("by").order_by("number"))
    earlier: list[LetterVersion | None] = [None, *every[:-1]]
    told = [
        {"version": each, "changes": list(_changes(shown, before, each))}
        for before, each in zip(earlier, every, strict=True)
    ]
    return render(
        request, "web/letters/versions.html", {"letter": shown, "kind": shown.definition, "versions": reversed(told)}
    )


def _changes(letter: Letter, before: LetterVersion | None, after: LetterVersion) -> Iterator[dict[str, Any]]:
    for field in letter.definition.fields:
        old = before.content.get(field.name, "") if before is not None else ""
        new = after.content.get(field.name, "")
        if old != new:
            yield {"field": field, "pieces": list(differing(old, new))}


def differing(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The pieces of two texts: ``("same" | "gone" | "added", text)``, in order."""
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", old[a:b]
        else:
            yield from ((kind, text) for kind, text in (("gone", old[a:b]), ("added", new[c:d])) if text)


# --- files ------------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def picture(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """One page of the draft as a picture, marked as a draft; of an issued letter as it was issued."""
    actor = actor_of(request)
    shown = _handled(actor, pk)
    pages = rendering.render_pictures(acts.sheet(shown))
    if not 1 <= page <= len(pages):
        raise Http404(page)
    response = HttpResponse(pages[page - 1], content_type=PNG)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@login_required
@require_GET
def draft_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a PDF, marked on every page."""
    shown = _handled(actor_of(request), pk)
    if shown.out:
        return redirect("letter_file", pk)
    return attached(rendering.render_draft(acts.sheet(shown)), PDF, gettext("Draft %(n)s.pdf") % {"n": shown.pk})


@never_cache
@login_required
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The issued letter as it was issued. That the addressee has opened it is put on record."""
    actor = actor_of(request)
    shown = _seen(actor, pk)
    kept = LetterFile.objects.visible_to(actor).filter(letter=pk).first()
    if kept is None:
        raise Http404(pk)
    acts.opened(actor, shown)
    return attached(kept.pdf, PDF, f"{shown.number}.pdf")


# --- the check --------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Whether a letter is genuine, by its number and its code."""
    form = VerifyForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method != "POST":
        return render(request, "web/letters/verify.html", {"form": form})
    if not _may_check(request):
        return render(request, "web/letters/verify.html", {"form": form, "limited": True}, status=429)
    if not form.is_valid():
        return render(request, "web/letters/verify.html", {"form": form}, status=422)
    found = verify(form.cleaned_data["code"], form.cleaned_data["number"])
    return _told(request, found, form.cleaned_data["file"], form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_code(request: HttpRequest, code: str) -> HttpResponse:
    """The same from the square code on the letter, which holds its code; and a file may be compared."""
    if not _may_check(request):
        return render(request, "web/letters/verify.html", {"form": VerifyForm(), "limited": True}, status=429)
    found = verify(code)
    compare = CompareForm(request.POST, request.FILES) if request.method == "POST" else CompareForm()
    sent = compare.cleaned_data["file"] if compare.is_bound and compare.is_valid() else None
    return _told(request, found, sent, VerifyForm(initial={"code": code}), compare, code)


def _may_check(request: HttpRequest) -> bool:
    return within_limit("verify", get_client_ip_address(request) or "", MOST_CHECKS, HOUR)


def _told(
    request: HttpRequest,
    found: Verified | None,
    sent: Any,
    form: VerifyForm,
    compare: CompareForm | None = None,
    code: str = "",
) -> HttpResponse:
    faulty = compare is not None and bool(compare.is_bound and compare.errors)
    return render(
        request,
        "web/letters/verify.html",
        {
            "form": form,
            "asked": True,
            "found": found,
            "compare": compare or CompareForm(),
            "code": code or form["code"].value(),
            "digest_name": "SHA-256",
            "commands": COMMANDS,
            "compared": _compared(found, sent) if found is not None and sent else "",
        },
        status=422 if faulty else 200,
    )


def _compared(found: Verified, sent: Any) -> str:
    """Whether a file is the one that was issued. It is read piece by piece and kept nowhere."""
    if sent.size > MOST_CHECKED:
        return TOO_LARGE
    digest = hashlib.sha256()
    for chunk in sent.chunks():
        digest.update(chunk)
    return SAME if digest.hexdigest() == found.sha256 else OTHER


# --- codes of organs --------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organ_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code of an organ in the numbers of its letters, kept by the system administrator."""
    actor = actor_of(request)
    if not administers_system(actor):
        raise PermissionDenied("codes of organs are the system administrator's")
    organ = Organisation.objects.visible_to(actor).filter(pk=pk, kind=ORGAN).first()
    if organ is None:
        raise Http404(pk)
    now = code_of(organ)
    form = LetterCodeForm(request.POST if request.method == "POST" else None, initial={"code": now})
    if request.method == "POST" and form.is_valid():
        try:
            set_code(actor, organ, form.cleaned_data["code"], form.cleaned_data["reason"])
        except LetterProblem as refused:
            form.add_error("code", problem_text(refused))
        else:
            messages.success(request, gettext("Saved: %(name)s.") % {"name": say(organ.name)})
            return redirect("admin_organ", pk)
    return render(
        request,
        "web/admin/letter_code.html",
        {"section": "admin", "organ": organ, "form": form, "now": now, "derived": derived_code(organ)},
        status=422 if form.is_bound else 200,
    )
