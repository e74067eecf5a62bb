"""What an engine is to the benchmark, and the list of those there are. The project's own come from `benchmarks.ours`, where that exists."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from .inputs import Inputs


@runtime_checkable
class Engine(Protocol):
    """One way to compute the awards.

    Results are int64-like arrays in 分 by award, one element a row of `Inputs.firms` (`Inputs.shops` for the shop award), in that row order.
    Optional: `full()`, the whole settlement; `enter()`, getting data already in memory into the engine, measured apart; `in_fen(found)`, turning a
    result into 分 outside the time taken; `most_rows`, where more would take too long; `exact`, False where wrong rows are expected; `repeats`, at most
    so many; `processes()`, the ids of other processes whose time and memory count; `close()`, at the end.
    """

    name: str

    def prepare(self, inputs: Inputs, rows: int | None = None) -> None:
        """Load, compile, index: all that is done once."""

    def rules(self) -> Mapping[str, Any]:
        """The eight awards, each by itself, after its own cap."""


def _peer(module: str, make: str, **options: Any) -> Callable[[], Engine]:
    def build() -> Engine:
        return getattr(importlib.import_module(f"{__package__}.{module}"), make)(**options)

    return build


REFERENCE, FIRST_REFERENCE = "numpy-chunked", "python"
PEERS: dict[str, Callable[[], Engine]] = {
    FIRST_REFERENCE: _peer("python_ints", "PythonInts"),
    "numpy-plain": _peer("numpy_int64", "NumpyInt64"),
    REFERENCE: _peer("numpy_int64", "NumpyInt64", chunk=32768),
    "duckdb-hand": _peer("duckdb_sql", "DuckdbSql"),
    "openfisca": _peer("openfisca", "OpenFisca"),
    "zen-tables": _peer("zen", "Zen", tables=True),
    "zen-expressions": _peer("zen", "Zen", tables=False),
}


def own() -> Any:
    """The module `benchmarks.ours`, or None: `ENGINES` (id → factory) and `FIGURES` (key of `figures.OWN` → function of the bench folder)."""
    try:
        return importlib.import_module("benchmarks.ours")
    except ModuleNotFoundError as missing:
        if missing.name != "benchmarks.ours":
            raise
        return None


def engines() -> dict[str, Callable[[], Engine]]:
    """Every engine by id: the project's own first, then the peers."""
    ours = own()
    return {**(ours.ENGINES if ours else {}), **PEERS}
