"""Notices by e-mail and SMS: to whom, what they say, judged again when they go, never twice."""

from __future__ import annotations

import datetime as dt
import email
import logging
import smtplib
from email.policy import default
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.browser.world import actor, make_organ, make_person

from huiqi.documents.decisions import end_hat
from huiqi.documents.inbox import mark_all_read, mark_read, told
from huiqi.documents.kinds import CASES, Kind, declare
from huiqi.documents.models import Contact, Dispatch, Notice, Preference
from huiqi.documents.sending import contacts, outbox, planning, proof
from huiqi.documents.sending.channels import Folder, Message, NotKnown, NotSent, Receipt, post_mail
from huiqi.documents.sending.folder import EmailBackend
from huiqi.documents.sending.wording import message_of, one_line
from huiqi.documents.telling import tell
from huiqi.journal import machine
from huiqi.journal.models import Change
from huiqi.registry.models import Organisation, Person
from huiqi.rules import Words

from .carrier import Carrier
from .sending_town import Town, ways, work

pytestmark = pytest.mark.django_db

ME = machine("tests")
declare(
    Kind(
        "test_answered",
        CASES,
        Words("案件有答复", "a case was answered"),
        lambda notice, _: (Words("答复到了", "The reply is here"), Words(notice.data["what"], ""), ("inbox",)),
        lambda notice: notice.subject,
    )
)


def tell_firm(town: Town, subject: str = "2026-0007", **data: Any) -> Notice:
    return tell(ME, "test_answered", town.firm, subject, data={"what": "机密：王五欠款", **data})


def wants(person: Person, **chosen: Any) -> None:
    Preference.objects.update_or_create(person=person, defaults=chosen)


def test_a_notice_to_a_firm_reaches_its_people_by_what_they_chose_and_says_nothing_of_the_matter(
    town: Town, carrier: type[Carrier]
) -> None:
    wants(town.owner, sms=["cases"])
    notice = tell_firm(town)
    work()
    work()
    (letter,) = mail.outbox
    ((number, message),) = carrier.given
    assert letter.to == ["owner@example.com"] and number == "+8613812345678"
    for text in (f"{letter.subject}\n{letter.body}", message.text):
        assert "案件有答复，编号 2026-0007" in text and "https://huiqi.example/inbox/" in text
        for kept_back in ("王五", "机密", town.firm.name_zh, town.owner.display_name):
            assert kept_back not in text
    assert ways(notice, town.owner) == {"inbox": ("sent", ""), "email": ("sent", ""), "sms": ("sent", "")}
    assert ways(notice, town.officer) == {}


def test_whoever_said_nothing_gets_e_mail_and_no_sms_and_whoever_reads_english_gets_english(
    town: Town, carrier: type[Carrier]
) -> None:
    town.owner.language = "en"
    town.owner.save()
    tell_firm(town)
    work()
    assert "a case was answered, No. 2026-0007" in mail.outbox[0].body
    assert mail.outbox[0].subject == "Huiqi: a new message"
    assert not carrier.given


