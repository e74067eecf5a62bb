"""PostgreSQL only: a cursor whose statements are prepared by the server the first time they are asked on a connection."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.base import ServerBindingCursor


class PlannedCursor(ServerBindingCursor):
    """Values go to the server apart from the SQL, and the SQL is parsed and planned once."""

    def execute(self, query: Any, params: Any = None) -> Any:
        """Ask, prepared."""
        return super().execute(query, params, prepare=True)
