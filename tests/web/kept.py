"""What one function writes into an empty database, kept as rows: the next test gets the same rows by plain INSERTs, and objects of its own.

Making the cast by the ordinary actions is a tenth of a second; five hundred tests begin with it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

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
        with transaction.atomic(), connection.cursor() as cursor:
            for insert, rows in _rows[make]:
                cursor.executemany(insert, rows)
        return pickle.loads(_made[make])
    before = {table: _read(table) for table in _filled()}
    made = make()
    assert all(_read(table) == rows for table, rows in before.items()), "what is kept begins on an empty database"
    _rows[make] = [_read(table) for table in _filled() if table not in before]
    _made[make] = pickle.dumps(made)
    return made
