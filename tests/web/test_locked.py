"""A PDF that asks for a password is nothing anybody here can read; one that only forbids printing or changing opens for everybody and is taken."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter

from duixian.web.cases import files
from duixian.web.record.book import Refused
from tests.web.journey import PDF


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    """Uploads of each test go to a folder of their own."""
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


def locked(algorithm: str, to_open: str) -> SimpleUploadedFile:
    """A PDF with a password for changing it, and one for opening it where `to_open` is not empty."""
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt(to_open, "所有人的密码", algorithm=algorithm)
    writer.write(out)
    return SimpleUploadedFile("发票.pdf", out.getvalue())


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"])
def test_only_a_pdf_that_asks_for_a_password_is_refused(folder: Path, algorithm: str) -> None:
    with pytest.raises(Refused, match="打开密码.*没有密码的"):
        files.keep(locked(algorithm, "1234"))
    assert not folder.exists()
    assert files.keep(locked(algorithm, "")).type == "application/pdf"


@pytest.mark.parametrize("lock", [b"<< /Filter /Adobe.PubSec /V 4 >>", b"9 0 R", b"<< /Filter /Standard /R 3 /P -4 /Length /Foo /O (x) /U <", b"<< /R " + b"9" * 5000, b"<<" * 3000], ids=["a certificate", "no such object", "torn", "a long number", "deep"])
def test_what_is_locked_in_another_way_or_torn_is_not_taken_for_open(folder: Path, lock: bytes) -> None:
    trailer = b"/Encrypt " + lock + b" /Root"
    place = PDF.index(b"trailer")
    for body in (PDF, PDF.replace(b"%%EOF", b"startxref\n%d\n%%%%EOF" % place)):
        with pytest.raises(Refused, match="打开密码"):
            files.keep(SimpleUploadedFile("发票.pdf", body.replace(b"/Root", trailer)))
    assert not folder.exists()


def test_a_pdf_that_speaks_of_a_lock_in_what_it_shows_is_an_ordinary_one() -> None:
    data = PDF.replace(b"trailer", b"8 0 obj << /Length 24 >>\nstream\n(/Encrypt << /R 3 >>) Tj\nendstream\nendobj\ntrailer")
    assert files.keep(SimpleUploadedFile("说明.pdf", data)).size
