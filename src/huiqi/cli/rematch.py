"""``huiqi rematch``: who may have a policy now and could not before; each night and after changes."""

from __future__ import annotations

import time

import click

from .text import dump, language_option, today


@click.command("rematch", epilog="例 / example:  huiqi rematch --dry-run")
@click.option("--dry-run", is_flag=True, help="只算不写 / reckon only, write nothing.")
@click.option(
    "--watch",
    type=click.IntRange(1, 86_400),
    metavar="SECONDS",
    help="一直运行，每隔这么多秒看有没有变化 / keep running and look for changes every so many seconds.",
)
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出 / answer as JSON.")
@language_option
def rematch_command(dry_run: bool, watch: int | None, as_json: bool, lang: str) -> None:
    """把现在和上一次的结果相比：哪些企业新够上了哪项政策、哪些不再够；告诉企业，并记下现在的结果。

    Compare all enterprises and policies with the last time: who is newly entitled to what, and who no longer is. Tells
    the enterprises and keeps the present state. Only what has changed is looked at.
    """
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.opportunities.library import one_library
        from huiqi.opportunities.rematch import Rematch, rematch

        def once() -> Rematch:
            with one_library():
                return rematch(today(), tell=not dry_run)

        found = once()
        _say(found, as_json, lang)
        while watch is not None:
            time.sleep(watch)
            found = once()
            if found.gained or found.lost:
                _say(found, as_json, lang)


def _say(found: object, as_json: bool, lang: str) -> None:
    from huiqi.opportunities.rematch import Rematch

    assert isinstance(found, Rematch)
    if as_json:
        click.echo(
            dump(
                {
                    "first": found.first,
                    "gained": {policy: len(ids) for policy, ids in found.gained.items()},
                    "lost": {policy: len(ids) for policy, ids in found.lost.items()},
                    "told": found.told,
                }
            )
        )
        return
    if found.first:
        click.echo("第一次运行，记下了现在的结果" if lang == "zh" else "The first run: the present state is kept")
        return
    for word, by_policy in (
        ("新够上" if lang == "zh" else "gained", found.gained),
        ("不再够" if lang == "zh" else "lost", found.lost),
    ):
        for policy, ids in by_policy.items():
            click.echo(f"{policy}\t{word}\t{len(ids):,}")
    click.echo(f"写了 {found.told:,} 条通知" if lang == "zh" else f"{found.told:,} notes written")
