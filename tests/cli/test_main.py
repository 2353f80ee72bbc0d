"""The program ``huiqi``: quick to answer, clear about what it does not know."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from huiqi.cli import COMMANDS, group

HUIQI = [sys.executable, "-c", "from huiqi.cli import main; main()"]


def test_a_command_that_needs_no_database_does_not_load_django() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from huiqi.cli import group; "
        "assert CliRunner().invoke(group, ['classify', '--help']).exit_code == 0; "
        "print('django' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"


def test_help_lists_every_command_without_importing_any() -> None:
    result = CliRunner().invoke(group, ["--help"])
    assert result.exit_code == 0
    assert all(f"  {name} " in result.output for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"manage"}))
def test_every_listed_command_exists_and_shows_an_example(name: str) -> None:
    module = COMMANDS[name][0].partition(":")[0]
    assert importlib.util.find_spec(module) is not None
    result = CliRunner().invoke(group, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "example" in result.output.lower() or "Commands" in result.output


def test_an_unknown_command_is_a_wrong_call_that_lists_the_known_ones() -> None:
    result = CliRunner().invoke(group, ["clasify"])
    assert result.exit_code == 2
    assert "clasify" in result.output and "classify" in result.output


def test_a_port_that_is_taken_is_said_at_once_with_another_to_choose(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = subprocess.run(
            [*HUIQI, "serve", "--port", str(port)],
            env={**os.environ, "HUIQI_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert answer.returncode == 1
    assert f"--port {port + 1}" in answer.stderr
    assert not (tmp_path / "postgres").exists()
