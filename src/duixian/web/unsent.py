"""What somebody typed is not lost because a session or a form ran out meanwhile: the page that says so carries it along, to be sent again."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _

_OURS = ("csrfmiddlewaretoken", "next")  # fields that nobody typed
_MOST = 300  # fields that are carried along; a longer form is saved field by field


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Nobody is signed in (any more): to the sign-in page and back to where one was; or, where a form was sent, a page that keeps what it said."""
    partial = getattr(request, "htmx", False)
    if request.method in ("GET", "HEAD"):
        back = (request.htmx.current_url_abs_path or "/") if partial else request.get_full_path()
        there = _sign_in(back)
        return HttpResponse(status=204, headers={"HX-Redirect": there}) if partial else redirect(there)
    if partial:
        return HttpResponse(_("登录已经过期，这一处没有存上。请在新的标签页登录，再回到这一页改一次；这一页上写的还在。"), status=401, content_type="text/plain; charset=utf-8")
    fields = _typed(request)
    if not fields:
        return redirect(_sign_in(_before(request)))
    return _again(request, fields, _("登录已经过期"), _("刚才这一步没有办，写的都还在这里，没有丢。"), sign_in=_sign_in("/"), status=401)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is not of this session: the cookies are gone, it was open while one signed in again, or it came from elsewhere (then nothing of it is carried along)."""
    if getattr(request, "htmx", False):
        response = HttpResponse(_("页面已过期，刚才的改动没有存上。请再改一次。"), status=403, content_type="text/plain; charset=utf-8")
        if _from_here(request):
            response["X-Form-Token"] = get_token(request)
        return response
    if fields := _typed(request):
        if settings.CSRF_COOKIE_NAME not in request.COOKIES:
            text = _("浏览器没有带上这个网站的 Cookie：清除过，或者不允许存。刚才这一步没有办，写的都还在这里，没有丢。")
            return _again(request, fields, _("浏览器里的 Cookie 不见了"), text, sign_in="" if _for_everybody(request) else _sign_in("/"), status=403)
        return _again(request, fields, _("页面已过期"), _("这一页打开以后您重新登录过，所以刚才这一步没有办。写的都还在，请再提交一次。"), status=403)
    return render(request, "error.html", {"title": _("页面已过期"), "text": _("刚才这一步没有办。请回到上一页，刷新后再做一次。")}, status=403)


def _again(request: HttpRequest, fields: list[tuple[str, str]], title: str, text: str, *, status: int, sign_in: str = "") -> HttpResponse:
    long = [value for _name, value in fields if len(value) > 20]
    context = {"title": title, "text": text, "sign_in": sign_in, "action": request.get_full_path(), "fields": fields, "long": long, "files": bool(request.FILES), "back": _before(request)}
    response = render(request, "unsent.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form of ours that was sent; none where it is not certain that it is ours, or where it holds a password."""
    if not _from_here(request) or any("password" in name for name in request.POST) or request.path.startswith("/account/"):
        return []
    found = [(name, value) for name, values in request.POST.lists() if name not in _OURS for value in values]
    return found if len(found) <= _MOST else []


def _from_here(request: HttpRequest) -> bool:
    """Whether the browser vouches that a page of this very place sent it."""
    return request.META.get("HTTP_ORIGIN", "") == f"{request.scheme}://{request.get_host()}"


def _before(request: HttpRequest) -> str:
    """The page a form was sent from, as a path of this place."""
    parts = urlsplit(request.META.get("HTTP_REFERER", ""))
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == request.get_host() and parts.path.startswith("/") and not parts.path.startswith("//") else "/"


def _for_everybody(request: HttpRequest) -> bool:
    """Whether the address asks nobody to sign in, or somebody has."""
    route = getattr(request.resolver_match.func, "route", None) if request.resolver_match else None
    return request.user.is_authenticated or route is None or not route.seats


def _sign_in(back: str) -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back}, safe='/')}"
