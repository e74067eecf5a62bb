"""Folders among the files: a folder of tables, read table by table; one table in parts, named by its folder."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from ..policy.model import Policy
from .layout import FIXED, object_kinds, plain

GUIDE = "说明.md"  # what synthetic data says of itself, as `duixian population` leaves it


def tables_of(paths: Sequence[str | Path], policy: Policy | None = None) -> list[str | Path]:
    """The paths, with every folder of tables replaced by its files, in order of their names.

    A folder of tables holds 说明.md beside its files; or, where the policy is known, it goes by the name of no table while a file in it does.
    """
    names = {plain(name) for name in (*object_kinds(policy), *FIXED)} if policy else set()
    found: list[str | Path] = []
    for path in paths:
        folder = Path(path)
        inside: list[Path] = []
        if is_folder(folder):
            with contextlib.suppress(OSError):  # told where it is read
                files = [file for file in parts_of(folder) if file.name != GUIDE]
                guided = (folder / GUIDE).is_file()
                named = names and plain(table_name(folder)) not in names and any(plain(table_name(file)) in names for file in files)
                inside = files if guided or named else []
        found += [str(file) for file in inside] or [path]
    return found


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; what cannot even be looked at (a name too long for the system) is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def parts_of(folder: Path) -> list[Path]:
    """The files of one table in parts (企业/…parquet), in order of their names; hidden ones and marks of other programs (_SUCCESS, ~$…) left out.

    Raises OSError where the folder cannot be looked into.
    """
    return [part for part in sorted(folder.iterdir()) if part.name[0] not in "._~"]


def table_name(path: Path) -> str:
    """The table a file or a folder of parts is named by: 企业.parquet and 企业 are both 企业, as clusters write folders with an ending."""
    return path.stem if path.suffix.lower() in (".parquet", ".csv", ".xlsx") else path.name
