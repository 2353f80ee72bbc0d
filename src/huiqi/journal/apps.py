from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "huiqi.journal"
    verbose_name = "日志"

    def ready(self) -> None:
        from . import checks, coverage  # noqa: F401  (checks register themselves)

        post_migrate.connect(coverage.after_migrate, dispatch_uid="huiqi.journal.coverage")
