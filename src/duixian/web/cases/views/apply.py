"""The applicant's desk: what one may have, applying, following the case."""

from __future__ import annotations

from duixian.web.seats import Route

ROUTES: list[Route] = []
