"""A policy folder that was uploaded as a zip, unpacked without trust: few plain text files, bounded, no path of its own choosing."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from duixian.tables.archive import NOT_WHOLE
from duixian.web.record.book import Refused

MOST_FILES, MOST_BYTES, MOST_PACKED = 60, 4 << 20, 2 << 20
_NAME = re.compile(r"[\w.\-（）()·]{1,80}\.(?:md|txt)")


def unpack_policy(data: bytes, into: Path) -> Path:
    """Unpack into a folder; returns the policy's own folder (where policy.md is). Raises Refused; what was written is the caller's temporary folder.

    A zip holds policy.md and source.txt at its top or in one folder, with vocabulary.md in it or beside it.
    """
    if len(data) > MOST_PACKED:
        raise Refused("zip_is_small", f"压缩包超过 {MOST_PACKED >> 20} MB。政策目录只有几个文本文件，请检查。")
    total, seen = 0, set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            if len(members) > MOST_FILES:
                raise Refused("zip_is_small", f"压缩包里有 {len(members)} 个文件，最多 {MOST_FILES} 个。")
            for member in members:
                parts = _parts(member)
                if tuple(parts) in seen:
                    raise Refused("zip_names_are_plain", f"压缩包里有两个“{'/'.join(parts)}”。")
                seen.add(tuple(parts))
                target = into.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("xb") as file:
                    while chunk := source.read(1 << 16):  # the size a zip claims is not believed
                        total += len(chunk)
                        if total > MOST_BYTES:
                            raise Refused("zip_is_small", f"解压后超过 {MOST_BYTES >> 20} MB。")
                        file.write(chunk)
    except NOT_WHOLE as error:
        raise Refused("zip_can_be_read", "压缩包打不开（损坏、加密，或不是 zip）。请重新压缩再传。") from error
    found = sorted(into.rglob("policy.md"))
    if len(found) != 1:
        raise Refused("zip_holds_one_policy", "压缩包里要有且只有一个 policy.md。" + ("" if found else "没有找到。"))
    folder = found[0].parent
    if folder == into:  # a policy may name a file beside its folder: give it a folder of its own, with what it shares beside it
        inner = into / "folder"
        inner.mkdir()
        for path in [path for path in into.iterdir() if path != inner]:
            (path.rename(inner / path.name) if path.name != "vocabulary.md" else _both(path, inner))
        return inner
    return folder


def _both(path: Path, inner: Path) -> None:
    (inner / path.name).write_bytes(path.read_bytes())


def _parts(member: zipfile.ZipInfo) -> list[str]:
    """The path of a member, plain: text files, at most one folder deep. Raises Refused."""
    name = member.filename
    if not member.flag_bits & 0x800 and not name.isascii():  # an old zip program wrote GBK
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            raise Refused("zip_names_are_plain", "压缩包里的文件名读不出来。请改成英文或用 UTF-8 压缩。") from None
    parts = name.split("/")
    kind = member.external_attr >> 28
    if len(parts) > 2 or kind not in (0, 8) or any(part in ("", ".", "..") or part.startswith(".") for part in parts) or not _NAME.fullmatch(parts[-1]) or re.search(r"[\\\0:]", name):
        raise Refused("zip_names_are_plain", f"压缩包里的“{name[:60]}”不能用：只收政策目录里的 .md 和 .txt 文本文件。")
    return parts
