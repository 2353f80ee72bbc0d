"""The clock: how a date comes about, for people on a page and for machines as JSON; and the calendars it goes by."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_cookie

from huiqi.law.arranging import ReadArrangement, read_arrangement, written
from huiqi.law.articles import article
from huiqi.law.calendars import ChangedMeanwhile, arrange, calendar, days_of, gaps
from huiqi.law.clock import DayLine, Step, calendar_names, deadlines, length_words, pause_reasons, step
from huiqi.law.clock.asking import Answer, ask
from huiqi.law.clock.calendar import XINJIANG, Calendar, SpecialDay, weekday
from huiqi.law.clock.deadlines import UNITS, Deadline
from huiqi.law.clock.problems import ClockProblem
from huiqi.law.clock.reckoning import MOST, unit_words
from huiqi.law.models import CalendarYear
from huiqi.law.permissions import keeps_calendar
from huiqi.registry.permissions import Actor, actor_of
from huiqi.rules.words import Words

from ..clock_form import MOST_PAUSES, PAUSE_FIELDS, ClockForm
from ..sentences import say
from .finder import today

#: Up to so many months the days of all are open; of a longer period only the first and the last.
OPEN_MONTHS = 4
#: So many questions are answered at a time.
MOST_QUESTIONS = 50
#: Years that may be entered: this one, the next one, and what came before.
FIRST_YEAR = 2000


# --- the page ---------------------------------------------------------------------------------------------------------


@require_GET
@vary_on_cookie
def clock_page(request: HttpRequest) -> HttpResponse:
    """A question in the address, and its answer day by day; without one the form alone."""
    asked = bool(request.GET)
    form = ClockForm(request.GET) if asked else None
    answer = form.answer if form is not None and form.is_valid() else None
    return render(
        request,
        "web/clock/page.html",
        {
            "section": "law",
            "form": form,
            "rows": [*(form.rows if form else ()), dict.fromkeys(PAUSE_FIELDS, "")][:MOST_PAUSES],
            "chosen": {
                "calendar": (form.data.get("calendar") if form else None) or XINJIANG,
                "start": form.data.get("start", "") if form else today().isoformat(),
                "unit": (form.data.get("unit") if form else None) or "working_day",
                "rule": form.data.get("rule", "") if form else "",
            },
            "groups": _rules_by_article(),
            "units": [(unit, UNITS[unit]) for unit in MOST],
            "calendars": list(calendar_names().items()),
            "reasons": list(pause_reasons().values()),
            "answer": answer,
            "step": _step(answer) if answer is not None else None,
            "months": _months(answer) if answer is not None else [],
            "link": request.build_absolute_uri() if answer is not None else "",
            "api": f"{reverse('clock_api')}?{request.META.get('QUERY_STRING', '')}",
            "pause_words": {code: reason.words for code, reason in pause_reasons().items()},
        },
        status=422 if asked and answer is None else 200,
    )


def _step(answer: Answer) -> Step | None:
    """Both clocks of the step, where the law's time and a promise stand beside each other."""
    found = answer.reckoning
    if answer.rule is None or found is None:
        return None
    both = step(answer.rule.id, found.start, found.period.calendar, found.period.pauses, found.period.extension)
    return both if len(both.clocks) == 2 else None


def _months(answer: Answer) -> list[dict[str, Any]]:
    """The months of an answer; where the law names the day itself, nothing is counted and all are folded."""
    found = answer.reckoning
    return months_of(answer.days, folded=found is not None and bool(found.period.dates))


def months_of(days: Iterable[DayLine], *, folded: bool = False) -> list[dict[str, Any]]:
    """The days by month, each month open or folded: all open where they are few, else the first and the last."""
    grouped = [(month, list(lines)) for month, lines in groupby(days, key=lambda each: each.day.replace(day=1))]
    few = len(grouped) <= OPEN_MONTHS
    return [
        {"first": month, "days": lines, "open": not folded and (few or place in (0, len(grouped) - 1))}
        for place, (month, lines) in enumerate(grouped)
    ]


