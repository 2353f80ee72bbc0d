"""Filing a complaint or report: registered first and judged later, with a receipt at once (article 52 of the measures).

Whoever files gets the number, the days to expect, whom it went to, and a secret with which she follows it without an
account. The secret is told once; only its digest is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from huiqi.journal import Who, act
from huiqi.law.clock import deadline
from huiqi.law.duties.places import Organs
from huiqi.registry.evidence import Evidence
from huiqi.registry.models import Organisation, Person, Region
from huiqi.registry.vocabulary import FILE_CASES
from huiqi.rules.words import Words

from . import clocks, files, routing, telling
from .acting import By, CaseProblem, note_step
from .kinds import kinds
from .models import Case, CaseNumber, Complainant, FilingDraft, FilingDraftFile, Handling
from .models.clocks import ACCEPT
from .queries import HANDLING_ROLES
from .vocabulary import ASSOCIATION, CHANNELS, COMPLAINANT, HANDLER, ONLINE, SUPERIOR

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

#: Letters and digits that nobody mistakes for one another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SECRET_LENGTH = 16
#: So many files come with a complaint at most.
MOST_FILES = 10
#: How long a complaint that is not filed yet is kept, in days; a limit of the service.
DRAFT_DAYS = 30
WATCH = "complaint.retaliation_watch"


@dataclass(frozen=True)
class Complaint:
    """What somebody says: about what, against whom, what she wants, and how she can be reached."""

    kind: str
    region: str
    told: str
    wish: str
    name: str
    respondent: int | None = None
    respondent_name: str = ""
    happened_on: dt.date | None = None
    amount: Decimal | None = None
    withheld: bool = False
    contact: str = ""
    phone: str = ""
    email: str = ""
    language: str = "zh-hans"
    channel: str = ONLINE
    files: Sequence[Evidence] = field(default_factory=tuple)


@dataclass(frozen=True)
class Receipt:
    """What whoever files is shown at once. ``secret`` is told this once and kept nowhere."""

    case: Case
    secret: str
    why: Words
    accept_by: dt.date | None
    finish_rule: str


def file(actor: Actor, complaint: Complaint, on: dt.date | None = None) -> Receipt:
    """Register a complaint: of the actor's own firm, of a visitor, or one that an officer takes down for somebody.

    Raises CaseProblem with the field, routing.Unroutable, PermissionDenied for a hat that files for nobody.
    """
    day = on or timezone.localdate()
    _check(complaint)
    organisation, person = _whose(actor, complaint)
    organs = Organs(day)
    region = Region.objects.get(pk=complaint.region)
    respondent = (
        Organisation.objects.filter(pk=complaint.respondent).first() if complaint.respondent is not None else None
    )
    found = routing.route(kinds()[complaint.kind], complaint.region, respondent, organs)
    secret = new_secret()
    by = By(HANDLER if complaint.channel != ONLINE else COMPLAINANT, actor)
    who = Who(role=COMPLAINANT) if by.part == COMPLAINANT else actor.who
    with transaction.atomic(), act(who, "case.filed", articles=(52,), region=region.pk) as this:
        case = Case.objects.create(
            number=_take_number(found.organ.region_id or region.pk, day.year),
            secret=digest(secret),
            kind=complaint.kind,
            region=region,
            channel=complaint.channel,
            respondent=respondent,
            respondent_name=complaint.respondent_name.strip() or (respondent.name_zh if respondent else ""),
            handling=found.organ,
            overseers=routing.overseers(found.organ, respondent, organs),
            withheld=complaint.withheld,
            told=complaint.told.strip(),
            wish=complaint.wish.strip(),
            happened_on=complaint.happened_on,
            amount=complaint.amount,
            filed_at=timezone.now(),
        )
        this.about(case)
        Complainant.objects.create(
            case=case,
            organisation=organisation,
            person=person,
            name=complaint.name.strip(),
            contact=complaint.contact.strip(),
            phone=complaint.phone.strip(),
            email=complaint.email.strip(),
            language=complaint.language,
        )
        Handling.objects.create(case=case, organ=found.organ, since=case.filed_at, reason=found.why.zh, by=by.person)
        for each in complaint.files:
            # hers, whoever took them in: nobody is shown them while her identity is withheld
            files.keep(
                case, By(COMPLAINANT, actor), each, (COMPLAINANT, HANDLER, *(() if case.withheld else (SUPERIOR,)))
            )
        clock = clocks.start(case, ACCEPT, day)
        clocks.refresh(case)
        case.save(update_fields=["due"])
        note_step(
            case,
            by,
            "filed",
            "",
            {"organ": found.organ.pk, "why": [found.why.zh, found.why.en]},
            (COMPLAINANT, HANDLER, SUPERIOR, ASSOCIATION),
        )
        this.details |= {"organ": found.organ.pk, "kind": case.kind, "on": day.isoformat()}
        telling.tell_organisation(case, case.handling, "filed")
    return Receipt(case, secret, found.why, clock.due, case.matter.finish)


def check_hat(actor: Actor) -> None:
    """Everybody may complain, also without an account; only a delegation has to cover it. Raises PermissionDenied."""
    if actor.acts_for is not None and not actor.may(FILE_CASES):
        raise PermissionDenied("this delegation does not cover complaints")


def _whose(actor: Actor, complaint: Complaint) -> tuple[Organisation | None, Person | None]:
    """The firm and the person who complain. Raises PermissionDenied."""
    if complaint.channel != ONLINE:
        if actor.role not in HANDLING_ROLES or not actor.works_in_organ:
            raise PermissionDenied("complaints by telephone and at the counter are taken down by officers")
        return None, None
    if actor.acts_for is not None:
        check_hat(actor)
        return actor.organisation, actor.person
    return None, actor.person if actor.hat is None else None


def _check(complaint: Complaint) -> None:
    """Raises CaseProblem that names the field and the remedy."""
    for name, most, words in (
        ("told", 5_000, Words("请写下发生了什么", "Say what happened")),
        ("wish", 1_000, Words("请写下你想怎样解决", "Say what you want")),
        ("name", 200, Words("请写下企业名称或姓名", "Give the name of the firm or your own")),
    ):
        text = getattr(complaint, name).strip()
        if not text:
            raise CaseProblem(words, name)
        if len(text) > most:
            raise CaseProblem(Words(f"最多 {most} 字", f"At most {most} characters"), name)
    if complaint.kind not in kinds():
        raise CaseProblem(Words("请选择是哪一类事", "Choose what kind of matter it is"), "kind")
    if complaint.channel not in CHANNELS:
        raise CaseProblem(Words("请选择渠道", "Choose how it came in"), "channel")
    if not Region.objects.filter(pk=complaint.region).exists():
        raise CaseProblem(Words("请选择发生在哪里", "Choose where it happened"), "region")
    if complaint.respondent is None and not complaint.respondent_name.strip():
        raise CaseProblem(Words("请写明投诉谁", "Say whom it is about"), "respondent_name")
    if complaint.happened_on is not None and complaint.happened_on > timezone.localdate():
        raise CaseProblem(Words("这一天还没有到", "This day is still to come"), "happened_on")
    if complaint.amount is not None and complaint.amount <= 0:
        raise CaseProblem(Words("金额要大于 0", "The amount has to be more than 0"), "amount")
    if len(complaint.files) > MOST_FILES:
        raise CaseProblem(Words(f"最多 {MOST_FILES} 个文件", f"At most {MOST_FILES} files"), "files")


def _take_number(region: str, year: int) -> str:
    """The next number of a place in a year, without gaps: it is taken in the transaction that registers the case."""
    CaseNumber.objects.bulk_create([CaseNumber(region_id=region, year=year)], ignore_conflicts=True)
    counter = CaseNumber.objects.select_for_update().get(region=region, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{region}-{year}-{counter.last:05d}"


# --- following it without an account ----------------------------------------------------------------------------------


def new_secret() -> str:
    """A secret that can be read from paper and typed on a phone: 79 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))


