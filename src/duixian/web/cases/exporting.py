"""Lists as workbooks: text stays text, money stays exact, nothing a cell says is ever run."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.tables.book import Book, fit, put, width_of, yuan
from duixian.tables.write import harmless
from duixian.web.language import listed

from . import states
from .models import Application

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    """A workbook to be saved."""
    day = timezone.localdate().isoformat()
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{name}-{day}.xlsx')}", "X-Content-Type-Options": "nosniff"})


def sheet(book: Book, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """One sheet: a head that stays in sight, rows, a filter. Decimals are money; a text that looks like a formula is made harmless."""
    page = book.sheet(name)
    strong, money, text = book.style(bold=True, bottom=1, bg_color="#DDEBF7", text_wrap=True), book.style(num_format="#,##0.00"), book.style(text_wrap=True)
    widths = [width_of(title) for title in head]
    for place, title in enumerate(head):
        put(page, 0, place, title, strong)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            value = harmless(value) if isinstance(value, str) else value
            put(page, number, place, value, money if isinstance(value, Decimal) else text)
            widths[place] = max(widths[place], width_of(value))
    fit(page, widths)
    page.freeze_panes(1, 0)
    if rows:
        page.autofilter(0, 0, len(rows), len(head) - 1)


def cases_workbook(cases: Sequence[Application]) -> bytes:
    """A worklist. No personal data."""
    book = Book(_("待办清单"))
    head = (_("编号"), _("批次"), _("主体代码"), _("单位"), _("属地"), _("奖补"), _("状态"), _("期限"), _("经办"), _("提交"), _("核算金额（元）"))
    rows = [(case.number, case.cycle.name, case.party.code, case.party.name, case.division.name, listed(case.awards), _(states.STATES[case.state].inside), case.due,
             str(case.officer.user) if case.officer else "", timezone.localdate(case.submitted) if case.submitted else None,
             yuan(case.settled_fen) if case.settled_fen is not None else None) for case in cases]  # fmt: skip
    sheet(book, _("待办"), head, rows)
    return book.finish()
