"""Facts about enterprises, and the statements on which they rest.

One row an enterprise, one typed column a stored fact of the dictionary. A column that is NULL is *not known*. What is
known not to exist is a value: ``false``, ``0``, the empty set, the member ``none``; for the end date of a title it is
the title's place in ``titles_not_held`` (or its absence from a known ``titles``).

Where a value comes from is a :class:`Statement`. Sources have ranks (:data:`huiqi.registry.vocabulary.RANK`): what an
enterprise or a roster says never replaces what an authority certified, as long as the certificate is valid. It is kept
beside it, in ``claims``, for people to look into. Among equals the last word counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q

from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import ValueProblem, read_value
from huiqi.rules.words import Words

from .. import vocabulary
from ..queries import EnterpriseFactsQuerySet, StatementQuerySet
from .imports import RosterImport
from .organisations import Organisation
from .people import Person
from .places import Region

#: Kept by :class:`Organisation`, which is its only place.
OF_THE_ORGANISATION = frozenset({"uscc"})

#: Facts with a column here, by name, in the order of the dictionary.
COLUMNS: dict[str, Fact] = {fact.name: fact for fact in dictionary().stored if fact.name not in OF_THE_ORGANISATION}

#: Which title a ``*_valid_to`` date is the end of.
TITLES: dict[str, str] = {
    f"{code}_valid_to": code for code in dictionary()["titles"].codes if f"{code}_valid_to" in COLUMNS
}

#: The fact that tells which region an enterprise belongs to.
PLACE = "registration_region"

PLACES = Decimal("0.0001")


class Statement(models.Model):
    """Who said it, when, on what evidence, and until when it holds. Many values may share one statement."""

    source = models.CharField("来源", max_length=10, choices=vocabulary.choices(vocabulary.SOURCES))
    made_on = models.DateField("日期")
    certified_by = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="认定机关", related_name="statements", null=True, blank=True
    )
    certifier_name = models.CharField("认定机关名称", max_length=200, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    evidence = models.CharField("依据", max_length=500, blank=True)
    roster_import = models.ForeignKey(RosterImport, models.PROTECT, related_name="statements", null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="statements", null=True, blank=True)
    recorded_at = models.DateTimeField("记录时间", auto_now_add=True)

    journal_hidden = ("evidence",)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来源说明"
        constraints = (
            models.CheckConstraint(
                name="a_statement_has_a_known_source", condition=Q(source__in=list(vocabulary.SOURCES))
            ),
            models.CheckConstraint(
                name="a_certified_statement_names_its_certifier",
                condition=~Q(source=vocabulary.CERTIFIED) | Q(certified_by__isnull=False) | ~Q(certifier_name=""),
            ),
            models.CheckConstraint(
                name="a_statement_holds_at_least_on_the_day_it_is_made",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("made_on")),
            ),
        )

    def __str__(self) -> str:
        return f"{vocabulary.SOURCES[self.source].zh} {self.made_on}"

    @property
    def rank(self) -> int:
        return vocabulary.RANK[self.source]

    def valid_on(self, day: dt.date) -> bool:
        return self.valid_until is None or day <= self.valid_until

    @property
    def certifier(self) -> str:
        """The name of the certifying authority; empty when nobody certified it."""
        return self.certifier_name or (self.certified_by.name_zh if self.certified_by else "")


def stored_value(fact: Fact, value: Any) -> Any:
    """A typed value as its column holds it: decimals to four places, sets as sorted lists. None stays None."""
    if value is None:
        return None
    if fact.type == "decimal":
        return Decimal(value).quantize(PLACES, ROUND_HALF_UP)
    if fact.type == "set":
        return sorted(value)
    return value


def typed_value(fact: Fact, stored: Any) -> Any:
    """The value of a column in the type that :func:`huiqi.rules.values.read_value` gives."""
    return frozenset(stored) if fact.type == "set" and stored is not None else stored


def json_value(fact: Fact, stored: Any) -> Any:
    """The value of a column as JSON keeps it without loss: decimals and dates as strings. None stays None."""
    return str(stored) if stored is not None and fact.type in ("decimal", "date") else stored


def _column(fact: Fact) -> models.Field[Any, Any]:
    match fact.type:
        case "boolean":
            return models.BooleanField(fact.name_zh, null=True, blank=True)
        case "integer":
            return models.BigIntegerField(fact.name_zh, null=True, blank=True)
        case "decimal":
            return models.DecimalField(fact.name_zh, max_digits=18, decimal_places=4, null=True, blank=True)
        case "date":
            return models.DateField(fact.name_zh, null=True, blank=True)
        case "enum":
            return models.CharField(fact.name_zh, max_length=40, null=True, blank=True)
        case "text":
            return models.CharField(fact.name_zh, max_length=200, null=True, blank=True)
        case "set":
            return ArrayField(models.CharField(max_length=40), verbose_name=fact.name_zh, null=True, blank=True)
    raise ValueError(f"no column for facts of type {fact.type}")


def _member_constraints() -> list[models.CheckConstraint]:
    constraints = []
    for name, fact in COLUMNS.items():
        if fact.members is None:
            continue
        members = sorted(fact.codes)
        known = Q(**{f"{name}__in": members}) if fact.type == "enum" else Q(**{f"{name}__contained_by": members})
        constraints.append(
            models.CheckConstraint(
                name=f"{name}_has_listed_members_only", condition=Q(**{f"{name}__isnull": True}) | known
            )
        )
    return constraints


@dataclass(frozen=True)
class Recorded:
    """What became of values that were recorded: names of facts that ``changed``, that were ``confirmed`` as they
    stood, and that were ``kept_as_claim`` because a certified value says otherwise."""

    changed: frozenset[str]
    confirmed: frozenset[str]
    kept_as_claim: frozenset[str]


@dataclass(frozen=True)
class Standing:
    """How one fact stands in a file: its value as its column holds it, the statement on which it rests, and what is
    claimed beside it (``{"value", "statement"}``). All None while nothing is known."""

    value: Any = None
    statement: int | None = None
    claim: dict[str, Any] | None = None

    def hearing(
        self, fact: Fact, value: Any, statement: Statement, basis: Statement | None
    ) -> tuple[Standing, Literal["changed", "confirmed", "claim", ""]]:
        """How it stands once ``value`` is said, and what became of that value; an estimate may be of no account.

        ``basis`` is the statement on which the present value rests.
        """
        known = self.value is not None
        agrees = known and self.value == value
        basis = basis if known else None
        if basis is not None and basis.rank > statement.rank and basis.valid_on(statement.made_on):
            if statement.source == vocabulary.DERIVED:
                return self, ""  # an estimate is nobody's claim
            if agrees:
                return replace(self, claim=None), "confirmed"
            return replace(self, claim={"value": json_value(fact, value), "statement": statement.pk}), "claim"
        claim = None
        if statement.source == vocabulary.CERTIFIED:
            overruled = basis is not None and not agrees and basis.source in (vocabulary.DECLARED, vocabulary.IMPORTED)
            claim = {"value": json_value(fact, self.value), "statement": self.statement} if overruled else self.claim
        if claim is not None and claim["value"] == json_value(fact, value):
            claim = None
        return Standing(value, statement.pk, claim), "confirmed" if agrees else "changed"

    def as_json(self, fact: Fact) -> dict[str, Any]:
        return {"value": json_value(fact, self.value), "statement": self.statement, "claim": self.claim}

    @classmethod
    def of_json(cls, fact: Fact, kept: Mapping[str, Any]) -> Standing:
        value = read_value(fact, kept.get("value"))
        return cls(stored_value(fact, value), kept.get("statement"), kept.get("claim"))


class _FactColumns(models.Model):
    """The columns of the dictionary."""

    class Meta:
        abstract = True


for _name, _fact in COLUMNS.items():
    _FactColumns.add_to_class(_name, _column(_fact))


class EnterpriseFacts(_FactColumns):
    """What is known of one enterprise, in the units of the dictionary (money mostly in 万元, shares in percent).

    ``provenance`` maps the name of each known fact to the id of its statement. ``claims`` maps a fact to
    ``{"value", "statement"}`` where somebody says otherwise than the certified value.
    """

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="facts")
    provenance = models.JSONField(default=dict, blank=True)
    claims = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    #: Of sensitive facts the journal says that they changed, and not what they are.
    journal_hidden = tuple(name for name, fact in COLUMNS.items() if fact.sensitivity == "sensitive")

    objects = EnterpriseFactsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业事实"
        constraints = (
            *_member_constraints(),
            models.CheckConstraint(
                name="provenance_and_claims_are_objects",
                condition=Q(provenance__contains={}) & Q(claims__contains={}),
            ),
        )

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __str__(self) -> str:
        return str(self.organisation)

    def values(self, on: dt.date | None = None) -> dict[str, Any]:
        """The known values by name, typed as :func:`huiqi.rules.values.read_value` types them.

        With ``on``, values whose statement had ended before that day are left out: they are no longer known.
        """
        expired: set[str] = set()
        if on is not None and self.provenance:
            ended = set(
                Statement.objects.filter(pk__in=set(self.provenance.values()), valid_until__lt=on).values_list(
                    "pk", flat=True
                )
            )
            expired = {name for name, statement in self.provenance.items() if statement in ended}
        known = {
            name: typed_value(fact, getattr(self, name))
            for name, fact in COLUMNS.items()
            if name not in expired and getattr(self, name) is not None
        }
        if self.organisation.uscc is not None:
            known["uscc"] = self.organisation.uscc
        return known

    def state_of(self, name: str) -> str:
        """``unknown``, ``none`` (known not to exist) or ``some``. Raises KeyError for what is no stored fact."""
        fact, value = COLUMNS[name], getattr(self, name)
        if value is None:
            title = TITLES.get(fact.name)
            refused = title is not None and (
                title in (self.titles_not_held or ()) or (self.titles is not None and title not in self.titles)
            )
            return "none" if refused else "unknown"
        empty = value is False or value in (0, [], "none") if fact.type != "boolean" else value is False
        return "none" if empty else "some"

    def source_of(self, name: str) -> Statement | None:
        """The statement on which a value rests; None when the fact is not known."""
        return Statement.objects.filter(pk=self.provenance.get(name)).select_related("certified_by").first()

    def statements(self) -> dict[int, Statement]:
        """The statements on which the values and the claims of this row rest, by their ids."""
        ids = {*self.provenance.values(), *(claim["statement"] for claim in self.claims.values())}
        return {each.pk: each for each in Statement.objects.filter(pk__in=ids).select_related("certified_by")}

    def record(self, values: Mapping[str, Any], statement: Statement) -> Recorded:
        """Take over values that rest on one statement, all of them or none.

        Values are read like any input; a blank one says nothing and leaves what is known. Raises ValueProblem for a
        name that is no stored fact and for a value of the wrong type. The statement is saved when it is new. The place
        of registration is carried over to the organisation.
        """
        read = dict(self._read(name, raw) for name, raw in values.items())
        with transaction.atomic():
            self._lock()
            if statement._state.adding:
                statement.save()
            outcome = self._take_over(read, statement)
            self.save()
            if PLACE in outcome.changed:
                self.move_to(self.registration_region)
        return outcome

    def standing(self, name: str) -> Standing:
        """How a fact stands now. Raises KeyError for what is no stored fact."""
        return Standing(getattr(self, COLUMNS[name].name), self.provenance.get(name), self.claims.get(name))

    def stand(self, name: str, standing: Standing) -> None:
        """Let a fact stand as it did, or would have done. The row is not saved."""
        setattr(self, COLUMNS[name].name, standing.value)
        for kept, new in ((self.provenance, standing.statement), (self.claims, standing.claim)):
            kept.pop(name, None)
            if new is not None:
                kept[name] = new

    def move_to(self, region: str | None) -> None:
        """The enterprise belongs to the region of this code; to none when there is no such region."""
        Organisation.objects.filter(pk=self.pk).update(region=Region.objects.filter(pk=region).first())

    def _read(self, name: str, raw: Any) -> tuple[str, Any]:
        """The name of the fact and the value for its column."""
        fact = dictionary().get(name)
        if fact is None:
            suggestion = dictionary().suggest(name)
            raise ValueProblem(
                Fact(name, name, name, "", "text"),
                raw,
                Words(f"没有“{name}”这一项", f"there is no fact named {name}"),
                Words(f"是不是“{suggestion}”？", f"Did you mean {suggestion}?")
                if suggestion
                else Words("查看指标字典", "Look it up in the dictionary of facts"),
            )
        if fact.name in OF_THE_ORGANISATION:
            if raw in (None, "", self.organisation.uscc):
                return fact.name, None
            raise ValueProblem(
                fact,
                raw,
                Words("统一社会信用代码不能这样改", "the credit code is not changed this way"),
                Words("代码变更请由登记机关办理", "A new code is a matter for the registration authority"),
            )
        if fact.name not in COLUMNS:
            raise ValueProblem(
                fact,
                raw,
                Words("这一项由系统计算", "this fact is computed"),
                Words("填写它所依据的各项", "State the facts that it is computed from"),
            )
        return fact.name, stored_value(fact, read_value(fact, raw))

    def _lock(self) -> None:
        """Hold the row until the end of the transaction, and see it as it now is."""
        if self._state.adding:
            self.save(force_insert=True)
            return
        current = type(self).objects.select_for_update().get(pk=self.pk)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(current, field.attname))

    def _take_over(self, read: Mapping[str, Any], statement: Statement) -> Recorded:
        became: dict[str, set[str]] = {"changed": set(), "confirmed": set(), "claim": set(), "": set()}
        said = {name: value for name, value in read.items() if value is not None}
        earlier = Statement.objects.in_bulk({self.provenance[name] for name in said if name in self.provenance})
        for name, value in said.items():
            basis = earlier.get(self.provenance.get(name, 0))
            standing, outcome = self.standing(name).hearing(COLUMNS[name], value, statement, basis)
            self.stand(name, standing)
            became[outcome].add(name)
        for waiting in self.organisation.declarations.waiting().filter(fact__in=said).defer("evidence"):
            waiting.hear(said[waiting.fact], statement)
        return Recorded(*(frozenset(became[outcome]) for outcome in ("changed", "confirmed", "claim")))
