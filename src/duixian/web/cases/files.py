"""Files handed in: what they really are is looked at, not what they are called; nothing is stored before that, and nothing is ever served by its name.

Taken: PDF, JPEG, PNG, Word and Excel of today. Refused: everything else, files that are two things at once, that unpack without end, that carry
programs, that ask for a password, that are empty or too large. Stored under settings.UPLOADS by a random name, for the service alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from duixian.tables.archive import NOT_WHOLE
from duixian.web.record.book import Refused

from .scanner import scan

TYPES = {
    "application/pdf": ("pdf",), "image/jpeg": ("jpg", "jpeg"), "image/png": ("png",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
}  # fmt: skip
ACCEPT = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx"
_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_MARKUP = (b"<html", b"<script", b"<!doctype", b"<?php", b"<svg", b"<iframe", b"#!/")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)(?=[\s/<(\[>]|$)")
_MOST_PARTS, _MOST_UNPACKED, _MOST_RATIO = 3000, 200 << 20, 120
_MOST_PIXELS = 300_000_000
AT_ONCE, _TOGETHER = 20, 5  # files handed in with one click; how many of the largest size they may weigh together


class Bound(FileUploadHandler):
    """Stops taking in a request at the file that is larger than allowed, alone or with those before it: nothing beyond the bound ever reaches the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin counting with each file, and go on over all of them."""
        super().new_file(*args, **kwargs)
        self.alone, self.together = 0, getattr(self, "together", 0)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the data on while it is within the bound."""
        self.alone += len(raw_data)
        self.together += len(raw_data)
        if self.alone > settings.UPLOAD_MOST_BYTES or self.together > settings.UPLOAD_MOST_BYTES * _TOGETHER:
            self.request.stopped_at = (self.file_name or "", self.alone > settings.UPLOAD_MOST_BYTES)
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps it."""
        return


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was stored."""

    name: str
    path: str
    type: str
    size: int
    digest: str
    scan: str


def most_text() -> str:
    """The largest size, for people."""
    return f"{settings.UPLOAD_MOST_BYTES >> 20} MB"


def handed(request: HttpRequest) -> Iterator[tuple[str, Callable[[], Kept]]]:
    """The files sent with one form, each as its name and what keeps it (`keep`): one that is refused says so by name, the others are kept all the same."""
    given = request.FILES.getlist("file")
    for file in given[:AT_ONCE]:
        yield clean_name(file.name or ""), partial(keep, file)
    for file in given[AT_ONCE:]:
        yield clean_name(file.name or ""), partial(_refuse, Refused("files_are_few_at_once", f"一次最多收 {AT_ONCE} 个文件，这一个没有收。请再传一次。"))
    if stopped := getattr(request, "stopped_at", None):
        name, alone = stopped
        together = Refused("file_is_bounded", f"一次传的太多：合起来不超过 {settings.UPLOAD_MOST_BYTES * _TOGETHER >> 20} MB。这一个和后面的没有收，请再传一次。")
        yield clean_name(name), partial(_refuse, _too_large() if alone else together)
    elif not given:
        yield "", partial(keep, None)


def _refuse(refusal: Refused) -> Kept:
    raise refusal


def _too_large() -> Refused:
    return Refused("file_is_bounded", f"文件太大：一个文件不超过 {most_text()}。请压缩扫描件，或分成几个文件。")


def keep(file: UploadedFile | None) -> Kept:
    """Look at an uploaded file and store it. Raises Refused with what to do; then nothing is stored."""
    if file is None:
        raise Refused("file_is_there", "没有收到文件。请选一个文件再传。")
    if (file.size or 0) > settings.UPLOAD_MOST_BYTES:
        raise _too_large()
    if not file.size:
        raise Refused("file_is_not_empty", "文件是空的（0 字节）。请检查后重新选择。")
    stream: BinaryIO = file.file
    name = clean_name(file.name or "")
    kind = sniff(stream, name)
    verdict = scan(stream)
    path, size, digest = _store(stream)
    return Kept(name, path, kind, size, digest, verdict)


@contextmanager
def until_filed(kept: Kept) -> Iterator[Kept]:
    """A stored file that is being filed: whatever keeps it from being filed takes it back."""
    try:
        yield kept
    except BaseException:
        (settings.UPLOADS / kept.path).unlink(missing_ok=True)
        raise


def open_kept(path: str) -> BinaryIO:
    """Open a stored file. Raises FileNotFoundError."""
    if not re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{40}", path):
        raise FileNotFoundError(path)
    return (settings.UPLOADS / path).open("rb")


