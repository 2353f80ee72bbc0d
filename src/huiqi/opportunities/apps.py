"""The application ``opportunities``."""

from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "huiqi.opportunities"
    label = "opportunities"
    verbose_name = "惠企机会"
