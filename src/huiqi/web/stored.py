"""What a stored value says to people: the journal keeps codes, and its page tells them in words."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from huiqi.cases import vocabulary as of_cases
from huiqi.cases.kinds import kinds as kinds_of_case
from huiqi.cases.models import clocks, entries
from huiqi.cases.procedures import Complaint
from huiqi.cases.watching import OCCURRENCES
from huiqi.documents.kinds import GROUPS
from huiqi.documents.letters.kinds import kinds as kinds_of_letter
from huiqi.documents.models import letters, sending
from huiqi.documents.sending.reasons import REASONS
from huiqi.law.clock import calendar
from huiqi.law.duties.definitions import duties
from huiqi.law.duties.wording import reason_words
from huiqi.law.models import obligations
from huiqi.registry import codes
from huiqi.registry import vocabulary as of_registry
from huiqi.registry.models import EnterpriseFacts, Organisation, declarations, requests
from huiqi.registry.size import CLASS_WORDS
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import ValueProblem, read_value
from huiqi.rules.words import Words

from . import vocabulary

Vocabulary = Mapping[str, Words]

_FACTS = EnterpriseFacts._meta.label_lower
#: Columns that hold the code of a place.
_PLACES = frozenset({"region_id", "parent_id", "jurisdiction"})


@functools.cache
def _vocabularies() -> dict[str, Vocabulary]:
    """The closed lists behind codes, by table and column, or by column where it means the same in every table."""
    steps = {event: step.words for event, step in Complaint.steps.items()}
    titles = {key: Words(kind.title, kind.title) for key, kind in kinds_of_letter().items()}
    return {
        "registry.organisation.kind": of_registry.KINDS,
        "registry.organisation.organ_function": of_registry.ORGAN_FUNCTIONS,
        "registry.person.language": of_registry.LANGUAGES,
        "registry.statement.source": of_registry.SOURCES,
        "registry.declaration.state": declarations.STATES,
        "registry.hatrequest.state": requests.STATES,
        "registry.sizesnapshot.size_class": CLASS_WORDS,
        "registry.sizesnapshot.best": CLASS_WORDS,
        "registry.sizesnapshot.worst": CLASS_WORDS,
        "role": of_registry.ROLES,
        "scopes": of_registry.SCOPES,
        "law.calendarday.kind": calendar.KINDS,
        "law.obligation.state": obligations.STATES,
        "law.obligation.duty": {key: duty.title for key, duty in duties().items()},
        "documents.letter.kind": titles,
        "documents.letter.state": letters.STATES,
        "documents.letter.delivered_how": letters.WAYS,
        "documents.lettermail.state": letters.MAIL_STATES,
        "documents.lettermail.reason": REASONS,
        "documents.dispatch.state": sending.STATES,
        "documents.dispatch.reason": REASONS,
        "documents.dispatch.channel": sending.CHANNELS,
        "documents.contact.channel": sending.CHANNELS,
        "documents.preference.digest": sending.DIGESTS,
        "documents.preference.email": GROUPS,
        "documents.preference.sms": GROUPS,
        "law.escalationstep.reason": {reason: reason_words(reason) for reason in obligations.REASONS},
        "cases.complainant.language": of_registry.LANGUAGES,
        "cases.case.kind": {key: kind.title for key, kind in kinds_of_case().items()},
        "cases.case.procedure": {Complaint.key: Complaint.title},
        "cases.case.state": Complaint.state_words,
        "cases.case.channel": of_cases.CHANNELS,
        "cases.case.ending": of_cases.ENDINGS,
        "cases.case.ended_by": of_cases.PARTS,
        "cases.caseclock.step": clocks.CLOCK_WORDS,
        "cases.caseclock.outcome": clocks.OUTCOMES,
        "cases.entry.kind": entries.ENTRY_KINDS,
        "cases.entry.event": {**entries.EVENT_WORDS, **steps},
        "cases.attachment.quarantine": entries.QUARANTINE,
        "cases.followup.step": clocks.CLOCK_WORDS,
        "cases.alert.what": OCCURRENCES,
        "part": of_cases.PARTS,
        "shown_to": of_cases.PARTS,
        "solved": of_cases.ANSWERS,
    }


def said(kind: str, row: Mapping[str, Any], name: str) -> Words | None:
    """What the value of a column says; None where it stands for itself (a text, a number, a moment).

    ``kind`` is the label of the table, ``row`` all columns of the row by name as the journal has them.
    """
    value = row.get(name)
    if value in (None, "", [], {}):
        return None
    if kind == _FACTS:
        return _of_file(name, value)
    if name in _PLACES:
        place = codes.region_names().get(str(value))
        return with_code(place, value) if place is not None else None
    if name == "fact" and (fact := dictionary().get(str(value))) is not None:
        return fact.label
    if kind == "registry.declaration" and name == "otherwise" and isinstance(value, Mapping):
        return _of_fact(dictionary().get(str(row.get("fact"))), value.get("value"))
    if kind == "registry.declaration" and name in ("value", "certified_value"):
        return _of_fact(dictionary().get(str(row.get("fact"))), value)
    words = _vocabularies().get(f"{kind}.{name}") or _vocabularies().get(name)
    if words is None:
        return None
    if isinstance(value, list):
        return joined([words.get(str(each), Words(str(each), str(each))) for each in value])
    return words.get(str(value))


@functools.cache
def points_to_organisation(kind: str, name: str) -> bool:
    """Whether a column holds the number of an organisation."""
    if not name.endswith("_id"):
        return False
    try:
        field = apps.get_model(kind)._meta.get_field(name.removesuffix("_id"))
    except (LookupError, ValueError, FieldDoesNotExist):
        return False  # a table or a column of former times
    return field.related_model is Organisation


def _of_file(name: str, value: Any) -> Words | None:
    """What a column of the facts of an enterprise says; of ``provenance`` and ``claims`` the facts and their sources."""
    facts = dictionary()
    if name == "provenance" and isinstance(value, Mapping):
        return _each(value, lambda fact, source: Words(f"来源 {source}", f"source {source}"))
    if name == "claims" and isinstance(value, Mapping):
        return _each(value, lambda fact, claim: _of_fact(fact, claim.get("value")))
    return _of_fact(facts.get(name), value)


def _each(values: Mapping[str, Any], say: Callable[[Fact | None, Any], Words | None]) -> Words:
    told = []
    for name, value in values.items():
        fact = dictionary().get(name)
        label = fact.label if fact is not None else Words(name, name)
        words = say(fact, value) or Words(str(value), str(value))
        told.append(Words(f"{label.zh}：{words.zh}", f"{label.en}: {words.en}"))
    return joined(told)


def _of_fact(fact: Fact | None, value: Any) -> Words | None:
    """A value of a fact as the journal has it; None when it is none (any more)."""
    if fact is None:
        return None
    try:
        return vocabulary.value_words(fact, read_value(fact, value))
    except (ValueProblem, TypeError):
        return None


def with_code(words: Words, code: object) -> Words:
    """A name with the code by which the row keeps it."""
    return Words(f"{words.zh}（{code}）", f"{words.en} ({code})")


def joined(each: list[Words]) -> Words:
    """A list in words."""
    return Words("；".join(one.zh for one in each), "; ".join(one.en for one in each))
