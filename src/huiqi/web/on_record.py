"""allauth's own views write by themselves; here what one of their requests writes is one act, with its event."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from huiqi.journal import act
from huiqi.registry.permissions import actor_of


class OnRecord:
    """A view whose request is one act of whoever is signed in: ``verb`` names it, an event is written if something
    changed, or whenever the view was reached (``always``)."""

    verb = ""
    always = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        about = request.user if request.user.is_authenticated else None
        with act(actor_of(request).who, self.verb, about=about, always=self.always):
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            return answer
