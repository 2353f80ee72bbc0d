"""Django and its database, for the commands that need them."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator

import click

from huiqi.config import embedded
from huiqi.config.embedded import DatabaseProblem
from huiqi.rules.words import Words


class DatabaseAway(click.ClickException):
    """There is no database to work with; ``problem`` says why and what to do."""

    def __init__(self, problem: DatabaseProblem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def load() -> None:
    """Load the settings and the applications; no database is needed. Raises click.ClickException."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiqi.config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as problem:
        raise click.ClickException(f"设置有误 / the settings are wrong: {problem}") from None


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Django with a database that answers: the embedded one, started if need be, or the one of DATABASE_URL.

    Raises click.ClickException with one line when there is none.
    """
    load()
    from django.conf import settings

    with contextlib.ExitStack() as stack:
        try:
            if settings.HUIQI_EMBEDDED:
                stack.enter_context(embedded.start(settings.HUIQI_HOME))
            check_server()
        except DatabaseProblem as problem:
            raise DatabaseAway(problem) from None
        from django.db import connections

        stack.callback(connections.close_all)
        yield


def check_server() -> int:
    """The version number of the server, such as 180006. Raises DatabaseProblem when it is away or too old."""
    from django.db import OperationalError, connection
    from django.db.utils import NotSupportedError

    try:
        connection.ensure_connection()
        version = int(getattr(connection, "pg_version"))  # noqa: B009  (PostgreSQL's own attribute)
    except NotSupportedError:
        version = 130000
    except OperationalError as problem:
        reason = str(problem).strip().splitlines()[-1]
        raise DatabaseProblem(
            Words(f"连不上数据库：{reason}", f"The database does not answer: {reason}"),
            Words("请检查 DATABASE_URL 和数据库服务", "Check DATABASE_URL and the database server"),
        ) from None
    old = embedded.version_problem(version)
    if old:
        raise old
    return version


@contextlib.contextmanager
def setting_up() -> Iterator[None]:
    """Hold the right to change tables and load data; a second process waits for the first."""
    from huiqi.registry.locks import SETTING_UP, alone

    with alone(SETTING_UP):
        yield


def prepare() -> None:
    """Bring the tables and the reference data that ships with the product up to date."""
    from django.core.management import call_command

    from huiqi.law.calendars import load_calendars
    from huiqi.registry.reference import load_reference_data

    call_command("migrate", interactive=False, verbosity=0)
    load_reference_data()
    load_calendars()


def collect_static() -> None:
    """Copy, name by content and compress the static files, unless none has changed since the last time."""
    import hashlib

    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            modified = storage.get_modified_time(path).timestamp()
            digest.update(f"{path}\0{storage.size(path)}\0{modified}\n".encode())
    stamp = settings.STATIC_ROOT / ".collected"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest.hexdigest())
