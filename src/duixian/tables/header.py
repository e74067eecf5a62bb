"""The first filled row of a table → its columns. Every column is understood or reported; none is dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..policy.model import Policy
from ..values.diagnostic import Diagnostic
from .cells import is_blank, shown
from .grid import Grid, column_number
from .layout import FIXED, Column, HeaderDefect, fixed_columns, identity_of, plain, read_header


@dataclass(slots=True)
class Header:
    """row: where it stands; columns: position from 0 → what it means; identity: names of the columns that make up the key."""

    row: int
    columns: dict[int, Column]
    unread: set[int]  # columns with a defective header: reported once, their cells are not read
    identity: tuple[str, ...]


_LOOKED = 6  # rows in which a header may stand below a title


def above_header(grid: Grid, sheet: str, policy: Policy, year: int) -> Diagnostic | None:
    """A title, a unit or a note above the header is one defect, not one of every column; None where the first row is the header."""
    rows = [(number, [_head(raw) for raw in cells if not is_blank(raw)]) for number, cells in grid.rows[:_LOOKED]]
    if not rows or _understood(rows[0][1], sheet, policy, year):
        return None
    for number, texts in rows[1:]:
        if 2 * _understood(texts, sheet, policy, year) > len(texts):
            found = "、".join(map(shown, rows[0][1][:3]))
            return Diagnostic("DT109", (grid.place(rows[0][0]),), {"found": found[:60], "row": number})
    return None


def _understood(texts: list[str], sheet: str, policy: Policy, year: int) -> int:
    """How many of these heads name a column, be it with a wrong unit or year."""
    found = (read_header(text, sheet, policy, year) for text in texts)
    return sum(not isinstance(one, HeaderDefect) or one.code in ("DT112", "DT113") for one in found)


def _head(raw: Any) -> str:
    """A head as it stands in its cell; its lines and spaces do not matter."""
    return raw if isinstance(raw, str) else shown(raw)


def _merged_over(grid: Grid, row: int) -> set[int]:
    """Columns whose head is merged into the one on its left: told as merged already."""
    covered: set[int] = set()
    for area in grid.merged:
        found = re.fullmatch(r"([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)", area)
        if found and int(found[2]) <= row <= int(found[4]):
            covered |= set(range(column_number(found[1]) + 1, column_number(found[3]) + 1))
    return covered


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
    texts = [_head(raw) for raw in cells if not is_blank(raw)]
    if len(texts) > 1 and not _understood(texts, sheet, policy, year):
        known = identity_of(policy, sheet) if sheet not in FIXED else fixed_columns(policy, sheet)
        some = "、".join(column.header for column in known)
        details = {"found": shown("、".join(texts))[:60], "expected": f"第一行是表头：{some}……", "expected_en": f"a first row of headers: {some}…",
                   "remedy": "在上面加一行表头，照模板写；表头读不懂的，编码、表名可能不对。", "remedy_en": "put the headers of the template above; where there are some, encoding or sheet name may be wrong."}  # fmt: skip
        defects.append(Diagnostic("DT111", (grid.place(number),), details))
        return None
    columns: dict[int, Column] = {}
    unread = _merged_over(grid, number)
    first: dict[tuple[str, object], int] = {}
    for position, raw in enumerate(cells):
        if is_blank(raw):
            continue
        found = read_header(_head(raw), sheet, policy, year)
        if isinstance(found, HeaderDefect):
            details = {**found.details, "found": shown(_head(raw))}
            defects.append(Diagnostic(found.code, (grid.place(number, position),), details))
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
    spoilt = {plain(_head(cells[position])) for position in unread if position < len(cells)}
    for column in missing:
        if not any(text.startswith(plain(column.name)) for text in spoilt):  # already reported as wrong
            defects.append(Diagnostic("DT115", (grid.place(number),), {"expected": column.header}))
    return Header(number, columns, unread, identity) if not missing else None


def _separator(cells: Sequence[Any], sheet: str, policy: Policy, year: int) -> tuple[int, str] | None:
    """Where the whole head stands in one cell because something other than a comma separates the columns: the cell and the word for the sign."""
    filled = [place for place, raw in enumerate(cells) if not is_blank(raw)]
    if len(filled) != 1:
        return None
    text = _head(cells[filled[0]])
    for sign, word in (("\t", "制表符"), (";", "分号"), ("；", "分号"), ("，", "全角逗号"), ("|", "竖线")):
        parts = [part for part in text.split(sign) if part.strip()]
        if len(parts) > 1 and not isinstance(read_header(parts[0], sheet, policy, year), HeaderDefect):
            return filled[0], word
    return None
