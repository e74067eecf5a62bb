"""Spark as a relational engine (分布式引擎): optional, needs pyspark and a Java runtime; the same SQL text as on DuckDB.

Local by default. A session that already runs in this process (spark-submit, a notebook on a cluster) is used through a session of its own
and left running. Staged tables are Parquet in the work folder: read by column, gone from memory, and the plan behind them is cut off.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from ..values.drafts import draft_folder
from .prelude import expand
from .relational import EngineError, Row, parquet_files, whole

# what makes a text mean on Spark what it means on DuckDB, and errors of what would be silent
_SESSION = {
    "spark.sql.ansi.enabled": "true",  # overflow, a bad cast and a division by zero raise
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.variable.substitute": "false",  # ${…} in a text is a text
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.subexpressionElimination.skipForShortcutExpr": "true",  # the right side of AND is not worked out ahead of the left
    "spark.sql.analyzer.maxIterations": "5000",  # one for each level of nested SELECTs; 100 are too few
    "spark.sql.optimizer.maxIterations": "5000",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
# few rows: planning takes all the time, so no code is generated, nothing is split up, and tables are rows inside the plan
_FEW = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.leafNodeDefaultParallelism": "1",
    "spark.sql.lightweightPlanChangeValidation": "false",
}
_ARITHMETIC = ("ArithmeticException", "NumberFormatException", "DateTimeException")
_JAVA = re.compile(r"java\.lang\.(OutOfMemoryError|StackOverflowError)")


def java() -> str | None:
    """The path of the Java launcher that Spark would use, or None."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which(os.path.join(home, "bin", "java") if home else "java")


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a record of the root logger is not py4j's, which writes a traceback there where Java has died."""
    return os.sep + "py4j" + os.sep not in record.pathname


