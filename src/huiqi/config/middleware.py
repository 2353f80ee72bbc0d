"""What every answer gets besides what Django and its packages give it: a log line, headers, a limit on uploads."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render

from huiqi.opportunities.library import one_library

GetResponse = Callable[[HttpRequest], HttpResponse]
logger = structlog.get_logger("huiqi.requests")

#: Powers of the browser that no page of this service uses.
PERMISSIONS_POLICY = ", ".join(
    f"{power}=()"
    for power in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


class RequestLog:
    """One line for each request that reaches a view, but for health checks: the route, the status, the time taken."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12])
        began = time.perf_counter()
        response = self.get_response(request)
        if request.resolver_match is not None and request.resolver_match.url_name != "healthz":
            level = logger.info if response.status_code < 500 else logger.error
            level(
                "answered",
                method=request.method,
                route=request.resolver_match.route,
                status=response.status_code,
                milliseconds=round(1000 * (time.perf_counter() - began), 1),
            )
        return response


class Compression(GZipMiddleware):
    """Compresses what a browser takes compressed, but for answers that say ``no-transform``.

    Those show a secret that stays the same from answer to answer: how small a page gets, with chosen words in its
    address, would tell of it little by little (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "no-transform" in response.headers.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)


class Headers:
    """Headers that neither Django nor django-csp sets."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class OneLibrary:
    """A page has one library from its first line to its last, and asks the database for it once."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with one_library():
            return self.get_response(request)


class UploadLimit:
    """Refuses a body that says it is larger than any form of the service takes, before it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.HUIQI_UPLOAD_LIMIT:
            megabytes = settings.HUIQI_UPLOAD_LIMIT // 1024 // 1024
            return render(request, "413.html", {"megabytes": megabytes}, status=413)
        return self.get_response(request)
