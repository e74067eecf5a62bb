"""Settings from the environment, typed: what cannot be read stops the start, with what was expected."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

KEPT = 600  # seconds a thread keeps its connection to the database: what was prepared on it is kept with it


class Misconfigured(Exception):
    """A setting of the environment that cannot be used; the text says which, what was found and what was expected."""


def text(name: str, default: str = "") -> str:
    """A setting as text."""
    return os.environ.get(f"DUIXIAN_{name}", default)


def switch(name: str, default: bool = False) -> bool:
    """A setting that is on or off."""
    found = text(name, "on" if default else "off").lower()
    if found not in ("on", "off"):
        raise Misconfigured(f"DUIXIAN_{name}={found}：只能写 on 或 off (write on or off)")
    return found == "on"


def whole(name: str, default: int) -> int:
    """A setting that is a whole number."""
    found = text(name, str(default))
    if not found.isdecimal():
        raise Misconfigured(f"DUIXIAN_{name}={found}：要一个整数 (a whole number)")
    return int(found)


def names(name: str, default: str = "") -> list[str]:
    """A setting that is a list, separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def home() -> Path:
    """The folder of everything that is kept: database, uploads, policy versions, the key. Made where it is not there, for its owner alone."""
    folder = Path(text("HOME", "out/web")).resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def secret(folder: Path) -> str:
    """The key that signs sessions: made once, kept in a file only its owner reads, never in the repository."""
    path = folder / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(64)
        file.write(key)
    return key


def database(folder: Path) -> dict[str, Any]:
    """The database: SQLite in the folder, or PostgreSQL where DUIXIAN_DATABASE=postgresql://user:password@host:port/name says so."""
    url = text("DATABASE")
    if not url:
        # IMMEDIATE: a transaction takes the write lock at its start, so that read-then-write cannot fail half way (see docs/architecture.md)
        start = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "duixian.sqlite3", "CONN_MAX_AGE": KEPT,
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": start}}  # fmt: skip
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise Misconfigured(f"DUIXIAN_DATABASE：要写成 postgresql://用户:口令@主机:端口/库名 (as postgresql://…)，收到 {parts.scheme}://…")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    # lock_timeout: as long as SQLite waits; prepared reads (`prepared`) are planned once, not for every value
    options.setdefault("prepare_threshold", 1)  # only prepared reads bind their values at the server, so only they are kept there
    options.setdefault("options", "-c lock_timeout=30000 -c plan_cache_mode=force_generic_plan -c jit=off")
    return {"ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path.lstrip("/")), "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""), "HOST": host, "PORT": str(parts.port or ""), "CONN_MAX_AGE": KEPT, "OPTIONS": options}  # fmt: skip


def identity() -> dict[str, Any]:
    """The OpenID Connect provider for allauth; nothing where none is set. The secret comes from a file, never from the environment."""
    url = text("OIDC_URL")
    if not url:
        return {}
    file = Path(text("OIDC_SECRET_FILE"))
    if not text("OIDC_CLIENT") or not file.is_file():
        raise Misconfigured("DUIXIAN_OIDC_URL 设了，还要 DUIXIAN_OIDC_CLIENT 和 DUIXIAN_OIDC_SECRET_FILE（密钥文件） (client and secret file are needed too)")
    app = {"provider_id": "identity", "name": text("OIDC_NAME", "统一身份"), "client_id": text("OIDC_CLIENT"), "secret": file.read_text(encoding="utf-8").strip(),
           "settings": {"server_url": url, "token_auth_method": "client_secret_basic"}}  # fmt: skip
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
