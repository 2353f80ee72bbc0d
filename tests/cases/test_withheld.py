"""The identity of a withheld complainant, planted as a word that nothing else says, is looked for in everything that the
people of the respondent can fetch, in the log and in exports."""

from __future__ import annotations

import datetime as dt
import email
import io
import json
import logging
import zipfile
from collections.abc import Iterator
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from pypdf import PdfReader
from tests.documents.sending_town import work
from town import UNMISTAKABLE, Town, build, complainant, decide, deliver_reply, handler

from huiqi.cases import archiving, conferring, files, overdue, watching
from huiqi.cases.acting import CaseProblem, Given, take
from huiqi.cases.models import Alert, Attachment, Case
from huiqi.cases.vocabulary import RESPONDENT
from huiqi.documents.models import Contact, Letter, Preference
from huiqi.documents.models.sending import CHOSEN_GROUPS
from huiqi.documents.sending import calendar
from huiqi.journal import export, sealing
from huiqi.journal.models import Change
from huiqi.registry.evidence import Evidence
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db

PHONE, MAIL = "13899990000", "duyiwuer@example.com"
NAMES = (UNMISTAKABLE, PHONE, MAIL)
#: People of the respondent and of the office above, who must not know her; those of the handling office.
OUTSIDE, INSIDE = ("county_officer", "above"), ("officer", "colleague", "head")


@pytest.fixture
def told(db: None, settings: Any, tmp_path: Path) -> Iterator[tuple[Town, Case]]:
    """A withheld complaint that has gone through all that is shown to anybody; everybody is reached by e-mail and SMS, and what is
    sent lies in a folder."""
    settings.HUIQI_SECOND_FACTOR = False
    settings.HUIQI_MAIL, settings.HUIQI_SMS, settings.HUIQI_OUTBOX = True, "folder", tmp_path
    settings.EMAIL_BACKEND = "huiqi.documents.sending.folder.EmailBackend"
    town = build()
    people = {"owner": MAIL, **{name: f"{name}@example.com" for name in (*OUTSIDE, *INSIDE)}}
    for number, (name, address) in enumerate(people.items()):
        person = getattr(town, name).person
        Preference.objects.create(person=person, sms=sorted(CHOSEN_GROUPS))
        for channel, where in (("email", address), ("sms", f"+861380000000{number}")):
            Contact.objects.create(person=person, channel=channel, address=where, confirmed_at=timezone.now())
    case = town.complain(
        withheld=True, told=f"我是{UNMISTAKABLE}，他们要钱。", phone=PHONE, email=MAIL, contact="王老板"
    ).case
    officer = handler(town.officer)
    take(officer, case.pk, "ask_correction", Given(text="请补票据。"))
    take(complainant(town.owner), case.pk, "supplement", Given(text=f"{UNMISTAKABLE}的票据。"))
    take(officer, case.pk, "accept", Given())
    take(officer, case.pk, "ask_statement", Given(text="有企业反映你局收取赞助费，请说明。"))
    conferring.write(complainant(town.owner), case.pk, f"电话{PHONE}")
    conferring.note_down(officer, case.pk, f"{UNMISTAKABLE}来过电话")
    case = decide(town, case)
    deliver_reply(town, case, "email")
    case = take(officer, case.pk, "answer", Given())
    case = take(complainant(town.owner), case.pk, "rate", Given(answer="partly", text=f"{UNMISTAKABLE}还差五百元。"))
    yield town, case


def pages(actor: Actor, case: Case) -> Iterator[tuple[str, bytes]]:
    """Everything that somebody can fetch: every address of the service, with the numbers of the case where it asks for one."""
    client = Client()
    assert actor.person is not None
    client.force_login(actor.person)
    letters = list(Letter.objects.values_list("pk", flat=True))
    for address in sorted(_addresses(case, letters)):
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        yield address, body + str(response.headers).encode()


def _addresses(case: Case, letters: list[int]) -> set[str]:
    found = set()
    for pattern in get_resolver().url_patterns:
        route = str(getattr(pattern.pattern, "_route", ""))
        if route.startswith(("logout", "static")):
            continue
        for number in (case.pk, *letters):
            filled = route.replace("<int:pk>", str(number)).replace("<int:letter>", str(number))
            if "<" not in filled and "^" not in filled:
                found.add("/" + filled)
    return found | {f"/search/?q={UNMISTAKABLE}", f"/desk/cases/?q={UNMISTAKABLE}", f"/journal/?q={UNMISTAKABLE}"}


@pytest.mark.parametrize("who", OUTSIDE)
def test_nothing_that_others_fetch_names_her(
    told: tuple[Town, Case], who: str, caplog: pytest.LogCaptureFixture
) -> None:
    town, case = told
    caplog.set_level(logging.DEBUG)
    actor: Actor = getattr(town, who)
    found = [
        address
        for address, body in pages(actor, case)
        for name in NAMES
        if name.encode() in body and "?q=" not in address
    ]
    assert found == []
    assert not any(name in record.getMessage() for record in caplog.records for name in NAMES)


def sent(folder: Path) -> Iterator[tuple[str, str]]:
    """All that went out: to whom, and everything that whoever gets it or carries it reads, with the names of the files."""
    for path in folder.rglob("*.*"):
        if path.suffix == ".txt":
            number, text = path.read_text(encoding="utf-8").split("\n\n", 1)
            yield number, f"{path.name} {text}"
            continue
        mail = email.message_from_bytes(path.read_bytes(), policy=default)
        parts = [path.name]
        for part in mail.walk():
            parts += [f"{name}: {value}" for name, value in part.items() if name != "To"]
            if not part.is_multipart():
                content = part.get_content()
                raw = content.encode() if isinstance(content, str) else content
                parts += [raw.decode("utf-8", "replace"), read_pdf(raw)]
        yield str(mail["To"]), "\n".join(parts)


