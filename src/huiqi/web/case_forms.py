"""Forms of cases: a complaint as it is filed, online or taken down by an officer, and what a party sends afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext

from huiqi.cases.acting import LONGEST, CaseProblem
from huiqi.cases.filing import MOST_FILES, Complaint
from huiqi.cases.kinds import kinds
from huiqi.cases.vocabulary import ONLINE
from huiqi.cases.watching import OCCURRENCES
from huiqi.registry.evidence import Evidence

from .forms import EvidenceFilesField, EvidenceForm, entered_day
from .sentences import say
from .vocabulary import listed, places

#: What stands for “none of these offices, take the name as I wrote it”.
AS_TYPED = "-"
#: The most that an amount may be, in yuan.
MOST_YUAN = Decimal("99999999999.99")


class OfCaseForm(forms.Form):
    """A form whose words the case itself may still refuse."""

    def refuse(self, problem: CaseProblem) -> None:
        """Say what is wrong, at the field that the problem names if the form has it."""
        self.add_error(problem.field if problem.field in self.fields else None, problem_text(problem))


class ComplaintForm(OfCaseForm):
    """What somebody complains about. ``only`` names the fields that are asked for on this page; all of them otherwise.

    ``respondent`` is the key of an organ, or :data:`AS_TYPED`, or nothing: not chosen yet.
    """

    told = forms.CharField(required=False, strip=True)
    kind = forms.CharField(required=False)
    region = forms.CharField(required=False)
    respondent_name = forms.CharField(required=False, strip=True)
    respondent = forms.CharField(required=False, max_length=20)
    happened_on = forms.CharField(required=False, strip=True, max_length=40)
    amount = forms.CharField(required=False, strip=True, max_length=40)
    wish = forms.CharField(required=False, strip=True)
    name = forms.CharField(required=False, strip=True)
    contact = forms.CharField(required=False, strip=True)
    phone = forms.CharField(required=False, strip=True)
    email = forms.CharField(required=False, strip=True)
    withheld = forms.BooleanField(required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, only: Sequence[str] = (), **options: Any) -> None:
        super().__init__(data, **options)
        for name in [name for name in self.fields if only and name not in only]:
            del self.fields[name]

    def _text(self, field: str, most: int, blank: str = "") -> str:
        text: str = self.cleaned_data[field]
        if not text and blank:
            raise forms.ValidationError(blank)
        if len(text) > most:
            raise forms.ValidationError(
                gettext("This is too long. Write %(most)s characters at most.") % {"most": most}
            )
        return text

    def clean_told(self) -> str:
        return self._text("told", LONGEST, gettext("Nothing is written. Say in a sentence or two what happened."))

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind not in kinds():
            raise forms.ValidationError(gettext("Nothing is chosen. Choose the line that is nearest."))
        return kind

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"]
        if region not in listed(places()):
            raise forms.ValidationError(gettext("Nothing is chosen. Choose the county or city in which it happened."))
        return region

    def clean_respondent_name(self) -> str:
        return self._text("respondent_name", 200, gettext("Nothing is written. Say whom it is about."))

    def clean_respondent(self) -> str:
        chosen: str = self.cleaned_data["respondent"]
        return chosen if chosen == AS_TYPED or (chosen.isascii() and chosen.isdigit()) else ""

    def clean_happened_on(self) -> dt.date | None:
        day = entered_day(self.cleaned_data["happened_on"])
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(gettext("This day is still to come. Choose the day on which it happened."))
        return day

    def clean_amount(self) -> Decimal | None:
        raw: str = self.cleaned_data["amount"]
        if not raw:
            return None
        try:
            amount = Decimal(raw.replace(",", "").replace("，", "").removesuffix("元").strip())
            # no exponents, no infinity: what a person writes
            if not (0 < amount <= MOST_YUAN) or amount != round(amount, 2):
                raise InvalidOperation
        except InvalidOperation:
            raise forms.ValidationError(
                gettext("“%(raw)s” is no amount. Write yuan as a number, such as 3500.") % {"raw": raw[:40]}
            ) from None
        return amount

    def clean_wish(self) -> str:
        return self._text("wish", 1_000, gettext("Nothing is written. Say what you want to be done."))

    def clean_name(self) -> str:
        return self._text("name", 200, gettext("Nothing is written. Give the name of the firm, or your own."))

    def clean_contact(self) -> str:
        return self._text("contact", 60)

    def clean_phone(self) -> str:
        phone = self._text("phone", 40)
        if phone and not 5 <= sum(each.isdigit() for each in phone) <= 20:
            raise forms.ValidationError(gettext("This is no telephone number. Write its digits."))
        return phone

    def clean_email(self) -> str:
        address = self._text("email", 254)
        if address:
            try:
                validate_email(address)
            except forms.ValidationError:
                raise forms.ValidationError(
                    gettext("This is no e-mail address. Write it as name@example.com.")
                ) from None
        return address

    def complaint(self, channel: str = ONLINE, language: str = "zh-hans", files: Sequence[Evidence] = ()) -> Complaint:
        """The complaint, once all fields are valid."""
        said = dict(self.cleaned_data)
        chosen = said.pop("respondent")
        return Complaint(
            respondent=int(chosen) if chosen not in ("", AS_TYPED) else None,
            channel=channel,
            language=language,
            files=tuple(files),
            **said,
        )


class IntakeForm(ComplaintForm):
    """A complaint as an officer takes it down, with the files that were brought or sent along."""

    attached = EvidenceFilesField(MOST_FILES)

    @property
    def chosen_again(self) -> list[str]:
        """The names of the files that were sent with a form that comes back: a browser does not keep them."""
        return [each.name or "" for each in self.files.getlist("attached") if each] if self.is_bound else []

    def intake(self, channel: str, language: str) -> Complaint:
        """The complaint with its files, once all fields are valid."""
        files = self.cleaned_data.pop("attached")
        return self.complaint(channel, language, files)


class MessageForm(forms.Form):
    """A message to the office."""

    text = forms.CharField(required=False, strip=True)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text:
            raise forms.ValidationError(gettext("Nothing is written. Write what you want to tell the office."))
        if len(text) > LONGEST:
            raise forms.ValidationError(
                gettext("This is too long. Write %(most)s characters at most.") % {"most": LONGEST}
            )
        return text


class FileForm(EvidenceForm):
    """One file more."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and cleaned.get("file") is None:
            self.add_error("file", gettext("No file is chosen. Choose one first."))
        return cleaned


