"""Facts that an enterprise declares, and what the certifying organ makes of them.

Each function is one transaction and returns what happened. A declared value counts at once, as declared; where an
authority has certified otherwise it is kept as a claim beside the certified value (see :mod:`.models.facts`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huiqi.journal import Act, act
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import read_value

from . import vocabulary
from .evidence import Evidence
from .models import Delegation
from .models.declarations import CERTIFIED, CORRECTED, REFUSED, WAITING, WITHDRAWN, Declaration, DeclarationQuerySet
from .models.facts import COLUMNS, PLACE, EnterpriseFacts, Standing, Statement, json_value, stored_value
from .permissions import CERTIFYING_FUNCTIONS

if TYPE_CHECKING:
    from .permissions import Actor

#: Who may decide for an organ. Clerks and auditors read only.
CERTIFYING_ROLES = frozenset({vocabulary.OFFICER, vocabulary.SUPERVISOR})

#: What became of a declared value: see :class:`huiqi.registry.models.facts.Recorded`.
CHANGED, CONFIRMED, CLAIM = "changed", "confirmed", "claim"


@dataclass(frozen=True)
class Declared:
    """A declaration, and whether its value ``changed`` the file, ``confirmed`` it, or is kept as a ``claim``."""

    declaration: Declaration
    outcome: str


def declarable(fact: Fact) -> bool:
    """Whether an enterprise can state this fact: it has a column and a question."""
    return fact.name in COLUMNS and fact.askable


def certifiable(fact: Fact) -> bool:
    """Whether some organ certifies this fact. Others count as stated (a bank's, a contract's, an audit's)."""
    return bool(vocabulary.certifying_functions(fact))


def declare(
    actor: Actor,
    name: str,
    value: Any,
    on: dt.date,
    *,
    evidence_text: str = "",
    evidence: Evidence | None = None,
) -> Declared:
    """State one fact of the actor's own firm, with what shows it. ``value`` is typed as the dictionary says.

    A declaration of the same fact that still waits is withdrawn by it. The very same one, sent once more (a double
    tap) while the file rests on it, stays as it is and is the answer. Raises PermissionDenied for whoever does not
    act for an enterprise in this scope, ValueProblem for a value that the fact cannot have.
    """
    if actor.own_enterprise is None or not actor.may(vocabulary.DECLARE_FACTS) or actor.person is None:
        raise PermissionDenied("only who acts for an enterprise states its facts")
    fact = dictionary()[name]
    if not declarable(fact):
        raise PermissionDenied(f"{name} is not stated by enterprises")
    read = read_value(fact, value)
    with _act(actor, "declaration.made", actor.own_enterprise, fact.name) as this:
        row = _row(actor.own_enterprise)
        stored = json_value(fact, stored_value(fact, read))
        shown = {"evidence": evidence.content} if evidence else {"evidence__isnull": True}
        again = row.organisation.declarations.waiting().filter(
            fact=fact.name, value=stored, evidence_text=evidence_text, declared_by=actor.person,
            statement=row.provenance.get(fact.name), **shown,
        )  # fmt: skip
        if (same := again.defer("evidence").first()) is not None:
            return Declared(same, CONFIRMED)
        otherwise = _replaced(row, fact)
        statement = Statement.objects.create(
            source=vocabulary.DECLARED,
            made_on=on,
            by=actor.person,
            evidence=evidence_text or (evidence.name if evidence else ""),
        )
        recorded = row.record({fact.name: read}, statement)
        declaration = Declaration.objects.create(
            organisation=row.organisation,
            fact=fact.name,
            value=stored,
            statement=statement,
            evidence_text=evidence_text,
            evidence_name=evidence.name if evidence else "",
            evidence_type=evidence.type if evidence else "",
            evidence=evidence.content if evidence else None,
            declared_by=actor.person,
            otherwise=otherwise,
        )
        this.about(declaration)
    outcome = CLAIM if recorded.kept_as_claim else CONFIRMED if recorded.confirmed else CHANGED
    return Declared(declaration, outcome)


def withdraw(actor: Actor, declaration_id: int) -> Declaration:
    """Take back a declaration of one's own firm that still waits.

    The fact stands as if it had never been declared: what was there before counts again, or what was said since. Raises Declaration.DoesNotExist when there is none that waits.
    """
    if actor.own_enterprise is None or not actor.may(vocabulary.DECLARE_FACTS):
        raise PermissionDenied("only who acts for an enterprise withdraws its declarations")
    with _act(actor, "declaration.withdrawn", actor.own_enterprise) as this:
        row = _row(actor.own_enterprise)
        declaration = (
            Declaration.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=declaration_id, state=WAITING)
        )
        standing = Standing.of_json(declaration.definition, declaration.otherwise)
        row.stand(declaration.fact, standing)
        row.save()
        if declaration.fact == PLACE:
            row.move_to(standing.value or declaration.otherwise.get("region"))
        declaration.state = WITHDRAWN
        declaration.save()
        this.about(declaration)
        this.details["fact"] = declaration.fact
    return declaration


def _replaced(row: EnterpriseFacts, fact: Fact) -> dict[str, Any]:
    """How the fact stands without a declaration that still waits; such a one gives way to the next and is withdrawn."""
    earlier = row.organisation.declarations.waiting().filter(fact=fact.name).defer("evidence").first()
    if earlier is None:
        place = {"region": row.organisation.region_id} if fact.name == PLACE else {}
        return row.standing(fact.name).as_json(fact) | place
    earlier.state = WITHDRAWN
    earlier.save(update_fields=["state"])
    return dict(earlier.otherwise)


