"""The application ``cases``."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "huiqi.cases"
    label = "cases"
    verbose_name = "诉求和案件"

    def ready(self) -> None:
        """Who reads and who writes the letters of a case, and where they are sent."""
        from huiqi.documents.letters import mailing, reading

        from . import agenda, telling  # noqa: F401  (sources of calendars, and a kind of notice)
        from .models import Case
        from .replies import ABOUT
        from .writing import mailbox, matters_written_about

        mailing.mailboxes[ABOUT] = mailbox
        reading.readers[ABOUT] = lambda actor: Case.objects.visible_to(actor)
        reading.handlers[ABOUT] = matters_written_about
