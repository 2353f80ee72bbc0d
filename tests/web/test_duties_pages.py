"""Boards of duties, one duty told to the end, closing it, the dry run: for whom they are and for whom not."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import struct
import zlib
from typing import Any

import pytest
from django.test import Client
from web_pages import PASSWORD, visible, visitor

from huiqi.documents.kinds import kind_of
from huiqi.documents.models import Notice
from huiqi.journal import sealing
from huiqi.journal.models import Event
from huiqi.law.calendars import load_calendars
from huiqi.law.duties.reading import read_all
from huiqi.law.duties.running import run
from huiqi.law.models import Obligation
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db

KASHGAR, CITY, AKSU, REGION = "653100", "653101", "652900", "650000"
PLACES = {KASHGAR: "喀什地区", CITY: "喀什市", AKSU: "阿克苏地区", REGION: "自治区"}
NAMES = {"finance": "财政局", "industry_and_it": "工信局", "government": "人民政府"}


def png() -> io.BytesIO:
    """A picture of one point."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    picture = io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")
    )
    picture.name = "网页截图.png"
    return picture


def office(function: str, region: str) -> Organisation:
    return Organisation.objects.create(
        kind="organ",
        organ_function=function,
        region_id=region,
        name_zh=f"{PLACES[region]}{NAMES[function]}（样例）",
        name_en=f"{function} {region} (sample)",
    )


@pytest.fixture(scope="module", autouse=True)
def offices(shared: None) -> dict[tuple[str, str], Organisation]:
    """Offices on three levels, with the year's duties; the disclosure of 31 March 2026 has climbed twice."""
    load_reference_data()
    load_calendars()
    made = {(function, region): office(function, region) for function in NAMES for region in PLACES}
    for day in (dt.date(2026, 1, 5), dt.date(2026, 3, 25), dt.date(2026, 4, 1), dt.date(2026, 4, 16)):
        run(day)
    return made


def sign_in(organ: Organisation | None, role: str = "officer", language: str = "zh-hans") -> Client:
    person = Person.objects.create_user(f"p{Person.objects.count()}", PASSWORD, display_name="样例")
    if organ is not None:
        Membership.objects.create(person=person, organisation=organ, role=role, start=dt.date(2020, 1, 1))
    client = visitor(language)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def disclosure(
    offices: dict[tuple[str, str], Organisation], region: str = CITY, function: str = "finance"
) -> Obligation:
    return Obligation.objects.get(organ=offices[function, region], duty="disclosure.public")


def titles(response: Any) -> list[str]:
    """The duties that a board lists, line by line."""
    found = re.findall(r'<a class="title"\s+href="/desk/duties/\d+/">(.*?)</a>', response.content.decode(), re.DOTALL)
    return [each.strip() for each in found]


# --- the board --------------------------------------------------------------------------------------------------------


def test_the_board_shows_what_ones_own_office_owes(offices: dict[tuple[str, str], Organisation]) -> None:
    text = visible(sign_in(offices["finance", CITY]).get("/desk/duties/"))
    assert "公布上一年逾期没有支付的中小企业款项" in text and "喀什市财政局（样例）" in text
    assert "已上报 2 级" in text and "2026年3月31日 法定" in text
    assert "喀什市工信局（样例）" not in text


def test_the_tabs_of_a_supervisor(offices: dict[tuple[str, str], Organisation]) -> None:
    client = sign_in(offices["industry_and_it", KASHGAR], "supervisor")
    area = visible(client.get("/desk/duties/?tab=area"))
    assert "喀什市财政局（样例）" in area and "阿克苏地区财政局（样例）" not in area
    overdue = client.get("/desk/duties/?tab=overdue")
    assert "公布上一年逾期没有支付的中小企业款项" in titles(overdue)
    assert "考核地方法人银行对中小企业的服务" not in titles(overdue)
    assert "这里没有单位承担" in visible(client.get("/desk/duties/?tab=unowned"))
    assert "没有义务" in visible(client.get("/desk/duties/?tab=done"))


