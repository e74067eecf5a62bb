"""Making cycles, settling them, deciding."""

from __future__ import annotations

from duixian.web.seats import Route

ROUTES: list[Route] = []