def clean_name(name: str) -> str:
    """A file's name without folders, control and direction characters, and what file systems do not allow; at most 120 characters, its ending kept."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    name = re.sub(r'[:*?"<>|\s]+', " ", name).rstrip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    return ((stem.strip(" .")[: 119 - len(ending)].lstrip("=+-@") or "文件") + dot + ending)[:120]


def sniff(stream: BinaryIO, name: str) -> str:
    """The type of a file by its content. Raises Refused where it is none we take, is two things at once, or is not what its name says."""
    stream.seek(0)
    head = stream.read(8192)
    found = filetype.guess(head)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    guessed = found.mime if found else ""
    if guessed == "application/zip" or guessed in TYPES and any(word in guessed for word in ("wordprocessing", "spreadsheet")) or head[:2] == b"PK":
        kind = _office(stream)
    elif guessed == "application/pdf" and head.startswith(b"%PDF-"):
        kind = _pdf(stream)
    elif guessed == "image/jpeg":
        kind = _jpeg(stream)
    elif guessed == "image/png":
        kind = _png(stream)
    else:
        raise _none_we_take(head)
    if not ending:
        raise Refused("name_says_what_it_is", f"文件名没有后缀，内容是 {TYPES[kind][0].upper()}。请在文件名后面加上“.{TYPES[kind][0]}”再传。")
    if ending not in TYPES[kind]:
        raise Refused("name_says_what_it_is", f"文件名的后缀是“.{ending}”，内容却是 {TYPES[kind][0].upper()}。请改正后缀，或选对文件。")
    return kind


def _none_we_take(head: bytes) -> Refused:
    """Why a file is not taken and what to do, by what it is: the kinds people really send."""
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"):
        return Refused("file_is_of_a_kind", "这是手机存的 HEIC 照片，很多电脑打不开，不收。请在手机“设置→相机→格式”里选“兼容性最佳”再拍，或者把照片截屏、另存为 JPG 再传。")
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Refused("file_is_of_a_kind", "这是老格式（doc、xls），或者设了打开密码。请去掉密码，另存为新格式（docx、xlsx），或导出 PDF。")
    if head[:4] == b"Rar!" or head[:6] == b"7z\xbc\xaf'\x1c":
        return Refused("file_is_of_a_kind", "不收压缩包。请把里面的文件一个一个传上来。")
    return Refused("file_is_of_a_kind", "不收这种文件。请用 PDF、JPG、PNG，或新版 Word、Excel（docx、xlsx）；老格式请另存为新格式或导出 PDF。")


def _two_things(stream: BinaryIO) -> Refused:
    return Refused("file_is_one_thing", "这个文件里夹带了别的内容，没有保存。请重新扫描或导出一份干净的文件。")


def _markup(data: bytes) -> bool:
    lower = data.lower()
    return any(word in lower for word in _MARKUP)


def _pdf(stream: BinaryIO) -> str:
    stream.seek(0)
    data = stream.read()
    body = _STREAM.sub(b"", data)
    if _markup(body[:4096]) or zipfile.is_zipfile(stream):
        raise _two_things(stream)
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Refused("file_is_whole", "这个 PDF 不完整（没有结尾）。请重新导出或重新下载后再传。")
    if data[end + 5 :].strip(b"\r\n\t \0"):
        raise _two_things(stream)
    if _ACTIVE.search(body):
        raise Refused("file_has_no_programs", "这个 PDF 里带有脚本、附件或表单程序，不能收。请用“打印为 PDF”另存一份。")
    if b"/Encrypt" in body and not _opens(stream):
        raise Refused("file_opens_without_a_password", "这个 PDF 设了打开密码，办理的人打不开，没有收。请输入密码打开它，用“打印为 PDF”另存一份没有密码的再传。")
    return "application/pdf"


def _opens(stream: BinaryIO) -> bool:
    """Whether a locked PDF opens without a password: one that only forbids printing or changing does. A lock of another kind, or torn, does not."""
    import pypdf

    try:
        reader = pypdf.PdfReader(stream)
        return reader.is_encrypted and bool(reader.decrypt(""))
    except (pypdf.errors.PyPdfError, *NOT_WHOLE, LookupError, TypeError, AttributeError):  # what a torn one may raise
        return False


def _jpeg(stream: BinaryIO) -> str:
    stream.seek(0)
    data = stream.read()
    end = data.rfind(b"\xff\xd9")
    if end < 0:
        raise Refused("file_is_whole", "这张图片不完整。请重新拍照或重新导出。")
    if zipfile.is_zipfile(stream) or _markup(data[:8192]) or _markup(data[end:]) or b"PK\x03\x04" in data[end:] or b"%PDF-" in data[:2048] + data[end:]:
        raise _two_things(stream)
    return "image/jpeg"


def _png(stream: BinaryIO) -> str:
    stream.seek(0)
    data = stream.read()
    at, seen, ended = 8, b"", False
    while at + 12 <= len(data) and not ended:
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if not seen and name != b"IHDR":
            break
        if name == b"IHDR" and int.from_bytes(data[at + 8 : at + 12], "big") * int.from_bytes(data[at + 12 : at + 16], "big") > _MOST_PIXELS:
            raise Refused("file_is_bounded", "图片的像素太多。请缩小后再传。")
        if name in (b"tEXt", b"iTXt") and _markup(data[at + 8 : at + 8 + size]):
            raise _two_things(stream)
        seen, ended, at = name, name == b"IEND", at + 12 + size
    if not ended or at > len(data):
        raise Refused("file_is_whole", "这张图片不完整。请重新导出后再传。")
    if at != len(data):
        raise _two_things(stream)
    return "image/png"


def _office(stream: BinaryIO) -> str:
    """A docx or xlsx, unpacked within bounds: sizes are counted, never believed."""
    broken = Refused("file_is_whole", "这个文件打不开。请用 WPS 或 Word、Excel 重新保存后再传。")
    stream.seek(0)
    size = stream.seek(0, os.SEEK_END)
    try:
        archive = zipfile.ZipFile(stream)
        entries = archive.infolist()
    except NOT_WHOLE as error:
        raise broken from error
    names = {entry.filename for entry in entries}
    kind = next((mime for mime, endings in TYPES.items() if _MAIN.get(endings[0]) in names), "")
    if "OFD.xml" in names:
        raise Refused("file_is_of_a_kind", "不收 OFD。请用阅读器打开，另存为或打印成 PDF 再传。")
    if not kind or "[Content_Types].xml" not in names:
        raise Refused("file_is_of_a_kind", "不收压缩包。请把里面的文件一个一个传上来。")
    stream.seek(0)
    if archive.comment or stream.read(4) != b"PK\x03\x04":
        raise _two_things(stream)
    if len(entries) > _MOST_PARTS or len(names) != len(entries):
        raise Refused("file_unpacks_within_bounds", "这个文件的内部结构不正常，没有保存。请重新保存一份再传。")
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end or entry.flag_bits & 1 or entry.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", entry.filename):
            raise Refused("file_unpacks_within_bounds", "这个文件的内部结构不正常，没有保存。请去掉密码，重新保存一份再传。")
        if re.search(r"vbaproject|\.(exe|dll|js|vbs|ps1|bat|jar|zip|com|scr)$|activex|oleobject", entry.filename.lower()):
            raise Refused("file_has_no_programs", "这个文件里带有宏或别的程序，不能收。请另存为不带宏的 docx、xlsx，或导出 PDF。")
        end = entry.header_offset + 30 + entry.compress_size
    if end > size or sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise Refused("file_unpacks_within_bounds", "这个文件解开以后太大，没有保存。请减少图片后重新保存。")
    _unpack(archive, entries, size, broken)
    return kind


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int, broken: Refused) -> None:
    """Really unpack, and count: what says it is small may be large."""
    total, most = 0, min(_MOST_UNPACKED, max(10 << 20, size * _MOST_RATIO))
    for entry in entries:
        try:
            with archive.open(entry) as part:
                first = True
                while chunk := part.read(1 << 16):
                    total += len(chunk)
                    if total > most:
                        raise Refused("file_unpacks_within_bounds", "这个文件解开以后太大，没有保存。请减少图片后重新保存。")
                    if first and entry.filename == "[Content_Types].xml" and b"macroEnabled" in chunk:
                        raise Refused("file_has_no_programs", "这个文件里带有宏，不能收。请另存为不带宏的 docx、xlsx，或导出 PDF。")
                    first = False
        except NOT_WHOLE as error:
            raise broken from error


def _store(stream: BinaryIO) -> tuple[str, int, str]:
    """Write a file under a random name; whole or not at all."""
    name = secrets.token_hex(20)
    path = f"{name[:2]}/{name}"
    target: Path = settings.UPLOADS / path
    digest, size = hashlib.sha256(), 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            stream.seek(0)
            while chunk := stream.read(1 << 16):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused("disk_has_room", "服务器现在存不下文件，没有保存。请稍后再传，并告诉管理员检查磁盘。") from error
    return path, size, digest.hexdigest()