def test_it_is_narrowed_down_searched_ordered_and_paged(offices: dict[tuple[str, str], Organisation]) -> None:
    client = sign_in(offices["government", REGION], "supervisor")
    found = client.get("/desk/duties/?tab=area&duty=bank.assessment&place=6531&q=喀什")
    assert titles(found) == ["考核地方法人银行对中小企业的服务"] * 2
    by_name = visible(client.get("/desk/duties/?tab=area&q=阿克苏地区财政"))
    assert "阿克苏地区财政局（样例）" in by_name and "喀什市财政局（样例）" not in by_name
    by_title = titles(client.get("/desk/duties/?tab=area&q=大企业和中小企业对接"))
    assert set(by_title) == {"组织大企业和中小企业对接"} and len(by_title) == 4
    assert "没有符合筛选的义务" in visible(client.get("/desk/duties/?tab=area&q=xyzzy"))
    second = client.get("/desk/duties/?tab=area&page=2")
    assert "第 31 到" in visible(second)
    assert set(titles(client.get("/desk/duties/?tab=area&article=37"))) == {"组织大企业和中小企业对接"}
    assert len(titles(client.get("/desk/duties/?tab=area"))) == 30
    for order in ("organ", "opened", "due", "nonsense"):
        assert client.get(f"/desk/duties/?tab=area&sort={order}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["tab=x", "article=999999", "article=٣", "place=65%27", "place=%00", "q=%00", "duty=no", "page=-1", "page=x"],
)
def test_what_makes_no_sense_narrows_nothing(offices: dict[tuple[str, str], Organisation], query: str) -> None:
    answer = sign_in(offices["finance", CITY]).get(f"/desk/duties/?{query}")
    assert answer.status_code == 200 and "公布上一年逾期没有支付的中小企业款项" in titles(answer)


def test_the_list_as_a_file_has_the_lines_of_the_board_and_is_on_record(
    offices: dict[tuple[str, str], Organisation],
) -> None:
    client = sign_in(offices["industry_and_it", KASHGAR], "supervisor")
    answer = client.get("/desk/duties/list.csv?tab=overdue")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    board = Obligation.objects.filter(
        due__lt=dt.date.today(), state="open", region__code__startswith="6531", organ__isnull=False
    )
    assert len(rows) == board.count() + 1
    assert rows[0][:4] == ["编号", "义务", "依据的条", "单位"] or rows[0][0]
    assert {row[3] for row in rows[1:]} >= {"喀什市财政局（样例）"}
    assert (
        Event.objects.filter(verb="duty.list_taken", organisation=offices["industry_and_it", KASHGAR].pk).count() == 1
    )


def test_a_name_that_a_spreadsheet_would_run_is_made_inert(offices: dict[tuple[str, str], Organisation]) -> None:
    Organisation.objects.filter(pk=offices["finance", CITY].pk).update(name_zh="=HYPERLINK(1)")
    answer = sign_in(offices["finance", CITY]).get("/desk/duties/list.csv")
    assert "'=HYPERLINK(1)" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_the_board_is_for_those_who_act_for_an_organisation(
    guest: Client, offices: dict[tuple[str, str], Organisation]
) -> None:
    assert guest.get("/desk/duties/").status_code == 302
    for client in (sign_in(None), sign_in(offices["finance", CITY], "administrator")):
        assert client.get("/desk/duties/").status_code == 403
        assert client.get("/desk/duties/list.csv").status_code == 403


# --- one duty ---------------------------------------------------------------------------------------------------------


def test_one_duty_is_told_to_the_end(offices: dict[tuple[str, str], Organisation]) -> None:
    pk = disclosure(offices).pk
    text = visible(sign_in(offices["finance", CITY]).get(f"/desk/duties/{pk}/"))
    assert (
        "2026年3月31日" in text and "中小企业和公众" in text and "《保障中小企业款项支付条例》第 18 条第 1 款" in text
    )
    assert "第 1 步， 2026年4月1日" in text or "第 1 步，" in text
    assert "过了最后一天，还没有办" in text and "上报后仍没有办" in text
    assert "喀什地区财政局（样例）" in text and "自治区财政局（样例）" in text
    assert "上报的那一刻，会再看一次办了没有" in text
    assert "03-31 周二 89 第 89 日，期间到这一天为止" in text


def test_it_is_told_in_english_too(offices: dict[tuple[str, str], Organisation]) -> None:
    pk = disclosure(offices).pk
    text = visible(sign_in(offices["finance", CITY], language="en").get(f"/desk/duties/{pk}/"))
    assert "the last day is over and it is not done" in text and "31 March 2026" in text
    assert "it is still not done after it climbed" in text


def test_a_duty_of_another_place_has_no_page(offices: dict[tuple[str, str], Organisation]) -> None:
    pk = disclosure(offices).pk
    for client in (sign_in(offices["industry_and_it", AKSU]), sign_in(offices["government", AKSU], "supervisor")):
        assert client.get(f"/desk/duties/{pk}/").status_code == 404
        assert client.post(f"/desk/duties/{pk}/", {"act": "fulfil", "proof-note": "x"}).status_code == 404
        assert client.get(f"/desk/duties/{pk}/evidence/").status_code == 404
    assert Obligation.objects.get(pk=pk).state == "open"


