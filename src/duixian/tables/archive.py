"""The archive behind a workbook, opened without trust: what it unpacks to is counted, no entity is expanded, no sheet may claim a huge area.

Everything is checked before the reading library sees the file, since that library lays sheets out in full rectangles and copies texts.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import zipfile
import zlib
from html import unescape
from pathlib import Path
from typing import Any

from .grid import column_number

MOST_BYTES = 200 * 1024 * 1024  # unpacked
MOST_ROWS = 1_048_576
MOST_COLUMNS = 702  # A … ZZ
MOST_CELLS = 20_000_000  # rows × columns of one sheet
NOT_WHOLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)  # what reading a zip may raise
_SLACK = 1_000_000  # cells of empty area allowed beside the filled ones
_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE container: an encrypted .xlsx, or an old .xls

PREFIX = rb"(?:[A-Za-z_][\w.-]*:)?"  # some writers put a namespace prefix on every tag
ROW = re.compile(rb"<" + PREFIX + rb"row\b([^>]*)>")
_ANY_CELL = re.compile(rb"<" + PREFIX + rb"c\b")
_PLAIN_CELL = re.compile(rb"<" + PREFIX + rb"c r=\"([A-Z]{1,2})[0-9]{1,7}\"(?: [a-z]+=\"\w*\")* ?/?>")
_FAR_CELL = re.compile(rb"<" + PREFIX + rb"c r=\"[A-Z]{1,2}([0-9]{6,7})\"")
_OPEN_TAG = re.compile(rb"<[^<>]*<")  # a tag that another one begins in: read by patterns, it would run on to the end of the file
_ATTRIBUTE = re.compile(rb"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


class Refused(Exception):
    """A workbook that is not read: a code and the details of its message."""

    def __init__(self, code: str, **details: Any) -> None:
        self.code, self.details = code, details


def unreadable(found: str, found_en: str, remedy: str = "用 WPS 或 Excel 打开确认没有损坏，另存为 .xlsx 再导入。",
               remedy_en: str = "open it in a spreadsheet program and save it as .xlsx.") -> dict[str, str]:  # fmt: skip
    """The details of DT101."""
    return {
        "expected": "可以打开的表格文件",
        "expected_en": "a table file that opens",
        "found": found,
        "found_en": found_en,
        "remedy": remedy,
        "remedy_en": remedy_en,
    }


def no_file(path: Path) -> dict[str, str]:
    """The details of DT101 for what is no ordinary file: nothing at all, or a pipe or device, which is never opened since it may have no end."""
    if path.exists():
        return unreadable("不是普通的文件（管道或设备）", "not an ordinary file (a pipe or a device)", "先存成文件再导入。", "save it as a file first.")
    return unreadable("没有这个文件", "no such file", "检查路径。", "check the path.")


def too_large(
    expected: str,
    found: str,
    remedy: str = "拆成几个文件，或删去末尾的空行空列。",
    remedy_en: str = "split the file, or delete empty rows and columns at the end.",
) -> dict[str, str]:
    """The details of DT102."""
    limits = "at most 200 MB unpacked, 1048576 rows and 702 columns, without large empty areas"
    return {"expected": expected, "expected_en": limits, "found": found, "found_en": found, "remedy": remedy, "remedy_en": remedy_en}


def unpack(data: bytes) -> dict[str, bytes]:
    """The XML parts of the archive, after counting what everything in it unpacks to."""
    if not data:
        raise Refused("DT101", **unreadable("文件是空的（0 字节）", "an empty file (0 bytes)"))
    if data.startswith(_ENCRYPTED):
        raise Refused("DT101", **unreadable("加了密码的工作簿，或旧的 .xls 格式", "an encrypted workbook, or the old .xls format",
                                             "去掉打开密码，另存为 .xlsx 再导入。", "remove the password and save it as .xlsx."))  # fmt: skip
    parts: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names: set[str] = set()
            for member in archive.infolist():
                name = member.filename
                if name.startswith("/") or ".." in name.replace("\\", "/").split("/") or "\x00" in name or name in names:
                    raise Refused("DT103", found=f"压缩包里的路径“{name[:60]}”", found_en=f"the path “{name[:60]}” in the archive")
                names.add(name)
                if member.flag_bits & 1:
                    raise Refused("DT101", **unreadable("加了密码的压缩包", "an encrypted archive", "去掉密码再导入。", "remove the password."))
                member.file_size = MOST_BYTES + 1  # the size the archive claims is not believed: read until the data really end
                wanted = name.endswith((".xml", ".rels"))
                chunks = []
                with archive.open(member) as stream:
                    while chunk := stream.read(1 << 20):
                        total += len(chunk)
                        if total > MOST_BYTES:
                            raise Refused("DT102", **too_large("解压后不超过 200 MB", "超过 200 MB"))
                        if wanted:
                            chunks.append(chunk)
                if wanted:
                    parts[name] = _safe_xml(name, b"".join(chunks))
    except NOT_WHOLE as error:
        raise Refused("DT101", **unreadable("不是完整的 .xlsx 文件", f"not a complete .xlsx file ({type(error).__name__})")) from error
    return parts


def _safe_xml(name: str, data: bytes) -> bytes:
    """The same bytes as UTF-8, without a document type: no entity of the file's own is ever expanded."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"<!doctype" in data:
        raise Refused("DT103", found=f"{name} 里有实体声明（DOCTYPE）", found_en=f"a document type (DOCTYPE) in {name}")
    if name.startswith("xl/") and (b"<!--" in data or b"<![CDATA[" in data):  # the reading library drops such text without a word
        raise Refused("DT103", found=f"{name} 里有注释或 CDATA", found_en=f"a comment or CDATA in {name}")
    if data.count(b"<") > data.count(b">") or _OPEN_TAG.search(data):
        raise Refused("DT101", **unreadable(f"{name} 的标记没有写完", f"{name} has unfinished tags"))
    return data


