"""The application ``documents``."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "huiqi.documents"
    label = "documents"
    verbose_name = "文书和通知"

    def ready(self) -> None:
        """Whatever duties have to tell goes into the inboxes."""
        from . import duties  # noqa: F401  (it registers itself)
