"""What views share: doing one action and telling how it went, reading a version from a form, handing out a workbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse

from duixian.values.diagnostic import Defects
from duixian.web.language import spoken
from duixian.web.record.book import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FAILED = object()


def do(request: HttpRequest, action: Callable[..., Any], *args: Any, done: str = "", **values: Any) -> Any:
    """Do one action. Its result, or FAILED where it was refused: then the reason is shown as a message."""
    try:
        found = action(*args, **values)
    except Refused as refusal:
        messages.error(request, refusal.text)
        return FAILED
    except Defects as defects:
        messages.error(request, "\n".join(one.render(spoken()) for one in defects.diagnostics[:30]))
        return FAILED
    if done:
        messages.success(request, done)
    return found


def version_in(request: HttpRequest) -> int:
    """The version the form was shown with; −1 where it is not there, which conflicts with any."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else -1


def page_of(request: HttpRequest, rows: Any, size: int = 50) -> Page[Any]:
    """One page of a list, by the address; a page beyond the end is the last."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def workbook(name: str, data: bytes) -> HttpResponse:
    """A workbook to keep, under a name in Chinese."""
    return download(name, data, XLSX)


def download(name: str, data: bytes, kind: str) -> HttpResponse:
    """A file to keep; never shown in the browser."""
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename=\"file\"; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
