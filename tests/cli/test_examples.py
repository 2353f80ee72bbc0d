"""The examples that --help prints are commands that run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from huiqi.cli import COMMANDS, group
from huiqi.opportunities.library import policy_folder

MARK = "example:"
HERE = ("rule", "explain", "match", "policies")


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from commands(inner, (*path, name))
    else:
        yield path, command


EXAMPLES = {
    " ".join(path): command
    for name in HERE
    for path, command in commands(group.get_command(click.Context(group), name), (name,))
}  # type: ignore[arg-type]


def test_every_command_is_listed_with_its_words():
    result = CliRunner().invoke(group, ["--help"])
    assert result.exit_code == 0
    for name in COMMANDS:
        assert name in result.stdout
    assert CliRunner().invoke(group, ["nonsense"]).exit_code == 2


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_example_of_the_help_runs(path, tmp_path):
    result = CliRunner().invoke(group, [*path.split(), "--help"])
    assert result.exit_code == 0 and MARK in result.stdout
    example = (EXAMPLES[path].epilog or "").partition(MARK)[2].strip()
    assert f"huiqi {path}" in example
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "huiqi"
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from huiqi.cli import main; main()" "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    (tmp_path / "policies").symlink_to(policy_folder())
    source = Path(sys.modules["huiqi"].__path__[0]).parent
    environment = os.environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(source),
        "PYTHONIOENCODING": "utf-8",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        ["bash", "-ec", example],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
