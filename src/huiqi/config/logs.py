"""How the service logs: one event a line, JSON for machines or colours for a terminal.

No personal data: a request is named by its route, never by its address, query or body; there is no client address,
no browser name and no user. Errors carry a traceback without the values of variables.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog
from structlog.typing import Processor

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]

RENDERERS: dict[str, list[Processor]] = {
    "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)],
    "console": [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)],
}


class WithoutAddress(logging.Filter):
    """Takes the address out of Django's own messages about requests ("Not Found: /enterprises/…")."""

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, "request") and record.args:
            record.msg, record.args = str(record.msg).partition(": ")[0] % tuple(record.args)[:-1], ()
        return True


def configuration(log_format: str) -> dict[str, Any]:
    """A configuration for :func:`logging.config.dictConfig`; ``log_format`` is a key of :data:`RENDERERS`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_address": {"()": WithoutAddress}},
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *RENDERERS[log_format]],
            },
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "event", "filters": ["without_address"]},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "huiqi": {"level": "INFO"},
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            # The request log has every refused request already; only failures need their traceback.
            "django.request": {"level": "ERROR"},
            # django-axes writes names and addresses; what it locked is in its tables, for those who may see it.
            "axes": {"handlers": [], "propagate": False},
            "django.server": {"level": "ERROR", "handlers": ["stderr"], "propagate": False},
        },
    }


def structlog_configuration() -> dict[str, Any]:
    """The arguments of :func:`structlog.configure`: events go through the standard library's handlers."""
    return {
        "processors": [
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        "logger_factory": structlog.stdlib.LoggerFactory(),
        "wrapper_class": structlog.stdlib.BoundLogger,
        "cache_logger_on_first_use": True,
    }
