"""Who is asking, and from which seat: the middleware, the guard of every route, what every page knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from .language import listed
from .prepared import prepared
from .record import book
from .registry.models import Role, Seat
from .unsent import sign_in_first

STAFF = frozenset({Role.TOWNSHIP, Role.OFFICER, Role.HEAD, Role.AUDITOR, Role.FINANCE, Role.ADMIN})
BUREAU = frozenset({Role.OFFICER, Role.HEAD})
EVERY = frozenset(Role)  # whoever has a seat
SIGNED_IN = frozenset({"signed in"})  # whoever has signed in, with or without a seat
PUBLIC: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """One address: who may ask for it and how. `tests/web/test_routes.py` fails where an address is not a Route."""

    path: str
    view: Callable[..., HttpResponse]
    seats: frozenset[Any]
    methods: tuple[str, ...] = ("GET",)
    name: str = ""

    @property
    def named(self) -> str:
        """Its name for `reverse`."""
        return self.name or self.view.__name__


def patterns(routes: Iterable[Route]) -> list[URLPattern]:
    """Routes as Django wants them, each behind its guard."""
    return [path(route.path, Guarded(route), name=route.named) for route in routes]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A view behind its guard: method, sign-in, second factor, seat. A refusal by seat is signed."""

    route: Route

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        route = self.route
        if request.method not in route.methods and not (request.method == "HEAD" and "GET" in route.methods):
            return _not_this_way(request, route)
        if route.seats:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if route.seats != SIGNED_IN:
                if request.seat is None or request.seat.role not in route.seats:
                    return refuse(request, route)
                if lacks_second_factor(request):
                    return redirect("mfa_index")  # where a code or a passkey is chosen
        answer = route.view(request, *args, **kwargs)
        if route.seats:  # of one person: no cache between keeps it; what a form was answered with (an account shown once, for one) no cache at all
            answer.headers.setdefault("Cache-Control", "private, no-cache" if request.method in ("GET", "HEAD") else "no-store")
        return answer


def _not_this_way(request: HttpRequest, route: Route) -> HttpResponse:
    """An address that a button sends something to, asked for as a page: reloaded from the address bar, the language switched after a form said what was wrong."""
    answer = HttpResponseNotAllowed(route.methods)
    if request.method == "GET":
        text = _("这个地址只收表单，不是一页。刚才提交的如果有提示没办成，就没有办。请从菜单回到原来那一页。")
        answer.content = render(request, "error.html", {"title": _("这里没有页面"), "text": text}).content
    return answer


def refuse(request: HttpRequest, route: Route) -> HttpResponse:
    """Not from this seat: said, and signed."""
    needed = listed(Role(role).label for role in Role if role in route.seats)
    book.refused(request.seat, f"route.{route.named}", None, book.Refused("route_needs_another_seat", needed), user=request.user)
    return render(request, "refused.html", {"needed": needed}, status=403)


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether staff has not set up a second factor yet. Who has one was asked for it at sign-in (allauth)."""
    if not settings.STAFF_NEED_SECOND_FACTOR or request.seat.role not in STAFF:
        return False
    if not request.session.get("second factor"):
        from allauth.mfa.utils import is_mfa_enabled

        if not is_mfa_enabled(request.user):
            return True
        request.session["second factor"] = True
    return False


@prepared
def _seats_of(user: int) -> QuerySet[Seat]:
    return Seat.objects.filter(user=user, ended=None).select_related("party", "division", "user")


class SeatMiddleware:
    """Sets `request.seat`: the seat chosen in this session, else the only or first one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.seats, request.seat = [], None
        if known := request.user.is_authenticated:
            request.seats = _seats_of(request.user.pk)
            chosen = request.session.get("seat")
            request.seat = next((seat for seat in request.seats if seat.pk == chosen), request.seats[0] if request.seats else None)
        answer = self.get_response(request)
        if known and not request.user.is_authenticated:  # signed out: the way back of the browser shows nothing of it to whoever sits down next
            answer["Clear-Site-Data"] = '"cache"'
        return answer


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page knows."""
    from .cases.menu import menu, unread_of

    seat = getattr(request, "seat", None)
    return {"whose_system": settings.BUREAU, "demonstration": settings.DEMONSTRATION, "seat": seat, "menu": menu(request), "today": timezone.localdate(),
            "session_seconds": settings.SESSION_COOKIE_AGE, "unread": lambda: unread_of(request)}  # fmt: skip
