"""``huiqi demo`` writes the made-up roster to a file, the same every time."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from click.testing import CliRunner

from huiqi.cli import group


def write(path: Path, *options: str) -> bytes:
    result = CliRunner().invoke(group, ["demo", *options, "-o", str(path)])
    assert result.exit_code == 0, result.output
    return path.read_bytes()


def test_the_same_number_and_seed_give_the_same_file_without_a_database(tmp_path: Path) -> None:
    first = write(tmp_path / "a.parquet", "--enterprises", "200", "--seed", "3")
    assert first == write(tmp_path / "b.parquet", "--enterprises", "200", "--seed", "3")
    assert first != write(tmp_path / "c.parquet", "--enterprises", "200", "--seed", "4")
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 200


def test_a_file_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(group, ["demo", "-o", str(tmp_path / "nowhere" / "a.parquet")])
    assert result.exit_code == 1
    assert "nowhere" in result.output and "Traceback" not in result.output
