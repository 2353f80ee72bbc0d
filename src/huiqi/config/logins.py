"""Who tries to log in, and from where: what django-axes counts failed attempts by."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def typed_name(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """The name as the registry looks it up, so that another spelling of it gives no further attempts."""
    typed = (credentials or {}).get("username") or (request.POST.get("username") if request is not None else "")
    return str(typed or "").strip().lower()


def client_address(request: HttpRequest) -> str:
    """The address of the client. Behind the installation's own proxy it is the last one that the proxy noted.

    What is no address counts as not noted; 0.0.0.0 stands for one that is not known at all.
    """
    noted = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    behind_proxy = settings.SECURE_PROXY_SSL_HEADER is not None
    for claimed in (noted if behind_proxy else "", str(request.META.get("REMOTE_ADDR", ""))):
        try:
            return str(ipaddress.ip_address(claimed))
        except ValueError:
            continue
    return "0.0.0.0"  # noqa: S104  (no address to listen on)
