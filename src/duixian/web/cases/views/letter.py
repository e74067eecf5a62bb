"""The letter about a case, to be printed: for the firm, and for whoever hands it over."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from duixian.web.cases import queries
from duixian.web.cases.letters import letter_of
from duixian.web.seats import Route

from .evidence import READING


def letter(request: HttpRequest, number: str) -> HttpResponse:
    """What is told in writing of how a case stands."""
    found = queries.application(request.seat, number)
    told = letter_of(found)
    if told is None:
        raise Http404
    return render(request, "apply/letter.html", {"case": found, "letter": told})


ROUTES = [Route("letters/<slug:number>/", letter, READING)]
