"""What an event of a cycle changed, for people: the words of the act, each field with what stood there before and after, long texts line by line."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from duixian.web.language import said
from duixian.web.record.models import Event

from .states import CYCLE

FIELDS = {
    "name": _("名称"), "opens": _("开始申报"), "closes": _("申报截止"), "notice_days": _("公示工作日"), "budget_document": _("预算依据"), "standards": _("年度标准"), "readings": _("口径"),
    "procedure": _("程序"), "state": _("状态"), "year": _("奖补年度"), "version_of": _("政策版本"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an event. lines: (gone | come | same, text) where it is a long text."""

    name: str
    old: str
    new: str
    lines: tuple[tuple[str, str], ...] = ()


def of(event: Event) -> list[Change]:
    """What an event changed, field by field."""
    found = []
    for name, old in event.old.items():
        new = event.new.get(name)
        if old == new:
            continue
        before, after = _text(name, old), _text(name, new)
        lines = lines_of(before, after) if "\n" in before + after else ()
        found.append(Change(str(FIELDS.get(name, name)), before, after, lines))
    return found


def lines_of(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Two texts line by line, two lines around each change."""
    tones = {"-": "gone", "+": "come", " ": "same", "@": "same"}
    rows = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return tuple((tones[row[0]], "…" if row[0] == "@" else row) for row in rows)


def _text(name: str, value: Any) -> str:
    if name == "state":
        return said(CYCLE[value].inside) if value in CYCLE else str(value)
    if name == "readings":
        return "\n".join(f"{one['reading']}＝{one['option']}（{one['who']}，{one['when']}，{one['document']}）" for one in value or []) + "\n"
    if name == "procedure":
        return "\n".join(f"{one['name']}　{one['seat']}　{one['days'] or said('不限')}{said(one['unit']) if one['days'] else ''}" for one in value or []) + "\n"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
