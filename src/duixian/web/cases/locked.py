"""Whether a PDF opens without a password (ISO 32000-2, 7.6). One that only forbids to print or change opens for everybody; one that asks for a password opens for nobody here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

_WHERE = re.compile(rb"/Encrypt\s*(?:(\d+)\s+(\d+)\s+R|(?=<<))")
_TOKEN = re.compile(rb"<<|>>|/([A-Za-z0-9.]+)|<([0-9A-Fa-f\s]*)>|\(|([+-]?\d+)|true|false")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n?|\n)|(.))|\r\n?", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
Value = bytes | int | bool


def asks_for_a_password(body: bytes) -> bool:
    """body: the file without the contents of its streams. Where it is locked in a way that is not known here, it is taken for locked."""
    found = list(_WHERE.finditer(body))
    if not found:
        return False
    number, generation = found[-1].group(1, 2)
    places = [one.end() for one in re.finditer(rb"(?<!\d)%s\s+%s\s+obj" % (number, generation), body)] if number else [found[-1].end()]
    given = _dictionary(body, places[-1]) if places else {}
    user, owner, permissions, revision = (given.get(name) for name in ("U", "O", "P", "R"))
    if not (given.get("Filter") == b"Standard" and isinstance(user, bytes) and isinstance(owner, bytes) and isinstance(permissions, int) and isinstance(revision, int)):
        return True  # by a certificate, or torn
    if revision in (5, 6):
        return (hashlib.sha256(user[32:40]).digest() if revision == 5 else _hardened(user[32:40])) != user[:32]
    length = {2: 5, 4: 16}.get(revision, int(given.get("Length", 40)) // 8)
    return not (revision in (2, 3, 4) and 5 <= length <= 16 and _fits(user, owner, permissions, revision, length, _first_id(body), bool(given.get("EncryptMetadata", True))))


def _fits(user: bytes, owner: bytes, permissions: int, revision: int, length: int, first_id: bytes, metadata: bool) -> bool:
    """Algorithms 2, 4 and 5: whether the empty password gives what is stored."""
    key = _md5(_PAD + owner[:32] + (permissions & 0xFFFFFFFF).to_bytes(4, "little") + first_id + (b"" if metadata or revision < 4 else b"\xff" * 4))
    if revision == 2:
        return _rc4(key[:length], _PAD) == user[:32]
    for _ in range(50):
        key = _md5(key[:length])
    text = _md5(_PAD + first_id)
    for turn in range(20):
        text = _rc4(bytes(byte ^ turn for byte in key[:length]), text)
    return text == user[:16]


def _hardened(salt: bytes) -> bytes:
    """Algorithm 2.B of the empty password. AES is of the library that passkeys stand on."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key, turn, last = hashlib.sha256(salt).digest(), 0, 0
    while turn < 64 or last > turn - 32:
        cipher = Cipher(algorithms.AES(key[:16]), modes.CBC(key[16:32])).encryptor()
        text = cipher.update(key * 64) + cipher.finalize()
        key = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(text[:16]) % 3](text).digest()
        turn, last = turn + 1, text[-1]
    return key[:32]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    box, at = list(range(256)), 0
    for place in range(256):
        at = (at + box[place] + key[place % len(key)]) % 256
        box[place], box[at] = box[at], box[place]
    out, one, two = bytearray(), 0, 0
    for byte in data:
        one = (one + 1) % 256
        two = (two + box[one]) % 256
        box[one], box[two] = box[two], box[one]
        out.append(byte ^ box[(box[one] + box[two]) % 256])
    return bytes(out)


def _first_id(body: bytes) -> bytes:
    found = list(re.finditer(rb"/ID\s*\[", body))
    return next((value for _mark, value in _tokens(body, found[-1].end()) if isinstance(value, bytes)), b"") if found else b""


def _dictionary(body: bytes, start: int) -> dict[str, Value]:
    """The entries of the dictionary that begins here, names and strings as bytes; those of dictionaries in it are left out."""
    found: dict[str, Value] = {}
    depth, key = 0, ""
    for mark, value in _tokens(body, start):
        depth += {b"<<": 1, b">>": -1}.get(mark, 0)
        if depth == 0:
            break
        if depth > 1 or mark in (b"<<", b">>"):
            key = ""
        elif key:
            found[key], key = value, ""
        elif mark == b"/":
            key = bytes(value).decode()  # type: ignore[arg-type]
    return found


def _tokens(body: bytes, at: int) -> Iterator[tuple[bytes, Value]]:
    """What stands in the file from here on, one after the other: what it is, its value."""
    while found := _TOKEN.search(body, at):
        at, text = found.end(), found.group()
        if found.group(1) is not None:
            yield b"/", found.group(1)
        elif text in (b"<<", b">>"):
            yield text, b""
        elif text == b"(":
            value, at = _literal(body, at)
            yield b"(", value
        elif found.group(2) is not None:
            digits = b"".join(found.group(2).split()).decode()
            yield b"<", bytes.fromhex(digits + "0" * (len(digits) % 2))
        else:
            yield b"", int(text) if found.group(3) else text == b"true"


def _literal(body: bytes, start: int) -> tuple[bytes, int]:
    """A string in brackets, its escapes read, and where it ends."""
    depth = 1
    for found in re.finditer(rb"\\.|[()]", body[start : start + 4096], re.DOTALL):
        depth += {b"(": 1, b")": -1}.get(found.group(), 0)
        if depth == 0:
            return _ESCAPE.sub(_escaped, body[start : start + found.start()]), start + found.end()
    return b"", len(body)


def _escaped(found: re.Match[bytes]) -> bytes:
    octal, line, plain = found.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 255])
    return b"" if line is not None else b"\n" if plain is None else _ESCAPED.get(plain, plain)
