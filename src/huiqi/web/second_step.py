"""Whoever is refused a page for want of a second factor is led to where she sets one up or proves it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from huiqi.registry.permissions import withheld


class SecondStep:
    """Turns the refusal of a page into the way to the second factor, when a hat is held back for want of one.

    That no such hat is worn without it is the work of :func:`huiqi.registry.permissions.hat_of`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, PermissionDenied) or not withheld(request):
            return None
        onward = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return redirect(f"{reverse('second_factor')}{'?' if onward else ''}{onward}")
