"""Sending a text message: one small interface. The default writes each message as a file; a bureau names the class of its own gateway in DUIXIAN_SMS."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class NotTaken(Exception):
    """The gateway has certainly not taken the message: it may be tried again. Any other exception leaves it open whether it did."""


class Gateway(Protocol):
    """A gateway. idempotent: the same key sent twice goes out once, so that it may be asked again after an interruption."""

    idempotent: bool

    def send(self, phone: str, text: str, *, key: str) -> None:
        """Hand a message over. Raises NotTaken."""


class FileGateway:
    """Each message a file in settings.SMS_FOLDER, for its owner alone; the same key is the same file."""

    idempotent = True

    def send(self, phone: str, text: str, *, key: str) -> None:
        """Write the file where it is not there yet."""
        folder = Path(settings.SMS_FOLDER)
        draft = folder / f".{key}.{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(f"{phone}\n{text}\n")
            draft.replace(folder / f"{key}.txt")
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise NotTaken(type(error).__name__) from error


def gateway() -> Gateway:
    """The gateway of the settings."""
    return import_string(settings.SMS_GATEWAY)()
