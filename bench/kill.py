"""Kill -9 in the middle of writes: ``python -m bench.kill --times 100 [--what facts | filings]``.

The whole service runs as its users run it (``huiqi serve`` with its worker and the embedded database), in a home of its
own. People declare facts, or file complaints with a photograph, over HTTP all the while, and a reader follows the journal and keeps in the same transaction what
it has read. Again and again something is killed without warning: a process that answers, the worker, a backend of the
database, the database itself, the reader, or all at once. In the end:

- every declaration that was answered with success is there, exactly once; or every receipt that somebody was shown is there
  as a case with the file that went with it, byte for byte, and no complaint was registered twice;
- no event was read twice, none was missed, every event has one place;
- ``huiqi audit verify`` passes.

Exits 1 when any of this is not so.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import http.cookiejar
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PEOPLE = ("noodles", "textiles", "software")
READER = """
import time
from huiqi.cli import project
with project.database():
    from django.db import connection, transaction
    from huiqi.journal import feed
    while True:
        with feed.read("bench.kill", 50) as events, connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bench_kill_read VALUES (%s)", [[event.pk] for event in events])
        time.sleep(0.05)
"""


class Service:
    """``huiqi serve`` in a home of its own, started again whenever it is down."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.environment = {**os.environ, "HUIQI_HOME": str(home), "HUIQI_DEMO": "1", "HUIQI_LOG": "json"}
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        """Have it answer, whatever has happened to it."""
        if self.process is None or self.process.poll() is not None or not self.database():
            self.down()
            log = (self.home / "serve.log").open("ab")
            command = [sys.executable, "-m", "huiqi", "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).read()
                return None
            if self.process.poll() is not None:
                return self.up()
            time.sleep(0.1)
        raise RuntimeError(f"the service does not come up; see {self.home / 'serve.log'}")

    def follow(self) -> None:
        """Have the reader run."""
        if self.reader is None or self.reader.poll() is not None:
            log = (self.home / "reader.log").open("ab")
            self.reader = subprocess.Popen(
                [sys.executable, "-c", READER], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def down(self) -> None:
        for process in (self.process, self.reader):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        for number in [*self.processes("-m huiqi worker"), *self.processes("granian")]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def processes(self, words: str) -> list[int]:
        """The processes of this home whose command line holds these words."""
        found = []
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if words in line and f"HUIQI_HOME={self.home}".encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found

    def database(self) -> list[int]:
        """The postmaster and its backends, the postmaster first; empty while it is down."""
        pid_file = self.home / "postgres" / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            postmaster = int(pid_file.read_text().split()[0])
            os.kill(postmaster, 0)
            children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
            return [postmaster, *map(int, children)]
        return []

    def kill(self, what: str) -> None:
        """Kill -9."""
        victims = {
            "server": lambda: self.processes("granian")[-1:],
            "worker": lambda: self.processes("-m huiqi worker"),
            "backend": lambda: random.sample(self.database()[1:], 1) if len(self.database()) > 1 else [],
            "database": lambda: self.database()[:1],
            "reader": lambda: [self.reader.pid] if self.reader is not None else [],
            "everything": lambda: [
                *([self.process.pid] if self.process else []),
                *self.processes("granian"),
                *self.processes("-m huiqi worker"),
                *self.database(),
            ],
        }[what]()
        for number in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


class Owner(threading.Thread):
    """A person who declares one figure after another, and remembers those that the service acknowledged."""

    def __init__(self, name: str, port: int, password: Path, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.login, self.url, self.password, self.stop = name, f"http://127.0.0.1:{port}", password, stop
        self.acknowledged: list[str] = []
        self.number = 0

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self._session()
            except (OSError, AttributeError, ValueError):
                time.sleep(0.2)  # it is down; a person tries again

    def _session(self) -> None:
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _NoRedirect())
        self._post(
            opener, "/login/", "/login/", {"username": self.login, "password": self.password.read_text().strip()}
        )
        while not self.stop.is_set():
            self.number += 1
            mark = f"{self.login}-{self.number}"
            status = self._post(
                opener,
                "/facts/employees/",
                "/facts/employees/",
                {"value": str(self.number % 500 + 1), "note": mark},
            )
            if status == 302:
                self.acknowledged.append(mark)
            elif status in (401, 403):
                return

    def _post(
        self,
        opener: urllib.request.OpenerDirector,
        page: str,
        address: str,
        data: dict[str, str],
        file: tuple[str, str, bytes] | None = None,
    ) -> int:
        """Fill in the form of a page and send it, with a file (field, name, content) where there is one; the status."""
        html = opener.open(self.url + page, timeout=10).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
        if token is None:
            raise ValueError("no form on the page")
        said = {"csrfmiddlewaretoken": token[1], **data}
        request = urllib.request.Request(self.url + address, urllib.parse.urlencode(said).encode())
        if file is not None:
            edge = secrets.token_hex(16)
            parts = [
                f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}'
                for name, text in said.items()
            ]
            parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{file[0]}"; filename="{file[1]}"\r\n\r\n')
            request = urllib.request.Request(
                self.url + address,
                "\r\n".join(parts).encode() + file[2] + f"\r\n--{edge}--\r\n".encode(),
                {"Content-Type": f"multipart/form-data; boundary={edge}"},
            )
        try:
            return int(opener.open(request, timeout=10).status)
        except urllib.error.HTTPError as answer:
            if answer.code in (302, 401, 403):
                return answer.code
            raise


class Visitor(Owner):
    """Somebody without an account who files one complaint after another, each with a file, and notes the receipts.

    Each visit comes from an address of its own: the service takes so many complaints of one address and no more.
    """

    def _session(self) -> None:
        self.number += 1
        mark = f"{self.login}-{self.number}"
        picture = b"%PDF-1.7\n" + mark.encode() * 400 + b"\n%%EOF"
        opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            _NoRedirect(),
            _From(f"127.0.{random.randrange(1, 250)}.{random.randrange(1, 250)}"),
        )
        step = "/complain/step/{}/".format
        for page, answers in (
            ("/complain/", {"told": f"要我交赞助费。{mark}"}),
            (step("kind"), {"kind": "unlawful_fee"}),
            (step("whom"), {"region": "653101", "respondent_name": "某某商会", "respondent": "-"}),
        ):
            self._post(opener, page, page, answers | {"act": "next"})
        self._post(
            opener, step("details"), step("details"), {"wish": "退钱", "act": "next"}, ("file", "收据.pdf", picture)
        )
        self._post(opener, step("you"), step("you"), {"name": mark, "act": "next"})
        html = opener.open(self.url + step("check"), timeout=10).read().decode()
        token = re.search(r'name="token" value="(\w+)"', html)
        if token is None:
            raise ValueError("not all was kept")
        self._post(opener, step("check"), step("check"), {"act": "send", "token": token[1]})
        receipt = opener.open(self.url + "/complain/receipt/", timeout=10).read().decode()
        number = re.search(r"<bdi>(\d{6}-\d{4}-\d{5})</bdi>", receipt)
        if number is None:
            raise ValueError("no receipt")
        self.acknowledged.append(f"{number[1]}:{mark}:{hashlib.sha256(picture).hexdigest()}")


