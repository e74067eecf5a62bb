"""When the database or the disk cannot take it now: a clear page, nothing half-done; and sessions that are saved once a minute, not at every page."""

from __future__ import annotations

import errno
import logging
from typing import Any

from django.contrib.sessions.middleware import SessionMiddleware
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

FRESH = 60  # seconds for which a session counts as just saved
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
log = logging.getLogger("duixian.web")


def words_of(error: BaseException) -> tuple[str, str] | None:
    """What to say of a trouble that is nobody's fault here: (title, what to do); None where it is a fault of the program."""
    if isinstance(error, OSError) and not isinstance(error, ConnectionError) and error.errno in _FULL:
        full = True
    elif isinstance(error, OperationalError):
        text = str(error).lower()
        full = "full" in text or "no space" in text or "disk i/o" in text
    else:
        return None
    if full:
        return _("服务器的磁盘满了"), _("刚才的操作没有生效，已经保存的都在。请告诉管理员腾出磁盘空间，然后再做一次。")
    return _("系统正忙"), _("刚才的操作没有生效，数据没有变。请过半分钟再做一次；一直这样，请告诉管理员。")


def page_of(request: HttpRequest, words: tuple[str, str]) -> HttpResponse:
    """The page that says so; for a part of a page the words alone."""
    title, text = words
    if getattr(request, "htmx", False):
        response = HttpResponse(f"{title}：{text}", status=503, content_type="text/plain; charset=utf-8")
    else:
        response = render(request, "error.html", {"title": title, "text": text}, status=503)
    response["Retry-After"] = "30"
    response["Cache-Control"] = "no-store"
    return response


class TroubleMiddleware:
    """Says on a page what is wrong where the database is locked or gone or the disk is full. What was begun was undone by its transaction."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page, or None for faults of the program."""
        words = words_of(error)
        if words is None:
            return None
        log.error("%s %s: %s", request.method, request.path, error)
        return page_of(request, words)


class OnceAMinute(SessionMiddleware):
    """A session goes on as long as somebody works, but is written once a minute at most: a page that only reads writes nothing."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save what has changed; renew what is older than a minute. A renewal that cannot be written now is left for the next page."""
        renewed = False
        if response.status_code < 500 and request.session.session_key and not request.session.modified and request.session.get("_auth_user_id"):
            now = int(timezone.now().timestamp())
            if not 0 <= now - request.session.get("renewed", 0) < FRESH:
                request.session["renewed"], renewed = now, True
        try:
            return super().process_response(request, response)
        except OperationalError as error:
            log.warning("the session could not be saved: %s", error)
            words = words_of(error)
            return response if renewed or words is None else page_of(request, words)
