"""Notes that nobody has to ask for: a deadline nears, a policy begins to apply.

Each is written once for each occasion, however often this runs: the database refuses a second one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from huiqi.documents.inbox import tell_organisations
from huiqi.documents.models import Notice
from huiqi.journal import act, machine
from huiqi.registry.snapshot import snapshot
from huiqi.rules import dictionary
from huiqi.rules.table import Matcher
from huiqi.rules.values import ValueProblem, read_value

from .assess import assess
from .library import Library, Policy, library
from .match import table_of
from .models import Profile, PublishedPolicy

#: A deadline is told so long before it.
NOTICE = dt.timedelta(days=15)


@dataclass(frozen=True)
class Sent:
    """Numbers of notes that were written now: deadlines to enterprises and to saved profiles, new policies to these."""

    deadlines: int
    deadlines_of_profiles: int
    beginnings_of_profiles: int


def send(on: dt.date, of: Library | None = None) -> Sent:
    """Write the notes that are due on a day."""
    chosen = of or library()
    ending = [policy for policy in chosen.shown() if _ends_soon(policy, on)]
    profiles = list(_profiles())
    to_profiles = [
        (person, policy.id, _end(policy), _end_data(policy))
        for person, _, facts in profiles
        for policy in ending
        if assess(policy, facts, on).verdict == "eligible"
    ]
    with act(machine("notices"), "notices.sent", articles=(27,)):
        return Sent(
            _deadlines(ending, on),
            _write_to_persons("deadline", to_profiles),
            _write_to_persons("begins_to_apply", list(_beginnings(chosen, profiles, on))),
        )


def facts_of(answers: dict[str, Any]) -> dict[str, Any]:
    """The typed facts of saved answers; what a newer dictionary no longer accepts is left out."""
    facts: dict[str, Any] = {}
    for name, raw in answers.items():
        fact = dictionary().get(name)
        try:
            value = read_value(fact, raw) if fact is not None else None
        except ValueProblem:
            continue
        if fact is not None and value is not None:
            facts[fact.name] = value
    return facts


def _ends_soon(policy: Policy, on: dt.date) -> bool:
    return policy.valid_to is not None and policy.phase(on) == "open" and policy.valid_to <= on + NOTICE


def _end(policy: Policy) -> str:
    return policy.valid_to.isoformat() if policy.valid_to else ""


def _end_data(policy: Policy) -> dict[str, Any]:
    return {"valid_to": _end(policy)}


def _profiles() -> Iterator[tuple[int, dt.date, dict[str, Any]]]:
    """(person, day since when saved, typed facts) of the saved profiles of people who can still log in."""
    rows = Profile.objects.filter(person__is_active=True).exclude(answers={}).order_by("person_id")
    for profile in rows.iterator():
        yield profile.person_id, timezone.localtime(profile.created_at).date(), facts_of(profile.answers)


def _deadlines(ending: list[Policy], on: dt.date) -> int:
    """Tell every enterprise on file that may have one of these policies. All enterprises are judged at once."""
    if not ending:
        return 0
    facts = snapshot().table
    matcher = Matcher(table_of(facts, on))
    ids = facts["organisation"].to_numpy()
    written = 0
    for policy in ending:
        entitled = matcher.unpack(matcher.match(policy.rule).certain)
        told = ids[np.flatnonzero(entitled)].tolist()
        written += tell_organisations("deadline", policy.id, _end(policy), _end_data(policy), told)
    return written


def _beginnings(
    chosen: Library, profiles: list[tuple[int, dt.date, dict[str, Any]]], on: dt.date
) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """Policies that apply to a saved profile and that came after it was saved: published, or open since."""
    versions = {
        row.policy_id: (row.version, timezone.localtime(row.published_at).date())
        for row in PublishedPolicy.objects.current()
    }
    for policy in chosen.shown():
        if policy.phase(on) != "open":
            continue
        version, published = versions.get(policy.id, (None, None))
        began = max((day for day in (published, policy.valid_from) if day is not None), default=None)
        if began is None:
            continue
        occasion = f"v{version}" if version is not None else began.isoformat()
        data = {"valid_from": policy.valid_from.isoformat() if policy.valid_from else None}
        for person, saved, facts in profiles:
            newer = began > saved or (began == saved and version is not None)
            if newer and assess(policy, facts, on).verdict == "eligible":
                yield person, policy.id, occasion, data


def _write_to_persons(kind: str, notes: list[tuple[int, str, str, dict[str, Any]]]) -> int:
    """Write notes (person, policy, occasion, data); the number of those that were not there before."""
    written = 0
    with connection.cursor() as cursor:
        for person, subject, occasion, data in notes:
            cursor.execute(
                f"INSERT INTO {Notice._meta.db_table} (person_id, kind, subject, occasion, data, created_at) "  # noqa: S608
                "VALUES (%s, %s, %s, %s, %s::jsonb, now()) ON CONFLICT DO NOTHING",
                [person, kind, subject, occasion, json.dumps(data)],
            )
            written += int(cursor.rowcount)
    return written
