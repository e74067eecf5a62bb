"""Drafts: what a killed run left beside its result is removed by the next one; what is alive, of others or no draft is not touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from duixian.values.drafts import draft_folder, sweep


def _left_by_a_dead_process(where: Path, kind: str = ".duixian-") -> Path:
    """A draft with something in it, made by a process that has ended without removing it."""
    code = "import sys; from duixian.values.drafts import draft_folder; print(draft_folder(sys.argv[1], sys.argv[2]))"
    made = subprocess.run([sys.executable, "-c", code, str(where), kind], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    folder = Path(made.stdout.strip())
    (folder / "part-0.parquet").write_bytes(b"half")
    return folder


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    left = _left_by_a_dead_process(tmp_path)
    fresh = draft_folder(tmp_path)
    assert fresh.is_dir() and not left.exists()


def test_drafts_of_the_living_of_another_kind_and_other_files_stay(tmp_path: Path) -> None:
    other = _left_by_a_dead_process(tmp_path, "duixian-duckdb-")
    mine = draft_folder(tmp_path)
    for name in (".duixian-elsewhere-1-abc", ".duixian-old", "结果.parquet"):
        (tmp_path / name).mkdir()
    assert sweep(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {other.name, mine.name, ".duixian-elsewhere-1-abc", ".duixian-old", "结果.parquet"}


def test_a_place_that_cannot_be_looked_at_is_no_error(tmp_path: Path) -> None:
    assert sweep(tmp_path / "没有") == []
