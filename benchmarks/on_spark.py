"""The compiled engine on Spark in the peers' benchmark: the same policies and tables as on DuckDB, on this machine alone (master local[2])."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from .ours import YEAR, Compiled

MEMORY = "4g"  # of the Java process
SIZES = (100_000, 1_000_000)


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

    def prepare(self, inputs: Any, rows: int | None = None) -> None:
        """Read the files of both policies into columns (DuckDB), and hand those to Spark as Parquet."""
        from duixian.engine.duck_engine import DuckEngine
        from duixian.engine.spark import SparkEngine
        from duixian.tables.columnar import open_frames

        self.inputs = inputs
        self.folder = Path(tempfile.mkdtemp(prefix="duixian-bench-"))
        for name, policy in self.policies.items():
            engine = self.engines[name] = SparkEngine(f"local[{self.threads or 2}]", memory=self.memory or MEMORY, work=self.folder)
            engine._connection = _Connection(engine)
            with DuckEngine() as reader:
                self.frames[name] = open_frames(reader._connection, list(inputs.tables(name)), policy, YEAR)
                for number, table in enumerate(self.frames[name].tables()):
                    reader.write_parquet(f'SELECT * FROM "{table}"', self.folder / f"{name}-{number}.parquet")
                    engine.register(table, self.folder / f"{name}-{number}.parquet")

    def processes(self) -> list[int]:
        """The Java process: its time and memory count as well."""
        return [int(engine._session._jvm.java.lang.ProcessHandle.current().pid()) for engine in list(self.engines.values())[:1]]

    def close(self) -> None:
        """Stop Java and remove the tables."""
        for engine in reversed(self.engines.values()):
            engine.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def growth(bench: Any) -> str:
    """The full settlement on Spark at each of `SIZES`: seconds, processor seconds, and how much longer a row takes; measured here where it was not."""
    from .peers.measure import NotRun, run

    found = []
    for count in SIZES:
        measured = bench.found("duixian-spark", "full", count) or run("duixian-spark", bench.inputs(count), "full", 1)
        if isinstance(measured, NotRun):
            return f"not measured: {measured.why}"
        found.append(measured)
    few, many = found
    times = " → ".join(f"{each.task_ms / 1000:,.0f} s (processor {each.cpu_ms / 1000:,.0f} s)" for each in found)
    return f"full, {few.rows:,} → {many.rows:,}: {times}, {many.per_row_ns / few.per_row_ns:,.2f} × a row"
