"""Workbooks that leave the casework: settlements, notices, payment requests, ledgers. Text stays text (no formula), the same content the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from duixian.ledger.books import LABELS, PLACES, Kind
from duixian.tables.book import Book, fit, put, width_of, yuan
from duixian.values.capitals import in_words
from duixian.web.language import listed, said

from . import states
from .models import Line, Notice, PaymentRequest, Settlement

# what finance fills in and sends back is a form: its head is read again, so it is the same whatever language somebody reads the pages in
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


def settlement_book(owner: Settlement, lines: Iterable[Line], only: str = "") -> bytes:
    """A settlement: what it was made from, its lines with every step, its explanations. only: by what the lines were narrowed."""
    lines = list(lines)
    number = _("第 %(pk)s 次核算") % {"pk": owner.pk}
    book = Book(number)
    above = [f"{owner.cycle.name}　{number}　{_(states.SETTLEMENT[owner.state].inside)}", *([_("决定依据：%s") % owner.document] if owner.document else []), *map(said, owner.remarks)]
    table(book, _("汇总"), (_("项目"), _("内容")), [
        *([(_("逐笔只列"), only)] if only else []),
        (_("应付合计（元）"), yuan(owner.payable_fen)), (_("引擎"), listed(owner.engines.split("、"))), (_("政策校验"), owner.policy_digest), (_("事实和历史校验"), owner.facts_digest), (_("结果校验"), owner.result_digest),
        *((one["name"], _("未定") if one["amount_fen"] is None else yuan(one["amount_fen"])) for one in owner.totals), *((_("口径　%s") % name, option) for name, option in owner.readings.items()),
    ], above=above)  # fmt: skip
    stages = [stage for stage, *_rest in lines[0].amounts] if lines else []
    table(book, _("逐笔"), (_("编号"), _("单位"), _("代码"), _("条款"), _("奖补"), _("对象"), _("结果"), _("档"), *(_("%s（元）") % said(stage) for stage in stages), _("应付（元）"), _("等什么"), _("状态")), [
        (line.application.number if line.application else "", line.party.name if line.party else "", line.party.code if line.party else "", line.clause, line.award, line.object_key, said(line.outcome), line.tier,
         *(_step(amount) for _stage, amount, _why in line.amounts), yuan(line.payable_fen), listed(map(said, line.missing), "；"), _(states.LINE[line.state].inside))
        for line in lines
    ])  # fmt: skip
    table(book, _("说明"), (_("编号"), _("奖补"), _("对象"), _("说明")), [(line.application.number if line.application else "", line.award, line.object_key, text) for line in lines for text in line.told.split("\n") if text])
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
    rows.append((_("合计"), "", "", "", "", yuan(sum(row["amount_fen"] for row in lines))))
    days = {"first": notice.first_day.isoformat(), "last": notice.last_day.isoformat()}
    above = [notice.title, _("公示期：%(first)s 发布，至 %(last)s 24 时") % days, _("名单校验（SHA-256）：%s") % notice.digest]
    if lines or not special:
        table(book, _("公示"), (_("序号"), _("单位"), _("属地"), _("条款"), _("奖补"), _("金额（元）")), rows, above=above)
    if special:
        outside: list[Sequence[Any]] = [(place, row["name"], row["division"], row["subject"], row["clause"], yuan(row["amount_fen"])) for place, row in enumerate(special, 1)]
        table(book, _("规则之外的决定"), (_("序号"), _("单位"), _("属地"), _("事项"), _("相关条款"), _("金额（元）")), outside, above=[*above, _("以下各项不是按政策条款算出的，由集体研究决定（一事一议）。")])
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
    table(book, _("账"), (_("序号"), _("时间"), _("动作"), _("金额（元）"), _("对象"), _("单位和事项"), _("依据"), _("经手")), [
        (one.pk, one.at.strftime("%Y-%m-%d %H:%M"), _(LABELS[Kind(one.kind)]), yuan(one.amount_fen), one.item, names.get(one.item, ""), one.document, str(one.by.user) if one.by else _("系统")) for one in transfers
    ], above=[title])  # fmt: skip
    table(book, _("按月对账"), (_("月"), *(_(LABELS[kind]) for kind in Kind), *(_("月末%s") % _(label) for label in PLACES.values())), [
        (row["month"], *(yuan(row["moves"].get(kind.value, 0)) for kind in Kind), *(yuan(row["closing"][place]) for place in PLACES)) for row in months
    ])  # fmt: skip
    return book.finish()