def test_an_officer_closes_it_with_a_text_and_a_file(offices: dict[tuple[str, str], Organisation]) -> None:
    pk = disclosure(offices).pk
    client = sign_in(offices["finance", CITY])
    nothing = client.post(f"/desk/duties/{pk}/", {"act": "fulfil", "proof-note": " "})
    assert nothing.status_code == 422 and "没有写办理情况" in visible(nothing)
    wrong = client.post(
        f"/desk/duties/{pk}/", {"act": "fulfil", "proof-note": "x", "proof-file": io.BytesIO(b"MZ nonsense")}
    )
    assert wrong.status_code == 422 and Obligation.objects.get(pk=pk).state == "open"
    sent = client.post(f"/desk/duties/{pk}/", {"act": "fulfil", "proof-note": "已在门户网站公布", "proof-file": png()})
    assert sent.status_code == 302
    warnings = Notice.objects.filter(kind__startswith="duty_", subject=str(pk))
    assert {kind_of(each.kind).holds(each) for each in warnings} == {False}, "no warning of it is sent any more"
    text = visible(client.get(f"/desk/duties/{pk}/"))
    assert "已在门户网站公布" in text and "记为已办" not in text
    file = client.get(f"/desk/duties/{pk}/evidence/")
    assert (
        file["Content-Type"] == "image/png"
        and "attachment" in file["Content-Disposition"]
        and file.content.startswith(b"\x89PNG")
    )
    assert client.post(f"/desk/duties/{pk}/", {"act": "fulfil", "proof-note": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("who", "role"),
    [(("finance", CITY), "clerk"), (("industry_and_it", CITY), "officer"), (("finance", KASHGAR), "officer")],
)
def test_who_sees_it_and_does_not_owe_it_cannot_close_it(
    offices: dict[tuple[str, str], Organisation], who: tuple[str, str], role: str
) -> None:
    pk = disclosure(offices).pk
    client = sign_in(offices[who], role)
    page = client.get(f"/desk/duties/{pk}/")
    assert page.status_code == 200 and "记为已办" not in visible(page) and "按这个理由免除" not in visible(page)
    for act in ("fulfil", "waive", "nonsense"):
        assert (
            client.post(f"/desk/duties/{pk}/", {"act": act, "proof-note": "x", "waiver-reason": "x"}).status_code == 403
        )


def test_a_supervisor_above_waives_it_with_a_reason(offices: dict[tuple[str, str], Organisation]) -> None:
    pk = disclosure(offices).pk
    client = sign_in(offices["finance", KASHGAR], "supervisor")
    assert client.post(f"/desk/duties/{pk}/", {"act": "waive", "waiver-reason": ""}).status_code == 422
    assert client.post(f"/desk/duties/{pk}/", {"act": "waive", "waiver-reason": "上年没有发生"}).status_code == 302
    assert "上年没有发生" in visible(client.get(f"/desk/duties/{pk}/"))


# --- the dry run, events by hand --------------------------------------------------------------------------------------


def test_the_dry_run_is_for_those_who_look_after_the_region_and_changes_nothing(
    offices: dict[tuple[str, str], Organisation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huiqi.web.views.duties.today", lambda: dt.date(2026, 5, 1))
    client = sign_in(offices["industry_and_it", REGION])
    before = Event.objects.count()
    text = visible(client.get("/desk/duties/dry-run/"))
    assert "公布上一年逾期没有支付的中小企业款项" in text and "自治区人民政府（样例）" in text
    assert "上报后仍没有办" in text
    assert Event.objects.count() == before
    for other in (
        sign_in(offices["industry_and_it", KASHGAR]),
        sign_in(offices["finance", REGION]),
        sign_in(offices["industry_and_it", REGION], "clerk"),
    ):
        assert other.get("/desk/duties/dry-run/").status_code == 403


def test_an_event_is_recorded_by_hand_and_opens_its_duty(offices: dict[tuple[str, str], Organisation]) -> None:
    client = sign_in(offices["government", KASHGAR])
    wrong = client.post("/desk/duties/happened/", {"duty": "emergency.package", "on": "2100-01-01", "what": ""})
    assert wrong.status_code == 422 and "还没有到" in visible(wrong) and "发生了什么" in visible(wrong)
    sent = client.post("/desk/duties/happened/", {"duty": "emergency.package", "on": "2026-03-05", "what": "洪水"})
    assert sent.status_code == 302
    sealing.seal()
    read_all()
    package = Obligation.objects.get(organ=offices["government", KASHGAR], duty="emergency.package")
    assert package.due == dt.date(2026, 3, 12)
    assert (
        client.post(
            "/desk/duties/happened/", {"duty": "fee_catalogue.publish", "on": "2026-03-05", "what": "x"}
        ).status_code
        == 422
    )
    assert sign_in(offices["industry_and_it", KASHGAR]).get("/desk/duties/happened/").status_code == 403


# --- notices, the desk, the articles ----------------------------------------------------------------------------------


def test_whoever_owes_it_and_the_office_above_are_told(offices: dict[tuple[str, str], Organisation]) -> None:
    pk = str(disclosure(offices).pk)
    owes = Notice.objects.filter(organisation=offices["finance", CITY], subject=pk).values_list("kind", "occasion")
    assert set(owes) == {("duty_warned", "warning"), ("duty_overdue", "step-1"), ("duty_overdue", "step-2")}
    above = Notice.objects.filter(organisation=offices["finance", KASHGAR], subject=pk)
    assert [kind_of(notice.kind).holds(notice) for notice in above] == [True], "it may be sent"
    assert [notice.kind for notice in above] == ["duty_climbed"]
    client = sign_in(offices["finance", KASHGAR])
    text = visible(client.get("/inbox/"))
    assert (
        "下级逾期：公布上一年逾期没有支付的中小企业款项" in text and "喀什市财政局（样例）应在2026年3月31日前办" in text
    )
    opened = client.post(f"/inbox/read/{0}/".replace("read/0", str(above.get().pk)), {"open": "1"})
    assert opened.status_code == 302 and opened.headers["Location"] == f"/desk/duties/{pk}/"


def test_notices_of_an_office_are_read_by_its_people_only(offices: dict[tuple[str, str], Organisation]) -> None:
    assert "快到期了" in visible(sign_in(offices["finance", CITY]).get("/inbox/"))
    assert "喀什市" not in visible(sign_in(offices["finance", AKSU]).get("/inbox/"))
    for client in (sign_in(None), sign_in(offices["finance", CITY], "administrator")):
        assert "快到期了" not in visible(client.get("/inbox/"))


def test_the_desk_shows_how_many_duties_wait(offices: dict[tuple[str, str], Organisation]) -> None:
    text = visible(sign_in(offices["finance", CITY]).get("/desk/"))
    assert "本单位逾期 1" in text and "打开看板" in text


def test_the_page_of_an_article_has_its_live_figures(
    guest: Client, offices: dict[tuple[str, str], Organisation]
) -> None:
    number = Obligation.objects.filter(
        duty__in=("disclosure.public", "arrears.report", "arrears.hearing", "disclosure.large"), organ__isnull=False
    )
    text = visible(guest.get("/law/49/"))
    assert f"现在待办 {number.filter(state='open').count()}" in text
    assert f"其中逾期 {number.filter(state='open', due__lt=dt.date.today()).count()}" in text
    assert "已办 0" in text and "每个机关" in text and "每年 3 月 31 日" in text
    assert "这一条谁该办什么" not in visible(guest.get("/law/1/"))
    assert "看是哪些" not in text
    assert "看是哪些" in visible(sign_in(offices["finance", CITY]).get("/law/49/"))


def test_what_is_sent_is_shown_as_text(offices: dict[tuple[str, str], Organisation]) -> None:
    pk = disclosure(offices).pk
    client = sign_in(offices["finance", CITY])
    attack = '"><script>alert(1)</script>'
    assert "<script>alert" not in client.get("/desk/duties/", {"q": attack}).content.decode()
    client.post(f"/desk/duties/{pk}/", {"act": "fulfil", "proof-note": attack})
    assert "<script>alert" not in client.get(f"/desk/duties/{pk}/").content.decode()


def test_the_command_says_what_it_would_do(offices: dict[tuple[str, str], Organisation]) -> None:
    from huiqi.cli.duties import _planned
    from huiqi.law.duties.running import plan

    found: dict[str, Any] = _planned(plan(dt.date(2026, 5, 1)), 0, "en")
    climbing = {(each["organ"], each["duty"]): each for each in found["climb"]}
    mine = climbing["finance 653101 (sample)", "disclosure.public"]
    assert mine["to"] == "government 650000 (sample)" and mine["reasons"] == ["it is still not done after it climbed"]
