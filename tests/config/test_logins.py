"""Guessing passwords ends soon, and locks out the guesser only."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from huiqi.config.logins import client_address, typed_name
from huiqi.registry.models import Person


@pytest.mark.django_db
def test_many_wrong_passwords_close_the_door_for_that_address_only(settings: Any) -> None:
    settings.AXES_ENABLED = True
    Person.objects.create_user("noodles", "right-password-here", display_name="样例")
    guesser, owner = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    right = {"username": "noodles", "password": "right-password-here"}
    for spelling in ("noodles", "NOODLES", " noodles "):
        for _ in range(4):
            last = guesser.post(reverse("login"), {"username": spelling, "password": "wrong"})
    assert last.status_code == 429
    assert guesser.post(reverse("login"), right).status_code == 429
    assert owner.post(reverse("login"), right).status_code == 302


def test_another_spelling_of_a_name_is_the_same_name() -> None:
    assert typed_name(None, {"username": " Noodles "}) == "noodles"


def test_an_address_that_the_client_claims_counts_behind_our_own_proxy_only(settings: Any) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR="203.0.113.1, 198.51.100.7")
    settings.SECURE_PROXY_SSL_HEADER = None
    assert client_address(request) == "192.0.2.9"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client_address(request) == "198.51.100.7"
