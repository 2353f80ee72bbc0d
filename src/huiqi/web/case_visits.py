"""Whom a visit has been let in to: the cases whose number and secret were shown, for a while, and in which part."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from huiqi.cases.acting import By, parts_of
from huiqi.cases.filing import by_keys
from huiqi.cases.models import Case
from huiqi.cases.queries import OUTSIDE
from huiqi.cases.vocabulary import COMPLAINANT
from huiqi.registry.permissions import Actor, actor_of

KEY = "cases"
#: Whoever has shown the secret is let in for so many seconds.
SECONDS = 2 * 3600
#: A visit is let in to so many cases at a time.
MOST = 20


def private(response: HttpResponse) -> HttpResponse:
    """An answer that nobody on the way keeps or changes: it shows a secret, or what somebody has told (decision 0027)."""
    response.headers["Cache-Control"] = "private, no-store, no-transform"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def let_in(request: HttpRequest, case: Case) -> None:
    """Let this visit in to a case. Whoever calls gives the visit a new key, before or with it."""
    kept = dict(sorted(_kept(request).items(), key=lambda each: each[1])[-MOST + 1 :])
    request.session[KEY] = kept | {str(case.pk): int(time.time()) + SECONDS}


def leave(request: HttpRequest) -> None:
    """Forget to which cases this visit was let in."""
    request.session.pop(KEY, None)


def _kept(request: HttpRequest) -> dict[str, int]:
    now = time.time()
    return {pk: until for pk, until in request.session.get(KEY, {}).items() if until > now}


def by_secret(request: HttpRequest) -> list[Case]:
    """The cases to which this visit was let in by their secrets."""
    return by_keys([int(pk) for pk in _kept(request)])


@dataclass(frozen=True)
class Seen:
    """A case as somebody looks at it: in which part, and all that she could choose."""

    case: Case
    by: By
    parts: tuple[str, ...]


def seen(request: HttpRequest, pk: int) -> Seen | None:
    """The case as this visit may see it, in the part that ``?part=`` asks for; None for whoever has no part in it."""
    actor = actor_of(request)
    case = Case.objects.visible_to(actor).select_related(*_NEEDED).filter(pk=pk).first()
    mine: dict[str, Actor | None] = {}
    if case is not None:
        mine = {part: actor for part in parts_of(actor, case) if part in OUTSIDE}
    if not mine.get(COMPLAINANT) and str(pk) in _kept(request):
        case = next(iter(by_keys([pk])), case)
        mine = {COMPLAINANT: None, **mine}
    if case is None or not mine:
        return None
    asked = request.POST.get("part") or request.GET.get("part", "")
    part = asked if asked in mine else next(iter(mine))
    return Seen(case, By(part, mine[part]), tuple(mine))


_NEEDED = ("region", "handling", "respondent", "complainant")