@contextlib.contextmanager
def _standard_error_to(path: Path) -> Iterator[None]:
    """While the JVM is started its standard error, which it keeps, is a file: it prints warnings before any log setting is read."""
    kept = os.dup(2)
    with open(path, "ab") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class SparkEngine:
    """One Spark session with the prelude. master: 'local[2]', or a cluster's address; memory: of the driver ('2g'); work: a folder for staged
    tables (a new one inside it is removed at the end), on a cluster one that every worker sees; small: for some thousands of rows, which stay in
    memory (begins sooner, and a statement takes a tenth of the time); too slow for more. Raises EngineError of kind absent without pyspark or Java.
    """

    name = "spark"

    def __init__(self, master: str = "local[2]", memory: str = "2g", work: str | Path | None = None, small: bool = False) -> None:
        try:
            from pyspark import SparkContext
            from pyspark.errors import PySparkException
            from pyspark.logger import PySparkLogger
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EngineError("absent", "pyspark is not installed: ./dx setup spark") from error
        self._open, self._small = False, small
        self._folder = draft_folder(work, "duixian-spark-")
        self._count = count()
        self._staged: dict[str, Path] = {}
        self._exception = PySparkException
        self._group = ""
        for logger in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):  # errors are raised, not printed as well
            PySparkLogger.getLogger(logger).setLevel("CRITICAL")
        logging.getLogger().addFilter(_is_ours)
        self._owned = SparkContext._active_spark_context is None
        try:
            if self._owned:
                self._session = self._start(SparkSession.builder, master, memory, small)
            else:
                self._session = SparkSession.builder.getOrCreate().newSession()
            self._open = True
            for key, value in {**_SESSION, **(_FEW if small else {})}.items():
                self._session.conf.set(key, value)
        except BaseException:
            self.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def _start(self, builder: Any, master: str, memory: str, small: bool) -> Any:
        if java() is None:
            raise EngineError("absent", "no Java runtime (17 or newer): ./dx setup spark")
        log = self._folder / "spark.log"
        quiet = self._folder / "log4j2.properties"
        quiet.write_text("rootLogger.level = off\n", encoding="ascii")
        options = f"-Xss64m -Djava.io.tmpdir={self._folder} -Dlog4j2.configurationFile={quiet.as_uri()}"  # a deep plan needs a deep stack
        if small:  # the 48 MB of code that come with the first are full after some hundred settlements, and nothing is compiled from then on
            options += " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"
        settings = {
            "spark.master": master,
            "spark.app.name": "duixian",
            "spark.python.sql.dataFrameDebugging.enabled": "false",  # no call sites are collected
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.memory": memory,
            "spark.driver.extraJavaOptions": options,
            "spark.sql.warehouse.dir": os.fspath(self._folder / "warehouse"),
            "spark.sql.catalogImplementation": "in-memory",
        }
        if master.startswith("local"):
            settings |= {"spark.local.dir": os.fspath(self._folder), "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
            settings["spark.sql.shuffle.partitions"] = "8"
        for key, value in settings.items():
            builder = builder.config(key, value)
        try:
            with _standard_error_to(log):
                return builder.getOrCreate()
        except Exception as error:
            told = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
            raise EngineError("other", f"Spark did not start: {str(error).splitlines()[0]} {' / '.join(told[-3:])}".strip()) from error

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _asked(self, sql: str) -> Iterator[None]:
        from py4j.protocol import Py4JError

        self._group = f"duixian-{id(self)}-{next(self._count)}"
        try:
            self._session.sparkContext.setJobGroup(self._group, "", interruptOnCancel=True)
            yield
        except ConnectionError as error:
            raise EngineError("other", "the Java process has died; out of memory?", sql) from error
        except (self._exception, Py4JError) as error:
            text = str(error)
            kind = "arithmetic" if type(error).__name__ in _ARITHMETIC else "memory" if _JAVA.search(text) else "other"
            if "cancelled" in text and self._group in text:
                kind = "interrupted"
            told = [line.lstrip(": ") for line in text.splitlines() if line and not line.startswith("An error occurred while calling")]
            raise EngineError(kind, told[0] if told else type(error).__name__, sql) from error

    def _frame(self, sql: str) -> Any:
        """A SELECT as a DataFrame, not yet worked out. Raises EngineError where a column is a float."""
        with self._asked(sql):
            frame = self._session.sql(expand(sql))
            for column in frame.schema.fields:
                if column.dataType.typeName() in ("double", "float"):
                    raise EngineError("inexact", f"{column.name} is {column.dataType.typeName()}", sql)
            return frame

    def _named(self, name: str, frame: Any) -> None:
        with self._asked(name):
            frame.createOrReplaceTempView("`" + name.replace("`", "``") + "`")

    def _read(self, files: list[str]) -> Any:
        with self._asked(files[0]):
            return self._session.read.parquet(*files)

    def register(self, name: str, source: Any) -> None:
        """A Parquet file or folder, read where it stands; a pyarrow Table goes through a Parquet file of the work folder."""
        old = self._staged.pop(name, None)
        if self._small and not isinstance(source, (str, os.PathLike)):
            with self._asked(name):
                frame = self._session.createDataFrame(source)
            self._named(name, frame)
            self._remove(old)
            return
        if isinstance(source, (str, os.PathLike)):
            files = parquet_files(source) if os.path.exists(source) or "://" not in os.fspath(source) else [os.fspath(source)]
        else:
            from pyarrow import parquet

            self._staged[name] = self._folder / f"{next(self._count)}.parquet"
            parquet.write_table(source, self._staged[name], compression="zstd")
            files = [os.fspath(self._staged[name])]
        self._named(name, self._read(files))
        self._remove(old)

    def view(self, name: str, sql: str) -> None:
        """A temporary view of the session."""
        self._named(name, self._frame(sql))

    def stage(self, name: str, sql: str) -> None:
        """Work a SELECT out once into Parquet files of the work folder; one that was called so before is replaced, and may be read by the SELECT."""
        frame = self._frame(sql)
        if self._small:
            self._named(name, self._held(frame, sql))
            self._remove(self._staged.pop(name, None))
            return
        place = self._folder / f"{next(self._count)}"
        with self._asked(sql):
            try:
                frame.write.parquet(os.fspath(place))
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise
            staged = self._session.read.schema(frame.schema).parquet(os.fspath(place))
        self._named(name, staged)
        self._remove(self._staged.pop(name, None))
        self._staged[name] = place

    def stage_each(self, steps: Sequence[tuple[str, str]]) -> None:
        """Stage several, one after the other: each is spread over all cores."""
        for name, sql in steps:
            self.stage(name, sql)

    def _held(self, frame: Any, sql: str) -> Any:
        """The rows of a DataFrame worked out, as a relation inside the plan of whatever reads it."""
        session = self._session._jsparkSession
        with self._asked(sql):
            return type(frame)(session.createDataFrame(frame._jdf.collectAsList(), frame._jdf.schema()), self._session)

    def rows(self, sql: str) -> list[Row]:
        """Collect all rows to the driver as Python values."""
        frame = self._frame(sql)
        decimals = [place for place, column in enumerate(frame.schema.fields) if column.dataType.typeName() == "decimal" and column.dataType.scale == 0]
        with self._asked(sql):
            return whole([tuple(row) for row in frame.collect()], decimals)

    def arrow(self, sql: str) -> Any:
        """The rows, collected to the driver, as a pyarrow Table."""
        with self._asked(sql):
            return self._frame(sql).toArrow()

    def columns(self, sql: str) -> list[str]:
        """Column names, by the analysed plan."""
        return list(self._frame(sql).columns)

    def write_parquet(self, sql: str, path: str | Path) -> None:
        """The rows as one Parquet file where the path ends in .parquet (through one task), else as a new folder of files."""
        target, frame = Path(path), self._frame(sql)
        draft = draft_folder(target.parent)
        try:
            single = target.suffix == ".parquet"
            with self._asked(sql):
                (frame.coalesce(1) if single else frame).write.mode("overwrite").parquet(os.fspath(draft / "all"))
            if single:
                os.replace(next((draft / "all").glob("*.parquet")), target)
            else:
                os.rename(draft / "all", target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def drop(self, name: str) -> None:
        """Forget a table or view, and remove the files of a staged one."""
        with self._asked(name):
            self._session.catalog.dropTempView(name)
        self._remove(self._staged.pop(name, None))

    @staticmethod
    def _remove(place: Path | None) -> None:
        if place is not None and place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        elif place is not None:
            place.unlink(missing_ok=True)

    def interrupt(self) -> None:
        """Cancel the jobs of the statement that runs in another thread."""
        if self._group:  # jobs of this statement that have not begun are cancelled as well
            self._session.sparkContext._jsc.sc().cancelJobGroupAndFutureJobs(self._group)

    def close(self) -> None:
        """Stop the session and its Java process (only if it was started here), and remove the work folder."""
        if not self._open:
            return
        self._open = False
        if self._owned:
            self._stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _stop(self) -> None:
        from py4j.protocol import Py4JError
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

        gateway = SparkContext._gateway
        try:
            self._session.stop()
        except (Py4JError, ConnectionError):  # Java has died: nothing is left to stop
            SparkContext._active_spark_context = SparkSession._instantiatedSession = None
        if gateway is not None:  # the Java process would live on with this folder as its own; the next engine starts a new one
            with contextlib.suppress(Py4JError, ConnectionError):
                gateway.shutdown()
            process = getattr(gateway, "proc", None)
            if process is not None:
                process.stdin.close()
                process.wait(timeout=30)
            SparkContext._gateway = SparkContext._jvm = None
