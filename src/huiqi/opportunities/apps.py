"""The application ``opportunities``."""

from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "huiqi.opportunities"
    label = "opportunities"
    verbose_name = "惠企机会"

    def ready(self) -> None:
        """What is published on the platform joins the library; what ends joins the calendars."""
        from . import calendar  # noqa: F401  (it registers itself)
        from .library import provide
        from .publishing import with_published

        provide(with_published)
