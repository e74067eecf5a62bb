"""Moving things from state to state: by the one table, by compare-and-set, never on one's own case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from duixian.web.cases import states
from duixian.web.cases.bases import Proposal, Versioned
from duixian.web.cases.deadlines import due_of
from duixian.web.cases.models import Application, Cycle, Line, SpecialDecision
from duixian.web.record.book import Conflict, Page, Refused
from duixian.web.registry.models import Party, Role, Seat
from duixian.web.seats import BUREAU


def change(instance: Versioned, version: int, **values: Any) -> None:
    """Compare-and-set: write where nobody wrote since `version` was read. Raises Conflict."""
    rows = type(instance)._default_manager.filter(pk=instance.pk, version=version)
    if rows.update(version=F("version") + 1, **values) != 1:
        raise Conflict
    for name, value in values.items():
        setattr(instance, name, value)
    instance.version = version + 1


def not_own(seat: Seat, application: Application) -> None:
    """Nobody decides their own case: whoever holds or held a seat of the applicant may not. Raises Refused."""
    if seat.role != Role.APPLICANT and Seat.objects.filter(user=seat.user_id, party=application.party_id).exists():
        raise Refused("nobody_decides_their_own_case", "您是（或曾是）这家申报单位的人，不能办理这一件。请转给其他同事。")


def another_person(first: Seat, second: Seat) -> None:
    """A sensitive act needs a second person. Raises Refused."""
    if first.user_id == second.user_id:
        raise Refused("second_person", "这一步要由另一个人确认。")


def by_the_bureau(seat: Seat, *parties: Party) -> None:
    """What is on file of parties is changed by an officer or the head, and never by who is or was theirs. Raises Refused."""
    if seat.role not in BUREAU:
        raise Refused("bureau_only", "由经办或负责人来改。")
    if Seat.objects.filter(user=seat.user_id, party__in=parties).exists():
        raise Refused("nobody_decides_their_own_case", "您是（或曾是）这家单位的人，不能改它的资料。请转给其他同事。")


def second_look(proposal: Proposal, seat: Seat, *, use: bool) -> None:
    """Another person uses or refuses what was put forward: compare-and-set, once. Raises Refused, Conflict."""
    another_person(proposal.by, seat)
    state = "used" if use else "refused"
    if type(proposal)._default_manager.filter(pk=proposal.pk, state="proposed").update(state=state, checked_by=seat, checked=timezone.now()) != 1:
        raise Conflict
    proposal.state = state


def move(application: Application, action: str, seat: Seat, page: Page, *, version: int | None = None, reason: str = "", **values: Any) -> None:
    """Move an application by an action of the table; sets its due day by the procedure, where no other is given. Raises Refused (not in the table, no reason, own case) or Conflict."""
    one = states.move(action)
    if seat.role not in one.roles or application.state not in one.sources:
        where = states.STATES[application.state].inside
        raise Refused("move_is_in_the_table", f"现在是“{where}”，{seat.get_role_display()}不能“{one.label}”。请刷新后看现在可以做什么。")
    if seat.role != Role.APPLICANT:
        not_own(seat, application)
    if one.needs_reason and not reason.strip():
        raise Refused("reason_is_given", f"“{one.label}”要写明理由。")
    page.old, page.new, page.reason = {**page.old, "state": application.state}, {**page.new, "state": one.target}, reason
    change(application, application.version if version is None else version, state=one.target, **({"due": _due(application.cycle, one.target)} | values))


def move_all(applications: Sequence[Application], action: str, seat: Seat) -> None:
    """Move many applications at once by an action that needs no reason, all or none: compare-and-set on the version each had. Raises Refused or Conflict."""
    one = states.move(action)
    if seat.role not in one.roles or any(application.state not in one.sources for application in applications) or one.needs_reason or one.target in _DESK:
        raise Refused("move_is_in_the_table", f"{seat.get_role_display()}不能对这些申报“{one.label}”。请刷新后看现在可以做什么。")
    own = set(Seat.objects.filter(user=seat.user_id, party__isnull=False).values_list("party", flat=True)) & {application.party_id for application in applications}
    if own:
        not_own(seat, next(application for application in applications if application.party_id in own))
    versions: dict[tuple[str, int], list[Application]] = {}
    for application in applications:
        versions.setdefault((application.state, application.version), []).append(application)
    for (state, version), group in versions.items():
        for start in range(0, len(group), 500):
            some = [application.pk for application in group[start : start + 500]]
            if Application.objects.filter(pk__in=some, state=state, version=version).update(state=one.target, due=None, version=F("version") + 1) != len(some):
                raise Conflict
        for application in group:
            application.state, application.due, application.version = one.target, None, version + 1


_DESK = {"submitted": "verify", "verified": "review", "auditing": "audit"}


def _due(cycle: Cycle, state: str) -> date | None:
    return due_of(cycle, _DESK[state]) if state in _DESK else None


def move_line(line: Line, action: str) -> None:
    """Move a line by an action of the table. Raises Refused or Conflict."""
    target = states.LINE_MOVES.get((line.state, action))
    if target is None:
        raise Refused("line_move_is_in_the_table", f"这一笔现在是“{states.LINE[line.state].inside}”，不能这样做。")
    change(line, line.version, state=target)


def move_lines(lines: Sequence[Line], action: str) -> None:
    """Move many lines at once by an action of the table, all or none: compare-and-set on the state each had. Raises Refused or Conflict."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.state, []).append(line)
    for source, group in groups.items():
        target = states.LINE_MOVES.get((source, action))
        if target is None:
            raise Refused("line_move_is_in_the_table", f"有 {len(group)} 笔现在是“{states.LINE[source].inside}”，不能这样做。")
        for start in range(0, len(group), 500):
            some = [line.pk for line in group[start : start + 500]]
            if Line.objects.filter(pk__in=some, state=source).update(state=target, version=F("version") + 1) != len(some):
                raise Conflict
        for line in group:
            line.state, line.version = target, line.version + 1


def move_special(special: SpecialDecision, action: str, **values: Any) -> None:
    """Move a decision outside the rules by an action of its table. Raises Refused or Conflict."""
    target = states.SPECIAL_MOVES.get((special.state, action))
    if target is None:
        raise Refused("special_move_is_in_the_table", f"这项决定现在是“{states.SPECIAL[special.state].inside}”，不能这样做。")
    change(special, special.version, state=target, **values)


def move_cycle(cycle: Cycle, action: str, page: Page) -> None:
    """Move a cycle by an action of the table. Raises Refused or Conflict."""
    target = states.CYCLE_MOVES.get((cycle.state, action))
    if target is None:
        raise Refused("cycle_move_is_in_the_table", f"批次现在是“{states.CYCLE[cycle.state].inside}”，不能这样做。")
    page.old, page.new = {**page.old, "state": cycle.state}, {**page.new, "state": target}
    change(cycle, cycle.version, state=target)
