"""The law: the list with its filter and search, and the page of each article with what can be done under it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from web_pages import PASSWORD, read, visible, visitor

from huiqi.law.articles import article, articles
from huiqi.law.searching import find_articles
from huiqi.law.serving import declared_services, services_of
from huiqi.opportunities.library import Policy, library
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.permissions import PUBLIC, Actor
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db
NUMBERS = [each.number for each in articles()]
ENTRY = re.compile(r'<article class="flow-2" id="article-(\d+)">(.*?)</article>', re.S)
LINK = re.compile(r'href="([^"]+)"')


def entries(html: str) -> dict[int, str]:
    """The articles of a list in their order, each with its markup."""
    return {int(number): entry for number, entry in ENTRY.findall(html)}


def resting(number: int, phase: str) -> list[Policy]:
    """What enterprises may see of the policies that rest on an article and stand so today."""
    return [each for each in library().shown() if number in each.articles and each.phase(timezone.localdate()) == phase]


def main(response: Any) -> str:
    """The markup of the page without its head and foot."""
    return str(response.content.decode().split('<main id="main"')[1].split("</main>")[0])


# --- the page of an article -------------------------------------------------------------------------------------------


def test_every_article_has_a_page_with_its_text_in_both_languages(db: None, language: str) -> None:
    client = visitor(language)
    other = "en" if language == "zh-hans" else "zh-CN"
    for each in articles():
        response = client.get(f"/law/{each.number}/")
        assert response.status_code == 200
        html, text = main(response), visible(response)
        reader = read(response.content.decode())
        assert len(reader.ids) == len(set(reader.ids)), each.number
        own = each.paragraphs(language)
        assert all(part[:40] in text for part in own), each.number
        block = html.split(f'<blockquote class="law" lang="{other}">')[1].split("</blockquote>")[0]
        theirs = each.paragraphs("en" if other == "en" else "zh-hans")
        assert block.count("<p>") == len(theirs)
        assert theirs[0][:40].replace("'", "&#x27;") in block
        assert each.chapter_title.of(language) in text


@pytest.mark.parametrize("path", ["0", "58", "99", "-1", "abc", "13.5", "999999999999999999999999", "十三", "1%27"])
def test_a_number_that_no_article_has_leads_nowhere(guest: Client, path: str) -> None:
    assert guest.get(f"/law/{path}/").status_code == 404


def test_neighbours_lead_through_the_whole_law_and_back(guest: Client) -> None:
    at, seen = 1, [1]
    while True:
        html = guest.get(f"/law/{at}/").content.decode()
        before = re.findall(r'href="/law/(\d+)/"\s+rel="prev"', html)
        assert before == ([str(at - 1)] if at > 1 else [])
        after = re.findall(r'href="/law/(\d+)/"\s+rel="next"', html)
        if not after:
            break
        at = int(after[0])
        seen.append(at)
    assert seen == NUMBERS


def test_the_chapter_is_listed_with_the_article_marked(guest: Client) -> None:
    html = guest.get("/law/49/").content.decode()
    chapter = html.split('<ul class="plain small chapter">')[1].split("</ul>")[0]
    assert re.findall(r'href="/law/(\d+)/"', chapter) == [str(number) for number in range(46, 54)]
    assert re.findall(r'href="/law/(\d+)/" aria-current="page"', chapter) == ["49"]


@pytest.mark.parametrize("number", NUMBERS)
def test_an_article_lists_the_policies_that_are_open_and_counts_the_others(guest: Client, number: int) -> None:
    response = guest.get(f"/law/{number}/")
    html, text = main(response), visible(response)
    is_open, ended = resting(number, "open"), resting(number, "expired")
    listed = re.findall(r'<h3><a href="/policies/([\w-]+)/"', html)
    assert len(listed) == min(6, len(is_open))
    assert set(listed) <= {policy.id for policy in is_open}
    assert (f"正在执行的 {len(is_open)} 项" in text) == bool(is_open)
    assert (f"已到期或被替代的 {len(ended)} 项" in text) == bool(ended)


def test_what_ends_first_stands_first_and_what_never_ends_last(guest: Client) -> None:
    for number in (13, 34, 49):
        listed = re.findall(r'<h3><a href="/policies/([\w-]+)/"', main(guest.get(f"/law/{number}/")))
        ends = [library().policies[each].valid_to or dt.date.max for each in listed]
        assert ends == sorted(ends)
        rest = [each.valid_to or dt.date.max for each in resting(number, "open") if each.id not in listed]
        assert not rest or min(rest) >= ends[-1]


def test_a_policy_on_hold_stands_at_no_article_and_counts_nowhere(guest: Client, language: str) -> None:
    held = [policy for policy in library() if not policy.shown]
    assert held
    touched = {number for policy in held for number in policy.articles}
    client = visitor(language)
    for path in ["/law/", *(f"/law/{number}/" for number in touched)]:
        html = client.get(path).content.decode()
        assert not {policy.id for policy in held} & set(re.findall(r"/policies/([\w-]+)/", html)), path


def test_what_is_still_to_come_is_counted(guest: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    early = dt.date(2010, 1, 1)
    monkeypatch.setattr("huiqi.web.views.law.today", lambda: early)
    coming = [each for each in library().shown() if 13 in each.articles and each.phase(early) == "not_yet"]
    assert coming
    assert f"还没开始的 {len(coming)} 项" in visible(guest.get("/law/13/"))


def test_a_policy_leads_to_the_articles_that_it_rests_on(guest: Client) -> None:
    policy = library().policies["vat-small-scale-exempt"]
    html = guest.get(f"/policies/{policy.id}/").content.decode()
    assert re.findall(r'class="art" href="/law/(\d+)/"', html) == [str(number) for number in policy.articles]


# --- what can be done under an article --------------------------------------------------------------------------------


def work_for(region: str, function: str, role: str) -> Person:
    organ = Organisation.objects.create(
        kind="organ", name_zh=f"样例{region}{function}", region_id=region, organ_function=function
    )
    person = Person.objects.create_user(f"{function}-{role}", PASSWORD, display_name="样例承办人")
    Membership.objects.create(person=person, organisation=organ, role=role, start=dt.date(2026, 1, 1))
    return person


PEOPLE: dict[str, Callable[[Person], Person | None]] = {
    "nobody": lambda owner: None,
    "an owner": lambda owner: owner,
    "somebody without a role": lambda owner: Person.objects.create_user("alone", PASSWORD, display_name="某人"),
    "an officer of the SME authority": lambda owner: work_for("653100", "industry_and_it", "officer"),
    "a clerk of the SME authority": lambda owner: work_for("653100", "industry_and_it", "clerk"),
    "an officer of the tax service": lambda owner: work_for("653100", "tax", "officer"),
    "an auditor": lambda owner: work_for("650000", "audit", "auditor"),
}


@pytest.fixture(params=PEOPLE)
def reader(request: pytest.FixtureRequest, owner: Person) -> tuple[Client, Actor]:
    load_reference_data()
    person = PEOPLE[request.param](owner)
    client = visitor()
    if person is None:
        return client, PUBLIC
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client, Actor(person, person.memberships.first())


def test_a_service_is_said_to_be_open_exactly_to_those_whom_its_page_lets_in(reader: tuple[Client, Actor]) -> None:
    client, actor = reader
    open_pages = {service.address for service in declared_services() if service.open_for(actor)}
    for service in declared_services():
        response = client.get(reverse(service.address))
        # the list of requests opens to everybody who is signed in, and is empty for who decides nothing
        let_in = response.status_code == 200 and response.context.get("decides") is not False
        assert let_in == (service.address in open_pages), (service.title.zh, response.status_code)


def test_an_article_links_to_what_the_reader_may_do_and_to_nothing_that_refuses_her(
    reader: tuple[Client, Actor],
) -> None:
    client, actor = reader
    for number in sorted({number for service in declared_services() for number in service.articles}):
        response = client.get(f"/law/{number}/")
        html, text = main(response), visible(response)
        for service in services_of(number):
            assert service.title.zh in text
            assert service.description.zh in text
            linked = f'<a href="{reverse(service.address)}">{service.title.zh}</a>' in html
            to_sign_in = actor.person is None and service.audience == "enterprise"
            assert linked == (service.open_for(actor) or to_sign_in), (number, service.title.zh)
            if to_sign_in:
                assert client.get(reverse(service.address)).headers["Location"].startswith("/login/?next=")
    assert ("先登录" in visible(client.get("/law/27/"))) == (actor.person is None)


def test_officers_see_their_own_part_first_and_owners_theirs(reader: tuple[Client, Actor]) -> None:
    client, actor = reader
    text = visible(client.get("/law/3/"))
    theirs, offices = text.index("企业能在这里办的"), text.index("部门在这里办的")
    assert (offices < theirs) == (actor.jurisdiction is not None)


def test_somebody_without_a_firm_is_told_how_to_act_for_one(owner: Person) -> None:
    alone, in_firm = visitor(), visitor()
    person = Person.objects.create_user("alone", PASSWORD, display_name="某人")
    alone.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    in_firm.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert "申请代表一家企业" in visible(alone.get("/law/3/"))
    assert "申请代表一家企业" not in visible(in_firm.get("/law/3/"))


@pytest.mark.parametrize("number", NUMBERS)
def test_an_article_without_a_service_for_owners_says_so_and_what_to_do(language: str, number: int) -> None:
    text = visible(visitor(language).get(f"/law/{number}/"))
    nothing = "还没有办理功能" if language == "zh-hans" else "Nothing can be done here yet"
    for_owners = [service for service in services_of(number) if service.audience != "officer"]
    assert (nothing in text) == (not for_owners)
    if not for_owners:
        assert "12345" in text.split(nothing)[1].split("12366")[0]


def test_rights_tell_of_the_answer_in_writing(guest: Client) -> None:
    for number in range(46, 52):
        assert "书面答复你" in visible(guest.get(f"/law/{number}/"))


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_leads_to_the_page_of_every_article(guest: Client) -> None:
    listed = entries(guest.get("/law/").content.decode())
    assert list(listed) == NUMBERS
    assert all(f'<a href="/law/{number}/">' in entry for number, entry in listed.items())


def test_each_article_says_in_one_line_what_serves_it(guest: Client) -> None:
    for number, entry in entries(guest.get("/law/").content.decode()).items():
        line = " ".join(re.sub(r"<[^>]*>", " ", entry.split('<p class="small muted row-x">')[1]).split())
        officers = sum(service.audience == "officer" for service in services_of(number))
        owners = len(services_of(number)) - officers
        policies = len(resting(number, "open"))
        parts = [f"你能办 {owners} 项"] * bool(owners) + [f"部门办 {officers} 项"] * bool(officers)
        parts += [f"{policies} 项政策以这一条为依据"] * bool(policies)
        assert line == (" ".join(parts) or "还没有办理功能"), number


def test_the_filter_parts_the_law_in_two_and_the_summary_counts_them(guest: Client) -> None:
    served = [number for number in NUMBERS if services_of(number) or resting(number, "open")]
    some, none = guest.get("/law/?show=some"), guest.get("/law/?show=none")
    assert list(entries(some.content.decode())) == served
    assert list(entries(none.content.decode())) == [number for number in NUMBERS if number not in served]
    text = visible(guest.get("/law/"))
    with_service = sum(bool(services_of(number)) for number in NUMBERS)
    with_policy = sum(bool(resting(number, "open")) for number in NUMBERS)
    assert (
        f"57 条里，{len(served)} 条现在有事可办：{with_service} 条有办理功能，{with_policy} 条有正在执行的政策" in text
    )
    assert f"有事可办 {len(served)} 还没有 {57 - len(served)}" in text


@pytest.mark.parametrize("show", ["", "everything", "<b>", "some\x00"])
def test_a_filter_that_does_not_exist_shows_all(guest: Client, show: str) -> None:
    assert list(entries(guest.get("/law/", {"show": show}).content.decode())) == NUMBERS


def test_the_list_asks_the_database_once_whether_something_was_published(guest: Client) -> None:
    guest.get("/law/")
    for path in ("/law/", "/law/13/"):
        with CaptureQueriesContext(connection) as asked:
            guest.get(path)
        assert len(asked) == 1, path


# --- search -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [("13", 13), ("第十三条", 13), ("第 49 条", 49), ("拖欠", 49), ("late payment", 49), ("article 52", 52)],
)
def test_an_article_is_found_by_its_number_or_its_words(language: str, text: str, first: int) -> None:
    response = visitor(language).get("/law/", {"q": text})
    listed = list(entries(response.content.decode()))
    assert listed[0] == first
    assert listed == [hit.article.number for hit in find_articles(text)]


def test_the_words_that_were_sought_are_marked_in_the_law(guest: Client) -> None:
    found = entries(guest.get("/law/", {"q": "拖欠"}).content.decode())
    assert found[49].count("<mark>拖欠</mark>") == "".join(article(49).paragraphs_zh).count("拖欠") > 1
    english = entries(visitor("en").get("/law/", {"q": "interest"}).content.decode())
    assert any("<mark>interests</mark>" in entry for entry in english.values())
    assert "<mark>" not in guest.get("/law/", {"q": "13"}).content.decode()


def test_nothing_found_is_said_with_a_way_on(language: str) -> None:
    for text in ("xyzzy", "第九十九条", "99"):
        response = visitor(language).get("/law/", {"q": text})
        assert entries(response.content.decode()) == {}
        said = visible(response)
        assert (f"没有找到“{text}”" if language == "zh-hans" else "Nothing found for “") in said
        assert ("换一个词，或者输条号" if language == "zh-hans" else "Try another word, or the number") in said
        assert '<a class="btn btn-quiet" href="/law/">' in response.content.decode()


def test_search_and_filter_go_together_and_stand_in_the_address(guest: Client) -> None:
    found = list(entries(guest.get("/law/", {"q": "财政", "show": "none"}).content.decode()))
    hits = [hit.article.number for hit in find_articles("财政")]
    assert found == [number for number in hits if not services_of(number) and not resting(number, "open")]
    html = guest.get("/law/", {"q": "财政"}).content.decode()
    assert 'href="?q=%E8%B4%A2%E6%94%BF&amp;show=some"' in html


@pytest.mark.parametrize("blank", ["", "   ", "\u3000"])
def test_an_empty_search_shows_the_whole_law(guest: Client, blank: str) -> None:
    assert list(entries(guest.get("/law/", {"q": blank}).content.decode())) == NUMBERS


def test_what_is_typed_is_shown_as_text_and_never_as_markup(guest: Client) -> None:
    html = guest.get("/law/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


@given(text=st.text(max_size=250))
def test_whatever_is_typed_the_list_answers(text: str) -> None:
    assert Client().get("/law/", {"q": text}).status_code == 200
