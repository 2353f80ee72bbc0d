"""The application ``cases``."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "huiqi.cases"
    label = "cases"
    verbose_name = "诉求和案件"