def _rules_by_article() -> list[tuple[str, list[Deadline]]]:
    """The latest version of every rule that counts days, under the article that it serves first; the platform's own last."""
    latest = [versions[-1] for versions in deadlines().values()]
    by_article: dict[int, list[Deadline]] = {}
    for rule in latest:
        by_article.setdefault(rule.articles[0] if rule.articles else 0, []).append(rule)
    named = [
        (gettext("Article %(n)s: %(title)s") % {"n": n, "title": say(article(n).title)}, rules)
        for n, rules in sorted(by_article.items())
        if n
    ]
    return [*named, (gettext("All articles, and the platform itself"), by_article.get(0, []))]


@require_GET
@vary_on_cookie
def clock_rules(request: HttpRequest) -> HttpResponse:
    """Every rule of the clock in all its versions: how long, on which source, since when, how sure."""
    groups = [
        (heading, [_rule_row(version) for rule in rules for version in deadlines()[rule.id]])
        for heading, rules in _rules_by_article()
    ]
    return render(
        request,
        "web/clock/rules.html",
        {
            "section": "law",
            "groups": groups,
            "reasons": list(pause_reasons().values()),
            "start": today().isoformat(),
            "count": sum(len(rows) for _, rows in groups),
        },
    )


def _rule_row(rule: Deadline) -> dict[str, Any]:
    extension = rule.extension
    return {
        "rule": rule,
        "length": length_words(rule),
        "longest": unit_words(rule.unit, extension.cap) if extension is not None else None,
        "open": rule.in_force(today()),
    }


# --- for machines -----------------------------------------------------------------------------------------------------


@csrf_exempt  # it reads and writes nothing
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def clock_api(request: HttpRequest) -> HttpResponse:
    """The clock as JSON: a question in the address, or one or a list of them as a JSON body, as ``huiqi clock`` reads them."""
    language = request.GET.get("lang") or get_language() or "zh-hans"
    if request.method != "POST":
        form = ClockForm(request.GET)
        form.is_valid()
        return _json(*_told(form.question(), language))
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return _json(_refused("wrong", "", Words("内容不是有效的 JSON", "the body is not valid JSON")), 400)
    if not isinstance(sent, list):
        return _json(*_told(sent, language))
    if len(sent) > MOST_QUESTIONS:
        most = Words(f"一次最多 {MOST_QUESTIONS} 个问题", f"at most {MOST_QUESTIONS} questions at a time")
        return _json(_refused("wrong", "", most), 400)
    return _json([_told(each, language)[0] for each in sent], 200)


def _told(raw: Any, language: str) -> tuple[dict[str, Any], int]:
    named = {"id": raw["id"]} if isinstance(raw, dict) and "id" in raw else {}
    try:
        return named | ask(raw, calendar).as_mapping(language), 200
    except ClockProblem as problem:
        return named | _refused(problem.code, problem.field, problem.words), 422


def _refused(code: str, field: str, words: Words) -> dict[str, Any]:
    return {"error": {"code": code, "field": field, "zh": words.zh, "en": words.en}}


def _json(content: Any, status: int) -> JsonResponse:
    return JsonResponse(content, status=status, safe=False, json_dumps_params={"ensure_ascii": False})


# --- the calendars ----------------------------------------------------------------------------------------------------


@require_GET
@vary_on_cookie
def calendar_page(request: HttpRequest) -> HttpResponse:
    """One year of one calendar, for everybody: which days are off, which are made up, on whose word."""
    code = request.GET.get("calendar")
    code = code if code in calendar_names() else XINJIANG
    found = calendar(code)
    years = sorted(found.years, reverse=True)
    asked = request.GET.get("year", "")
    default = today().year if today().year in found.years or not years else years[0]
    year = int(asked) if asked.isdigit() and len(asked) == 4 else default
    return render(
        request,
        "web/clock/calendar.html",
        {
            "section": "law",
            "calendars": [(each, words, each == code) for each, words in calendar_names().items()],
            "code": code,
            "name": calendar_names()[code],
            "years": years,
            "year": year,
            "arrangement": found.years.get(year),
            "spans": _spans(found, year),
            "keeps": keeps_calendar(actor_of(request)),
        },
    )


