"""A workbook (.xlsx) → grids. What the reading library hides (hidden rows, formulas without a value, error cells, percentages) is looked up
in the sheet's own XML.

Holds: a file of any bytes ends in grids or in defects, never in a traceback; row numbers are those the spreadsheet program shows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any

from ..values.diagnostic import Diagnostic, Place
from .archive import (
    MOST_COLUMNS,
    PREFIX,
    ROW,
    Refused,
    area_is_bounded,
    attributes_of,
    sheet_parts,
    text_is_bounded,
    unpack,
    unreadable,
    values_are_told_once,
)
from .cells import Broken, Percent, Scaled, is_blank
from .grid import Grid, Source, column_number, letters
from .layout import GUIDE
from .styles import styles_of

_COL = re.compile(rb"<" + PREFIX + rb"col\b([^>]*)>")
_CELL = re.compile(rb"<" + PREFIX + rb"c\b([^>]*?)(?:/>|>(.*?)</" + PREFIX + rb"c>)", re.DOTALL)
_REF = re.compile(rb"\br\s*=\s*[\"']\s*([A-Z]+)([0-9]+)")
_VALUE = re.compile(rb"<" + PREFIX + rb"v\b[^>]*>([^<]*)")
_DAY_60 = re.compile(rb"<" + PREFIX + rb"v\b[^>]*>\s*(?:60\b|6(?:\.0*)?[eE]\+?0*1\b)")
_FORMULA = re.compile(rb"<" + PREFIX + rb"f[\s>/]")


def read_workbook(data: bytes, file: str, sha256: str) -> Source:
    """The grids of a workbook; the sheet 说明 is left out."""
    source = Source(file, sha256)
    try:
        source.grids.extend(_grids(data, file))
    except Refused as stop:
        source.defects.append(Diagnostic(stop.code, (Place(file),), stop.details))
    return source


def _grids(data: bytes, file: str) -> Iterator[Grid]:
    parts = unpack(data)
    sheets = sheet_parts(parts)
    styles, stale = styles_of(parts), _is_stale(parts)
    for name, part in sheets.items():
        area_is_bounded(name, parts[part])
        values_are_told_once(name, parts[part])
    text_is_bounded(parts, sheets)
    for name, rows, merged, visible in _calamine(data, frozenset(sheets)):
        grid = Grid(file, name, hidden=not visible, merged=merged)
        _overlay(grid, rows, parts[sheets[name]], styles, stale)
        grid.rows = [(number, cells) for number, cells in enumerate(rows, 1) if not all(map(is_blank, cells))]
        filled = {number for number, _ in grid.rows}
        grid.hidden_rows &= filled
        width = max((len(cells) for _, cells in grid.rows), default=0)
        grid.hidden_columns = {
            column
            for column in grid.hidden_columns
            if column < width and any(len(cells) > column and not is_blank(cells[column]) for _, cells in grid.rows)
        }
        yield grid


def _calamine(data: bytes, looked_at: frozenset[str]) -> Iterator[tuple[str, list[list[Any]], list[str], bool]]:
    """name, rows from row 1 and column A on, merged ranges, visible."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for place, sheet in enumerate(book.sheets_metadata):
                if sheet.name == GUIDE or sheet.typ is not SheetTypeEnum.WorkSheet:
                    continue
                if sheet.name not in looked_at:
                    raise Refused("DT101", **unreadable(f"找不到工作表“{sheet.name}”的内容", f"the contents of sheet “{sheet.name}” are missing"))
                cells = book.get_sheet_by_index(place)
                merged = [f"{_cell(first)}:{_cell(last)}" for first, last in cells.merged_cell_ranges or ()]
                yield sheet.name, cells.to_python(skip_empty_area=False), merged, sheet.visible is SheetVisibleEnum.Visible
    except Refused:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:  # the library panics (a BaseException) on some malformed files
        raise Refused("DT101", **unreadable("工作簿内部结构有错误", f"the inner structure is broken ({type(error).__name__})")) from error


def _cell(place: tuple[int, int]) -> str:
    return f"{letters(place[1])}{place[0] + 1}"


