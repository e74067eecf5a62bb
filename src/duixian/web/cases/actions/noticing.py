"""The public notice: names, clauses and amounts for some working days; objections; then what was not objected to is committed.

Decisions outside the rules are published too, as a kind of their own, and wait for the end of their notice as every line does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from duixian.ledger.books import Kind, Move
from duixian.tables.notice import UNNAMED, public_name
from duixian.values.facts import Thing
from duixian.web.cases.deadlines import last_day_of_notice
from duixian.web.cases.models import Cycle, Line, Message, Notice, Objection, Settlement, SpecialDecision
from duixian.web.language import sentence
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Party, Seat
from duixian.web.treasury import actions as treasury

from .handling import tell
from .moving import change, move_cycle, move_line, move_lines, move_special

Row = Line | SpecialDecision
_LONG = re.compile(r"\d{7,}")  # a telephone, an account, an identity number: none of it belongs in a notice


def confirmed(cycle: Cycle) -> list[SpecialDecision]:
    """Decisions outside the rules that were confirmed and are on no notice yet."""
    return list(cycle.special.filter(state="decided").select_related("party__division").order_by("pk"))


def supplements(cycle: Cycle) -> list[SpecialDecision]:
    """Those that came after the cycle's own notice, and want one of their own."""
    return confirmed(cycle) if cycle.state in ("noticed", "paying") else []


def title_of(cycle: Cycle) -> str:
    """What the next notice of a cycle is called where nobody says otherwise."""
    return f"{cycle.name}规则之外的决定公示" if cycle.state in ("noticed", "paying") else f"{cycle.name}拟兑现名单公示"


def publish(cycle: Cycle, seat: Seat, title: str) -> Notice:
    """Publish the decided lines and the confirmed decisions outside the rules; later, those decided since. Rows are shown byte for byte; their hash is kept. Raises Refused."""
    with acting(seat, "notice.publish", cycle) as page:
        settlement = Settlement.objects.filter(cycle=cycle, state="frozen").first()
        if settlement is None:
            raise Refused("settlement_is_frozen", "金额还没有核定，不能公示。")
        later = supplements(cycle)
        lines = [] if later else list(settlement.lines.filter(state="decided").select_related("party__division"))
        special = later or confirmed(cycle)
        if not lines and not special:
            raise Refused("something_is_decided", "没有可公示的金额。")
        rows = rows_of(lines) + special_rows(special)
        first = timezone.localdate()
        found = Notice.objects.create(cycle=cycle, settlement=settlement, title=title.strip() or title_of(cycle), first_day=first,
                                      last_day=last_day_of_notice(first, cycle.notice_days), rows=rows, digest=digest_of(rows), by=seat)  # fmt: skip
        move_lines(lines, "notice")
        for one in special:
            move_special(one, "notice")
        if not later:
            move_cycle(cycle, "publish", page)
        page.new |= {"notice": found.pk, "digest": found.digest, "last_day": found.last_day.isoformat(), "rows": len(rows), "special": len(special)}
    return found


def rows_of(lines: list[Line]) -> list[dict[str, Any]]:
    """What is published of each line: nothing personal by construction. Names go through the one mask there is (`tables.notice`)."""
    return [
        {"line": line.pk, "name": _name(line.party), "division": line.party.division.name if line.party else "", "award": line.award, "clause": line.clause, "amount_fen": line.payable_fen}
        for line in sorted(lines, key=lambda one: one.pk)
    ]


def special_rows(special: Sequence[SpecialDecision]) -> list[dict[str, Any]]:
    """What is published of each decision outside the rules: whose, what for, how much; neither the reasons nor anything personal in what it is called."""
    return [
        {"special": one.pk, "name": _name(one.party), "division": one.party.division.name, "subject": _subject(one), "clause": one.clause, "amount_fen": one.amount_fen}
        for one in sorted(special, key=lambda one: one.pk)
    ]


def _subject(one: SpecialDecision) -> str:
    text = one.subject
    for secret in filter(None, (one.party.contact, one.party.email)):
        text = text.replace(secret, "某")
    return _LONG.sub("…", text.replace(one.party.name, _name(one.party)))


def _name(party: Party | None) -> str:
    if party is None:
        return UNNAMED
    payee = Thing("", party.code)
    payee.values[("主体类型", None)] = party.kind
    return public_name(payee, party.code, party.name)


