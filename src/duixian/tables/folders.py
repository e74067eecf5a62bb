"""Folders among the files: synthetic data as `duixian population` leaves it, read table by table; one table in parts, named by its folder."""

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


def parts_of(folder: Path) -> list[Path]:
    """The files of one table in parts (企业/…parquet), in order of their names; hidden ones and marks of other programs (_SUCCESS) left out.

    Raises OSError where the folder cannot be looked into.
    """
    return [part for part in sorted(folder.iterdir()) if part.name[0] not in "._"]
