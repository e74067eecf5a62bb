"""The files of a large settlement, with their hashes: enough to recognise them years later."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..policy.model import Policy
from ..tables.folders import parts_of, tables_of
from ..tables.read import Input, labels_of

_CHUNK = 1 << 22


def inputs_of(paths: Sequence[str | Path], policy: Policy, connection: Any) -> list[Input]:
    """One row a file, in order; the parts of a folder one by one. rows: of the file, the header left out. What cannot be read is left out here."""
    found = []
    for path, label in labels_of([Path(path) for path in tables_of(paths, policy)]):
        parts = parts_of(path) if path.is_dir() else [path]
        for part in parts:
            if part.is_file():
                name = f"{label}/{part.name}" if path.is_dir() else label
                found.append(Input(name, _hash(part), (path.stem,), _rows(part, connection)))
    return found


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _rows(path: Path, connection: Any) -> int:
    import duckdb

    reader = {".parquet": "read_parquet($1)", ".csv": "read_csv($1, all_varchar = true, header = true)"}.get(path.suffix.lower())
    if reader is None:
        return 0
    try:
        return int(connection.execute(f"SELECT count(*) FROM {reader}", [str(path)]).fetchone()[0])
    except duckdb.InterruptException:
        raise
    except duckdb.Error:  # told, with its place, when it is read
        return 0
