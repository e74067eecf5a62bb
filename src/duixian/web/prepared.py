"""Reads whose SQL is written once: the ORM takes longer to write the SQL of a small read than the database to answer it.

`@prepared` on a function that builds a queryset from plain values: the first call of a connection reads as Django reads; from the second on the SQL is
kept beside the connection, one for every shape of arguments, and only the values are put in. What comes back is what the queryset would have given.
"""

from __future__ import annotations

import datetime
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import update_wrapper
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable, get_related_populators

Row = TypeVar("Row")
log = logging.getLogger("duixian.web")
strict = False  # tests: what cannot be prepared is a fault
MOST_VALUES = 80  # a longer list is read as Django reads it
_KEPT = 600  # statements a connection keeps
_SLOT = "\x00slot"


class CannotPrepare(Exception):
    """The function builds another query each time it is asked, or one that cannot be kept."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """An argument that makes a query of its own: an order, a number of rows."""

    value: Any


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL text. slots: which value stands at which place of `parameters`; make: rows as the queryset makes them."""

    sql: str
    parameters: tuple[Any, ...]
    slots: tuple[tuple[int, int], ...]
    make: Callable[[list[Any], Any], list[Any]]

    def run(self, values: list[Any], connection: Any) -> list[Any]:
        """Ask the database with these values."""
        parameters = list(self.parameters)
        for place, slot in self.slots:
            parameters[place] = _adapted(values[slot], connection)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.cursor = _planned(connection)
            cursor.execute(self.sql, parameters)
            rows = cursor.fetchall()
        return self.make(rows, connection) if rows else []


AS_EVER = Statement("", (), (), lambda rows, connection: rows)  # what cannot be prepared is read as Django reads it


