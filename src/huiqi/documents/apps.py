"""The application ``documents``."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "huiqi.documents"
    label = "documents"
    verbose_name = "文书和通知"
