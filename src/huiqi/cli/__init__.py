"""``huiqi``: the acts of the service for a terminal.

Each command is its own module and is imported only when it is called, so that a command that needs no database, such
as ``huiqi classify``, does not wait for Django. What the list of commands says of each stands here for the same reason.
"""

from __future__ import annotations

import importlib
import signal
import sys
from types import FrameType
from typing import Any

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "classify": ("huiqi.cli.classify:classify_command", "划型：大型、中型、小型还是微型 / size class of enterprises"),
    "rule": ("huiqi.cli.rule:rule_group", "检查、计算规则 / check and evaluate rules"),
    "match": ("huiqi.cli.match:match_command", "名册与政策匹配 / match a roster with the policies"),
    "explain": (
        "huiqi.cli.explain:explain_command",
        "一家企业为什么够条件或不够 / why an enterprise is eligible or not",
    ),
    "clock": ("huiqi.cli.clock:clock_command", "期限的最后一天和每天的理由 / last days of periods, day by day"),
    "policies": ("huiqi.cli.policies:policies_group", "政策库 / the policy library"),
    "roster": ("huiqi.cli.imports:roster_group", "企业名册 / rosters of enterprises"),
    "industries": ("huiqi.cli.imports:industries_group", "行业分类 / the classification of industries"),
    "notices": ("huiqi.cli.notices:notices_command", "到期和新政策提醒 / notes of deadlines and new policies"),
    "rematch": ("huiqi.cli.rematch:rematch_command", "新够上和不再够的企业 / who is newly entitled, who no longer"),
    "administrators": (
        "huiqi.cli.administrators:administrators_group",
        "三员任免 / appoint the three administrators",
    ),
    "audit": ("huiqi.cli.audit:audit_group", "日志的查验和证明 / verify the journal, prove an event"),
    "duties": ("huiqi.cli.duties:duties_command", "义务：列出、提醒、上报 / duties: open, warn, let climb"),
    "serve": ("huiqi.cli.serve:serve_command", "启动服务 / run the service"),
    "worker": ("huiqi.cli.worker:worker_command", "做后台的事 / the work in the background"),
    "demo": ("huiqi.cli.demo:demo_command", "样例数据 / made-up enterprises and people"),
    "doctor": ("huiqi.cli.doctor:doctor_command", "检查运行环境 / check what the service needs"),
    "manage": ("huiqi.cli.manage:manage_command", "Django 管理命令 / Django's own commands"),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(
                f"没有命令 {args[0]}；可用的有：{', '.join(COMMANDS)} / "
                f"there is no command {args[0]}; there are: {', '.join(COMMANDS)}"
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


def _end(number: int, frame: FrameType | None) -> None:
    """End in the ordinary way, so that what this process started is stopped as well."""
    sys.exit(128 + number)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="huiqi", prog_name="huiqi")
def group() -> None:
    """惠企：新疆促进中小企业发展的服务 / Huiqi: the Xinjiang SME promotion measures as a running service."""
    signal.signal(signal.SIGTERM, _end)


def main(**extra: Any) -> Any:
    """The program ``huiqi``."""
    return group(prog_name="huiqi", **extra)
