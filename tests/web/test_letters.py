"""The pages of letters: whoever handles one takes it from draft to delivery, the addressee reads it, anybody checks it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.browser.world import actor, make_person
from tests.documents.conftest import CONTENTS, MATTER, Office, make_office

from huiqi.documents.letters import acts, reading
from huiqi.documents.models import Letter, LetterFile
from huiqi.web.views import letters as views


@pytest.fixture
def office(db: None, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setitem(
        reading.handlers, MATTER[0], lambda who: [MATTER[1]] if who.organ_function == "industry_and_it" else []
    )
    return make_office()


def signed_in(who: Any) -> Client:
    client = Client()
    client.force_login(who.person, "django.contrib.auth.backends.ModelBackend")
    return client


def words(response: Any) -> str:
    return re.sub(r"<[^>]+>", " ", response.content.decode())


def issued(office: Office, **options: bool) -> Letter:
    return acts.issue(office.officer, acts.approve(office.officer, office.drafted(**options)))


def test_a_reply_is_written_approved_by_another_issued_and_delivered(office: Office) -> None:
    letter = office.drafted("reply", remedies="")
    address = f"/letters/{letter.pk}/"
    officer, supervisor = signed_in(office.officer), signed_in(office.supervisor)
    assert "还要填" in words(officer.get(address)) and "救济途径" in words(officer.get(address))
    whole = CONTENTS["reply"]
    assert officer.post(f"{address}edit/", whole | {"version": 1}).status_code == 302
    refused = officer.post(address, {"act": "approve", "version": 2, "state": "draft"})
    assert refused.status_code == 422 and "两个人经手" in words(refused)
    assert supervisor.post(address, {"act": "approve", "version": 2, "state": "draft"}).status_code == 302
    assert officer.post(address, {"act": "issue", "version": 2, "state": "approved"}).status_code == 302
    letter.refresh_from_db()
    assert letter.number in words(officer.get(address))
    done = officer.post(address, {"act": "deliver", "version": 2, "state": "issued", "how": "in_app", "note": ""})
    assert done.status_code == 302
    inbox = words(signed_in(office.owner).get("/inbox/"))
    assert "答复意见书" in inbox and letter.number in inbox
    listed = words(signed_in(office.owner).get("/letters/"))
    assert letter.number in listed


def test_what_somebody_else_changed_meanwhile_is_told_and_not_overwritten(office: Office) -> None:
    letter = office.drafted()
    first, second = signed_in(office.officer), signed_in(office.clerk)
    address = f"/letters/{letter.pk}/edit/"
    first.post(address, CONTENTS["acceptance"] | {"matter": "甲的写法", "version": 1})
    late = second.post(address, CONTENTS["acceptance"] | {"matter": "乙的写法", "version": 1})
    assert late.status_code == 422 and "别人刚刚改动" in words(late)
    assert "乙的写法" in late.content.decode(), "what was typed is not lost"
    assert Letter.objects.get(pk=letter.pk).now.content["matter"] == "甲的写法"


def test_faults_are_told_at_their_fields(office: Office) -> None:
    letter = office.drafted()
    sent = CONTENTS["acceptance"] | {"until": "someday", "matter": "长" * 80, "version": 1}
    answer = signed_in(office.officer).post(f"/letters/{letter.pk}/edit/", sent)
    assert answer.status_code == 422
    assert "答复期限：这不是一个日期。" in words(answer) and "写了 80 个字，最多 60 个" in words(answer)
    assert 'href="#id_until"' in answer.content.decode()


def test_versions_show_what_was_taken_out_and_put_in(office: Office) -> None:
    letter = acts.revise(office.officer, office.drafted(), CONTENTS["acceptance"] | {"matter": "拖欠工程款"})
    html = signed_in(office.officer).get(f"/letters/{letter.pk}/versions/").content.decode()
    assert "拖欠<del>货</del><ins>工程</ins>款" in html


def test_the_pieces_of_a_change_make_up_both_texts() -> None:
    old, new = "货物已经验收，诉求成立。", "货物经验收合格，诉求部分成立。"
    pieces = list(views.differing(old, new))
    assert "".join(text for kind, text in pieces if kind != "added") == old
    assert "".join(text for kind, text in pieces if kind != "gone") == new


def test_the_file_is_attached_and_its_opening_by_the_addressee_is_on_record(office: Office) -> None:
    letter = issued(office)
    assert signed_in(office.officer).get(f"/letters/{letter.pk}/letter.pdf").status_code == 200
    assert Letter.objects.get(pk=letter.pk).opened_at is None
    answer = signed_in(office.owner).get(f"/letters/{letter.pk}/letter.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content == bytes(LetterFile.objects.get(letter=letter).pdf)
    assert Letter.objects.get(pk=letter.pk).opened_by == office.owner.person


def test_a_draft_is_shown_as_picture_and_file_to_the_office_only(office: Office) -> None:
    letter = office.drafted()
    officer, owner = signed_in(office.officer), signed_in(office.owner)
    assert officer.get(f"/letters/{letter.pk}/page/1.png").content.startswith(b"\x89PNG")
    assert officer.get(f"/letters/{letter.pk}/page/9.png").status_code == 404
    assert officer.get(f"/letters/{letter.pk}/draft.pdf").headers["Content-Disposition"].startswith("attachment;")
    for part in ("", "edit/", "versions/", "page/1.png", "draft.pdf", "letter.pdf"):
        assert owner.get(f"/letters/{letter.pk}/{part}").status_code == 404
        assert signed_in(office.elsewhere).get(f"/letters/{letter.pk}/{part}").status_code == 404
        assert Client().get(f"/letters/{letter.pk}/{part}").status_code == 302


def test_a_withheld_name_is_on_no_page(office: Office) -> None:
    letter = issued(office, hidden=True)
    officer = signed_in(office.officer)
    for address in ("/letters/", f"/letters/{letter.pk}/", f"/letters/{letter.pk}/versions/"):
        assert office.firm.name_zh not in officer.get(address).content.decode()
    assert "身份保密" in words(officer.get(f"/letters/{letter.pk}/"))


# --- the check --------------------------------------------------------------------------------------------------------


def test_anybody_checks_a_letter_by_number_and_code_and_reads_nothing_of_it(office: Office, client: Client) -> None:
    letter = issued(office)
    answer = client.post("/verify/", {"number": letter.number, "code": letter.shown_code.lower()})
    said = words(answer)
    assert answer.status_code == 200 and "真实" in said
    for told in (letter.number, letter.sha256, "受理通知书", office.bureau.name_zh):
        assert told in said
    for kept in (office.firm.name_zh, "拖欠货款", "喀诉〔2026〕0031"):
        assert kept not in said
    scanned = client.get(f"/verify/{letter.shown_code}/")
    assert "真实" in words(scanned) and office.firm.name_zh not in words(scanned)


def test_a_file_is_compared_and_not_kept(office: Office, client: Client) -> None:
    letter = issued(office)
    pdf = bytes(LetterFile.objects.get(letter=letter).pdf)
    asked = {"number": letter.number, "code": letter.code}
    same = client.post("/verify/", asked | {"file": SimpleUploadedFile("a.pdf", pdf)})
    assert "一个字节都不差" in words(same)
    other = client.post("/verify/", asked | {"file": SimpleUploadedFile("a.pdf", pdf + b" ")})
    assert "不是签发的那一份" in words(other)
    scanned = client.post(f"/verify/{letter.code}/", {"file": SimpleUploadedFile("a.pdf", pdf)})
    assert "一个字节都不差" in words(scanned)
    assert "没有选文件" in words(client.post(f"/verify/{letter.code}/", {}))
    assert LetterFile.objects.count() == 1


def test_a_wrong_code_gets_a_plain_answer(office: Office, client: Client) -> None:
    letter = issued(office)
    for answer in (
        client.post("/verify/", {"number": "喀什工信〔1999〕1号", "code": letter.code}),
        client.post("/verify/", {"number": letter.number, "code": "AAAA-BBBB-CCCC"}),
        client.get("/verify/AAAA-BBBB-CCCC/"),
        client.get("/verify/<script>/"),
    ):
        assert answer.status_code == 200 and "没有查到" in words(answer)
    empty = client.post("/verify/", {})
    assert empty.status_code == 422 and "没有填文号" in words(empty) and "没有填核验码" in words(empty)


def test_checks_from_one_address_are_bounded(office: Office, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_CHECKS", 2)
    letter = issued(office)
    seen = [client.get(f"/verify/{letter.code}/").status_code for _ in range(3)]
    assert seen == [200, 200, 429]
    late = client.post("/verify/", {"number": letter.number, "code": letter.code})
    assert late.status_code == 429 and letter.sha256 not in words(late)


def test_the_system_administrator_sets_the_code_of_an_organ(office: Office) -> None:
    admin = signed_in(actor(make_person("system", office.bureau, "system_admin")))
    address = f"/admin/organs/{office.bureau.pk}/code/"
    assert "喀什工信" in admin.get(address).content.decode()
    assert admin.post(address, {"code": "喀地工信"}).status_code == 422
    assert admin.post(address, {"code": "喀地工信", "reason": "与档案局核对过"}).status_code == 302
    assert issued(office).number.startswith("喀地工信〔")
    assert admin.post(address, {"code": "〔", "reason": "试试"}).status_code == 422
    assert signed_in(office.officer).get(address).status_code == 403
