"""News of a case goes to those whom it concerns. The words outside the case name its number and nothing else."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from huiqi.documents.kinds import CASES, Kind, TitleOf, declare
from huiqi.documents.models import Notice
from huiqi.documents.telling import tell
from huiqi.journal import act, machine
from huiqi.registry.models import Organisation, Person
from huiqi.rules.words import Words

from .models import CaseClock
from .models.entries import CLIMBED, WARNED
from .procedures import PROCEDURES
from .vocabulary import COMPLAINANT, HANDLER, RESPONDENT, SUPERIOR, THIRD_PARTY

if TYPE_CHECKING:
    from .models import Alert, Case
    from .procedures import Step

#: The kind of notice of all news of cases.
KIND = "case"
#: Steps after which the office is told, because somebody else has taken them.
_FOR_THE_OFFICE = frozenset({"supplement", "state_position", "withdraw", "reopen", "rate"})
#: Steps of which the other side is told.
_FOR_THE_RESPONDENT = frozenset({"ask_statement"})


def tell_of_step(case: Case, event: str, step: Step, part: str) -> None:
    """Who reads of a step: the complainant what is shown to her, the office what others did, the respondent what it is asked."""
    if COMPLAINANT in step.shown_to and part != COMPLAINANT:
        tell_complainant(case, event)
    if event in _FOR_THE_OFFICE and part != HANDLER:
        tell_organisation(case, case.handling, event)
    if event in ("transfer", "settle"):
        tell_organisation(case, case.handling, "filed")
    if event in _FOR_THE_RESPONDENT and case.respondent is not None:
        tell_organisation(case, case.respondent, event)


def tell_complainant(case: Case, what: str) -> None:
    """A notice for whoever complains, if she has an account; which case it is, and whose, is not told by the journal."""
    told = case.complainant
    if told.organisation_id is None and told.person_id is None:
        return
    # by itself and not by tell(): who complains is told by no event, nor is the case
    with act(machine("cases"), "notice.sent"):
        Notice.objects.create(
            organisation=told.organisation,
            person=None if told.organisation_id else told.person,
            kind=KIND,
            subject=str(case.pk),
            occasion=secrets.token_hex(8),
            data=_data(case, what, COMPLAINANT),
        )


def tell_organisation(
    case: Case, organisation: Organisation, what: str, part: str = "", clock: CaseClock | None = None
) -> None:
    """A notice for an office that handles or oversees a case, or for an organisation that is heard; of a ``clock`` if it warns."""
    _tell(case, organisation, what, part or _part_of(case, organisation), clock)


def _part_of(case: Case, organisation: Organisation) -> str:
    if organisation.pk == case.handling_id:
        return HANDLER
    return RESPONDENT if organisation.pk == case.respondent_id else THIRD_PARTY


def tell_person(case: Case, person: Person, what: str, part: str = HANDLER, clock: CaseClock | None = None) -> None:
    """A notice for one officer of the office that handles or oversees the case; of a ``clock`` if it warns."""
    _tell(case, person, what, part, clock)


def tell_of_alert(alert: Alert) -> None:
    """A notice for the organ above: that there is something sealed to look into, and no more."""
    data = _data(alert.case, "alert", SUPERIOR)
    tell(machine("cases"), KIND, alert.to, str(alert.pk), occasion="raised", data=data, about=alert)


def _tell(case: Case, to: Organisation | Person, what: str, part: str, clock: CaseClock | None = None) -> None:
    warns = clock_mark(clock) if clock is not None else {}
    tell(
        machine("cases"),
        KIND,
        to,
        str(case.pk),
        occasion=secrets.token_hex(8),
        data={**_data(case, what, part), **warns},
        about=case,
        region=case.region_id,
    )


def clock_mark(clock: CaseClock) -> dict[str, object]:
    """Of which clock a warning tells, with which last day, and at which office."""
    return {"clock": clock.pk, "until": str(clock.due), "handling": clock.case.handling_id}


def _still_holds(notice: Notice) -> bool:
    """Whether the clock of a warning runs on with that last day at that office: whoever has acted meanwhile is not threatened."""
    if "clock" not in notice.data:
        return True
    running = CaseClock.objects.filter(pk=notice.data["clock"], stopped_on__isnull=True).select_related("case").first()
    mark = {name: notice.data.get(name) for name in ("clock", "until", "handling")}
    return running is not None and clock_mark(running) == mark


def _data(case: Case, what: str, part: str) -> dict[str, str]:
    return {"what": what, "number": case.number, "part": part}


_NEWS: dict[str, Words] = {
    "filed": Words("有一件新的诉求", "A new complaint has come in"),
    "message": Words("有新留言", "There is a new message"),
    "assigned": Words("有一件交给你承办", "A case was given to you"),
    "conflict": Words("有人申报了利益冲突", "Somebody declared a conflict of interest"),
    "invited": Words("请你参加", "You are asked to take part"),
    "released": Words("不用再参加了", "You no longer take part"),
    "alert": Words("有一条保护提醒要核查", "There is a sealed alert to look into"),
    WARNED: Words("快到最后一天了", "The last day comes near"),
    CLIMBED: Words("逾期没有办，已上报到你这里", "It is overdue and has climbed to you"),
}


def _in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    """How the inbox tells it: what happened to which number, and the page of the case for the part of the reader."""
    number, what = str(notice.data.get("number", "")), str(notice.data.get("what", ""))
    if what in _NEWS:
        news = _NEWS[what]
    else:
        step = next((each.steps[what] for each in PROCEDURES.values() if what in each.steps), None)
        news = step.done if step is not None else Words("有进展", "There is news")
    part = str(notice.data.get("part", ""))
    if what == "released":
        return (
            Words(f"{number}：{news.zh}", f"{number}: {news.en}"),
            Words(
                "承办机关请你退出，这一件你看不到了。",
                "The handling office has released you: you do not see the case any more.",
            ),
            ("cases",),
        )
    page = ("case_alerts",) if what == "alert" else (_PAGES.get(part, "case"), notice.subject)
    return (
        Words(f"{number}：{news.zh}", f"{number}: {news.en}"),
        Words("打开看看现在怎样、接下来要做什么。", "Open it to see how it stands and what comes next."),
        page,
    )


_PAGES = {HANDLER: "desk_case", SUPERIOR: "desk_case"}
declare(
    Kind(
        KIND,
        CASES,
        Words("诉求有进展", "news of a case"),
        _in_words,
        lambda notice: str(notice.data.get("number", "")),
        _still_holds,
    )
)
