"""DuckDB as a relational engine (单机引擎): in process, in memory, spilling to a folder of its own where memory is limited."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any

from ..values.drafts import draft_folder, draft_name
from .prelude import macros
from .relational import EngineError, Row, identifier, literal, parquet_files, whole

AT_ONCE = 2  # statements: planning is the work of one thread, and a window over one group is too; each more needs its own memory
_FLOATS = ("FLOAT", "DOUBLE")
_FOLDERS = "duixian-duckdb-"
_CONFIG: dict[str, Any] = {
    "python_enable_replacements": "false",  # a name that is no table is an error, not a variable of the caller
    "autoinstall_known_extensions": "false",  # nothing is fetched
    "checkpoint_threshold": "1TB",  # nothing is written down, and going over every table for it takes as long as making one
    "default_null_order": "nulls_first_on_asc_last_on_desc",  # as Spark, should a text forget to say
}
_small: dict[int, Any] = {}  # process -> its database for small work; one a fork brought along is left alone
_lock = Lock()


class DuckEngine:
    """One DuckDB connection with the prelude. memory_limit: as DuckDB writes it ('4GB'); threads: at most so many; temp_directory: where it
    spills (a new folder there, removed at the end); None leaves DuckDB's own choice.

    small: for a few rows, of which opening a database would be a good part: a connection of one the process keeps, with one thread and no limit of
    its own. Its tables are temporary, seen by nobody else and gone when it is closed.
    """

    name = "duckdb"

    def __init__(self, memory_limit: str | None = None, threads: int | None = None, temp_directory: str | Path | None = None, *, small: bool = False) -> None:
        import duckdb

        self._folder = "" if small else str(draft_folder(temp_directory, _FOLDERS))
        config: dict[str, Any] = {"temp_directory": self._folder, **_CONFIG}
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = str(threads)
        self._open = True
        self._made: dict[str, str] = {}  # name → VIEW or TABLE; '' is registered
        self._given: dict[str, Any] = {}  # name → what is registered under it, which each connection has to be told
        self._others: tuple[Any, ...] = ()  # the connections that work beside this one
        self._kept, self._alone = ("TEMP ", True) if small else ("", threads == 1)  # tables of a database of one's own are seen by all its connections
        self._error = duckdb.Error
        self._kinds = (
            ("interrupted", (duckdb.InterruptException,)),
            ("memory", (duckdb.OutOfMemoryException,)),
            ("arithmetic", (duckdb.OutOfRangeException, duckdb.ConversionException)),
        )
        try:
            self.connection = _quiet(_small_database().cursor() if small else _database(config))
        except BaseException:
            self._remove_folder()
            raise

    def __enter__(self) -> DuckEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _asked(self, sql: str) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            text = str(error)
            kind = next((kind for kind, classes in self._kinds if isinstance(error, classes)), "other")
            if kind == "other" and "Division by zero" in text:
                kind = "arithmetic"
            raise EngineError(kind, text.split("\n", 1)[0], sql) from error

    def _run(self, sql: str, connection: Any = None) -> Any:
        with self._asked(sql):
            return (connection or self.connection).execute(sql)

    def _types(self, sql: str) -> list[tuple[str, str]]:
        """(column, type) of a SELECT, which is not worked out. Raises EngineError where one is a float."""
        return self._exact(((row[0], str(row[1])) for row in self._run(f"DESCRIBE {sql}").fetchall()), sql)

    @staticmethod
    def _exact(columns: Iterable[tuple[str, str]], sql: str) -> list[tuple[str, str]]:
        """The columns as they are. Raises EngineError where one is a float."""
        found = list(columns)
        for column, kind in found:
            if kind.startswith(_FLOATS):
                raise EngineError("inexact", f"{column} is {kind}", sql)
        return found

    def register(self, name: str, source: Any) -> None:
        """A Parquet file or folder as a view that reads it where it stands; a pyarrow Table without a copy."""
        self._forget(name)
        if isinstance(source, (str, os.PathLike)):
            files = ", ".join(literal(file) for file in parquet_files(source))
            self._run(f"CREATE {self._kept}VIEW {identifier(name)} AS SELECT * FROM read_parquet([{files}])")
            self._made[name] = "VIEW"
        else:
            with self._asked(name):
                self.connection.register(name, source)
            self._made[name], self._given[name] = "", source

    def view(self, name: str, sql: str) -> None:
        """A view."""
        self._forget(name)
        self._run(f"CREATE {self._kept}VIEW {identifier(name)} AS {sql}")
        self._made[name] = "VIEW"

    def stage(self, name: str, sql: str) -> None:
        """Work a SELECT out once into a table; one that was called so before is replaced, and may be read by the SELECT.

        The types are looked at in the table that was made, and it is taken back where one is a float: a text as long as a step of a plan costs
        more to plan than a few hundred rows cost to work out, and is planned once.
        """
        self._stage(self.connection, name, sql)

    def _stage(self, connection: Any, name: str, sql: str) -> None:
        self._run("BEGIN TRANSACTION", connection)
        try:
            self._run(f"CREATE OR REPLACE {self._kept}TABLE {identifier(name)} AS {sql}", connection)
            made = connection.table(identifier(name))
            self._exact(zip(made.columns, map(str, made.types)), sql)
            self._run("COMMIT", connection)
            self._made[name] = "TABLE"
        except BaseException:
            with contextlib.suppress(self._error):  # a transaction that failed may have ended already
                connection.rollback()
            raise

    def stage_each(self, steps: Sequence[tuple[str, str]]) -> None:
        """Stage several, a few at a time, each on a connection of its own; what found no memory beside another is tried again alone."""
        if self._alone or len(steps) < 2:
            for name, sql in steps:
                self.stage(name, sql)
            return
        self._others = tuple(self._another() for _ in range(AT_ONCE))
        free: SimpleQueue[Any] = SimpleQueue()
        for connection in self._others:
            free.put(connection)

        def staged(step: tuple[str, str]) -> None:
            connection = free.get()
            try:
                self._stage(connection, *step)
            finally:
                free.put(connection)

        again = []
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                running = {step: pool.submit(staged, step) for step in steps}
                try:
                    for step, done in running.items():
                        error = done.exception()
                        if isinstance(error, EngineError) and error.kind == "memory":
                            again.append(step)
                        elif error:
                            raise error
                except BaseException:
                    for done in running.values():
                        done.cancel()
                    self.interrupt()
                    while wait(running.values(), 1).not_done:  # one was about to start
                        self.interrupt()
                    raise
        finally:
            others, self._others = self._others, ()
            for connection in others:
                connection.close()
        for step in again:
            self.stage(*step)

    def _another(self) -> Any:
        """One more connection to the database, which knows what this one does."""
        made = _quiet(self.connection.cursor())
        for name, source in self._given.items():
            made.register(name, source)
        return made

    def rows(self, sql: str) -> list[Row]:
        """Fetch all rows as Python values."""
        with self._asked(sql):
            found = self.connection.execute(sql)
            types = self._exact(((column[0], str(column[1])) for column in found.description), sql)
            rows = found.fetchall()
        return whole(rows, [place for place, (_, kind) in enumerate(types) if kind.startswith("DECIMAL") and kind.endswith(",0)")])

    def arrow(self, sql: str) -> Any:
        """The rows as a pyarrow Table."""
        with self._asked(sql):
            return self.connection.sql(sql).to_arrow_table()

    def columns(self, sql: str) -> list[str]:
        """Column names, by DESCRIBE."""
        return [column for column, _ in self._types(sql)]

    def write_parquet(self, sql: str, path: str | Path) -> None:
        """The rows as one Parquet file, or as a folder with one; 128-bit columns as DECIMAL(38,0), since DuckDB would write them as floats."""
        wide = [identifier(column) for column, kind in self._types(sql) if kind == "HUGEINT"]
        exact = f"SELECT * REPLACE ({', '.join(f'CAST({column} AS DECIMAL(38,0)) AS {column}' for column in wide)}) FROM ({sql})" if wide else sql
        target = Path(path)
        draft = draft_folder(target.parent)
        try:
            self._run(f"COPY ({exact}) TO {literal(os.fspath(draft / 'part-0.parquet'))} (FORMAT parquet, COMPRESSION zstd)")
            if target.suffix == ".parquet":
                os.replace(draft / "part-0.parquet", target)
            else:
                os.chmod(draft, 0o755)
                os.rename(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def drop(self, name: str) -> None:
        """Drop what is called so: registered, view or table, made here or by whoever shares the connection."""
        if not self._forget(name):
            kinds = self.connection.execute(
                "SELECT 'VIEW' FROM duckdb_views() WHERE view_name = $1 AND NOT internal UNION ALL SELECT 'TABLE' FROM duckdb_tables() WHERE table_name = $1", [name]
            ).fetchall()
            for (kind,) in kinds:
                self._run(f"DROP {kind} {identifier(name)}")

    def _forget(self, name: str) -> bool:
        """Drop what was made here under a name; whether there was any. It asks no catalogue, which costs more than a small table does."""
        kind = self._made.pop(name, None)
        self._given.pop(name, None)
        if kind == "":
            with self._asked(name):
                self.connection.unregister(name)
        elif kind:
            self._run(f"DROP {kind} IF EXISTS {identifier(name)}")
        return kind is not None

    def interrupt(self) -> None:
        """Stop what runs in other threads."""
        for connection in (self.connection, *self._others):
            with contextlib.suppress(self._error):  # one that has been closed since
                connection.interrupt()

    def close(self) -> None:
        """Close the connection and remove what it spilled."""
        if self._open:
            self._open = False
            self.connection.close()
            self._remove_folder()

    def _remove_folder(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _quiet(connection: Any) -> Any:
    connection.execute("SET enable_progress_bar = false")  # it takes `python -c`, as the command is started, for a console of its own
    return connection


def _database(config: dict[str, Any]) -> Any:
    """A new database in memory, with the prelude."""
    import duckdb

    made = duckdb.connect(":memory:", config=config)
    try:
        made.execute(";".join(macros()))
    except BaseException:
        made.close()
        raise
    return made


def _small_database() -> Any:
    """The database this process keeps for small work; opened by the first to ask."""
    with _lock:
        found = _small.get(os.getpid())
        if found is None:
            folder = draft_name(tempfile.gettempdir(), _FOLDERS)  # DuckDB makes it should it ever spill, and removes it
            found = _small[os.getpid()] = _database({"temp_directory": folder, "threads": "1", **_CONFIG})
        return found