def test_a_notice_to_one_person_is_hers_alone_and_told_once(town: Town) -> None:
    colleague = make_person("colleague", town.firm, "agent")
    first = tell(ME, "test_answered", town.owner, "1", data={"what": ""}, concerns=town.firm.pk)
    assert tell(ME, "test_answered", town.owner, "1", data={"what": "again"}) == first
    work()
    assert Notice.objects.visible_to(town.as_owner).get() == first
    assert not Notice.objects.visible_to(actor(colleague)).exists()
    assert set(Dispatch.objects.values_list("person", flat=True)) == {town.owner.pk}
    with pytest.raises(KeyError):
        tell(ME, "no_such_kind", town.owner, "1")


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (lambda town, notice: mark_read(town.as_owner, notice.pk), "read"),
        (lambda town, notice: mark_all_read(town.as_owner), "read"),
        (lambda town, notice: wants(town.owner, email=["duties"]), "off"),
        (lambda town, notice: contacts.remove(town.as_owner, "email"), "no_contact"),
        (lambda town, notice: Person.objects.filter(pk=town.owner.pk).update(is_active=False), "closed"),
        (lambda town, notice: town.owner.memberships.update(ended_at=timezone.now()), "no_reader"),
        (
            lambda town, notice: Notice.objects.filter(pk=notice.pk).update(
                created_at=timezone.now() - dt.timedelta(days=8)
            ),
            "too_old",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_changed_before_it_was_sent_is_heeded_and_the_row_says_why(
    town: Town, meanwhile: Any, reason: str
) -> None:
    notice = tell_firm(town)
    planning.plan([notice.pk], timezone.now())
    meanwhile(town, notice)
    outbox.run()
    assert not mail.outbox
    assert ways(notice, town.owner)["email"] == ("not_sent", reason)


def test_no_way_that_is_not_set_up_is_used(town: Town, settings: Any) -> None:
    notice = tell_firm(town)
    planning.plan([notice.pk], timezone.now())
    settings.HUIQI_MAIL = False
    outbox.run()
    assert ways(notice, town.owner)["email"] == ("not_sent", "no_channel")


def test_what_is_old_when_it_is_found_goes_nowhere_but_into_the_inbox(town: Town) -> None:
    notice = tell_firm(town)
    planning.plan([notice.pk], timezone.now() + dt.timedelta(days=4))
    assert ways(notice, town.owner) == {"inbox": ("sent", "")}


def test_the_safety_of_the_account_comes_always(town: Town, carrier: type[Carrier]) -> None:
    wants(town.owner, email=[], sms=[], digest="daily")
    tell(ME, "account", town.owner, "second_factor", data={"reason": "手机丢了"})
    work()
    assert len(mail.outbox) == len(carrier.given) == 1
    assert "手机丢了" not in mail.outbox[0].body + carrier.given[0][1].text


def test_a_daily_letter_comes_in_the_morning_and_holds_all(town: Town) -> None:
    wants(town.owner, digest="daily")
    for subject in ("a", "b", "c"):
        tell_firm(town, subject)
    work()
    assert not mail.outbox
    (due,) = set(Dispatch.objects.filter(channel="email").values_list("due_at", flat=True))
    local = timezone.localtime(due)
    assert (local.hour, local.minute) == (8, 30) and due > timezone.now()
    Dispatch.objects.update(due_at=timezone.now())
    outbox.run()
    (letter,) = mail.outbox
    assert letter.subject == "惠企：有 3 条新消息"
    assert all(f"编号 {subject}" in letter.body for subject in ("a", "b", "c"))


def test_the_next_morning_is_today_before_it_and_tomorrow_after_it() -> None:
    def at(hour: int) -> dt.datetime:
        return timezone.make_aware(dt.datetime(2026, 11, 24, hour))

    assert [timezone.localtime(planning.next_morning(at(hour))).day for hour in (3, 8, 9, 23)] == [24, 24, 25, 25]


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_failure_is_tried_again_later_and_later_and_then_given_up(
    town: Town, carrier: type[Carrier], caplog: pytest.LogCaptureFixture
) -> None:
    wants(town.owner, email=[], sms=["cases"])
    notice = tell_firm(town)
    planning.plan([notice.pk], timezone.now())
    carrier.outcomes += [NotSent("busy")] * 10
    waits = []
    with caplog.at_level(logging.INFO):
        for _ in range(6):
            Dispatch.objects.filter(channel="sms").update(due_at=timezone.now())
            outbox.run()
            row = Dispatch.objects.get(channel="sms")
            waits.append(row.due_at - timezone.now() > dt.timedelta(seconds=30))
    assert (row.state, row.reason, row.attempts) == ("given_up", "busy", 6)
    assert waits == [True] * 5 + [False]
    outbox.run()
    assert Dispatch.objects.get(channel="sms").attempts == 6
    assert "13812345678" not in caplog.text
    carrier.outcomes.clear()
    with pytest.raises(PermissionDenied):
        proof.try_again(town.as_owner, "sms", "given_up", "busy")
    system = actor(make_person("system", make_organ("industry_and_it", "650000"), "system_admin"))
    (trouble,) = proof.troubles(system)
    assert (trouble.channel, trouble.reason, trouble.number) == ("sms", "busy", 1)
    assert proof.try_again(system, "sms", "given_up", "busy") == 1
    outbox.run()
    assert ways(notice, town.owner)["sms"] == ("sent", "") and len(carrier.given) == 1
    assert proof.troubles(system) == []


def test_a_number_that_is_refused_is_not_tried_again(town: Town, carrier: type[Carrier]) -> None:
    wants(town.owner, sms=["cases"])
    carrier.outcomes.append(NotSent("refused", again=False))
    notice = tell_firm(town)
    work()
    assert ways(notice, town.owner)["sms"] == ("given_up", "refused")


def test_an_sms_that_was_interrupted_is_told_as_unknown_and_not_repeated_and_an_e_mail_is_the_same_letter(
    town: Town, carrier: type[Carrier]
) -> None:
    wants(town.owner, sms=["cases"])
    notice = tell_firm(town)
    planning.plan([notice.pk], timezone.now())
    now = timezone.now()
    claimed = [outbox.claim(now), outbox.claim(now)]  # the process dies here, or just after it has sent
    assert outbox.claim(now) is None
    outbox.run()
    assert not mail.outbox and not carrier.given
    for parcel in claimed:
        assert parcel is not None
        if parcel.rows[0].channel == "email":
            post_mail(parcel.address, parcel.message)
    Dispatch.objects.filter(state="sending").update(claimed_at=now - dt.timedelta(minutes=11))
    outbox.run()
    outbox.run()
    assert ways(notice, town.owner)["sms"] == ("unknown", "interrupted") and not carrier.given
    assert ways(notice, town.owner)["email"] == ("sent", "")
    assert len({letter.message()["Message-ID"] for letter in mail.outbox}) == 1


def test_what_was_taken_for_lost_and_was_sent_after_all_is_known_as_sent(town: Town, carrier: type[Carrier]) -> None:
    wants(town.owner, email=[], sms=["cases"])
    notice = tell_firm(town)
    planning.plan([notice.pk], timezone.now())
    parcel = outbox.claim(timezone.now())
    assert parcel is not None
    outbox.take_up_stale(timezone.now() + dt.timedelta(hours=1))
    assert ways(notice, town.owner)["sms"] == ("unknown", "interrupted")
    outbox.deliver(parcel)
    assert ways(notice, town.owner)["sms"] == ("sent", "")


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        (
            smtplib.SMTPRecipientsRefused({"owner@example.com": (550, b"owner@example.com unknown")}),
            ("given_up", "refused"),
        ),
        (smtplib.SMTPRecipientsRefused({"owner@example.com": (450, b"later")}), ("failed", "refused")),
        (smtplib.SMTPAuthenticationError(535, b"no"), ("failed", "no_entry")),
        (smtplib.SMTPDataError(451, b"busy"), ("failed", "busy")),
        (smtplib.SMTPServerDisconnected("gone"), ("failed", "no_answer")),
        (ConnectionRefusedError(111, "refused"), ("failed", "no_connection")),
        (TimeoutError(), ("failed", "no_answer")),
        (OSError("no route"), ("failed", "no_connection")),
    ],
)
def test_what_a_mail_server_answers_is_told_in_plain_words(
    town: Town, monkeypatch: pytest.MonkeyPatch, problem: Exception, outcome: tuple[str, str]
) -> None:
    def fail(*_: Any) -> int:
        raise problem

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    notice = tell_firm(town)
    work()
    assert ways(notice, town.owner)["email"] == outcome
    told_of = Change.objects.filter(kind="documents.dispatch").values_list("after", flat=True)
    assert not any("example.com" in str(after) for after in told_of)


