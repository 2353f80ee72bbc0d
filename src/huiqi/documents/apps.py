"""The application ``documents``."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "huiqi.documents"
    label = "documents"
    verbose_name = "文书和通知"

    def ready(self) -> None:
        """Kinds of notice are declared, what duties have to tell goes into the inboxes, their last days into calendars."""
        from . import duties, inbox  # noqa: F401  (they register themselves)
