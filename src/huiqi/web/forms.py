"""What visitors may send. Values of facts are read by the house's own reader, so every message is the house's."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy

from huiqi.registry.accounts import name_is_taken
from huiqi.registry.codes import PLACE_FACTS, names
from huiqi.registry.credit_code import CreditCodeProblem, check
from huiqi.registry.delegating import BadTerms
from huiqi.registry.evidence import Evidence, EvidenceProblem, read_evidence
from huiqi.registry.models import Organisation, Person, Region
from huiqi.registry.models.declarations import MOST_EVIDENCE
from huiqi.registry.models.requests import ROLES as HAT_ROLES
from huiqi.registry.permissions import PUBLIC
from huiqi.registry.roster.plausible import PAST_DATES, may_be_negative, upper_bound
from huiqi.registry.vocabulary import AGENT, DELEGATE, ENTERPRISE, ORGAN, ORGAN_FUNCTIONS, OWNER, SCOPES
from huiqi.registry.vocabulary import KINDS as ALL_KINDS
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import ValueProblem, read_value
from huiqi.rules.words import Words

from .vocabulary import listed, places, trades

#: What the box 都没有 of a set question sends.
NONE_OF_THESE = "-"

#: A list of up to so many members is shown as radio buttons, a longer one as a select.
MOST_RADIOS = 7


def sentences(what: Words, remedy: Words) -> str:
    """What is wrong and how to mend it, as two sentences of the page's language."""
    language = get_language() or settings.LANGUAGE_CODE
    wrong, mend = what.of(language), remedy.of(language)
    return gettext("%(what)s. %(remedy)s.") % {"what": wrong[:1].upper() + wrong[1:], "remedy": mend.rstrip(".。")}


def value_message(problem: ValueProblem) -> str:
    """The message about a value names it, says what is wrong and how to mend it."""
    raw = problem.raw if isinstance(problem.raw, str) else ""
    message = sentences(problem.what, problem.remedy)
    return gettext("You entered “%(raw)s”. %(message)s") % {"raw": raw[:60], "message": message} if raw else message


class CodeForm(forms.Form):
    """Begin with the credit code on the licence."""

    code = forms.CharField(max_length=100, required=False, strip=True)

    def clean_code(self) -> str:
        raw = self.cleaned_data["code"]
        try:
            return check(raw, allow_fictitious=settings.HUIQI_DEMO)
        except CreditCodeProblem as problem:
            raise forms.ValidationError(sentences(problem.what, problem.remedy)) from problem


class ThreeForm(forms.Form):
    """Begin with a place, a trade and a number of people; each may be left out, but not all three."""

    FACTS: ClassVar = {"place": "registration_region", "trade": "industry_code", "people": "employees"}

    place = forms.CharField(required=False)
    trade = forms.CharField(required=False)
    people = forms.CharField(required=False, max_length=20)

    def _read(self, field: str) -> Any:
        try:
            return read_value(dictionary()[self.FACTS[field]], self.cleaned_data[field])
        except ValueProblem as problem:
            raise forms.ValidationError(value_message(problem)) from problem

    def _listed(self, field: str, allowed: frozenset[str]) -> Any:
        value = self._read(field)
        if value is not None and value not in allowed:
            raise forms.ValidationError(gettext("This is not in the list. Choose one of the lines, or leave it open."))
        return value

    def clean_place(self) -> Any:
        return self._listed("place", listed(places()))

    def clean_trade(self) -> Any:
        return self._listed("trade", listed(trades()))

    def clean_people(self) -> Any:
        value = self._read("people")
        if value is not None:
            refuse_impossible(dictionary()[self.FACTS["people"]], value, self.cleaned_data["people"])
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and all(cleaned.get(field) is None for field in self.FACTS):
            raise forms.ValidationError(gettext("Choose at least one of the three, or go on without."))
        return cleaned

    def facts(self) -> dict[str, Any]:
        """The facts that were given, by their names in the dictionary."""
        given = {self.FACTS[field]: self.cleaned_data[field] for field in self.FACTS}
        return {name: value for name, value in given.items() if value is not None}


