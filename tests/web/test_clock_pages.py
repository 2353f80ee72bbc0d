"""The clock on its page and for machines: a date told day by day, by a link that can be shared."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from web_pages import visible, visitor

from huiqi.law.calendars import load_calendars

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calendars() -> None:
    load_calendars()


TRANSFER = "/clock/?rule=payment_complaint.transfer&start=2026-02-10&calendar=xinjiang"


def test_a_date_is_told_day_by_day(guest: Client) -> None:
    answer = guest.get(TRANSFER)
    text = visible(answer)
    assert answer.status_code == 200
    assert "2026年3月2日" in text and "法定期限" in text
    assert "国令第802号" in text and "第 25 条第 1 款" in text
    assert "02-14 周六 4 春节调休上班，第 4 个工作日" in text
    assert "02-17 周二 春节放假，不是工作日，不算" in text


def test_it_is_told_in_english_too() -> None:
    text = visible(visitor("en").get(TRANSFER))
    assert "Last day" in text and "2 March 2026" in text and "Monday" in text
    assert "Make-up working day for Spring Festival, working day 4" in text
    assert not re.search(r"[\u4e00-\u9fff]", text)


def test_the_calendar_of_xinjiang_makes_a_difference(guest: Client) -> None:
    address = "/clock/?unit=working_day&length=1&start=2026-05-26&calendar="
    assert "2026年6月1日" in visible(guest.get(f"{address}xinjiang"))
    assert "2026年5月27日" in visible(guest.get(f"{address}national"))


def test_without_a_question_there_is_the_form_alone(guest: Client) -> None:
    answer = guest.get("/clock/")
    assert answer.status_code == 200
    assert 'name="pause_from"' in answer.content.decode() and "一天一天" not in visible(answer).split("附上法律依据")[1]


def test_the_link_to_share_is_the_question_and_gives_the_same_answer(guest: Client) -> None:
    html = guest.get(TRANSFER).content.decode()
    shared = re.search(r'id="id_link"[^>]*value="([^"]+)"', html)
    assert shared is not None
    link = shared[1].replace("&amp;", "&")
    assert link == f"http://testserver{TRANSFER}"
    assert "2026年3月2日" in visible(visitor().get(link))


def test_both_clocks_of_a_step_are_labelled(guest: Client) -> None:
    text = visible(guest.get("/clock/?rule=complaint.finish&start=2026-05-20&calendar=xinjiang"))
    assert "法定期限 2026年7月20日 办结信访事项" in text
    assert "服务承诺，不是法律规定 2026年6月15日 办结并书面答复诉求" in text
    assert "由作出承诺的政府确认" in text


def test_pauses_and_an_extension_are_kept_in_the_form_and_counted(guest: Client) -> None:
    address = (
        "/clock/?rule=complaint.finish&start=2026-05-20&calendar=xinjiang&total=30"
        "&pause_from=2026-05-25&pause_to=2026-05-28&pause_reason=supplement&pause_from=&pause_to=&pause_reason="
    )
    html = guest.get(address).content.decode()
    assert "2026年7月9日" in visible(guest.get(address))
    assert html.count('name="pause_from"') == 2 and 'value="2026-05-25"' in html
    assert '<option value="supplement" selected' in re.sub(r"\s+", " ", html)


@pytest.mark.parametrize(
    ("query", "target", "words"),
    [
        ("unit=working_day&length=5&start=", "start", "没有写起算日"),
        ("unit=working_day&length=&start=2026-01-05", "length", "没有写长度"),
        ("unit=working_day&length=five&start=2026-01-05", "length", "five"),
        ("unit=fortnight&length=5&start=2026-01-05", "unit", "fortnight"),
        ("rule=no.such&start=2026-01-05", "rule", "no.such"),
        ("rule=pay.large.default_days&start=2025-05-31", "rule", "2025年6月1日"),
        ("unit=working_day&length=5&start=2026-12-28", "calendar", "2027"),
        ("rule=petition.finish&start=2026-01-05&pause_from=2026-01-06&pause_to=2026-01-07&pause_reason=court", "pauses", "不能中止"),
        ("rule=payment_complaint.transfer&start=2026-01-05&total=20", "total", "不能延长"),
    ],
)  # fmt: skip
def test_an_error_stands_at_its_field_and_keeps_the_entry(guest: Client, query: str, target: str, words: str) -> None:
    answer = guest.get(f"/clock/?{query}&calendar=national" if "calendar=" not in query else f"/clock/?{query}")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'<a [^>]*href="#id_{target}">', html) and f'id="{target}_error"' in html
    assert words in visible(answer)


def test_what_is_sent_is_shown_as_text(guest: Client) -> None:
    for name in ("rule", "unit", "length", "start", "calendar", "pause_from", "pause_reason", "total"):
        html = guest.get("/clock/", {name: '"><script>alert(1)</script>'}).content.decode()
        assert "<script>alert" not in html


def test_a_long_period_folds_its_middle_months(guest: Client) -> None:
    html = guest.get("/clock/?unit=month&length=8&start=2026-01-05&calendar=national").content.decode()
    assert html.count('<details class="fold" open>') == 2
    assert html.count('<details class="fold">') == 7


# --- for machines -----------------------------------------------------------------------------------------------------


def post(client: Client, body: Any) -> Any:
    return client.post("/api/clock", json.dumps(body), content_type="application/json")


def test_machines_ask_as_people_do(guest: Client) -> None:
    answer = guest.get(TRANSFER.replace("/clock/", "/api/clock")).json()
    assert answer["last_day"] == "2026-03-02" and answer["kind"] == "statutory" and len(answer["days"]) == 21
    english = guest.get(TRANSFER.replace("/clock/", "/api/clock") + "&lang=en").json()
    assert english["days"][4].endswith("make-up working day for Spring Festival, working day 4")


def test_machines_send_what_the_command_reads(guest: Client) -> None:
    good = {"id": 7, "unit": "working_day", "length": 10, "start": "2026-02-10", "calendar": "national"}
    one = post(guest, good)
    assert (one.status_code, one.json()["id"], one.json()["last_day"]) == (200, 7, "2026-03-02")
    many = post(guest, [good, {**good, "id": 8, "unit": "day"}]).json()
    assert many[0]["last_day"] == "2026-03-02"
    assert (many[1]["id"], many[1]["error"]["field"]) == (8, "unit")


def test_machines_are_told_what_is_wrong(guest: Client) -> None:
    missing = post(guest, {"unit": "working_day", "length": 10, "start": "2026-12-25", "calendar": "national"})
    assert missing.status_code == 422
    error = missing.json()["error"]
    assert error["code"] == "calendar_missing" and "2027" in error["zh"] and "2027" in error["en"]
    assert guest.post("/api/clock", "{", content_type="application/json").status_code == 400
    assert post(guest, [{}] * 51).status_code == 400
    assert post(guest, "x").status_code == 422
    assert guest.get("/api/clock").status_code == 422
    assert guest.delete("/api/clock").status_code == 405


# --- the calendars and the rules --------------------------------------------------------------------------------------


def test_everybody_sees_the_rest_days_and_their_source(guest: Client) -> None:
    text = visible(guest.get("/clock/calendar/?calendar=xinjiang&year=2026"))
    assert "5月27日 周三 – 5月31日 周日 放假 古尔邦节 5" in text
    assert "2月14日 周六 调休上班 春节 1" in text
    assert "自治区人民政府办公厅" in text
    assert "修改这一年" not in text


def test_a_year_that_is_missing_says_so(guest: Client) -> None:
    text = visible(guest.get("/clock/calendar/?calendar=xinjiang&year=2024"))
    assert "还没有 2024 年的安排" in text


def test_every_rule_is_listed_with_its_source_and_its_versions(guest: Client) -> None:
    text = visible(guest.get("/clock/rules/"))
    assert "20 个工作日 延长后最多：40 个工作日" in text
    assert "15 个工作日 延长后最多：30 个工作日" in text
    assert "《信访工作条例》" in text and "每年 3 月 31 日" in text
    assert text.count("服务承诺，不是法律规定") > 10
