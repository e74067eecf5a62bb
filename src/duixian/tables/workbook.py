"""A workbook (.xlsx) → grids. The file is not trusted: sizes are counted before anything is unpacked in full, and what the reading
library hides (hidden rows, formulas without a value, error cells, percentages) is looked up in the sheet's own XML.

Holds: a file of any bytes ends in grids or in defects, never in a traceback; row numbers are those the spreadsheet program shows.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from ..values.diagnostic import Diagnostic, Place
from .cells import Broken, Percent
from .grid import Grid, Source, column_number
from .layout import GUIDE

MOST_BYTES = 200 * 1024 * 1024  # unpacked
MOST_ROWS = 1_048_576
MOST_COLUMNS = 702  # A … ZZ
MOST_CELLS = 20_000_000  # rows × columns of one sheet
_SLACK = 1_000_000  # cells of empty area allowed beside the filled ones
_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE container: an encrypted .xlsx, or an old .xls

_P = rb"(?:[A-Za-z_][\w.-]*:)?"  # some writers put a namespace prefix on every tag
_ROW = re.compile(rb"<" + _P + rb"row\b([^>]*)>")
_COL = re.compile(rb"<" + _P + rb"col\b([^>]*)>")
_CELL = re.compile(rb"<" + _P + rb"c\b([^>]*?)(?:/>|>(.*?)</" + _P + rb"c>)", re.DOTALL)
_REF = re.compile(rb"\br\s*=\s*[\"']\s*([A-Z]+)([0-9]+)")
_ANY_CELL = re.compile(rb"<" + _P + rb"c\b")
_PLAIN_CELL = re.compile(rb"<" + _P + rb"c r=\"([A-Z]{1,2})[0-9]{1,7}\"(?: [a-z]+=\"\w*\")* ?/?>")
_FAR_CELL = re.compile(rb"<" + _P + rb"c r=\"[A-Z]{1,2}([0-9]{6,7})\"")
_VALUE = re.compile(rb"<" + _P + rb"v\b[^>]*>([^<]*)")
_FORMULA = re.compile(rb"<" + _P + rb"f[\s>/]")
_ATTRIBUTE = re.compile(rb"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


class _Refused(Exception):
    """A workbook that is not read: a code and the details of its message."""

    def __init__(self, code: str, **details: Any) -> None:
        self.code, self.details = code, details


def unreadable(found: str, found_en: str, remedy: str = "用 WPS 或 Excel 打开确认没有损坏，另存为 .xlsx 再导入。",
               remedy_en: str = "open it in a spreadsheet program and save it as .xlsx.") -> dict[str, str]:  # fmt: skip
    """The details of DT101."""
    return {"expected": "可以打开的工作簿", "expected_en": "a workbook that opens", "found": found, "found_en": found_en, "remedy": remedy, "remedy_en": remedy_en}


def too_large(expected: str, found: str, remedy: str = "拆成几个文件，或删去末尾的空行空列。", remedy_en: str = "split the file, or delete empty rows and columns at the end.") -> dict[str, str]:
    """The details of DT102."""
    return {"expected": expected, "expected_en": expected, "found": found, "found_en": found, "remedy": remedy, "remedy_en": remedy_en}


def read_workbook(data: bytes, file: str, sha256: str) -> Source:
    """The grids of a workbook; the sheet 说明 is left out."""
    source = Source(file, sha256)
    try:
        source.grids.extend(_grids(data, file))
    except _Refused as stop:
        source.defects.append(Diagnostic(stop.code, (Place(file),), stop.details))
    return source


def _grids(data: bytes, file: str) -> Iterator[Grid]:
    parts = _unpack(data)
    sheets = _sheet_parts(parts)
    percent = _percent_styles(parts)
    for name, part in sheets.items():
        _area_is_bounded(name, parts[part])
    _text_is_bounded(parts, sheets)
    for name, rows, merged, visible in _calamine(data, frozenset(sheets)):
        grid = Grid(file, name, hidden=not visible, merged=merged)
        _overlay(grid, rows, parts[sheets[name]], percent)
        grid.rows = [(number, cells) for number, cells in enumerate(rows, 1) if any(cell not in ("", None) for cell in cells)]
        filled = {number for number, _ in grid.rows}
        grid.hidden_rows &= filled
        width = max((len(cells) for _, cells in grid.rows), default=0)
        grid.hidden_columns = {column for column in grid.hidden_columns if column < width and any(len(cells) > column and cells[column] not in ("", None) for _, cells in grid.rows)}
        yield grid


# --- unpacking without trust -----------------------------------------------------------------------------------------------------------


def _unpack(data: bytes) -> dict[str, bytes]:
    """The XML parts of the archive, after counting what everything in it unpacks to."""
    if not data:
        raise _Refused("DT101", **unreadable("文件是空的（0 字节）", "an empty file (0 bytes)"))
    if data.startswith(_ENCRYPTED):
        raise _Refused("DT101", **unreadable("加了密码的工作簿，或旧的 .xls 格式", "an encrypted workbook, or the old .xls format",
                                             "去掉打开密码，另存为 .xlsx 再导入。", "remove the password and save it as .xlsx."))  # fmt: skip
    parts: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names: set[str] = set()
            for member in archive.infolist():
                name = member.filename
                if name.startswith("/") or ".." in name.replace("\\", "/").split("/") or "\x00" in name or name in names:
                    raise _Refused("DT103", found=f"压缩包里的路径“{name[:60]}”")
                names.add(name)
                if member.flag_bits & 1:
                    raise _Refused("DT101", **unreadable("加了密码的压缩包", "an encrypted archive", "去掉密码再导入。", "remove the password."))
                member.file_size = MOST_BYTES + 1  # the size the archive claims is not believed: read until the data really end
                wanted = name.endswith((".xml", ".rels"))
                chunks = []
                with archive.open(member) as stream:
                    while chunk := stream.read(1 << 20):
                        total += len(chunk)
                        if total > MOST_BYTES:
                            raise _Refused("DT102", **too_large("解压后不超过 200 MB", "超过 200 MB"))
                        if wanted:
                            chunks.append(chunk)
                if wanted:
                    parts[name] = _safe_xml(name, b"".join(chunks))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _Refused("DT101", **unreadable("不是完整的 .xlsx 文件", f"not a complete .xlsx file ({type(error).__name__})")) from error
    return parts


def _safe_xml(name: str, data: bytes) -> bytes:
    """The same bytes as UTF-8, without a document type: no entity of the file's own is ever expanded."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"<!doctype" in data:
        raise _Refused("DT103", found=f"{name} 里有实体声明（DOCTYPE）")
    return data


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode("utf-8", "replace").split(":")[-1]: (double or single).decode("utf-8", "replace") for name, double, single in _ATTRIBUTE.findall(tag)}


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet name → its part, by the workbook and its relationships."""
    found: dict[str, str] = {}
    book = next((name for name in parts if name.lower().endswith("workbook.xml") and not name.startswith("customXml")), "")
    folder, base = posixpath.split(book)
    relations = parts.get(posixpath.join(folder, "_rels", base + ".rels"), b"")
    targets: dict[str, str] = {}
    for tag in re.findall(rb"<" + _P + rb"Relationship\b([^>]*)>", relations):
        attributes = _attributes(tag)
        target = attributes.get("Target", "")
        targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    for tag in re.findall(rb"<" + _P + rb"sheet\b([^>]*)>", parts.get(book, b"")):
        attributes = _attributes(tag)
        part = targets.get(attributes.get("id", ""), "")
        part = part if part in parts else next((name for name in parts if name.lower() == part.lower()), "")
        if part:
            found[_unescape(attributes.get("name", ""))] = part
    if not found:
        raise _Refused("DT101", **unreadable("里面没有工作表", "no worksheets inside"))
    return found


def _unescape(text: str) -> str:
    from html import unescape

    return unescape(text)


def _area_is_bounded(name: str, xml: bytes) -> None:
    """The reading library lays a sheet out as a full rectangle: two cells in opposite corners must not fill the memory."""
    last = 0
    for found in _ROW.finditer(xml):
        number = _attributes(found.group(1)).get("r", "")
        last = max(last + 1, int(number) if number.isascii() and number.isdigit() else 0)
    count = len(_ANY_CELL.findall(xml))
    found_columns = _PLAIN_CELL.findall(xml)  # one pass in C: a sheet may have millions of cells
    width = max(map(column_number, {letters.decode() for letters in set(found_columns)}), default=0)
    last = max(last, max(map(int, _FAR_CELL.findall(xml)), default=0))
    plain = len(found_columns)
    if plain != count:  # cells written in an unusual way: look at each tag in full
        last, width = _odd_cells(name, xml, last, width)
    if last > MOST_ROWS:
        raise _Refused("DT102", **too_large("不超过 1048576 行", f"{name}：第 {last} 行"))
    if width >= MOST_COLUMNS:
        raise _Refused("DT102", **too_large("不超过 702 列（ZZ）", f"{name}：第 {width + 1} 列"))
    if last * (width + 1) > min(4 * count + _SLACK, MOST_CELLS):
        raise _Refused("DT102", **too_large("内容连在一起", f"{name}：{last} 行 {width + 1} 列，大部分是空的"))


def _odd_cells(name: str, xml: bytes, last: int, width: int) -> tuple[int, int]:
    for found in re.finditer(rb"<" + _P + rb"c\b([^>]*)>", xml):
        tag = found.group(1)
        where = _attributes(tag).get("r")
        match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", where) if where is not None else None
        if tag.count(b'"') % 2 or tag.count(b"'") % 2 or (where is not None and match is None):
            raise _Refused("DT101", **unreadable(f"{name}：单元格位置写得不对", f"{name}: malformed cell references"))
        if match:
            width, last = max(width, column_number(match.group(1))), max(last, int(match.group(2)))
    return last, width


def _text_is_bounded(parts: dict[str, bytes], sheets: dict[str, str]) -> None:
    """A long text that is stored once but used in a million cells takes its room a million times."""
    shared = next((data for name, data in parts.items() if name.lower().endswith("sharedstrings.xml")), b"")
    lengths = [len(item) for item in re.split(rb"</" + _P + rb"si>", shared)]
    used = re.compile(rb"\bt=\"s\"[^>]*>\s*<" + _P + rb"v>([0-9]+)<")
    total = 0
    if max(lengths) * sum(parts[part].count(b't="s"') for part in sheets.values()) > MOST_BYTES:
        for part in sheets.values():
            for found in used.finditer(parts[part]):
                place = int(found.group(1)) if len(found.group(1)) < 9 else len(lengths)
                total += lengths[place] if place < len(lengths) else 0
    if total > MOST_BYTES:
        raise _Refused("DT102", **too_large("文字合计不超过 200 MB", "超过 200 MB"))


def _calamine(data: bytes, looked_at: frozenset[str]) -> Iterator[tuple[str, list[list[Any]], list[str], bool]]:
    """name, rows from row 1 and column A on, merged ranges, visible."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for place, sheet in enumerate(book.sheets_metadata):
                if sheet.name == GUIDE or sheet.typ is not SheetTypeEnum.WorkSheet:
                    continue
                if sheet.name not in looked_at:
                    raise _Refused("DT101", **unreadable(f"找不到工作表“{sheet.name}”的内容", f"the contents of sheet “{sheet.name}” are missing"))
                cells = book.get_sheet_by_index(place)
                merged = [f"{_cell(first)}:{_cell(last)}" for first, last in cells.merged_cell_ranges or ()]
                yield sheet.name, cells.to_python(skip_empty_area=False), merged, sheet.visible is SheetVisibleEnum.Visible
    except _Refused:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:  # the library panics (a BaseException) on some malformed files
        raise _Refused("DT101", **unreadable("工作簿内部结构有错误", f"the inner structure is broken ({type(error).__name__})")) from error


