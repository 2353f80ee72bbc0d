"""``huiqi manage``: Django's own commands, with the database running."""

from __future__ import annotations

import click

from huiqi.cli import project


@click.command("manage", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage_command(arguments: tuple[str, ...]) -> None:
    """Run one of Django's commands. Example: huiqi manage makemigrations --check"""
    from django.core.management import execute_from_command_line

    with project.database():
        execute_from_command_line(["huiqi manage", *arguments])