def refuse_impossible(fact: Fact, value: Any, raw: str) -> None:
    """Refuse what the type of a fact allows and no enterprise can be: a negative count, a share above 100 %, a
    founding in the future. Raises ValidationError with the entry and the remedy."""
    entered = {"raw": raw[:60]}
    if fact.type in ("integer", "decimal"):
        if value < 0 and not may_be_negative(fact):
            message = gettext("You entered “%(raw)s”. A number of this kind is 0 or more. Check the sign.")
            raise forms.ValidationError(message % entered)
        bound = upper_bound(fact)
        if bound is not None and value > bound:
            message = gettext("You entered “%(raw)s”. A share is %(bound)s at most. Check the figure.")
            raise forms.ValidationError(message % {**entered, "bound": f"{bound}%"})
    if fact.name in PAST_DATES and value > timezone.localdate():
        message = gettext("You entered “%(raw)s”. This day is still to come. Check the year.")
        raise forms.ValidationError(message % entered)


class QuestionForm(forms.Form):
    """One question about one fact. ``cleaned_data["value"]`` is the typed value."""

    def __init__(self, fact: Fact, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fact = fact
        many = self.kind == "checks"
        self.fields["value"] = (
            forms.MultipleChoiceField(required=False) if many else forms.CharField(required=False, max_length=1000)
        )
        if many:
            allowed = [(code, code) for code in [*(member.code for member in fact.members or ()), NONE_OF_THESE]]
            self.fields["value"].choices = allowed  # type: ignore[attr-defined]

    @property
    def kind(self) -> str:
        """Which widget asks for the fact."""
        fact = self.fact
        if fact.name in PLACE_FACTS:
            return "place"
        if fact.name == "industry_code":
            return "trade"
        if fact.type == "boolean":
            return "yes_no"
        if fact.type == "enum":
            return "radios" if len(fact.members or ()) <= MOST_RADIOS else "select"
        if fact.type == "set":
            return "checks" if fact.members else "text"
        return {"integer": "number", "decimal": "number", "date": "date"}.get(fact.type, "text")

    def blank(self) -> str:
        """What is said when nothing is entered."""
        return gettext("Nothing is entered. Answer, or press “Not sure, skip”.")

    def clean_value(self) -> Any:
        raw = self.cleaned_data["value"]
        if self.kind == "checks":
            if NONE_OF_THESE in raw:
                if len(raw) > 1:
                    raise forms.ValidationError(
                        gettext("You ticked “none of these” and something else. Leave only what is true.")
                    )
                return frozenset()
            raw = list(raw)
        blank = self.blank()
        if not raw:
            raise forms.ValidationError(blank)
        try:
            value = read_value(self.fact, raw)
        except ValueProblem as problem:
            raise forms.ValidationError(value_message(problem)) from problem
        if value is None:
            raise forms.ValidationError(blank)
        refuse_impossible(self.fact, value, str(raw))
        self._refuse_unlisted(value)
        return value

    def _refuse_unlisted(self, value: Any) -> None:
        """Refuse a place or a trade that does not exist and a credit code that cannot be right."""
        if self.kind in ("place", "trade") and names(self.fact.name, value) is None:
            raise forms.ValidationError(gettext("This is not in the list. Choose one of the lines, or leave it open."))
        if self.fact.name == "uscc":
            try:
                check(value, allow_fictitious=settings.HUIQI_DEMO)
            except CreditCodeProblem as problem:
                raise forms.ValidationError(sentences(problem.what, problem.remedy)) from problem


#: How a visitor narrows the library by time: what is open, what ends soon, everything.
WHEN = {
    "open": gettext_lazy("Open now"),
    "30": gettext_lazy("Ends within 30 days"),
    "90": gettext_lazy("Ends within 90 days"),
    "all": gettext_lazy("Closed ones too"),
}


class LibraryForm(forms.Form):
    """The filters of the library. A filter with a value that does not exist is dropped, not an error."""

    q = forms.CharField(required=False, max_length=200, strip=True)
    kind = forms.CharField(required=False)
    region = forms.CharField(required=False)
    body = forms.CharField(required=False)
    level = forms.CharField(required=False)
    trade = forms.CharField(required=False)
    when = forms.CharField(required=False)
    article = forms.CharField(required=False)

    def filters(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        self.is_valid()
        kept = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return {name: value for name, value in kept.items() if value}


def read_day(raw: str) -> dt.date | None:
    """The day of ``?on=``; None when it is no day between 2000 and 2100."""
    try:
        day = dt.date.fromisoformat(raw)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


#: A login name: letters of any script, digits, and three signs that nobody mistakes for something else.
LOGIN_NAME = re.compile(r"[\w.-]{3,60}")


class RegisterForm(forms.Form):
    """A new account: a login name or an e-mail address, a name to be addressed by, a password."""

    username = forms.CharField(max_length=254, required=False, strip=True)
    display_name = forms.CharField(max_length=60, required=False, strip=True)
    password = forms.CharField(max_length=200, required=False, strip=False)

    def clean_username(self) -> str:
        name = unicodedata.normalize("NFKC", self.cleaned_data["username"]).strip().lower()
        if not name:
            raise forms.ValidationError(
                gettext("Nothing is entered. Choose a login name, or enter your e-mail address.")
            )
        if "@" in name:
            try:
                validate_email(name)
            except forms.ValidationError as problem:
                raise forms.ValidationError(
                    gettext("This is no e-mail address. Write it as name@example.com.")
                ) from problem
        elif not LOGIN_NAME.fullmatch(name):
            raise forms.ValidationError(
                gettext("A login name has 3 to 60 letters, digits, dots, hyphens or underscores. Change the rest.")
            )
        if name_is_taken(name):
            raise forms.ValidationError(taken())
        return name

    def clean_display_name(self) -> str:
        name: str = self.cleaned_data["display_name"]
        if not name:
            raise forms.ValidationError(gettext("Nothing is entered. Write how we may address you."))
        return name

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password:
            raise forms.ValidationError(gettext("Nothing is entered. Choose a password."))
        person = Person(
            login_name=self.cleaned_data.get("username"), display_name=self.data.get("display_name", "")[:60]
        )
        person.email = person.login_name  # Django compares the password with this attribute
        try:
            validate_password(password, person)
        except forms.ValidationError as problem:
            raise forms.ValidationError([password_words(each.code or "") for each in problem.error_list]) from problem
        return password


def taken() -> str:
    return gettext("This name is in use. Choose another one, or sign in if it is yours.")


def password_words(code: str) -> str:
    """What is wrong with a password, by the code of Django's validator, and how to mend it."""
    words = {
        "password_too_short": gettext(
            "The password has fewer than 12 characters. A short sentence is easy to keep in mind."
        ),
        "password_too_common": gettext("Many people use this password, so it is tried first. Choose another one."),
        "password_too_weak": gettext(
            "The password is found in few guesses. A short sentence that nobody else would write is stronger."
        ),
        "password_too_similar": gettext("The password is too much like your name. Choose another one."),
    }
    return words.get(code, gettext("This password is too weak. Choose another one."))


class FirmForm(CodeForm):
    """Ask to act for the firm of a credit code."""

    role = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, role) for role in HAT_ROLES]  # type: ignore[attr-defined]

    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        if not role:
            raise forms.ValidationError(gettext("Nothing is chosen. Say what you are in the firm."))
        return role