def _spans(found: Calendar, year: int) -> list[dict[str, Any]]:
    """The special days of a year, days in a row with one name as one."""
    spans: list[dict[str, Any]] = []
    for day, special in sorted(found.days.items()):
        if day.year != year:
            continue
        last = spans[-1] if spans else None
        if last is not None and last["special"] == special and (day - last["last"]).days == 1:
            last["last"], last["count"], last["last_weekday"] = day, last["count"] + 1, weekday(day)
        else:
            spans.append(
                {
                    "first": day,
                    "last": day,
                    "count": 1,
                    "special": special,
                    "weekday": weekday(day),
                    "last_weekday": weekday(day),
                }
            )
    return spans


def _keeper(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not keeps_calendar(actor):
        raise PermissionDenied("only the administrator of the platform keeps the calendars")
    return actor


@never_cache
@login_required
@require_GET
def calendars(request: HttpRequest) -> HttpResponse:
    """The administrator's list: every year of every calendar, what is missing, what to enter next."""
    actor = _keeper(request)
    kept = CalendarYear.objects.visible_to(actor).select_related("changed_by").order_by("-year")
    table = [
        {
            "code": code,
            "name": name,
            "years": [each for each in kept if each.calendar == code],
            "next": max((each.year for each in kept if each.calendar == code), default=today().year - 1) + 1,
        }
        for code, name in calendar_names().items()
    ]
    return render(request, "web/clock/calendars.html", {"section": "desk", "table": table, "gaps": gaps(today())})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_year(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Enter or change the arrangement of one year: first what would change, then it is kept."""
    actor = _keeper(request)
    if code not in calendar_names() or not FIRST_YEAR <= year <= today().year + 2:
        raise Http404(f"{code} {year}")
    present = CalendarYear.objects.visible_to(actor).filter(calendar=code, year=year).prefetch_related("days").first()
    before = days_of(present) if present is not None else {}
    context: dict[str, Any] = {
        "section": "desk",
        "code": code,
        "name": calendar_names()[code],
        "year": year,
        "present": present,
        "seen": present.changed_at.isoformat() if present is not None else "",
        "source": present.source if present is not None else "",
        "text": written(before),
        "example": ("2027-02-06 至 2027-02-12 放假 春节 / Spring Festival", "2027-02-20 上班 春节 / Spring Festival"),
    }
    if request.method != "POST":
        return render(request, "web/clock/year.html", context)
    text, source = request.POST.get("text", "")[:20_000], request.POST.get("source", "").strip()[:300]
    read = read_arrangement(year, text)
    if not source:
        read.problems.insert(
            0,
            (
                0,
                Words(
                    "没有写依据。写通知的名称和文号", "The document is missing. Write title and number of the notice"
                ),
            ),
        )
    context |= {"text": text, "source": source, "seen": request.POST.get("seen", ""), "problems": read.problems}
    if read.problems:
        return render(request, "web/clock/year.html", context, status=422)
    if request.POST.get("act") != "keep":
        return render(request, "web/clock/year.html", context | {"changes": _changes(before, read), "tried": True})
    try:
        arrange(actor, code, year, read.days, source, parse_datetime(context["seen"]) if context["seen"] else None)
    except ChangedMeanwhile:
        context["problems"] = [
            (
                0,
                Words(
                    "你打开以后有人改过这一年。重新打开再改",
                    "Somebody changed this year since you opened it. Open it again",
                ),
            )
        ]
        return render(request, "web/clock/year.html", context, status=409)
    messages.success(request, gettext("Kept. Deadlines are reckoned by it from now on."))
    return redirect(f"{reverse('calendar')}?{urlencode({'calendar': code, 'year': year})}")


def _changes(before: dict[Any, SpecialDay], read: ReadArrangement) -> list[dict[str, Any]]:
    """The days that are otherwise than before: what each was and what it will be."""
    return [
        {"day": day, "weekday": weekday(day), "before": before.get(day), "after": read.days.get(day)}
        for day in sorted({*before, *read.days})
        if before.get(day) != read.days.get(day)
    ]
