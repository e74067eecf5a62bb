"""The compiled engine on Spark in the peers' benchmark: the same policies and tables as on DuckDB, on this machine alone (master local[2])."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from .ours import YEAR, Compiled

MEMORY = "4g"  # of the Java process


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
            with DuckEngine(memory_limit=READING) as reader:
                self.frames[name] = open_frames(reader.connection, list(inputs.tables(name)), policy, YEAR)
                number_tables(reader.connection, self.frames[name], policy)
                for number, table in enumerate(self.frames[name].tables()):
                    reader.write_parquet(f'SELECT * FROM "{table}"', self.folder / f"{name}-{number}.parquet")
                    engine.register(table, self.folder / f"{name}-{number}.parquet")

    def processes(self) -> list[int]:
        """The Java process: its time and memory count as well."""
        return [int(engine._session._jvm.java.lang.ProcessHandle.current().pid()) for engine in list(self.engines.values())[-1:]]

    def close(self) -> None:
        """Stop Java and remove the tables."""
        super().close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
