"""A .csv or .parquet file → one grid; its table is named by the file: 企业.csv, 历史.parquet. The same rules apply to cells as in a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from ..values.diagnostic import Diagnostic, Place
from .archive import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, too_large, unreadable
from .cells import is_blank, shown
from .grid import Grid, Source
from .layout import plain

NONE_TAIL = "为无"

_FIELD = 200_000  # characters in one field


def read_csv(data: bytes, file: str, sha256: str) -> Source:
    """The grid of a CSV file in UTF-8 (with or without a mark) or GB 18030."""
    source = Source(file, sha256)

    def refuse(code: str, details: dict[str, Any]) -> Source:
        source.defects.append(Diagnostic(code, (Place(file),), details))
        return source

    if not data.strip():
        return refuse("DT101", unreadable("文件是空的", "an empty file", "没有内容也要留表头。", "keep the header."))
    if len(data) > MOST_BYTES:
        return refuse("DT102", too_large("不超过 200 MB", f"{len(data) // 1048576} MB"))
    text = _decoded(data)
    if text is None or "\x00" in text:
        found, found_en = "不是 UTF-8，也不是 GB18030 编码的文本", "text in neither UTF-8 nor GB 18030"
        return refuse("DT101", unreadable(found, found_en, "另存为“CSV UTF-8”再导入。", "save it as CSV UTF-8."))
    grid = Grid(file, PurePath(file).stem)
    csv.field_size_limit(_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    width = 0
    try:
        for number, fields in enumerate(reader, 1):  # the row a spreadsheet program shows; a quoted field may run over several lines of text
            if not any(field.strip() for field in fields):
                continue
            if width and len(fields) != width:
                source.defects.append(Diagnostic("DT117", (grid.place(number, 0),), {"expected": width, "found": len(fields)}))
                continue
            width = width or len(fields)
            if number > MOST_ROWS or width > MOST_COLUMNS:
                return refuse("DT102", too_large("不超过 1048576 行、702 列", f"{number} 行 {width} 列"))
            grid.rows.append((number, list(fields)))
    except csv.Error as error:
        found = f"第 {reader.line_num} 行附近的引号或分隔符有错"
        found_en = f"quotes or separators near line {reader.line_num}: {error}"
        remedy, remedy_en = "值里有逗号、引号或换行的，用英文双引号括起来。", "quote values that hold commas, quotes or line breaks."
        return refuse("DT101", unreadable(found, found_en, remedy, remedy_en))
    source.grids.append(grid)
    return source


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def read_parquet(data: bytes, file: str, sha256: str) -> Source:
    """The grid of a Parquet file. A true boolean column is 是/否 by its type; numbers keep their exact type."""
    source = Source(file, sha256)
    if len(data) > MOST_BYTES:
        source.defects.append(Diagnostic("DT102", (Place(file),), too_large("不超过 200 MB", f"{len(data) // 1048576} MB")))
        return source
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        stored = parquet.ParquetFile(io.BytesIO(data))
        about = stored.metadata
        unpacked = sum(about.row_group(place).total_byte_size for place in range(about.num_row_groups))
        if unpacked > MOST_BYTES or about.num_rows > MOST_ROWS or about.num_columns > MOST_COLUMNS:
            size = f"{unpacked // 1048576} MB、{about.num_rows} 行、{about.num_columns} 列"
            source.defects.append(Diagnostic("DT102", (Place(file),), too_large("不超过 200 MB、1048576 行、702 列", size)))
            return source
        table = stored.read()
        columns = [_column(table.column(place), arrow) for place in range(table.num_columns)]
        heads = list(table.column_names)
        marks = none_marks(heads, [arrow.types.is_boolean(field.type) for field in table.schema])
    except (ImportError, MemoryError):
        raise
    except Exception as error:  # pyarrow raises many kinds on malformed files; none of them may escape
        details = unreadable("不是完整的 Parquet 文件", f"not a complete Parquet file ({type(error).__name__})")
        source.defects.append(Diagnostic("DT101", (Place(file),), details))
        return source
    grid = Grid(file, PurePath(file).stem)
    for mark, base in marks.items():
        heads[mark] = ""
        _fold(grid, columns, mark, base, source)
    grid.rows.append((1, heads))
    for number, cells in enumerate(zip(*columns, strict=True), 2):
        if not all(map(is_blank, cells)):
            grid.rows.append((number, list(cells)))
    source.grids.append(grid)
    return source


def none_marks(heads: Sequence[str], truths: Sequence[bool]) -> dict[int, int]:
    """Columns that say 无 of another one, since a typed column cannot hold the word: position of the mark → position of what it speaks of.

    A mark is a boolean column whose header is the other header and 为无: `首次纳入限上年度为无`.
    """
    flat = [plain(head) for head in heads]
    found = {}
    for position, head in enumerate(flat):
        base = head.removesuffix(NONE_TAIL)
        if truths[position] and base != head and flat.count(base) == 1:
            found[position] = flat.index(base)
    return found


def _fold(grid: Grid, columns: list[list[Any]], mark: int, base: int, source: Source) -> None:
    """A true mark beside an empty cell is 无 in that cell; beside a value it contradicts it."""
    for number, said in enumerate(columns[mark]):
        if said == "是":
            if is_blank(columns[base][number]):
                columns[base][number] = "无"
            elif columns[base][number] != "无":
                source.defects.append(Diagnostic("DT174", (grid.place(number + 2, base),), {"found": shown(columns[base][number])}))
    columns[mark] = [None] * len(columns[mark])


def _column(column: Any, arrow: Any) -> list[Any]:
    values = column.to_pylist()
    if arrow.types.is_boolean(column.type):
        return [None if value is None else "是" if value else "否" for value in values]
    return values