def digest_of(rows: list[dict[str, Any]]) -> str:
    """The hash of a published list."""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def object_to(notice: Notice, row: Row | None, *, name: str, contact: str, text: str, seat: Seat | None = None) -> Objection:
    """An objection from the public, with a real name and a way to answer; the row it concerns waits. Raises Refused after the last day.

    seat: an officer who enters one that came by letter or at the counter within the days of the notice: until the notice has been ended.
    """
    with acting(seat, "notice.object", notice) as page:
        if notice.state != "published" or (seat is None and timezone.localdate() > notice.last_day):
            raise Refused("notice_is_running", "公示期已过。仍有意见，请直接联系公示单位。")
        if not (name.strip() and contact.strip() and text.strip()):
            raise Refused("objection_is_signed", "请写明姓名、联系方式和内容；匿名的没法核实。")
        line, special = (row if isinstance(row, Line) else None), (row if isinstance(row, SpecialDecision) else None)
        list(Notice.objects.select_for_update(of=("self",)).filter(pk=notice.pk).values_list("pk"))
        given = {"notice": notice, "line": line, "special": special, "name": name.strip(), "contact": contact.strip(), "text": text.strip()}
        if (twice := Objection.objects.filter(**given, state="open").first()) is not None:  # the same form sent twice
            page.new = {"objection": twice.pk, "twice": True}
            return twice
        found = Objection.objects.create(**given)
        if row is not None and row.state == "noticed":
            _move(row, "suspend")
            if row.whom is not None:
                tell(row.whom, "公示期内有异议，正在核实", sentence(f"{row.called}：公示期内收到异议，正在核实，核实以前不拨付。需要补充说明的，请联系办理部门。"))
        if seat is None or seat.user_id != notice.by.user_id:
            Message.objects.create(user=notice.by.user, title=sentence("公示收到异议，请核实答复"), text=sentence(f"“{notice.title}”收到异议 {found.pk}，公示到 {notice.last_day} 24 时。没有答复以前，公示不能结束。"))
        page.new = {"objection": found.pk, "line": line.pk if line else None, "special": special.pk if special else None}
    return found


def _move(row: Row, action: str) -> None:
    if isinstance(row, Line):
        move_line(row, action)
    else:
        move_special(row, action)


def answer(objection: Objection, seat: Seat, *, upheld: bool, text: str) -> None:
    """Answer an objection: upheld, the row is dropped and its money released; dismissed, it goes on once nothing else is open against it."""
    with acting(seat, "notice.answer", objection, reason=text) as page:
        if not text.strip():
            raise Refused("reason_is_given", "答复要写明核实情况。")
        state = "upheld" if upheld else "dismissed"
        if Objection.objects.filter(pk=objection.pk, state="open").update(state=state, answer=text, answered_by=seat, answered=timezone.now()) != 1:
            raise Refused("objection_is_open", "这条异议已经答复过。")
        row: Row | None = objection.line or objection.special
        if row is not None and row.state == "suspended":
            if upheld:
                account = treasury.account_of(objection.notice.cycle.version_of.policy, objection.notice.cycle.year)
                amount = row.payable_fen if isinstance(row, Line) else row.amount_fen
                treasury.post(account, [(Move(Kind.RELEASE, amount, row.item), f"release:{row.item}:objection:{objection.pk}")], seat=seat, document=text[:200])
                _move(row, "drop")
                if row.whom is not None:
                    tell(row.whom, "异议成立，这一笔不予拨付", sentence(f"{row.called}：公示期内的异议经核实成立，不予拨付。理由：{text}"))
            elif not Objection.objects.filter(line=objection.line, special=objection.special, state="open").exists():
                _move(row, "clear")
                if row.whom is not None:
                    tell(row.whom, "异议不成立，这一笔继续", sentence(f"{row.called}：公示期内的异议经核实不成立，公示结束后拨付。"))
        page.new = {"state": state}


def finish(notice: Notice, seat: Seat | None, *, reason: str = "") -> int:
    """After the last day: commit every row nobody objects to. Returns how many. Raises Refused before the end, or with objections open.

    seat: None where the system ends it (`closing`), with its reason.
    """
    with acting(seat, "notice.finish", notice, reason=reason) as page:
        if timezone.localdate() <= notice.last_day:
            raise Refused("notice_is_over", f"公示到 {notice.last_day} 24 时，之后才能转拨付。")
        if notice.objections.filter(state="open").exists():
            raise Refused("objections_are_answered", "还有异议没有答复。")
        if digest_of(notice.rows) != notice.digest:
            raise Refused("notice_is_as_published", "公示名单与发布时不一致，请联系管理员。")
        cycle = notice.cycle
        own = not Notice.objects.filter(cycle=cycle, pk__lt=notice.pk).exists()  # the cycle's own notice, not one of what was decided later
        lines = list(Line.objects.filter(settlement=notice.settlement, state="noticed")) if own else []
        special = list(SpecialDecision.objects.filter(pk__in=[row["special"] for row in notice.rows if "special" in row], state="noticed"))
        moves = [(Move(Kind.COMMIT, line.payable_fen, line.item), f"commit:{line.item}") for line in lines]
        moves += [(Move(Kind.COMMIT, one.amount_fen, one.item), f"commit:{one.item}") for one in special]
        treasury.post(treasury.account_of(cycle.version_of.policy, cycle.year), moves, seat=seat, document=notice.title)
        move_lines(lines, "commit")
        for one in special:
            move_special(one, "commit")
        change(notice, notice.version, state="finished")
        if own:
            move_cycle(cycle, "end_notice", page)
        page.new |= {"lines": len(lines), "special": len(special)}
    return len(lines) + len(special)
