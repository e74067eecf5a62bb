"""The app `record`（记录）."""

from __future__ import annotations

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """记录."""

    name = "duixian.web.record"
    label = "record"
    verbose_name = "记录"

    def ready(self) -> None:
        """What is counted is forgotten again by whoever takes jobs."""
        from . import throttle  # noqa: F401 -- read so that its job is registered
