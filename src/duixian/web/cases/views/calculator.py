"""The public calculator: anybody may try an award of an open cycle; nothing is stored, nobody is asked who they are."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from duixian.web.cases import queries, tryout
from duixian.web.seats import PUBLIC, Route


def calculator(request: HttpRequest) -> HttpResponse:
    """The awards that can be tried, by policy."""
    return render(request, "calculator/list.html", {"policies": [(cycle, tryout.awards(cycle)) for cycle in tryout.cycles()]})


def calculate(request: HttpRequest, cycle: int, award: str) -> HttpResponse:
    """One award: what it asks, and what comes of the answers. POST only computes."""
    found = queries.cycle(None, cycle)
    page = tryout.page(found, award, request.POST if request.method == "POST" else {})
    if page is None:
        raise Http404
    shown, problems = page.result()
    name = "calculator/_result.html" if request.htmx else "calculator/try.html"
    return render(request, name, {"cycle": found, "page": page, "shown": shown, "problems": problems, "quiet": request.method == "GET"})


ROUTES = [
    Route("calculator/", calculator, PUBLIC),
    Route("calculator/<int:cycle>/<str:award>/", calculate, PUBLIC, ("GET", "POST")),
]
