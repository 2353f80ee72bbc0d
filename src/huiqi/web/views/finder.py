"""The finder: from a licence or three choices, over a few questions, to what an owner may have and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiqi.opportunities import finder
from huiqi.opportunities.assess import Assessment, assess
from huiqi.opportunities.basis import CERTIFIED, basis_of_assessment
from huiqi.opportunities.library import Policy, library
from huiqi.opportunities.models import Profile
from huiqi.opportunities.notices import facts_of
from huiqi.opportunities.saved import empty_profile
from huiqi.registry.on_file import look_up, own_file
from huiqi.registry.permissions import actor_of
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import ValueProblem, read_value
from huiqi.rules.words import Words

from .. import vocabulary
from ..answers import KEY, MOST_QUESTIONS, Answers
from ..forms import CodeForm, QuestionForm, ThreeForm, refuse_impossible, value_message
from ..sample import sample
from ..sentences import conditions
from ..sharing import SIZE
from ..widgets import widget_of
from . import own_address

#: The order of the groups on the page of results, and how many of each stand open; the rest is folded away.
GROUPS = {"yes": 10, "offer": 6, "near": 10, "ask": 6, "no": 3, "closed": 0}

#: An explanation offers so many figures to try.
TRIALS = 3


def today() -> dt.date:
    """The day for which everything is judged: today in Asia/Shanghai."""
    return timezone.localdate()


@dataclass(frozen=True)
class Stated:
    """One line of the list of answers."""

    fact: Fact
    words: Words
    source: str

    @property
    def asked(self) -> Fact:
        """The fact that is asked to change this one: a size class follows from the number of people."""
        return dictionary()["employees"] if self.fact.name == SIZE else self.fact


def answers_of(request: HttpRequest) -> Answers:
    """What the visitor of this request has said in this visit.

    Before she says anything it is what is kept of her: the file of the firm for which she acts, else her saved answers.
    """
    actor = actor_of(request)
    said = Answers(request.session, lambda: own_file(actor), own_first=actor.own_enterprise is not None)
    if KEY not in request.session and actor.person is not None and actor.own_enterprise is None:
        saved = Profile.objects.visible_to(actor).first()
        if saved is not None and saved.answers:
            said.start(facts_of(saved.answers))
    return said


def sources_of(said: Answers) -> dict[str, str]:
    """Where each known fact comes from, for what a verdict rests on."""
    return {name: said.source(name) for name in said.facts()}


def stated(said: Answers) -> list[Stated]:
    return [Stated(fact, vocabulary.value_words(fact, value), said.source(fact.name)) for fact, value in said.stated()]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The first page: begin with a credit code or with three choices."""
    code_form = three_form = None
    said = answers_of(request)
    actor = actor_of(request)
    own = actor.organisation if actor.own_enterprise is not None else None
    if request.method == "POST" and request.POST.get("by") == "own":
        if own is not None:
            said.start_from_own_file()
        return redirect(own_address(request, request.POST.get("next"), reverse("question")))
    if request.method == "POST" and request.POST.get("by") == "code":
        code_form = CodeForm(request.POST)
        if code_form.is_valid():
            found = look_up(code_form.cleaned_data["code"])
            if found is not None:
                said.start(found.facts, enterprise=found.name, on_file=True)
                return redirect("question")
            code_form.add_error(
                "code",
                gettext(
                    "The code is well formed, but no enterprise here has it. Compare it with the licence, or choose three things below."
                ),
            )
    elif request.method == "POST":
        three_form = ThreeForm(request.POST)
        if three_form.is_valid():
            said.start(three_form.facts())
            return redirect("question")
    failed = request.method == "POST"
    return render(
        request,
        "web/finder/start.html",
        {
            "section": "find",
            "code_form": code_form or CodeForm(),
            "three_form": three_form or ThreeForm(),
            "places": vocabulary.places(),
            "trades": vocabulary.trades(),
            "sample": sample(today()),
            "answers": said,
            "own": own,
        },
        status=422 if failed else 200,
    )


def _next(said: Answers) -> Fact | None:
    return finder.next_question(said.facts(), today(), set(said.skipped), len(said.asked))


@never_cache
@require_GET
def next_question(request: HttpRequest) -> HttpResponse:
    """Go to the question that is worth most now, or to the results when none is left."""
    fact = _next(answers_of(request))
    return redirect("question_about", fact.name) if fact else redirect("results")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, name: str) -> HttpResponse:
    """One question about one fact: show it, keep the answer, or skip it."""
    fact = dictionary().get(name)
    if fact is None or fact.name != name or not fact.askable:
        raise Http404(name)
    said = answers_of(request)
    onward = own_address(request, request.POST.get("next") or request.GET.get("next"), "")
    form = QuestionForm(fact, request.POST if request.method == "POST" and "skip" not in request.POST else None)
    if request.method == "POST":
        if "skip" in request.POST:
            said.skip(name)
            return redirect(onward or "question")
        if form.is_valid():
            said.record(name, form.cleaned_data["value"])
            return redirect(onward or "question")
    return _show_question(request, form, said, onward)


