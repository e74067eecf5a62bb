"""The desks that handle cases: township, bureau, auditor."""

from __future__ import annotations

from duixian.web.seats import Route

ROUTES: list[Route] = []
