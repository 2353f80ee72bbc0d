"""Both languages are complete, and no page mixes them."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.test import Client
from django.utils.translation.template import templatize
from web_pages import visible, visitor

import huiqi.web
from huiqi.registry.models import Organisation

WEB = Path(huiqi.web.__file__).parent
CATALOGUE = WEB / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PAGES = [
    "/",
    "/finder/question/monthly_sales/",
    "/finder/question/titles/",
    "/finder/answers/",
    "/finder/results/",
    "/finder/share/",
    "/finder/shared/?registration_region=653101&size_class=micro&nonsense=1",
    "/finder/why/vat-small-scale-exempt/",
    "/finder/why/graduate-si-subsidy/",
    "/policies/",
    "/policies/?q=xyzzy",
    "/policies/vat-small-scale-exempt/",
    "/law/",
    "/law/?q=拖欠",
    "/law/?q=xyzzy",
    "/law/3/",
    "/law/13/",
    "/law/49/",
    "/clock/",
    "/clock/?unit=working_day&length=x&start=",
    "/clock/rules/",
    "/clock/calendar/",
    "/login/",
    "/register/",
    "/no-such-page/",
    "/search/",
    "/search/?q=贷款",
    "/search/?q=xyzzy",
    "/help/",
    "/help/results/",
    "/help/sources/",
    "/help/contacts/",
]


def catalogue() -> dict[str, str]:
    """Every English wording, singular and plural apart, with its Chinese wording."""
    with CATALOGUE.open("rb") as file:
        messages = read_po(file, locale="zh_Hans")
    found: dict[str, str] = {}
    for message in messages:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            words = message.string[0] if isinstance(message.string, tuple) else message.string
            found.update(dict.fromkeys(ids, words))
            assert words, f"{message.id!r} has no Chinese wording"
            assert not message.fuzzy, f"{message.id!r} is not settled"
            assert set(re.findall(r"%\(\w+\)\w|\{\w+\}", ids[-1])) == set(re.findall(r"%\(\w+\)\w|\{\w+\}", words)), (
                message.id
            )
    return found


def wordings_in_the_source() -> set[str]:
    found: set[str] = set()
    for path in [*WEB.rglob("*.py"), *WEB.rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        # what templatize makes of a template is a sequence of calls in no block structure
        calls = (
            (line.strip() for line in templatize(text, origin=str(path)).splitlines()) if path.suffix == ".html" else ()
        )
        source = text if path.suffix == ".py" else "\n".join(calls)
        for _, message, _, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            del context
            found.update(message if isinstance(message, tuple) else (message,))
    return {message for message in found if message}


def test_every_wording_of_the_pages_has_a_chinese_one_and_none_is_left_over() -> None:
    known = set(catalogue())
    used = wordings_in_the_source()
    assert (
        used - known - {"format of a date, in Django's letters", "format of a date of this year, in Django's letters"}
        == set()
    )
    assert known - used == set()


def test_no_template_holds_words_outside_the_catalogue() -> None:
    letters = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
    for path in WEB.rglob("*.html"):
        text = re.sub(
            r"\{%\s*blocktranslate.*?endblocktranslate\s*%\}", "", path.read_text(encoding="utf-8"), flags=re.S
        )
        text = re.sub(r"\{[%{#].*?[%}#]\}", "", text, flags=re.S)
        for attribute in re.findall(r'(?:aria-label|placeholder|title|alt)="([^"]*)"', text):
            assert not letters.search(attribute), (path, attribute)
        text = re.sub(r'<[^>]*>|class="[^"]*"', "", text)
        assert not letters.search(text), (path, letters.findall(text))


@pytest.fixture
def tour(noodle_shop: Client) -> Client:
    return noodle_shop


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_chinese_page_shows_no_english_wording(tour: Client, path: str) -> None:
    text = visible(tour.get(path))
    for english in catalogue():
        if len(re.sub(r"%\(\w+\)\w|\{\w+\}|<[^>]*>|\W", "", english)) > 3:
            pieces = [
                piece.strip() for piece in re.split(r"%\(\w+\)\w|\{\w+\}|</?\w+>", english) if len(piece.strip()) > 3
            ]
            for piece in pieces:
                assert not re.search(rf"(?<![A-Za-z]){re.escape(piece)}(?![A-Za-z])", text), (path, piece)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_an_english_page_shows_chinese_only_where_it_is_marked_as_chinese(tour: Client, path: str) -> None:
    tour.cookies["huiqi_language"] = "en"
    text = visible(tour.get(path))
    assert not re.search(r"[\u4e00-\u9fff]", text), (path, re.findall(r".{20}[\u4e00-\u9fff]+.{20}", text)[:3])


@pytest.mark.django_db
def test_the_language_is_chinese_first_then_what_the_visitor_chose(client: Client) -> None:
    assert 'lang="zh-CN"' in client.get("/").content.decode()
    assert 'lang="zh-CN"' in client.get("/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert '<html lang="en"' in client.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    response = client.post("/language/", {"language": "en", "next": "/policies/?kind=loan"})
    assert response.headers["Location"] == "/policies/?kind=loan"
    assert '<html lang="en"' in client.get("/", HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()


@pytest.mark.django_db
def test_the_switch_of_language_keeps_the_page_and_its_filters(guest: Client) -> None:
    html = guest.get("/policies/?q=loan&kind=tax").content.decode()
    assert '<input type="hidden" name="next" value="/policies/?q=loan&amp;kind=tax">' in html


@pytest.mark.django_db
def test_the_switch_of_language_never_leads_away(guest: Client) -> None:
    response = guest.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == "/"


@pytest.mark.django_db
def test_a_language_that_is_written_from_right_to_left_turns_the_page(settings: Any) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ug", "Uyghur")]
    html = visitor("ug").get("/").content.decode()
    assert '<html lang="ug" dir="rtl">' in html
    assert "bootstrap.rtl.min.css" in html


@pytest.mark.django_db
def test_the_name_of_an_enterprise_is_in_the_language_of_the_page(
    guest: Client, enterprise: Organisation, settings: Any
) -> None:
    settings.HUIQI_DEMO = True
    assert enterprise.uscc
    english = visitor("en")
    response = english.post("/", {"by": "code", "code": enterprise.uscc}, follow=True)
    assert "Hengyan Catering (sample)" in visible(response)
