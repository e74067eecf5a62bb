"""Looking for viruses: one function, one kind of server (clamd, by its own protocol). Configured and silent means no."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

from django.conf import settings

from duixian.web.record.book import Refused

CHUNK = 1 << 16
SECONDS = 60


def scan(file: BinaryIO) -> str:
    """'none' where no scanner is configured, 'clean' where it found nothing. Raises Refused where it found something or does not answer."""
    where = settings.SCANNER
    if not where:
        return "none"
    try:
        answer = _ask(where, file)
    except (OSError, ValueError) as error:
        raise Refused("scanner_answers", "查毒服务现在没有响应，文件没有保存。请过几分钟再传；一直不行，请告诉管理员。") from error
    if answer.endswith("OK"):
        return "clean"
    if answer.endswith("FOUND"):
        raise Refused("file_is_clean", "查毒发现这个文件有问题，没有保存。请换一份干净的文件，或重新扫描原件。")
    raise Refused("scanner_answers", "查毒服务没有给出结果，文件没有保存。请过几分钟再传；一直不行，请告诉管理员。")


def _ask(where: str, file: BinaryIO) -> str:
    """clamd's INSTREAM: chunks with their length in front, an empty one at the end, one line back."""
    with _connect(where) as connection:
        connection.settimeout(SECONDS)
        connection.sendall(b"zINSTREAM\0")
        file.seek(0)
        while chunk := file.read(CHUNK):
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = b""
        while b"\0" not in answer and len(answer) < 4096:
            part = connection.recv(4096)
            if not part:
                break
            answer += part
    return answer.split(b"\0")[0].decode("utf-8", "replace").strip()


def _connect(where: str) -> socket.socket:
    if where.startswith("/"):
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(5)
        found.connect(where)
        return found
    host, _, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=5)
