"""After a complaint: an inspection, a penalty or a lost award at the complainant by the respondent raises a sealed alert.

It goes to the organ above the respondent and to nobody else (article 56(3) of the measures); for how many days stands in
``law/data/deadlines.yaml``. A signal opens a check and is no finding. No score of a firm is ever made of its complaints.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from huiqi.journal import act, machine
from huiqi.law.duties.places import Organs
from huiqi.registry.models import Organisation
from huiqi.registry.reasons import given_reason
from huiqi.rules.words import Words

from . import telling
from .acting import By, CaseProblem, locked
from .filing import watched_until
from .models import Alert, Case
from .routing import watcher
from .vocabulary import COMPLAINANT

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

INSPECTION, PENALTY, LOST_AWARD = "inspection", "penalty", "lost_award"
OCCURRENCES: dict[str, Words] = {
    INSPECTION: Words("检查", "inspection"),
    PENALTY: Words("处罚", "penalty"),
    LOST_AWARD: Words("失去中标或订单", "lost award or order"),
}


def report(by: By, case_id: int, what: str, on: dt.date, text: str) -> list[Alert]:
    """The complainant tells what the respondent did to her after the complaint. Raises PermissionDenied, CaseProblem."""
    if by.part != COMPLAINANT:
        raise PermissionDenied("only who complains reports what happened to her")
    if what not in OCCURRENCES:
        raise CaseProblem(Words("请选择发生了什么", "Choose what happened"), "what")
    with transaction.atomic():
        case = locked(by, case_id)
        if case.respondent is None:
            raise CaseProblem(Words("这一件没有登记被投诉单位", "No office complained of is on record"), "what")
        first = timezone.localtime(case.filed_at).date()
        if not first <= on <= watched_until(case) or on > timezone.localdate():
            raise CaseProblem(
                Words(
                    f"只看投诉之后到{watched_until(case)}的事",
                    f"What is watched is from the complaint to {watched_until(case)}",
                ),
                "on",
            )
        return [_raise(case, what, on, text.strip()[:1000])]


def happened(firm: Organisation, respondent: Organisation, what: str, on: dt.date, text: str = "") -> list[Alert]:
    """Something that the platform itself knows of was done to a firm: an alert for each complaint that it is watched for.

    For the chapters that record inspections, penalties and awards. KeyError for something that is not watched.
    """
    words = OCCURRENCES[what]
    found = Case.objects.filter(
        complainant__organisation=firm,
        respondent=respondent,
        filed_at__date__lte=on,
    ).select_related("respondent")
    return [_raise(case, what, on, text or words.zh) for case in found if on <= watched_until(case)]


def look_into(actor: Actor, alert: Alert, finding: str) -> Alert:
    """What the organ above found. Raises PermissionDenied, ValueError without words."""
    given = given_reason(finding)
    if not Alert.objects.visible_to(actor).filter(pk=alert.pk).exists():
        raise PermissionDenied("alerts are looked into by supervisors of the organ above")
    with act(actor.who, "case.alert_seen", about=alert, articles=(56,)):
        held = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
        held.seen_at, held.seen_by, held.finding = timezone.now(), actor.person, given
        held.save(update_fields=["seen_at", "seen_by", "finding"])
    return held


def _raise(case: Case, what: str, on: dt.date, text: str) -> Alert:
    assert case.respondent is not None
    above = watcher(case.respondent, Organs(on))
    to = above or case.handling
    with transaction.atomic():
        # it names neither the case nor the place: the respondent's own auditors read events of their region
        with act(machine("cases"), "case.watched", articles=(56,)) as this:
            alert, new = Alert.objects.get_or_create(
                case=case, what=what, on=on, defaults={"to": to, "text": text, "at": timezone.now()}
            )
            this.about(alert)
        if new:
            telling.tell_of_alert(alert)
    return alert