def digest(secret: str) -> str:
    """What is kept of a secret: an HMAC with the key of this installation, so that a copy of the table opens nothing."""
    plain = "".join(each for each in secret.upper() if each.isalnum())
    return hmac.new(settings.SECRET_KEY.encode(), plain.encode(), hashlib.sha256).hexdigest()


def by_secret(number: str, secret: str) -> Case | None:
    """The case of this number, for whoever has its secret; None otherwise, and it is not told which of the two is wrong."""
    case = Case.objects.filter(number=number.strip().upper()).first()
    given = digest(secret)
    if case is None:
        hmac.compare_digest(given, digest("nobody"))  # as long as for a number that there is
        return None
    return case if hmac.compare_digest(given, case.secret) else None


def by_keys(keys: Sequence[int]) -> list[Case]:
    """The cases of these keys, for whoever was let in to them by their secrets, the newest first, with what a page needs."""
    found = Case.objects.filter(pk__in=keys).select_related("region", "handling", "respondent", "complainant")
    return list(found.order_by("-filed_at", "-pk"))


def watched_until(case: Case) -> dt.date:
    """The last day on which what the respondent does to the complainant raises an alert (article 56(3))."""
    rule = deadline(WATCH, timezone.localtime(case.filed_at).date())
    return timezone.localtime(case.filed_at).date() + dt.timedelta(days=int(rule.length))


