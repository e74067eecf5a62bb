"""The main menu, by seat: what a seat comes for, in the order of its work."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from duixian.web.prepared import prepared
from duixian.web.registry.models import Role

from .models import Message

MOST_UNREAD = 99


class Entry(NamedTuple):
    """One entry: its words, its route, whether it is the page's own, the route's name."""

    label: str
    url: str
    here: bool
    name: str = ""


_PUBLIC = ((_("政策"), "library"), (_("算一算"), "calculator"), (_("公示"), "notices"))
_BY_ROLE = {
    Role.APPLICANT: ((_("我的申报"), "my_applications"), (_("消息"), "messages")),
    Role.TOWNSHIP: ((_("待办"), "worklist"), (_("消息"), "messages")),
    Role.OFFICER: ((_("待办"), "worklist"), (_("批次"), "cycle_list"), (_("数据"), "registry"), (_("账"), "accounts"), (_("消息"), "messages")),
    Role.HEAD: ((_("待办"), "worklist"), (_("批次"), "cycle_list"), (_("数据"), "registry"), (_("账"), "accounts"), (_("消息"), "messages")),
    Role.AUDITOR: ((_("待办"), "worklist"), (_("批次"), "cycle_list"), (_("数据"), "registry"), (_("消息"), "messages")),
    Role.FINANCE: ((_("请款单"), "requests"), (_("账"), "accounts"), (_("消息"), "messages")),
    Role.ADMIN: ((_("人员和席位"), "people"), (_("工作日"), "calendar"), (_("记录"), "record"), (_("通知"), "outgoing"), (_("消息"), "messages")),
}


def menu(request: HttpRequest) -> list[Entry]:
    """The entries of the seat that asks; entries whose page is not there are left out."""
    seat = getattr(request, "seat", None)
    found = []
    for label, name in (*(_BY_ROLE[Role(seat.role)] if seat else ()), *_PUBLIC):
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        found.append(Entry(str(label), url, request.path == url or (url != "/" and request.path.startswith(url)), name))
    return found


@prepared
def _unread(user: int) -> QuerySet[int]:
    return Message.objects.filter(user=user, read=None).order_by().values_list("pk", flat=True)[: MOST_UNREAD + 1]


def unread_of(request: HttpRequest) -> str:
    """How many messages were not read yet, as the menu says it: '' for none, 99+ for many. One small read, and only of a page that asks."""
    if not request.user.is_authenticated:
        return ""
    count = len(list(_unread(request.user.pk)))
    return "" if not count else f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count)
