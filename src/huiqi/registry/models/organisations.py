"""Organisations: enterprises, organs, banks, guarantors, service agencies, associations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q

from huiqi.rules.words import Words

from .. import vocabulary
from ..names import pinyin_key
from ..queries import OrganisationQuerySet
from .places import Region


class Organisation(models.Model):
    """One organisation, known by its unified social credit code (organs may be without).

    ``region`` is the place of registration of an enterprise and the place that an organ serves. ``superior`` is the
    organ above where regions do not tell it: the organs of the Production and Construction Corps, whose divisions
    have no code in GB/T 2260 and for which an administrator keeps this field. That an *enterprise* belongs to the
    Corps is a fact (``is_bingtuan`` in :class:`EnterpriseFacts`) and may be unknown.
    """

    kind = models.CharField("类别", max_length=20, choices=vocabulary.choices(vocabulary.KINDS))
    name_zh = models.CharField("名称", max_length=200)
    name_en = models.CharField("英文名称", max_length=200, blank=True)
    name_pinyin = models.CharField(max_length=120, editable=False)
    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name="地区", related_name="organisations", null=True, blank=True
    )
    organ_function = models.CharField(
        "机关职能",
        max_length=30,
        choices=vocabulary.choices(vocabulary.ORGAN_FUNCTIONS),
        null=True,
        blank=True,
    )
    is_bingtuan = models.BooleanField("兵团机关", default=False)
    superior = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级机关", related_name="inferiors", null=True, blank=True
    )
    active_from = models.DateField("设立日期", null=True, blank=True)
    active_to = models.DateField("终止日期", null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "组织"
        ordering = ("name_pinyin", "pk")
        indexes = (
            models.Index(name="organisations_by_kind_region", fields=("kind", "region")),
            models.Index(name="organisations_by_name", fields=("name_pinyin",)),
        )
        constraints = (
            models.CheckConstraint(
                name="an_organisation_has_a_known_kind", condition=Q(kind__in=list(vocabulary.KINDS))
            ),
            models.CheckConstraint(name="an_organisation_has_a_name", condition=~Q(name_zh="")),
            models.CheckConstraint(
                name="a_credit_code_has_18_characters_of_its_alphabet",
                condition=Q(uscc__isnull=True) | Q(uscc__regex="^[0-9A-HJ-NPQRTUWXY]{18}$"),
            ),
            models.CheckConstraint(
                name="only_an_organ_may_be_without_a_credit_code",
                condition=Q(kind=vocabulary.ORGAN) | Q(uscc__isnull=False),
            ),
            models.CheckConstraint(
                name="organs_and_only_organs_have_a_function",
                # A check passes when it is NULL, so the null test has to be spelled out.
                condition=Q(
                    kind=vocabulary.ORGAN,
                    organ_function__isnull=False,
                    organ_function__in=list(vocabulary.ORGAN_FUNCTIONS),
                )
                | Q(~Q(kind=vocabulary.ORGAN), organ_function__isnull=True),
            ),
            models.CheckConstraint(
                name="an_organ_serves_a_region", condition=~Q(kind=vocabulary.ORGAN) | Q(region__isnull=False)
            ),
            models.CheckConstraint(
                name="only_an_organ_has_a_superior_organ",
                condition=Q(kind=vocabulary.ORGAN) | Q(superior__isnull=True),
            ),
            models.CheckConstraint(
                name="an_organisation_is_not_its_own_superior",
                condition=Q(superior__isnull=True) | ~Q(superior=F("pk")),
            ),
            models.CheckConstraint(
                name="only_an_organ_is_an_organ_of_the_corps",
                condition=Q(kind=vocabulary.ORGAN) | Q(is_bingtuan=False),
            ),
            models.CheckConstraint(
                name="an_organisation_does_not_end_before_it_begins",
                condition=Q(active_from__isnull=True) | Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
            ),
        )

    def __str__(self) -> str:
        return self.name_zh

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the sort key with the name; an empty credit code is no code."""
        self.name_pinyin = pinyin_key(self.name_zh)
        self.uscc = self.uscc or None
        super().save(*args, **kwargs)

    @property
    def name(self) -> Words:
        return Words(self.name_zh, self.name_en or self.name_zh)

    def active_on(self, day: dt.date) -> bool:
        return (self.active_from is None or self.active_from <= day) and (
            self.active_to is None or day <= self.active_to
        )

    def superior_organs(self) -> list[Organisation]:
        """The organs above this one that are entered by hand, the next one first."""
        found: list[Organisation] = []
        organ = self.superior
        while organ is not None and organ not in found:
            found.append(organ)
            organ = organ.superior
        return found
