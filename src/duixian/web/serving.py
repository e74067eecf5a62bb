"""Serving: prepare the home (database, first-run token), then the web processes and one worker, until told to end. Loopback unless said otherwise."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

MODULE = "duixian.web.settings"
_RESTART_REST = 2.0


class CannotServe(Exception):
    """Why the system cannot start; the text says what to do."""


def configure(home: Path | None = None) -> None:
    """Set up Django for a home. Raises CannotServe where a setting cannot be used."""
    if home is not None:
        os.environ["DUIXIAN_HOME"] = str(Path(home).resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", MODULE)
    import django

    from .conf import Misconfigured

    try:
        django.setup()
    except Misconfigured as stop:
        raise CannotServe(str(stop)) from stop


def prepare() -> str:
    """Bring the database up to date; returns the token of the first-run page while there is no user yet, else ''. Raises CannotServe."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError

    from duixian.values import workdays
    from duixian.web.registry.models import User

    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as stop:
        raise CannotServe(f"数据库用不了：{stop}。检查 DUIXIAN_DATABASE、目录权限和磁盘空间。 (The database cannot be used.)") from stop
    workdays.look_in(settings.HOME / "calendar")
    return "" if User.objects.exists() else setup_token(settings.HOME)


def prepare_apart(home: Path) -> str:
    """`configure` and `prepare` in a process that ends with it: whoever only watches over the others need not hold all that is loaded. Raises CannotServe."""
    os.environ["DUIXIAN_HOME"] = str(Path(home).resolve())
    with multiprocessing.get_context("fork").Pool(1) as apart:
        return apart.apply(_prepared)


def _prepared() -> str:
    configure()
    return prepare()


def setup_token(home: Path, *, make: bool = True) -> str:
    """The token that opens the first-run page: made once, kept for its owner alone, gone once there is an administrator."""
    path = home / "setup.token"
    if path.is_file():
        return path.read_text(encoding="ascii").strip()
    if not make:
        return ""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        token = secrets.token_urlsafe(24)
        file.write(token)
    return token


def free_port(host: str, wanted: int) -> int:
    """The port wanted, or the next free one of the twenty after it. Raises CannotServe."""
    for port in range(wanted, wanted + 20):
        with contextlib.closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise CannotServe(f"{host} 的 {wanted} 到 {wanted + 19} 端口都被占用。 (No free port.)")


def serve(host: str, port: int, *, processes: int = 2, threads: int = 4, ready: Callable[[], None] | None = None) -> int:
    """Run the web processes and a worker until interrupted; a worker that dies is started again. Returns 0, or 1 where the web processes end by themselves."""
    web = [sys.executable, "-P", "-m", "gunicorn", MODULE.replace("settings", "wsgi") + ":application", "--bind", f"{host}:{port}", "--workers", str(processes), "--threads",
           str(threads), "--preload", "--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp", "--access-logfile", os.devnull, "--log-level", "warning",
           "--graceful-timeout", "10", "--timeout", "60"]  # fmt: skip
    worker = [sys.executable, "-P", "-m", "duixian.web.worker"]
    ended = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    children = [subprocess.Popen(web, start_new_session=True), subprocess.Popen(worker, start_new_session=True)]
    try:
        if ready is not None and _answers(host, port, children[0], lambda: ended):
            ready()
        while not ended:
            time.sleep(0.3)
            if children[0].poll() is not None:
                return 1
            if children[1].poll() is not None:
                time.sleep(_RESTART_REST)
                children[1] = subprocess.Popen(worker, start_new_session=True)
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
        for number, handler in before.items():
            signal.signal(number, handler)


def _answers(host: str, port: int, child: subprocess.Popen[bytes], ended: Callable[[], bool]) -> bool:
    """Wait until the server accepts connections."""
    for _ in range(300):
        if ended() or child.poll() is not None:
            return False
        with contextlib.suppress(OSError), contextlib.closing(socket.create_connection((host, port), timeout=0.5)):
            return True
        time.sleep(0.1)
    return False
