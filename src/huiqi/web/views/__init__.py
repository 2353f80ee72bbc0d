"""Views: they read a request, ask a service and fill a template."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_address(request: HttpRequest, address: str | None, otherwise: str) -> str:
    """An address to go on to, if it is one of this site; else ``otherwise``. Keeps links from leading visitors away."""
    if address and address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return otherwise
