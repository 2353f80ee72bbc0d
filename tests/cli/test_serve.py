"""``huiqi serve`` brings everything up by itself and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from huiqi.config import embedded

HUIQI = [sys.executable, "-c", "from huiqi.cli import main; main()"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def serve(home: Path, port: int, *, demo: bool) -> tuple[subprocess.Popen[str], str]:
    """A running service and what it has printed by the time that it is ready."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO")}
    environment |= {"HUIQI_HOME": str(home), "HUIQI_DEMO": "1" if demo else "0"}
    process = subprocess.Popen(
        [*HUIQI, "serve", "--port", str(port), "--workers", "1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = ""
    assert process.stdout is not None
    while "Ctrl-C" not in printed:
        line = process.stdout.readline()
        assert line, f"it ended: {printed}"
        printed += line
    return process, printed


@pytest.fixture(scope="module")
def lasting() -> Iterator[Path]:
    """A home that the tests of this module use in turn: the first makes its database, the others find it."""
    with tempfile.TemporaryDirectory(prefix="huiqi-tests-") as folder:
        yield Path(folder) / "home"


@pytest.fixture
def home(lasting: Path) -> Iterator[Path]:
    yield lasting
    assert embedded.stop_abandoned(lasting), "the test left a database server that somebody uses"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_with_its_own_static_files_and_stops_with_its_database(home: Path, number: int) -> None:
    port = free_port()
    process, printed = serve(home, port, demo=False)
    assert f"http://127.0.0.1:{port}" in printed
    assert "warn" not in printed.lower() and "error" not in printed.lower() and "Traceback" not in printed
    assert get(f"http://127.0.0.1:{port}/healthz") == "ok\n"
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', get(f"http://127.0.0.1:{port}/"))
    assert sheets and all(get(f"http://127.0.0.1:{port}{sheet}") for sheet in sheets)
    began = time.monotonic()
    process.send_signal(number)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert time.monotonic() - began < 15
    assert not embedded._answers(home)
    assert not (home / "postgres" / "postmaster.pid").exists()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_a_service_that_was_killed_frees_its_port_and_starts_again(home: Path) -> None:
    port = free_port()
    process, _ = serve(home, port, demo=False)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                break
        time.sleep(0.1)
    process, _ = serve(home, port, demo=False)
    assert get(f"http://127.0.0.1:{port}/healthz") == "ok\n"
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert embedded.stop_abandoned(home)