def test_an_adapter_that_breaks_stops_nothing_and_tells_no_number(
    town: Town, carrier: type[Carrier], caplog: pytest.LogCaptureFixture
) -> None:
    wants(town.owner, sms=["cases"])
    carrier.outcomes.append(RuntimeError("cannot send to +8613812345678"))
    notice = tell_firm(town)
    work()
    assert ways(notice, town.owner)["sms"] == ("unknown", "no_answer")
    assert ways(notice, town.owner)["email"] == ("sent", "") and "13812345678" not in caplog.text


def test_a_kind_that_nobody_declares_stands_in_no_ones_way(town: Town) -> None:
    Notice.objects.create(organisation=town.firm, kind="of_the_past", subject="1")
    notice = tell_firm(town)
    work()
    assert len(mail.outbox) == 1 and set(Dispatch.objects.values_list("notice", flat=True)) == {notice.pk}


# --- proof ------------------------------------------------------------------------------------------------------------


def test_each_person_has_her_own_time_of_opening_also_before_the_job_has_come(town: Town) -> None:
    colleague = make_person("colleague", town.firm, "agent")
    notice = tell_firm(town)
    mark_read(town.as_owner, notice.pk)
    work()
    rows = {row.person_id: row for row in Dispatch.objects.filter(channel="inbox")}
    assert rows[town.owner.pk].opened_at is not None and rows[colleague.pk].opened_at is None
    assert ways(notice, town.owner)["email"] == ("not_sent", "read") and not mail.outbox
    before = rows[town.owner.pk].opened_at
    mark_read(town.as_owner, notice.pk)
    mark_read(actor(colleague), notice.pk)
    rows = {row.person_id: row for row in Dispatch.objects.filter(channel="inbox")}
    assert rows[town.owner.pk].opened_at == before and rows[colleague.pk].opened_at is not None


