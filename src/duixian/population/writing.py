"""A population onto the disk: one Parquet file a table, in row groups, into a folder that appears only when it is complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet

from ..tables.layout import CLAIMS, HISTORY, fixed_columns
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.drafts import draft_folder
from ..values.terms import OUTSIDE
from .ledger import BATCH, Ledger, Table
from .outline import Outline
from .sheets import Sheets
from .world import NONE, UNKNOWN, VALUE, World

LABEL = "合成数据，非真实：对象、编号和数字都是程序按人群画像编的 (synthetic data, not real)"
Progress = Callable[[str, int, int], None]  # table, rows written so far, rows in all


@dataclass(slots=True)
class Tally:
    """What one table came to. rows; cells: facts looked at; unknown, none: how many of them; reached: (header, cell) → rows at or above."""

    rows: int = 0
    cells: int = 0
    unknown: int = 0
    none: int = 0
    reached: dict[tuple[str, int], int] = field(default_factory=dict)


def write_population(outline: Outline, seed: int, into: Path, about: dict[str, str], finish: Callable[[Path, dict[str, Tally]], None],
                     progress: Progress | None = None) -> dict[str, Tally]:  # fmt: skip
    """Write every table of a population; table → tally. `finish` writes what goes along with the tables. Raises Defects (DP116, DT161).

    Everything goes into a folder beside `into` that is renamed at the end and removed where anything stops the work.
    """
    _is_free(into)
    temporary: Path | None = None
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        temporary = draft_folder(into.parent, f".{into.name}.tmp-")
        tallies = _tables(outline, seed, temporary, about, progress)
        finish(temporary, tallies)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o777 & ~mask)  # mkdtemp gives 0700; the folder gets the rights any new folder would get
        if into.exists():
            into.rmdir()  # empty, or it is not removed
        os.replace(temporary, into)
        temporary = None
        return tallies
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Defects([Diagnostic("DT161", (Place(str(into)),), {"found": f"{why}（{type(error).__name__}）"})]) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _is_free(into: Path) -> None:
    """An existing folder is never mixed with new tables, an existing file never replaced."""
    if into.is_dir() and not any(into.iterdir()):
        return
    if into.exists() or into.is_symlink():
        raise Defects([Diagnostic("DP116", (Place(str(into)),), {"found": "已经有内容" if into.is_dir() else "是一个文件", "found_en": "it has content" if into.is_dir() else "it is a file"})])


def _tables(outline: Outline, seed: int, folder: Path, about: dict[str, str], progress: Progress | None) -> dict[str, Tally]:
    world = World(outline, seed)
    sheets = Sheets(outline, world)
    ledger = Ledger(outline, sheets)
    total, done = sum(outline.counts[kind] for kind in outline.columns), 0
    tallies: dict[str, Tally] = {}
    for kind in outline.columns:
        tally = tallies[kind] = Tally()
        with _Writer(folder / f"{kind}.parquet", about) as writer:
            for start in range(0, max(outline.counts[kind], 1), BATCH):
                world.forget()
                rows = np.arange(start, min(start + BATCH, outline.counts[kind]), dtype=np.uint64)
                writer.add(sheets.batch(kind, rows))
                _count(outline, world, kind, rows, tally)
                done += len(rows)
                if progress:
                    progress(kind, done, total)
    fixed: list[tuple[str, Iterator[Table]]] = [(HISTORY, ledger.history())]
    if outline.profile.outside is not None:
        fixed.append((OUTSIDE, ledger.outside()))
    if outline.profile.claims:
        fixed.append((CLAIMS, ledger.claims()))
    for name, batches in fixed:
        tally = tallies[name] = Tally()
        with _Writer(folder / f"{name}.parquet", about) as writer:
            writer.empty({column.header: _TYPES[column.kind] for column in fixed_columns(outline.policy, name)})
            for batch in batches:
                writer.add(batch)
                tally.rows += len(next(iter(batch.values())))
                if progress:
                    progress(name, done, total)
    return tallies


_TYPES = {"year": arrow.int32(), "award": arrow.string(), "text": arrow.string(), "option": arrow.string(), "number": arrow.decimal128(18, 2),
          "date": arrow.date32(), "truth": arrow.bool_()}  # fmt: skip


def _count(outline: Outline, world: World, kind: str, rows: np.ndarray, tally: Tally) -> None:
    tally.rows += len(rows)
    for column in outline.columns[kind]:
        if column.role == "identity":
            continue
        states = world.states(kind, column.name, column.period, rows)
        tally.cells += len(rows)
        tally.unknown += int(np.count_nonzero(states == UNKNOWN))
        tally.none += int(np.count_nonzero(states == NONE))
        if column.kind == "number" and column.period in (None, outline.year):
            values = world.values(kind, column.name, column.period, rows)[states == VALUE]
            for cell in outline.bounds.get((kind, column.name), ()):
                at = (column.header, cell)
                tally.reached[at] = tally.reached.get(at, 0) + int(np.count_nonzero(values >= cell))


class _Writer:
    """One Parquet file under construction: batches in, row groups of the same size out."""

    def __init__(self, path: Path, about: dict[str, str]) -> None:
        self.path, self.about = path, about
        self.schema: arrow.Schema | None = None
        self.file: parquet.ParquetWriter | None = None
        self.waiting: list[arrow.Table] = []

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush(0)
        if self.file is not None:
            self.file.add_key_value_metadata(self.about)
            self.file.close()

    def empty(self, types: dict[str, arrow.DataType]) -> None:
        """State the columns of a table that may come to have no row."""
        self._open(arrow.schema([arrow.field(name, kind) for name, kind in types.items()]))

    def add(self, batch: Table) -> None:
        """Some more rows: header → column."""
        if self.schema is None:
            self._open(arrow.schema([arrow.field(name, _plain(column.type)) for name, column in batch.items()]))
        assert self.schema is not None
        columns = [column if column.type == want or arrow.types.is_dictionary(column.type) else compute.cast(column, want)
                   for column, want in zip(batch.values(), self.schema.types, strict=True)]  # fmt: skip
        plain = [column.cast(arrow.string()) if arrow.types.is_dictionary(column.type) else column for column in columns]
        self.waiting.append(arrow.Table.from_arrays(plain, schema=self.schema))
        self._flush(BATCH)

    def _open(self, schema: arrow.Schema) -> None:
        self.schema = schema
        self.file = parquet.ParquetWriter(self.path, self.schema, compression="zstd", compression_level=1, store_schema=False,
                                          store_decimal_as_integer=True)  # fmt: skip

    def _flush(self, enough: int) -> None:
        while (count := sum(part.num_rows for part in self.waiting)) and count >= enough:
            assert self.file is not None
            table = arrow.concat_tables(self.waiting)
            self.file.write_table(table.slice(0, BATCH), row_group_size=BATCH)
            rest = table.slice(BATCH)
            self.waiting = [rest] if rest.num_rows else []


def _plain(kind: arrow.DataType) -> arrow.DataType:
    return arrow.string() if arrow.types.is_dictionary(kind) else kind
