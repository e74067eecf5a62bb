"""Folders in which something is made before it takes its place. A process that is killed cannot remove its own: the next one does."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from pathlib import Path


def draft_folder(parent: str | Path | None, kind: str = ".duixian-") -> Path:
    """A new folder beside a result, named by machine and process; parent None is the system's place for temporary files.

    Folders of the same kind there, left by processes of this machine and user that are no more, are removed. Raises OSError.
    """
    where = Path(tempfile.gettempdir() if parent is None else parent)
    sweep(where, kind)
    return Path(tempfile.mkdtemp(prefix=draft_name("", kind), dir=where))


def draft_name(parent: str | Path, kind: str = ".duixian-") -> str:
    """What the name of a folder begins with that is made for this process, and removed by a later one where this one could not; under a parent, a whole name."""
    name = f"{kind}{_machine()}-{os.getpid()}-"
    return os.path.join(parent, f"{name}kept") if parent else name


def sweep(where: Path, kind: str = ".duixian-") -> list[str]:
    """Remove what dead processes left of a kind, and name it. What cannot be looked at or removed is left where it is."""
    name = re.compile(rf"{re.escape(kind)}{re.escape(_machine())}-(\d+)-[^-]+$")
    gone = []
    try:
        entries = list(os.scandir(where))
    except OSError:
        return []
    for entry in entries:
        found = name.match(entry.name)
        try:
            mine = found and entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_uid == os.getuid()
        except OSError:
            continue
        if found and mine and not _lives(int(found.group(1))):
            shutil.rmtree(entry.path, ignore_errors=True)
            gone.append(entry.name)
    return gone


def _machine() -> str:
    """This machine in a file name: a shared disk holds the drafts of others as well."""
    return re.sub(r"[^A-Za-z0-9]", "", socket.gethostname())[:24] or "here"


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's, or no number of a process
        return True
    return True
