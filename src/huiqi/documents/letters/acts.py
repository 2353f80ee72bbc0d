"""What is done with a letter: it is drafted, revised, approved or sent back, issued, delivered, and opened.

Each is an act of the journal and one transaction. The letter is locked, and what the actor saw (its state and version) has
to be how it still stands: of two who act at once one wins, and the other is told (:class:`.problems.Overtaken`).
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from huiqi.journal import NOBODY, Act, act
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reasons import given_reason
from huiqi.rules.words import Words

from ..addresses import address_of
from ..models import Letter, LetterFile, LetterMail, LetterVersion, Notice
from ..models.letters import (
    APPROVED,
    DELIVERED,
    DRAFT,
    EMAIL,
    IN_APP,
    ISSUED,
    MAIL_FAILED,
    MAIL_SENDING,
    MAIL_SENT,
    MAIL_UNKNOWN,
    WAYS,
)
from ..sending import channels
from ..sending.reasons import INTERRUPTED, REASONS
from . import mailing, reading
from .composing import Check, Sheet
from .kinds import ContentProblem, kinds, read_content
from .numbering import take_number
from .problems import Incomplete, LetterProblem, NeedsAnother, Overtaken
from .rendering import Unprintable, render_pdf

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

#: Letters and digits that are not taken for each other when a code is read from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRTUVWXYZ"
CODE_LENGTH = 12
#: What stands on the sheet in place of a name that is withheld.
WITHHELD = "诉求人（身份保密）"
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Addressee:
    """To whom a letter goes: a name as it is printed, and the organisation or the person that it is here, if any.

    ``natural``: a person and no organisation, so that she is addressed as one. ``hidden``: her identity is withheld; her
    name is not printed, and nobody but the handling office and she herself sees the letter.
    """

    name: str
    organisation: Organisation | None = None
    person: Person | None = None
    natural: bool = False
    hidden: bool = False


def draft(
    actor: Actor,
    kind: str,
    about: tuple[str, int],
    organ: Organisation,
    addressee: Addressee,
    content: Mapping[str, object],
) -> Letter:
    """Begin a letter of the actor's own organ about a matter that she handles. ``content`` may still have gaps.

    Raises KeyError for an unknown kind, PermissionDenied, ContentProblem.
    """
    definition = kinds()[kind]
    about_kind, about_id = about
    if actor.organisation != organ or not reading.handles(actor, about_kind, about_id):
        raise PermissionDenied("letters are written by those who handle the matter, for their own organ")
    assert actor.person is not None
    name = addressee.name.strip()
    if not name:
        raise LetterProblem(Words("写上收件人", "Say to whom it goes"))
    read = read_content(definition, content)
    _withhold(read, name, addressee.hidden)
    with act(actor.who, "letter.drafted", articles=definition.articles, region=organ.region_id) as this:
        letter = Letter.objects.create(
            kind=kind,
            about_kind=about_kind,
            about_id=about_id,
            organ=organ,
            addressee=name,
            addressee_organisation=addressee.organisation,
            addressee_person=addressee.person,
            addressee_is_person=addressee.natural or (addressee.person is not None and addressee.organisation is None),
            addressee_hidden=addressee.hidden,
            drafted_by=actor.person,
        )
        LetterVersion.objects.create(letter=letter, number=1, content=read, by=actor.person)
        this.about(letter)
    return letter


def revise(actor: Actor, letter: Letter, content: Mapping[str, object]) -> Letter:
    """Change what the letter says: a new version, and a draft again. The same content as before changes nothing."""
    read = read_content(letter.definition, content)
    with _held(actor, letter, "letter.revised", DRAFT, APPROVED) as (held, _):
        assert actor.person is not None
        _withhold(read, held.addressee, held.addressee_hidden)
        if read != held.now.content:
            held.version += 1
            LetterVersion.objects.create(letter=held, number=held.version, content=read, by=actor.person)
            _as_draft(held)
            held.save()
    return held


def approve(actor: Actor, letter: Letter) -> Letter:
    """Approve the letter as it stands. Where the kind asks for two persons, the last version is somebody else's.

    In an organ in which nobody else can approve, who wrote it does, and the record says so. Raises Incomplete, NeedsAnother.
    """
    with _held(actor, letter, "letter.approved", DRAFT) as (held, this):
        if not reading.approves_letters(actor):
            raise PermissionDenied("letters are approved by officers and supervisors")
        _complete(held)
        own = held.now.by_id == actor.who.person
        held.approved_alone = own and not _others_who_approve(actor)
        if held.definition.two_persons and own and not held.approved_alone:
            raise NeedsAnother
        held.state, held.approved_by, held.approved_at = APPROVED, actor.person, timezone.now()
        held.save()
        this.details |= {"version": held.version, "alone": held.approved_alone}
    return held


def send_back(actor: Actor, letter: Letter, reason: str) -> Letter:
    """Give the letter back to be written anew, with a reason that the office reads. ValueError without one."""
    given = given_reason(reason)
    with _held(actor, letter, "letter.sent_back", DRAFT, APPROVED) as (held, this):
        if not reading.approves_letters(actor):
            raise PermissionDenied("letters are sent back by those who approve them")
        _as_draft(held)
        held.sent_back = given
        held.save()
        # the reason may tell who is written to
        this.reason = "" if held.addressee_hidden else given
    return held


def issue(actor: Actor, letter: Letter) -> Letter:
    """Give the letter its number and its code, and make the file. From then on nothing of it can change.

    Number, file and letter are one transaction: an issue that fails leaves no gap. Raises Incomplete, LetterProblem.
    """
    with _held(actor, letter, "letter.issued", APPROVED) as (held, this):
        _complete(held)
        held.issued_on = timezone.localdate()
        held.number, held.sequence = take_number(held.organ, held.issued_on.year)
        held.year = held.issued_on.year
        held.code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        try:
            pdf = render_pdf(sheet(held))
        except Unprintable as problem:
            raise LetterProblem(
                Words(
                    f"这些字在字体里没有，印不出来：{problem.characters}。请换一个写法，或者请系统管理员补上字体",
                    f"No font has these characters: {problem.characters}. Write it otherwise, or ask for a font that has them",
                )
            ) from problem
        held.sha256 = hashlib.sha256(pdf).hexdigest()
        held.state, held.issued_by, held.issued_at = ISSUED, actor.person, timezone.now()
        # the file first: once the letter is out, the database takes no file for it any more
        LetterFile.objects.create(letter=held, pdf=pdf)
        held.save()
        this.details |= {"number": held.number, "sha256": held.sha256, "version": held.version}
        this.subject = _subject(held)
    return held


def deliver(actor: Actor, letter: Letter, how: str, note: str = "") -> Letter:
    """Say how the letter was delivered; on this platform and by e-mail it is delivered by this very act.

    ``how`` is ``in_app``, ``email``, ``post`` or ``in_person``. An e-mail is delivered when the mail server has taken it; until then
    the letter is not. Raises LetterProblem where there is nobody here to deliver it to, no address is known, or the e-mail
    has not surely gone out; ValueError for another way.
    """
    if how not in WAYS:
        raise ValueError(f"{how} is no way of delivery")
    if how == EMAIL:
        return _deliver_by_mail(actor, letter, note)
    with transaction.atomic():
        with _held(actor, letter, "letter.delivered", ISSUED) as (held, this):
            _delivered(actor, held, this, how, note)
        if how == IN_APP:
            # an act of its own, that does not say which letter it was: whose notice is read is on record as well
            with act(actor.who, "notice.sent"):
                _tell(held)
    return held


def _delivered(actor: Actor, held: Letter, this: Act, how: str, note: str) -> None:
    held.state, held.delivered_by, held.delivered_at = DELIVERED, actor.person, timezone.now()
    held.delivered_how, held.delivery_note = how, note.strip()[:LONGEST_NOTE]
    held.save()
    this.details |= {"how": how}
    this.subject = _subject(held)


def _deliver_by_mail(actor: Actor, letter: Letter, note: str) -> Letter:
    """Send the letter: that it is begun stands on record before anything goes out, and what became of it afterwards."""
    mail, language = _mail_begun(actor, letter)
    state, reason, number = MAIL_SENT, "", ""
    try:
        number = channels.post_mail(mail.address, mailing.message_of(mail, language))
    except channels.NotSent as problem:
        state, reason = MAIL_FAILED, problem.reason
    except channels.NotKnown as problem:
        state, reason = MAIL_UNKNOWN, problem.reason
    verb = "letter.delivered" if state == MAIL_SENT else "letter.mail_failed"
    sent, region = mail.letter, mail.letter.organ.region_id
    with act(actor.who, verb, about=sent, articles=sent.definition.articles, region=region) as this:
        held = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        mail.state, mail.reason, mail.provider_id, mail.ended_at = state, reason, number, timezone.now()
        mail.save(update_fields=["state", "reason", "provider_id", "ended_at"])
        if state == MAIL_SENT and held.state == ISSUED:  # else it was delivered otherwise while it went out
            _delivered(actor, held, this, EMAIL, note)
    if state != MAIL_SENT:
        raise LetterProblem(
            Words(
                f"邮件没有送达：{REASONS[reason].zh}。可以再发一次，或者选别的送达方式",
                f"The e-mail was not delivered: {REASONS[reason].en}. Send it once more, or choose another way of delivery",
            )
        )
    return held


def _mail_begun(actor: Actor, letter: Letter) -> tuple[LetterMail, str]:
    """A try to deliver by e-mail, on record and committed before it is made, and the language of the reader."""
    with _held(actor, letter, "letter.mail_begun", ISSUED) as (held, _):
        now = timezone.now()
        if EMAIL not in channels.available():
            raise LetterProblem(
                Words("这里没有开通邮件，请选别的送达方式", "E-mail is not set up here; choose another way of delivery")
            )
        mailbox = mailing.mailbox_of(held)
        if mailbox is None:
            raise LetterProblem(
                Words(
                    "收件人没有确认过的电子邮箱，也没有留下邮箱，请选别的送达方式",
                    "The addressee has neither confirmed nor left an e-mail address; choose another way of delivery",
                )
            )
        under_way = held.mails.filter(state=MAIL_SENDING)
        under_way.filter(begun_at__lt=now - mailing.STALE).update(state=MAIL_UNKNOWN, reason=INTERRUPTED, ended_at=now)
        if under_way.exists():
            raise LetterProblem(
                Words("这份文书正在发，请等一会儿再看", "This letter is being sent; look again in a while")
            )
        before = held.mails.filter(address=mailbox.address).first()
        assert actor.person is not None
        mail = LetterMail.objects.create(
            letter=held,
            address=mailbox.address,
            key=before.key if before is not None else uuid.uuid4(),
            by=actor.person,
            begun_at=now,
        )
    return mail, mailbox.language


def opened(actor: Actor, letter: Letter) -> Letter:
    """Note that the addressee has opened the letter, the first time; nothing for anybody else and for a later time."""
    mine = Letter.objects.sent_to(actor).filter(pk=letter.pk, opened_at__isnull=True)
    if actor.person is None or not mine.exists():
        return letter
    # that somebody opened it is told of a withheld addressee, and not who
    who = NOBODY if letter.addressee_hidden else actor.who
    with act(who, "letter.opened", about=letter, articles=letter.definition.articles) as this:
        held = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        if held.opened_at is None:
            held.opened_by, held.opened_at = actor.person, timezone.now()
            held.save(update_fields=["opened_by", "opened_at"])
        this.subject = _subject(held)
    return held


def sheet(letter: Letter, content: Mapping[str, str] | None = None) -> Sheet:
    """What stands on the letter, or would with this content."""
    address = address_of("verify")
    return Sheet(
        kind=letter.definition,
        content=letter.now.content if content is None else content,
        organ=letter.organ.name_zh,
        addressee=WITHHELD if letter.addressee_hidden else letter.addressee,
        to_organisation=not letter.addressee_is_person,
        number=letter.number,
        day=letter.issued_on,
        check=Check(letter.shown_code, address) if letter.code else None,
    )


# --- what the acts have in common -------------------------------------------------------------------------------------


@contextmanager
def _held(actor: Actor, letter: Letter, verb: str, *states: str) -> Iterator[tuple[Letter, Act]]:
    """The letter, locked, on record, if the actor handles it and it still is what she saw, in one of these states."""
    with act(actor.who, verb, about=letter, articles=letter.definition.articles, region=letter.organ.region_id) as this:
        handled = Letter.objects.handled_by(actor).filter(pk=letter.pk)
        held = handled.select_for_update(of=("self",)).select_related("organ__region").first()
        if held is None:
            raise PermissionDenied("a letter is handled by those who handle its matter, for their own organ")
        if held.state not in states or (held.version, held.state) != (letter.version, letter.state):
            raise Overtaken
        yield held, this


def _as_draft(held: Letter) -> None:
    held.state, held.sent_back = DRAFT, ""
    held.approved_by, held.approved_at, held.approved_alone = None, None, False


def _complete(held: Letter) -> None:
    missing = held.definition.missing(held.now.content)
    if missing:
        raise Incomplete(missing)


def _withhold(content: Mapping[str, str], name: str, hidden: bool) -> None:
    """A name that is withheld must not stand in the text either. Raises ContentProblem."""
    named = [field for field, text in content.items() if hidden and name in text]
    if named:
        raise ContentProblem(
            dict.fromkeys(
                named,
                Words("这里写了要求保密的收件人的名称，请去掉", "it names the addressee, whose identity is withheld"),
            )
        )


def _others_who_approve(actor: Actor) -> bool:
    """Whether somebody else in the actor's organ could approve today."""
    today = actor.on or timezone.localdate()
    hats = Membership.objects.active_on(today).filter(
        organisation=actor.organisation, role__in=reading.APPROVING_ROLES, person__is_active=True
    )
    return bool(hats.exclude(person=actor.person).exists())


def _subject(held: Letter) -> int | None:
    """The organisation that the event names. A withheld one is not told."""
    return None if held.addressee_hidden else held.addressee_organisation_id


def _tell(held: Letter) -> None:
    person = held.addressee_person if held.addressee_organisation is None else None
    if held.addressee_organisation is None and person is None:
        raise LetterProblem(
            Words(
                "收件人在本平台没有账号，请选别的送达方式",
                "The addressee has no account here; choose another way of delivery",
            )
        )
    organ = held.organ.name
    Notice.objects.create(
        organisation=held.addressee_organisation,
        person=person,
        kind="letter",
        subject="" if held.addressee_hidden else str(held.pk),
        occasion=secrets.token_hex(8) if held.addressee_hidden else "delivered",
        data={"organ": [organ.zh, organ.en], "kind": held.kind, "number": held.number},
    )


def could_be_sent(letter: Letter) -> bool:
    """Whether the addressee is somebody here, so that the letter can be delivered on this platform."""
    return letter.addressee_organisation_id is not None or letter.addressee_person_id is not None
