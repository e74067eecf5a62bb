"""What an applicant reads of a case's way: steps and a timeline in public words, from the record; nothing internal, nobody's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.ledger.books import Kind
from duixian.values.labels import amount_text
from duixian.web.language import spoken
from duixian.web.record.models import Event
from duixian.web.record.models import Kind as EventKind
from duixian.web.treasury.models import Transfer

from .models import Application, Comment, Line
from .procedure import STAGES

# action -> (what an applicant reads, whether the reason is told with it); an action that is not here is not told
TOLD = {
    "application.start": (gettext_lazy("开始填写"), False), "application.submit": (gettext_lazy("提交了申报"), False), "application.withdraw": (gettext_lazy("撤回了申报"), False),
    "application.verify": (gettext_lazy("属地核实完成"), False), "application.return": (gettext_lazy("退回补正：请按要求补齐后重新提交"), True),
    "application.prolong": (gettext_lazy("改了补正期限"), True), "application.accept": (gettext_lazy("审核通过"), False), "application.reject": (gettext_lazy("不予受理"), True), "application.audit": (gettext_lazy("审计完成"), False),
    "application.reopen": (gettext_lazy("重新审核"), False), "application.decide": (gettext_lazy("金额已核定"), False),
}  # fmt: skip
# a move of the money -> what its firm reads of it
PAID = {Kind.PAY.value: gettext_lazy("已拨付"), Kind.RETURN.value: gettext_lazy("银行退回"), Kind.RECOVER.value: gettext_lazy("已追回")}
# the state of a case -> the stage it stands at
_STANDS = {"draft": "apply", "returned": "apply", "submitted": "verify", "verified": "review", "auditing": "audit", "reviewed": "settle", "decided": "notice"}
_MARK = re.compile(r"^[\s·•-]*(?:\d{1,2}\s*[.．、)）](?!\d)|[（(]\d{1,2}[)）])?[\s·•-]*")  # how somebody numbered the lines of a return: the page does it itself
_ORDER = ("apply", "verify", "review", "audit", "settle", "notice", "pay")


class Step(NamedTuple):
    """One step of the way. state: done, now or ''."""

    name: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline."""

    at: datetime
    what: str
    text: str = ""
    mine: bool = False  # written by the applicant


def steps(case: Application, lines: list[Line]) -> list[Step]:
    """The way of a case through the procedure of its cycle, with what stands where now."""
    stages = [stage for stage in _ORDER if stage == "settle" or not case.cycle.procedure or any(step["stage"] == stage for step in case.cycle.procedure)]
    if not case.cycle.procedure:
        stages.remove("audit")
    here = _STANDS.get(case.state, "apply")
    if case.state == "decided" and lines and all(line.state in ("committed", "requested", "returned", "paid", "nothing", "dropped", "recovered") for line in lines):
        here = "pay"
    finished = bool(lines) and all(line.state in ("paid", "nothing", "dropped", "recovered") for line in lines)
    names = {stage: words[0] for stage, words in STAGES.items()} | {"settle": "核算"}
    found = []
    for stage in stages:
        place, now = _ORDER.index(stage), _ORDER.index(here)
        state = "done" if place < now or finished else "now" if place == now and case.state not in ("withdrawn", "rejected") else ""
        found.append(Step(_(names[stage]), state, _note(case, stage, state)))
    return found


def _note(case: Application, stage: str, state: str) -> str:
    limit = next((step for step in case.cycle.procedure if step["stage"] == stage and step.get("days")), None)
    if state == "now" and case.due is not None:
        return _("%s 前") % _day(case.due)
    if stage == "apply" and case.submitted:
        return _day(case.submitted.date())
    return f"{limit['days']} {_(limit['unit'])}" if limit and state != "done" else ""


def _day(day: date) -> str:
    return date_format(day, "j M" if spoken() == "en" else "n月j日")


def timeline(case: Application, lines: Sequence[Line] = ()) -> list[Told]:
    """Newest first: what was done in public words, what was said to each other, and what was paid of its lines. Three queries."""
    events = Event.objects.filter(subject=f"application:{case.pk}", kind=EventKind.WRITE, action__in=TOLD).select_related("seat").order_by("-number")[:200]
    found = [Told(one.at, str(TOLD[one.action][0]), one.reason if TOLD[one.action][1] else "", bool(one.seat and one.seat.party_id)) for one in events]
    comments = Comment.objects.filter(application=case, shared=True).select_related("by")
    found += [Told(one.at, _("您的留言") if one.by.party_id else _("办理部门留言"), one.text, bool(one.by.party_id)) for one in comments]
    awards = {line.item: line.award for line in lines}
    moves = Transfer.objects.filter(item__in=awards, kind__in=PAID) if awards else ()
    found += [Told(one.at, str(PAID[one.kind]), f"{awards[one.item]} {amount_text(one.amount_fen, spoken())}") for one in moves]
    return sorted(found, key=lambda one: one.at, reverse=True)


def defects(case: Application) -> list[str]:
    """What a return for correction asks for, one line each; empty where nothing was returned."""
    if case.state != "returned":
        return []
    last = Event.objects.filter(subject=f"application:{case.pk}", kind=EventKind.WRITE, action="application.return").order_by("-number").first()
    return [_MARK.sub("", line).strip() for line in last.reason.splitlines() if line.strip()] if last else []
