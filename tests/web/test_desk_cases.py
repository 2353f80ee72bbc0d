"""The officer's day: the queue, one case and its acts, bulk assignment, hand-over, intake, lists as files, sealed alerts."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.cases.town import REPLY, UNMISTAKABLE, Town, build, complainant, decide, handler

from huiqi.cases import agenda, watching
from huiqi.cases.acting import CaseProblem, Given, take
from huiqi.cases.conferring import assign, declare_conflict
from huiqi.cases.files import check_waiting, show_to
from huiqi.cases.models import Case, Complainant, Task
from huiqi.documents.letters import acts as letters
from huiqi.documents.models import Letter
from huiqi.journal.models import Event
from huiqi.registry.permissions import Actor

QUEUE = "/desk/cases/"


@pytest.fixture
def town(db: None) -> Town:
    return build()


def signed_in(who: Actor) -> Client:
    client = Client()
    assert who.person is not None
    client.force_login(who.person, "django.contrib.auth.backends.ModelBackend")
    return client


def words(response: Any) -> str:
    return re.sub(r"<[^>]+>", " ", response.content.decode())


def page_of(case: Case) -> str:
    return reverse("desk_case", args=(case.pk,))


def act(client: Client, case: Case, name: str, version: int | None = None, **given: Any) -> Any:
    """Send the form of an act as the page would."""
    seen = Case.objects.get(pk=case.pk).version if version is None else version
    fields = {f"{name}-{field}": value for field, value in given.items()}
    return client.post(page_of(case), {"act": name, f"{name}-version": seen, **fields})


# --- who is let in ----------------------------------------------------------------------------------------------------


def test_handlers_and_overseers_see_a_case_and_nobody_else(town: Town) -> None:
    case = town.complain().case
    for who, code in (
        (town.officer, 200),
        (town.head, 200),
        (town.above, 200),
        (town.county_officer, 404),
        (town.owner, 403),
    ):
        assert signed_in(who).get(page_of(case)).status_code == code, who
    assert Client().get(page_of(case)).status_code == 302
    for name in ("case_load", "case_alerts"):
        assert signed_in(town.officer).get(reverse(name)).status_code == 403
        assert signed_in(town.head).get(reverse(name)).status_code == 200


def test_the_address_of_the_firm_leads_officers_to_their_own_page_of_the_case(town: Town) -> None:
    case = town.complain().case
    address = reverse("case", args=(case.pk,))
    for who in (town.officer, town.above):
        answer = signed_in(who).get(address)
        assert (answer.status_code, answer.get("Location")) == (302, page_of(case)), who
    assert signed_in(town.owner).get(address).status_code == 200
    assert signed_in(town.county_officer).get(address).status_code == 404
    assert signed_in(town.officer).post(address, {"text": "x"}).status_code == 404, "nothing is sent on"


def test_an_overseer_acts_in_nothing_that_is_the_handling_offices(town: Town) -> None:
    case = town.complain().case
    above = signed_in(town.above)
    assert act(above, case, "accept").status_code == 403
    assert act(above, case, "note", text="看看").status_code == 403
    assert Case.objects.get(pk=case.pk).state == "received"


def test_whoever_declares_a_conflict_leaves_the_case_and_is_led_to_the_queue(town: Town) -> None:
    case = town.complain().case
    officer = signed_in(town.officer)
    assert act(officer, case, "conflict").status_code == 422, "without a reason it is no declaration"
    assert act(officer, case, "conflict", reason="亲属")["Location"] == QUEUE
    assert officer.get(page_of(case)).status_code == 404
    assert case.number not in words(officer.get(f"{QUEUE}?tab=office"))


# --- one case ---------------------------------------------------------------------------------------------------------


def test_a_case_goes_through_the_page_from_acceptance_to_the_end(town: Town) -> None:
    case = town.complain().case
    officer, head = signed_in(town.officer), signed_in(town.head)
    assert officer.post(page_of(case), {"act": "take_up", "version": 1}).status_code == 302
    assert act(officer, case, "accept").status_code == 302
    assert act(officer, case, "ask_statement", text="请说明收费依据").status_code == 302
    assert act(officer, case, "state_position", text="没有依据").status_code == 302
    refused = act(officer, case, "decide", ending="solved")
    assert refused.status_code == 422 and "请写明内容" in words(refused)
    assert act(officer, case, "decide", ending="solved", text="收了一千元", basis="第五十条").status_code == 302
    assert "办结" not in offered_titles(officer, case), "not before the reply is delivered"
    begun = officer.post(page_of(case), {"act": "begin_letter", "kind": "reply"})
    letter = Letter.objects.get()
    assert begun["Location"] == reverse("letter_edit", args=(letter.pk,))
    letter = letters.approve(town.head, letters.revise(town.officer, letter, {**letter.now.content, **REPLY}))
    letters.deliver(town.officer, letters.issue(town.officer, letter), "in_person")
    assert "办结" in offered_titles(officer, case)
    assert act(officer, case, "answer").status_code == 302
    assert Case.objects.get(pk=case.pk).state == "answered"
    assert case.number in words(head.get(f"{QUEUE}?tab=closed"))


def offered_titles(client: Client, case: Case) -> list[str]:
    found = re.findall(r'id="act-[a-z_]+"[^>]*>\s*<summary>([^<]+)<', client.get(page_of(case)).content.decode())
    return [each.strip() for each in found]


def test_of_two_who_act_at_once_the_second_is_told_and_what_she_wrote_is_kept(town: Town) -> None:
    case = town.complain().case
    take(handler(town.officer), case.pk, "accept", Given())
    seen = Case.objects.get(pk=case.pk).version
    first, second = signed_in(town.officer), signed_in(town.colleague)
    act(first, case, "ask_statement", seen, text="甲问")
    late = act(second, case, "ask_statement", seen, text="乙问的话")
    assert late.status_code == 409 and "别人刚刚办了这一件" in words(late)
    assert "乙问的话" in late.content.decode()
    decide(town, Case.objects.get(pk=case.pk))
    later = act(second, case, "ask_statement", seen, text="乙还想问")
    assert later.status_code == 409 and "乙还想问" in later.content.decode(), "also when the step is gone"
    assert Case.objects.get(pk=case.pk).told_to_respondent == "甲问"


def test_whoever_writes_while_a_colleague_passes_the_case_on_keeps_her_words(town: Town) -> None:
    case = town.complain().case
    seen = case.version
    take(handler(town.officer), case.pk, "transfer", Given(organ=town.region.pk, reason="省里管"))
    late = act(signed_in(town.colleague), case, "ask_correction", seen, text="乙问的话")
    assert late.status_code == 409 and "别的机关" in words(late) and "乙问的话" in words(late)
    assert signed_in(town.colleague).get(page_of(case)).status_code == 404
    stranger = act(signed_in(town.county_officer), case, "ask_correction", seen, text="x")
    assert stranger.status_code == 404, "whoever never had it learns nothing"


def test_the_words_that_the_other_side_reads_may_not_name_a_withheld_complainant(town: Town) -> None:
    case = town.complain(withheld=True).case
    take(handler(town.officer), case.pk, "accept", Given())
    answer = act(signed_in(town.officer), case, "ask_statement", text=f"{UNMISTAKABLE}说你们收费")
    assert answer.status_code == 422 and "隐去身份" in words(answer)


def test_a_withheld_identity_is_on_no_page_of_the_office_above_and_in_no_list(town: Town) -> None:
    case = town.complain(withheld=True, told=f"我是{UNMISTAKABLE}", phone="13812345678").case
    above, officer = signed_in(town.above), signed_in(town.officer)
    for address in (page_of(case), f"{QUEUE}?tab=above", "/desk/cases/list.csv?tab=above", "/desk/"):
        answer = above.get(address)
        body = answer.getvalue() if answer.streaming else answer.content
        assert case.number.encode() in body or address == "/desk/"
        assert UNMISTAKABLE.encode() not in body and b"13812345678" not in body, address
    assert UNMISTAKABLE in officer.get(page_of(case)).content.decode(), "the handling office knows who it is"
    title = re.search(r"<title>(.*?)</title>", officer.get(page_of(case)).content.decode(), re.S)
    assert title is not None and UNMISTAKABLE not in title[1]


def test_messages_notes_tasks_and_files(town: Town) -> None:
    case = town.complain().case
    officer, above = signed_in(town.officer), signed_in(town.above)
    assert act(officer, case, "message", to="complainant", text="请等三天").status_code == 302
    assert act(officer, case, "message", text="没有收件人").status_code == 422
    assert act(officer, case, "note", text="内部的话").status_code == 302
    assert town.officer.person is not None
    assert (
        act(officer, case, "task", text="打电话", officer=town.officer.person.pk, due="2026-12-01").status_code == 302
    )
    shown = words(officer.get(page_of(case)))
    assert "请等三天" in shown and "内部的话" in shown and "打电话" in shown
    assert "内部的话" not in words(officer.get(f"{page_of(case)}?show=message"))
    seen = words(above.get(page_of(case)))
    assert "内部的话" not in seen and "打电话" not in seen, "notes and tasks are the office's own"
    officer.post(page_of(case), {"act": "task_done", "task": Task.objects.get().pk})
    assert Task.objects.get().done_at is not None
    sent = SimpleUploadedFile("凭证.pdf", b"%PDF-1.7\n%%EOF")
    assert act(officer, case, "file", file=sent).status_code == 302
    kept = case.attachments.get()
    address = reverse("desk_case_file", args=(case.pk, kept.pk))
    assert officer.get(address).status_code == 302, "kept apart until it is checked"
    check_waiting()
    taken = officer.get(address)
    assert taken.content == b"%PDF-1.7\n%%EOF" and taken["Content-Disposition"].startswith("attachment")
    assert above.get(address).status_code == 404
    officer.post(page_of(case), {"act": "show_file", "file": kept.pk, "part": "superior"})
    assert above.get(address).status_code == 200
    assert act(officer, case, "file", file=SimpleUploadedFile("a.exe", b"MZ")).status_code == 422


def test_a_case_is_passed_on_and_leaves_the_office_and_is_joined_by_its_number(town: Town) -> None:
    one, other = town.complain().case, town.complain().case
    officer = signed_in(town.officer)
    page = officer.get(page_of(one)).content.decode()
    assert other.number in page, "same kind, same other side: it may be one matter"
    assert act(officer, one, "merge", into=other.number, reason="同一件").status_code == 302
    assert Case.objects.get(pk=one.pk).merged_into_id == other.pk
    assert act(officer, one, "unmerge", reason="不是一件").status_code == 302
    assert act(officer, one, "merge", into="000000-2026-00009", reason="没有").status_code == 422
    wrong = act(officer, other, "transfer", organ=town.county.pk, reason="它管")
    assert wrong.status_code == 422, "the office complained of is not offered"
    gone = act(officer, other, "transfer", organ=town.region.pk, reason="省里管")
    assert gone["Location"] == QUEUE and officer.get(page_of(other)).status_code == 404
    bounced = signed_in(town.above).get("/desk/cases/load/")
    assert other.number in words(bounced)


def test_both_clocks_are_told_day_by_day_and_the_file_of_a_case_is_whole(town: Town) -> None:
    case = town.complain().case
    officer = signed_in(town.officer)
    clock = case.clocks.get()
    told = words(officer.get(reverse("desk_case_clock", args=(case.pk, clock.pk))))
    assert "承诺" in told and "法定" in told
    package = officer.get(reverse("desk_case_archive", args=(case.pk,)))
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        assert "index.json" in archive.namelist()
    assert signed_in(town.county_officer).get(reverse("desk_case_archive", args=(case.pk,))).status_code == 404


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_queue_shows_by_tab_and_narrows_down(town: Town) -> None:
    mine, free = town.complain().case, town.complain(kind="late_payment").case
    assign(town.officer, mine.pk, town.officer.person)
    officer = signed_in(town.officer)

    def numbers(query: str) -> set[str]:
        return set(re.findall(r"\d{6}-\d{4}-\d{5}", words(officer.get(f"{QUEUE}?{query}"))))

    assert numbers("") == {mine.number}
    assert numbers("tab=unassigned") == {free.number}
    assert numbers("tab=office") == {mine.number, free.number}
    assert numbers("tab=office&kind=late_payment") == {free.number}
    assert numbers(f"tab=office&q={mine.number}") == {mine.number}
    assert numbers(f"tab=office&q={UNMISTAKABLE}") == set(), "who complains is not found by a search in the address"
    assert numbers("tab=overdue") == numbers("tab=waiting") == numbers("tab=closed") == set()
    take(handler(town.officer), mine.pk, "ask_correction", Given(text="缺发票"))
    assert numbers("tab=waiting") == {mine.number}
    for odd in ("tab=x&kind=x&state=x&place=x&officer=x&sort=x&page=x", "q=%00"):
        assert officer.get(f"{QUEUE}?{odd}").status_code == 200


def test_a_name_is_found_exactly_by_the_handling_office_alone_and_never_stands_in_an_address(town: Town) -> None:
    case = town.complain(withheld=True).case
    officer, above = signed_in(town.officer), signed_in(town.above)

    def found(client: Client, name: str) -> bool:
        answer = client.post(QUEUE, {"act": "find", "name": name})
        assert answer.status_code == 200
        return case.number in words(answer)

    assert found(officer, UNMISTAKABLE)
    assert not found(officer, UNMISTAKABLE[:-1]) and not found(above, UNMISTAKABLE)


def test_bulk_assignment_tells_how_many_went_and_why_others_did_not(town: Town) -> None:
    cases = [town.complain().case for _ in range(3)]
    assert town.colleague.person is not None and town.officer.person is not None
    declare_conflict(town.colleague, cases[1].pk, "亲属")
    assign(town.officer, cases[2].pk, town.officer.person)
    head = signed_in(town.head)
    chosen = [f"{each.pk}:{each.version}" for each in cases]
    sent = {"act": "assign", "case": chosen, "officer": town.colleague.person.pk}
    told = words(head.post(f"{QUEUE}?tab=office", sent, follow=True))
    handlers = [Case.objects.get(pk=each.pk).handler for each in cases]
    assert handlers == [town.colleague.person, None, town.officer.person]
    assert "1 件" in told and f"{cases[1].number}" in told and "利益冲突" in told
    assert "别人刚刚办了这一件" in told, "the third has changed meanwhile"
    assert Event.objects.filter(verb="case.taken_up").count() == 2, "each in an act of its own"
    nothing = words(head.post(QUEUE, {"act": "assign"}, follow=True))
    assert "没有" in nothing


def test_the_list_as_a_file_holds_no_withheld_name_and_is_on_record(town: Town) -> None:
    open_case = town.complain().case
    Complainant.objects.filter(case=open_case).update(name="公开的名字")
    town.complain(withheld=True)
    answer = signed_in(town.officer).get("/desk/cases/list.csv?tab=office&q=x")
    assert answer.status_code == 200 and len(list(csv.reader(io.StringIO(answer.getvalue().decode())))) == 1
    whole = signed_in(town.officer).get("/desk/cases/list.csv?tab=office").getvalue().decode()
    assert len(list(csv.reader(io.StringIO(whole)))) == 3
    assert "公开的名字" in whole and UNMISTAKABLE not in whole
    noted = list(Event.objects.filter(verb="case.list_taken"))
    assert len(noted) == 2 and "q=x" not in str(noted[0].details), "what was searched for is not noted"


def test_the_load_counts_by_officer_and_hands_over_for_leave(town: Town) -> None:
    case = town.complain().case
    assert town.officer.person is not None and town.colleague.person is not None
    assign(town.officer, case.pk, town.officer.person)
    head = signed_in(town.head)
    assert town.officer.person.display_name in words(head.get("/desk/cases/load/"))
    assert head.post("/desk/cases/load/", {"absent": town.officer.person.pk}).status_code == 422
    sent = {"absent": town.officer.person.pk, "colleague": town.colleague.person.pk}
    assert head.post("/desk/cases/load/", sent).status_code == 302
    assert Case.objects.get(pk=case.pk).handler == town.colleague.person


def test_the_calendar_names_number_and_kind_alone(town: Town) -> None:
    case = town.complain(withheld=True).case
    assign(town.officer, case.pk, town.officer.person)
    (entry,) = agenda.due_cases(town.officer)
    assert entry.title.zh == f"{case.number}：受理" and entry.day == case.due
    assert not list(agenda.due_cases(town.colleague)) and not list(agenda.due_cases(town.owner))


# --- intake and alerts ------------------------------------------------------------------------------------------------

CALLED = {
    "channel": "phone",
    "told": "他们要我交赞助费。",
    "kind": "unlawful_fee",
    "region": "653101",
    "respondent_name": "发改委",
    "wish": "退钱",
    "name": "老王面馆",
}


def test_a_call_is_taken_down_and_the_receipt_tells_the_secret_once(town: Town) -> None:
    officer = signed_in(town.officer)
    bad = officer.post("/desk/cases/new/", {**CALLED, "channel": ""})
    assert bad.status_code == 422 and not Case.objects.exists()
    answer = officer.post("/desk/cases/new/", {**CALLED, "respondent": town.county.pk})
    assert answer.status_code == 200 and "no-transform" in answer["Cache-Control"]
    case = Case.objects.get()
    assert case.channel == "phone" and case.respondent == town.county and case.number in words(answer)
    assert re.search(r"<code[^>]*>[2-9A-Z]{16}</code>", answer.content.decode())
    assert signed_in(town.owner).get("/desk/cases/new/").status_code == 403


def test_files_that_were_brought_are_filed_with_the_complaint_and_are_the_complainants(town: Town) -> None:
    officer = signed_in(town.officer)

    def sent(name: str, content: bytes = b"%PDF-1.7\n%%EOF") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, content)

    # a mistake elsewhere: the words stay, the files have to be chosen again, and that is said
    back = officer.post("/desk/cases/new/", {**CALLED, "wish": "", "attached": [sent("合同.pdf")]})
    assert back.status_code == 422 and "请再选一次" in words(back) and "合同.pdf" in words(back)
    assert "他们要我交赞助费。" in back.content.decode() and not Case.objects.exists()
    # what is no such file is named, and nothing is filed
    odd = officer.post("/desk/cases/new/", {**CALLED, "attached": [sent("合同.pdf"), sent("程序.pdf", b"MZ")]})
    assert odd.status_code == 422 and "程序.pdf" in words(odd) and not Case.objects.exists()
    many = officer.post("/desk/cases/new/", {**CALLED, "attached": [sent(f"{n}.pdf") for n in range(11)]})
    assert many.status_code == 422 and "最多选 10 个" in words(many) and not Case.objects.exists()
    answer = officer.post(
        "/desk/cases/new/",
        {**CALLED, "respondent": town.county.pk, "withheld": "on", "attached": [sent("合同.pdf"), sent("票据.pdf")]},
    )
    assert answer.status_code == 200
    case = Case.objects.get()
    kept = list(case.attachments.order_by("pk"))
    assert [(each.name, each.part, each.quarantine) for each in kept] == [
        ("合同.pdf", "complainant", "waiting"),
        ("票据.pdf", "complainant", "waiting"),
    ]
    with pytest.raises(CaseProblem):
        show_to(handler(town.officer), kept[0], "respondent")


def test_an_alert_is_read_and_looked_into_by_supervisors_above_alone(town: Town) -> None:
    case = town.complain().case
    watching.report(complainant(town.owner), case.pk, "inspection", timezone.localdate(), "第二天就来查")
    address = reverse("case_alerts")
    head = signed_in(town.head)
    assert "第二天就来查" in words(head.get(address))
    assert "第二天就来查" not in words(signed_in(town.above).get(address))
    alert = case.alerts.get()
    assert signed_in(town.above).post(address, {"alert": alert.pk, "reason": "x"}).status_code == 403
    assert head.post(address, {"alert": alert.pk}).status_code == 422
    assert head.post(address, {"alert": alert.pk, "reason": "属例行检查"}).status_code == 302
    alert.refresh_from_db()
    assert alert.finding == "属例行检查"


def test_the_procedure_is_told_from_its_class(town: Town) -> None:
    shown = words(signed_in(town.officer).get("/desk/procedure/complaint/"))
    assert "stateDiagram-v2" in shown and "书面答复" in shown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_state_has_its_page_in_both_languages(town: Town, language: str) -> None:
    officer = signed_in(town.officer)
    officer.cookies["huiqi_language"] = language
    case = town.complain(withheld=True).case
    for event, given in (
        (None, Given()),
        ("ask_correction", Given(text="缺")),
        ("supplement", Given(text="补")),
        ("accept", Given()),
        ("pause", Given(pause="court", reason="法院")),
        ("resume", Given()),
        ("withdraw", Given(asked_by="complainant", reason="她不要了")),
    ):
        if event is not None:
            take(handler(town.officer), case.pk, event, given)
        assert officer.get(page_of(case)).status_code == 200, event