class AfterwardsForm(OfCaseForm):
    """What the other side did to whoever complained, after the complaint."""

    what = forms.ChoiceField(choices=[(code, code) for code in OCCURRENCES], required=False)
    on = forms.CharField(required=False, strip=True, max_length=40)
    text = forms.CharField(required=False, strip=True, max_length=1_000)

    def clean_what(self) -> str:
        what: str = self.cleaned_data["what"]
        if not what:
            raise forms.ValidationError(gettext("Nothing is chosen. Say what happened."))
        return what

    def clean_on(self) -> dt.date:
        day = entered_day(self.cleaned_data["on"])
        if day is None:
            raise forms.ValidationError(gettext("No day is given. Choose the day on which it happened."))
        return day


class SecretForm(forms.Form):
    """The number of a case and its secret."""

    number = forms.CharField(required=False, strip=True, max_length=40)
    secret = forms.CharField(required=False, strip=True, max_length=60)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("number") or not cleaned.get("secret"):
            self.add_error(
                "number" if not cleaned.get("number") else "secret",
                gettext("Enter both, as they stand on the receipt."),
            )
        return cleaned


class ResumeForm(forms.Form):
    """The code of a complaint that was begun."""

    code = forms.CharField(required=False, strip=True, max_length=60)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not code:
            raise forms.ValidationError(gettext("Nothing is entered. Enter the code that you wrote down."))
        return code


def problem_text(problem: CaseProblem) -> str:
    """What keeps somebody from a step, as a sentence of the page's language."""
    return gettext("%(what)s.") % {"what": say(problem.what)}
