"""The timeline of a case: every event of the record in staff words, with the opinion or comment that belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from duixian.web.language import aside, said
from duixian.web.prepared import prepared
from duixian.web.record.models import Event, Kind
from duixian.web.registry.models import Seat

from . import states
from .acts import words_of
from .models import Application, Comment


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline. tone: '' for a write, wait for a read, bad for a refusal. count: how many like it in a row."""

    at: datetime
    what: str
    who: str
    text: str = ""
    tone: str = ""
    count: int = 1


@prepared
def _events(subject: str) -> QuerySet[Event]:
    return Event.objects.filter(subject=subject).select_related("user", "seat__user", "seat__party", "seat__division").order_by("number")


def timeline(case: Application, written: Iterable[Comment]) -> list[Entry]:
    """Everything that happened to a case, newest first; one query."""
    events = _events(f"application:{case.pk}")
    comments = {(one.by_id, one.at.replace(microsecond=0)): one for one in written}
    return list(reversed(_folded(_entry(event, comments) for event in events)))


def _entry(event: Event, comments: dict[tuple[int, datetime], Comment]) -> Entry:
    what = words_of(event.action)
    text, tone = event.reason, ""
    if event.kind == Kind.REFUSED:
        return Entry(event.at, _("没有办成：%s") % what, who(event.seat, event), text, "bad")
    if event.kind == Kind.READ:
        return Entry(event.at, what, who(event.seat, event), "", "wait")
    old, new = event.old.get("state"), event.new.get("state")
    if event.action == "application.comment":
        found = comments.get((event.seat_id or 0, event.at.replace(microsecond=0)))
        what = _("留言（申报单位可见）") if event.new.get("shared") else _("留言（内部）")
        text = found.text if found else text
    elif event.action == "application.adjust":
        what = _("调整 %(object)s %(fact)s") % {"object": event.new.get("object", ""), "fact": event.new.get("fact", "")}
    elif event.action == "application.claim":
        what = _("选了 %(award)s（%(object)s）") % {"award": event.new.get("award", ""), "object": event.new.get("object", "")}
    elif event.action == "application.verify":
        what = _("属地核实：%s") % said(event.new.get("result", ""))
    if old and new and old != new and old in states.STATES and new in states.STATES:
        what += aside(f"{_(states.STATES[old].inside)} → {_(states.STATES[new].inside)}")
    return Entry(event.at, what, who(event.seat, event), text, tone)


def who(seat: Seat | None, event: Event | None = None) -> str:
    """A person and the seat, as staff read it."""
    if seat is None:
        return str(event.user) if event is not None and event.user else _("系统")
    return f"{seat.user} · {seat}"


def _folded(entries: Iterable[Entry]) -> list[Entry]:
    """Like entries of one person in a row as one."""
    found: list[Entry] = []
    for entry in entries:
        last = found[-1] if found else None
        if last is not None and (last.what, last.who, last.text, last.tone) == (entry.what, entry.who, entry.text, entry.tone):
            found[-1] = Entry(entry.at, entry.what, entry.who, entry.text, entry.tone, last.count + 1)
        else:
            found.append(entry)
    return found
