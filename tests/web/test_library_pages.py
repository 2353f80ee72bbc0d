"""The library and the page of a policy."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from web_pages import read, visible, visitor

from huiqi.opportunities.library import library

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r'href="/policies/([\w-]+)/')


def own_letters(text: str, language: str) -> str:
    """A text without spaces, and on an English page without the Chinese words that stand in it."""
    return re.sub(r"[\s、，。《》〔〕“”（）]" if language == "zh-hans" else r"[^A-Za-z0-9]", "", text)


def listed(client: Client, **query: str) -> list[str]:
    """Ids of all policies that a search lists, over all its pages, in their order."""
    found: list[str] = []
    page = 1
    while True:
        html = client.get("/policies/", {**query, "page": page}).content.decode()
        part = re.findall(r'<h2>\s*<a href="/policies/([\w-]+)/"', html)
        found += part
        if 'rel="next"' not in html:
            return found
        page += 1


def test_the_list_shows_what_is_open_today_twenty_a_page_and_each_once(guest: Client) -> None:
    today = timezone.localdate()
    ids = listed(guest)
    assert sorted(ids) == sorted(policy.id for policy in library().shown() if policy.phase(today) == "open")
    first = guest.get("/policies/").content.decode()
    assert len(set(re.findall(r'<h2>\s*<a href="/policies/([\w-]+)/"', first))) == 20


def test_closed_policies_come_only_on_request(guest: Client) -> None:
    today = timezone.localdate()
    closed = {policy.id for policy in library().shown() if policy.phase(today) != "open"}
    assert closed
    assert not closed & set(listed(guest))
    assert closed <= set(listed(guest, when="all"))


def test_a_filter_keeps_the_others_and_its_chip_takes_only_itself_away(guest: Client) -> None:
    response = guest.get("/policies/", {"q": "社保", "kind": "money", "level": "national"})
    html = response.content.decode()
    assert 'href="?q=%E7%A4%BE%E4%BF%9D&amp;kind=money"' in html
    assert 'href="?kind=money&amp;level=national"' in html
    assert 'value="national" selected' in html
    assert set(listed(guest, q="社保", kind="money", level="national")) <= set(listed(guest, q="社保", kind="money"))


def test_the_number_in_a_tab_is_the_number_that_the_tab_shows(guest: Client) -> None:
    html = guest.get("/policies/", {"trade": "6210"}).content.decode()
    tabs = re.findall(r'<a href="\?([^"]*)"[^>]*>[^<]*<span class="num">(\d+)</span>', html)
    assert len(tabs) > 3
    for query, count in tabs:
        page = guest.get("/policies/?" + query.replace("&amp;", "&"))
        assert f"{count} 项政策" in visible(page)


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nothing"},
        {"level": "galaxy"},
        {"page": "999"},
        {"page": "x"},
        {"when": "-1"},
        {"article": "99"},
        {"region": "110101"},
    ],
)
def test_a_mistyped_address_shows_a_list_and_no_error(guest: Client, query: dict[str, str]) -> None:
    response = guest.get("/policies/", query)
    assert response.status_code == 200
    assert "项政策" in visible(response)


def test_a_search_without_a_hit_says_what_to_do(guest: Client) -> None:
    response = guest.get("/policies/", {"q": "量子香蕉"})
    assert "没有找到" in visible(response)
    assert 'value="量子香蕉"' in response.content.decode()


def test_a_policy_says_what_who_how_until_when_and_on_which_basis(guest: Client, language: str) -> None:
    response = visitor(language).get("/policies/vat-small-scale-exempt/")
    reader = read(response.content.decode())
    assert {"what", "who", "claim", "until", "basis", "before"} <= set(reader.ids)
    text = visible(response)
    policy = library().get("vat-small-scale-exempt")
    assert policy is not None
    for words in (policy.benefit, *policy.how_to_claim):
        assert own_letters(words.of(language), language) in own_letters(text, language)
    assert ("本办法第 13 条" if language == "zh-hans" else "These Measures, article 13") in text


def test_the_verdict_stands_on_top_once_answers_are_known(noodle_shop: Client) -> None:
    text = visible(noodle_shop.get("/policies/vat-small-scale-exempt/")).replace("\u00a0", " ")
    assert text.index("可以享受 每月销售额") < text.index("你能得到什么")
    assert "10,218 元/年" in text


def test_earlier_versions_are_listed_with_their_days_and_judge_by_the_law_of_their_time(noodle_shop: Client) -> None:
    page = noodle_shop.get("/policies/vat-small-scale-exempt/")
    html = page.content.decode()
    earlier = library().history("vat-small-scale-exempt")
    assert earlier
    for old in earlier:
        assert f"/policies/{old.id}/?on={old.valid_to}" in html
    old = earlier[0]
    then = noodle_shop.get(f"/policies/{old.id}/", {"on": str(old.valid_to)})
    assert "本页按" in visible(then)
    assert "可以享受" in visible(then)
    now = noodle_shop.get(f"/policies/{old.id}/")
    assert "这是以前的版本" in visible(now)
    assert "未开放或已到期" in visible(now)


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "99999-01-01", "1066-10-14", "<b>"])
def test_a_day_that_is_none_is_named_and_today_is_shown(guest: Client, day: str) -> None:
    response = guest.get("/policies/vat-small-scale-exempt/", {"on": day})
    assert response.status_code == 200
    assert f"“{day}”不是日期" in visible(response)


def test_a_policy_that_is_not_verified_tells_the_reader_to_confirm(guest: Client) -> None:
    doubtful = next(policy for policy in library().shown() if policy.needs_confirmation)
    assert "请向部门确认" in visible(guest.get(f"/policies/{doubtful.id}/"))
    sure = next(policy for policy in library().shown() if not policy.needs_confirmation)
    assert "请向部门确认" not in visible(guest.get(f"/policies/{sure.id}/")).split("依据")[0]


def test_every_shown_policy_has_a_page_and_reasons_in_both_languages(noodle_shop: Client) -> None:
    for language in ("zh-hans", "en"):
        noodle_shop.cookies["huiqi_language"] = language
        for policy in library().shown():
            for path in (f"/policies/{policy.id}/", f"/finder/why/{policy.id}/"):
                response = noodle_shop.get(path)
                assert response.status_code == 200, path
                reader = read(response.content.decode())
                assert len(reader.ids) == len(set(reader.ids)), path


def test_the_law_stands_whole_with_an_anchor_for_each_article(guest: Client, language: str) -> None:
    response = visitor(language).get("/law/")
    reader = read(response.content.decode())
    assert {f"article-{number}" for number in range(1, 58)} <= set(reader.ids)
    assert ("中小企业发展专项资金" if language == "zh-hans" else "unofficial translation") in visible(response)


def test_an_article_leads_to_the_policies_that_rest_on_it(guest: Client) -> None:
    html = guest.get("/law/").content.decode()
    number, count = re.findall(r'href="/policies/\?article=(\d+)">\s*(\d+) 项政策', html)[0]
    assert len(listed(guest, article=number)) == int(count)


def hold_ids() -> list[str]:
    return [policy.id for policy in library() if not policy.shown]


def test_what_is_on_hold_exists_for_nobody(noodle_shop: Client) -> None:
    held = [policy for policy in library() if not policy.shown]
    assert held
    for policy in held:
        assert noodle_shop.get(f"/policies/{policy.id}/").status_code == 404
        assert noodle_shop.get(f"/finder/why/{policy.id}/").status_code == 404
    pages = ["/", "/finder/results/", "/policies/?when=all", "/law/", "/law/11/"]
    pages += [f"/policies/?when=all&page={page}" for page in range(2, 8)]
    pages += [f"/policies/{policy.id}/" for policy in library().shown()]
    for path in pages:
        html = noodle_shop.get(path).content.decode()
        assert not set(ADDRESS.findall(html)) & set(hold_ids()), path
    for policy in held:
        assert policy.id not in listed(noodle_shop, q=policy.title.zh, when="all")


def test_the_list_asks_the_database_once_whether_something_was_published(guest: Client) -> None:
    guest.get("/policies/")
    with CaptureQueriesContext(connection) as asked:
        guest.get("/policies/", {"q": "贷款"})
    (question,) = asked
    assert "count(*), coalesce(max(id), 0) FROM opportunities_publishedpolicy" in question["sql"]
