"""What packages declare under the articles, and what is refused in a declaration."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.checks import Error, Tags, run_checks
from hypothesis import given
from hypothesis import strategies as st

from huiqi.law.articles import articles, meanwhile
from huiqi.law.serving import declared_services, faults, services_of
from huiqi.opportunities.review import checks
from huiqi.registry.serving import AUDIENCES, Service
from huiqi.rules.words import Words

GOOD = Service(
    (13,), Words("办一件事", "Do a thing"), Words("办法在这里。", "This is how."), "start", "public", ("next",)
)
PAGES = {"start": True, "next": False, "login": True}
EXEMPT = {"login"}


def found(service: Service, pages: dict[str, bool] | None = None) -> list[str]:
    return list(faults([service], PAGES if pages is None else pages, EXEMPT))


def test_the_declarations_of_this_installation_have_no_fault() -> None:
    assert run_checks(tags=[Tags.urls]) == []


def test_a_fault_stops_the_checks_of_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiqi.web.checks.EXEMPT", frozenset())
    errors = [each for each in run_checks(tags=[Tags.urls]) if isinstance(each, Error)]
    assert {each.id for each in errors} == {"huiqi.E001"}
    assert any("“login”" in each.msg for each in errors)


def test_a_good_declaration_has_no_fault() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"articles": ()}, "names no article"),
        ({"articles": (13, 58)}, "names article 58"),
        ({"articles": (0,)}, "names article 0"),
        ({"title": Words("", "Do a thing")}, "has no title in zh"),
        ({"title": Words("办一件事", " ")}, "has no title in en"),
        ({"description": Words("", "This is how.")}, "has no description in zh"),
        ({"description": Words("办法在这里。", "")}, "has no description in en"),
        ({"audience": "everybody"}, "is for “everybody”"),
        ({"address": "nowhere", "pages": ("start", "next")}, "names the page “nowhere”, which has no address"),
        ({"pages": ("next", "gone")}, "names the page “gone”, which has no address"),
        ({"address": "next", "pages": ("start",)}, "begins at the page “next”, which needs arguments"),
        ({"pages": ()}, "no service names the page “next”"),
    ],
)
def test_each_fault_is_found_and_named(change: dict[str, object], told: str) -> None:
    (fault,) = found(dataclasses.replace(GOOD, **change))  # type: ignore[arg-type]
    assert told in fault


def test_a_page_that_is_exempt_and_does_not_exist_is_told() -> None:
    (fault,) = found(GOOD, {"start": True, "next": False})
    assert "“login” is listed as exempt but has no address" in fault


def test_two_services_of_one_name_under_one_article_are_told() -> None:
    (fault,) = faults([GOOD, GOOD], PAGES, EXEMPT)
    assert "under article 13" in fault
    assert list(faults([GOOD, dataclasses.replace(GOOD, articles=(14,))], PAGES, EXEMPT)) == []


@given(st.integers())
def test_only_the_numbers_of_the_articles_are_accepted(number: int) -> None:
    assert (found(dataclasses.replace(GOOD, articles=(number,))) == []) == (number in {a.number for a in articles()})


def test_every_declared_service_stands_under_its_articles_and_nowhere_else() -> None:
    for article in articles():
        listed = services_of(article.number)
        assert [service for service in declared_services() if article.number in service.articles] == list(listed)
        assert [AUDIENCES.index(service.audience) for service in listed] == sorted(
            AUDIENCES.index(service.audience) for service in listed
        )


def test_packages_of_every_layer_declare() -> None:
    addresses = {service.address for service in declared_services()}
    assert {"facts", "certify", "home", "drafts", "law"} <= addresses


def test_the_review_stands_under_every_article_that_one_of_its_checks_rests_on() -> None:
    (service,) = (each for each in declared_services() if each.title.en == "Fair-competition review")
    assert {check.article for check in checks()} | {53} == set(service.articles)


@pytest.mark.parametrize("number", [article.number for article in articles()])
def test_every_article_says_in_both_languages_what_to_do_meanwhile(number: int) -> None:
    words = meanwhile(number)
    for text in (words.zh, words.en):
        assert text.strip()
        assert "{" not in text
    if "12345" in words.zh:
        assert "12345" in words.en
