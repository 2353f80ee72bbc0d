"""The registry: who. Regions, industries, organisations, people and their roles, facts about enterprises."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "huiqi.registry"
    label = "registry"
    verbose_name = "主体库"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import signing

        signing.connect()
