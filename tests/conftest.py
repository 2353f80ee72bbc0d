"""What every test may ask for: a database (embedded, one server a run), a browser, Hypothesis profiles."""

from __future__ import annotations

import functools
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from huiqi.config import embedded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

#: "ci" gives the same examples every time; "explore" looks for new ones (HYPOTHESIS_PROFILE=explore).
hypothesis_settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=150,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.register_profile("explore", max_examples=5_000, deadline=None, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

#: Chromium without a sandbox of its own (tests also run as root) and without calls to its maker.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def pytest_configure(config: pytest.Config) -> None:
    """Sweep up the homes of runs that were killed: their servers would run for ever."""
    if hasattr(config, "workerinput"):
        return
    for home in Path(tempfile.gettempdir()).glob("huiqi-tests-*"):
        try:
            hour_old = home.stat().st_mtime < time.time() - 3600
        except FileNotFoundError:
            continue  # another run has just swept it up
        if hour_old and home != settings.HUIQI_HOME and os.access(home, os.W_OK) and embedded.stop_abandoned(home):
            shutil.rmtree(home, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and settings.HUIQI_HOME.name.startswith("huiqi-tests-"):
        embedded.stop_abandoned(settings.HUIQI_HOME)
        shutil.rmtree(settings.HUIQI_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """The database server of this run, unless DATABASE_URL names another; the last worker to end stops it."""
    if not settings.HUIQI_EMBEDDED:
        yield
        return
    with embedded.start(settings.HUIQI_HOME, durable=False):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django makes its test databases after this: the server has to run by then."""


@pytest.fixture(scope="session", autouse=True)
def arranging() -> None:
    """What a test itself writes is an act of the test; what the product writes has to be an act of its own.

    Whose a write is tells the stack: the nearest of our frames that is no model's. So a function of the product that
    forgets its act is refused by the database in tests as it would be elsewhere. A table of the journal may be emptied
    between tests that really commit, and by nobody else.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations
    from django.db.backends.signals import connection_created

    def on_record(connection: Any, **_: Any) -> None:
        if arranged not in connection.execute_wrappers:
            connection.execute_wrappers.append(arranged)

    connection_created.connect(on_record, dispatch_uid="arranging", weak=False)
    DatabaseOperations.execute_sql_flush = emptied  # type: ignore[method-assign]


#: Empties the tables that hold something. To truncate all of them takes several times as long: most are empty, and each
#: has files of its own. The triggers that always fire (those of the journal) are off meanwhile.
_EMPTY = """
DO $$
DECLARE
    each text; filled boolean; full_ones text[] := '{}'; fires record;
BEGIN
    FOREACH each IN ARRAY %s::text[] LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', each) INTO filled;
        IF filled THEN full_ones := full_ones || each; END IF;
    END LOOP;
    CREATE TEMPORARY TABLE firing ON COMMIT DROP AS
        SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relname = ANY(full_ones) AND tgenabled = 'A' AND NOT tgisinternal;
    FOR fires IN SELECT * FROM firing LOOP
        EXECUTE format('ALTER TABLE %%I DISABLE TRIGGER %%I', fires.relname, fires.tgname);
    END LOOP;
    FOREACH each IN ARRAY full_ones LOOP
        EXECUTE format('DELETE FROM %%I', each);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR fires IN SELECT * FROM firing LOOP
        EXECUTE format('ALTER TABLE %%I ENABLE ALWAYS TRIGGER %%I', fires.relname, fires.tgname);
    END LOOP;
END
$$
"""


def emptied(self: Any, statements: list[str]) -> None:
    """What ``flush`` does between tests that really commit."""
    from django.db import transaction

    tables = re.findall(r'"(\w+)"', " ".join(statements))
    with transaction.atomic(), self.connection.cursor() as cursor:
        cursor.execute(_EMPTY, [tables])


SOURCE, TESTS = Path(embedded.__file__).parents[1], Path(__file__).parent
_WRITES = re.compile(r"\s*(insert|update|delete)\b", re.IGNORECASE)


def arranged(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Run a statement; within an act of the test where a test writes by itself."""
    if isinstance(sql, str) and _WRITES.match(sql) and _written_by_test():
        from huiqi.journal import act, machine, verbs
        from huiqi.rules import Words

        with context["connection"].cursor() as cursor:
            cursor.execute("SELECT current_setting('huiqi.act', true)")
            if not cursor.fetchone()[0]:
                verbs.verbs().setdefault("test.arranged", Words("测试准备", "arranged by a test"))  # type: ignore[attr-defined]
                with act(machine("tests"), "test.arranged"):
                    return execute(sql, params, many, context)
    return execute(sql, params, many, context)


@functools.cache
def _belongs_to(file: str) -> str:
    """Whose a frame of this file is: ``test``, ``conftest``, ``product``, or nobody's that matters (models' among them)."""
    path = Path(file)
    if path.is_relative_to(TESTS):
        return "conftest" if path.name == "conftest.py" else "test"
    ours = path.is_relative_to(SOURCE) and "models" not in path.parts and "migrations" not in path.parts
    return "product" if ours else ""


def _written_by_test() -> bool:
    """Whether the nearest of our frames, models' apart, is a test's."""
    frame = sys._getframe(2)
    while frame is not None:
        whose = _belongs_to(frame.f_code.co_filename)
        if whose == "test":
            return True
        if whose == "conftest":
            return frame.f_code.co_name not in ("arranged", "_written_by_test", "emptied")
        if whose == "product":
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return False


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database open for what the tests of one module share; what each of them changes, and in the end all of it, is
    undone. For fixtures of a module whose tests are marked ``django_db``, and never ``transaction=True``."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a HUIQI_HOME of its own, with no database left running in it.

    Not in ``tmp_path``: pytest closes the folders above that to other accounts whenever another run begins, and the
    database of root's tests runs under another account.
    """
    with tempfile.TemporaryDirectory(prefix="huiqi-tests-") as folder:
        home = Path(folder) / "home"
        yield home
        assert embedded.stop_abandoned(home), "the test left a database server that somebody uses"


@pytest.fixture(autouse=True)
def library_of_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test without a database has the library of the files, as the command line has."""
    needs = {"db", "transactional_db", "live_server", "django_db_setup"}
    if request.node.get_closest_marker("django_db") is None and not needs & set(request.fixturenames):
        monkeypatch.setattr("huiqi.opportunities.library._provider", None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium on this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium on this machine: apt-get install chromium", pytrace=False)
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One headless Chromium for all tests of a worker."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django takes for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def browser_options() -> dict[str, Any]:
    """How pages are opened; override it in a module or a class, for instance with ``java_script_enabled=False``."""
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def context(browser: Browser, live_server: Any, browser_options: dict[str, Any]) -> Iterator[BrowserContext]:
    """A fresh visitor. Fails the test when a page asks another host for anything or breaks the content policy."""
    context = browser.new_context(base_url=live_server.url, **browser_options)
    context.set_default_timeout(10_000)
    own_host = urlsplit(live_server.url).netloc
    faults: list[str] = []

    def request_seen(url: str) -> None:
        address = urlsplit(url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != own_host:
            faults.append(f"asked another host: {url}")

    def message_seen(message: Any) -> None:
        if "Content Security Policy" in message.text or "content security policy" in message.text:
            faults.append(f"broke the content policy: {message.text}")

    context.on("request", lambda request: request_seen(request.url))
    context.on("console", message_seen)
    context.on("weberror", lambda error: faults.append(f"script error: {error.error}"))
    yield context
    context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of a fresh visitor, with addresses relative to the live server."""
    return context.new_page()
