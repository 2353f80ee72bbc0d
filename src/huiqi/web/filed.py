"""The file of a firm for the eye: each fact with its value, its source, what is claimed beside it, what waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from huiqi.registry.declaring import certifiable, declarable
from huiqi.registry.models import Declaration, EnterpriseFacts, Statement
from huiqi.registry.models.declarations import WITHDRAWN
from huiqi.registry.models.facts import COLUMNS
from huiqi.registry.vocabulary import CERTIFIED
from huiqi.rules.dictionary import Fact
from huiqi.rules.values import read_value
from huiqi.rules.words import Words

from . import vocabulary

GROUPS = {
    "identity": gettext_lazy("Identity, place and record"),
    "size_finance": gettext_lazy("Size and finance"),
    "tax": gettext_lazy("Tax"),
    "innovation": gettext_lazy("Innovation"),
    "employment": gettext_lazy("Employment"),
    "financing_market": gettext_lazy("Financing and market"),
}


@dataclass(frozen=True)
class Line:
    """One fact of a firm. ``words`` is None while it is not known; ``claim`` is what is said otherwise, and by whom."""

    fact: Fact
    words: Words | None
    statement: Statement | None
    ended: bool
    claim: Words | None
    claimed: Statement | None
    declaration: Declaration | None
    declarable: bool
    certifiable: bool

    @property
    def source(self) -> str:
        """``certified``, ``declared``, ``imported``, ``derived``; empty while nothing is known."""
        return self.statement.source if self.words is not None and self.statement is not None else ""

    @property
    def certifier(self) -> Words:
        """Who certified it, in both languages where both are known."""
        statement = self.statement
        if statement is None or statement.source != CERTIFIED:
            return Words("", "")
        if statement.certified_by is not None:
            return statement.certified_by.name
        return Words(statement.certifier_name, statement.certifier_name)


def lines(row: EnterpriseFacts | None, declarations: Iterable[Declaration], on: dt.date) -> list[Line]:
    """A line for every fact that the file knows or that the firm can state, in the order of the dictionary.

    Of the declarations the latest of each fact is shown, unless it was withdrawn. A certificate that has ended leaves
    its value out, as verdicts do.
    """
    latest: dict[str, Declaration] = {}
    for each in sorted(declarations, key=lambda each: each.pk):
        latest[each.fact] = each
    provenance = row.provenance if row is not None else {}
    claims = row.claims if row is not None else {}
    statements = row.statements() if row is not None else {}
    known = row.values() if row is not None else {}
    found = []
    for name, fact in COLUMNS.items():
        value = known.get(name)
        if value is None and not declarable(fact):
            continue
        statement = statements.get(provenance.get(name, 0)) if value is not None else None
        claim = claims.get(name)
        declaration = latest.get(name)
        found.append(
            Line(
                fact,
                vocabulary.value_words(fact, value) if value is not None else None,
                statement,
                statement is not None and not statement.valid_on(on),
                vocabulary.value_words(fact, read_value(fact, claim["value"])) if claim else None,
                statements.get(claim["statement"]) if claim else None,
                declaration if declaration is not None and declaration.state != WITHDRAWN else None,
                declarable(fact),
                certifiable(fact),
            )
        )
    return found
