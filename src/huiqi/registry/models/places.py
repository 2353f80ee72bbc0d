"""Where and what: regions (GB/T 2260) and industries (GB/T 4754-2017)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huiqi.rules.words import Words

from .. import vocabulary
from ..queries import IndustryQuerySet, RegionQuerySet


class Region(models.Model):
    """A place in Xinjiang with its two parents.

    ``parent`` is the place in the code hierarchy, for totals and maps. ``superior`` is the level above in government,
    for complaints, escalation and supervision. They differ for the prefectures of Tacheng and Altay, which stand
    directly under the autonomous region by code but are administered by the Ili Kazakh autonomous prefecture. Never
    supervise by ``parent``, never add up by ``superior``.
    """

    code = models.CharField("代码", max_length=6, primary_key=True)
    name_zh = models.CharField("名称", max_length=60)
    name_en = models.CharField("英文名称", max_length=80)
    name_pinyin = models.CharField(max_length=120, editable=False)
    level = models.CharField("级别", max_length=20, choices=vocabulary.choices(vocabulary.REGION_LEVELS))
    kind = models.CharField("建制", max_length=30, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True, blank=True)
    superior = models.ForeignKey("self", models.PROTECT, related_name="inferiors", null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "地区"
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(name="a_region_is_not_its_own_parent", condition=~Q(parent=F("code"))),
            models.CheckConstraint(name="a_region_is_not_its_own_superior", condition=~Q(superior=F("code"))),
            models.CheckConstraint(name="a_region_code_has_six_digits", condition=Q(code__regex=r"^[0-9]{6}$")),
            models.CheckConstraint(
                name="a_region_has_a_known_level", condition=Q(level__in=list(vocabulary.REGION_LEVELS))
            ),
            models.CheckConstraint(
                name="only_the_autonomous_region_has_nothing_above_it",
                condition=Q(level="autonomous_region", parent=None, superior=None)
                | Q(~Q(level="autonomous_region"), parent__isnull=False, superior__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name_zh} {self.code}"

    @property
    def name(self) -> Words:
        return Words(self.name_zh, self.name_en)

    @property
    def prefix(self) -> str:
        """The leading digits that this region's code shares with all below it: 2, 4 or 6 of them."""
        return self.code[: vocabulary.REGION_DIGITS[self.level]]

    def superiors(self) -> list[Region]:
        """The regions above in government, the next one first."""
        found: list[Region] = []
        region = self.superior
        while region is not None and region not in found:
            found.append(region)
            region = region.superior
        return found


class Industry(models.Model):
    """A section, division, group or class of GB/T 4754-2017."""

    code = models.CharField("代码", max_length=4, primary_key=True)
    level = models.CharField("层级", max_length=10, choices=vocabulary.choices(vocabulary.INDUSTRY_LEVELS))
    section = models.CharField("门类", max_length=1)
    name_zh = models.CharField("名称", max_length=100)
    name_en = models.CharField("英文名称", max_length=200, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True, blank=True)

    objects = IndustryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行业"
        ordering = ("section", "code")
        constraints = (
            models.CheckConstraint(
                name="the_code_of_an_industry_tells_its_level",
                condition=Q(level="section", code__regex="^[A-T]$", section=F("code"), parent=None)
                | Q(level="division", code__regex="^[0-9]{2}$", parent__isnull=False)
                | Q(level="group", code__regex="^[0-9]{3}$", parent__isnull=False)
                | Q(level="class", code__regex="^[0-9]{4}$", parent__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"

    @property
    def name(self) -> Words:
        return Words(self.name_zh, self.name_en or self.name_zh)
