"""The first filled row of a table → its columns. Every column is understood or reported; none is dropped in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
    if (other := _separator(cells, sheet, policy, year)) is not None:
        at, word = other
        details = {"found": shown(cells[at]), "expected": "列与列之间用逗号", "expected_en": "commas between the columns",
                   "remedy": f"这个文件用{word}隔开：另存为“CSV（逗号分隔）”或 xlsx。", "remedy_en": "save it as comma-separated CSV, or as xlsx."}  # fmt: skip
        defects.append(Diagnostic("DT111", (grid.place(number, at),), details))
        return None
    if _is_title(grid, sheet, policy, year):
        details = {"found": shown(next(raw for raw in cells if not is_blank(raw))), "expected": "第一行是表头", "expected_en": "the head in the first row",
                   "remedy": "删去表头上面的标题。", "remedy_en": "delete the title above the head."}  # fmt: skip
        defects.append(Diagnostic("DT111", (grid.place(number),), details))
        return None
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


def _is_title(grid: Grid, sheet: str, policy: Policy, year: int) -> bool:
    """Whether the first row is a title: one cell that is no header, above a row of headers."""
    if len(grid.rows) < 2:
        return False
    first, second = ([shown(raw) for raw in cells if not is_blank(raw)] for _, cells in grid.rows[:2])
    return len(first) == 1 and len(second) > 1 and isinstance(read_header(first[0], sheet, policy, year), HeaderDefect) and not any(
        isinstance(read_header(text, sheet, policy, year), HeaderDefect) for text in second)  # fmt: skip


def _separator(cells: Sequence[Any], sheet: str, policy: Policy, year: int) -> tuple[int, str] | None:
    """Where the whole head stands in one cell because something other than a comma separates the columns: the cell and the word for the sign."""
    filled = [place for place, raw in enumerate(cells) if not is_blank(raw)]
    if len(filled) != 1:
        return None
    text = shown(cells[filled[0]])
    for sign, word in (("\t", "制表符"), (";", "分号"), ("；", "分号"), ("|", "竖线")):
        parts = [part for part in text.split(sign) if part.strip()]
        if len(parts) > 1 and not isinstance(read_header(parts[0], sheet, policy, year), HeaderDefect):
            return filled[0], word
    return None
