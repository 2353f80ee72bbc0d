"""The embedded database comes up by itself, is shared, and loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psycopg
import pytest

from huiqi.config import embedded


def connect(home: Path) -> psycopg.Connection:
    where = embedded.connection(home)
    return psycopg.connect(
        host=str(where["HOST"]),
        port=int(where["PORT"]),
        user=str(where["USER"]),
        dbname=str(where["NAME"]),
        autocommit=True,
    )


def runs(home: Path) -> bool:
    return embedded._answers(home)


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def kill_server(home: Path) -> None:
    """As a power cut would: nothing is flushed, nothing is tidied."""
    number = postmaster(home)
    os.kill(number, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while runs(home) and time.monotonic() < deadline:
        time.sleep(0.05)


def python(home: Path, body: str) -> subprocess.Popen[str]:
    """Another process that has started the server of this home and then does ``body``."""
    program = f"""
        import sys, time
        from pathlib import Path
        from huiqi.config import embedded
        server = embedded.start(Path({str(home)!r}), durable=False)
        print("started" if server.started_here else "attached", flush=True)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program) + textwrap.dedent(body)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


WAIT_TO_BE_TOLD = "sys.stdin.readline()"


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def let_end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=60)


def test_it_starts_by_itself_in_utf8_and_stops_with_the_process_that_holds_it(home: Path) -> None:
    with embedded.start(home) as server:
        assert server.started_here
        with connect(home) as database:
            assert database.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            assert database.execute("SELECT lower('ÄB'), length('惠企')").fetchone() == ("äb", 2)
            assert database.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
    assert not runs(home)


def test_data_is_there_after_a_restart_and_after_the_server_was_killed(home: Path) -> None:
    with embedded.start(home), connect(home) as database:
        database.execute("CREATE TABLE note (text text)")
        database.execute("INSERT INTO note VALUES ('第一条')")
    with embedded.start(home):
        with connect(home) as database:
            assert database.execute("SELECT text FROM note").fetchall() == [("第一条",)]
            database.execute("INSERT INTO note VALUES ('第二条')")
        kill_server(home)
    with embedded.start(home) as server, connect(home) as database:
        assert server.started_here
        assert database.execute("SELECT text FROM note").fetchall() == [("第一条",), ("第二条",)]


def test_processes_that_start_at_once_share_one_server_and_the_last_one_stops_it(home: Path) -> None:
    processes = [python(home, WAIT_TO_BE_TOLD) for _ in range(3)]
    assert sorted(first_line(p) for p in processes) == ["attached", "attached", "started"]
    starter = processes[0]
    let_end(starter)
    assert runs(home)
    let_end(processes[1])
    assert runs(home)
    let_end(processes[2])
    assert not runs(home)


def test_a_server_whose_user_was_killed_is_taken_over_and_then_stopped(home: Path) -> None:
    process = python(home, WAIT_TO_BE_TOLD)
    first_line(process)
    process.kill()
    process.communicate()
    assert runs(home)
    with embedded.start(home) as server:
        assert not server.started_here
    assert not runs(home)


@pytest.mark.parametrize(
    "number", [pytest.param("own", id="another program's"), pytest.param("999999999", id="nobody's")]
)
def test_a_stale_process_number_does_not_keep_the_server_from_starting(home: Path, number: str) -> None:
    embedded.start(home, durable=False).stop()
    # The number of this very test: it is alive, and it is no PostgreSQL.
    first = str(os.getpid()) if number == "own" else number
    pid_file = home / "postgres" / "postmaster.pid"
    pid_file.write_text(
        f"{first}\n{home / 'postgres'}\n1700000000\n5432\n{embedded.socket_directory(home)}\n\n  1 1\nready\n"
    )
    owner = (home / "postgres").stat()
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    with embedded.start(home, durable=False) as server:
        assert server.started_here


def part_of(home: Path, name: str) -> int:
    """The process of the server that bears this name."""
    server = postmaster(home)
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return next(int(child) for child in children if name in Path(f"/proc/{child}/cmdline").read_text())


def test_a_server_that_does_not_end_when_told_to_is_stopped_all_the_same_and_loses_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STOP_SECONDS", 2)
    with embedded.start(home, durable=True):
        with connect(home) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        # without its checkpointer it waits for ever: as PostgreSQL 18 does when it is stopped while it recovers
        os.kill(part_of(home, "checkpointer"), signal.SIGSTOP)
    assert not runs(home)
    with embedded.start(home, durable=False), connect(home) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_server_that_stands_still_halfway_does_not_keep_another_from_starting(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STOP_SECONDS", 2)
    holder = python(home, "time.sleep(600)")
    assert holder.stdout is not None
    holder.stdout.readline()
    server = postmaster(home)
    os.kill(part_of(home, "checkpointer"), signal.SIGSTOP)
    os.kill(server, signal.SIGINT)  # it is told to stop, and whoever told it is killed
    holder.kill()
    holder.wait()
    with embedded.start(home, durable=False), connect(home) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
        assert postmaster(home) != server


def test_an_interrupted_first_start_leaves_nothing_in_the_way(home: Path) -> None:
    (home / "postgres.new" / "base").mkdir(parents=True)
    with embedded.start(home, durable=False), connect(home) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)


def test_a_long_home_gets_a_short_private_socket_folder(home: Path) -> None:
    long = home / ("long" * 20) / ("longer" * 20)
    folder = embedded.socket_directory(long)
    assert len(str(folder / ".s.PGSQL.5432")) < embedded.LONGEST_SOCKET_PATH
    with embedded.start(long, durable=False), connect(long):
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_a_private_folder_above_the_home_stays_unreadable_to_others(home: Path) -> None:
    private = home / "private"
    private.mkdir(mode=0o700, parents=True)
    with embedded.start(private / "home", durable=False), connect(private / "home"):
        assert private.stat().st_mode & 0o007 == 0
        assert private.stat().st_mode & 0o060 == 0


def test_a_home_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(embedded.DatabaseProblem) as problem:
        embedded.start(tmp_path / "file" / "home")
    assert "HUIQI_HOME" in problem.value.remedy.en
    assert "\n" not in str(problem.value)


def test_data_of_another_major_version_is_refused_before_anything_is_touched(home: Path) -> None:
    embedded.start(home, durable=False).stop()
    (home / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(embedded.DatabaseProblem, match="pg_dump"):
        embedded.start(home, durable=False)
    assert (home / "postgres" / "PG_VERSION").read_text() == "14\n"


def test_a_server_older_than_postgresql_15_is_refused() -> None:
    assert embedded.version_problem(150004) is None
    problem = embedded.version_problem(140011)
    assert problem is not None and "15" in problem.remedy.en


def test_postgresql_of_the_machine_is_used_where_the_wheel_does_not_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("initdb", "pg_ctl", "postgres"):
        (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.3 (Debian 16.3-1)'\n")
        (folder / name).chmod(0o755)
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    embedded.binaries.cache_clear()
    try:
        assert embedded.binaries() == folder
    finally:
        monkeypatch.undo()
        embedded.binaries.cache_clear()
