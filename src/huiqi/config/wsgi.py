"""The service for a WSGI server."""

from __future__ import annotations

import contextlib
import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiqi.config.settings")

application = get_wsgi_application()


def _make_ready() -> None:
    """Read the policies before the first visitor comes, and leave what stays out of the garbage collection.

    The trees of all rules are many small objects; to go through them takes longer than to answer.
    """
    from huiqi.opportunities.library import load_library, policy_folder

    with contextlib.suppress(Exception):  # a library that cannot be read is told by the first page that needs it
        load_library(policy_folder())
    gc.collect()
    gc.freeze()


_make_ready()
