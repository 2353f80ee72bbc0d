"""Addresses of pages where no request tells under which name the service is found: in messages and on letters."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def address_of(name: str, *args: str | int) -> str:
    """The full address of a page."""
    return f"{settings.HUIQI_URL or 'http://127.0.0.1:8000'}{reverse(name, args=args)}"
