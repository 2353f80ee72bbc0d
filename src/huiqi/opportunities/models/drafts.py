"""Drafts of policies on an officer's desk (Articles 5, 36 and 53: made with data, reviewed for fair competition)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q

from huiqi.registry.models import Organisation, Person
from huiqi.rules.words import Words

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, actor: Actor) -> Self:
        """Drafts are seen by the people of the organ that drafts them, and by nobody else before they are published."""
        organisation = actor.organisation
        if organisation is None or actor.jurisdiction is None:
            return self.none()
        return self.filter(organ=organisation)


class Draft(models.Model):
    """A policy that is being written. Texts and expressions are kept as typed, also while they are not yet right."""

    organ = models.ForeignKey(Organisation, models.PROTECT, verbose_name="起草机关", related_name="drafts")
    author = models.ForeignKey(Person, models.PROTECT, verbose_name="起草人", related_name="drafts")
    policy_id = models.SlugField("政策编号", max_length=60, blank=True)
    title_zh = models.CharField("名称", max_length=200, blank=True)
    title_en = models.CharField("英文名称", max_length=300, blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)
    benefit_type = models.CharField("好处的种类", max_length=40, default="subsidy")
    benefit_zh = models.TextField("能得到什么", blank=True)
    benefit_en = models.TextField("能得到什么（英文）", blank=True)
    how_to_claim_zh = models.TextField("怎么办", blank=True, help_text="一行一步")
    how_to_claim_en = models.TextField("怎么办（英文）", blank=True)
    eligible = models.TextField("谁可以享受", blank=True)
    amount = models.TextField("给多少（元）", blank=True)
    amount_per = models.CharField("按什么给", max_length=10, default="year")
    articles = models.JSONField("依据本办法的条", default=list, blank=True)
    valid_from = models.DateField("起", null=True, blank=True)
    valid_to = models.DateField("止", null=True, blank=True)
    replaces = models.CharField("取代的政策", max_length=60, blank=True)
    reasons = models.JSONField("公平竞争审查说明", default=dict, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField("修改时间", auto_now=True)
    withdrawn_at = models.DateTimeField("放弃时间", null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策草案"
        ordering = ("-updated_at",)
        constraints = (
            models.CheckConstraint(
                name="a_draft_ends_after_it_begins",
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="reasons_of_a_draft_are_an_object",
                condition=Q(reasons__contains={}),
            ),
        )

    def __str__(self) -> str:
        return self.title_zh or f"草案 {self.pk}"

    @property
    def title(self) -> Words | None:
        """The title in both languages; None before there is one."""
        either = self.title_zh or self.title_en
        return Words(self.title_zh or either, self.title_en or either) if either else None

    def content(self) -> dict[str, Any]:
        """The draft in the form of a policy file (``data/policy.schema.json``)."""

        def lines(text: str) -> list[str]:
            return [line.strip() for line in text.splitlines() if line.strip()]

        return {
            "schema_version": 3,
            "id": self.policy_id,
            "title_zh": self.title_zh,
            "title_en": self.title_en or self.title_zh,
            "issuing_body_zh": self.organ.name_zh,
            "issuing_body_en": self.organ.name_en or self.organ.name_zh,
            "document_number": self.document_number or None,
            "document_number_status": "verified" if self.document_number else "unverified",
            "level": self.organ.region.level if self.organ.region else "autonomous_region",
            "articles": sorted(set(self.articles)),
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "supersedes": self.replaces or None,
            "benefit_type": self.benefit_type,
            "benefit_zh": self.benefit_zh,
            "benefit_en": self.benefit_en or self.benefit_zh,
            "benefit_amount": self.amount.strip() or None,
            "benefit_per": self.amount_per if self.amount.strip() else None,
            "eligible": self.eligible,
            "conditions": [],
            "lane": "application",
            "how_to_claim_zh": lines(self.how_to_claim_zh),
            "how_to_claim_en": lines(self.how_to_claim_en) or lines(self.how_to_claim_zh),
            "exclusive_with": [],
            "exclusive_scope_zh": None,
            "exclusive_scope_en": None,
            "keywords": [],
            "source_zh": self.document_number or self.organ.name_zh,
            "source_en": self.document_number or self.organ.name_en or self.organ.name_zh,
            "confidence": "verified",
            "display": "show",
            "note_zh": None,
            "note_en": None,
        }
