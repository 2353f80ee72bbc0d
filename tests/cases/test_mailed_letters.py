"""A letter by e-mail really goes out, to an address that is known for certain; a failure is no delivery and ends no case."""

from __future__ import annotations

import datetime as dt
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from town import Town, build, decide, deliver_reply, handler

from huiqi.cases import filing
from huiqi.cases.acting import CaseProblem, Given, take
from huiqi.cases.filing import Complaint
from huiqi.cases.models import Case
from huiqi.documents.letters import acts as letters
from huiqi.documents.letters.problems import LetterProblem
from huiqi.documents.models import Contact, Letter, LetterMail
from huiqi.journal.models import Change, Event
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db
ADDRESS = "liuxia@example.com"


@pytest.fixture
def town(settings: Any) -> Town:
    settings.HUIQI_MAIL = True
    return build()


def decided(town: Town, case: Case) -> Case:
    take(handler(town.officer), case.pk, "accept", Given())
    return decide(town, case)


def by_visitor(town: Town, **more: Any) -> Case:
    """Somebody without an account complains and leaves an address."""
    said = Complaint(
        "unlawful_fee", "653101", "收了一千元。", "退钱。", "老王面馆", respondent=town.county.pk, email=ADDRESS, **more
    )
    return decided(town, filing.file(Actor(), said).case)


def test_it_goes_with_the_file_to_the_address_that_a_visitor_left_and_the_case_can_end(town: Town) -> None:
    case = by_visitor(town)
    letter = deliver_reply(town, case, "email")
    (sent,) = mail.outbox
    assert sent.to == [ADDRESS] and letter.number in sent.subject and "老王" not in sent.subject + sent.body
    assert sent.attachments == [(f"{letter.number}.pdf", bytes(letter.file.pdf), "application/pdf")]
    assert (letter.state, letter.delivered_how) == ("delivered", "email")
    proof = LetterMail.objects.get()
    assert proof.state == "sent" and proof.provider_id == sent.extra_headers["Message-ID"]
    assert take(handler(town.officer), case.pk, "answer", Given()).state == "answered"


def test_it_goes_to_the_address_that_the_account_has_confirmed_and_to_no_other(town: Town) -> None:
    case = decided(town, town.complain(email="unproven@example.com").case)
    with pytest.raises(LetterProblem, match="neither confirmed nor left"):
        deliver_reply(town, case, "email")
    assert not mail.outbox and Letter.objects.get().state == "issued"
    Contact.objects.create(person=town.owner.person, channel="email", address=ADDRESS, confirmed_at=timezone.now())
    letters.deliver(town.officer, Letter.objects.get(), "email")
    assert [each.to for each in mail.outbox] == [[ADDRESS]]


def test_whoever_no_longer_acts_for_the_firm_is_not_sent_its_letters(town: Town) -> None:
    case = decided(town, town.complain().case)
    Contact.objects.create(person=town.owner.person, channel="email", address=ADDRESS, confirmed_at=timezone.now())
    assert town.owner.person is not None
    town.owner.person.memberships.update(ended_at=timezone.now())
    with pytest.raises(LetterProblem):
        deliver_reply(town, case, "email")
    assert not mail.outbox


@pytest.mark.parametrize(
    ("fault", "state"),
    [(ConnectionRefusedError(), "failed"), (TimeoutError(), "unknown")],
    ids=["not sent", "not known"],
)
def test_a_failure_is_told_and_is_no_delivery(
    town: Town, monkeypatch: pytest.MonkeyPatch, fault: Exception, state: str
) -> None:
    case = by_visitor(town, withheld=True)

    def fails(*_: Any, **__: Any) -> None:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", fails)
        with pytest.raises(LetterProblem, match="not delivered"):
            deliver_reply(town, case, "email")
    letter = Letter.objects.get()
    assert (letter.state, LetterMail.objects.get().state) == ("issued", state)
    with pytest.raises(CaseProblem):
        take(handler(town.officer), case.pk, "answer", Given())
    officer = Client()
    officer.force_login(town.officer.person, "django.contrib.auth.backends.ModelBackend")
    page = officer.get(reverse("letter", args=(letter.pk,))).content.decode()
    assert ADDRESS in page and ("不知道发没发成" if state == "unknown" else "没发成") in page
    # once more: the same letter for mail programs
    letters.deliver(town.officer, letter, "email")
    keys = set(LetterMail.objects.values_list("key", flat=True))
    assert len(keys) == 1 and len(mail.outbox) == 1
    assert take(handler(town.officer), case.pk, "answer", Given()).state == "answered"


def test_it_is_sent_by_one_at_a_time_and_what_was_interrupted_can_be_sent_again(town: Town) -> None:
    case = by_visitor(town)
    with pytest.raises(ValueError, match="no way"):
        deliver_reply(town, case, "pigeon")
    letter = Letter.objects.get()
    begun = LetterMail.objects.create(
        letter=letter, address=ADDRESS, key="0" * 32, by=town.officer.person, begun_at=timezone.now()
    )
    with pytest.raises(LetterProblem, match="being sent"):
        letters.deliver(town.colleague, letter, "email")
    LetterMail.objects.filter(pk=begun.pk).update(begun_at=timezone.now() - dt.timedelta(minutes=11))
    letters.deliver(town.colleague, letter, "email")
    begun.refresh_from_db()
    assert (begun.state, begun.reason) == ("unknown", "interrupted")


def test_the_address_of_somebody_withheld_is_known_to_the_handling_office_alone(town: Town) -> None:
    case = by_visitor(town, withheld=True)
    letter = deliver_reply(town, case, "email")
    told = str(list(Change.objects.values_list("before", "after"))) + str(list(Event.objects.values_list("details")))
    assert ADDRESS not in told
    for actor, code in ((town.above, 404), (town.county_officer, 404), (town.officer, 200)):
        client = Client()
        client.force_login(actor.person, "django.contrib.auth.backends.ModelBackend")
        answer = client.get(reverse("letter", args=(letter.pk,)))
        assert answer.status_code == code and (ADDRESS in answer.content.decode()) == (code == 200)
        assert LetterMail.objects.visible_to(actor).exists() == (code == 200)


def test_a_mail_server_that_refuses_the_address_is_told_in_plain_words(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = by_visitor(town)

    def refuses(*_: Any, **__: Any) -> None:
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no such user liuxia")})

    monkeypatch.setattr(EmailMessage, "send", refuses)
    with pytest.raises(LetterProblem) as told:
        deliver_reply(town, case, "email")
    assert "refused" in told.value.what.en and "liuxia" not in told.value.what.en
