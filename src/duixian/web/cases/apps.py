"""The app `cases`（办件）."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """办件."""

    name = "duixian.web.cases"
    label = "cases"
    verbose_name = "办件"

    def ready(self) -> None:
        """The long work of cases is known to whoever takes jobs."""
        from . import jobs  # noqa: F401 -- read so that its jobs are registered
        from .actions import closing, outbox  # noqa: F401 -- likewise
