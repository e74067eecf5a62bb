"""The compiled engine on Spark in the peers' benchmark: the same policies and tables as on DuckDB, on this machine alone (master local[2])."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from .ours import YEAR, Compiled
from .settling import measured

MEMORY = "4g"  # of the Java process
SIZES = (1_000_000, 10_000_000)


class _Asked:
    """A SELECT that Spark has been asked, in the one form `Compiled` reads answers in."""

    def __init__(self, engine: Any, sql: str) -> None:
        self.engine, self.text = engine, sql

    def to_arrow_table(self) -> Any:
        """All its rows, as a pyarrow Table."""
        with self.engine._asked(self.text):
            return self.engine._frame(self.text).toArrow()


class _Connection:
    """What stands for DuckDB's connection."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def execute(self, sql: str) -> _Asked:
        """Ask; nothing is worked out yet."""
        return _Asked(self.engine, sql)

    sql = execute


class OnSpark(Compiled):
    """Both policies compiled, their tables as Parquet, one Java process. A run takes minutes at 1,000,000 objects, so one is measured (`repeats`)."""

    name = "duixian (Spark local)"
    repeats = 1
    folder: Path | None = None

    def prepare(self, inputs: Any, rows: int | None = None, *, only: str = "") -> None:
        """Read the files of both policies (or of one) into columns (DuckDB), and hand those to Spark as Parquet, as `large.settle` does."""
        from duixian.engine.duck_engine import DuckEngine
        from duixian.engine.spark import SparkEngine
        from duixian.large.settle import MEMORY as READING
        from duixian.tables.columnar import open_frames
        from duixian.tables.numbers import number_tables

        self.inputs = inputs
        self.folder = self.folder or Path(tempfile.mkdtemp(prefix="duixian-bench-"))
        for name, policy in self.policies.items():
            if only and name != only:
                continue
            engine = self.engines[name] = SparkEngine(f"local[{self.threads or 2}]", memory=self.memory or MEMORY, work=self.folder)
            engine._connection = _Connection(engine)
            with DuckEngine(memory_limit=READING) as reader:
                self.frames[name] = open_frames(reader._connection, list(inputs.tables(name)), policy, YEAR)
                number_tables(reader._connection, self.frames[name], policy)
                for number, table in enumerate(self.frames[name].tables()):
                    reader.write_parquet(f'SELECT * FROM "{table}"', self.folder / f"{name}-{number}.parquet")
                    engine.register(table, self.folder / f"{name}-{number}.parquet")

    def processes(self) -> list[int]:
        """The Java process: its time and memory count as well."""
        return [int(engine._session._jvm.java.lang.ProcessHandle.current().pid()) for engine in list(self.engines.values())[-1:]]

    def close(self) -> None:
        """Stop Java and remove the tables."""
        for engine in reversed(self.engines.values()):
            engine.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def figure(bench: Any) -> str:
    """Both policies settled from Parquet to Parquet at each of `SIZES`: seconds, how much longer a row takes on Spark, and whether at the first size
    every written line is the same, byte for byte, as on DuckDB."""
    with tempfile.TemporaryDirectory() as place:
        few, many = (measured(bench, count, "--engine", "spark", *(["--keep", f"{place}/spark"] if count == SIZES[0] else [])) for count in SIZES)
        duck = measured(bench, SIZES[0], "--keep", f"{place}/duckdb")
        for one in (few, many, duck):
            if isinstance(one, str):
                return f"not measured: {one}"
        same = digests(Path(place) / "spark") == digests(Path(place) / "duckdb")
    growth = {what: many[what] / SIZES[1] / (few[what] / SIZES[0]) for what in ("seconds", "cpu")}
    return (
        f"{'same bytes' if same else 'NOT the same bytes'} as DuckDB at {SIZES[0]:,}; {SIZES[0]:,} → {SIZES[1]:,}: "
        f"{few['seconds']:,.0f} s → {many['seconds']:,.0f} s, {growth['seconds']:.2f} × a row ({growth['cpu']:.2f} × by processor time); DuckDB {duck['seconds']:,.0f} s"
    )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the lines of each policy, written as CSV in one order."""
    import duckdb

    found = {}
    for each in sorted(folder.iterdir()):
        file = folder / f"{each.name}.csv"
        with duckdb.connect() as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.execute(f"COPY (SELECT * FROM read_parquet('{each}/*.parquet') ORDER BY ALL) TO '{file}' (FORMAT csv)")
        with file.open("rb") as read:
            found[each.name] = hashlib.file_digest(read, "sha256").hexdigest()
    return found
