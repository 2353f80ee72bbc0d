"""The application ``law``."""

from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "huiqi.law"
    label = "law"
    verbose_name = "法规、期限和义务"
