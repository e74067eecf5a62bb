"""Writing files so that a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..values.diagnostic import Defects, Diagnostic, Place


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