class _From(urllib.request.HTTPHandler):
    """Calls from one address of this machine."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, **options: object) -> http.client.HTTPConnection:
            return http.client.HTTPConnection(host, source_address=(self.address, 0), **options)  # type: ignore[arg-type]

        return self.do_open(connection, request)  # type: ignore[arg-type]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="huiqi-kill-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        home.mkdir()
        yield home


def in_database(home: Path, code: str) -> str:
    program = (
        "from huiqi.cli import project\nwith project.database():\n    from django.db import connection\n"
        + "".join(f"    {line}\n" for line in code.splitlines())
    )
    environment = {**os.environ, "HUIQI_HOME": str(home), "HUIQI_DEMO": "1"}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--what", choices=("facts", "filings"), default="facts")
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    with scratch() as home:
        service = Service(home, free_port())
        subprocess.run(
            [sys.executable, "-m", "huiqi", "demo", "--enterprises", "300"],
            env=service.environment,
            check=True,
            capture_output=True,
        )
        service.up()
        in_database(home, "connection.cursor().execute('CREATE TABLE bench_kill_read (event bigint)')")
        service.follow()
        stop = threading.Event()
        people = Visitor if chosen.what == "filings" else Owner
        owners = [people(name, service.port, home / "demo_password", stop) for name in PEOPLE]
        for owner in owners:
            owner.start()
        killed: Counter[str] = Counter()
        for number in range(chosen.times):
            time.sleep(random.uniform(0.3, 2))
            what = random.choices(
                ("server", "worker", "backend", "database", "reader", "everything"), (4, 4, 4, 2, 3, 1)
            )[0]
            service.kill(what)
            killed[what] += 1
            service.up()
            service.follow()
            acknowledged = sum(len(owner.acknowledged) for owner in owners)
            print(f"\r{number + 1} killed, {acknowledged} acknowledged", end="", flush=True)
        time.sleep(3)
        stop.set()
        for owner in owners:
            owner.join(30)
        time.sleep(8)  # the worker seals what is left, and the reader reads it
        print()
        verdict = judge(home, [mark for owner in owners for mark in owner.acknowledged], killed, chosen.what)
        service.down()
        from huiqi.config.embedded import stop_abandoned

        stop_abandoned(home)
        return verdict


#: What is there, a line each: as those who were acknowledged noted it.
KEPT = {
    "facts": "from huiqi.registry.models import Declaration\n"
    "print(*Declaration.objects.exclude(evidence_text='').values_list('evidence_text', flat=True), sep='\\n')",
    "filings": "import hashlib\n"
    "from huiqi.cases.models import Attachment, Case\n"
    "for case in Case.objects.filter(told__startswith='要我交赞助费。').select_related('complainant'):\n"
    "    files = [hashlib.sha256(bytes(each.content)).hexdigest() for each in Attachment.objects.filter(case=case)]\n"
    "    print(f'{case.number}:{case.complainant.name}:{\",\".join(files)}')",
}


def judge(home: Path, acknowledged: list[str], killed: Counter[str], what: str) -> int:
    """Compare what was promised with what is there."""
    kept = Counter(in_database(home, KEPT[what]).split())
    lost = [mark for mark in acknowledged if mark not in kept]
    twice = [mark for mark, times in kept.items() if times > 1]
    if what == "filings":  # one visit, one case: whatever was sent again
        marks = Counter(line.split(":")[1] for line in kept)
        twice += [mark for mark, times in marks.items() if times > 1]
    read = in_database(
        home,
        "from huiqi.journal import feed, sealing\nsealing.seal()\n"
        "while feed.behind('bench.kill'):\n"
        "    with feed.read('bench.kill', 500) as events, connection.cursor() as cursor:\n"
        "        cursor.executemany('INSERT INTO bench_kill_read VALUES (%s)', [[event.pk] for event in events])\n"
        "cursor = connection.cursor()\n"
        "cursor.execute('SELECT count(*), count(DISTINCT event), (SELECT count(*) FROM journal_event), "
        "(SELECT count(*) FROM journal_leaf) FROM bench_kill_read')\n"
        "print(*cursor.fetchone())",
    )
    rows, different, events, leaves = map(int, read.split()[-4:])
    verified = subprocess.run(
        [sys.executable, "-m", "huiqi", "audit", "verify", "--lang", "en"],
        env={**os.environ, "HUIQI_HOME": str(home), "HUIQI_DEMO": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    print(f"killed: {', '.join(f'{what} {times}' for what, times in sorted(killed.items()))}")
    print(f"acknowledged {len(acknowledged)}, lost {len(lost)}, kept twice {len(twice)}")
    print(f"events {events}, places {leaves}, read {rows}, read twice {rows - different}, missed {events - different}")
    print(verified.stdout.strip() or verified.stderr.strip())
    sound = not lost and not twice and rows == different == events == leaves and verified.returncode == 0
    print("every acknowledged act is there, every effect once" if sound else "NOT SOUND")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