class ReasonForm(forms.Form):
    """A reason that the other side reads."""

    reason = forms.CharField(max_length=500, required=False, strip=True)

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if not reason:
            raise forms.ValidationError(gettext("No reason is given. Write one: the other side reads it."))
        return reason


def entered_day(raw: str) -> dt.date | None:
    """A day as it was entered, None for nothing. Raises ValidationError for what is no day."""
    if not raw:
        return None
    try:
        return dt.date.fromisoformat(raw)
    except ValueError as problem:
        raise forms.ValidationError(gettext("“%(raw)s” is no day. Write it as 2027-12-31.") % {"raw": raw}) from problem


class ValidityForm(forms.Form):
    """Until when a certificate holds; no day is no end."""

    valid_until = forms.CharField(max_length=40, required=False, strip=True)

    def clean_valid_until(self) -> dt.date | None:
        day = entered_day(self.cleaned_data["valid_until"])
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(gettext("This day has passed. A certificate holds at least today."))
        return day


def read_sent(sent: UploadedFile) -> Evidence:
    """A file that was sent, read by its content. Raises ValidationError."""
    try:
        # one byte more than is allowed is enough to see that it is too large
        return read_evidence(sent.name or "", sent.read(MOST_EVIDENCE + 1))
    except EvidenceProblem as problem:
        raise forms.ValidationError(sentences(problem.what, problem.remedy)) from problem


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class EvidenceFilesField(forms.FileField):
    """Several files at once; the cleaned value is a list of Evidence. What is wrong with one is said with its name."""

    widget = _ManyFiles

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, max_length=300, **options)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[Evidence]:
        sent = [each for each in data or [] if each]
        if len(sent) > self.most:
            raise forms.ValidationError(
                gettext("%(count)s files are too many. Choose %(most)s at most.")
                % {"count": len(sent), "most": self.most}
            )
        read, faults = [], []
        for each in sent:
            try:
                read.append(read_sent(super().clean(each, initial)))
            except forms.ValidationError as problem:
                faults += [f"{each.name}{gettext(': ')}{text}" for text in problem.messages]
        if faults:
            raise forms.ValidationError(faults)
        return read


