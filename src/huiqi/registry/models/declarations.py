"""Facts that an enterprise declares with evidence, waiting for the organ that certifies them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import read_value
from huiqi.rules.words import Words

from ..permissions import may_read_fact
from ..vocabulary import certifying_functions, choices
from .facts import Standing, Statement
from .organisations import Organisation
from .people import Person

if TYPE_CHECKING:
    from ..permissions import Actor

WAITING, CERTIFIED, CORRECTED, REFUSED, WITHDRAWN = "waiting", "certified", "corrected", "refused", "withdrawn"

STATES: dict[str, Words] = {
    WAITING: Words("等待认定", "waiting"),
    CERTIFIED: Words("已认定", "certified"),
    CORRECTED: Words("更正后认定", "corrected and certified"),
    REFUSED: Words("不予认定", "refused"),
    WITHDRAWN: Words("已撤回", "withdrawn"),
}

MOST_EVIDENCE = 5 * 1024 * 1024


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own firm's declarations; for an officer those of her region that she may read."""
        if actor.own_enterprise is not None:
            return self.filter(organisation=actor.own_enterprise)
        if actor.jurisdiction is None:
            return self.none()
        readable = [fact.name for fact in dictionary().stored if may_read_fact(actor, fact)]
        region = self.filter(organisation__region__code__startswith=actor.jurisdiction, fact__in=readable)
        return region.filter(organisation__facts__is_bingtuan=True) if actor.serves_corps_only else region

    def waiting(self) -> Self:
        """Those that nobody has decided or taken back."""
        return self.filter(state=WAITING)

    def for_certification_by(self, actor: Actor) -> Self:
        """Those waiting for the actor's own organ: its function certifies the fact."""
        function = actor.organ_function
        names = [fact.name for fact in dictionary().stored if function in certifying_functions(fact)]
        return self.visible_to(actor).waiting().filter(fact__in=names)


class Declaration(models.Model):
    """One fact as an enterprise states it, with what shows it, and what the certifying organ made of it.

    ``otherwise`` is how the fact would stand in the file had this not been declared. It is kept up to date with all
    that is said of the fact while the declaration waits, so that withdrawing it leaves no trace in the file.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="declarations")
    fact = models.CharField("事实", max_length=60)
    value = models.JSONField("值")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="declarations")
    evidence_text = models.CharField("说明", max_length=500, blank=True)
    evidence_name = models.CharField("文件名", max_length=200, blank=True)
    evidence_type = models.CharField("文件类型", max_length=60, blank=True)
    evidence = models.BinaryField("文件", null=True, blank=True)
    declared_by = models.ForeignKey(Person, models.PROTECT, related_name="declarations")
    declared_at = models.DateTimeField("声明时间", auto_now_add=True)
    state = models.CharField("状态", max_length=10, choices=choices(STATES), default=WAITING)
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="decided_declarations", null=True, blank=True)
    decided_for = models.ForeignKey(
        Organisation, models.PROTECT, related_name="decided_declarations", null=True, blank=True
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    certified_value = models.JSONField("认定的值", null=True, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    otherwise = models.JSONField("撤回后的情形", default=dict, blank=True)

    #: The value may be sensitive; where it is not, the change of the facts tells it.
    journal_hidden = ("value", "certified_value", "otherwise", "evidence_text", "evidence_name")

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事实声明"
        ordering = ("declared_at", "pk")
        constraints = (
            models.CheckConstraint(name="a_declaration_has_a_known_state", condition=Q(state__in=list(STATES))),
            models.CheckConstraint(
                name="a_decided_declaration_names_who_decided",
                condition=~Q(state__in=(CERTIFIED, CORRECTED, REFUSED))
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_correction_or_refusal_gives_its_reason",
                condition=~Q(state__in=(CORRECTED, REFUSED)) | ~Q(reason=""),
            ),
            models.UniqueConstraint(
                name="one_declaration_of_a_fact_waits_at_a_time",
                fields=("organisation", "fact"),
                condition=Q(state=WAITING),
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation} {self.fact}"

    @property
    def definition(self) -> Fact:
        return dictionary()[self.fact]

    def typed(self, value: Any) -> Any:
        """A JSON value of this declaration in the type of its fact."""
        return read_value(self.definition, value)

    def hear(self, value: Any, statement: Statement) -> None:
        """Somebody else says something of the fact (as its column holds it) while this declaration waits."""
        before = Standing.of_json(self.definition, self.otherwise)
        basis = Statement.objects.get(pk=before.statement) if before.statement is not None else None
        after, _ = before.hearing(self.definition, value, statement, basis)
        self.otherwise |= after.as_json(self.definition)
        self.save(update_fields=["otherwise"])
