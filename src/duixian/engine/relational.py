"""What a relational engine (关系引擎) must offer to run a compiled policy: tables in, SELECTs worked out, rows or Parquet out.

The SQL is one text for every engine (docs/sql.md); what they spell differently is in `prelude`. Table and column names are Chinese.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]  # int, str, bool, date or None; never a float


class EngineError(Exception):
    """An engine could not do what it was asked. kind says why; detail is the engine's own first line, sql the statement it was asked to run.

    kind: arithmetic (a result that does not fit, a division by zero, no such day: a defect of the plan or of the data, never of the machine);
    memory; interrupted; absent (the engine or its runtime is not installed); inexact (a column came out as a float); other.
    """

    def __init__(self, kind: str, detail: str, sql: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail, self.sql = kind, detail, sql


class Engine(Protocol):
    """One connection to one engine. Names are taken as they are and quoted here. Every method raises EngineError and leaves no half-made table."""

    name: str

    def register(self, name: str, source: Any) -> None:
        """Make a Parquet file, a folder of them, or a pyarrow Table readable as table `name`."""

    def view(self, name: str, sql: str) -> None:
        """Name a SELECT; it is worked out each time it is read."""

    def stage(self, name: str, sql: str) -> None:
        """Work a SELECT out once, and keep its rows as table `name`. What was called so before is replaced."""

    def stage_each(self, steps: Sequence[tuple[str, str]]) -> None:
        """Stage several (name, SELECT) of which none reads another; at the same time, where the engine can."""

    def rows(self, sql: str) -> list[Row]:
        """The rows of a SELECT in its order: int (128-bit ones too), str, bool, date, None."""

    def arrow(self, sql: str) -> Any:
        """The rows of a SELECT as a pyarrow Table."""

    def columns(self, sql: str) -> list[str]:
        """The column names of a SELECT, without working it out."""

    def write_parquet(self, sql: str, path: str | Path) -> None:
        """The rows as Parquet: one file where the path ends in .parquet, else a new folder of files. Appears whole or not at all."""

    def drop(self, name: str) -> None:
        """Forget a table or view and free what it held; a name that is not there is no error."""

    def interrupt(self) -> None:
        """From another thread: stop what is running; the caller there gets EngineError of kind interrupted."""

    def close(self) -> None:
        """Free everything, temporary files too. Twice is once."""


def identifier(name: str) -> str:
    """A table or column name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL, as DuckDB reads it (`prelude.expand` spells it for Spark)."""
    return "'" + text.replace("'", "''") + "'"


def parquet_files(path: str | Path) -> list[str]:
    """The files of a Parquet file or folder, in order. Raises EngineError where there is none."""
    place = Path(path)
    found = sorted(place.glob("*.parquet")) if place.is_dir() else [place] if place.is_file() else []
    if not found:
        raise EngineError("absent", f"no Parquet file: {path}")
    return [os.fspath(file) for file in found]


def whole(rows: list[Row], decimals: Sequence[int]) -> list[Row]:
    """The rows with the DECIMAL(38,0) values of the given columns as int."""
    if not decimals:
        return rows
    chosen = frozenset(decimals)
    return [tuple(int(value) if place in chosen and isinstance(value, Decimal) else value for place, value in enumerate(row)) for row in rows]