def test_marking_all_as_read_is_no_proof_of_opening(town: Town) -> None:
    notice = tell_firm(town)
    work()
    mark_all_read(town.as_owner)
    assert not Dispatch.objects.filter(notice=notice, opened_at__isnull=False).exists()


def test_a_receipt_of_the_carrier_is_noted_once(town: Town, carrier: type[Carrier]) -> None:
    wants(town.owner, sms=["cases"])
    tell_firm(town)
    work()
    time = timezone.now()
    assert outbox.ask_for_receipts(time) == 0
    carrier.delivered.append(Receipt("carrier-1", time))
    assert outbox.ask_for_receipts(time) == 1
    assert outbox.ask_for_receipts(time) == 0
    assert Dispatch.objects.get(channel="sms").confirmed_at == time


def test_whoever_lost_a_role_is_still_told_so_herself(town: Town) -> None:
    security = actor(make_person("security", make_organ("industry_and_it", "650000"), "security_admin"))
    Contact.objects.create(
        person=town.officer, channel="email", address="officer@example.com", confirmed_at=timezone.now()
    )
    end_hat(security, town.officer.memberships.get().pk, "调走了")
    work()
    assert [letter.to for letter in mail.outbox] == [["officer@example.com"]]


# --- contacts ---------------------------------------------------------------------------------------------------------


def test_an_address_counts_after_its_code_and_a_code_counts_once(town: Town) -> None:
    officer = actor(town.officer)
    contacts.ask(officer, "email", " Officer@Example.com ")
    assert planning.reached(town.officer, "email") is None
    code = "".join(filter(str.isdigit, mail.outbox[0].body.partition("，")[0]))
    assert mail.outbox[0].to == ["officer@example.com"] and len(code) == 6
    for wrong in ("", "000000" if code != "000000" else "1", code + "0"):
        with pytest.raises(contacts.WrongCode):
            contacts.confirm(officer, "email", wrong)
    contacts.confirm(officer, "email", code)
    assert planning.reached(town.officer, "email") is not None
    with pytest.raises(contacts.WrongCode):
        contacts.confirm(officer, "email", code)
    contacts.ask(officer, "email", "other@example.com")
    assert planning.reached(town.officer, "email") is None


