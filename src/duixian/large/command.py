"""`duixian settle` and `duixian explain` of very large files: when they count as large, and the work with its progress on the console."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..programme import Programme
from ..tables.folders import parts_of, tables_of
from ..values.messages import Language
from .explain import explain_large
from .settle import LargeResult, Progress, settle_large

LARGE_ROWS = 200_000  # in all tables together: above this objects cost too much memory and time
LARGE_CSV = 50 * 2**20  # bytes: the rows of a CSV file are not counted, its size is
WORDS = {
    "结算 {year} 年度：{what}": "settling {year}: {what}",
    "读入": "reading",
    "写出": "writing",
    "核对不变的规律": "checking the invariants",
    "找界限附近的": "near the boundaries of",
    "解释器核对": "the interpreter checks",
}


def say(text: str, language: Language, /, **details: Any) -> str:
    """A sentence of this module in one language."""
    return (text if language == "zh" else WORDS[text]).format(**details)


def is_large(paths: Sequence[str | Path]) -> bool:
    """Whether the files (.parquet, .csv, or folders of them) are too many rows for objects. Anything else, or unreadable, is not large here:
    the ordinary way then says what is wrong with it."""
    import pyarrow
    import pyarrow.parquet as parquet

    rows = 0
    try:
        for path in map(Path, tables_of(paths)):
            for file in parts_of(path) if path.is_dir() else [path]:
                kind = file.suffix.lower()
                if not file.is_file():  # a pipe would be waited for
                    return False
                if kind == ".parquet":
                    rows += parquet.read_metadata(file).num_rows
                elif kind != ".csv":
                    return False
                elif file.stat().st_size > LARGE_CSV:
                    rows = max(rows, LARGE_ROWS) + 1
    except (OSError, ValueError, pyarrow.ArrowException):
        return False
    return rows > LARGE_ROWS


def settled(programme: Programme, options: argparse.Namespace, console: Any) -> LargeResult:
    """One year into the Parquet file options.output, told on the console as it goes. Raises Defects and KeyboardInterrupt as settle_large does."""
    with _meter(console, options.year) as meter:
        return settle_large(
            programme.policy, options.year, files_of(options), **_chosen(programme, options), engine="duckdb" if options.engine == "auto" else options.engine,
            into=options.output, memory_limit=options.memory, progress=meter,
        )  # fmt: skip


def explained(programme: Programme, options: argparse.Namespace, console: Any) -> list[str]:
    """Why an object's lines are what they are, told on the console as it goes. Raises Defects and KeyboardInterrupt as explain_large does."""
    with _meter(console, options.year) as meter:
        return explain_large(
            programme.policy, options.year, files_of(options), options.object, options.award, **_chosen(programme, options), language=console.language, progress=meter
        )


def files_of(options: argparse.Namespace) -> list[str]:
    """Every table of facts and history that was named."""
    return [*options.facts, *([options.history] if options.history else [])]


def _chosen(programme: Programme, options: argparse.Namespace) -> dict[str, Any]:
    return {"standards": programme.standards(options.year, options.standards), "choices": programme.chosen(options.reading)}


@contextmanager
def _meter(console: Any, year: int) -> Iterator[Progress | None]:
    """What settle_large is given to tell its progress: a line on standard error; None where that is no terminal."""
    if console.quiet or not sys.stderr.isatty():
        yield None
        return

    def tell(done: int, total: int, what: str) -> None:
        first, space, rest = what.partition(" ")
        head = WORDS.get(first, first) if console.language == "en" else first
        count = f" {done + 1}/{total}" if total > 1 else ""
        print(f"\r\033[K{say('结算 {year} 年度：{what}', console.language, year=year, what=head + space + rest)}{count}…", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
