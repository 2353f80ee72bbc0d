"""``huiqi notices``: write the notes that are due; meant to run once a day."""

from __future__ import annotations

import datetime as dt

import click

from .text import language_option, on_option


@click.command("notices", epilog="例 / example:  huiqi notices --on 2026-12-20")
@on_option
@language_option
def notices_command(on: dt.date, lang: str) -> None:
    """给企业和保存了回答的人发到期提醒和新政策提醒；一件事只提醒一次，可以反复运行。

    Tell enterprises and saved profiles of deadlines within 15 days, and saved profiles of policies that begin to
    apply. Each thing is told once, however often this runs.
    """
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.opportunities.notices import send

        sent = send(on)
    text = (
        "{} notes of deadlines to enterprises, {} to saved profiles; {} notes of new policies to saved profiles"
        if lang == "en"
        else "到期提醒：企业 {} 条，保存的回答 {} 条；新政策提醒：保存的回答 {} 条"
    )
    click.echo(text.format(sent.deadlines, sent.deadlines_of_profiles, sent.beginnings_of_profiles))
