"""Roster imports: who brought in which file, when, with what outcome."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from ..queries import RosterImportQuerySet
from .organisations import Organisation
from .people import Person


class RosterImport(models.Model):
    """One completed import. A dry run and a refused file leave none."""

    by = models.ForeignKey(Person, models.PROTECT, related_name="roster_imports", null=True, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="roster_imports", null=True, blank=True)
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文件摘要", max_length=64)
    imported_at = models.DateTimeField("导入时间", auto_now_add=True)
    rows = models.PositiveIntegerField("行数")
    new = models.PositiveIntegerField("新增")
    updated = models.PositiveIntegerField("更新")
    unchanged = models.PositiveIntegerField("未变")
    warnings = models.PositiveIntegerField("提示")

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册导入"
        ordering = ("-imported_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="every_row_of_an_import_is_new_updated_or_unchanged",
                condition=Q(rows=F("new") + F("updated") + F("unchanged")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_name} {self.imported_at:%Y-%m-%d %H:%M}"