def read_pdf(content: bytes) -> str:
    """The words of a file, if it is a PDF, and what it says of itself."""
    if not content.startswith(b"%PDF"):
        return ""
    reader = PdfReader(io.BytesIO(content))
    return " ".join([str(reader.metadata), *(page.extract_text() for page in reader.pages)])


def test_nothing_that_is_sent_out_names_her(told: tuple[Town, Case], tmp_path: Path) -> None:
    town, case = told
    # what else tells of a case: an alert, a climb to the offices above, a message to the other side
    day = timezone.localtime(case.filed_at).date()
    watching.report(complainant(town.owner), case.pk, "inspection", day, f"来查{UNMISTAKABLE}。")
    late = town.complain(withheld=True, told=f"{UNMISTAKABLE}又被收费。", phone=PHONE, email=MAIL).case
    until = late.due
    assert until is not None
    for weeks in range(0, 12, 3):
        overdue.run(until + dt.timedelta(1 + weeks * 7))
    work()
    take(handler(town.officer), late.pk, "accept", Given())
    take(handler(town.officer), late.pk, "ask_statement", Given(text="请说明。"))
    conferring.write(handler(town.officer), late.pk, "请再说明。", RESPONDENT)
    work()
    reached = list(sent(tmp_path))
    assert {f"{name}@example.com" for name in OUTSIDE} <= {to for to, _ in reached}, "they do get e-mail"
    assert any(to.startswith("+86") for to, _ in reached) and any("%PDF" in text for _, text in reached)
    hits = [(to, name) for to, text in reached for name in NAMES if name in text]
    assert hits == [], "nor does what she is sent herself, which others carry"
    # that her address stands on a letter is seen by no other reader of it: each e-mail has one
    assert all("," not in to for to, _ in reached)
    assert {to for to, text in reached if "%PDF" in text} == {MAIL}
    for name in OUTSIDE:
        feed = calendar.written(getattr(town, name), "zh-hans").decode()
        assert "BEGIN:VCALENDAR" in feed and not any(each in feed for each in NAMES)


def test_the_handling_office_does_see_her_so_that_the_search_can_fail(told: tuple[Town, Case]) -> None:
    town, case = told
    assert town.officer.person is not None
    sight = Case.objects.in_part(town.officer, "handler").get(pk=case.pk)
    assert UNMISTAKABLE in sight.told


def test_the_journal_and_its_export_do_not_name_her_nor_who_acted(told: tuple[Town, Case]) -> None:
    town, _ = told
    sealing.seal()
    text = "\n".join(export.lines())
    events = [json.loads(line)["event"]["parts"] for line in text.splitlines() if line.startswith('{"event"')]
    by_product = [each for each in events if "test.arranged" not in json.dumps(each)]
    assert len(by_product) > 10
    assert not any(name in json.dumps(each, ensure_ascii=False) for each in by_product for name in NAMES)
    # neither who acted nor whom an act concerns is she, nor her firm, in any event of the product; the test made them both
    assert town.owner.person is not None
    for event in by_product:
        assert event["who"].get("person") != town.owner.person.pk, event
        assert town.firm.pk not in (event["who"].get("organisation"), event["what"].get("subject")), event
        told_of_rows = [part for change in event["changes"] for part in change if isinstance(part, dict)]
        for row in told_of_rows:
            assert town.firm.pk not in (row.get("organisation_id"), row.get("addressee_organisation_id")), event


def test_the_package_of_the_office_above_does_not_name_her(told: tuple[Town, Case]) -> None:
    town, case = told
    content = archiving.package(town.above, case)
    assert archiving.faults(content) == []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            body = archive.read(name)
            assert not any(each.encode() in body or each in name for each in NAMES), name


def test_what_she_sent_is_shown_to_nobody_outside_the_office(told: tuple[Town, Case]) -> None:
    town, case = told
    sent = files.add(complainant(town.owner), case.pk, Evidence("票据.pdf", "application/pdf", b"%PDF-1.7 x"))
    for part in ("superior", "respondent", "association"):
        with pytest.raises(CaseProblem):
            files.show_to(handler(town.officer), sent, part)
    assert not Attachment.objects.visible_to(town.above).filter(pk=sent.pk).exists()


def test_words_of_the_office_that_others_read_must_not_name_her(told: tuple[Town, Case]) -> None:
    town, _ = told
    case = town.complain(withheld=True, phone=PHONE).case
    take(handler(town.officer), case.pk, "accept", Given())
    with pytest.raises(CaseProblem):
        take(handler(town.officer), case.pk, "ask_statement", Given(text=f"{UNMISTAKABLE}反映你局收费。"))


def test_an_inspection_after_the_complaint_is_told_to_the_office_above_alone(told: tuple[Town, Case]) -> None:
    town, case = told
    day = timezone.localtime(case.filed_at).date()
    watching.report(complainant(town.owner), case.pk, "inspection", day, "第二天就来检查。")
    alert = Alert.objects.get()
    noted = Change.objects.get(kind="cases.alert", row=str(alert.pk), operation="insert")
    assert {noted.after[name] for name in ("case_id", "to_id", "what", "on", "text")} == {"(hidden)"}
    assert alert.to == town.prefecture
    assert list(Alert.objects.visible_to(town.head)) == [alert]
    assert not Alert.objects.visible_to(town.officer).exists()
    assert not Alert.objects.visible_to(town.county_officer).exists()
