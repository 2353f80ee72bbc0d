"""Django's mail into a folder: a file for each letter that any mail program opens (``.eml``). For demonstrations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from .channels import write_private

_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z-]+")


class EmailBackend(BaseEmailBackend):
    """Writes letters into ``HUIQI_OUTBOX/mail``. A letter with the same Message-ID replaces the one before."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.HUIQI_OUTBOX) / "mail"
        for letter in messages:
            made = letter.message()
            number = _NOT_IN_NAMES.sub("-", str(made["Message-ID"])).strip("-")
            write_private(folder / f"{timezone.localtime():%Y-%m-%d}-{number[:100]}.eml", made.as_bytes())
        return len(messages)
