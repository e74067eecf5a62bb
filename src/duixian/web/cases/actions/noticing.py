"""The public notice: names, clauses and amounts for some working days; objections; then what was not objected to is committed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils import timezone

from duixian.ledger.books import Kind, Move
from duixian.tables.notice import UNNAMED, public_name
from duixian.values.facts import Thing
from duixian.web.cases.deadlines import last_day_of_notice
from duixian.web.cases.models import Cycle, Line, Notice, Objection, Settlement
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Party, Seat
from duixian.web.treasury import actions as treasury

from .moving import change, move_cycle, move_line, move_lines


def publish(cycle: Cycle, seat: Seat, title: str) -> Notice:
    """Publish the decided lines. The page shows these rows byte for byte; their hash is kept. Raises Refused."""
    with acting(seat, "notice.publish", cycle) as page:
        settlement = Settlement.objects.filter(cycle=cycle, state="frozen").first()
        if settlement is None:
            raise Refused("settlement_is_frozen", "金额还没有核定，不能公示。")
        lines = list(settlement.lines.filter(state="decided").select_related("party__division"))
        if not lines:
            raise Refused("something_is_decided", "没有可公示的金额。")
        rows = rows_of(lines)
        first = timezone.localdate()
        found = Notice.objects.create(cycle=cycle, settlement=settlement, title=title.strip() or f"{cycle.name}拟兑现名单公示", first_day=first,
                                      last_day=last_day_of_notice(first, cycle.notice_days), rows=rows, digest=digest_of(rows), by=seat)  # fmt: skip
        move_lines(lines, "notice")
        move_cycle(cycle, "publish", page)
        page.new |= {"notice": found.pk, "digest": found.digest, "last_day": found.last_day.isoformat(), "rows": len(rows)}
    return found


def rows_of(lines: list[Line]) -> list[dict[str, Any]]:
    """What is published of each line: nothing personal by construction. Names go through the one mask there is (`tables.notice`)."""
    return [
        {"line": line.pk, "name": _name(line.party), "division": line.party.division.name if line.party else "", "award": line.award, "clause": line.clause, "amount_fen": line.payable_fen}
        for line in sorted(lines, key=lambda one: one.pk)
    ]


def _name(party: Party | None) -> str:
    if party is None:
        return UNNAMED
    payee = Thing("", party.code)
    payee.values[("主体类型", None)] = party.kind
    return public_name(payee, party.code, party.name)


def digest_of(rows: list[dict[str, Any]]) -> str:
    """The hash of a published list."""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def object_to(notice: Notice, line: Line | None, *, name: str, contact: str, text: str) -> Objection:
    """An objection from the public, with a real name and a way to answer; the row it concerns waits. Raises Refused after the last day."""
    with acting(None, "notice.object", notice) as page:
        if notice.state != "published" or timezone.localdate() > notice.last_day:
            raise Refused("notice_is_running", "公示期已过。仍有意见，请直接联系公示单位。")
        if not (name.strip() and contact.strip() and text.strip()):
            raise Refused("objection_is_signed", "请写明姓名、联系方式和内容；匿名的没法核实。")
        found = Objection.objects.create(notice=notice, line=line, name=name.strip(), contact=contact.strip(), text=text.strip())
        if line is not None and line.state == "noticed":
            move_line(line, "suspend")
        page.new = {"objection": found.pk, "line": line.pk if line else None}
    return found


def answer(objection: Objection, seat: Seat, *, upheld: bool, text: str) -> None:
    """Answer an objection: upheld, the row is dropped and its money released; dismissed, it goes on once nothing else is open against it."""
    with acting(seat, "notice.answer", objection, reason=text) as page:
        if not text.strip():
            raise Refused("reason_is_given", "答复要写明核实情况。")
        state = "upheld" if upheld else "dismissed"
        if Objection.objects.filter(pk=objection.pk, state="open").update(state=state, answer=text, answered_by=seat, answered=timezone.now()) != 1:
            raise Refused("objection_is_open", "这条异议已经答复过。")
        line = objection.line
        if line is not None and line.state == "suspended":
            if upheld:
                account = treasury.account_of(objection.notice.cycle.version_of.policy, objection.notice.cycle.year)
                treasury.post(account, [(Move(Kind.RELEASE, line.payable_fen, line.item), f"release:{line.item}:objection:{objection.pk}")], seat=seat, document=text[:200])
                move_line(line, "drop")
            elif not Objection.objects.filter(line=line, state="open").exists():
                move_line(line, "clear")
        page.new = {"state": state}


def finish(notice: Notice, seat: Seat) -> int:
    """After the last day: commit every row nobody objects to. Returns how many. Raises Refused before the end, or with objections open."""
    with acting(seat, "notice.finish", notice) as page:
        if timezone.localdate() <= notice.last_day:
            raise Refused("notice_is_over", f"公示到 {notice.last_day} 24 时，之后才能转拨付。")
        if notice.objections.filter(state="open").exists():
            raise Refused("objections_are_answered", "还有异议没有答复。")
        if digest_of(notice.rows) != notice.digest:
            raise Refused("notice_is_as_published", "公示名单与发布时不一致，请联系管理员。")
        lines = list(Line.objects.filter(settlement=notice.settlement, state="noticed"))
        cycle = notice.cycle
        account = treasury.account_of(cycle.version_of.policy, cycle.year)
        treasury.post(account, [(Move(Kind.COMMIT, line.payable_fen, line.item), f"commit:{line.item}") for line in lines], seat=seat, document=notice.title)
        move_lines(lines, "commit")
        change(notice, notice.version, state="finished")
        move_cycle(cycle, "end_notice", page)
        page.new |= {"lines": len(lines)}
    return len(lines)
