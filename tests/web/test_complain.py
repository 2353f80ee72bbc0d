"""Filing a complaint and following it: as a visitor and as a firm, in both languages, once, and with what is withheld withheld."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from town import UNMISTAKABLE, Town, answered, build, complainant, handler
from web_pages import visible, visitor

from huiqi.cases.acting import Given, take
from huiqi.cases.models import Alert, Case, FilingDraft
from huiqi.documents.sending import calendar
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF"
TOLD = "住建局来人要我交一千元赞助费，不给收据。"
ANSWERS: dict[str, dict[str, str]] = {
    "what": {"told": TOLD},
    "kind": {"kind": "unlawful_fee"},
    "whom": {"region": "653101", "respondent_name": "某某商会"},
    "details": {"wish": "退钱", "happened_on": "2026-03-01", "amount": "1,000"},
    "you": {"name": UNMISTAKABLE, "phone": "13800000000", "withheld": "1"},
}


def address(name: str) -> str:
    return "/complain/" if name == "what" else f"/complain/step/{name}/"


def fill(client: Client, **more: dict[str, Any]) -> str:
    """Answer all steps; the token of the last page."""
    for name, answers in (ANSWERS | more).items():
        response = client.post(address(name), answers | {"act": "next"})
        assert response.status_code == 302, (name, visible(response))
    page = client.get("/complain/step/check/")
    found = re.search(r'name="token" value="(\w+)"', page.content.decode())
    assert found, visible(page)
    return found[1]


def send(client: Client, token: str) -> Any:
    return client.post("/complain/step/check/", {"act": "send", "token": token})


def signed_in(actor: Actor, language: str = "zh-hans") -> Client:
    client = visitor(language)
    assert actor.person is not None
    client.force_login(actor.person, "django.contrib.auth.backends.ModelBackend")
    return client


def receipt_of(client: Client) -> tuple[str, str]:
    """Number and secret as they stand on the receipt."""
    page = client.get("/complain/receipt/").content.decode()
    marked = re.findall(r"<bdi>([^<]+)</bdi>", page[page.index('class="ticket"') : page.index('class="perf"')])
    return marked[0], "".join(marked[1:])


@pytest.fixture
def town(db: None) -> Town:
    return build()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_visitor_files_and_follows_with_number_and_secret(town: Town, language: str) -> None:
    client = visitor(language)
    assert send(client, fill(client))["Location"] == "/complain/receipt/"
    page = client.get("/complain/receipt/")
    assert {"private", "no-store", "no-transform"} <= set(page["Cache-Control"].replace(" ", "").split(","))
    number, secret = receipt_of(client)
    case = Case.objects.get(number=number)
    assert (case.told, case.withheld, case.amount) == (TOLD, True, Decimal(1000))
    assert case.handling == town.prefecture or case.handling == town.county
    assert case.complainant.name == UNMISTAKABLE and case.complainant.language == language
    # put away, it is gone; the case stays open to this visit
    assert client.post("/complain/receipt/")["Location"] == f"/cases/{case.pk}/"
    assert client.get("/complain/receipt/")["Location"] == "/cases/"
    assert client.get(f"/cases/{case.pk}/").status_code == 200
    # another device, with spaces and small letters
    other = visitor(language)
    assert other.get(f"/cases/{case.pk}/").status_code == 404
    before = other.session.session_key
    found = other.post("/complain/find/", {"number": number.lower(), "secret": f" {secret.lower()[:8]} {secret[8:]} "})
    assert found["Location"] == f"/cases/{case.pk}/"
    assert other.session.session_key != before
    assert number in other.get("/cases/").content.decode()
    assert secret not in other.get(f"/cases/{case.pk}/").content.decode()


def test_what_is_sent_twice_is_filed_once(town: Town) -> None:
    client = visitor()
    token = fill(client)
    first, second = send(client, token), send(client, token)
    assert first["Location"] == second["Location"] == "/complain/receipt/"
    assert Case.objects.count() == 1 and not FilingDraft.objects.exists()
    # the receipt of the first is what the second click shows
    number, secret = receipt_of(client)
    assert Case.objects.get().number == number and len(secret) == 16
    # a page left open from before files nothing of a second complaint either
    client.post(address("what"), {"told": "另一件事", "act": "next"})
    send(client, token)
    assert Case.objects.count() == 1


def test_the_helper_puts_the_likeliest_kind_first(town: Town) -> None:
    client = visitor()
    client.post(address("what"), {"told": "医院拖欠我货款，一直不付钱", "act": "next"})
    page = client.get(address("kind")).content.decode()
    assert re.findall(r'name="kind"\s+value="(\w+)"', page)[0] == "late_payment"
    assert len(set(re.findall(r'name="kind"\s+value="(\w+)"', page))) == 12


def test_an_office_is_found_by_a_short_name_and_chosen(town: Town) -> None:
    client = visitor()
    town.county.name_zh = "喀什市住房和城乡建设局"
    town.county.save()
    whom = {"region": "653101", "respondent_name": "住建局"}
    for name in ("what", "kind"):
        client.post(address(name), ANSWERS[name] | {"act": "next"})
    assert client.post(address("whom"), whom | {"act": "next"})["Location"] == address("whom")
    assert "喀什市住房和城乡建设局" in visible(client.get(address("whom")))
    send(client, fill(client, whom=whom | {"respondent": str(town.county.pk)}))
    case = Case.objects.get()
    assert case.respondent == town.county and case.handling == town.prefecture


def test_what_is_wrong_is_named_and_nothing_is_lost(town: Town) -> None:
    client = visitor()
    empty = client.post(address("what"), {"told": " ", "act": "next"})
    assert empty.status_code == 422 and "一两句话" in visible(empty)
    client.post(address("what"), {"told": TOLD, "act": "next"})
    wrong = client.post(
        address("details"), {"wish": "退钱", "amount": "很多", "happened_on": "2099-01-01", "act": "next"}
    )
    assert wrong.status_code == 422
    assert "“很多”不是金额" in visible(wrong) and "还没到" in visible(wrong) and "退钱" in wrong.content.decode()
    # nobody sends what is not complete, and no page is skipped
    assert client.get(address("check"))["Location"] == address("kind")
    assert client.get(address("nonsense")).status_code == 404


def test_it_is_gone_on_with_by_a_code_on_another_device(town: Town) -> None:
    client = visitor()
    later = client.post(address("what"), {"told": TOLD, "act": "later"})
    page = client.get(later["Location"])
    assert "no-store" in page["Cache-Control"]
    code = "".join(re.findall(r"<bdi>([^<]+)</bdi>", page.content.decode().split('class="ticket"')[1].split("</p>")[0]))
    assert len(code) == 16
    assert client.get(later["Location"])["Location"] == "/complain/"  # shown once
    other = visitor()
    assert other.post("/complain/resume/", {"code": "AAAA-AAAA-AAAA-AAAA"}).status_code == 422
    assert other.post("/complain/resume/", {"code": code.lower()})["Location"] == address("kind")
    assert TOLD in other.get("/complain/").content.decode()
    other.post("/complain/forget/", {"act": "drop"})
    assert not FilingDraft.objects.exists()


def test_a_firm_files_under_its_own_name_and_finds_its_draft_again(town: Town) -> None:
    client = signed_in(town.owner)
    client.post(address("what"), {"told": TOLD, "act": "next"})
    again = signed_in(town.owner)
    assert TOLD in again.get("/complain/").content.decode()
    send(again, fill(again, you={"name": "别人的名字", "contact": "老板"}))
    case = Case.objects.get()
    assert case.complainant.organisation == town.firm and case.complainant.name == town.firm.name_zh
    assert all(case.number in again.get(path).content.decode() for path in ("/home/", "/cases/"))
    assert [each.title.zh for each in calendar.entries(town.owner) if each.page == "case"] == [
        f"诉求 {case.number}：最后一天"
    ]


def test_files_go_with_it_and_are_opened_by_those_who_may(town: Town) -> None:
    client = visitor()
    for name in ("what", "kind", "whom"):
        client.post(address(name), ANSWERS[name] | {"act": "next"})
    bad = client.post(
        address("details"), {"wish": "退钱", "act": "add", "file": SimpleUploadedFile("a.pdf", b"no pdf")}
    )
    assert bad.status_code == 422
    for number in range(2):
        client.post(
            address("details"), {"wish": "退钱", "act": "add", "file": SimpleUploadedFile(f"收据{number}.pdf", PDF)}
        )
    page = visible(client.get(address("details")))
    assert "收据0.pdf" in client.get(address("details")).content.decode(), page
    send(client, fill(client))
    case = Case.objects.get()
    assert [each.name for each in case.attachments.order_by("pk")] == ["收据0.pdf", "收据1.pdf"]
    kept = case.attachments.order_by("pk")[0]
    assert client.get(f"/cases/{case.pk}/files/{kept.pk}/").status_code == 404  # not checked yet
    case.attachments.update(quarantine="clean")
    answer = client.get(f"/cases/{case.pk}/files/{kept.pk}/")
    assert answer.content == PDF and answer["Content-Disposition"].startswith("attachment")
    assert visitor().get(f"/cases/{case.pk}/files/{kept.pk}/").status_code == 404


def test_which_of_number_and_secret_is_wrong_is_not_told_and_trying_ends(town: Town) -> None:
    receipt = town.complain()
    client = visitor()
    answers = {
        visible(client.post("/complain/find/", {"number": number, "secret": secret})).replace(number, "")
        for number, secret in ((receipt.case.number, "AAAABBBBCCCCDDDD"), ("653100-2026-99999", receipt.secret))
    }
    assert len(answers) == 1
    for _ in range(30):
        client.post("/complain/find/", {"number": "653100-2026-99999", "secret": "AAAABBBBCCCCDDDD"})
    last = client.post("/complain/find/", {"number": receipt.case.number, "secret": receipt.secret})
    assert last.status_code == 429


def test_filing_from_one_address_ends_after_so_many(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiqi.web.views.complain.MOST_COMPLAINTS", 1)
    for status in (302, 429):
        client = visitor()
        answer = send(client, fill(client))
        assert answer.status_code == status
    assert Case.objects.count() == 1 and FilingDraft.objects.count() == 1  # nothing of the second is lost


def test_the_respondent_sees_what_the_office_lets_it_read_and_not_who_complains(town: Town) -> None:
    case = town.complain(withheld=True, contact="艾山江", phone="13899990000").case
    take(handler(town.officer), case.pk, "accept", Given())
    client = signed_in(town.county_officer)
    assert client.get(f"/cases/{case.pk}/").status_code == 404  # not heard yet
    take(handler(town.officer), case.pk, "ask_statement", Given(text="有企业反映你单位收取赞助费，请说明。"))
    take(complainant(town.owner), case.pk, "withdraw", Given(reason=f"{UNMISTAKABLE}不告了", asked_by="respondent"))
    take(complainant(town.owner), case.pk, "reopen", Given(reason=f"{UNMISTAKABLE}还是要告"))
    pages = [
        client.get(f"/cases/{case.pk}/"),
        client.get("/cases/"),
        client.get(f"/cases/{case.pk}/do/state_position/"),
    ]
    assert "请说明" in visible(pages[0])
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        for secret in (UNMISTAKABLE, "艾山江", "13899990000", case.told, case.wish, str(town.firm.uscc)):
            assert secret not in text
    sent = client.post(f"/cases/{case.pk}/do/state_position/", {"text": "按文件收的。", "version": _version(case)})
    assert sent.status_code == 302
    assert "按文件收的" not in visible(signed_in(town.owner).get(f"/cases/{case.pk}/"))
    for refused in ("rate", "withdraw", "reopen", "supplement"):
        assert client.get(f"/cases/{case.pk}/do/{refused}/").status_code == 404
    assert client.get(f"/cases/{case.pk}/afterwards/").status_code == 404


def _version(case: Case) -> int:
    return int(Case.objects.get(pk=case.pk).version)


def test_after_the_reply_she_says_whether_it_is_solved_first_and_has_it_taken_up_again(town: Town) -> None:
    case = answered(town)
    client = signed_in(town.owner)
    page = client.get(f"/cases/{case.pk}/")
    (letter,) = set(re.findall(rf"/cases/{case.pk}/letters/(\d+)/", page.content.decode()))
    file = client.get(f"/cases/{case.pk}/letters/{letter}/")
    assert file.content.startswith(b"%PDF") and file["Content-Disposition"].startswith("attachment")
    first = client.get(f"/cases/{case.pk}/do/rate/").content.decode()
    assert 'name="courtesy"' not in first
    second = client.get(f"/cases/{case.pk}/do/rate/?answer=no").content.decode()
    assert 'name="courtesy"' in second
    rated = {"answer": "no", "courtesy": "4", "text": "钱没退", "version": _version(case)}
    assert client.post(f"/cases/{case.pk}/do/rate/", rated).status_code == 302
    assert case.ratings.get().courtesy == 4
    stale = client.post(f"/cases/{case.pk}/do/reopen/", {"reason": "钱没有退。", "version": 1})
    assert stale.status_code == 409 and "钱没有退。" in stale.content.decode()
    again = re.search(r'name="version" value="(\d+)"', stale.content.decode())
    assert again
    assert client.post(f"/cases/{case.pk}/do/reopen/", {"reason": "钱没有退。", "version": again[1]}).status_code == 302
    assert Case.objects.get(pk=case.pk).state == "handling"


def test_by_the_secret_alone_the_letter_is_taken_and_a_message_written(town: Town) -> None:
    case = answered(town)
    client = visitor()
    secret = "ABCDEFGHJKMNPQRS"
    from huiqi.cases.filing import digest

    Case.objects.filter(pk=case.pk).update(secret=digest(secret))
    client.post("/complain/find/", {"number": case.number, "secret": secret})
    page = client.get(f"/cases/{case.pk}/").content.decode()
    found = re.search(rf"/cases/{case.pk}/letters/(\d+)/", page)
    assert found and client.get(found[0]).content.startswith(b"%PDF")
    assert client.post(f"/cases/{case.pk}/", {"act": "message", "text": "收到了"}).status_code == 302
    assert "收到了" in visible(client.get(f"/cases/{case.pk}/"))
    client.post("/complain/find/", {"act": "leave"})
    assert client.get(f"/cases/{case.pk}/").status_code == 404


def test_what_happened_afterwards_goes_sealed_to_the_office_above(town: Town) -> None:
    case = town.complain().case
    client = signed_in(town.owner)
    day = timezone.localtime(case.filed_at).date().isoformat()
    empty = client.post(f"/cases/{case.pk}/afterwards/", {})
    assert empty.status_code == 422
    assert client.post(f"/cases/{case.pk}/afterwards/", {"what": "inspection", "on": day}).status_code == 302
    assert Alert.objects.get().to == town.prefecture
    for actor in (town.county_officer, town.officer):
        assert signed_in(actor).get(f"/cases/{case.pk}/afterwards/").status_code == 404


@pytest.mark.parametrize("path", ["/complain/", "/complain/resume/", "/complain/find/"])
def test_the_pages_speak_one_language(town: Town, path: str) -> None:
    assert not re.search(r"[\u4e00-\u9fff]", visible(visitor("en").get(path)).replace("中文", "")), path
