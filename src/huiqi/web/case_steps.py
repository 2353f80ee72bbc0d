"""The form of every step of a case: its fields come from what the step needs (:class:`huiqi.cases.procedures.Step`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from huiqi.cases.acting import LONGEST, Given
from huiqi.cases.models import Case
from huiqi.cases.procedures import Step
from huiqi.cases.vocabulary import ANSWERS, COMPLAINANT, DECISIONS, ENDINGS, HANDLER, NOT_TAKEN, PARTS, RESPONDENT
from huiqi.law.clock import deadline, pause_reasons

from .case_forms import OfCaseForm
from .sentences import opening, say

#: How a field is shown: one line, a box, a list to choose from, a day, a file.
LINE, BOX, CHOICE, DAY, FILE = "line", "box", "choice", "day", "file"
Options = Sequence[tuple[str, str]]
#: How people were, from bad to good.
COURTESIES = range(1, 6)


@dataclass(frozen=True)
class Asked:
    """One field of a form: how it is shown, its label and hint, the codes with their words that may be chosen."""

    name: str
    how: str
    label: str
    hint: str = ""
    options: Options = ()
    most: int = LONGEST
    rows: int = 3


class ActForm(OfCaseForm):
    """What is given with an act on a case, and the version of the case as whoever acts saw it.

    Nothing is required here: what is missing is said by the service, in its own words, at the field it names.
    """

    version = forms.IntegerField(required=False)

    def __init__(self, asked: Sequence[Asked], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = tuple(asked)
        for each in self.asked:
            self.fields[each.name] = _field(each)

    def rows(self) -> Iterator[tuple[Asked, forms.BoundField]]:
        """Each field with what was entered."""
        for each in self.asked:
            yield each, self[each.name]

    @property
    def typed(self) -> str:
        """The words that were entered: they are shown again when the act is not possible any more."""
        texts = (str(self.data.get(self.add_prefix(each.name), "")) for each in self.asked if each.how in (LINE, BOX))
        return "\n".join(each for each in texts if each.strip())[:LONGEST]


def _field(asked: Asked) -> forms.Field:
    if asked.how == CHOICE:
        return forms.ChoiceField(choices=[("", ""), *asked.options], required=False)
    if asked.how == DAY:
        return forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    if asked.how == FILE:
        return forms.FileField(required=False, allow_empty_file=True, max_length=300)
    return forms.CharField(max_length=asked.most, required=False, strip=True)


# --- steps ------------------------------------------------------------------------------------------------------------

_LABELS: dict[str, Any] = {
    "reason": gettext_lazy("Reason"),
    "text": gettext_lazy("What it is"),
    "ending": gettext_lazy("Decision"),
    "basis": gettext_lazy("Legal basis, down to the article"),
    "pause": gettext_lazy("Lawful reason"),
    "organ": gettext_lazy("Office"),
    "into": gettext_lazy("Number of the other case"),
    "answer": gettext_lazy("Is the matter solved?"),
    "asked_by": gettext_lazy("Who asked for it"),
    "kept": gettext_lazy("Was the promise kept?"),
    "courtesy": gettext_lazy("How were people to you? (may stay empty)"),
}
#: What a text is about in the steps where it is something of its own.
_TEXTS: dict[str, Any] = {
    "ask_correction": gettext_lazy("What is missing"),
    "supplement": gettext_lazy("What was added"),
    "ask_statement": gettext_lazy("What the other side is asked"),
    "state_position": gettext_lazy("What the other side says"),
    "decide": gettext_lazy("Facts found"),
    "follow_up": gettext_lazy("How it stands"),
}
_HINTS: dict[tuple[str, str], Any] = {
    ("ask_statement", "text"): gettext_lazy(
        "The other side reads these words. Write what it has to answer and no more."
    ),
    ("ask_correction", "text"): gettext_lazy("The complainant reads these words, and they stand in the letter."),
    ("decide", "text"): gettext_lazy("They stand in the written reply, where you can still edit them."),
}


@dataclass(frozen=True)
class Around:
    """What the choices of a step are made from: the offices that may be chosen, and how a number becomes a case."""

    organs: Callable[[], Options] = field(default=lambda: ())
    case_of: Callable[[str], int | None] = field(default=lambda number: None)


def step_form(
    event: str,
    step: Step,
    case: Case,
    around: Around,
    data: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    prefix: str | None = None,
) -> ActForm:
    """The form of a step, with the version of the case in it; ``data`` is what was sent. ``prefix`` tells the forms of one page
    apart."""
    asked = [each for need in step.needs for each in _asked(need, event, case, around)]
    return ActForm(asked, data, prefix=prefix, initial={"version": case.version, **(initial or {})})


def _asked(need: str, event: str, case: Case, around: Around) -> Iterator[Asked]:
    def words(name: str, how: str, options: Options = (), rows: int = 3) -> Asked:
        label = _TEXTS.get(event, _LABELS["text"]) if name == "text" else _LABELS[name]
        return Asked(name, how, str(label), str(_HINTS.get((event, name), "")), options, rows=rows)

    match need:
        case "reason" | "text":
            yield words(need, BOX)
        case "basis":
            yield words(need, BOX, rows=2)
        case "kind_of_refusal":
            yield words("ending", CHOICE, _options(ENDINGS, NOT_TAKEN))
        case "decision":
            yield words("ending", CHOICE, _options(ENDINGS, DECISIONS))
        case "pause":
            yield words("pause", CHOICE, _pauses(case))
        case "organ":
            yield words("organ", CHOICE, around.organs())
        case "case":
            yield words("into", LINE)
        case "answer":
            yield words("answer", CHOICE, _options(ANSWERS, ANSWERS))
        case "asked_by":
            yield words("asked_by", CHOICE, _options(PARTS, (COMPLAINANT, RESPONDENT, HANDLER)))
        case "courtesy":
            yield words("courtesy", CHOICE, [(str(each), str(each)) for each in COURTESIES])
        case "comment":
            yield words("text", BOX)
        case "kept":
            yield words("kept", CHOICE, (("yes", gettext("kept")), ("no", gettext("not kept"))))
        case _:
            pass


def _options(words: Mapping[str, Any], codes: Sequence[str] | Mapping[str, Any]) -> Options:
    return [(code, opening(say(words[code]))) for code in codes]


def _pauses(case: Case) -> Options:
    """The lawful reasons for which the time of the running step may stand still."""
    clock = case.clocks.filter(step="finish", stopped_on__isnull=True).first()
    if clock is None:
        return ()
    known = pause_reasons()
    return [(each, opening(say(known[each].words))) for each in deadline(clock.rule, clock.starts_on).pauses]


def given(form: ActForm, around: Around) -> Given:
    """What a valid form gives to a step."""
    data = form.cleaned_data
    organ = data.get("organ") or ""
    return Given(
        reason=data.get("reason", ""),
        text=data.get("text", ""),
        ending=data.get("ending", ""),
        pause=data.get("pause", ""),
        organ=int(organ) if organ else None,
        into=around.case_of(data["into"]) or 0 if data.get("into") else None,
        answer=data.get("answer", ""),
        courtesy=int(data["courtesy"]) if data.get("courtesy") else None,
        kept={"yes": True, "no": False}.get(data.get("kept", "")),
        asked_by=data.get("asked_by", ""),
        basis=data.get("basis", ""),
    )