def attributes_of(tag: bytes) -> dict[str, str]:
    """The attributes of an XML tag."""
    return {
        name.decode("utf-8", "replace").split(":")[-1]: (double or single).decode("utf-8", "replace")
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet name → its part, by the workbook and its relationships."""
    found: dict[str, str] = {}
    book = next((name for name in parts if name.lower().endswith("workbook.xml") and not name.startswith("customXml")), "")
    folder, base = posixpath.split(book)
    relations = parts.get(posixpath.join(folder, "_rels", base + ".rels"), b"")
    targets: dict[str, str] = {}
    for tag in re.findall(rb"<" + PREFIX + rb"Relationship\b([^>]*)>", relations):
        attributes = attributes_of(tag)
        target = attributes.get("Target", "")
        targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    for tag in re.findall(rb"<" + PREFIX + rb"sheet\b([^>]*)>", parts.get(book, b"")):
        attributes = attributes_of(tag)
        part = targets.get(attributes.get("id", ""), "")
        part = part if part in parts else next((name for name in parts if name.lower() == part.lower()), "")
        if part:
            found[unescape(attributes.get("name", ""))] = part
    if not found:
        raise Refused("DT101", **unreadable("里面没有工作表", "no worksheets inside"))
    return found


def area_is_bounded(name: str, xml: bytes) -> None:
    """The reading library lays a sheet out as a full rectangle: two cells in opposite corners must not fill the memory."""
    last = 0
    for found in ROW.finditer(xml):
        number = attributes_of(found.group(1)).get("r", "")
        last = max(last + 1, int(number) if number.isascii() and number.isdigit() else 0)
    count = len(_ANY_CELL.findall(xml))
    found_columns = _PLAIN_CELL.findall(xml)  # one pass in C: a sheet may have millions of cells
    width = max(map(column_number, {letters.decode() for letters in set(found_columns)}), default=0)
    last = max(last, max(map(int, _FAR_CELL.findall(xml)), default=0))
    plain = len(found_columns)
    if plain != count:  # cells written in an unusual way: look at each tag in full
        last, width = _odd_cells(name, xml, last, width)
    if last > MOST_ROWS:
        raise Refused("DT102", **too_large("不超过 1048576 行", f"{name}：第 {last} 行"))
    if width >= MOST_COLUMNS:
        raise Refused("DT102", **too_large("不超过 702 列（ZZ）", f"{name}：第 {width + 1} 列"))
    if last * (width + 1) > min(4 * count + _SLACK, MOST_CELLS):
        raise Refused("DT102", **too_large("内容连在一起", f"{name}：{last} 行 {width + 1} 列，大部分是空的"))


_AFTER_VALUE = re.compile(rb"</" + PREFIX + rb"v>\s*<(?!/)")
_ODD_NUMBER = re.compile(rb"<" + PREFIX + rb"c\b(?![^>]*\bt=[\"'](?:s|str|b|e|d|inlineStr)[\"'])[^>]*>\s*<" + PREFIX + rb"v>[^<]*&")
_PLACE = re.compile(rb"<" + PREFIX + rb"c r=\"([A-Z]{1,2}[0-9]{1,7})\"")


def values_are_told_once(name: str, xml: bytes) -> None:
    """One cell has one value: what stands behind the first, in a cell written twice or behind an escape in a number, the reading library drops."""
    if _AFTER_VALUE.search(xml) or (b"&" in xml and _ODD_NUMBER.search(xml)):
        raise Refused("DT101", **unreadable(f"{name}：有一格的值写得不对", f"{name}: a cell whose value is malformed"))
    places = _PLACE.findall(xml)
    if len(set(places)) != len(places):
        seen: set[bytes] = set()
        twice = next(place for place in places if place in seen or seen.add(place)).decode()
        raise Refused("DT101", **unreadable(f"{name}：{twice} 这一格写了两次", f"{name}: the cell {twice} is there twice"))


def _odd_cells(name: str, xml: bytes, last: int, width: int) -> tuple[int, int]:
    for found in re.finditer(rb"<" + PREFIX + rb"c\b([^>]*)>", xml):
        tag = found.group(1)
        where = attributes_of(tag).get("r")
        match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", where) if where is not None else None
        if tag.count(b'"') % 2 or tag.count(b"'") % 2 or (where is not None and match is None):
            raise Refused("DT101", **unreadable(f"{name}：单元格位置写得不对", f"{name}: malformed cell references"))
        if match:
            width, last = max(width, column_number(match.group(1))), max(last, int(match.group(2)))
    return last, width


def text_is_bounded(parts: dict[str, bytes], sheets: dict[str, str]) -> None:
    """A long text that is stored once but used in a million cells takes its room a million times."""
    shared = next((data for name, data in parts.items() if name.lower().endswith("sharedstrings.xml")), b"")
    lengths = [len(item) for item in re.split(rb"</" + PREFIX + rb"si>", shared)]
    used = re.compile(rb"\bt=\"s\"[^>]*>\s*<" + PREFIX + rb"v>([0-9]+)<")
    total = 0
    if max(lengths) * sum(parts[part].count(b't="s"') for part in sheets.values()) > MOST_BYTES:
        for part in sheets.values():
            for found in used.finditer(parts[part]):
                place = int(found.group(1)) if len(found.group(1)) < 9 else len(lengths)
                total += lengths[place] if place < len(lengths) else 0
    if total > MOST_BYTES:
        raise Refused("DT102", **too_large("文字合计不超过 200 MB", "超过 200 MB"))
