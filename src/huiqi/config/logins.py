"""Who tries to log in, and from where: what django-axes counts failed attempts by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def typed_name(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """The name as the registry looks it up, so that another spelling of it gives no further attempts."""
    typed = (credentials or {}).get("username") or (request.POST.get("username") if request is not None else "")
    return str(typed or "").strip().lower()


def client_address(request: HttpRequest) -> str:
    """The address of the client. Behind the installation's own proxy it is the last one that the proxy noted."""
    if settings.SECURE_PROXY_SSL_HEADER is not None:
        noted = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if noted:
            return noted
    return str(request.META.get("REMOTE_ADDR", ""))