def _show_question(request: HttpRequest, form: QuestionForm, said: Answers, onward: str) -> HttpResponse:
    fact = form.fact
    facts = said.facts()
    before = said.before(fact.name)
    in_run = not onward and (fact.name in said.asked or len(said.asked) < MOST_QUESTIONS)
    number = (said.asked.index(fact.name) if fact.name in said.asked else len(said.asked)) + 1 if in_run else None
    assessed = finder.assess_all(facts, today()) if facts else None
    matters = (
        sum(any(fact.name == asked.name for asked in each.ask) for each in assessed.groups["ask"]) if assessed else 0
    )
    return render(
        request,
        "web/finder/question.html",
        {
            "section": "find",
            "fact": fact,
            "form": form,
            **widget_of(form, facts.get(fact.name)),
            "number": number,
            "most": MOST_QUESTIONS,
            "progress": _progress(number) if number else [],
            "next": onward,
            "before": onward or (reverse("question_about", args=[before]) if before else reverse("home")),
            "found": said.enterprise if number == 1 else None,
            "whole_file": said.own,
            "stated": stated(said),
            "here": request.path,
            "matters": matters,
            "counts": [(standing, len(assessed.groups[standing])) for standing in ("yes", "offer", "near", "ask")]
            if assessed
            else [],
        },
        status=422 if form.is_bound else 200,
    )


def _progress(number: int) -> list[str]:
    """The state of each of the six bars: done, now or empty."""
    return ["done" if place < number else "now" if place == number else "" for place in range(1, MOST_QUESTIONS + 1)]


@never_cache
@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """All answers of this visit, each with a link to change it."""
    said = answers_of(request)
    return render(
        request,
        "web/finder/answers.html",
        {
            "section": "find",
            "stated": stated(said),
            "skipped": [dictionary()[name] for name in said.skipped if name in dictionary()],
            "here": request.path,
        },
    )


@never_cache
@require_POST
def forget(request: HttpRequest) -> HttpResponseRedirect:
    """Delete all answers of this visit, and those that were saved for a later one."""
    actor = actor_of(request)
    answers_of(request).forget()
    if actor.own_enterprise is None:
        empty_profile(actor)
    return redirect("home")


@never_cache
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """What the visitor may have, is close to, cannot have, and what cannot be told yet."""
    said = answers_of(request)
    found = finder.assess_all(said.facts(), today())
    lines = stated(said)
    groups = [_group(standing, found.groups[standing]) for standing in GROUPS]
    return render(
        request,
        "web/finder/results.html",
        {
            "section": "find",
            "today": today(),
            "groups": groups,
            "headline": [
                line for line in lines if line.fact.name in ("registration_region", "industry_code", "employees")
            ],
            "stated": lines,
            "here": request.path,
            "found": found,
            "file_aside": said.leaves_file_aside,
            "certified": rests_on_certified(found.counted, sources_of(said)),
            "sources": sources_of(said),
            "next_question": _next(said),
        },
    )


def rests_on_certified(assessments: Iterable[Assessment], sources: dict[str, str]) -> bool:
    """Whether all of these verdicts rest on certified facts only; False when there is none."""
    bases = [basis_of_assessment(each, sources) for each in assessments]
    return bool(bases) and all(basis == CERTIFIED for basis in bases)


def _group(standing: str, assessments: Iterable[Assessment]) -> dict[str, Any]:
    every = list(assessments)
    cut = GROUPS[standing]
    return {"standing": standing, "list": every, "shown": every[:cut], "folded": every[cut:]}


@never_cache
@require_GET
def why(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Point by point why a policy stands as it does, and what would change it."""
    policy = shown_policy(policy_id)
    said = answers_of(request)
    facts = said.facts()
    trial, error = _trial(request, facts)
    assessment = assess(policy, {**facts, **trial}, today())
    return render(
        request,
        "web/finder/why.html",
        {
            "section": "find",
            "policy": policy,
            "assessment": assessment,
            "today": today(),
            "rows": conditions(assessment),
            "met": sum(leaf.verdict is True for leaf in conditions(assessment)),
            "answered": _sources(assessment, said),
            "certified": not trial and rests_on_certified([assessment], sources_of(said)),
            "here": request.path,
            "tried": bool(trial),
            "trials": _trials(assessment, request),
            "trial_error": error,
        },
    )


def _sources(assessment: Assessment, said: Answers) -> dict[str, str]:
    """Where each value that the rule reads comes from: the register, the file, the visitor, or by reckoning."""
    known = said.facts()
    names = {reading.fact.name for leaf in assessment.leaves for reading in leaf.readings if reading.value is not None}
    if "size_class_best" in names:
        names.add("size_class")
    return {name: said.source(name) if name in known else "reckoned" for name in names}


def _trials(assessment: Assessment, request: HttpRequest) -> list[tuple[Fact, str, Words | None]]:
    """The first figures of the rule, each with what is in its field now and its unit."""
    found: dict[str, tuple[Fact, str, Words | None]] = {}
    for leaf in assessment.leaves:
        for reading in leaf.readings:
            fact = reading.fact
            if fact.askable and fact.type in ("integer", "decimal") and fact.name not in found and len(found) < TRIALS:
                now = "" if reading.value is None else str(reading.value)
                entered = request.GET.get(f"try_{fact.name}", now)
                found[fact.name] = (fact, entered, vocabulary.unit_words(fact))
    return list(found.values())


def _trial(request: HttpRequest, facts: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The figures of a trial that differ from the visitor's own, and a message for the first that is none."""
    trial: dict[str, Any] = {}
    for key, raw in request.GET.items():
        fact = dictionary().get(key.removeprefix("try_"))
        if not key.startswith("try_") or fact is None or not fact.askable:
            continue
        try:
            value = read_value(fact, raw)
            if value is not None:
                refuse_impossible(fact, value, str(raw))
        except ValueProblem as problem:
            return {}, value_message(problem)
        except ValidationError as problem:
            return {}, problem.messages[0]
        if value is not None and value != facts.get(fact.name):
            trial[fact.name] = value
    return trial, ""


def shown_policy(policy_id: str) -> Policy:
    """The policy of this id. 404 when there is none or it is on hold: what is on hold exists for nobody outside."""
    policy = library().get(policy_id)
    if policy is None or not policy.shown:
        raise Http404(policy_id)
    return policy
