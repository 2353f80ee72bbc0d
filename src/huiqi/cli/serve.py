"""``huiqi serve``: the whole service in one command, and nothing left running after it."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

import click

from huiqi.cli import project

START_SECONDS = 60
STOP_SECONDS = 15
#: Each thread holds one database connection, and waits for it most of the time.
THREADS = 4
#: A worker that has ended is started again, but not more often than so many seconds apart.
RESTART_SECONDS = 5
WORKER = [sys.executable, "-m", "huiqi", "worker"]
_PR_SET_PDEATHSIG = 1


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 12), help="Processes that answer.")
@click.pass_context
def serve_command(context: click.Context, host: str, port: int, workers: int) -> None:
    """启动服务，直到按 Ctrl-C。 Run the service until ctrl-C.

    Starts the embedded database (unless DATABASE_URL names another), brings its tables up to date, and answers at
    http://HOST:PORT. With HUIQI_DEMO=1 it loads made-up enterprises and shows how to log in.

    \b
    Example:
      huiqi serve --port 8080
    """
    _check_port(host, port)
    with project.database():
        from django.conf import settings
        from django.db import connections

        click.echo("正在准备…… / Getting ready ...")
        with project.setting_up():
            project.prepare()
            project.collect_static()
            logins = _load_demo() if settings.HUIQI_DEMO else []
            _say_gaps()
        connections.close_all()
        if not settings.HUIQI_URL:
            os.environ["HUIQI_URL"] = _url(host, port)  # for the links in messages, which the worker writes
        context.exit(_run(host, port, workers, logins))


def _check_port(host: str, port: int) -> None:
    """Say at once, rather than after all the preparations, that the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as problem:
        other = port + 1 if port < 65535 else 8080
        raise click.ClickException(
            f"{host}:{port} 不能使用（{problem.strerror}）；请换一个端口：make run PORT={other} 或 huiqi serve --port {other} / "
            f"{host}:{port} cannot be used ({problem.strerror}); choose another port: "
            f"make run PORT={other} or huiqi serve --port {other}"
        ) from None


def _say_gaps() -> None:
    """The years that the calendars lack, so that whoever starts the service sees them."""
    from django.utils import timezone

    from huiqi.law.calendars import gaps

    for gap in gaps(timezone.localdate()):
        click.echo(
            f"注意：“{gap.name.zh}”日历还没有 {gap.year} 年，落到那一年的期限都算不出来 / "
            f"NOTE: the calendar “{gap.name.en}” has no {gap.year}: no deadline that reaches it can be given"
        )


def _load_demo() -> list[str]:
    """Made-up data, loaded once; the lines that say how to log in."""
    from huiqi.cases import demo as story
    from huiqi.registry.demo import loading

    try:
        loaded = loading.load()
        story.tell()
    except loading.DemoProblem as problem:
        raise click.ClickException(str(problem)) from None
    if not loaded.already:
        click.echo(f"已载入 {loaded.enterprises} 家样例企业 / {loaded.enterprises} made-up enterprises loaded")
    width = max(len(person.login_name) for person in loading.PEOPLE)
    return [
        f"样例账号，密码都是 / Logins of the demonstration, all with the password  {loading.password()}",
        *(f"  {person.login_name:<{width}}  {person.who}" for person in loading.PEOPLE),
    ]


def _url(host: str, port: int) -> str:
    """Where the service is found from this machine."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{shown}:{port}"


def _run(host: str, port: int, workers: int, logins: list[str]) -> int:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "error"]
    command += ["--workers-kill-timeout", "5", "--respawn-failed-workers", "huiqi.config.wsgi:application"]
    server = _start(command)
    worker, started = _start(WORKER), time.monotonic()
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for process in (server, worker):
            if process.poll() is None:
                process.terminate()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        url = _url(host, port)
        if _answers(server, f"{url}/healthz"):
            _say_ready(url, logins)
        while not stopping and server.poll() is None:
            if worker.poll() is not None and time.monotonic() - started > RESTART_SECONDS:
                worker, started = _start(WORKER), time.monotonic()
            time.sleep(0.2)
        _stop(server)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for process in (server, worker):
            if process.poll() is None:
                process.terminate()
            _stop(process)
    if not stopping:
        raise click.ClickException(
            f"服务意外结束（{server.returncode}） / the server ended unexpectedly ({server.returncode})"
        )
    click.echo("已停止 / Stopped")
    return 0


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that ctrl-C reaches it once: from here, in its turn."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: S603


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was told to end, and end it when it does not."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_with_parent() -> None:
    """In the new process: be told to end when this one is killed (Linux only), so that the port comes free."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(server: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until the server answers, it ends, or the time is over."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (our own address)
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            return True  # it runs; what it says is in its log
        except OSError:
            time.sleep(0.1)
    return False


def _say_ready(url: str, logins: list[str]) -> None:
    click.echo(f"\n惠企 Huiqi   {url}   (Ctrl-C 停止 / stops it)\n")
    for line in logins:
        click.echo(line)
    click.echo("")
