"""The application ``cases``."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "huiqi.cases"
    label = "cases"
    verbose_name = "诉求和案件"

    def ready(self) -> None:
        """Who reads and who writes the letters of a case."""
        from huiqi.documents.letters import reading
        from huiqi.documents.sending.calendar import source

        from . import dates, telling  # noqa: F401  (the source of a calendar, and a kind of notice)
        from .agenda import due_cases
        from .models import Case
        from .replies import ABOUT
        from .writing import matters_written_about

        source(due_cases)
        reading.readers[ABOUT] = lambda actor: Case.objects.visible_to(actor)
        reading.handlers[ABOUT] = matters_written_about