class EvidenceForm(forms.Form):
    """A file that shows something. ``cleaned_data["file"]`` is an Evidence or None."""

    file = forms.FileField(required=False, allow_empty_file=True, max_length=300)

    def clean_file(self) -> Evidence | None:
        sent = self.cleaned_data["file"]
        return read_sent(sent) if sent else None


class DeclareForm(EvidenceForm, QuestionForm):
    """One fact of the firm, with what shows it."""

    note = forms.CharField(max_length=500, required=False, strip=True)

    def blank(self) -> str:
        return gettext("Nothing is entered. Enter the value, or go back without one.")


class ProofForm(EvidenceForm):
    """What shows that a duty was fulfilled: words, a file, or both."""

    note = forms.CharField(max_length=1000, required=False, strip=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("note") and cleaned.get("file") is None:
            self.add_error("note", gettext("Nothing shows that it was done. Say what was done, or add a file."))
        return cleaned


class OccasionForm(forms.Form):
    """Something has happened that opens a duty: which, on which day, in words."""

    duty = forms.CharField(required=False, max_length=60)
    on = forms.CharField(required=False, max_length=20, strip=True)
    what = forms.CharField(required=False, max_length=500, strip=True)

    def __init__(self, allowed: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.allowed = set(allowed)

    def clean_duty(self) -> str:
        duty: str = self.cleaned_data["duty"]
        if duty not in self.allowed:
            raise forms.ValidationError(gettext("Nothing is chosen. Say which of these has happened."))
        return duty

    def clean_on(self) -> dt.date:
        day = read_day(self.cleaned_data["on"])
        if day is None:
            raise forms.ValidationError(gettext("This is no day. Choose the day on which it happened."))
        if day > timezone.localdate():
            raise forms.ValidationError(gettext("This day is still to come. Record it when it has happened."))
        return day

    def clean_what(self) -> str:
        what: str = self.cleaned_data["what"]
        if not what:
            raise forms.ValidationError(gettext("Nothing is entered. Say in a few words what has happened."))
        return what


class CorrectForm(ReasonForm, ValidityForm, QuestionForm):
    """Another value than the declared one, the reason, and until when it holds."""

    def blank(self) -> str:
        return gettext("Nothing is entered. Enter the value, or go back without one.")


class RosterForm(forms.Form):
    """A roster to try. What is in it is read by the importer, whatever its name says."""

    file = forms.FileField(required=False, allow_empty_file=True)

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if not sent:
            raise forms.ValidationError(gettext("No file is chosen. Choose the roster, then try it."))
        return sent


class TermsForm(forms.Form):
    """The terms of a delegation: what the agent may do, and its first and last day."""

    scopes = forms.MultipleChoiceField(choices=[(scope, scope) for scope in SCOPES], required=False)
    start = forms.CharField(max_length=40, required=False, strip=True)
    end = forms.CharField(max_length=40, required=False, strip=True)

    def clean_start(self) -> dt.date | None:
        return entered_day(self.cleaned_data["start"])

    def clean_end(self) -> dt.date | None:
        return entered_day(self.cleaned_data["end"])

    def refuse(self, problem: BadTerms) -> None:
        """Say of a term that makes no sense what would."""
        self.add_error(
            problem.field,
            {
                "scopes": gettext("Nothing is chosen. Say what the agent may do."),
                "start": gettext("This day has passed. A delegation begins today or later."),
                "end": gettext("A delegation has a last day, not before its first. Enter it."),
            }[problem.field],
        )


class InviteForm(TermsForm):
    """Whom the owner invites, and as what. The terms count for an authorised agent only."""

    role = forms.ChoiceField(choices=[(role, role) for role in (OWNER, AGENT, DELEGATE)], required=False)
    for_whom = forms.CharField(max_length=60, required=False, strip=True)

    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        if not role:
            raise forms.ValidationError(gettext("Nothing is chosen. Say as what this person acts for your firm."))
        return role

    def clean_for_whom(self) -> str:
        return named(self.cleaned_data["for_whom"])


def named(name: str) -> str:
    """The name that whoever makes a code gives to whom it is for. Raises ValidationError without one."""
    if not name:
        raise forms.ValidationError(gettext("Nothing is entered. Write for whom it is, so that you know it later."))
    return name


class AgencyForm(CodeForm, TermsForm):
    """The agency to which a firm delegates, by its credit code, and the terms."""


class OwnerCodeForm(CodeForm):
    """The firm for whose legal representative an officer makes a code, and her name."""

    for_whom = forms.CharField(max_length=60, required=False, strip=True)

    def clean_for_whom(self) -> str:
        return named(self.cleaned_data["for_whom"])


class JoinForm(forms.Form):
    """A code to act for a firm, however it is spaced."""

    code = forms.CharField(max_length=40, required=False, strip=True)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not code:
            raise forms.ValidationError(gettext("Nothing is entered. Enter the code that the firm gave you."))
        return code


class HatForm(ReasonForm):
    """A role in an organisation that is given to somebody, its days, and why."""

    organisation = forms.IntegerField(required=False)
    role = forms.CharField(max_length=20, required=False)
    start = forms.CharField(max_length=40, required=False, strip=True)
    end = forms.CharField(max_length=40, required=False, strip=True)

    def clean_start(self) -> dt.date:
        return entered_day(self.cleaned_data["start"]) or timezone.localdate()

    def clean_end(self) -> dt.date | None:
        return entered_day(self.cleaned_data["end"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("organisation"):
            self.add_error("organisation", gettext("Nothing is chosen. Choose the organisation."))
        if not said.get("role"):
            self.add_error("role", gettext("Nothing is chosen. Choose the role."))
        start, end = said.get("start"), said.get("end")
        if start and end and end < start:
            self.add_error("end", gettext("The last day lies before the first. Check both."))
        return said


class OrganForm(ReasonForm):
    """An organ or another body. ``cleaned_data`` holds its values under the names of the model."""

    KINDS: ClassVar = {kind: words for kind, words in ALL_KINDS.items() if kind != ENTERPRISE}

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS], required=False)
    name_zh = forms.CharField(max_length=200, required=False, strip=True)
    name_en = forms.CharField(max_length=200, required=False, strip=True)
    uscc = forms.CharField(max_length=40, required=False, strip=True)
    region = forms.ModelChoiceField(Region.objects.visible_to(PUBLIC), required=False)
    organ_function = forms.ChoiceField(choices=[("", ""), *((each, each) for each in ORGAN_FUNCTIONS)], required=False)
    is_bingtuan = forms.BooleanField(required=False)
    superior = forms.CharField(max_length=200, required=False, strip=True)
    active_from = forms.CharField(max_length=40, required=False, strip=True)
    active_to = forms.CharField(max_length=40, required=False, strip=True)

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or ORGAN

    def clean_uscc(self) -> str | None:
        raw = self.cleaned_data["uscc"]
        if not raw:
            return None
        try:
            return check(raw, allow_fictitious=settings.HUIQI_DEMO)
        except CreditCodeProblem as problem:
            raise forms.ValidationError(sentences(problem.what, problem.remedy)) from problem

    def clean_superior(self) -> Organisation | None:
        name = self.cleaned_data["superior"]
        if not name:
            return None
        organs = list(Organisation.objects.visible_to(PUBLIC).filter(kind=ORGAN, name_zh=name)[:2])
        if len(organs) != 1:
            raise forms.ValidationError(gettext("No organ here has exactly this name, or several have. Check it."))
        return organs[0]

    def clean_active_from(self) -> dt.date | None:
        return entered_day(self.cleaned_data["active_from"])

    def clean_active_to(self) -> dt.date | None:
        return entered_day(self.cleaned_data["active_to"])

    def clean_organ_function(self) -> str | None:
        return self.cleaned_data["organ_function"] or None

    def refuse(self, problem: forms.ValidationError) -> None:
        """Say of each value that makes no sense what would."""
        words = {
            "no_name": gettext("Nothing is entered. Enter the name."),
            "no_function": gettext("Nothing is chosen. Say what the organ is there for."),
            "no_region": gettext("Nothing is chosen. Choose the place that it serves."),
            "no_code": gettext("Nothing is entered. Only an organ may be without a credit code."),
            "code_taken": gettext("Another organisation has this code. Compare it with the certificate."),
            "circle": gettext("This organ stands under the one that you are changing. Choose another one."),
            "ends_before_it_begins": gettext("The last day lies before the first. Check both."),
        }
        for field, errors in problem.error_dict.items():
            for each in errors:
                self.add_error(field, words[each.code or ""])
