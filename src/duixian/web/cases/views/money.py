"""The year's total, notices, payment requests, the ledger."""

from __future__ import annotations

from duixian.web.seats import Route

ROUTES: list[Route] = []
