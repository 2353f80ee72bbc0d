"""``huiqi doctor``: what the service needs, what of it is there, how to mend the rest."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

import click
from packaging.requirements import Requirement

from huiqi.cli import project
from huiqi.rules.words import Words

GIGABYTE = 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at. Without ``remedy`` it is in order; what is not ``essential`` does not stop the service."""

    subject: Words
    found: str
    remedy: Words | None = None
    essential: bool = True


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    remedy = (
        None if sys.version_info >= (3, 11) else Words("安装 Python 3.11 或更新版本", "Install Python 3.11 or newer")
    )
    return Finding(Words("Python 版本", "Python"), version, remedy)


def _packages() -> Finding:
    subject = Words("Python 依赖包", "Python packages")
    missing = []
    requirements = [Requirement(line) for line in importlib.metadata.requires("huiqi") or ()]
    for requirement in requirements:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue  # wanted by an extra, or on another system, only
        try:
            if not requirement.specifier.contains(importlib.metadata.version(requirement.name), prereleases=True):
                missing.append(str(requirement))
        except importlib.metadata.PackageNotFoundError:
            missing.append(str(requirement))
    if missing:
        return Finding(subject, ", ".join(missing), Words("运行 make setup", "Run make setup"))
    return Finding(subject, f"{len(requirements)}")


def _home() -> Finding:
    from django.conf import settings

    home = settings.HUIQI_HOME
    writable = os.access(home, os.W_OK | os.X_OK)
    remedy = Words(f"让运行的用户能写 {home}，或设置 HUIQI_HOME", f"Make {home} writable, or set HUIQI_HOME")
    return Finding(Words("数据目录", "data folder"), str(home), None if writable else remedy)


def _disk() -> Finding:
    from django.conf import settings

    free = shutil.disk_usage(settings.HUIQI_HOME).free / GIGABYTE
    remedy = None if free >= 2 else Words("腾出至少 2 GB", "Free at least 2 GB")
    return Finding(Words("可用磁盘", "free disk space"), f"{free:.1f} GB", remedy, essential=free < 0.5)


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    remedy = None if total >= 1.5 else Words("需要至少 2 GB 内存", "2 GB of memory are needed")
    return Finding(Words("内存", "memory"), f"{total:.1f} GB", remedy, essential=False)


def _database() -> Finding:
    from django.conf import settings

    where = Words("数据库（内置）", "database (embedded)") if settings.HUIQI_EMBEDDED else Words("数据库", "database")
    try:
        with project.database():
            version = project.check_server()
    except project.DatabaseAway as away:
        return Finding(where, str(away.problem.what), away.problem.remedy)
    return Finding(where, f"PostgreSQL {version // 10_000}.{version % 10_000}")


def _calendars() -> Finding:
    from django.db import ProgrammingError
    from django.utils import timezone

    from huiqi.law.calendars import gaps, shipped_gaps

    subject = Words("放假日历", "calendars of rest days")
    today = timezone.localdate()
    try:
        with project.database():
            missing = gaps(today)
    except project.DatabaseAway:
        return Finding(subject, "-")
    except ProgrammingError:  # the tables are made when the service starts for the first time
        missing = shipped_gaps(today)
    if not missing:
        return Finding(subject, f"{today.year}")
    listed = ", ".join(f"{gap.calendar} {gap.year}" for gap in missing)
    remedy = Words(
        "由平台管理员在“放假日历”页面录入；没有录入之前，落到那一年的期限都算不出来",
        "The administrator enters them on the page “Calendars”; until then no deadline that reaches them can be given",
    )
    return Finding(subject, f"calendar_missing: {listed}", remedy, essential=False)


def _policies() -> Finding:
    from django.conf import settings

    from huiqi.opportunities.library import library

    subject = Words("政策库", "policy library")
    remedy = Words(
        f"运行 huiqi policies check 查看问题；目录由 HUIQI_POLICIES 指定（{settings.HUIQI_POLICIES}）",
        f"Run huiqi policies check; the folder is named in HUIQI_POLICIES ({settings.HUIQI_POLICIES})",
    )
    try:
        count = len(library().policies)
    except Exception as problem:  # whatever is wrong with the files: this command is there to say so
        return Finding(subject, str(problem).splitlines()[0] if str(problem) else type(problem).__name__, remedy)
    return Finding(subject, f"{count}", None if count else remedy)


def _chromium() -> Finding:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    remedy = (
        None if path else Words("仅测试需要：apt-get install chromium", "For the tests only: apt-get install chromium")
    )
    return Finding(Words("Chromium（仅测试）", "Chromium (for tests)"), path or "-", remedy, essential=False)


def _port() -> Finding:
    remedy = None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 8000))
        except OSError:
            remedy = Words("已被占用；用 make run PORT=8001", "It is taken; use make run PORT=8001")
    return Finding(Words("端口 8000", "port 8000"), "-" if remedy else "127.0.0.1:8000", remedy, essential=False)


CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _packages,
    _home,
    _disk,
    _memory,
    _database,
    _calendars,
    _policies,
    _chromium,
    _port,
)


@click.command("doctor")
@click.pass_context
def doctor_command(context: click.Context) -> None:
    """检查运行环境，说明缺什么、怎么补。 Check what the service needs, and say how to mend what is missing.

    \b
    Example:
      huiqi doctor

    Exit status: 0 the service can run, 1 something essential is missing.
    """
    project.load()
    broken = False
    for check in CHECKS:
        finding = check()
        if finding.remedy is None:
            click.echo(f"正常 OK       {finding.subject}: {finding.found}")
            continue
        broken = broken or finding.essential
        mark = "缺少 MISSING" if finding.essential else "注意 NOTE   "
        click.echo(f"{mark}  {finding.subject}: {finding.found}")
        click.echo(f"              → {finding.remedy}")
    context.exit(1 if broken else 0)
