"""The journal's pages: what happened, one event with its changes, its proof, and the blocks that anybody may note down."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from huiqi.journal import checker_file, content, export
from huiqi.journal.models import Block, Change, Event, Leaf
from huiqi.journal.rows import Written
from huiqi.journal.verbs import verbs, words_of
from huiqi.law.articles import articles
from huiqi.registry.models import Organisation, Person
from huiqi.registry.permissions import Actor, actor_of
from huiqi.registry.vocabulary import ROLES
from huiqi.rules.dictionary import dictionary
from huiqi.rules.words import Words
from huiqi.web import stored
from huiqi.web.columns import column_words, detail_words, table_words

PAGE_SIZE = 50
#: Rows of one event that its page shows; an import may have changed a hundred thousand.
MOST_CHANGES = 100
#: How the database writes a moment into the journal.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
COMMAND = "python3 checker.py proof.json"


class FilterForm(forms.Form):
    """What the list is narrowed down by. Nothing is required, and what makes no sense narrows nothing."""

    verb = forms.ChoiceField(label=gettext_lazy("What was done"), required=False)
    article = forms.IntegerField(label=gettext_lazy("Number of the article"), required=False, min_value=1, max_value=57)
    begin = forms.DateField(label=gettext_lazy("From"), required=False)
    end = forms.DateField(label=gettext_lazy("Until"), required=False)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted(verbs().items())
        field = self.fields["verb"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", ""), *((verb, words.of(language)) for verb, words in known)]

    def narrow(self, events: Any) -> Any:
        """The events that fit."""
        self.is_valid()
        chosen = self.cleaned_data
        if chosen.get("verb"):
            events = events.filter(verb=chosen["verb"])
        if chosen.get("article"):
            events = events.filter(articles__contains=[chosen["article"]])
        if chosen.get("begin"):
            events = events.filter(at__date__gte=chosen["begin"])
        if chosen.get("end"):
            events = events.filter(at__date__lte=chosen["end"])
        return events


@dataclass(frozen=True)
class Line:
    """One event in words."""

    event: Event
    words: Words
    person: str
    role: Words | None
    organisation: Words | None
    subject: Words | None


def lines_of(events: Iterable[Event], actor: Actor) -> list[Line]:
    """Events in words. The names of people are for auditors and for themselves; everybody reads office and role."""
    listed = list(events)
    ids = {number for event in listed for number in (event.organisation, event.subject) if number is not None}
    names = {
        organisation.pk: organisation.name for organisation in Organisation.objects.visible_to(actor).filter(pk__in=ids)
    }
    people = {event.person for event in listed if event.person is not None and _names_are_for(actor, event)}
    persons = dict(Person.objects.visible_to(actor).filter(pk__in=people).values_list("pk", "display_name"))
    return [
        Line(
            event,
            words_of(event.verb),
            persons.get(event.person or 0, ""),
            ROLES.get(event.role),
            names.get(event.organisation or 0),
            names.get(event.subject or 0),
        )
        for event in listed
    ]


def _names_are_for(actor: Actor, event: Event) -> bool:
    return actor.reads_all_events or (event.person is not None and event.person == actor.who.person)


@never_cache
@login_required
@require_GET
def journal_page(request: HttpRequest) -> HttpResponse:
    """What the actor may read of the journal, the latest first."""
    actor = actor_of(request)
    form = FilterForm(request.GET, language=request.LANGUAGE_CODE)
    found = form.narrow(Event.objects.visible_to(actor)).select_related("leaf")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "web/journal/list.html",
        {
            "form": form,
            "page": page,
            "lines": lines_of(page, actor),
            "query": query.urlencode(),
            "narrowed": any(form.cleaned_data.values()),
            "all_events": actor.reads_all_events,
        },
    )


def _event(request: HttpRequest, number: int) -> tuple[Actor, Event]:
    actor = actor_of(request)
    return actor, get_object_or_404(Event.objects.visible_to(actor).select_related("leaf"), pk=number)


@never_cache
@login_required
@require_GET
def event_page(request: HttpRequest, number: int) -> HttpResponse:
    """One event: who, what, under which article, when, what was before and after, and where it is sealed."""
    actor, event = _event(request, number)
    leaf = getattr(event, "leaf", None)
    changes = list(Change.objects.visible_to(actor).filter(event=event).order_by("id")[: MOST_CHANGES + 1])
    names = _names_in(changes, actor)
    return render(
        request,
        "web/journal/event.html",
        {
            "line": lines_of([event], actor)[0],
            "articles": [articles()[n - 1] for n in event.articles if 1 <= n <= len(articles())],
            "changes": [_change(change, names) for change in changes[:MOST_CHANGES]],
            "more": len(changes) > MOST_CHANGES,
            "details": [
                (key, detail_words(key), _said(key, value))
                for key, value in event.details.items()
                if value not in (None, "")
            ],
            "leaf": leaf,
            "sealed_in": _block_of(actor, leaf) if leaf is not None else None,
            "consequences": lines_of(Event.objects.visible_to(actor).filter(cause=event.pk).order_by("id"), actor),
        },
    )


def _block_of(actor: Actor, leaf: Leaf) -> Block | None:
    return Block.objects.visible_to(actor).filter(first__lte=leaf.position).order_by("-first").first()


def _names_in(changes: Iterable[Change], actor: Actor) -> dict[int, Words]:
    """The names of the organisations that the changed rows point to, as far as the actor may see them."""
    numbers = {
        value
        for change in changes
        for half in (change.before, change.after)
        for name, value in (half or {}).items()
        if isinstance(value, int) and stored.points_to_organisation(change.kind, name)
    }
    found = Organisation.objects.visible_to(actor).filter(pk__in=numbers)
    return {organisation.pk: organisation.name for organisation in found}


def _change(change: Change, names: Mapping[int, Words]) -> dict[str, Any]:
    before, after = (
        {n: v for n, v in (half or {}).items() if v not in ("", None, [], {})} for half in (change.before, change.after)
    )

    def told(half: Mapping[str, Any], name: str) -> Words | str:
        if name not in half:
            return ""
        if stored.points_to_organisation(change.kind, name) and half[name] in names:
            return stored.with_code(names[half[name]], half[name])
        return stored.said(change.kind, half, name) or _text(half[name])

    return {
        "kind": change.kind,
        "words": table_words(change.kind),
        "row": change.row,
        "operation": change.operation,
        "columns": [
            (name, column_words(change.kind, name), told(before, name), told(after, name))
            for name in dict.fromkeys((*before, *after))
        ],
    }


def _said(key: str, value: Any) -> Words | str:
    fact = dictionary().get(str(value)) if key == "fact" else None
    return fact.label if fact is not None else _text(value)


def _text(value: Any) -> str:
    """A value of a column or a detail as people read it: moments, yes and no, and what the journal keeps out."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value == "(hidden)":
        return gettext("not kept in the journal")
    moment = parse_datetime(value) if MOMENT.match(value) else None
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment is not None and moment.tzinfo else value


@never_cache
@login_required
@require_GET
def event_proof(request: HttpRequest, number: int) -> HttpResponse:
    """The proof of an event as a file. Who acted is in it for auditors and for whoever did."""
    actor, event = _event(request, number)

    def shown(written: Written) -> Iterable[str]:
        return content.PARTS if _names_are_for(actor, event) else ("what", "why", "changes")

    try:
        proof = export.proof(event.pk, shown)
    except Leaf.DoesNotExist:
        raise Http404("not sealed yet") from None
    answer = HttpResponse(json.dumps(proof, ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="proof-{event.pk}.json"'
    return answer


@require_GET
def blocks(request: HttpRequest) -> HttpResponse:
    """The hashes of the blocks, for whoever wants to note them down and to check proofs against them."""
    page = Paginator(Block.objects.visible_to(actor_of(request)).order_by("-number"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    lines = [(block, bytes(block.hash).hex()) for block in page]
    return render(request, "web/journal/blocks.html", {"page": page, "lines": lines, "command": COMMAND})


@require_GET
def checker(request: HttpRequest) -> HttpResponse:
    """The program that checks a proof or an export, to be read and run by anybody."""
    answer = HttpResponse(checker_file.source(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="checker.py"'
    return answer
