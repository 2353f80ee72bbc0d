"""Nothing that a visitor sends is run, nothing inline is needed, and every refusal is a friendly page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousOperation
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation
from django.views import defaults
from web_pages import visible, visitor

import huiqi.web

pytestmark = pytest.mark.django_db
TEMPLATES = Path(huiqi.web.__file__).parent / "templates"
ATTACKS = [
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "{{ settings.SECRET_KEY }}",
    "'--",
    "\u202e反",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_visitor_sends_is_shown_as_text(guest: Client, attack: str) -> None:
    responses = [
        guest.post("/", {"by": "code", "code": attack}),
        guest.post("/", {"by": "three", "people": attack}),
        guest.post("/finder/question/monthly_sales/", {"value": attack}),
        guest.post("/finder/question/established_date/", {"value": attack}),
        guest.get("/policies/", {"q": attack}),
        guest.get("/search/", {"q": attack}),
        guest.get("/policies/vat-small-scale-exempt/", {"on": attack}),
        guest.get("/finder/why/vat-small-scale-exempt/", {"try_monthly_sales": attack}),
        guest.get("/login/", {"next": attack}),
        guest.post("/login/", {"username": attack, "password": attack}),
    ]
    for response in responses:
        html = response.content.decode()
        assert response.status_code in (200, 422)
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_an_answer_that_is_free_text_is_shown_as_text_wherever_it_comes_back(guest: Client) -> None:
    attack = "<b onclick=x>2026-1</b>"
    guest.post("/finder/question/tech_sme_number/", {"value": attack})
    for path in ("/finder/answers/", "/finder/results/", "/finder/question/tech_sme_number/"):
        html = guest.get(path).content.decode()
        assert "<b onclick" not in html
        assert "&lt;b onclick" in html


def test_the_content_policy_allows_nothing_inline(guest: Client) -> None:
    policy = guest.get("/").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_inline_style_or_script(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son\w+\s*=\s*[\"']", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_forms_need_a_token(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["huiqi_language"] = "zh-hans"
    response = client.post("/", {"by": "three", "people": "9"})
    assert response.status_code == 403
    assert "页面开得太久了" in visible(response)


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "没有这一页"), ("en", "This page does not exist")])
def test_a_page_that_does_not_exist_says_so_and_shows_the_way(db: None, language: str, words: str) -> None:
    response = visitor(language).get("/no/such/page/")
    assert response.status_code == 404
    assert words in visible(response)
    assert 'href="/policies/"' in response.content.decode()


def test_a_fault_of_ours_gets_a_page_that_needs_nothing_that_may_be_broken(
    django_assert_num_queries: Any,
) -> None:
    request = RequestFactory().get("/")
    for language, words in (("zh-hans", "我们这边出了问题"), ("en", "Something broke on our side")):
        with translation.override(language), django_assert_num_queries(0):
            response = defaults.server_error(request)
        assert response.status_code == 500
        assert words in visible(response)
        with translation.override(language):
            assert defaults.bad_request(request, SuspiciousOperation()).status_code == 400
            assert render_to_string("400.html")


def test_the_first_page_weighs_at_most_ninety_kilobytes_on_the_wire(guest: Client) -> None:
    html = guest.get("/").content
    weight = len(brotli.compress(html))
    assert weight < 12_000
    for address in re.findall(r'(?:href|src)="/static/([^"]+)"', html.decode()):
        found = finders.find(address)
        assert found, address
        weight += len(brotli.compress(Path(str(found)).read_bytes()))
    assert weight <= 90_000, weight


@pytest.mark.parametrize("path", ["/", "/policies/", "/law/", "/login/", "/finder/results/"])
def test_a_page_asks_no_other_host_for_anything(guest: Client, path: str) -> None:
    html = guest.get(path).content.decode()
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', html)
