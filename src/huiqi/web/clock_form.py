"""The question to the clock as the page sends it: in the address, so that an answer can be shared and printed."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from django import forms
from django.http import QueryDict

from huiqi.law.calendars import calendar
from huiqi.law.clock.asking import Answer, ask
from huiqi.law.clock.calendar import XINJIANG
from huiqi.law.clock.problems import ClockProblem

from .forms import sentences

#: So many pauses have a row of their own on the page; the file format takes more.
MOST_PAUSES = 6
PAUSE_FIELDS = ("from", "to", "reason")
#: Where an error of the clock stands on the page, by the field that it names.
_PLACES = {"from": "pauses", "to": "pauses", "reason": "pauses", "extension": "total", "": "start"}


class ClockForm(forms.Form):
    """Either a rule or a length of a unit, from a day, by a calendar; pauses and an extension may be added.

    Once it is valid ``answer`` is what the clock says. ``pauses`` are the rows as they were sent.
    """

    rule = forms.CharField(required=False, max_length=60, strip=True)
    length = forms.CharField(required=False, max_length=9, strip=True)
    unit = forms.CharField(required=False, max_length=20, strip=True)
    start = forms.CharField(required=False, max_length=40, strip=True)
    calendar = forms.CharField(required=False, max_length=20, strip=True)
    total = forms.CharField(required=False, max_length=9, strip=True)
    cap = forms.CharField(required=False, max_length=9, strip=True)
    pauses = forms.CharField(required=False)

    answer: Answer | None = None

    def __init__(self, sent: QueryDict) -> None:
        super().__init__(sent)
        rows = zip_longest(*(sent.getlist(f"pause_{name}")[:MOST_PAUSES] for name in PAUSE_FIELDS), fillvalue="")
        self.rows = [row for row in (dict(zip(PAUSE_FIELDS, row, strict=True)) for row in rows) if any(row.values())]

    def question(self) -> dict[str, Any]:
        """The question in the form that the command line and the API read."""
        said = {name: value for name, value in self.cleaned_data.items() if value}
        asked: dict[str, Any] = {"start": said.get("start"), "calendar": said.get("calendar", XINJIANG)}
        if "rule" in said:
            asked["rule"] = said["rule"]
        else:
            asked |= {"unit": said.get("unit"), "length": said.get("length")}
        if self.rows:
            asked["pauses"] = self.rows
        if "total" in said:
            asked["extension"] = {"total": said["total"], "cap": said.get("cap")}
        return asked

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            self.answer = ask(self.question(), calendar)
        except ClockProblem as problem:
            self.add_error(_PLACES.get(problem.field, problem.field), sentences(problem.what, problem.remedy))
        return cleaned
