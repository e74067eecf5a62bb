"""Writing files so that a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..values.diagnostic import Defects, Diagnostic, Place
from .folders import is_folder, parts_of


def write_atomically(path: str | Path, data: bytes) -> None:
    """Put `data` at `path`: a temporary file in the same folder, then one rename. Raises Defects where that cannot be done."""
    path = Path(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp gives 0600; the file gets the rights any new file would get
        os.replace(temporary, path)
        temporary = ""
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Defects([Diagnostic("DT161", (Place(str(path)),), {"found": f"{why}（{type(error).__name__}）"})]) from error
    finally:
        if temporary:
            try:
                os.unlink(temporary)
            except OSError:
                pass


def writable(path: str | Path, kinds: Sequence[str], given: Sequence[str | Path | None] = ()) -> None:
    """Refuse a target that cannot be meant, before the work is done and not after: a folder, another kind of file, one of the files that are read.

    given: the files (or folders of them) that are read. Raises Defects.
    """
    target, why = Path(path), ""
    if is_folder(target):
        why = "是一个目录"
    elif not is_folder(target.parent):
        why = "所在的目录不存在"
    elif target.suffix.lower() not in kinds:
        why = f"扩展名不是 {'、'.join(sorted(kinds))}"
    elif _is_read(target, given):
        why = "就是要读入的文件"
    if why:
        raise Defects([Diagnostic("DT161", (Place(str(path)),), {"found": why})])


def _is_read(target: Path, given: Sequence[str | Path | None]) -> bool:
    """Whether a file is among those that are read, by whatever name, or a part of a folder of them."""
    try:
        read = [part for path in given if path for part in (parts_of(Path(path)) if is_folder(Path(path)) else [Path(path)])]
        return target.exists() and any(path.exists() and target.samefile(path) for path in read)
    except OSError:
        return False


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