# --- what the library does not tell ------------------------------------------------------------------------------------------------------


def _is_stale(parts: dict[str, bytes]) -> bool:
    """Whether the workbook asks to be calculated when it is opened: written by a program that does not calculate, which leaves a 0 in its formulas."""
    xml = next((data for name, data in parts.items() if name.lower().endswith("workbook.xml") and not name.startswith("customXml")), b"")
    found = re.search(rb"<" + PREFIX + rb"calcPr\b([^>]*)>", xml)
    return found is not None and attributes_of(found.group(1)).get("fullCalcOnLoad") in ("1", "true")


def _overlay(grid: Grid, rows: list[list[Any]], xml: bytes, styles: dict[str, str], stale: bool) -> None:
    """Put hidden rows and columns, uncalculated formulas, error cells and figures shown as others on the grid."""
    number = 0
    for found in ROW.finditer(xml):
        tag = found.group(1)
        attributes = attributes_of(tag)
        number = int(attributes["r"]) if attributes.get("r", "").isdigit() else number + 1
        if b"hidden" in tag or b"ht" in tag:
            if attributes.get("hidden") in ("1", "true") or _is_zero(attributes.get("ht")):
                grid.hidden_rows.add(number)
    for found in _COL.finditer(xml):
        attributes = attributes_of(found.group(1))
        if attributes.get("hidden") in ("1", "true") or _is_zero(attributes.get("width")):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdigit() and last.isdigit():
                grid.hidden_columns |= set(range(int(first) - 1, min(int(last), MOST_COLUMNS)))
    styled = re.compile(rb"\bs\s*=\s*[\"'](?:" + b"|".join(style.encode() for style in sorted(styles)) + rb")[\"']") if styles else None
    if not (_FORMULA.search(xml) or re.search(rb"\bt\s*=\s*[\"']e[\"']", xml) or (styled and styled.search(xml)) or _DAY_60.search(xml)):
        return
    for found in _CELL.finditer(xml):
        tag, inner = found.group(1), found.group(2) or b""
        attributes = attributes_of(tag)
        where = _REF.search(tag)
        if where is None:
            continue
        row, column = int(where.group(2)) - 1, column_number(where.group(1).decode())
        value = _VALUE.search(inner)
        text = value.group(1).decode("utf-8", "replace") if value else ""
        if attributes.get("t") == "e":
            _put(rows, row, column, Broken("DT139", text or "#"))
        elif _FORMULA.search(inner) and attributes.get("t") != "str" and (not text or (stale and _is_zero(text))):
            _put(rows, row, column, Broken("DT138", _formula(inner)))
        elif _never_was(rows, row, column, text):
            _put(rows, row, column, Broken("DT131", "1900-02-29"))
        elif (shown_as := styles.get(attributes.get("s", ""))) and row < len(rows) and column < len(rows[row]) and isinstance(rows[row][column], float):
            _put(rows, row, column, Percent(rows[row][column]) if shown_as == "%" else Scaled(rows[row][column], shown_as))


def _never_was(rows: list[list[Any]], row: int, column: int, text: str) -> bool:
    """Whether a day is the 60th of a spreadsheet, which shows it as 1900-02-29: the library takes it for the day before. Days counted from 1904 have none."""
    value = rows[row][column] if row < len(rows) and column < len(rows[row]) else None
    return isinstance(value, date) and (value.year, value.month, value.day) == (1900, 2, 28) and _DAY_60.match(b"<v>" + text.encode()) is not None


def _put(rows: list[list[Any]], row: int, column: int, value: Any) -> None:
    rows.extend([] for _ in range(row + 1 - len(rows)))  # rows of nothing but broken cells are not in the library's rectangle
    cells = rows[row]
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = value


def _formula(inner: bytes) -> str:
    found = re.search(rb"<" + PREFIX + rb"f\b[^>]*>([^<]*)", inner)
    text = unescape(found.group(1).decode("utf-8", "replace")) if found else ""
    return "=" + (text if len(text) <= 60 else text[:60] + "…")


def _is_zero(text: str | None) -> bool:
    try:
        return text is not None and Decimal(text) == 0
    except InvalidOperation:
        return False
