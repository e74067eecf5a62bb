"""What everybody may see: the policies, the notices; and the pages of refusal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.i18n import set_language

from duixian.web.cases import deadlines, library, queries_money
from duixian.web.cases.menu import menu
from duixian.web.registry import people
from duixian.web.seats import PUBLIC, SIGNED_IN, Route


def home(request: HttpRequest) -> HttpResponse:
    """The public front page: what can be applied for now and until when, how it is done, what is on notice."""
    shelf = library.shelf(None)
    open_now = [(row, cycle, deadlines.left(cycle.closes)) for row in shelf for cycle in row.open]
    notices = list(queries_money.notices()[:6])
    today = timezone.localdate()
    running = [(one, deadlines.left(one.last_day)) for one in notices if one.state == "published" and one.last_day >= today]
    desk = next((entry for entry in menu(request) if request.seat is not None), None)
    return render(request, "public/home.html", {
        "open": open_now, "shelf": shelf, "running": running, "finished": [one for one in notices if one.state == "finished"], "desk": desk,
    })  # fmt: skip


def choose_seat(request: HttpRequest) -> HttpResponse:
    """Sit down on another of one's own seats."""
    chosen = next((seat for seat in request.seats if str(seat.pk) == request.POST.get("seat")), None)
    if chosen is None:
        messages.error(request, _("没有这个席位。"))
    else:
        request.session["seat"] = chosen.pk
    return redirect("home")


def choose_language(request: HttpRequest) -> HttpResponse:
    """Read on in the other language: a cookie, as Django sets it; kept for whoever has signed in, so that messages come in it too."""
    response, chosen = set_language(request), request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES) and chosen != request.user.language:
        people.speak(request.user, chosen)
    return response


def stay(request: HttpRequest) -> HttpResponse:
    """Keep the session: asked for by the warning before the time-out."""
    return HttpResponse(status=204)


def not_taken(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What was sent is too much or cannot be read: said on a page, not with two bare words."""
    text = _("刚才这一步没有办：一次提交的内容太多，或者读不出来。请回到上一页，少填一些或分几次提交。")
    if getattr(request, "htmx", False):
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    return render(request, "error.html", {"title": _("这次提交收不下"), "text": text}, status=400)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Not there, or not for this seat: the same page."""
    return render(request, "error.html", {"title": _("没有这一页"), "text": _("地址不对，或者这个席位看不到。")}, status=404)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Not allowed."""
    return render(request, "error.html", {"title": _("不能这样做"), "text": _("这个席位没有这项权限；已经记录。")}, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    """A fault of the program: nothing half-done is left."""
    return render(request, "error.html", {"title": _("程序出错"), "text": _("刚才的操作没有生效，数据没有变。请稍后再试；还不行，请告诉管理员时间和页面。")}, status=500)


ROUTES = [
    Route("", home, PUBLIC),
    Route("seat/", choose_seat, SIGNED_IN, ("POST",)),
    Route("stay/", stay, SIGNED_IN, ("POST",)),
    Route("language/", choose_language, PUBLIC, ("POST",), "set_language"),
]
