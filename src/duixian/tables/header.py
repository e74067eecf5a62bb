"""The first filled row of a table → its columns. Every column is understood or reported; none is dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass

from ..policy.model import Policy
from ..values.diagnostic import Diagnostic
from .cells import is_blank, shown
from .grid import Grid
from .layout import FIXED, Column, HeaderDefect, fixed_columns, identity_of, plain, read_header


@dataclass(slots=True)
class Header:
    """row: where it stands; columns: position from 0 → what it means; identity: names of the columns that make up the key."""

    row: int
    columns: dict[int, Column]
    unread: set[int]  # columns with a defective header: reported once, their cells are not read
    identity: tuple[str, ...]


def match_header(grid: Grid, sheet: str, policy: Policy, year: int, defects: list[Diagnostic]) -> Header | None:
    """The header of a table; None where rows cannot be read without it."""
    if not grid.rows:
        defects.append(Diagnostic("DT108", (grid.place(),), {}))
        return None
    number, cells = grid.rows[0]
    columns: dict[int, Column] = {}
    unread: set[int] = set()
    first: dict[tuple[str, object], int] = {}
    for position, raw in enumerate(cells):
        if is_blank(raw):
            continue
        found = read_header(shown(raw), sheet, policy, year)
        if isinstance(found, HeaderDefect):
            defects.append(Diagnostic(found.code, (grid.place(number, position),), found.details))
            unread.add(position)
            continue
        before = first.setdefault((found.name, found.period), position)
        if before != position:
            defects.append(Diagnostic("DT114", (grid.place(number, position), grid.place(number, before)), {"found": found.header}))
            unread.add(position)
            continue
        columns[position] = found
    if sheet in FIXED:
        identity: tuple[str, ...] = ()
        needed = [column for column in fixed_columns(policy, sheet) if column.required]
    else:
        needed = [column for column in identity_of(policy, sheet) if column.required]
        identity = tuple(column.name for column in needed if column.role == "identity")
    there = {column.name for column in columns.values()}
    missing = [column for column in needed if column.name not in there]
    spoilt = {plain(shown(cells[position])) for position in unread}
    for column in missing:
        if not any(text.startswith(plain(column.name)) for text in spoilt):  # already reported as wrong
            defects.append(Diagnostic("DT115", (grid.place(number),), {"expected": column.header}))
    return Header(number, columns, unread, identity) if not missing else None
