"""Forms of letters: the fields of a kind, the steps of a letter, the check of one, the code of an organ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext

from huiqi.documents.letters.acts import LONGEST_NOTE
from huiqi.documents.letters.kinds import DAY, ContentProblem, Field, Kind, read_content
from huiqi.documents.letters.numbering import LONGEST_CODE
from huiqi.documents.letters.problems import LetterProblem
from huiqi.documents.models.letters import WAYS

from .forms import ReasonForm
from .sentences import opening, say

#: A file of the check is read up to here; a letter has some hundred kilobytes.
MOST_CHECKED = 20 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A field of the kind beside its field of the form, and how many rows its box has (0: one line)."""

    field: Field
    bound: Any
    rows: int
    type: str


class ContentForm(forms.Form):
    """What a letter says. Gaps are kept; ``content`` is what the kind makes of what was sent."""

    version = forms.IntegerField()

    def __init__(self, kind: Kind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.content: dict[str, str] = {}
        for field in kind.fields:
            self.fields[field.name] = forms.CharField(required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            self.content = read_content(self.kind, {field.name: cleaned.get(field.name) for field in self.kind.fields})
        except ContentProblem as problem:
            self.refuse(problem)
        return cleaned

    def refuse(self, problem: ContentProblem) -> None:
        """Say at each field what is wrong with it."""
        for name, what in problem.faults.items():
            label = say(self.kind.field(name).label)
            self.add_error(name, gettext("%(field)s: %(what)s.") % {"field": opening(label), "what": say(what)})

    def rows(self) -> Iterator[Row]:
        for field in self.kind.fields:
            many = 0 if not field.lines else 3 if field.most <= 1000 else 6
            yield Row(field, self[field.name], many, "date" if field.type == DAY else "text")


class StepForm(forms.Form):
    """What is done with a letter: which step, and the version and the state that one saw."""

    version = forms.IntegerField()
    state = forms.CharField(max_length=10)


class SendBackForm(StepForm, ReasonForm):
    """Give a letter back, with a reason."""


class DeliverForm(StepForm):
    """How a letter was delivered."""

    how = forms.ChoiceField(choices=[(way, way) for way in WAYS], required=False)
    note = forms.CharField(max_length=LONGEST_NOTE, required=False, strip=True)

    def clean_how(self) -> str:
        how: str = self.cleaned_data["how"]
        if not how:
            raise forms.ValidationError(gettext("Nothing is chosen. Say how the letter was delivered."))
        return how


class VerifyForm(forms.Form):
    """The number and the code of a letter, as they stand on it, and a file to compare with it."""

    number = forms.CharField(max_length=80, required=False, strip=True)
    code = forms.CharField(max_length=40, required=False, strip=True)
    file = forms.FileField(required=False, allow_empty_file=True, max_length=300)

    def clean_number(self) -> str:
        return _given(
            self.cleaned_data["number"], gettext("No number is entered. It stands at the head of the letter.")
        )

    def clean_code(self) -> str:
        return _given(self.cleaned_data["code"], gettext("No code is entered. It stands beside the square code."))


class CompareForm(forms.Form):
    """A file to compare with a letter that has been found by its code."""

    file = forms.FileField(required=False, allow_empty_file=True, max_length=300)

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if not sent:
            raise forms.ValidationError(gettext("No file is chosen. Choose the PDF that you have."))
        return sent


class LetterCodeForm(ReasonForm):
    """The code of an organ in the numbers of its letters."""

    code = forms.CharField(max_length=LONGEST_CODE + 20, required=False, strip=True)


def problem_text(problem: LetterProblem) -> str:
    """What keeps a letter from a step, as a sentence of the page's language."""
    return gettext("%(what)s.") % {"what": say(problem.what)}


def _given(text: str, otherwise: str) -> str:
    if not text:
        raise forms.ValidationError(otherwise)
    return text


def seen(form: forms.Form, letter: Any) -> Any:
    """The letter as whoever sent this form saw it: an act refuses what has changed since."""
    letter.version = form.cleaned_data.get("version") or 0
    letter.state = form.cleaned_data.get("state") or letter.state
    return letter


def content_of(content: Mapping[str, str], version: int) -> dict[str, Any]:
    """What stands in the form of a version."""
    return {**content, "version": version}
