"""Making and running a cycle: its days, standards, readings and procedure, each change signed with what stood there before; opened, closed, finished."""

from __future__ import annotations

from datetime import date
from typing import Any

from duixian.values.diagnostic import Defects
from duixian.values.workdays import CalendarMissing, exceptions_of
from duixian.web.cases import procedure, states, year_file
from duixian.web.cases.models import Application, Cycle, Line, PaymentRequest, PolicyVersion, Settlement, SpecialDecision
from duixian.web.cases.policies import programme_of, standards_of
from duixian.web.record.book import Conflict, Refused, acting
from duixian.web.registry.models import Role, Seat

from .moving import change, move_cycle

EDITABLE = ("preparing", "open", "closed")
FINAL = ("paid", "recovered", "dropped", "nothing")


def make(version_of: PolicyVersion, seat: Seat, *, name: str, year: int, opens: date, closes: date, notice_days: int, budget_document: str = "", standards: str = "") -> Cycle:
    """A cycle of a policy version, with the procedure of the year's file or the policy. Raises Refused where the standards cannot be read."""
    with acting(seat, "cycle.make", f"policy:{version_of.policy}") as page:
        _days(opens, closes, notice_days)
        list(PolicyVersion.objects.select_for_update(of=("self",)).filter(pk=version_of.pk).values_list("pk"))
        if Cycle.objects.filter(name=name.strip(), year=year).exists():
            raise Refused("cycle_has_a_name_of_its_own", f"{year} 年度已经有批次“{name.strip()}”。同一个名称分不清，请换一个。")
        found = Cycle(name=name.strip(), version_of=version_of, year=year, opens=opens, closes=closes, notice_days=notice_days, budget_document=budget_document.strip(), standards=standards, by=seat)
        _readable(found)
        found.procedure, unknown = procedure.steps_of(year_file.procedure_rows(programme_of(version_of), standards, year))
        found.save()
        page.new = {"cycle": found.pk, "name": found.name, "year": year, "policy": version_of.digest, "unknown_steps": unknown}
    return found


def _days(opens: date, closes: date, notice_days: int) -> None:
    if closes < opens:
        raise Refused("days_in_order", "申报截止不能早于开始。")
    if not 1 <= notice_days <= 60:
        raise Refused("notice_days_in_bounds", "公示期要在 1 至 60 个工作日之间。")
    loaded(opens, closes)


def loaded(first: date, last: date) -> None:
    """The holidays of every year between two days are loaded. Raises Refused with what to do."""
    try:
        for year in range(first.year, last.year + 1):
            exceptions_of(year)
    except CalendarMissing as missing:
        raise Refused("calendar_is_loaded", str(missing)) from missing


def _readable(cycle: Cycle) -> None:
    """The standards can be read against the policy. Raises Refused with every defect and its place."""
    try:
        standards_of(cycle)
    except Defects as defects:
        raise Refused("standards_can_be_read", "\n".join(one.render("zh") for one in defects.diagnostics[:30])) from defects


def amend(cycle: Cycle, seat: Seat, version: int, *, reason: str = "", **values: Any) -> list[str]:
    """Change what a cycle was set up with; what stood there before is signed. Returns what changed. Raises Refused once decided, Conflict.

    Once open, a change needs a reason: applicants rely on what was announced.
    """
    changed = {name: value for name, value in values.items() if getattr(cycle, name) != value}
    if not changed:
        return []
    with acting(seat, "cycle.amend", cycle, reason=reason) as page:
        if cycle.state not in EDITABLE:
            raise Refused("cycle_is_not_decided", "批次已经核定，标准、口径、程序和日期不能再改。")
        if cycle.state != "preparing" and not reason.strip():
            raise Refused("reason_is_given", "申报已经开始，改动要写明理由和依据。")
        page.old, page.new = ({name: _plain(value) for name, value in one.items()} for one in ({name: getattr(cycle, name) for name in changed}, changed))
        change(cycle, version, **changed)
        _days(cycle.opens, cycle.closes, cycle.notice_days)
        if {"standards", "year", "version_of"} & set(changed):
            _readable(cycle)
        Settlement.objects.filter(cycle=cycle, state="proposed").update(state="trial")  # what was proposed was computed from something else
    return sorted(changed)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, PolicyVersion) else value


