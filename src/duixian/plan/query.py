"""One SELECT under construction: a table of objects, what is joined to it, and columns worked out level by level.

A column may use any column of a lower level, so that nothing is computed twice and the text stays flat. Columns that only explain (why a value
is missing) are kept apart and written on demand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from .sql import names_in, quoted
from .varying import varies

VARIED = 1000  # the level of the first column that varies: above every column that does not, so that those are worked out once

SHORT = 24  # characters: a text up to here is no longer than a name


@dataclass(frozen=True, slots=True)
class Row:
    """An object in scope. alias: the table it stands in; key, number: SQL of its key and of the key's number ('' without)
    kind_sql: SQL of its actual type; prefix: of its column names.
    """

    kind: str
    alias: str
    key: str
    kind_sql: str
    prefix: str = ""
    exact: bool = False  # only objects of this very type, none of what it comprises
    number: str = ""


@dataclass(slots=True)
class Query:
    """A SELECT. `source` is the table of `row`; `note` says what a row is."""

    source: str
    row: Row
    joins: dict[str, str] = field(default_factory=dict)  # alias -> JOIN …
    lists: dict[str, str] = field(default_factory=dict)  # alias of an aggregate over what belongs to the row itself -> SQL there of whose it is
    chains: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # alias -> (alias of what leads to it, its table, how they match)
    columns: dict[str, str] = field(default_factory=dict)  # name -> SQL over the tables
    lets: dict[str, tuple[int, str]] = field(default_factory=dict)  # name -> (level, SQL over columns of lower levels)
    reasons: set[str] = field(default_factory=set)  # lets that only explain
    where: list[str] = field(default_factory=list)  # over the tables
    group: str = ""
    children: dict[str, Query] = field(default_factory=dict)  # alias -> the aggregate joined there
    aliases: dict[str, str] = field(default_factory=dict)  # what is joined -> its alias
    memo: dict[Any, Any] = field(default_factory=dict)  # facts already read here
    varied: set[str] = field(default_factory=set)  # lets that depend on a number that varies (plan/varying.py)
    stays: list[str] = field(default_factory=list)  # over lets: what holds of every row that may come to anything; each by itself
    selects: dict[str, str] = field(default_factory=dict)  # of an aggregate: what it gives
    selects_reasons: dict[str, str] = field(default_factory=dict)

    def take(self, alias: str, column: str, prefix: str) -> str:
        """A column of a table in scope, under its name in this SELECT."""
        name = prefix + column
        self.columns.setdefault(name, f"{alias}.{quoted(column)}")
        return quoted(name)

    def expose(self, sql: str, name: str) -> str:
        """SQL over the tables themselves as a column."""
        while name in self.columns and self.columns[name] != sql or name in self.lets:
            name += "′"
        self.columns[name] = sql
        return quoted(name)

    def expose_reason(self, sql: str, name: str) -> str:
        """SQL over the tables themselves as a column that only explains."""
        found = self.expose(sql, name)
        self.reasons.add(found[1:-1].replace('""', '"'))
        return found

    def let(self, sql: str, name: str, *, reason: bool = False) -> str:
        """A worked-out column; the same SQL is worked out once."""
        for known, (_, other) in self.lets.items():
            if other == sql:
                return quoted(known)
        while name in self.lets or name in self.columns:
            name += "′"
        used = [name for name in names_in(sql) if name in self.lets]
        level = 1 + max((self.lets[other][0] for other in used), default=0)
        if varies(sql) or any(other in self.varied for other in used):
            self.varied.add(name)
            level = max(level, VARIED)
        self.lets[name] = (level, sql)
        if reason:
            self.reasons.add(name)
        return quoted(name)

    def alias(self, what: str) -> str:
        """The alias of something joined; the same thing has one."""
        return self.aliases.setdefault(what, f"t{len(self.aliases) + 1}")

    def join(self, alias: str, sql: str) -> str:
        """Join a table once."""
        self.joins.setdefault(alias, sql)
        return alias

    def join_under(self, owner: str, alias: str, table: str, match: str) -> str:
        """Join what a relation leads to. Where the relation stands in a joined table, the two are joined first: a chain of few rows stays small."""
        if alias not in self.chains:
            self.chains[alias] = (owner, table, match)
            if owner not in self.chains:
                self.joins.setdefault(alias, "")
        return alias

    def _chain(self, alias: str) -> str:
        _, table, match = self.chains[alias]
        onward = "".join("\n" + self._chain(other) for other, (owner, _, _) in self.chains.items() if owner == alias)
        return f"LEFT JOIN ({table} AS {alias}{onward}) ON {match}" if onward else f"LEFT JOIN {table} AS {alias} ON {match}"

    def read(self, select: dict[str, str]) -> str:
        """What `text` reads from the tables, by itself: the columns it uses, relations followed and lists added up; without what explains."""
        return self._read(self._needed([self._short(sql) for sql in select.values()], False), False, "")

    def text(self, select: dict[str, str], *, reasons: bool = False, where: str = "", ready: str = "", only: str = "") -> str:
        """The whole SELECT. select: name -> SQL over columns and lets. Only what is used is written. ready: a table that holds what `read` gives.

        only: SELECT of numbers; rows of other objects are not read.
        """
        select = {name: self._short(sql) for name, sql in select.items()}
        kept = " AND ".join(self._short(one) for one in self.stays if not (names_in(one) & self.varied or varies(one))) if self.varied else ""
        needed = self._needed([*select.values(), where, kept], reasons)
        inner = f"SELECT * FROM {quoted(ready)}" if ready else self._read(needed, reasons, only)
        levels = sorted({self.lets[name][0] for name in needed if name in self.lets})
        for level in levels:
            if kept and level >= VARIED:
                inner, kept = f"SELECT * FROM ({inner}) WHERE {kept}", ""
            here = [name for name in self.lets if name in needed and self.lets[name][0] == level]
            inner = "SELECT *,\n       " + ",\n       ".join(f"{self.lets[name][1]} AS {quoted(name)}" for name in here) + f"\nFROM ({inner})"
        result = "SELECT " + ",\n       ".join(f"{sql} AS {quoted(name)}" for name, sql in select.items()) + f"\nFROM ({inner})"
        if where:
            result += f"\nWHERE {where}"
        return result + (f"\nGROUP BY {self.group}" if self.group else "")

    def _read(self, needed: set[str], reasons: bool, only: str) -> str:
        columns = [name for name in self.columns if name in needed]
        inner = "SELECT " + (",\n       ".join(f"{self.columns[name]} AS {quoted(name)}" for name in columns) or "1 AS one")
        inner += f"\nFROM {self.source} AS {self.row.alias}"
        for alias, sql in self.joins.items():
            if alias in self.chains:
                inner += "\n" + self._chain(alias)
                continue
            inner += "\n" + (sql.replace("$child$", "(" + self._child(alias, reasons, only) + ")") if alias in self.children else sql)
        where = [*self.where, *([f"{self.row.number} IN ({only})"] if only else [])]
        return inner + ("\nWHERE " + " AND ".join(where) if where else "")

    def _short(self, sql: str) -> str:
        """A text over the lets with each of them by its name where it was written out: an engine plans every copy anew."""
        for name, (_, known) in sorted(self.lets.items(), key=lambda item: -len(item[1][1])):
            if len(known) > SHORT and known in sql and name not in self.reasons and _is_whole(known):
                sql = re.sub(r"(?<!\w)" + re.escape(known), lambda _, name=name: quoted(name), sql)
        return sql

    def _child(self, alias: str, reasons: bool, only: str) -> str:
        child = self.children[alias]
        if only and alias in self.lists:
            child = replace(child, where=[*child.where, f"{self.lists[alias]} IN ({only})"])
        return child.text(child.select(reasons), reasons=reasons)

    def select(self, reasons: bool) -> dict[str, str]:
        """What an aggregate gives to the table it is joined to."""
        return {**self.selects, **(self.selects_reasons if reasons else {})}

    def _needed(self, roots: list[str], reasons: bool) -> set[str]:
        needed: set[str] = set()
        waiting = set().union(*(names_in(sql) for sql in roots)) | names_in(self.group)
        while waiting:
            name = waiting.pop()
            if name in needed or (name in self.reasons and not reasons):
                continue
            if name in self.columns or name in self.lets:
                needed.add(name)
                if name in self.lets:
                    waiting |= names_in(self.lets[name][1])
        return needed


_BRACKET = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[()]|\b(?:CASE|END)\b")


def _is_whole(sql: str) -> bool:
    """Whether a text ends where it says, so that wherever it stands in another it is the same expression: in brackets, or CASE … END."""
    depth, end = 0, 0
    for found in _BRACKET.finditer(sql):
        depth += {"(": 1, "CASE": 1, ")": -1, "END": -1}.get(found.group(), 0)
        end = found.end()
        if depth == 0:
            break
    return depth == 0 and end == len(sql) and sql.startswith(("(", "CASE"))
