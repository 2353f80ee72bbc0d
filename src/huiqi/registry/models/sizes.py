"""Size snapshots: the class of an enterprise as it was on a day, for good.

Under the payment regulation a firm's size is that of the day of the contract, and it stays that whatever becomes
of the firm. So a snapshot is never changed and never deleted: triggers in the database refuse it, whoever asks.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from huiqi.journal import Who, act, machine

from .. import size
from ..queries import SizeSnapshotQuerySet
from .facts import COLUMNS, json_value
from .organisations import Organisation

#: The facts that decide the size of an enterprise.
INDICATORS = ("industry_code", "employees", "revenue", "total_assets")

STATUSES = ("determined", "undetermined", "not_covered", "not_an_enterprise")
CLASSES = ("large", "medium", "small", "micro", "not_an_enterprise")


class SizeSnapshot(models.Model):
    """The size of an enterprise on a day, with the standard and the figures that gave it.

    ``indicators`` maps each known indicator to ``{"value", "statement"}``; ``best`` and ``worst`` bound the class
    where some indicator is not known.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="size_snapshots")
    on = models.DateField("日期")
    standard = models.CharField("标准文号", max_length=100, blank=True)
    status = models.CharField("结果", max_length=20)
    size_class = models.CharField("规模", max_length=20, null=True)
    best = models.CharField("规模上限", max_length=20, null=True)
    worst = models.CharField("规模下限", max_length=20, null=True)
    indicators = models.JSONField("所用指标")
    deciding = ArrayField(models.CharField(max_length=1), verbose_name="决定指标", default=list)
    purpose = models.CharField("用途", max_length=200)
    taken_at = models.DateTimeField("记录时间", auto_now_add=True)

    objects = SizeSnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规模快照"
        ordering = ("-on", "-pk")
        constraints = (
            models.CheckConstraint(name="a_snapshot_has_a_known_status", condition=Q(status__in=STATUSES)),
            models.CheckConstraint(
                name="a_snapshot_has_known_classes",
                condition=Q(Q(size_class__isnull=True) | Q(size_class__in=CLASSES))
                & Q(Q(best__isnull=True) | Q(best__in=CLASSES))
                & Q(Q(worst__isnull=True) | Q(worst__in=CLASSES)),
            ),
            models.CheckConstraint(
                name="a_determined_size_has_a_class_and_no_other_has",
                condition=Q(status__in=("determined", "not_an_enterprise"), size_class__isnull=False)
                | Q(status__in=("undetermined", "not_covered"), size_class__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation} {self.on} {self.size_class or self.status}"


def take_snapshot(organisation: Organisation, on: dt.date, purpose: str, who: Who | None = None) -> SizeSnapshot:
    """Classify an enterprise by what is known of it on a day, and keep the result for good.

    Indicators whose statement had ended before ``on`` count as not known. Raises ``EnterpriseFacts.DoesNotExist``
    when there are no facts of the organisation.
    """
    facts = organisation.facts
    known = facts.values(on)
    result = size.classify(
        known.get("industry_code"), known.get("employees"), known.get("revenue"), known.get("total_assets"), on
    )
    indicators: dict[str, Any] = {
        name: {"value": json_value(COLUMNS[name], known[name]), "statement": facts.provenance.get(name)}
        for name in INDICATORS
        if name in known
    }
    with act(who or machine("size"), "size.recorded", articles=(3,), subject=organisation.pk, reason=purpose) as this:
        taken = SizeSnapshot.objects.create(
            organisation=organisation,
            on=on,
            standard=result.standard or "",
            status=result.status,
            size_class=result.size_class,
            best=result.best,
            worst=result.worst,
            indicators=indicators,
            deciding=list(result.deciding),
            purpose=purpose,
        )
        this.about(taken)
    return taken
