"""The inbox: notices in words, made when they are read, and marked as read.

A notice holds what it is about as data, so that it is told in the language of whoever reads it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from huiqi.journal import act
from huiqi.registry.codes import names
from huiqi.registry.vocabulary import ROLES, SCOPES
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.sentence import day_words, show
from huiqi.rules.values import ValueProblem, read_value
from huiqi.rules.words import Words

from .duties import still_owed
from .kinds import ACCOUNT, CASES, DUTIES, FACTS, POLICIES, Kind, TitleOf, declare, kind_of
from .letters.kinds import kinds as letter_kinds
from .models import Notice
from .sending.proof import opened

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

NOTHING = Words("", "")


@dataclass(frozen=True)
class Told:
    """One notice in words. ``page`` names where something can be done: ``("policy", id)``, ``("fact", name)``,
    ``("duty", id)``, ``("letter", id)``, ``("letters",)``, ``("requests",)``, ``("hats",)``, ``("people",)`` or ``("account",)``."""

    notice: Notice
    title: Words
    text: Words
    page: tuple[str, ...]


def told(notice: Notice, title_of: TitleOf) -> Told:
    """The words of a notice. KeyError when its kind is declared by no package."""
    return Told(notice, *kind_of(notice.kind).in_words(notice, title_of))


def tell_organisations(
    kind: str,
    subject: str,
    occasion: str,
    data: Mapping[str, Any],
    ids: list[int],
    unless_since: dt.datetime | None = None,
) -> int:
    """Write one notice to each of these organisations, once for each occasion. The number that was not there before.

    Whoever has a notice of this kind about this subject from ``unless_since`` on is left out.
    """
    table = Notice._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (organisation_id, kind, subject, occasion, data, created_at) "  # noqa: S608
            "SELECT told, %(kind)s, %(subject)s, %(occasion)s, %(data)s::jsonb, now() FROM unnest(%(ids)s::bigint[]) AS told "
            f"WHERE NOT EXISTS (SELECT 1 FROM {table} before WHERE before.organisation_id = told AND before.kind = %(kind)s "
            "AND before.subject = %(subject)s AND before.created_at >= %(since)s::timestamptz) ON CONFLICT DO NOTHING",
            {
                "kind": kind,
                "subject": subject,
                "occasion": occasion,
                "data": json.dumps(data),
                "ids": ids,
                "since": unless_since,
            },
        )
        return int(cursor.rowcount)


def mark_read(actor: Actor, notice_id: int) -> Notice | None:
    """Mark one notice of the actor as read, and note that this person has opened it; None when she has no such notice."""
    notice = Notice.objects.visible_to(actor).filter(pk=notice_id).first()
    if notice is not None and actor.person is not None:
        with act(actor.who, "notice.read", about=notice, subject=notice.organisation_id):
            now = timezone.now()
            if notice.read_at is None:
                notice.read_at = now
                notice.save(update_fields=["read_at"])
            opened(actor.person, notice, now)
    return notice


def mark_all_read(actor: Actor) -> int:
    """Mark all notices of the actor as read, which is not to open them. The number of those that were not."""
    with act(actor.who, "notice.all_read", subject=actor.own_enterprise):
        return Notice.objects.visible_to(actor).unread().update(read_at=timezone.now())


# --- words ------------------------------------------------------------------------------------------------------------


def _begins(title: Words, data: Mapping[str, Any]) -> tuple[Words, Words]:
    start = _day(data.get("valid_from"))
    text = (
        Words(
            f"自{start.zh}起。按你的资料，条件都满足。",
            f"From {start.en}. By what is on file, you meet every condition.",
        )
        if start
        else Words("按你的资料，条件都满足。", "By what is on file, you meet every condition.")
    )
    return Words(f"新政策适合你：{title.zh}", f"A policy now applies to you: {title.en}"), text


def _changed(title: Words, data: Mapping[str, Any]) -> tuple[Words, Words]:
    return (
        Words(f"政策有变化：{title.zh}", f"A policy has changed: {title.en}"),
        Words("打开看看现在的条件。", "Open it to see the conditions as they are now."),
    )


def _deadline(title: Words, data: Mapping[str, Any]) -> tuple[Words, Words]:
    last = _day(data.get("valid_to"))
    when = Words(f"{last.zh}截止。", f"It closes on {last.en}. ") if last else NOTHING
    return (
        Words(f"快到期了：{title.zh}", f"It ends soon: {title.en}"),
        Words(f"{when.zh}按你的资料，条件都满足。", f"{when.en}By what is on file, you meet every condition."),
    )


def _ends(title: Words, data: Mapping[str, Any]) -> tuple[Words, Words]:
    return (
        Words(f"你不再符合：{title.zh}", f"No longer yours: {title.en}"),
        Words("你的资料有变化。打开看看是哪一条。", "What is on file has changed. Open it to see which condition."),
    )


_OF_POLICIES: dict[str, Callable[[Words, Mapping[str, Any]], tuple[Words, Words]]] = {
    "begins_to_apply": _begins,
    "no_longer_applies": _ends,
    "policy_changed": _changed,
    "deadline": _deadline,
}


def _duty_warned(data: Mapping[str, Any]) -> tuple[Words, Words]:
    title, due = Words(*data.get("title", ("", ""))), _day(data.get("due")) or NOTHING
    return (
        Words(f"快到期了：{title.zh}", f"Due soon: {title.en}"),
        Words(
            f"最后一天是{due.zh}。办了就记一笔，不再提醒，也不上报。",
            f"The last day is {due.en}. Put on record that it is done, and it neither warns nor climbs.",
        ),
    )


def _duty_overdue(data: Mapping[str, Any]) -> tuple[Words, Words]:
    title, due = Words(*data.get("title", ("", ""))), _day(data.get("due")) or NOTHING
    to = Words(*data.get("to", ("", "")))
    return (
        Words(f"逾期，已上报：{title.zh}", f"Overdue, and gone up: {title.en}"),
        Words(
            f"最后一天是{due.zh}，还没有办理记录，已上报到{to.zh}。",
            f"The last day was {due.en} and nothing shows that it was done. It went to {to.en}.",
        ),
    )


def _duty_climbed(data: Mapping[str, Any]) -> tuple[Words, Words]:
    title, due = Words(*data.get("title", ("", ""))), _day(data.get("due")) or NOTHING
    organ = Words(*data.get("organ", ("", "")))
    return (
        Words(f"下级逾期：{title.zh}", f"Overdue below you: {title.en}"),
        Words(
            f"{organ.zh}应在{due.zh}前办，还没有办理记录。请督促。",
            f"{organ.en} should have done it by {due.en}, and nothing shows that it was done. Please see to it.",
        ),
    )


_OF_DUTIES: dict[str, Callable[[Mapping[str, Any]], tuple[Words, Words]]] = {
    "duty_warned": _duty_warned,
    "duty_overdue": _duty_overdue,
    "duty_climbed": _duty_climbed,
}


def _fact_in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    fact = dictionary().get(notice.subject)
    if fact is None:  # a fact that a newer dictionary no longer has
        name = notice.subject
        return Words(f"关于“{name}”的认定", f"About “{name}”"), NOTHING, ("facts",)
    return *_of_fact(notice.kind, fact, notice.data), ("fact", fact.name)


def _of_fact(kind: str, fact: Fact, data: Mapping[str, Any]) -> tuple[Words, Words]:
    organ = Words(*data.get("organ", ("部门", "the office")))
    label, value = fact.label, _value(fact, data.get("value"))
    declared, reason = _value(fact, data.get("declared")), str(data.get("reason", ""))
    until = _day(data.get("valid_until"))
    holds = Words(f"有效期到{until.zh}。", f" It holds until {until.en}.") if until else NOTHING
    if kind == "fact_certified":
        return (
            Words(f"已核定：{label.zh}", f"Certified: {label.en}"),
            Words(f"{organ.zh}核定为 {value.zh}。{holds.zh}", f"{organ.en} certified {value.en}.{holds.en}"),
        )
    if kind == "fact_corrected":
        return (
            Words(f"更正后核定：{label.zh}", f"Corrected and certified: {label.en}"),
            Words(
                f"你填的是 {declared.zh}，{organ.zh}核定为 {value.zh}。理由：{reason}。{holds.zh}",
                f"You stated {declared.en}; {organ.en} certified {value.en}. Reason: {reason}.{holds.en}",
            ),
        )
    return (
        Words(f"没有核定：{label.zh}", f"Not certified: {label.en}"),
        Words(
            f"{organ.zh}没有核定 {declared.zh}。理由：{reason}。你填的数还在，标为没有核定。补上依据，可以再报一次。",
            f"{organ.en} did not certify {declared.en}. Reason: {reason}. Your value stays, marked as not certified. "
            "Add what shows it and declare it again.",
        ),
    )


#: Where something can be done about a notice of this outcome.
_PAGES = {
    "asked": "requests",
    "approved": "hats",
    "given": "hats",
    "ended": "hats",
    "delegation_changed": "hats",
    "delegation_ended": "hats",
    "joined": "people",
    "given_up": "people",
}


def _membership(outcome: str, data: Mapping[str, Any]) -> tuple[Words, Words]:
    firm = Words(*data.get("firm", ("", "")))
    role = ROLES.get(str(data.get("role")), NOTHING)
    reason = str(data.get("reason", ""))
    who = str(data.get("who", ""))
    if outcome in _OF_HATS:
        return _OF_HATS[outcome](firm, role, who, reason, _terms(data))
    if outcome == "asked":
        return (
            Words(f"有人申请代表{firm.zh}", f"Somebody asks to act for {firm.en}"),
            Words(f"{who}申请做{role.zh}。请你决定。", f"{who} asks to be its {role.en}. Please decide."),
        )
    if outcome == "approved":
        return (
            Words(f"你可以代表{firm.zh}了", f"You may act for {firm.en} now"),
            Words(f"身份：{role.zh}。", f"Your role: {role.en}."),
        )
    return (
        Words(f"没有同意你代表{firm.zh}", f"Your request to act for {firm.en} was refused"),
        Words(f"理由：{reason}。可以补充后再申请。", f"Reason: {reason}. You can ask again."),
    )


def _terms(data: Mapping[str, Any]) -> Words:
    """The scopes and the last day of a delegation, as the end of a sentence; nothing for a role without them."""
    scopes = [SCOPES[scope] for scope in data.get("scopes", ()) if scope in SCOPES]
    until = _day(data.get("until"))
    if not scopes or until is None:
        return NOTHING
    return Words(
        f"范围：{'、'.join(scope.zh for scope in scopes)}，到{until.zh}为止。",
        f" Scope: {', '.join(scope.en for scope in scopes)}, until {until.en}.",
    )


#: What is told of a hat that came or went: of the firm or organ, the role, the person, the reason, the terms.
_OF_HATS: dict[str, Callable[[Words, Words, str, str, Words], tuple[Words, Words]]] = {
    "given": lambda firm, role, who, reason, terms: (
        Words(f"你有了新身份：{firm.zh}", f"You have a new role: {firm.en}"),
        Words(f"身份：{role.zh}。", f"Your role: {role.en}."),
    ),
    "ended": lambda firm, role, who, reason, terms: (
        Words(f"你在{firm.zh}的身份终止了", f"Your role for {firm.en} has ended"),
        Words(f"身份：{role.zh}。理由：{reason}。", f"It was: {role.en}. Reason: {reason}."),
    ),
    "joined": lambda firm, role, who, reason, terms: (
        Words(f"{who}开始代表{firm.zh}", f"{who} now acts for {firm.en}"),
        Words(
            f"用了你给的码，身份：{role.zh}。{terms.zh}", f"The code that you gave was used. Role: {role.en}.{terms.en}"
        ),
    ),
    "delegation_changed": lambda firm, role, who, reason, terms: (
        Words(f"{firm.zh}改了对你的委托", f"{firm.en} changed its delegation to you"),
        Words(terms.zh, terms.en.strip()),
    ),
    "delegation_ended": lambda firm, role, who, reason, terms: (
        Words(f"{firm.zh}终止了对你的委托", f"{firm.en} ended its delegation to you"),
        Words("你不能再代它办事。", "You can no longer act for it."),
    ),
    "given_up": lambda firm, role, who, reason, terms: (
        Words(f"{who}不再代理{firm.zh}", f"{who} gave up acting for {firm.en}"),
        Words("委托终止了。", "The delegation has ended."),
    ),
}


def _letter(data: Mapping[str, Any]) -> tuple[Words, Words]:
    organ = Words(*data.get("organ", ("", "")))
    kind = letter_kinds().get(str(data.get("kind")))
    name = kind.name if kind is not None else Words("文书", "letter")
    number = str(data.get("number", ""))
    return (
        Words(f"{organ.zh}给你的{name.zh}", f"A letter of {organ.en}: {name.en}"),
        Words(f"文号：{number}。打开可以看，也可以下载。", f"Number: {number}. Open it to read or to download it."),
    )


def _letter_in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    return *_letter(notice.data), ("letter", notice.subject) if notice.subject else ("letters",)


def _account(data: Mapping[str, Any]) -> tuple[Words, Words]:
    reason = str(data.get("reason", ""))
    return (
        Words("你的第二步验证被安全管理员取消了", "The security administrator removed your second factor"),
        Words(
            f"理由：{reason}。不是你要求的，马上改密码，打 12345。",
            f"Reason: {reason}. If you did not ask for it, change your password at once and call 12345.",
        ),
    )


def _policy_in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    title = title_of(notice.subject) or Words(notice.subject, notice.subject)
    return *_OF_POLICIES[notice.kind](title, notice.data), ("policy", notice.subject)


def _duty_in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    return *_OF_DUTIES[notice.kind](notice.data), ("duty", notice.subject)


def _membership_in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    outcome = str(notice.data.get("outcome", ""))
    return *_membership(outcome, notice.data), (_PAGES.get(outcome, "register_firm"),)


def _account_in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    return *_account(notice.data), ("account",)


def _test_in_words(notice: Notice, title_of: TitleOf) -> tuple[Words, Words, tuple[str, ...]]:
    return (
        Words("这是一条试发的通知", "This is a test message"),
        Words("你自己要的。到了，说明这条路通。", "You asked for it. That it came shows that the way works."),
        ("sent_notices",),
    )


_CERTIFIED = Words("资料核定的结果", "the outcome on a fact")

declare(
    Kind("begins_to_apply", POLICIES, Words("有新政策", "a new policy"), _policy_in_words),
    Kind("no_longer_applies", POLICIES, Words("政策情况有变化", "a change about a policy"), _policy_in_words),
    Kind("policy_changed", POLICIES, Words("政策情况有变化", "a change about a policy"), _policy_in_words),
    Kind("deadline", POLICIES, Words("政策快到期", "a policy that ends soon"), _policy_in_words),
    *(Kind(name, FACTS, _CERTIFIED, _fact_in_words) for name in ("fact_certified", "fact_corrected", "fact_refused")),
    Kind("membership", FACTS, Words("身份有变化", "a change of roles"), _membership_in_words),
    *(
        Kind(name, DUTIES, news, _duty_in_words, lambda told: told.subject, still_owed)
        for name, news in {
            "duty_warned": Words("有事快到期", "a duty that is due soon"),
            "duty_overdue": Words("有事逾期", "an overdue duty"),
            "duty_climbed": Words("有事上报", "a duty that has gone up"),
        }.items()
    ),
    Kind("letter", CASES, Words("有一份文书", "a letter"), _letter_in_words),
    Kind("account", ACCOUNT, Words("账号安全", "the safety of your account"), _account_in_words),
    Kind("test", ACCOUNT, Words("试发的通知", "a test message"), _test_in_words),
)


def _value(fact: Fact, raw: Any) -> Words:
    try:
        return show(fact, read_value(fact, raw), names)
    except ValueProblem:
        return Words(str(raw), str(raw))


def _day(raw: Any) -> Words | None:
    return day_words(dt.date.fromisoformat(str(raw))) if raw else None
