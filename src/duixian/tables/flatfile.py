"""A .csv or .parquet file → one grid; its table is named by the file: 企业.csv, 历史.parquet. The same rules apply to cells as in a workbook."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any, TextIO

from ..values.diagnostic import Diagnostic, Place
from .archive import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, too_large, unreadable
from .cells import is_blank, shown
from .grid import Grid, Source
from .layout import plain

NONE_TAIL = "为无"

_FIELD = 200_000  # characters in one field
_LINE = 1 << 22  # characters in one line
_CHUNK = 1 << 20


def read_csv(data: bytes, file: str, sha256: str) -> Source:
    """The grid of a CSV file in UTF-8 (with or without a mark), GB 18030 or UTF-16 with its mark."""
    source = Source(file, sha256)

    def refuse(code: str, details: dict[str, Any]) -> Source:
        source.defects.append(Diagnostic(code, (Place(file),), details))
        return source

    if not data.strip():
        return refuse("DT101", unreadable("文件是空的", "an empty file", "没有内容也要留表头。", "keep the header."))
    if len(data) > MOST_BYTES:
        return refuse("DT102", too_large("不超过 200 MB", f"{len(data) // 1048576} MB"))
    encoding, why = encoding_of(data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))
    if why:
        return refuse("DT101", why)
    grid = Grid(file, PurePath(file).stem)
    csv.field_size_limit(_FIELD)
    reader = csv.reader(Lines(io.TextIOWrapper(io.BytesIO(data), encoding, newline="")), strict=True)
    width = 0
    try:
        for number, fields in enumerate(reader, 1):  # the row a spreadsheet program shows; a quoted field may run over several lines of text
            if number > MOST_ROWS:
                return refuse("DT102", too_large("不超过 1048576 行、702 列", f"多于 {MOST_ROWS} 行"))
            if not any(field.strip() for field in fields):
                continue
            if width == 1 and len(grid.rows) == 1:
                width = len(fields)  # a title above the header is narrower than the table
            if width and len(fields) != width:
                source.defects.append(Diagnostic("DT117", (grid.place(number, 0),), {"expected": width, "found": len(fields)}))
                continue
            width = width or len(fields)
            if width > MOST_COLUMNS:
                return refuse("DT102", too_large("不超过 1048576 行、702 列", f"{number} 行 {width} 列"))
            grid.rows.append((number, list(fields)))
    except csv.Error as error:
        return refuse("DT101", broken_line(reader.line_num, error))
    source.grids.append(grid)
    return source


class Lines:
    """The lines of a text, none of them longer than is sense. Raises csv.Error at a longer one, before it fills the memory."""

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(_LINE + 1):
            if len(line) > _LINE:
                raise csv.Error("line too long")
            yield line


def broken_line(number: int, error: csv.Error) -> dict[str, str]:
    """The details of DT101 where the line behind `number` lines cannot be taken apart."""
    long = str(error).startswith(("line too long", "field larger"))
    found = f"第 {number + 1 if long else number} 行太长" if long else f"第 {number} 行附近的引号或分隔符有错"
    found_en = f"line {number + 1 if long else number} is too long" if long else f"quotes or separators near line {number}: {error}"
    remedy, remedy_en = "值里有逗号、引号或换行的，用英文双引号括起来。", "quote values that hold commas, quotes or line breaks."
    return unreadable(found, found_en, remedy, remedy_en)


def encoding_of(chunks: Iterable[bytes]) -> tuple[str, dict[str, str]]:
    """The encoding a whole text is written in: UTF-16 where a mark says so, UTF-8, GB 18030; or the details of DT101.

    A mark of UTF-16 cannot begin a text in the others.
    """
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")}
    filled, nul = False, False
    for number, chunk in enumerate(chunks):
        if not number and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
            decoders = {"utf-16": codecs.getincrementaldecoder("utf-16")()}
        for name in list(decoders):
            try:
                text = decoders[name].decode(chunk)
            except UnicodeDecodeError:
                del decoders[name]
                continue
            nul, filled = nul or "\x00" in text, filled or bool(text.strip("\ufeff \t\r\n"))
    for name in list(decoders):
        try:
            decoders[name].decode(b"", final=True)
        except UnicodeDecodeError:
            del decoders[name]
    save = ("另存为“CSV UTF-8”再导入。", "save it as CSV UTF-8.")
    if nul:
        return "", unreadable("里面有 NUL 字符，不是文本", "it holds NUL characters: no text", *save)
    if not decoders:
        return "", unreadable("不是 UTF-8，也不是 GB18030 编码的文本", "text in neither UTF-8 nor GB 18030", *save)
    if not filled:
        return "", unreadable("文件是空的", "an empty file", "没有内容也要留表头。", "keep the header.")
    return next(iter(decoders)), {}


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
        heads = list(table.column_names)
        columns = []
        for place, head in enumerate(heads):
            stored_as = table.schema.field(place).type
            if not _is_read(stored_as, arrow):
                where = Grid(file, PurePath(file).stem).place(1, place)
                source.defects.append(Diagnostic("DT175", (where,), {"subject": shown(head), "subject_en": shown(head), "found": str(stored_as)[:60]}))
            columns.append(_column(table.column(place), arrow) if _is_read(stored_as, arrow) else [None] * table.num_rows)
        marks = none_marks(heads, [arrow.types.is_boolean(field.type) for field in table.schema])
    except (ImportError, MemoryError):
        raise
    except Exception as error:  # pyarrow raises many kinds on malformed files; none of them may escape
        details = broken_parquet(error)
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


def broken_parquet(error: Exception) -> dict[str, str]:
    """The details of DT101 for a file that only calls itself Parquet."""
    found_en = f"not a complete Parquet file ({type(error).__name__})"
    return unreadable("不是完整的 Parquet 文件", found_en, "重新导出这个文件，或改存为 .xlsx、.csv。", "export it anew, or save it as .xlsx or .csv.")


def _is_read(stored: Any, arrow: Any) -> bool:
    """Whether cells of an Arrow type can be read at all: the law of plain.is_stored_type, and texts and numbers of any width."""
    types = arrow.types
    if types.is_dictionary(stored):
        stored = stored.value_type
    tests = (types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_date, types.is_string, types.is_large_string, types.is_null)
    return any(test(stored) for test in tests) or str(stored) == "string_view" or (types.is_timestamp(stored) and stored.tz is None)


def _value(one: Any, arrow: Any) -> Any:
    try:
        return one.as_py()
    except (ValueError, OverflowError, ArithmeticError):
        return one.cast(arrow.string()).as_py()


def _column(column: Any, arrow: Any) -> list[Any]:
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError, ArithmeticError):  # a moment Python cannot hold: as text it is told with its place
        values = [_value(one, arrow) for one in column]
    if arrow.types.is_boolean(column.type):
        return [None if value is None else "是" if value else "否" for value in values]
    return values
