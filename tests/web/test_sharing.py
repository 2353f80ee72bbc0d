"""A shared link tells strangers what they may know and nothing else, and changes nobody's answers by itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from web_pages import CODE, PASSWORD, visible, visitor

from huiqi.registry.models import EnterpriseFacts, Person, Statement
from huiqi.registry.size import CLASSES
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.web.answers import KEY
from huiqi.web.sharing import MOST_CHARACTERS, arrived, may_travel, query_of, to_share
from huiqi.web.vocabulary import listed, places, trades

SALES = dictionary()["monthly_sales"].name_zh
TODAY = dt.date(2026, 11, 24)
RESTAURANT = "registration_region=653101&industry_code=6210&size_class=micro"


def value_of(fact: Fact) -> st.SearchStrategy[Any]:
    """Any value that an owner may have given for this fact."""
    if fact.name in ("registration_region", "operating_region"):
        return st.sampled_from(sorted(listed(places())))
    if fact.name == "industry_code":
        return st.sampled_from(sorted(listed(trades())))
    codes = sorted(fact.codes) or ["4690", "6513"]
    return {
        "boolean": st.booleans(),
        "integer": st.integers(0, 10**6),
        "decimal": st.decimals(0, 100, places=4),
        "date": st.dates(dt.date(1990, 1, 1), TODAY),
        "text": st.text("0123456789ABCDEFXYZ", min_size=1, max_size=18),
        "enum": st.sampled_from(codes),
        "set": st.frozensets(st.sampled_from(codes)),
    }[fact.type]


FACTS = [fact for fact in dictionary().stored if fact.askable or fact.name == "size_class"]
FILES = st.fixed_dictionaries({}, optional={fact.name: value_of(fact) for fact in FACTS})


@given(FILES)
def test_of_any_answers_a_link_holds_only_public_ones_and_the_size_class(known: dict[str, Any]) -> None:
    shared = to_share(known, TODAY)
    for name, value in shared.items():
        fact = dictionary()[name]
        assert fact.sensitivity == "public" or name == "size_class"
        assert not isinstance(value, dt.date | Decimal)
        assert name not in ("uscc", "tech_sme_number", "secondary_industry_codes")
    assert {name for name in known if may_travel(dictionary()[name])} <= shared.keys()


@given(FILES)
def test_whoever_opens_a_link_reads_exactly_what_it_was_made_from(known: dict[str, Any]) -> None:
    shared = to_share(known, TODAY)
    came = arrived(query_of(shared))
    assert came.facts == shared
    assert (came.left_out, came.too_long) == (0, False)


def test_the_longest_link_is_short_enough_to_be_read() -> None:
    longest: dict[str, Any] = {}
    for fact in (fact for fact in dictionary() if may_travel(fact)):
        codes = sorted(fact.codes, key=len)
        longest[fact.name] = {
            "boolean": True,
            "integer": 10**14 - 1,
            "text": "653101",
            "set": frozenset(codes),
            "enum": codes[-1] if codes else "",
        }[fact.type]
    assert len(query_of(longest)) < MOST_CHARACTERS


def test_figures_are_replaced_by_the_size_class_that_follows_from_them() -> None:
    known = {"industry_code": "6210", "employees": 9, "revenue": Decimal("103.2")}
    assert to_share(known, TODAY) == {"industry_code": "6210", "size_class": "micro"}
    assert to_share({"employees": 9}, TODAY) == {}


@given(st.text() | st.text("&=%;abc1_-"))
def test_whatever_stands_in_a_link_is_read_or_left_out(query: str) -> None:
    came = arrived(query)
    assert all(may_travel(dictionary()[name]) for name in came.facts)


@pytest.mark.parametrize(
    "part",
    [
        "monthly_sales=8.6",  # a business secret, put in by hand
        "owner_groups=disabled",
        "employees=9",
        f"uscc={CODE}",
        "established_date=2021-03-05",
        "tech_sme_number=2026650100",
        "name=Hengyan",
        "登记地=653101",
        "registration_region=653101",  # a second time
        "legal_form=guild",
        "class1_ip=-3",
        "class1_ip=many",
        "titles=baronet",
        "titles=-&titles=hte",
        "is_bingtuan=",
        "is_bingtuan=maybe",
        "special_zone=%00",
        "green_factory=%3Cscript%3Ealert(1)%3C/script%3E",
        "=",
        "'; drop table registry_organisation; --",
    ],
)
def test_what_may_not_travel_or_says_nothing_is_left_out(part: str) -> None:
    came = arrived(f"{RESTAURANT}&{part}")
    expected = {"registration_region": "653101", "industry_code": "6210", "size_class": "micro"}
    if part.startswith("registration_region"):
        del expected["registration_region"]
    assert came.facts == expected
    assert came.left_out == 1


# --- the pages --------------------------------------------------------------------------------------------------------


def link_on(page: Any) -> str:
    found = re.search(r'id="id_link"[^>]*value="([^"]*)"', page.content.decode())
    return unescape(found[1]) if found else ""


def path_of(link: str) -> str:
    address = urlsplit(link)
    return f"{address.path}?{address.query}"


def said(client: Client) -> dict[str, Any]:
    return dict(client.session.get(KEY, {}).get("facts", {}))


@pytest.mark.django_db
def test_the_page_says_in_words_what_the_link_holds_and_what_stays(noodle_shop: Client) -> None:
    assert "/finder/share/" in noodle_shop.get("/finder/results/").content.decode()
    page = noodle_shop.get("/finder/share/")
    link = link_on(page)
    assert link.startswith("http://testserver/finder/shared/?")
    assert parse_qs(urlsplit(link).query) == {
        "registration_region": ["653101"],
        "industry_code": ["6210"],
        "size_class": ["micro"],
        "registration_status": ["active"],
    }
    text = visible(page)
    assert "链接里只有这 4 项" in text
    holds, stays = text.split("留在你这里的")
    for words in ("喀什市", "饭馆", "微型", "存续"):
        assert words in holds
    assert SALES not in holds
    assert SALES in stays


@pytest.mark.django_db
def test_the_sender_may_leave_an_answer_out_and_put_it_back(noodle_shop: Client) -> None:
    page = noodle_shop.get("/finder/share/?without=registration_region")
    assert "registration_region" not in link_on(page)
    assert "没有放进去： 在哪里" in visible(page)
    everything = "&".join(f"without={name}" for name in dictionary().facts)
    assert link_on(noodle_shop.get(f"/finder/share/?{everything}")) == ""
    assert "registration_region" in link_on(noodle_shop.get("/finder/share/"))


@pytest.mark.django_db
def test_who_has_said_nothing_is_told_so(guest: Client, answer: Callable[..., Client]) -> None:
    assert "你还没有答题" in visible(guest.get("/finder/share/"))
    answer(guest, monthly_sales="8.6")
    page = guest.get("/finder/share/")
    assert "都不适合给外人看" in visible(page)
    assert link_on(page) == ""


@pytest.mark.django_db
def test_of_an_own_file_only_what_is_public_goes_into_the_link(owner: Person, answer: Callable[..., Client]) -> None:
    row = EnterpriseFacts.objects.get()
    row.record(
        {"tax_credit_grade": "a", "disabled_staff": 2, "rd_expense": 3, "titles": ["innovative_sme"]},
        Statement.objects.create(source="declared", made_on=TODAY),
    )
    client = visitor()
    client.login(username="owner", password=PASSWORD)
    page = client.get("/finder/share/")
    link = link_on(page)
    assert set(parse_qs(urlsplit(link).query)) == {
        "registration_region", "industry_code", "size_class", "legal_form", "registration_status", "abnormal_listed",
        "serious_dishonesty", "titles",
    }  # fmt: skip
    assert CODE not in link
    html = page.content.decode()
    assert CODE not in html[html.index("<main") : html.index("</main>")]
    assert "只放部门公开的" in visible(page)


@pytest.mark.django_db
def test_a_link_shows_what_its_sender_would_see_and_leaves_the_readers_answers_alone(
    noodle_shop: Client, answer: Callable[..., Client]
) -> None:
    path = path_of(link_on(noodle_shop.get("/finder/share/")))
    reader = visitor()
    reader.post("/", {"by": "three", "place": "650102", "trade": "6513", "people": "30"})
    before = said(reader)
    page = reader.get(path)
    text = visible(page)
    assert "这是链接带来的回答" in text
    assert "喀什市" in text
    assert "还不能判断" in text
    assert "你自己这次答的 3 项没有变" in text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots" content="noindex' in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert said(reader) == before
    response = reader.post(path)
    assert (response.status_code, response.headers["Location"]) == (302, "/finder/results/")
    assert said(reader) == {
        "registration_region": "653101",
        "industry_code": "6210",
        "size_class": "micro",
        "registration_status": "active",
    }
    assert "喀什市" in visible(reader.get("/finder/results/"))


@pytest.mark.django_db
def test_a_link_needs_no_session_to_be_looked_at(guest: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(1):  # what is published, as on every page of results
        guest.get(f"/finder/shared/?{RESTAURANT}")
    assert "huiqi_session" not in guest.cookies


@pytest.mark.django_db
def test_starting_with_a_link_needs_a_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/finder/shared/?{RESTAURANT}").status_code == 403


@pytest.mark.django_db
def test_a_shared_size_class_gives_way_to_the_readers_own_figures(guest: Client, answer: Callable[..., Client]) -> None:
    guest.post(f"/finder/shared/?{RESTAURANT}")
    html = guest.get("/finder/answers/").content.decode()
    assert "/finder/question/employees/?next=" in html  # the class is changed by the number of people
    answer(guest, employees="500")
    assert "size_class" not in said(guest)
    assert "微型" not in visible(guest.get("/finder/answers/"))


@pytest.mark.django_db
def test_the_figures_of_a_visit_also_stand_before_the_size_class_of_the_own_file(
    owner: Person, answer: Callable[..., Client]
) -> None:
    EnterpriseFacts.objects.get().record(
        {"size_class": "micro"}, Statement.objects.create(source="declared", made_on=TODAY)
    )
    client = visitor()
    client.login(username="owner", password=PASSWORD)
    assert "微型" in visible(client.get("/finder/answers/"))
    answer(client, employees="500", revenue="200000")
    assert "微型" not in visible(client.get("/finder/answers/"))
    assert "size_class=large" in link_on(client.get("/finder/share/"))


@pytest.mark.django_db
def test_an_owner_who_starts_with_a_link_keeps_her_file(owner: Person) -> None:
    client = visitor()
    client.login(username="owner", password=PASSWORD)
    before = EnterpriseFacts.objects.values().get()
    assert "资料本身不变" in visible(client.get(f"/finder/shared/?{RESTAURANT}"))
    client.post(f"/finder/shared/?{RESTAURANT}")
    assert EnterpriseFacts.objects.values().get() == before
    assert SALES not in visible(client.get("/finder/answers/"))
    client.post("/", {"by": "own"})
    assert SALES in visible(client.get("/finder/answers/"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"{RESTAURANT}&nonsense=1&monthly_sales=9", "链接里有 2 项用不了"),
        ("", "这个链接里没有可以用的回答"),
        ("monthly_sales=9", "这个链接里没有可以用的回答"),
        (f"{RESTAURANT}&x={'9' * MOST_CHARACTERS}", "链接太长"),
        ("&".join(f"a{n}" for n in range(600))[:MOST_CHARACTERS], "链接"),
    ],
)
def test_a_broken_link_says_so_plainly(guest: Client, query: str, words: str) -> None:
    response = guest.get(f"/finder/shared/?{query}")
    assert response.status_code == 200
    assert words in visible(response)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "monthly_sales=9", f"{RESTAURANT}&x={'9' * MOST_CHARACTERS}"])
def test_a_link_that_says_nothing_starts_nothing(noodle_shop: Client, query: str) -> None:
    before = said(noodle_shop)
    noodle_shop.post(f"/finder/shared/?{query}")
    assert said(noodle_shop) == before


@pytest.mark.django_db
def test_nothing_of_a_hostile_link_is_repeated_on_the_page(guest: Client) -> None:
    html = guest.get(f"/finder/shared/?{RESTAURANT}&x=<b>call-this-number</b>&legal_form=call-this-number").content
    main = html.decode().split("<main")[1].split("</main>")[0]
    shown = re.sub(r'action="[^"]*"', "", main)  # the form sends the whole address again
    assert "call-this-number" not in shown
    assert "<b>call" not in main


def test_the_size_classes_of_the_dictionary_are_those_of_the_standard() -> None:
    assert dictionary()["size_class"].codes == frozenset(CLASSES)