def _cell(place: tuple[int, int]) -> str:
    from .grid import letters

    return f"{letters(place[1])}{place[0] + 1}"


# --- what the library does not tell ------------------------------------------------------------------------------------------------------


def _percent_styles(parts: dict[str, bytes]) -> set[str]:
    """The cell styles that show a number as a percentage."""
    xml = next((data for name, data in parts.items() if name.lower().endswith("styles.xml")), b"")
    formats = {"9", "10"}
    for tag in re.findall(rb"<" + _P + rb"numFmt\b([^>]*)>", xml):
        attributes = _attributes(tag)
        code = re.sub(r'"[^"]*"|\\.|_.', "", _unescape(attributes.get("formatCode", "")))
        if "%" in code:
            formats.add(attributes.get("numFmtId", ""))
    block = re.search(rb"<" + _P + rb"cellXfs\b.*?</" + _P + rb"cellXfs>", xml, re.DOTALL)
    styles = re.findall(rb"<" + _P + rb"xf\b([^>]*)>", block.group()) if block else []
    return {str(place) for place, tag in enumerate(styles) if _attributes(tag).get("numFmtId") in formats}


def _overlay(grid: Grid, rows: list[list[Any]], xml: bytes, percent: set[str]) -> None:
    """Put hidden rows and columns, uncalculated formulas, error cells and percentages on the grid."""
    number = 0
    for found in _ROW.finditer(xml):
        tag = found.group(1)
        attributes = _attributes(tag)
        number = int(attributes["r"]) if attributes.get("r", "").isdigit() else number + 1
        if b"hidden" in tag or b"ht" in tag:
            if attributes.get("hidden") in ("1", "true") or _is_zero(attributes.get("ht")):
                grid.hidden_rows.add(number)
    for found in _COL.finditer(xml):
        attributes = _attributes(found.group(1))
        if attributes.get("hidden") in ("1", "true") or _is_zero(attributes.get("width")):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdigit() and last.isdigit():
                grid.hidden_columns |= set(range(int(first) - 1, min(int(last), MOST_COLUMNS)))
    styled = re.compile(rb"\bs\s*=\s*[\"'](?:" + b"|".join(style.encode() for style in sorted(percent)) + rb")[\"']") if percent else None
    if not (_FORMULA.search(xml) or re.search(rb"\bt\s*=\s*[\"']e[\"']", xml) or (styled and styled.search(xml))):
        return
    for found in _CELL.finditer(xml):
        tag, inner = found.group(1), found.group(2) or b""
        attributes = _attributes(tag)
        where = _REF.search(tag)
        if where is None:
            continue
        row, column = int(where.group(2)) - 1, column_number(where.group(1).decode())
        value = _VALUE.search(inner)
        text = value.group(1).decode("utf-8", "replace") if value else ""
        if attributes.get("t") == "e":
            _put(rows, row, column, Broken("DT139", text or "#"))
        elif _FORMULA.search(inner) and not text and attributes.get("t") != "str":
            _put(rows, row, column, Broken("DT138", _formula(inner)))
        elif attributes.get("s") in percent and row < len(rows) and column < len(rows[row]) and isinstance(rows[row][column], float):
            _put(rows, row, column, Percent(rows[row][column]))


def _put(rows: list[list[Any]], row: int, column: int, value: Any) -> None:
    rows.extend([] for _ in range(row + 1 - len(rows)))  # rows of nothing but broken cells are not in the library's rectangle
    cells = rows[row]
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = value


def _formula(inner: bytes) -> str:
    found = re.search(rb"<" + _P + rb"f\b[^>]*>([^<]*)", inner)
    text = _unescape(found.group(1).decode("utf-8", "replace")) if found else ""
    return "=" + (text if len(text) <= 60 else text[:60] + "…")


def _is_zero(text: str | None) -> bool:
    try:
        return text is not None and float(text) == 0
    except ValueError:
        return False
