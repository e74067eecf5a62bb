"""Folders of synthetic data, as `duixian population` leaves them: named as a whole, read table by table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

GUIDE = "说明.md"  # what such a folder says of itself; a folder of part files has none


def tables_of(paths: Sequence[str | Path]) -> list[str | Path]:
    """The paths, with every folder that holds 说明.md beside Parquet files replaced by these files, in order of their names."""
    found: list[str | Path] = []
    for path in paths:
        folder = Path(path)
        inside = sorted(folder.glob("*.parquet")) if (folder / GUIDE).is_file() else []
        found += [str(file) for file in inside] or [path]
    return found