def choose_readings(cycle: Cycle, seat: Seat, version: int, chosen: list[dict[str, str]], *, reason: str = "") -> list[str]:
    """Decide readings of the policy for this cycle: each with who decided it, when, and on which document. Raises Refused, Conflict."""
    known = programme_of(cycle.version_of).policy.readings
    for one in chosen:
        reading = known.get(one["reading"])
        if reading is None or one["option"] not in reading.options:
            raise Refused("reading_is_of_the_policy", f"政策里没有口径“{one['reading']}”的选项“{one['option']}”。")
        if not (one["who"].strip() and one["when"].strip() and one["document"].strip()):
            raise Refused("reading_is_decided_by_someone", f"口径“{one['reading']}”要写明谁定的、哪天、依据哪份文件。")
    return amend(cycle, seat, version, reason=reason, readings=chosen)


def run(cycle: Cycle, action: str, seat: Seat, version: int, *, reason: str = "") -> None:
    """Open, close, reopen or finish a cycle. Raises Refused, Conflict."""
    with acting(seat, f"cycle.{action}", cycle, reason=reason) as page:
        if action not in ("open", "close", "reopen", "finish"):
            raise Refused("cycle_move_is_in_the_table", "没有这个动作。")
        if seat.role not in (Role.HEAD, Role.OFFICER) or (action == "reopen" and seat.role != Role.HEAD):
            raise Refused("cycle_is_run_by_the_bureau", "重新开放申报要由负责人决定。" if action == "reopen" else "要由经办或负责人办理。")
        if cycle.version != version:
            raise Conflict
        if action == "open":
            loaded(cycle.opens, cycle.closes)
            _readable(cycle)
            if not cycle.procedure:
                raise Refused("cycle_has_a_procedure", "还没有程序表：先定下每一步由谁办、几个工作日。")
        elif action == "reopen":
            if not reason.strip():
                raise Refused("reason_is_given", "重新开放申报要写明理由。")
            Settlement.objects.filter(cycle=cycle, state="proposed").update(state="trial")
        elif action == "finish":
            _finished(cycle)
        move_cycle(cycle, action, page)


def _finished(cycle: Cycle) -> None:
    """Nothing of the cycle is under way. Raises Refused with what is."""
    open_ones = []
    if count := Line.objects.filter(settlement__cycle=cycle, settlement__state="frozen").exclude(state__in=FINAL).count():
        open_ones.append(f"{count} 笔还没有拨付完")
    if count := SpecialDecision.objects.filter(cycle=cycle).exclude(state__in=("paid", "recovered", "refused", "dropped")).count():
        open_ones.append(f"{count} 项规则之外的决定还没有办完")
    if count := PaymentRequest.objects.filter(cycle=cycle, state__in=("prepared", "sent")).count():
        open_ones.append(f"{count} 张请款单还没有办结")
    if count := Application.objects.filter(cycle=cycle, state__in=("submitted", "returned", "verified", "auditing", "reviewed")).count():
        open_ones.append(f"{count} 件申报还没有办完")
    if open_ones:
        raise Refused("nothing_is_under_way", "还不能办结：" + "；".join(open_ones) + "。")


def moves_of(cycle: Cycle, role: str) -> list[str]:
    """What a role may do with a cycle now, of what is done here."""
    own = {Role.OFFICER: ("open", "close", "finish"), Role.HEAD: ("open", "close", "reopen", "finish")}.get(Role(role), ())
    return [action for action in own if (cycle.state, action) in states.CYCLE_MOVES]
