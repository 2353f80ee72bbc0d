"""Complaints by telephone, by letter and at the counter: an officer takes them down for those who do not come online."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from huiqi.cases import filing, respondents, routing
from huiqi.cases.acting import CaseProblem
from huiqi.cases.kinds import kinds
from huiqi.cases.models import Case
from huiqi.cases.vocabulary import CHANNELS, ONLINE

from ..case_forms import IntakeForm
from ..sentences import opening, say
from ..vocabulary import places
from .desk_cases import case_actor
from .finder import today


@cache_control(private=True, no_store=True, no_transform=True)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Take a complaint down for somebody who calls, comes or writes. The receipt tells the secret this once."""
    actor = case_actor(request)
    form = IntakeForm(request.POST, files=request.FILES) if request.method == "POST" else IntakeForm()
    channel = request.POST.get("channel", "")
    problem = ""
    if (request.method == "POST" and channel not in CHANNELS) or channel == ONLINE:
        problem = gettext("Choose how it came in.")
    if request.method == "POST" and form.is_valid() and not problem:
        try:
            receipt = filing.file(actor, form.intake(channel, get_language() or "zh-hans"))
        except routing.Unroutable as refused:
            problem = gettext("%(what)s.") % {"what": say(refused.what)}
        except CaseProblem as refused:
            form.refuse(refused)
        else:
            return render(
                request,
                "web/desk_cases/receipt.html",
                {
                    "section": "desk",
                    "receipt": receipt,
                    "may_open": Case.objects.visible_to(actor).filter(pk=receipt.case.pk).exists(),
                },
            )
    return render(
        request,
        "web/desk_cases/new.html",
        {
            "section": "desk",
            "form": form,
            "channel": channel,
            "channels": [(code, opening(say(words))) for code, words in CHANNELS.items() if code != ONLINE],
            "kinds": kinds().values(),
            "places": places(),
            "organs": _against(form),
            "problem": problem,
            "most_files": filing.MOST_FILES,
            "today": today(),
        },
        status=422 if request.method == "POST" else 200,
    )


def _against(form: IntakeForm) -> list[tuple[str, str]]:
    """The organs that go by what was written as the other side, at the place and above it."""
    name, region = (str(form[each].value() or "") for each in ("respondent_name", "region"))
    return [(str(each.pk), say(each.name)) for each in respondents.found(name, region, today())]
