"""The finder from the first page to the reasons, as a visitor walks it without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from web_pages import CODE, read, visible, visitor

from huiqi.registry.models import Organisation
from huiqi.rules.dictionary import dictionary
from huiqi.web.answers import KEY, MOST_QUESTIONS

pytestmark = pytest.mark.django_db


def facts(client: Client) -> dict[str, Any]:
    return dict(client.session.get(KEY, {}).get("facts", {}))


def test_three_choices_lead_to_the_first_question(guest: Client) -> None:
    response = guest.post("/", {"by": "three", "place": "653101", "trade": "6210", "people": "9"}, follow=True)
    assert response.redirect_chain[0] == ("/finder/question/", 302)
    assert facts(guest) == {"registration_region": "653101", "industry_code": "6210", "employees": 9}
    assert "第 1 题，最多 6 题" in visible(response)
    assert "喀什市" in visible(response)


def test_any_one_of_the_three_is_enough_and_none_is_refused_with_a_way_on(guest: Client) -> None:
    assert guest.post("/", {"by": "three", "people": "9"}).status_code == 302
    response = guest.post("/", {"by": "three"})
    assert response.status_code == 422
    assert "三项里至少选一项" in visible(response)


@pytest.mark.parametrize(
    ("sent", "remedy"),
    [
        ({"people": "九个"}, "你填的是“九个”"),
        ({"people": "-9"}, "不会小于 0"),
        ({"people": "9.5"}, "你填的是“9.5”"),
        ({"place": "110101"}, "列表里没有这一项"),
        ({"trade": "abc"}, "代码只能是数字"),
        ({"trade": "9999"}, "列表里没有这一项"),
    ],
)
def test_a_wrong_entry_stays_in_the_form_and_its_remedy_stands_at_the_field_and_at_the_head(
    guest: Client, sent: dict[str, str], remedy: str
) -> None:
    response = guest.post("/", {"by": "three", "place": "653101", "trade": "6210", "people": "9", **sent})
    assert response.status_code == 422
    text = visible(response)
    assert text.count(remedy) == 2
    html = response.content.decode()
    (field, value), *_ = sent.items()
    assert 'aria-invalid="true"' in html
    assert f'id="{field}_error"' in html
    assert f"#id_{field}" in html
    if field == "people":
        assert f'value="{value}"' in html


def test_a_credit_code_of_the_demonstration_brings_the_public_registration_and_nothing_else(
    guest: Client, enterprise: Organisation, settings: Any
) -> None:
    settings.HUIQI_DEMO = True
    response = guest.post("/", {"by": "code", "code": f" {CODE.lower()} "}, follow=True)
    assert "查到了" in visible(response)
    assert "喀什珩砚餐饮有限公司（样例）" in visible(response)
    assert set(facts(guest)) == {
        "legal_form",
        "established_date",
        "registration_status",
        "registration_region",
        "industry_code",
        "abnormal_listed",
        "serious_dishonesty",
    }
    assert all(dictionary()[name].sensitivity == "public" for name in facts(guest))


def test_a_demonstration_code_is_refused_where_there_is_no_demonstration(
    guest: Client, enterprise: Organisation
) -> None:
    response = guest.post("/", {"by": "code", "code": CODE})
    assert response.status_code == 422
    assert "虚构代码" in visible(response)


@pytest.mark.parametrize(
    "code", ["", "91653101MA7XXXX12", "9165310IMA7XXXXX12", CODE[:-1] + "0", "<script>alert(1)</script>"]
)
def test_a_code_that_cannot_be_right_is_refused_with_the_reason_and_the_entry_stays(
    guest: Client, code: str, language: str, settings: Any
) -> None:
    settings.HUIQI_DEMO = True
    client = visitor(language)
    response = client.post("/", {"by": "code", "code": code})
    assert response.status_code == 422
    html = response.content.decode()
    assert 'aria-invalid="true"' in html
    assert "<script>alert" not in html
    assert read(html).text
    if code and "<" not in code:
        assert f'value="{code}"' in html


def test_a_well_formed_code_that_nobody_has_says_so(guest: Client, settings: Any) -> None:
    settings.HUIQI_DEMO = True
    response = guest.post("/", {"by": "code", "code": CODE})
    assert response.status_code == 422
    assert "这里没有这家企业" in visible(response)


def test_at_most_six_questions_are_asked_and_then_come_the_results(guest: Client) -> None:
    guest.post("/", {"by": "three", "place": "653101", "trade": "6210", "people": "9"})
    for number in range(1, MOST_QUESTIONS + 1):
        response = guest.get("/finder/question/", follow=True)
        assert f"第 {number} 题，最多 6 题" in visible(response)
        path = response.redirect_chain[-1][0]
        assert guest.post(path, {"skip": "1"}).status_code == 302
    assert guest.get("/finder/question/").headers["Location"] == "/finder/results/"


def test_no_question_comes_twice(guest: Client) -> None:
    guest.post("/", {"by": "three", "place": "653101", "trade": "6210", "people": "9"})
    seen = []
    while (address := guest.get("/finder/question/").headers["Location"]) != "/finder/results/":
        seen.append(address)
        guest.post(address, {"skip": "1"})
    assert len(seen) == len(set(seen)) == MOST_QUESTIONS


def test_back_leads_to_the_question_before_with_its_answer_in_it(guest: Client, answer: Callable[..., Client]) -> None:
    answer(guest, monthly_sales="8.6", vat_type="small_scale")
    response = guest.get("/finder/question/ui_paid_months/")
    assert 'href="/finder/question/vat_type/"' in response.content.decode()
    back = guest.get("/finder/question/vat_type/").content.decode()
    assert re.search(r'value="small_scale"[^>]*checked', back)
    assert 'href="/finder/question/monthly_sales/"' in back
    first = guest.get("/finder/question/monthly_sales/").content.decode()
    assert 'value="8.6"' in first


@pytest.mark.parametrize("fact", [fact for fact in dictionary() if fact.askable], ids=lambda fact: fact.name)
def test_every_question_can_be_shown_in_both_languages(guest: Client, fact: Any) -> None:
    for language in ("zh-hans", "en"):
        response = visitor(language).get(f"/finder/question/{fact.name}/")
        assert response.status_code == 200
        reader = read(response.content.decode())
        assert "id_value" in reader.ids
        assert len(reader.ids) == len(set(reader.ids))
        assert ("name", "skip") in reader.attributes


@pytest.mark.parametrize(
    ("name", "sent", "message"),
    [
        ("employees", "九", "你填的是“九”"),
        ("employees", "", "还没有填"),
        ("employees", "-1", "不会小于 0"),
        ("employees", "1e99", "数字太大"),
        ("layoff_rate", "101", "占比最多 100%"),
        ("established_date", "2026-02-30", "没有这一天"),
        ("established_date", "2099-01-01", "这一天还没到"),
        ("legal_form", "guild", "没有“guild”这个选项"),
        ("registration_region", "110101", "列表里没有这一项"),
        ("industry_code", "9998", "列表里没有这一项"),
        ("uscc", "123", "应为18位"),
        ("titles", [], "还没有填"),
        ("titles", ["-", "little_giant"], "只留下对的"),
    ],
)
def test_a_wrong_answer_is_kept_in_its_field_and_the_remedy_stands_beside_it(
    guest: Client, name: str, sent: Any, message: str
) -> None:
    response = guest.post(f"/finder/question/{name}/", {"value": sent})
    assert response.status_code == 422
    assert message in visible(response)
    assert name not in facts(guest)
    if isinstance(sent, str) and name in ("employees", "layoff_rate", "established_date", "uscc"):
        assert f'value="{sent}"' in response.content.decode()


def test_a_trade_from_the_licence_that_the_list_does_not_offer_is_not_lost_by_looking_at_it(guest: Client) -> None:
    guest.post("/finder/question/industry_code/", {"value": "2438"})
    assert facts(guest)["industry_code"] == "2438"
    html = guest.get("/finder/question/industry_code/").content.decode()
    assert re.search(r'<option value="2438"\s+selected', html)


def test_none_of_these_is_a_known_empty_set(guest: Client) -> None:
    guest.post("/finder/question/titles/", {"value": "-"})
    assert facts(guest)["titles"] == []


@pytest.mark.parametrize("name", ["no_such_fact", "reference_date", "size_class", "is_sme"])
def test_only_facts_that_an_owner_can_be_asked_have_a_question(guest: Client, name: str) -> None:
    assert guest.get(f"/finder/question/{name}/").status_code == 404
    assert guest.post(f"/finder/question/{name}/", {"value": "1"}).status_code == 404


def test_an_answer_can_be_changed_and_all_can_be_deleted(noodle_shop: Client) -> None:
    page = noodle_shop.get("/finder/answers/")
    assert 'href="/finder/question/monthly_sales/?next=/finder/answers/"' in page.content.decode()
    response = noodle_shop.post("/finder/question/monthly_sales/", {"value": "12", "next": "/finder/answers/"})
    assert response.headers["Location"] == "/finder/answers/"
    assert facts(noodle_shop)["monthly_sales"] == "12"
    assert noodle_shop.get("/finder/forget/").status_code == 405
    noodle_shop.post("/finder/forget/")
    assert facts(noodle_shop) == {}
    assert "你还没有回答过" in visible(noodle_shop.get("/finder/answers/"))


def test_results_stand_in_the_order_yes_near_ask_no_with_the_reason_in_the_owners_own_figures(
    noodle_shop: Client,
) -> None:
    response = noodle_shop.get("/finder/results/")
    html = response.content.decode()
    places = [html.find(f'id="{standing}"') for standing in ("yes", "near", "ask", "no")]
    assert -1 not in places
    assert places == sorted(places)
    assert re.search(r'<span class="you num">8\.6 万元</span>', html.replace("\u00a0", " "))
    assert "喀什市" in visible(response)


def test_the_total_names_what_was_added_and_what_could_not_be(noodle_shop: Client) -> None:
    text = visible(noodle_shop.get("/finder/results/")).replace("\u00a0", " ")
    assert "10,218 元/年" in text
    assert re.search(r"\d+ 项可以享受。其中 \d+ 项算得出一年的金额：", text)


def test_the_reasons_come_in_the_order_of_the_rule_with_a_ruler_for_a_figure(noodle_shop: Client) -> None:
    response = noodle_shop.get("/finder/why/vat-small-scale-exempt/")
    html = response.content.decode()
    text = visible(response).replace("\u00a0", " ")
    assert "2 个条件，你满足 2 个" in text
    assert html.count('class="cond ') == 2
    assert html.count('class="hq-ruler"') == 1
    assert "上限 10 万元" in text
    assert "你填的" in text


def test_what_would_change_a_near_miss_is_said_and_its_condition_is_tinted(noodle_shop: Client) -> None:
    response = noodle_shop.get("/finder/why/graduate-si-subsidy/")
    assert "差一项" in visible(response)
    assert "怎样就能变" in visible(response)
    assert response.content.decode().count("cond v v-near decides") == 1


def test_a_trial_changes_the_verdict_on_the_page_and_no_answer(noodle_shop: Client) -> None:
    response = noodle_shop.get("/finder/why/vat-small-scale-exempt/", {"try_monthly_sales": "10.01"})
    assert "这是试算" in visible(response)
    assert "可以享受" not in visible(response).split("怎样就能变")[0]
    assert facts(noodle_shop)["monthly_sales"] == "8.6"
    wrong = noodle_shop.get("/finder/why/vat-small-scale-exempt/", {"try_monthly_sales": "很多"})
    assert "你填的是“很多”" in visible(wrong)
    assert 'value="很多"' in wrong.content.decode()


def test_someone_who_answered_nothing_still_gets_a_page_of_results(guest: Client) -> None:
    response = guest.get("/finder/results/")
    assert response.status_code == 200
    assert "多答几道题" in visible(response) or "项现在可以享受" in visible(response)


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "/\\elsewhere.example"]
)
def test_an_answer_never_leads_away_from_the_site(guest: Client, onward: str) -> None:
    response = guest.post("/finder/question/employees/", {"value": "9", "next": onward})
    assert response.headers["Location"] == "/finder/question/"


def test_answers_are_kept_until_the_browser_closes(noodle_shop: Client) -> None:
    assert noodle_shop.session.get_expire_at_browser_close()


def test_pages_with_answers_are_not_cached(noodle_shop: Client) -> None:
    for path in ("/", "/finder/results/", "/finder/answers/", "/finder/why/vat-small-scale-exempt/"):
        assert "no-store" in noodle_shop.get(path).headers["Cache-Control"]
