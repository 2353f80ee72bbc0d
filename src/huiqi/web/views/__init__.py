"""Views: they read a request, ask a service and fill a template."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme


def own_address(request: HttpRequest, address: str | None, otherwise: str) -> str:
    """An address to go on to, if it is one of this site; else ``otherwise``. Keeps links from leading visitors away."""
    if address and address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return otherwise


def attached(content: bytes | memoryview, kind: str, name: str) -> HttpResponse:
    """A file that somebody has sent, to be kept and never shown inside a page."""
    response = HttpResponse(bytes(content), content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
