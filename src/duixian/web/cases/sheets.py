"""Workbooks that leave the casework: settlements, notices, payment requests, ledgers. Text stays text (no formula), the same content the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from duixian.ledger.books import LABELS, PLACES, Kind
from duixian.tables.book import Book, fit, put, width_of, yuan
from duixian.values.capitals import in_words

from . import states
from .models import Line, Notice, PaymentRequest, Settlement

PAID_HEAD = ("付款编号", "单位", "开户名", "开户行", "账号", "金额（元）", "用途", "流水号", "拨付日期", "退回原因")


def table(book: Book, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]], *, above: Sequence[str] = (), text_columns: frozenset[int] = frozenset()) -> None:
    """A sheet with lines of text above, a header and rows; decimals are shown as money."""
    page = book.sheet(name)
    strong, bold = book.style(bold=True, bottom=1, bg_color="#DDEBF7", text_wrap=True), book.style(bold=True)
    money, text, as_text = book.style(num_format="#,##0.00"), book.style(text_wrap=True), book.style(num_format="@")
    for number, line in enumerate(above):
        put(page, number, 0, line, bold)
    top, widths = len(above), [width_of(title) for title in head]
    for position, title in enumerate(head):
        put(page, top, position, title, strong)
    for number, row in enumerate(rows, top + 1):
        for position, value in enumerate(row):
            put(page, number, position, value, money if isinstance(value, Decimal) else as_text if position in text_columns else text)
            widths[position] = max(widths[position], width_of(value))
    fit(page, widths, most=60)
    page.freeze_panes(top + 1, 0)


def settlement_book(owner: Settlement, lines: Iterable[Line]) -> bytes:
    """A settlement: what it was made from, its lines with every step, its explanations."""
    lines = list(lines)
    book = Book(f"核算 {owner.pk}")
    above = [f"{owner.cycle.name}　第 {owner.pk} 次核算　{states.SETTLEMENT[owner.state].inside}", *([f"决定依据：{owner.document}"] if owner.document else []), *owner.remarks]
    table(book, "汇总", ("项目", "内容"), [
        ("应付合计（元）", yuan(owner.payable_fen)), ("引擎", owner.engines), ("政策校验", owner.policy_digest), ("事实和历史校验", owner.facts_digest), ("结果校验", owner.result_digest),
        *((one["name"], "未定" if one["amount_fen"] is None else yuan(one["amount_fen"])) for one in owner.totals), *((f"口径　{name}", option) for name, option in owner.readings.items()),
    ], above=above)  # fmt: skip
    stages = [stage for stage, *_ in lines[0].amounts] if lines else []
    table(book, "逐笔", ("编号", "单位", "代码", "条款", "奖补", "对象", "结果", "档", *(f"{stage}（元）" for stage in stages), "应付（元）", "等什么", "状态"), [
        (line.application.number if line.application else "", line.party.name if line.party else "", line.party.code if line.party else "", line.clause, line.award, line.object_key, line.outcome, line.tier,
         *(_step(amount) for _, amount, _ in line.amounts), yuan(line.payable_fen), "；".join(line.missing), states.LINE[line.state].inside)
        for line in lines
    ])  # fmt: skip
    table(book, "说明", ("编号", "奖补", "对象", "说明"), [(line.application.number if line.application else "", line.award, line.object_key, text) for line in lines for text in line.explanation.split("\n") if text])
    return book.finish()


def _step(amount: Any) -> Any:
    if isinstance(amount, str):
        return amount if "/" in amount else Decimal(amount).scaleb(-2)
    return None if amount is None else yuan(amount)


def notice_book(notice: Notice) -> bytes:
    """The notice as published: names, clauses, amounts; nothing personal is there to leave out."""
    book = Book(notice.title)
    lines, special = [row for row in notice.rows if "line" in row], [row for row in notice.rows if "special" in row]
    rows: list[Sequence[Any]] = [(place, row["name"], row["division"], row["clause"], row["award"], yuan(row["amount_fen"])) for place, row in enumerate(lines, 1)]
    rows.append(("合计", "", "", "", "", yuan(sum(row["amount_fen"] for row in lines))))
    above = [notice.title, f"公示期：{notice.first_day.isoformat()} 发布，至 {notice.last_day.isoformat()} 24 时", f"名单校验（SHA-256）：{notice.digest}"]
    if lines or not special:
        table(book, "公示", ("序号", "单位", "属地", "条款", "奖补", "金额（元）"), rows, above=above)
    if special:
        outside: list[Sequence[Any]] = [(place, row["name"], row["division"], row["subject"], row["clause"], yuan(row["amount_fen"])) for place, row in enumerate(special, 1)]
        table(book, "规则之外的决定", ("序号", "单位", "属地", "事项", "相关条款", "金额（元）"), outside, above=[*above, "以下各项不是按政策条款算出的，由集体研究决定（一事一议）。"])
    return book.finish()


def request_book(request: PaymentRequest, *, accounts: bool) -> bytes:
    """A payment request for finance: what to pay to whom, with columns for what the bank did. accounts: with full account numbers."""
    book = Book(f"请款单 {request.number}")
    payments = list(request.payments.select_related("party", "line", "special"))
    total = sum(one.amount_fen for one in payments)
    rows = [
        (one.pk, one.party.name, one.holder, one.bank, one.bank_account if accounts else masked(one.bank_account), yuan(one.amount_fen), purpose(one), one.reference, one.settled, one.problem)
        for one in payments
    ]  # fmt: skip
    table(book, "请款单", PAID_HEAD, rows, text_columns=frozenset({4, 7}))
    table(book, "合计", ("项目", "内容"), [("请款单号", request.number), ("批次", request.cycle.name), ("笔数", len(payments)), ("金额（元）", yuan(total)), ("人民币大写", in_words(total))])
    return book.finish()


def purpose(payment: Any) -> str:
    """What a payment is for, in the words of the order."""
    if payment.line is not None:
        return f"{payment.line.clause} {payment.line.award}"
    return f"一事一议：{payment.special.subject}"


def masked(account: str) -> str:
    """An account with only its last four digits."""
    return f"···· {account[-4:]}" if account else ""


def ledger_book(title: str, transfers: Iterable[Any], months: Sequence[dict[str, Any]], names: dict[str, str]) -> bytes:
    """An account: every transfer, and the months."""
    book = Book(title)
    table(book, "账", ("序号", "时间", "动作", "金额（元）", "对象", "单位和事项", "依据", "经手"), [
        (one.pk, one.at.strftime("%Y-%m-%d %H:%M"), LABELS[Kind(one.kind)], yuan(one.amount_fen), one.item, names.get(one.item, ""), one.document, str(one.by.user) if one.by else "系统") for one in transfers
    ], above=[title])  # fmt: skip
    table(book, "按月对账", ("月", *(LABELS[kind] for kind in Kind), *(f"月末{label}" for label in PLACES.values())), [
        (row["month"], *(yuan(row["moves"].get(kind.value, 0)) for kind in Kind), *(yuan(row["closing"][place]) for place in PLACES)) for row in months
    ])  # fmt: skip
    return book.finish()
