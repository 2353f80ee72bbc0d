"""Filing a complaint: one small page a step, kept on the server from step to step, sent once, with a receipt at once."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiqi.cases import clocks, filing, respondents, routing
from huiqi.cases.acting import CaseProblem
from huiqi.cases.filing import by_keys
from huiqi.cases.kinds import kinds, likely_kinds
from huiqi.cases.models import Case, FilingDraft
from huiqi.registry.models import Organisation
from huiqi.registry.permissions import Actor, actor_of
from huiqi.rules.words import Words

from ..case_forms import AS_TYPED, ComplaintForm, FileForm, ResumeForm, problem_text
from ..case_visits import let_in, private
from ..limits import within_limit
from ..vocabulary import places

#: So many complaints, beginnings of one, files and tries of a code come from one address within an hour.
MOST_COMPLAINTS, MOST_DRAFTS, MOST_FILES_SENT, MOST_TRIES, HOUR = 20, 60, 60, 30, 3600
#: A receipt is shown in the visit that filed, until it is put away, and not longer than so many seconds.
RECEIPT_SECONDS = 30 * 60
DRAFT, RECEIPT, CODE = "complaint_draft", "complaint_receipt", "complaint_code"

#: The steps, each with the fields that it asks for.
STEPS: dict[str, tuple[str, ...]] = {
    "what": ("told",),
    "kind": ("kind",),
    "whom": ("region", "respondent_name", "respondent"),
    "details": ("happened_on", "amount", "wish"),
    "you": ("name", "contact", "phone", "email", "withheld"),
}
CHECK = "check"
TITLES = {
    "what": gettext_lazy("What happened?"),
    "kind": gettext_lazy("What is it about?"),
    "whom": gettext_lazy("Where, and who did it?"),
    "details": gettext_lazy("A few particulars"),
    "you": gettext_lazy("Who are you?"),
    CHECK: gettext_lazy("Check and send"),
}
_FIELDS = [name for names in STEPS.values() for name in names]


# --- the draft --------------------------------------------------------------------------------------------------------


def _actor(request: HttpRequest) -> Actor:
    """Who files. PermissionDenied for a hat that does not cover it."""
    actor = actor_of(request)
    filing.check_hat(actor)
    return actor


def _draft(request: HttpRequest, actor: Actor) -> FilingDraft | None:
    """The draft of this visit, else, for somebody signed in, her own."""
    kept = request.session.get(DRAFT)
    found = filing.draft_of(actor, kept) if kept is not None else None
    return found or filing.draft_of(actor)


def _known(actor: Actor, draft: FilingDraft | None) -> dict[str, Any]:
    """What has been said so far; of a firm that acts here its own name, and who speaks for it."""
    said = dict(draft.data) if draft is not None else {}
    if _is_firm(actor):
        assert actor.organisation is not None and actor.person is not None
        said["name"] = actor.organisation.name_zh
        said.setdefault("contact", actor.person.display_name[:60])
        said.setdefault("email", actor.person.email or "")
    return said


def _is_firm(actor: Actor) -> bool:
    """Whether the actor complains for a firm, so that its name is not asked."""
    return actor.acts_for is not None


def _keep(request: HttpRequest, actor: Actor, draft: FilingDraft | None, said: Mapping[str, Any]) -> FilingDraft:
    data = {"token": secrets.token_hex(8), **(draft.data if draft is not None else {}), **said}
    if draft is None:
        # here and not when it is sent: of two clicks on “send” the second comes with the key of the first
        request.session.cycle_key()
    kept = filing.save_draft(actor, data, draft)
    request.session[DRAFT] = kept.pk
    return kept


def _missing(said: Mapping[str, Any]) -> str:
    """The first step that still wants something; the last page when nothing is missing."""
    for name, fields in STEPS.items():
        if not ComplaintForm(said, only=fields).is_valid() or (name == "whom" and _unchosen(said)):
            return name
    return CHECK


def _unchosen(said: Mapping[str, Any]) -> bool:
    """Whether offices go by the name that was given, and none of the lines was chosen yet."""
    return not said.get("respondent") and bool(_offices(said))


def _offices(said: Mapping[str, Any]) -> list[Organisation]:
    name, region = str(said.get("respondent_name", "")), str(said.get("region", ""))
    return respondents.found(name, region, timezone.localdate()) if name and region else []


# --- the steps --------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """The first step: what happened, in her own words. ``?kind=`` chooses the kind beforehand."""
    return _step(request, "what")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def complain_step(request: HttpRequest, name: str) -> HttpResponse:
    """One of the further steps, and the last page with all of it."""
    if name == CHECK:
        return _check(request)
    if name not in STEPS or name == "what":
        raise Http404(name)
    return _step(request, name)


def _step(request: HttpRequest, name: str) -> HttpResponse:
    actor = _actor(request)
    draft = _draft(request, actor)
    said = _known(actor, draft)
    order = [*STEPS, CHECK]
    if request.method != "POST":
        if name != "what" and draft is None:
            return redirect("complain")
        if name == "what" and request.GET.get("kind") in kinds() and not said.get("kind"):
            said["kind"] = request.GET["kind"]
        return _shown(request, actor, draft, name, said, ComplaintForm(initial=said, only=STEPS[name]))
    form = ComplaintForm(request.POST if not (name == "you" and _is_firm(actor)) else {**request.POST.dict(), "name": said["name"]}, only=STEPS[name])  # fmt: skip
    form.is_valid()
    sent = {field: form.data.get(field, "") for field in STEPS[name]}
    sent["withheld"] = bool(form.data.get("withheld")) if name == "you" else said.get("withheld", False)
    if name == "what" and request.POST.get("kind") in kinds() and not said.get("kind"):
        sent["kind"] = request.POST["kind"]
    if name == "whom" and (sent["respondent_name"], sent["region"]) != (
        said.get("respondent_name"),
        said.get("region"),
    ):
        sent["respondent"] = ""  # another name: what was chosen for the one before is none of hers
    act = request.POST.get("act", "")
    file_form = _file_form(request, name, act)
    if (form.errors and act in ("", "next")) or (file_form is not None and not file_form.is_valid()):
        return _shown(request, actor, draft, name, {**said, **sent}, form, file_form, status=422)
    if draft is None and act not in ("", "next") and not any(str(value) for value in sent.values()):
        return redirect("complain")
    address = get_client_ip_address(request) or ""
    if draft is None and not within_limit("complaint draft", address, MOST_DRAFTS, HOUR):
        form.add_error(None, gettext("That was tried too often. Try again in an hour, or call 12345."))
        return _shown(request, actor, draft, name, {**said, **sent}, form, file_form, status=429)
    draft = _keep(request, actor, draft, {field: value if field == "withheld" else str(value)[:6_000] for field, value in sent.items()})  # fmt: skip
    if file_form is not None:
        try:
            filing.add_to_draft(draft, file_form.cleaned_data["file"])
        except CaseProblem as problem:
            file_form.add_error("file", problem_text(problem))
            return _shown(request, actor, draft, name, {**said, **sent}, form, file_form, status=422)
    if act.startswith("drop-") and act[5:].isdigit():
        draft.files.filter(pk=int(act[5:])).delete()
    if act == "later":
        return _put_by(request, draft)
    if act == "add" or act.startswith("drop-"):
        return redirect("complain_step", name)
    said = {**said, **sent}
    if name == "whom" and _unchosen(said):
        return redirect("complain_step", name)
    ahead = order[order.index(name) + 1]
    return redirect("complain_step", CHECK if request.POST.get("back") == CHECK and _missing(said) == CHECK else ahead)


def _file_form(request: HttpRequest, name: str, act: str) -> FileForm | None:
    """The form of the file that was sent with this step, if one was."""
    if name != "details" or not (act == "add" or request.FILES):
        return None
    form = FileForm(request.POST, request.FILES)
    if not within_limit("complaint file", get_client_ip_address(request) or "", MOST_FILES_SENT, HOUR):
        form.add_error("file", gettext("Too many files were sent from here. Go on without, and add them later."))
    return form


def _shown(
    request: HttpRequest,
    actor: Actor,
    draft: FilingDraft | None,
    name: str,
    said: Mapping[str, Any],
    form: ComplaintForm,
    file_form: FileForm | None = None,
    status: int = 200,
) -> HttpResponse:
    order = [*STEPS, CHECK]
    place = order.index(name)
    likely = likely_kinds(str(said.get("told", ""))) if name == "kind" else []
    context = {
        "section": "complain",
        "name": name,
        "title": TITLES[name],
        "form": form,
        "file_form": file_form or FileForm(),
        "number": place + 1,
        "most": len(order),
        "progress": ["done"] * place + ["now"] + [""] * (len(order) - place - 1),
        "before": order[place - 1] if place else "",
        "back": request.POST.get("back") or request.GET.get("back", ""),
        "begun": draft is not None,
        "said": said,
        "firm": actor.organisation if _is_firm(actor) else None,
        "likely": likely,
        "kinds": [each for each in kinds().values() if each not in likely],
        "places": places(),
        "offices": _offices(said) if name == "whom" else [],
        "as_typed": AS_TYPED,
        "matter": kinds().get(str(said.get("kind", ""))),
        "files": list(draft.files.defer("content").order_by("pk")) if draft is not None and name == "details" else [],
        "chosen_kind": said.get("kind", ""),
    }
    return private(render(request, f"web/cases/complain_{name}.html", context, status=status))


# --- check and send ---------------------------------------------------------------------------------------------------


def _check(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    if request.method == "POST" and request.POST.get("act") == "send":
        return _send(request, actor)
    draft = _draft(request, actor)
    if draft is None:
        return redirect("complain")
    if request.method == "POST":
        return _put_by(request, draft)
    said = _known(actor, draft)
    missing = _missing(said)
    if missing != CHECK:
        return redirect("complain_step", missing) if missing != "what" else redirect("complain")
    return _summary(request, actor, draft, said)


def _summary(
    request: HttpRequest,
    actor: Actor,
    draft: FilingDraft,
    said: Mapping[str, Any],
    problem: str = "",
    limited: bool = False,
    status: int = 200,
) -> HttpResponse:
    form = ComplaintForm(said)
    form.is_valid()
    chosen = form.cleaned_data.get("respondent", "")
    office = next((each for each in _offices(said) if str(each.pk) == chosen), None)
    order = [*STEPS, CHECK]
    return private(
        render(
            request,
            "web/cases/complain_check.html",
            {
                "section": "complain",
                "name": CHECK,
                "title": TITLES[CHECK],
                "number": len(order),
                "most": len(order),
                "progress": ["done"] * (len(order) - 1) + ["now"],
                "before": order[-2],
                "said": form.cleaned_data,
                "matter": kinds()[str(form.cleaned_data["kind"])],
                "place": next(
                    (
                        choice.words
                        for group in places()
                        for choice in group.choices
                        if choice.code == form.cleaned_data["region"]
                    ),
                    None,
                ),
                "office": office,
                "files": list(draft.files.defer("content").order_by("pk")),
                "token": draft.data.get("token", ""),
                "firm": actor.organisation if _is_firm(actor) else None,
                "problem": problem,
                "limited": limited,
                "begun": True,
            },
            status=status,
        )
    )


def _send(request: HttpRequest, actor: Actor) -> HttpResponse:
    """File it. A second click finds the draft gone and is led to the receipt of the first one."""
    draft = _draft(request, actor)
    if draft is None or request.POST.get("token") != draft.data.get("token"):
        return redirect("complain_receipt" if RECEIPT in request.session else "complain")
    said = _known(actor, draft)
    if _missing(said) != CHECK:
        return redirect("complain_step", CHECK)
    if not within_limit("complain", get_client_ip_address(request) or "", MOST_COMPLAINTS, HOUR):
        return _summary(request, actor, draft, said, limited=True, status=429)
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"

    def complaint(held: FilingDraft) -> filing.Complaint:
        form = ComplaintForm(_known(actor, held))
        if not form.is_valid():
            raise CaseProblem(
                Words("填的内容刚刚变了，请再看一遍", "What is written has just changed: look at it again")
            )
        return form.complaint(language=language, files=filing.files_of(held))

    def keep_receipt(receipt: filing.Receipt) -> None:
        request.session.pop(DRAFT, None)
        request.session[RECEIPT] = {
            "case": receipt.case.pk,
            "secret": receipt.secret,
            "why": [receipt.why.zh, receipt.why.en],
            "finish": receipt.finish_rule,
            "at": timezone.now().timestamp(),
        }
        let_in(request, receipt.case)
        request.session.save()

    try:
        filing.file_draft(actor, draft.pk, complaint, keep_receipt)
    except routing.Unroutable as problem:
        return _summary(request, actor, draft, said, gettext("%(what)s.") % {"what": _of(problem.what)}, status=422)
    except CaseProblem as problem:
        return _summary(request, actor, draft, said, problem_text(problem), status=422)
    return redirect("complain_receipt")


def _of(words: Words) -> str:
    return words.of(get_language() or "zh-hans")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complain_receipt(request: HttpRequest) -> HttpResponse:
    """Number, secret, whom it went to and why, the days to expect. Shown in this visit alone, until it is put away."""
    kept = request.session.get(RECEIPT)
    if kept is None or timezone.now().timestamp() - kept["at"] > RECEIPT_SECONDS:
        request.session.pop(RECEIPT, None)
        return redirect("cases")
    if request.method == "POST":
        del request.session[RECEIPT]
        return redirect("case", kept["case"])
    case = by_keys([kept["case"]])[0]
    secret: str = kept["secret"]
    return private(
        render(
            request,
            "web/cases/receipt.html",
            {
                "section": "complain",
                "case": case,
                "secret": [secret[place : place + 4] for place in range(0, len(secret), 4)],
                "why": Words(*kept["why"]),
                **_days(case, kept["finish"]),
            },
        )
    )


def _days(case: Case, finish: str) -> dict[str, Any]:
    """The clock that runs, and the one that follows: reckoned from the last day of the first, so that it is the latest."""
    running = case.clocks.order_by("pk").first()
    assert running is not None
    return {
        "accept": clocks.told_of(running),
        "finish": clocks.told(finish, running.due or running.starts_on),
    }


# --- later ------------------------------------------------------------------------------------------------------------


def _put_by(request: HttpRequest, draft: FilingDraft) -> HttpResponse:
    request.session[CODE] = filing.resume_code(draft)
    return redirect("complain_later")


@never_cache
@require_GET
def complain_later(request: HttpRequest) -> HttpResponse:
    """The code by which a complaint is gone on with; it is shown once."""
    code = request.session.pop(CODE, None)
    if code is None:
        return redirect("complain")
    actor = _actor(request)
    return private(
        render(
            request,
            "web/cases/later.html",
            {
                "section": "complain",
                "code": [code[place : place + 4] for place in range(0, len(code), 4)],
                "until": timezone.localdate() + dt.timedelta(days=filing.DRAFT_DAYS),
                "signed_in": actor.person is not None,
            },
        )
    )


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def complain_resume(request: HttpRequest) -> HttpResponse:
    """Go on with a complaint by its code."""
    form = ResumeForm(request.POST if request.method == "POST" else None)
    context = {"section": "complain", "form": form}
    if request.method != "POST":
        return render(request, "web/cases/resume.html", context)
    if not within_limit("complaint code", get_client_ip_address(request) or "", MOST_TRIES, HOUR):
        return render(request, "web/cases/resume.html", context | {"limited": True}, status=429)
    if form.is_valid():
        actor = _actor(request)
        found = filing.draft_by_code(form.cleaned_data["code"])
        if found is not None and filing.draft_of(actor, found.pk) is not None:
            request.session.cycle_key()
            request.session[DRAFT] = found.pk
            missing = _missing(_known(actor, found))
            return redirect("complain") if missing == "what" else redirect("complain_step", missing)
        form.add_error("code", gettext("No complaint was found. Compare the code with what you wrote down."))
    return render(request, "web/cases/resume.html", context, status=422)


@never_cache
@require_POST
def complain_forget(request: HttpRequest) -> HttpResponse:
    """Take what is written off this device; or throw it away altogether."""
    actor = _actor(request)
    draft = _draft(request, actor)
    request.session.pop(DRAFT, None)
    if request.POST.get("act") == "drop" and draft is not None:
        draft.delete()
        messages.info(request, gettext("What you had written is deleted."))
    else:
        messages.info(request, gettext("It is off this device. Go on with the code when you like."))
    return redirect("home")
