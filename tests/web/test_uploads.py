"""Files handed in: what is taken, and everything that is not. Whatever is refused leaves nothing behind."""

from __future__ import annotations

import io
import socket
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from duixian.web.cases import files
from duixian.web.record.book import Refused
from tests.web.cast import Cast
from tests.web.test_apply import PDF, choose, start, upload

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x12" * 200 + b"\xff\xd9"


def png(extra: bytes = b"", text: bytes = b"") -> bytes:
    """A PNG of one pixel, with a text chunk or something behind its end."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))

    middle = chunk(b"tEXt", text) if text else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack("!IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) + middle + chunk(b"IDAT", zlib.compress(b"\0\1\2\3")) + chunk(b"IEND", b"") + extra


def office(main: str = "word/document.xml", more: dict[str, bytes] | None = None, comment: bytes = b"", types: bytes = b"<Types/>") -> bytes:
    """A docx or xlsx with further parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(main, b"<document/>")
        for name, data in (more or {}).items():
            archive.writestr(name, data)
        archive.comment = comment
    return made.getvalue()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    """Uploads of each test go to a folder of their own."""
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


def kept(data: bytes, name: str) -> files.Kept:
    """Keep these bytes under this name."""
    return files.keep(SimpleUploadedFile(name, data))


GOOD = {
    "合同.pdf": PDF, "照片.jpg": JPEG, "照片.JPEG": JPEG, "截图.png": png(), "说明.docx": office(), "清单.xlsx": office("xl/workbook.xml"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_an_ordinary_file_is_stored_for_the_service_alone_under_a_random_name(name: str, folder: Path) -> None:
    found = kept(GOOD[name], name)
    path = folder / found.path
    assert path.read_bytes() == GOOD[name] and path.stat().st_mode & 0o777 == 0o600
    assert found.size == len(GOOD[name]) and found.scan == "none" and "合同" not in found.path


BAD = {
    "empty": (b"", "空.pdf", "0 字节"),
    "wrong ending": (PDF, "合同.jpg", "后缀"),
    "no ending": (PDF, "合同", "没有后缀"),
    "program called pdf": (b"MZ" + b"\0" * 200, "合同.pdf", "不收"),
    "text called pdf": ("只是文字".encode(), "合同.pdf", "不收"),
    "html called pdf": (b"<html><script>1</script></html>", "合同.pdf", "不收"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "图.svg", "不收"),
    "gif": (b"GIF89a" + b"\0" * 50, "图.gif", "不收"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧.doc", "去掉密码"),
    "photo of a phone": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 90, "IMG_0001.HEIC", "兼容性最佳"),
    "rar": (b"Rar!\x1a\x07\x01\0" + b"\0" * 90, "包.rar", "压缩包"),
    "plain zip": (b"", "包.zip", ""),  # filled in below
    "pdf with html in front": (b"<html>" + PDF, "合同.pdf", "不收"),
    "pdf with html inside": (b"%PDF-1.4\n<html><script>alert(1)</script>\n%%EOF\n", "合同.pdf", "夹带"),
    "pdf with something behind": (PDF + b"MZ" + b"\x90" * 50, "合同.pdf", "夹带"),
    "pdf with a script": (PDF.replace(b"/Type /Catalog", b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "合同.pdf", "脚本"),
    "pdf that starts programs": (PDF.replace(b"/Type /Catalog", b"/A << /S /Launch >>"), "合同.pdf", "脚本"),
    "pdf cut off": (PDF[:-10], "合同.pdf", "不完整"),
    "jpeg and zip": (JPEG + office(), "照片.jpg", "夹带"),
    "jpeg with html behind": (JPEG + b"<script>1</script>", "照片.jpg", "夹带"),
    "jpeg cut off": (JPEG[:-2], "照片.jpg", "不完整"),
    "png and zip": (png(office()), "截图.png", "夹带"),
    "png with html inside": (png(text=b"Comment\0<script>alert(1)</script>"), "截图.png", "夹带"),
    "png cut off": (png()[:-8], "截图.png", "不完整"),
    "docx with macros": (office(more={"word/vbaProject.bin": b"x"}), "说明.docx", "宏"),
    "docx that says it has macros": (office(types=b"<Types macroEnabled='1'/>"), "说明.docx", "宏"),
    "docx with a program": (office(more={"word/media/a.exe": b"MZ"}), "说明.docx", "程序"),
    "docx that leaves its folder": (office(more={"../../x": b"x"}), "说明.docx", "结构"),
    "docx behind a pdf": (PDF + office(), "说明.docx", ""),
    "docx with a comment": (office(comment=b"<html>"), "说明.docx", "夹带"),
    "docx cut off": (office()[:-30], "说明.docx", "打不开"),
    "xlsx called docx": (office("xl/workbook.xml"), "说明.docx", "后缀"),
    "zip bomb": (lambda: office(more={f"word/media/{n}.png": b"\0" * (30 << 20) for n in range(3)}), "说明.docx", "太大"),  # made by its test: not by whoever reads this
}  # fmt: skip
with io.BytesIO() as _made:
    with zipfile.ZipFile(_made, "w") as _archive:
        _archive.writestr("合同.pdf", PDF)
    BAD["plain zip"] = (_made.getvalue(), "包.zip", "压缩包")
with io.BytesIO() as _made:
    with zipfile.ZipFile(_made, "w") as _archive:
        _archive.writestr("OFD.xml", b"<OFD/>")
    BAD["invoice as ofd"] = (_made.getvalue(), "发票.ofd", "不收 OFD")


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_an_ordinary_file_is_refused_with_a_reason_and_leaves_nothing(case: str, folder: Path) -> None:
    data, name, words = BAD[case]
    with pytest.raises(Refused) as refusal:
        kept(data() if callable(data) else data, name)
    assert words in refusal.value.text
    assert not folder.exists() or not [path for path in folder.rglob("*") if path.is_file()]


def test_an_archive_that_lies_about_its_size_is_unpacked_within_bounds(folder: Path) -> None:
    data = bytearray(office(more={"word/media/a.png": b"\0" * (40 << 20)}))
    at = data.rfind(b"PK\x01\x02")  # the last entry of the directory says it is small
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(Refused):
        kept(bytes(data), "说明.docx")


def test_a_file_beyond_the_bound_is_refused(settings) -> None:
    settings.UPLOAD_MOST_BYTES = 1000
    assert kept(PDF + b"\n" * (1000 - len(PDF)), "刚好.pdf").size == 1000
    with pytest.raises(Refused, match="太大"):
        kept(PDF + b"\n" * (1001 - len(PDF)), "多一字节.pdf")


def handed_in(cast: Cast, *given: tuple[str, bytes]) -> tuple[str, list[str]]:
    """The part of the page about materials after these files were handed in with one click, and the names on file."""
    client = cast.client("applicant")
    application = start(client, cast.zibo.pk)
    claim = choose(client, application, "流量补贴")
    answer = client.post(reverse("add_evidence", args=[application.number, claim.pk]), {"material": "其他材料", "file": [SimpleUploadedFile(name, data) for name, data in given]}, follow=True)
    top, _, materials = answer.content.decode().partition('id="materials"')
    assert 'class="message' not in top, "what is said about files is said where the files are, not at the top of a page one does not see then"
    return materials, list(application.evidence.order_by("pk").values_list("name", flat=True))


@pytest.mark.django_db
def test_of_several_files_each_refusal_names_its_file_and_the_others_are_kept(cast: Cast) -> None:
    page, names = handed_in(cast, ("合同.pdf", PDF), ("空.pdf", b""), ("照片.jpg", JPEG))
    assert names == ["合同.pdf", "照片.jpg"]
    assert "“空.pdf”没有收下：文件是空的" in page
    assert "已上传“合同.pdf”" in page and "已上传“照片.jpg”" in page


@pytest.mark.django_db
def test_several_files_are_each_within_the_bound_though_they_are_not_together(cast: Cast, settings) -> None:
    settings.UPLOAD_MOST_BYTES = 1000
    page, names = handed_in(cast, *((f"{n}.pdf", PDF + b"\n" * (900 - len(PDF)) + b" " * n) for n in range(5)))
    assert names == ["0.pdf", "1.pdf", "2.pdf", "3.pdf", "4.pdf"]


@pytest.mark.django_db
def test_the_file_that_is_too_large_is_named_and_those_before_it_are_kept(cast: Cast, settings) -> None:
    settings.UPLOAD_MOST_BYTES = 1000
    page, names = handed_in(cast, ("前.pdf", PDF), ("大.pdf", PDF + b"\n" * 1000), ("后.pdf", PDF + b" "))
    assert names == ["前.pdf"]
    assert "“大.pdf”没有收下：文件太大" in page
    page, names = handed_in(cast, *((f"{n}.pdf", PDF + b"\n" * (900 - len(PDF)) + b" " * n) for n in range(6)))
    assert names == ["前.pdf", *(f"{n}.pdf" for n in range(5))]
    assert "“5.pdf”没有收下：一次传的太多" in page


@pytest.mark.django_db
def test_more_files_than_are_taken_at_once_are_each_named(cast: Cast) -> None:
    page, names = handed_in(cast, *((f"{n}.pdf", PDF + b" " * n) for n in range(files.AT_ONCE + 1)))
    assert len(names) == files.AT_ONCE
    assert f"“{files.AT_ONCE}.pdf”没有收下：一次最多收 {files.AT_ONCE} 个文件" in page


@pytest.mark.django_db
def test_the_same_file_under_another_name_is_told_by_the_name_it_is_on_file_under(cast: Cast) -> None:
    page, names = handed_in(cast, ("合同.pdf", PDF), ("合同（2）.pdf", PDF))
    assert names == ["合同.pdf"]
    assert "“合同（2）.pdf”没有收下：“合同.pdf”已经传过了" in page


@pytest.mark.parametrize(("given", "name"), [
    ("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\temp\\合同.pdf", "合同.pdf"), ("合同\u202efdp.exe.pdf", "合同fdp.exe.pdf"), ("a\0b\r\n.pdf", "ab.pdf"), ("=cmd.pdf", "cmd.pdf"),
    ('<b>"合同".pdf', "b 合同.pdf"), ("合" * 300 + ".pdf", "合" * 116 + ".pdf"), (" . .pdf", "文件.pdf"), (".pdf", "文件.pdf"), ("合同", "合同"),
])  # fmt: skip
def test_a_name_is_made_harmless(given: str, name: str) -> None:
    assert files.clean_name(given) == name


class Clamd:
    """A stand-in for the scanner's server: reads INSTREAM and answers."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.seen = answer, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.where = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        """One connection."""
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack("!L", stream.read(4))[0]:
                self.seen += stream.read(size)
            connection.sendall(self.answer)


@pytest.fixture
def clamd(settings) -> Iterator[type[Clamd]]:
    """Configure a scanner that gives an answer."""
    yield lambda answer: setattr(settings, "SCANNER", (made := Clamd(answer)).where) or made


def test_a_scanner_sees_every_byte_and_its_word_counts(clamd, folder: Path) -> None:
    server = clamd(b"stream: OK\0")
    assert kept(PDF, "合同.pdf").scan == "clean" and server.seen == PDF
    clamd(b"stream: Eicar-Test-Signature FOUND\0")
    with pytest.raises(Refused, match="有问题"):
        kept(PDF, "合同.pdf")
    clamd(b"INSTREAM size limit exceeded. ERROR\0")
    with pytest.raises(Refused, match="没有给出结果"):
        kept(PDF, "合同.pdf")
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_a_scanner_that_is_down_means_no(settings, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.SCANNER = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(Refused, match="查毒服务现在没有响应"):
        kept(PDF, "合同.pdf")
    assert not folder.exists()


@pytest.mark.django_db
def test_a_file_comes_back_as_a_download_that_cannot_run(cast: Cast) -> None:
    client = cast.client("applicant")
    application = start(client, cast.zibo.pk)
    claim = choose(client, application, "流量补贴")
    upload(client, application, claim, "第三方数据证明", "第三方“数据”.pdf")
    file = application.evidence.get()
    answer = client.get(reverse("evidence_file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert cast.client("township").get(reverse("evidence_file", args=[file.pk])).status_code == 404  # a draft is nobody else's business
    page = client.post(reverse("add_evidence", args=[application.number, claim.pk]), {"material": "第三方数据证明"}, follow=True).content.decode()
    assert "没有收到文件" in page
    upload(client, application, claim, "没有的材料")
    assert application.evidence.count() == 1
    client.post(reverse("drop_evidence", args=[file.pk]))
    assert client.get(reverse("evidence_file", args=[file.pk])).status_code == 404


@pytest.mark.django_db
def test_a_request_beyond_the_bound_is_cut_off_before_the_disk(cast: Cast, settings) -> None:
    settings.UPLOAD_MOST_BYTES = 1 << 20
    client = cast.client("applicant")
    application = start(client, cast.zibo.pk)
    claim = choose(client, application, "流量补贴")
    answer = client.post(reverse("add_evidence", args=[application.number, claim.pk]), {"material": "第三方数据证明", "file": SimpleUploadedFile("大.pdf", b"%PDF-" + b"\0" * (5 << 20))}, follow=True)
    assert "文件太大" in answer.content.decode() and not application.evidence.exists()


def test_uploads_are_never_among_what_is_served_by_name() -> None:
    assert settings.UPLOADS not in [Path(folder) for folder in settings.STATICFILES_DIRS]
    for path in ("../x", "ab/../../etc/passwd", "/etc/passwd", "ab/" + "g" * 40):
        with pytest.raises(FileNotFoundError):
            files.open_kept(path)