def test_a_code_ends_and_is_for_its_address_alone(town: Town) -> None:
    officer = actor(town.officer)
    contact = contacts.ask(officer, "email", "officer@example.com")
    code = "".join(filter(str.isdigit, mail.outbox[0].body.partition("，")[0]))
    Contact.objects.filter(pk=contact.pk).update(address="other@example.com")
    with pytest.raises(contacts.WrongCode):
        contacts.confirm(officer, "email", code)
    Contact.objects.filter(pk=contact.pk).update(address="officer@example.com", code_expires_at=timezone.now())
    with pytest.raises(contacts.WrongCode):
        contacts.confirm(officer, "email", code)


@pytest.mark.parametrize(
    ("channel", "typed", "kept"),
    [
        ("sms", "138 1234 5678", "+8613812345678"),
        ("sms", "+86 138-1234-5678", "+8613812345678"),
        ("email", "A@Example.com", "a@example.com"),
    ],
)
def test_an_address_is_kept_in_one_form(channel: str, typed: str, kept: str) -> None:
    assert contacts.read_address(channel, typed) == kept


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        ("sms", "0998-2822222"),
        ("sms", "12345"),
        ("sms", "abc"),
        ("sms", ""),
        ("email", "nobody"),
        ("email", "a@example.com\nBcc: b@example.com"),
        ("email", "a@example.com, b@example.com"),
    ],
)
def test_what_is_no_address_is_refused(channel: str, typed: str) -> None:
    with pytest.raises(contacts.BadAddress):
        contacts.read_address(channel, typed)


def test_the_database_keeps_no_address_of_two_lines_and_the_journal_none_at_all(town: Town) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.create(person=town.officer, channel="email", address="a@example.com\nBcc: b@example.com")
    noted = str(list(Change.objects.filter(kind="documents.contact").values_list("after", flat=True)))
    assert "(hidden)" in noted and "owner@example.com" not in noted and "13812345678" not in noted


# --- laws -------------------------------------------------------------------------------------------------------------


