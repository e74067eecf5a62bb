"""What the applicant's pages share: doing one action and saying how it went; the version a form was shown with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from duixian.web.record.book import Refused


def attempt(request: HttpRequest, doing: Callable[[], Any], done: str = "") -> Any:
    """Do one action and say how it went; None where it was refused."""
    try:
        found = doing()
    except Refused as refusal:
        messages.error(request, refusal.text)
        return None
    if done:
        messages.success(request, done)
    return True if found is None else found


def version(request: HttpRequest) -> int | None:
    """The version of the case the form was shown with."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None