# --- what is not filed yet --------------------------------------------------------------------------------------------


def draft_of(actor: Actor, pk: int | None = None) -> FilingDraft | None:
    """What has been written so far: the draft of this number, which the visit keeps, else the actor's own newest one."""
    kept = FilingDraft.objects.filter(expires_at__gt=timezone.now())
    if pk is not None:
        # whoever has signed in since goes on; what somebody else has begun under her name is opened by nobody
        return kept.filter(Q(person=None) | Q(person=actor.person), pk=pk).first()
    return FilingDraft.objects.visible_to(actor).order_by("-saved_at").first() if actor.person is not None else None


def save_draft(actor: Actor, data: Mapping[str, Any], draft: FilingDraft | None = None) -> FilingDraft:
    """Keep what has been written so far, in this draft or in a new one."""
    kept = draft or FilingDraft(secret=digest(new_secret()))
    kept.person = actor.person or kept.person
    kept.data, kept.expires_at = dict(data), timezone.now() + dt.timedelta(days=DRAFT_DAYS)
    kept.save()
    return kept


def resume_code(draft: FilingDraft) -> str:
    """A new code under which a draft is found again, in place of the one before. It is told this once."""
    code = new_secret()
    draft.secret = digest(code)
    draft.save(update_fields=["secret"])
    return code


def draft_by_code(code: str) -> FilingDraft | None:
    """The draft of a code, while it is kept."""
    return FilingDraft.objects.filter(secret=digest(code), expires_at__gt=timezone.now()).first()


def add_to_draft(draft: FilingDraft, file: Evidence) -> None:
    """Keep a file with a draft. Raises CaseProblem when there are too many."""
    with transaction.atomic():
        held = FilingDraft.objects.select_for_update().get(pk=draft.pk)
        if held.files.count() >= MOST_FILES:
            raise CaseProblem(Words(f"最多 {MOST_FILES} 个文件", f"At most {MOST_FILES} files"), "file")
        FilingDraftFile.objects.create(
            draft=held, name=file.name, type=file.type, size=len(file.content), content=file.content
        )


def files_of(draft: FilingDraft) -> list[Evidence]:
    """The files that were kept with a draft, in the order in which they came."""
    return [Evidence(each.name, each.type, bytes(each.content)) for each in draft.files.order_by("pk")]


def file_draft(
    actor: Actor, draft_id: int, make: Callable[[FilingDraft], Complaint], told: Callable[[Receipt], None]
) -> Receipt | None:
    """File what was written: once, however often it is sent. ``make`` turns the draft into the complaint, ``told`` keeps the
    receipt in the same transaction, so that there is no case without its receipt and none that is told and not there.

    None when it has been filed already. Raises what :func:`file` raises; the draft is then as it was.
    """
    with transaction.atomic():
        held = FilingDraft.objects.select_for_update().filter(pk=draft_id).first()
        if held is None:
            return None
        receipt = file(actor, make(held))
        told(receipt)
        held.delete()
    return receipt


def sweep_drafts() -> int:
    """Forget all drafts whose time is over; how many."""
    over = FilingDraft.objects.filter(expires_at__lte=timezone.now())
    count = over.count()
    over.delete()
    return count


__all__ = [
    "Complaint",
    "Receipt",
    "add_to_draft",
    "by_secret",
    "check_hat",
    "draft_by_code",
    "draft_of",
    "file",
    "file_draft",
    "files_of",
    "new_secret",
    "resume_code",
    "save_draft",
    "sweep_drafts",
]
