"""What the pages themselves keep: how often somebody has tried something."""

from __future__ import annotations

from django.db import models


class Attempts(models.Model):
    """How often one has tried one thing since the first time, until ``ends``. Written by :mod:`huiqi.web.limits`.

    ``key`` stands for who and what, and cannot be turned back into either without the secret key.
    """

    key = models.CharField(primary_key=True, max_length=64)
    number = models.PositiveIntegerField("次数")
    ends = models.DateTimeField("计到", db_index=True)

    journal_exempt = "counts for the limits of the pages, forgotten within the hour; it names nobody"

    class Meta:
        verbose_name = verbose_name_plural = "尝试次数"
        db_table = "web_attempts"

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.number}"
