"""``huiqi manage procedures``: the procedures of cases as a guide, from their classes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from huiqi.cases.procedures.telling import guide


class Command(BaseCommand):
    """Print ``docs/procedures.md``."""

    help = "Print the guide to the procedures of cases, as it stands in docs/procedures.md"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(guide(), ending="")
