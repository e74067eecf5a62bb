"""The paid-list of finance (拨付清单): our own workbook back with reference and day filled in. Every cell is checked; one line that does not match stops all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from duixian.tables.cells import Fault, is_blank, read_cell
from duixian.tables.grid import Grid, letters
from duixian.tables.layout import Column
from duixian.tables.workbook import read_workbook
from duixian.values.diagnostic import Diagnostic
from duixian.values.facts import NONE
from duixian.web.language import spoken

from .models import Payment, PaymentRequest
from .sheets import PAID_HEAD, masked
from .states import PAYMENT
from .templatetags.said import yuan

SHEET, MOST_BYTES = "请款单", 5 << 20
_NUMBER, _PARTY, _HOLDER, _BANK, _ACCOUNT, _AMOUNT, _PURPOSE, _REFERENCE, _DAY, _PROBLEM = PAID_HEAD
_COLUMNS = {
    _NUMBER: Column(_NUMBER, "number", "个", role="fixed", measure="数量"), _ACCOUNT: Column(_ACCOUNT, "text", role="fixed"),
    _AMOUNT: Column("金额", "number", "元", role="fixed", measure="金额", required=True), _REFERENCE: Column(_REFERENCE, "text", role="fixed"), _DAY: Column(_DAY, "date", role="fixed"),
    _PROBLEM: Column(_PROBLEM, "text", role="fixed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """One cell that cannot be used: where, what was expected, what was found, what to do."""

    cell: str
    expected: str
    found: str
    remedy: str


@dataclass(slots=True)
class PaidList:
    """What a workbook tells of a request: payments made or sent back, lines left open or told before, and everything that is wrong."""

    told: list[dict[str, Any]] = field(default_factory=list)
    rows: list[tuple[str, int, str, str, str]] = field(default_factory=list)  # (party, 分, reference, day, problem)
    waiting: int = 0
    before: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def paid_fen(self) -> int:
        """What is told to be paid."""
        return sum(row[1] for row in self.rows if not row[4])


def read(data: bytes, name: str, request: PaymentRequest, today: date) -> PaidList:
    """Read a paid-list against its request. Nothing is stored."""
    found = PaidList()
    source = read_workbook(data, name, sha256(data).hexdigest())
    if source.defects:
        found.wrong = [_said(one) for one in source.defects]
        return found
    grid = next((one for one in source.grids if one.sheet == SHEET), None)
    if grid is None or not grid.rows:
        found.wrong.append(Wrong("", f"工作表“{SHEET}”", "、".join(one.sheet for one in source.grids) or "没有工作表", "用系统导出的请款单填写，不要改工作表名。"))
        return found
    top, head = grid.rows[0]
    places = {str(title).strip(): place for place, title in enumerate(head) if not is_blank(title)}
    if missing := [title for title in (_NUMBER, _AMOUNT, _REFERENCE, _DAY, _PROBLEM) if title not in places]:
        found.wrong.append(Wrong(f"第 {top} 行", "列：" + "、".join(missing), "、".join(places), "用系统导出的请款单填写，不要改表头。"))
        return found
    if grid.hidden_rows:
        found.wrong.append(Wrong("、".join(f"第 {row} 行" for row in sorted(grid.hidden_rows)[:20]), "没有隐藏的行", "隐藏的行", "取消隐藏（或去掉筛选），核对后再传。"))
    payments, seen = {one.pk: one for one in request.payments.select_related("party")}, {}
    for row, cells in grid.rows[1:]:
        _row(found, grid, row, cells, places, payments, seen, today)
    return found


def _row(found: PaidList, grid: Grid, row: int, cells: list[Any], places: dict[str, int], payments: dict[int, Payment], seen: dict[int, int], today: date) -> None:
    """One line of the list."""
    values: dict[str, Any] = {}
    for title, column in _COLUMNS.items():
        place = places.get(title)
        raw = cells[place] if place is not None and place < len(cells) else None
        value = read_cell(raw, column) if title != _NUMBER or not is_blank(raw) else None
        if isinstance(value, Fault):
            found.wrong.append(_said(Diagnostic(value.code, (grid.place(row, place or 0),), value.details)))
            return
        values[title] = None if value is NONE or value == "" else value

    def wrong(title: str, expected: str, got: str, remedy: str) -> None:
        found.wrong.append(Wrong(f"{letters(places[title])}{row}", expected, got, remedy))

    payment = payments.get(values[_NUMBER])
    if payment is None:
        wrong(_NUMBER, "这张请款单里的付款编号", str(values[_NUMBER] or "空"), "这一行对不上任何一笔。删掉它，或换成对应的请款单；不能当作零或跳过。")
        return
    if payment.pk in seen:
        wrong(_NUMBER, f"每笔一行（第 {seen[payment.pk]} 行已有）", str(payment.pk), "同一笔写了两行，删掉一行。")
        return
    seen[payment.pk] = row
    if values[_AMOUNT] != payment.amount_fen:
        wrong(_AMOUNT, f"{yuan(payment.amount_fen)} 元", f"{yuan(int(values[_AMOUNT]))} 元", "金额要与请款单一致。银行实付不同的，登记退回后重新请款。")
        return
    account = values[_ACCOUNT]
    if account and account not in (payment.bank_account, masked(payment.bank_account)):
        wrong(_ACCOUNT, "请款单上的账号", "另一个账号", "账号与请款单不同。核对付给了谁；付错的登记退回。")
        return
    _told(found, payment, values, wrong, today)


def _told(found: PaidList, payment: Payment, values: dict[str, Any], wrong: Any, today: date) -> None:
    """What a line that matches tells."""
    reference, day, problem = values[_REFERENCE], values[_DAY], values[_PROBLEM]
    if not reference and not day and not problem:
        found.waiting += payment.state == "requested"
        return
    if problem:
        if payment.state == "returned" and payment.problem == problem:
            found.before += 1
        elif payment.state not in ("requested", "paid"):
            wrong(_PROBLEM, "待拨付或已拨付的一笔", PAYMENT[payment.state].inside, "这一笔现在不能登记退回。")
        else:
            found.told.append({"payment": payment.pk, "problem": problem})
            found.rows.append((payment.party.name, payment.amount_fen, reference or "", day.isoformat() if day else "", problem))
        return
    if not reference:
        wrong(_REFERENCE, "银行流水号或支付令号", "空", "已拨付的要有流水号。")
    elif day is None:
        wrong(_DAY, "拨付日期，如 2026-05-20", "空", "已拨付的要有日期。")
    elif day > today:
        wrong(_DAY, f"不晚于今天（{today.isoformat()}）", day.isoformat(), "核对日期。")
    elif payment.state == "paid" and payment.reference == reference:
        found.before += 1
    elif payment.state != "requested":
        wrong(_REFERENCE, "与系统里的一致" if payment.state == "paid" else "待拨付的一笔", f"{reference}；系统里：{PAYMENT[payment.state].inside} {payment.reference}", "这一笔已经办过，流水号不同。核对是不是付了两次。")
    else:
        found.told.append({"payment": payment.pk, "reference": reference, "day": day.isoformat()})
        found.rows.append((payment.party.name, payment.amount_fen, reference, day.isoformat(), ""))


def _said(one: Diagnostic) -> Wrong:
    words = one.sentence(spoken())
    return Wrong(one.places[0].cell or one.places[0].text, words["expected"] or words["summary"], words["found"], words["remedy"])
