"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register


class WebConfig(AppConfig):
    name = "huiqi.web"
    label = "web"

    def ready(self) -> None:
        """What packages declare under the articles is checked with Django's own checks."""
        from .checks import check_services

        register(check_services, Tags.urls)
