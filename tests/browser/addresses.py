"""The addresses of the service, as the URL configuration has them, and what an address is for somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import URLPattern, URLResolver, get_resolver

if TYPE_CHECKING:
    from django.http import HttpResponse


def patterns(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, bool]]:
    """(url name, whether it needs arguments) of every address, also of those that are included."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each, f"{space}{each.namespace}:" if each.namespace else space)
        elif isinstance(each, URLPattern):
            assert each.name, f"{each.pattern} has no name by which it could be walked"
            yield f"{space}{each.name}", bool(each.pattern.regex.groups)


def kind(response: HttpResponse) -> str:
    """What an address is for somebody, by how it answers her: ``page``, ``post``, ``file``, ``onward`` or ``refused``."""
    if response.status_code == 405:
        return "post"
    if response.status_code in (301, 302):
        return "refused" if response.headers["Location"].startswith("/login/") else "onward"
    if response.status_code in (401, 403, 404):
        return "refused"
    html = response.headers["Content-Type"].startswith("text/html")
    return "page" if html and "Content-Disposition" not in response.headers else "file"
