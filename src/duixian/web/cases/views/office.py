"""The administrator's desk: people, seats, calendar, the record."""

from __future__ import annotations

from duixian.web.seats import Route

ROUTES: list[Route] = []
