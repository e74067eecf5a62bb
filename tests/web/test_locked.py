"""A PDF that asks for a password is nothing anybody here can read; one that only forbids printing or changing opens for everybody and is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from duixian.web.cases import files
from duixian.web.record.book import Refused
from tests.web.journey import PDF

# what two independent programs (qpdf, pypdf) wrote: with the owner's password alone, and with one for opening
LOCKS = [
    ("R2", False, "/R 2 /P -4", "c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab", "cb2d8cd4b052d0d26e7c610a83619f2ad36304e5879f8fc7db391d3f35516a79", "5cc25c2c36f6b83f1ee812ee56017a6b"),
    ("R2", True, "/R 2 /P -4", "86fe045358b44c9644693f33c07cb54f587dce1e2682fe9ecea6107a1ef630dd", "34fea352878f8599801a12d299ece2b945d72b249bc4e42e78bfd4c3ffef91a1", "9618781b0936a0cea6d0c3dade85baa4"),
    ("R3", False, "/R 3 /P 4294967292 /Length 128", "566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5", "1cf97da6ff518ea10e5419702bd10c5528bf4e5e4e758a4164004e56fffa0108", "e3daaf11f86024c7a4c60ce342ffe305"),
    ("R3", True, "/R 3 /P 4294967292 /Length 128", "19b58e48c92b6569e765906caf64e4429a4c20d6e996fdef963e9b5080f9e083", "0fa74db8aab7aac7ab8b34bd006718f428bf4e5e4e758a4164004e56fffa0108", "9b4333d088b299712c171a7c62f2d1b8"),
    ("R4, metadata plain", False, "/R 4 /P -4 /EncryptMetadata false", "566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5", "9fec5e687de1502fb5b0eba455b473810122456a91bae5134273a6db134c87c4", "12b45a8831a7f8106190cd456990792c"),
    ("R4, metadata plain", True, "/R 4 /P -4 /EncryptMetadata false", "19b58e48c92b6569e765906caf64e4429a4c20d6e996fdef963e9b5080f9e083", "493f930f133d61e720f9cbb7ca03b9f20122456a91bae5134273a6db134c87c4", "31b72ebd38211e1e51138aeddd556d9f"),
    ("R5", False, "/R 5 /P -4", "0894a97c19ca6c8026c04964e1dc3e2cd4fbb3b3c97f3c5ef8c22923a1f9732b619622929e20be3c3f06ac5283de1d7e", "f4e41dcb5cd4fce77902488bbf1e42618f906509a271c35b7eaad11390b32e4a800a2243f1d99e613fb8a4ce96ac976b", "0bfc64ca2370bc54d12c57a68beeb9b6"),
    ("R5", True, "/R 5 /P -4", "409965c89a6f483c9084b9563725eb688e33517328d40634df6d7a14cac1f66b36ac294b40bb19f80d2a0c20006df119", "9266dd1addc68f2352cab2fcbddfda307598cf0723c2534313d022504b8c25210461024d72a25c3ceaf0b0191a291916", "70da23e88d0175428f9757d917d1ed4e"),
    ("R6", False, "/R 6 /P -4", "5f9e2c55fd4792f9cc02af947010ea0a05a57fe3cd6dc1a0d3a06e9cd888fe4dd2211b4400d4aa5950595bdab9564d00", "d088094afd3ce26d9487461dcbefbc037708d637f7b3ceb3bc6f8e2cc96f763d2f44094067ed91ab999bb580bbb834cc", "7d7618584b17ac58c26a05103ac57b9c"),
    ("R6", True, "/R 6 /P -4", "2e3676fc2eff021c75dbb1bc1bf71678e00f488b7cf7b9f2d94e10616991b53acb417cbd2215213908b9dbf396587a6a", "485a457c2fb25e30aeac7544bb8ad406c9d5362098dc7fb81fb467eef1c84752d9b0be4f52193ad8b426a82306676d82", "a80d07b5b18f84ad27f6b0be5846aca3"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    """Uploads of each test go to a folder of their own."""
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


def pdf(rest: str, owner: bytes, user: bytes, first_id: str, *, elsewhere: bool) -> bytes:
    """A PDF with this lock, its strings as digits in an object of their own, or as brackets and escapes in the trailer."""
    def text(data: bytes) -> bytes:
        return b"<" + data.hex().encode() + b">" if elsewhere else b"(" + re.sub(rb"[()\\\r]", lambda found: b"\\%03o" % found[0][0], data) + b")"

    lock = b"<< /Filter /Standard /CF << /StdCF << /R 9 /Length 1 >> >> " + rest.encode() + b" /O " + text(owner) + b" /U " + text(user) + b" >>"
    trailer = b"/Encrypt 7 0 R" if elsewhere else b"/Encrypt " + lock
    body = PDF.replace(b"/Root", trailer + b" /ID [<" + first_id.encode() + b"> <00>] /Root")
    return body.replace(b"trailer", b"7 0 obj\n" + lock + b"\nendobj\ntrailer") if elsewhere else body


@pytest.mark.parametrize("elsewhere", [True, False])
@pytest.mark.parametrize(("kind", "locked", "rest", "owner", "user", "first_id"), LOCKS)
def test_only_a_pdf_that_asks_for_a_password_is_refused(folder: Path, kind: str, locked: bool, rest: str, owner: str, user: str, first_id: str, elsewhere: bool) -> None:
    file = SimpleUploadedFile("发票.pdf", pdf(rest, bytes.fromhex(owner), bytes.fromhex(user), first_id, elsewhere=elsewhere))
    if not locked:
        assert files.keep(file).type == "application/pdf"
        return
    with pytest.raises(Refused, match="打开密码.*没有密码的"):
        files.keep(file)
    assert not folder.exists()


@pytest.mark.parametrize("lock", [b"/Encrypt << /Filter /Adobe.PubSec /V 4 >>", b"/Encrypt 9 0 R", b"/Encrypt << /Filter /Standard /R 3 /P -4 /O (x) /U <"])
def test_what_is_locked_in_another_way_or_torn_is_not_taken_for_open(lock: bytes) -> None:
    with pytest.raises(Refused, match="打开密码"):
        files.keep(SimpleUploadedFile("发票.pdf", PDF.replace(b"/Root", lock + b" /Root")))


def test_a_pdf_that_speaks_of_a_lock_in_what_it_shows_is_an_ordinary_one() -> None:
    data = PDF.replace(b"trailer", b"8 0 obj << /Length 24 >>\nstream\n(/Encrypt << /R 3 >>) Tj\nendstream\nendobj\ntrailer")
    assert files.keep(SimpleUploadedFile("说明.pdf", data)).size
