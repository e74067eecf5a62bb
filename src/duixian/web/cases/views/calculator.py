"""The public calculator: anybody may try an award of an open cycle; nothing is stored, nobody is asked who they are."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings as house
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.web.cases import queries, tryout
from duixian.web.record import throttle
from duixian.web.seats import PUBLIC, Route

WINDOW, STEP = timedelta(minutes=10), 10  # every tenth try is counted in the database


def calculator(request: HttpRequest) -> HttpResponse:
    """The awards that can be tried, by policy."""
    return render(request, "calculator/list.html", {"policies": [(cycle, tryout.awards(cycle)) for cycle in tryout.cycles()]})


def calculate(request: HttpRequest, cycle: int, award: str) -> HttpResponse:
    """One award: what it asks, and what comes of the answers. POST only computes."""
    found = queries.cycle(None, cycle)
    page = tryout.page(found, award, request.POST if request.method == "POST" else {})
    if page is None:
        raise Http404
    if request.method == "POST" and (until := throttle.over("calculator", throttle.address_of(request), house.CALCULATOR_MOST, WINDOW, step=STEP)):
        return _too_many(request, until)
    shown, problems = page.result()
    name = "calculator/_result.html" if request.htmx else "calculator/try.html"
    return render(request, name, {"cycle": found, "page": page, "shown": shown, "problems": problems, "quiet": request.method == "GET", "partial": bool(request.htmx)})


def _too_many(request: HttpRequest, until: datetime) -> HttpResponse:
    """The answer to whoever asks too fast: when to try again. What was filled in stays on the page."""
    text = _("算得太频繁。请 %s 以后再试；填过的还在页面上。") % throttle.when(until)
    if request.htmx:
        answer = HttpResponse(text, status=429, content_type="text/plain; charset=utf-8")
    else:
        answer = render(request, "error.html", {"title": _("算得太频繁"), "text": text}, status=429)
    answer["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds()) + 1))
    return answer


ROUTES = [
    Route("calculator/", calculator, PUBLIC),
    Route("calculator/<int:cycle>/<str:award>/", calculate, PUBLIC, ("GET", "POST")),
]
