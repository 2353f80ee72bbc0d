"""Roster imports: who brought in which file, when, with what outcome; and files that were tried and wait for a yes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from ..queries import RosterImportQuerySet, RosterTrialQuerySet
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


class RosterTrial(models.Model):
    """A file that was tried for an organ and not imported yet: what an import would do, and what is wrong.

    ``content`` are the bytes that were tried, and the very bytes that a confirmation imports. They are kept while they
    may be confirmed only: not when the file has errors or says nothing new, and not after the import. ``problems`` are
    those that are listed, as :meth:`huiqi.registry.problems.Problem.as_json` gives them.
    """

    by = models.ForeignKey(Person, models.CASCADE, related_name="roster_trials")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="roster_trials")
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文件摘要", max_length=64)
    content = models.BinaryField("文件", null=True, blank=True)
    made_at = models.DateTimeField("试算时间", auto_now_add=True)
    expires_at = models.DateTimeField("保留到", db_index=True)
    rows = models.PositiveIntegerField("行数")
    new = models.PositiveIntegerField("新增")
    updated = models.PositiveIntegerField("更新")
    unchanged = models.PositiveIntegerField("未变")
    errors = models.PositiveIntegerField("错误")
    bad_rows = models.PositiveIntegerField("有错的行")
    warnings = models.PositiveIntegerField("提示")
    problems = models.JSONField("问题", default=list)
    roster_import = models.ForeignKey(
        RosterImport, models.CASCADE, verbose_name="导入", related_name="trials", null=True, blank=True
    )

    journal_exempt = "kept for an hour and forgotten; the import itself is noted"

    objects = RosterTrialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册试算"
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="a_file_is_kept_only_while_it_may_be_imported",
                condition=Q(content__isnull=True) | Q(errors=0, roster_import__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_name} {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        """``refused``, ``waiting`` for a yes, ``imported``, or ``nothing`` when all that the file says is on file."""
        if self.errors:
            return "refused"
        if self.roster_import_id is not None:
            return "imported"
        return "waiting" if self.new or self.updated else "nothing"
