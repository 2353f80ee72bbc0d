"""``huiqi demo``: the invented roster, in the database or in a file."""

from __future__ import annotations

from pathlib import Path

import click

from huiqi.cli import project

MOST = 10_000_000
ALREADY = "已有 {count} 家样例企业，没有改动 / {count} made-up enterprises were there already; nothing was changed"
LOADED = "已载入 {count} 家样例企业 / {count} made-up enterprises loaded"


@click.command("demo")
@click.option("--enterprises", type=click.IntRange(100, MOST), help="How many (5,000 if not given).")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="The same seed and number give the same roster.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="OUT.parquet",
    help="Write a roster to this file and leave the database alone.",
)
def demo_command(enterprises: int | None, seed: int | None, output: Path | None) -> None:
    """样例企业：载入数据库，或写成文件。 Made-up enterprises and people, into the database or into a file.

    The enterprises reproduce published totals of Xinjiang; none of them exists, and every name ends in （样例）.

    \b
    Example:
      huiqi demo --enterprises 100000 -o roster.parquet
    """
    if output is not None:
        _write(output, enterprises, seed)
        return
    with project.database(), project.setting_up():
        from huiqi.cases import demo as story
        from huiqi.registry.demo import loading

        project.prepare()
        try:
            loaded = loading.load(enterprises, seed)
            story.tell()
        except loading.DemoProblem as problem:
            raise click.ClickException(str(problem)) from None
        click.echo((ALREADY if loaded.already else LOADED).format(count=loaded.enterprises))


def _write(output: Path, enterprises: int | None, seed: int | None) -> None:
    project.load()
    from huiqi.registry.demo import loading
    from huiqi.registry.demo.draw import SEED, write_parquet

    count = enterprises or loading.ENTERPRISES
    try:
        write_parquet(output, count, SEED if seed is None else seed)
    except OSError as problem:
        raise click.ClickException(
            f"写不了 {output}：{problem.strerror} / cannot write {output}: {problem.strerror}"
        ) from None
    click.echo(f"{count} 家样例企业已写入 {output} / {count} made-up enterprises written to {output}")
