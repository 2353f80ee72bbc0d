"""``huiqi doctor`` says what is missing and how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HUIQI = [sys.executable, "-c", "from huiqi.cli import main; main()"]


def doctor(**environment: str) -> subprocess.CompletedProcess[str]:
    base = {key: value for key, value in os.environ.items() if not key.startswith(("HUIQI", "DJANGO", "DATABASE"))}
    return subprocess.run(
        [*HUIQI, "doctor"], env={**base, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_machine_with_everything_is_in_order(home: Path) -> None:
    answer = doctor(HUIQI_HOME=str(home))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "PostgreSQL" in answer.stdout and "MISSING" not in answer.stdout


def test_a_database_that_does_not_answer_is_named_with_its_remedy(home: Path) -> None:
    answer = doctor(HUIQI_HOME=str(home), DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert answer.returncode == 1
    assert "MISSING" in answer.stdout and "DATABASE_URL" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_policy_folder_that_is_not_there_is_named(home: Path) -> None:
    answer = doctor(HUIQI_HOME=str(home), HUIQI_POLICIES=str(home / "nowhere"))
    assert answer.returncode == 1
    assert "HUIQI_POLICIES" in answer.stdout
