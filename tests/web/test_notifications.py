"""How notices come: an owner confirms where she is reached, chooses, tries it, and sees what was sent; calendars; trouble."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from web_pages import PASSWORD, visible, visitor

from huiqi.documents.inbox import tell_organisations
from huiqi.documents.models import CalendarFeed, Contact, Dispatch, Notice, Preference
from huiqi.documents.sending import outbox, planning
from huiqi.documents.telling import tell
from huiqi.journal import machine
from huiqi.journal.sealing import seal
from huiqi.registry.models import Membership, Organisation, Person

pytestmark = pytest.mark.django_db
PAGE, SENT, CALENDAR = "/account/notifications/", "/account/notifications/sent/", "/account/calendar/"


@pytest.fixture(autouse=True)
def configured(settings: Any, tmp_path: Any) -> None:
    settings.HUIQI_MAIL, settings.HUIQI_SMS, settings.HUIQI_OUTBOX = True, "folder", tmp_path
    settings.HUIQI_URL = "https://huiqi.example"
    cache.clear()


def signed_in(person: Person, language: str = "zh-hans") -> Client:
    client = visitor(language)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(owner: Person) -> Client:
    return signed_in(owner, "en")


def run_jobs() -> None:
    seal()
    planning.plan_new()
    outbox.run()


def code_in_mail() -> str:
    found = re.search(r"\d{6}", mail.outbox[-1].body)
    assert found is not None
    return found.group()


def confirmed(client: Client) -> None:
    client.post(PAGE, {"act": "ask", "channel": "email", "email-address": "owner@example.com"})
    client.post(PAGE, {"act": "confirm", "channel": "email", "email-code": code_in_mail()})
    mail.outbox.clear()


def test_she_confirms_an_address_by_a_code_and_a_number_by_another(
    client: Client, owner: Person, tmp_path: Any
) -> None:
    assert "Number of your mobile telephone" in visible(client.get(PAGE))
    response = client.post(PAGE, {"act": "ask", "channel": "email", "email-address": "owner@example.com"}, follow=True)
    assert "A code is on its way" in visible(response)
    wrong = client.post(PAGE, {"act": "confirm", "channel": "email", "email-code": "x"})
    assert wrong.status_code == 422 and "This code does not fit" in visible(wrong)
    assert "#id_email-code" in wrong.content.decode()
    right = client.post(PAGE, {"act": "confirm", "channel": "email", "email-code": code_in_mail()}, follow=True)
    assert "Confirmed." in visible(right)
    client.post(PAGE, {"act": "ask", "channel": "sms", "sms-address": "138 1234 5678"})
    (short,) = (tmp_path / "sms").iterdir()
    number, _, text = short.read_text(encoding="utf-8").partition("\n\n")
    code = re.search(r"\d{6}", text)
    assert number == "+8613812345678" and code is not None
    client.post(PAGE, {"act": "confirm", "channel": "sms", "sms-code": code.group()})
    assert Contact.objects.filter(person=owner, confirmed_at__isnull=False).count() == 2
    client.post(PAGE, {"act": "remove", "channel": "sms"})
    assert set(Contact.objects.filter(person=owner).values_list("channel", flat=True)) == {"email"}


def test_what_is_no_address_stays_in_its_field_with_a_word_how_to_write_it(client: Client) -> None:
    response = client.post(PAGE, {"act": "ask", "channel": "sms", "sms-address": "0998-2822222"})
    assert response.status_code == 422 and "Write its 11 digits" in visible(response)
    assert 'value="0998-2822222"' in response.content.decode()
    response = client.post(PAGE, {"act": "ask", "channel": "email", "email-address": "a@b.example\nBcc: x@y.example"})
    assert response.status_code == 422 and not mail.outbox


def test_codes_are_not_tried_or_asked_for_without_end(client: Client) -> None:
    client.post(PAGE, {"act": "ask", "channel": "email", "email-address": "owner@example.com"})
    code = code_in_mail()
    for _ in range(5):
        client.post(PAGE, {"act": "confirm", "channel": "email", "email-code": "000000" if code != "000000" else "1"})
    late = client.post(PAGE, {"act": "confirm", "channel": "email", "email-code": code})
    assert late.status_code == 422 and "tried too often" in visible(late)
    for _ in range(5):
        last = client.post(PAGE, {"act": "ask", "channel": "email", "email-address": "owner@example.com"})
    assert last.status_code == 422 and "Many codes were asked for" in visible(last)
    assert len(mail.outbox) == 5


def test_only_ways_that_are_set_up_are_offered(client: Client, settings: Any) -> None:
    settings.HUIQI_SMS = ""
    text = visible(client.get(PAGE))
    assert "SMS" not in text.replace("by SMS", "") and "mobile telephone" not in text
    assert client.post(PAGE, {"act": "ask", "channel": "sms", "sms-address": "13812345678"}).status_code == 403
    settings.HUIQI_MAIL = False
    assert "neither e-mail nor SMS is set up" in visible(client.get(PAGE))


def test_her_choice_is_kept_and_that_of_a_way_which_is_not_shown_stays(
    client: Client, owner: Person, settings: Any
) -> None:
    said = {"act": "choose", "email": ["duties"], "sms": ["cases"], "digest": "daily", "language": "en"}
    client.post(PAGE, said)
    kept = Preference.objects.get(person=owner)
    owner.refresh_from_db()
    assert (kept.email, kept.sms, kept.digest, owner.language) == (["duties"], ["cases"], "daily", "en")
    settings.HUIQI_SMS = ""
    client.post(PAGE, {"act": "choose", "email": [], "digest": "immediate", "language": "en"})
    kept.refresh_from_db()
    assert (kept.email, kept.sms, kept.digest) == ([], ["cases"], "immediate")
    assert client.post(PAGE, {"act": "choose", "email": ["account"], "language": "en"}).status_code == 422
    assert client.post(PAGE, {"act": "nonsense"}).status_code == 403


def test_a_test_message_comes_and_is_proved(client: Client, owner: Person) -> None:
    assert "Send me a test message" not in visible(client.get(PAGE))
    confirmed(client)
    for _ in range(6):
        response = client.post(PAGE, {"act": "test"}, follow=True)
    assert "tried too often" in visible(response)
    run_jobs()
    (letter,) = mail.outbox
    assert letter.subject == "惠企：有 5 条新消息" and "https://huiqi.example/inbox/" in letter.body
    text = visible(client.get(SENT))
    assert "This is a test message" in text and "Not opened by you yet" in text and "E-mail sent" in text
    notice = Notice.objects.filter(person=owner).first()
    assert notice is not None
    client.post(f"/inbox/{notice.pk}/")
    assert "You opened it" in visible(client.get(SENT))


def test_what_others_were_sent_is_not_shown(client: Client, enterprise: Organisation) -> None:
    confirmed(client)
    other = Person.objects.create_user("colleague", PASSWORD, display_name="经办")
    Membership.objects.create(person=other, organisation=enterprise, role="agent", start="2026-01-01")
    with_act = tell(machine("tests"), "deadline", enterprise, "vat-small-scale-exempt", data={"valid_to": "2026-12-31"})
    run_jobs()
    assert Dispatch.objects.filter(notice=with_act).count() == 3
    assert "E-mail" in visible(client.get(SENT))
    assert "E-mail" not in visible(signed_in(other, "en").get(SENT))


def test_a_notice_written_in_bulk_is_sent_as_well(client: Client, enterprise: Organisation) -> None:
    from huiqi.journal import act

    confirmed(client)
    with act(machine("tests"), "notice.sent"):
        tell_organisations("deadline", "vat-small-scale-exempt", "x", {"valid_to": "2026-12-31"}, [enterprise.pk])
    run_jobs()
    assert len(mail.outbox) == 1 and "政策快到期" in mail.outbox[0].body


# --- the system administrator -----------------------------------------------------------------------------------------


def test_the_system_administrator_sees_numbers_and_reasons_and_has_it_sent_again(
    client: Client, owner: Person, enterprise: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(client)

    def fail(*_: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
        tell(machine("tests"), "deadline", enterprise, "vat-small-scale-exempt", data={"valid_to": "2026-12-31"})
        run_jobs()
    office = Organisation.objects.create(
        kind="organ", name_zh="区厅", region_id="650000", organ_function="industry_and_it"
    )
    system = Person.objects.create_user("system", PASSWORD, display_name="系统")
    Membership.objects.create(person=system, organisation=office, role="system_admin", start="2026-01-01")
    desk = signed_in(system, "en")
    page = desk.get("/admin/sending/")
    text = visible(page)
    assert "The server that sends could not be reached" in text and "1" in text
    for kept_back in ("owner@example.com", "vat-small", enterprise.name_zh, owner.display_name):
        assert kept_back not in page.content.decode()
    assert client.get("/admin/sending/").status_code == 403
    assert client.post("/admin/sending/", {}).status_code == 403
    sent = {"channel": "email", "state": "failed", "reason": "no_connection"}
    assert "sent again" in visible(desk.post("/admin/sending/", sent, follow=True))
    outbox.run()
    assert len(mail.outbox) == 1
    assert "Everything got through" in visible(desk.get("/admin/sending/"))


# --- calendars --------------------------------------------------------------------------------------------------------


def address_on(response: Any) -> str:
    found = re.search(r"https://huiqi\.example(/calendar/[\w-]+\.ics)", response.content.decode())
    assert found is not None
    return found.group(1)


def test_a_calendar_is_made_renewed_and_revoked_and_its_address_shown_once(client: Client) -> None:
    made = client.post(CALENDAR)
    first = address_on(made)
    assert "no-transform" in made.headers["Cache-Control"] and "no-store" in made.headers["Cache-Control"]
    assert first not in client.get(CALENDAR).content.decode()
    program = Client()
    answer = program.get(first)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.content.startswith(b"BEGIN:VCALENDAR")
    assert {"private", "no-transform"} <= {part.strip() for part in answer.headers["Cache-Control"].split(",")}
    again = program.get(first, headers={"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "gzip"})
    assert again.status_code == 304 and not again.content
    assert "Content-Encoding" not in program.get(first, headers={"Accept-Encoding": "gzip"}).headers
    second = address_on(client.post(CALENDAR))
    assert program.get(first).status_code == 404 and program.get(second).status_code == 200
    feed = CalendarFeed.objects.get(revoked_at__isnull=True)
    assert "Revoked." in visible(client.post(CALENDAR, {"revoke": feed.pk}, follow=True))
    assert program.get(second).status_code == 404
    assert client.post(CALENDAR, {"revoke": feed.pk}).status_code == 404
    assert client.post(CALENDAR, {"revoke": "x"}).status_code == 404


def test_without_a_role_there_is_no_calendar(db: None) -> None:
    nobody = signed_in(Person.objects.create_user("nobody", PASSWORD, display_name="没身份"), "en")
    assert "A calendar is that of a role" in visible(nobody.get(CALENDAR))
    assert nobody.post(CALENDAR).status_code == 403


def test_the_secret_stands_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    address = address_on(client.post(CALENDAR))
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        Client().get(address)
        Client().get(f"/calendar/{secret}x.ics")
    lines = [f"{record.msg} {record.args} {record.getMessage()}" for record in caplog.records]
    assert sum("calendar/<str:secret>.ics" in line for line in lines) == 2
    assert secret not in "\n".join(lines)
