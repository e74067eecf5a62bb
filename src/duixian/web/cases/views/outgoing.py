"""What went out of messages and what did not."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from duixian.web.cases import objects, queries
from duixian.web.cases.actions import outbox
from duixian.web.cases.models import Delivery
from duixian.web.record.book import Refused
from duixian.web.registry.models import Role
from duixian.web.seats import Route

READERS = frozenset({Role.OFFICER, Role.HEAD, Role.ADMIN})


def outgoing(request: HttpRequest) -> HttpResponse:
    """Deliveries, those that want a person first."""
    state = request.GET.get("state", "")
    page = Paginator(queries.deliveries(state), 50).get_page(request.GET.get("page"))
    return render(request, "handle/outgoing.html", {"page": page, "state": state, "counts": queries.delivery_counts(), "states": Delivery.State.choices})


def outgoing_again(request: HttpRequest, number: int) -> HttpResponse:
    """Send one more time."""
    try:
        outbox.again(objects.one(Delivery, number), request.seat)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("已放回待发。"))
    return redirect("outgoing")


ROUTES = [
    Route("outgoing/", outgoing, READERS),
    Route("outgoing/<int:number>/", outgoing_again, READERS, ("POST",)),
]