class Prepared(Generic[Row]):
    """A function that builds a queryset, asked by its values.

    Its arguments: whole numbers, texts, days, times, and lists of these, each used in the query as it is (no patterns, no sums of it in Python);
    None, True, False, members of an enumeration and what is `Fixed` make a query of their own. Whatever changes from call to call (today, the language) is an argument.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self.build = build
        update_wrapper(self, build)

    def __call__(self, *arguments: Any) -> list[Row]:
        """All rows."""
        shape, values = _shape_of(arguments)
        if len(values) > MOST_VALUES:
            return list(self.build(*arguments))
        connection = connections[DEFAULT_DB_ALIAS]  # of this thread
        kept: OrderedDict[Hashable, Statement | None] = connection.__dict__.setdefault("prepared_reads", OrderedDict())
        key = (self.build, shape)
        if key not in kept:
            kept[key] = None
            while len(kept) > _KEPT:
                kept.popitem(last=False)
            return list(self.build(*arguments))
        statement = kept[key]
        if statement is None:
            try:
                statement = kept[key] = _prepare(self.build, shape, connection)
            except EmptyResultSet:  # nothing can be in it: known without asking
                return []
            except CannotPrepare as fault:
                if strict:
                    raise
                log.warning("read as ever: %s", fault)
                statement = kept[key] = AS_EVER
        kept.move_to_end(key)
        if statement is AS_EVER:
            return list(self.build(*arguments))
        return statement.run(values, connection)

    def first(self, *arguments: Any) -> Row | None:
        """The first row, or None; the query itself says in what order and how many."""
        return next(iter(self(*arguments)), None)


prepared = Prepared


def _planned(connection: Any) -> Any:
    """A cursor for which PostgreSQL keeps the plan too: planning takes longer than these reads themselves."""
    from .planned import PlannedCursor

    connection.connection.prepared_max = _KEPT
    return PlannedCursor(connection.connection)


def _adapted(value: Any, connection: Any) -> Any:
    """A value as Django hands it to the database."""
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, datetime.date):
        return connection.ops.adapt_datefield_value(value)
    return value


def _shape_of(arguments: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Any]]:
    """The shape of some arguments (a type for each value, a constant as it is, a tuple for a list), and the values in order."""
    shape: list[Any] = []
    values: list[Any] = []
    for one in arguments:
        if one is None or isinstance(one, (bool, Enum, Fixed)):
            shape.append(one)
        elif isinstance(one, (list, tuple)):
            shape.append(tuple([_type(part) for part in one]))
            values.extend(one)
        else:
            shape.append(_type(one))
            values.append(one)
    return tuple(shape), values


def _type(value: Any) -> type:
    for kind in (int, str, datetime.datetime, datetime.date):
        if isinstance(value, kind):
            return kind
    raise TypeError(f"not a value of a prepared read: {value!r}")


def _marks(shape: tuple[Any, ...], turn: int, connection: Any) -> tuple[list[Any], list[Any]]:
    """Arguments of a shape that stand in no query by themselves, to be found again: as arguments, and each by itself."""
    flat: list[Any] = []

    def mark(kind: type) -> Any:
        number = 31_000 + 500 * turn + len(flat)  # fits a small integer
        value = (number if kind is int else f"{_SLOT}{number}" if kind is str else datetime.datetime(1900 + turn, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=len(flat))
                 if kind is datetime.datetime else datetime.date(1900 + turn, 1, 1) + datetime.timedelta(days=len(flat)))  # fmt: skip
        flat.append(value)
        return value

    arguments = [mark(one) if isinstance(one, type) else [mark(kind) for kind in one] if isinstance(one, tuple) else one for one in shape]
    return arguments, [_adapted(value, connection) for value in flat]


def _prepare(build: Callable[..., QuerySet[Any]], shape: tuple[Any, ...], connection: Any) -> Statement:
    """Write the SQL twice with different marks: what differs are the slots."""
    written = []
    for turn in range(2):
        arguments, marks = _marks(shape, turn, connection)
        rows = build(*arguments)
        compiler = rows.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        written.append((rows, compiler, sql, tuple(parameters), {mark: slot for slot, mark in enumerate(marks)}))
    (rows, compiler, sql, parameters, marks), (_, _, again, others, other_marks) = written
    slots = []
    for place, (one, other) in enumerate(zip(parameters, others, strict=True)):
        if one != other and repr(one) != repr(other):
            slot = marks.get(one)
            if slot is None or other_marks.get(other) != slot:
                raise CannotPrepare(f"{build.__qualname__}: {one!r} changes by itself")
            slots.append((place, slot))
    if sql != again:
        raise CannotPrepare(f"{build.__qualname__}: a value is written into the SQL")
    return Statement(sql, parameters, tuple(slots), _maker(rows, compiler))


def _maker(rows: QuerySet[Any], compiler: Any) -> Callable[[list[Any], Any], list[Any]]:
    """How rows of the database become what the queryset gives: Django's own parts, put together once."""
    kind = rows._iterable_class
    if rows._prefetch_related_lookups or rows._known_related_objects or kind not in (ModelIterable, ValuesListIterable, FlatValuesListIterable):
        raise CannotPrepare("a queryset of another kind")
    converters = list(compiler.get_converters([one[0] for one in compiler.select[: compiler.col_count]]).items())
    wide = compiler.col_count  # what was selected only to sort by comes after it

    def converted(found: list[Any], connection: Any) -> Iterator[list[Any]]:
        for row in found:
            new = list(row[:wide])
            for place, (steps, expression) in converters:
                value = new[place]
                for step in steps:
                    value = step(value, expression, connection)
                new[place] = value
            yield new

    if kind is FlatValuesListIterable:
        return lambda found, connection: [row[0] for row in converted(found, connection)]
    if kind is ValuesListIterable:
        return lambda found, connection: [tuple(row) for row in converted(found, connection)]
    select, info, annotations = compiler.select, compiler.klass_info, list(compiler.annotation_col_map.items())
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [one[0].target.attname for one in select[start:end]]
    model, database, populators = info["model"], rows.db, get_related_populators(info, select, rows.db)

    def objects(found: list[Any], connection: Any) -> list[Any]:
        made = []
        for row in converted(found, connection):
            one = model.from_db(database, names, row[start:end])
            for populator in populators:
                populator.populate(row, one)
            for name, place in annotations:
                setattr(one, name, row[place])
            made.append(one)
        return made

    return objects