@given(st.text(), st.integers(1, 60))
def test_a_line_is_one_line(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most and len(line.splitlines()) <= 1 and line == line.strip()


@given(name=st.text(), number=st.text())
@hypothesis_settings(max_examples=60)
def test_no_name_and_no_number_ever_makes_a_header(name: str, number: str) -> None:
    number = f"7\r\nBcc: thief@example.com\r\n\r\n{number}"
    firm = Organisation(name_zh=f"{name}\r\nBcc: thief@example.com", name_en=name)
    notice = Notice(pk=7, kind="test_answered", subject=number, organisation=firm, data={"what": name})
    for channel in ("email", "sms"):
        message = message_of(channel, "k", "zh-hans", [notice])
        assert "\r" not in message.text
        if channel == "sms":
            assert "\n" not in message.text
    mail.outbox = []
    post_mail("owner@example.com", message_of("email", "k", "zh-hans", [notice]))
    parsed = email.message_from_bytes(mail.outbox[0].message().as_bytes(), policy=default)
    assert parsed["To"] == "owner@example.com" and parsed["Bcc"] is None
    assert set(parsed) <= {
        "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"
    }  # fmt: skip


#: Something is told and planned; then things change, it is sent or somebody dies over it, and it is taken up.
ROUND = st.tuples(
    st.sampled_from(["tell", "nothing"]),
    st.just("plan"),
    st.sampled_from(["nothing", "read", "read_all", "off", "on", "daily", "remove", "contact", "fail", "unknown"]),
    st.sampled_from(["run", "die", "die_sent"]),
    st.sampled_from(["nothing", "stale", "later", "run"]),
)
ACTS = st.lists(ROUND, min_size=1, max_size=4).map(lambda rounds: [act for each in rounds for act in each])


@given(acts=ACTS)
# what an example does is undone before the next
@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_gets_the_same_notice_twice_by_one_channel(town: Town, carrier: type[Carrier], acts: list[str]) -> None:
    """In whatever order people choose, read and fail: an SMS of a notice goes once, and an e-mail is one letter."""
    with transaction.atomic():
        _live(town, carrier, acts)
        transaction.set_rollback(True)


def _live(town: Town, carrier: type[Carrier], acts: list[str]) -> None:
    carrier.given.clear()
    carrier.outcomes.clear()
    mail.outbox = []
    wants(town.owner, sms=["cases"], email=["cases"], digest="immediate")
    told_numbers: list[Notice] = [tell_firm(town, "first")]
    for number, each in enumerate([*acts, "plan", "run", "stale", "run"]):
        now = timezone.now()
        match each:
            case "nothing":
                pass
            case "tell":
                told_numbers.append(tell_firm(town, f"n{number}"))
            case "plan":
                planning.plan([notice.pk for notice in told_numbers], now)
            case "run":
                outbox.run()
            case "read":
                mark_read(town.as_owner, told_numbers[-1].pk)
            case "read_all":
                mark_all_read(town.as_owner)
            case "off":
                wants(town.owner, sms=[], email=[])
            case "on":
                wants(town.owner, sms=["cases"], email=["cases"], digest="immediate")
            case "daily":
                wants(town.owner, digest="daily")
            case "later":
                Dispatch.objects.filter(state__in=("queued", "failed")).update(due_at=now)
            case "die":
                while outbox.claim(now) is not None:
                    pass
            case "die_sent":
                while (parcel := outbox.claim(now)) is not None:  # it went out; the process died before it said so
                    if parcel.rows[0].channel == "sms":
                        carrier.given.append((parcel.address, parcel.message))
                    else:
                        post_mail(parcel.address, parcel.message)
            case "fail":
                carrier.outcomes.append(NotSent("busy"))
            case "unknown":
                carrier.outcomes.append(NotKnown())
            case "stale":
                Dispatch.objects.filter(state="sending").update(claimed_at=now - dt.timedelta(hours=1))
                outbox.take_up_stale(now)
            case "remove":
                contacts.remove(town.as_owner, "email")
            case _:
                Contact.objects.update_or_create(
                    person=town.owner,
                    channel="email",
                    defaults={"address": "owner@example.com", "confirmed_at": now},
                )
    keys = [message.key for _, message in carrier.given]
    assert len(keys) == len(set(keys))
    for channel in ("email", "sms"):
        rows = Dispatch.objects.filter(channel=channel)
        assert rows.count() == rows.values("notice", "person").distinct().count()
    sent_letters = {str(letter.message()["Message-ID"]) for letter in mail.outbox}
    known = {f"<{key}@localhost>" for key in Dispatch.objects.filter(channel="email").values_list("message", flat=True)}
    assert sent_letters <= known


# --- the demonstration ------------------------------------------------------------------------------------------------


def test_in_the_demonstration_letters_and_short_messages_are_files_that_their_owner_alone_reads(
    settings: Any, tmp_path: Any
) -> None:
    settings.HUIQI_OUTBOX = tmp_path / "outbox"
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
    message = Message("0a1b", "惠企：有一条新消息", "登录后看")
    post_mail("owner@example.com", message)
    post_mail("owner@example.com", message)
    (path,) = (tmp_path / "outbox" / "mail").iterdir()
    letter = email.message_from_bytes(path.read_bytes(), policy=default)
    assert path.suffix == ".eml" and letter["Subject"] == message.subject and "登录后看" in letter.get_content()
    folder = Folder()
    given = folder.send("+8613812345678", message)
    (receipt,) = folder.receipts([given, "../../etc/passwd"])
    assert receipt.provider_id == given
    short = tmp_path / "outbox" / "sms" / "0a1b.txt"
    assert short.read_text(encoding="utf-8") == "+8613812345678\n\n登录后看\n"
    assert {each.stat().st_mode & 0o777 for each in (path, short)} == {0o600}


def test_every_kind_is_told_in_both_languages(town: Town) -> None:
    notice = tell_firm(town)
    found = told(notice, lambda _: None)
    assert found.title.zh and found.page == ("inbox",)
    with pytest.raises(ValueError, match="two kinds"):
        declare(Kind("deadline", CASES, Words("", ""), lambda *_: (Words("", ""), Words("", ""), ())))
    with pytest.raises(ValueError, match="no group"):
        Kind("other", "nonsense", Words("", ""), lambda *_: (Words("", ""), Words("", ""), ()))
