"""What the applicant's pages share: doing one action and saying how it went; the version a form was shown with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from duixian.web.language import said
from duixian.web.record.book import Refused


def attempt(request: HttpRequest, doing: Callable[[], Any], done: str = "", at: str = "", named: str = "") -> Any:
    """Do one action and say how it went; None where it was refused. at: the part of the page it is said at, not at its top; named: which of several it was."""
    try:
        found = doing()
    except Refused as refusal:
        messages.error(request, _("“{}”没有收下：{}").format(named, said(refusal.text)) if named else refusal.text, extra_tags=at)
        return None
    if done:
        messages.success(request, done, extra_tags=at)
    return True if found is None else found


def version(request: HttpRequest) -> int | None:
    """The version of the case the form was shown with."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None
