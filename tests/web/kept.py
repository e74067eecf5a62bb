"""What one function writes into an empty database, kept as rows: the next test gets the same rows by plain INSERTs, and objects of its own.

Making the cast by the ordinary actions is a tenth of a second; five hundred tests begin with it. What takes seconds to make is made once a run and
shared by its processes (`shared`), with the files it lies on and the time it took by the clock of the test.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

from . import template

_rows: dict[Callable[[], Any], list[tuple[str, list[tuple[Any, ...]]]]] = {}  # maker → (INSERT, rows), a table each
_made: dict[Callable[[], Any], bytes] = {}


def _filled() -> list[str]:
    """The tables that have rows."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
            if cursor.fetchone():
                found.append(table)
    return found


def _read(table: str) -> tuple[str, list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        names = [connection.ops.quote_name(column[0]) for column in cursor.description]
        return f"INSERT INTO {connection.ops.quote_name(table)} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})", cursor.fetchall()


def once(make: Callable[[], Any]) -> Any:
    """What `make` returns, with its rows in the database; made once a process. Raises AssertionError where it writes into a table that had rows before."""
    if make in _made:
        _write(_rows[make])
        return pickle.loads(_made[make])
    made, rows = _watched(make)
    _rows[make], _made[make] = rows, pickle.dumps(made)
    return made


def shared(name: str, make: Callable[[], Any], clock: Any) -> Any:
    """The same for all processes of a run, under a name. The files of the home are copied too; the clock of the test goes on by as much as the making took."""
    folder = Path(os.environ[template.FOLDER]) / f"kept-{name}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first to ask makes it, another waits for that
        if not folder.exists():
            began = clock.now()
            made, rows = _watched(make)
            draft = folder.with_suffix(".draft")
            _copy(settings.HOME, draft / "home")
            (draft / "kept").write_bytes(pickle.dumps((pickle.dumps(made), rows, clock.now() - began)))
            draft.rename(folder)
            return made
    kept, rows, took = pickle.loads((folder / "kept").read_bytes())
    _copy(folder / "home", settings.HOME)
    _write(rows)
    _after()
    clock.offset += took
    return pickle.loads(kept)


def _watched(make: Callable[[], Any]) -> tuple[Any, list[tuple[str, list[tuple[Any, ...]]]]]:
    """What `make` returns, and the rows it wrote."""
    before = {table: _read(table) for table in _filled()}
    made = make()
    assert all(_read(table) == rows for table, rows in before.items()), "what is kept begins on an empty database"
    return made, [_read(table) for table in _filled() if table not in before]


def _write(kept: list[tuple[str, list[tuple[Any, ...]]]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for insert, rows in kept:
            cursor.executemany(insert, rows)


def _after() -> None:
    """The numbers a database gives out go on after those that were written by another process."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)


def _copy(one: Path, other: Path) -> None:
    """The folders of a home: policies, uploads, what settlements were made from; not its database, nor its secret."""
    for entry in os.scandir(one):
        if entry.is_dir():
            shutil.copytree(entry.path, other / entry.name, dirs_exist_ok=True)
