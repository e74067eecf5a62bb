"""Messages: everybody's own."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from duixian.web.cases import applicant
from duixian.web.cases.actions import filing
from duixian.web.seats import EVERY, Route

from .attempts import attempt
from .handle import DESKS


def messages_page(request: HttpRequest) -> HttpResponse:
    """One's messages, unread first seen; POST marks the ones shown as read."""
    rows = applicant.messages_of(request.seat)
    if request.method == "POST":
        chosen = [int(one) for one in request.POST.getlist("message") if one.isdecimal() and len(one) < 15][:500]
        attempt(request, lambda: filing.read_messages(chosen, request.user, request.seat), _("已标为读过。"))
        return redirect("messages")
    only = request.GET.get("only") == "new"
    page = Paginator(rows.filter(read=None) if only else rows, 30).get_page(request.GET.get("page"))
    return render(request, "apply/messages.html", {"page": page, "only": only, "desk": request.seat.role in DESKS, "unread": rows.filter(read=None).count()})


ROUTES = [Route("messages/", messages_page, EVERY, ("GET", "POST"), "messages")]