def decides_for_organ(actor: Actor) -> bool:
    """Whether the actor is somebody who certifies facts at all."""
    return actor.role in CERTIFYING_ROLES and actor.organ_function in CERTIFYING_FUNCTIONS


def decidable(actor: Actor) -> DeclarationQuerySet:
    """The declarations that the actor may decide: her organ certifies the fact, and the firm is not one of her own."""
    if actor.person is None or not decides_for_organ(actor):
        return Declaration.objects.none()
    day = actor.on or timezone.localdate()
    own = actor.person.memberships.active_on(day).values("organisation")
    delegated = Delegation.objects.held_by(actor.person, day).order_by().values("organisation")
    return (
        Declaration.objects.for_certification_by(actor)
        .exclude(declared_by=actor.person)
        .exclude(organisation__in=own)
        .exclude(organisation__in=delegated)
    )


def with_evidence_for(actor: Actor) -> DeclarationQuerySet:
    """The declarations whose evidence the actor may open: the firm itself, and the organ that certifies the fact."""
    seen = Declaration.objects.visible_to(actor)
    if actor.own_enterprise is not None:
        return seen
    function = actor.organ_function
    names = [fact.name for fact in dictionary().stored if function in vocabulary.certifying_functions(fact)]
    return seen.filter(fact__in=names) if actor.role in CERTIFYING_ROLES else seen.none()


def certify(actor: Actor, declaration_id: int, on: dt.date, valid_until: dt.date | None = None) -> Declaration:
    """Certify the value as it was declared. Raises Declaration.DoesNotExist when the actor may not decide it (any more).

    ``valid_until`` is the last day on which the certificate holds; ValueError when it lies before ``on``.
    """
    with _act(actor, "declaration.certified") as this:
        declaration = _to_decide(actor, declaration_id, this)
        return _settle(actor, declaration, declaration.typed(declaration.value), CERTIFIED, "", on, valid_until)


def correct(
    actor: Actor, declaration_id: int, value: Any, reason: str, on: dt.date, valid_until: dt.date | None = None
) -> Declaration:
    """Certify another value than the declared one; the declared one stays beside it as a claim.

    Raises ValueError without a reason, ValueProblem for a value that the fact cannot have.
    """
    with _act(actor, "declaration.corrected") as this:
        declaration = _to_decide(actor, declaration_id, this)
        this.reason = reason.strip()
        read = read_value(declaration.definition, value)
        return _settle(actor, declaration, read, CORRECTED, _reason(reason), on, valid_until)


def refuse(actor: Actor, declaration_id: int, reason: str) -> Declaration:
    """Do not certify. The value still counts as declared; the reason goes to the firm. ValueError without one."""
    with _act(actor, "declaration.refused") as this:
        declaration = _to_decide(actor, declaration_id, this)
        this.reason = reason.strip()
        return _decided(actor, declaration, REFUSED, _reason(reason))


def _act(actor: Actor, verb: str, firm: int | None = None, fact: str = "") -> contextlib.AbstractContextManager[Act]:
    """On record: facts decide who is an enterprise of the Measures (Article 3), and the authority guides (Article 6)."""
    return act(actor.who, verb, articles=(3, 6), subject=firm, details={"fact": fact} if fact else None)


def _row(organisation_id: int) -> EnterpriseFacts:
    """The file of an enterprise, held until the end of the transaction; made when there is none yet."""
    EnterpriseFacts.objects.get_or_create(organisation_id=organisation_id)
    return (
        EnterpriseFacts.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(organisation_id=organisation_id)
    )


def _to_decide(actor: Actor, declaration_id: int, this: Act) -> Declaration:
    """The declaration, held. The file is held first, in the same order as everywhere else."""
    organisation = decidable(actor).filter(pk=declaration_id).values_list("organisation", flat=True).first()
    if organisation is None:
        raise Declaration.DoesNotExist(declaration_id)
    _row(organisation)
    declaration = (
        decidable(actor)
        .select_for_update(of=("self",))
        .select_related("organisation", "statement")
        .get(pk=declaration_id)
    )
    this.about(declaration)
    this.subject, this.region = organisation, declaration.organisation.region_id or ""
    this.details["fact"] = declaration.fact
    return declaration


def _settle(
    actor: Actor,
    declaration: Declaration,
    value: Any,
    state: str,
    reason: str,
    on: dt.date,
    valid_until: dt.date | None,
) -> Declaration:
    if valid_until is not None and valid_until < on:
        raise ValueError("a certificate holds at least on the day on which it is given")
    fact = declaration.definition
    statement = Statement.objects.create(
        source=vocabulary.CERTIFIED,
        made_on=on,
        certified_by=actor.organisation,
        valid_until=valid_until,
        by=actor.person,
        evidence=declaration.evidence_text or declaration.evidence_name,
    )
    _row(declaration.organisation_id).record({fact.name: value}, statement)
    declaration.certified_value = json_value(fact, stored_value(fact, value))
    return _decided(actor, declaration, state, reason)


def _decided(actor: Actor, declaration: Declaration, state: str, reason: str) -> Declaration:
    declaration.state, declaration.reason = state, reason
    declaration.decided_by, declaration.decided_for = actor.person, actor.organisation
    declaration.decided_at = timezone.now()
    declaration.save()
    return declaration


def _reason(reason: str) -> str:
    given = reason.strip()
    if not given:
        raise ValueError("a correction or a refusal gives its reason")
    return given
