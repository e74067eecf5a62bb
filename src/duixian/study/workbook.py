"""A study as a workbook: a summary sheet, then one sheet a table, every row of it. The same study always gives the same bytes."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..tables.book import Book, fit, put, width_of, yuan
from ..values.messages import Language
from ..values.money import decimal_text
from .parts import Cell, Fen, Share, Table, Text
from .sections import sections, warnings
from .study import Study
from .words import say


def workbook(study: Study, language: Language) -> bytes:
    """The workbook as bytes. Amounts are numbers in 元; percentages are numbers."""
    book = Book(f"{study.title} {study.year} {say('测算', language)}")
    parts = sections(study, language)
    strong, warn, wrap = book.style(bold=True, font_size=14), book.style(bold=True, font_color="#C00000"), book.style(text_wrap=True)
    page, row = book.sheet(say("摘要", language)), 0

    def line(text: str, style: Any) -> None:
        nonlocal row
        put(page, row, 0, text, style)
        row += 1

    line(f"{study.title}　{say('{year} 年度', language, year=study.year)}　{say('测算', language)}", strong)
    for text in warnings(study, language):
        line(text, warn)
    for section in parts:
        row += 1
        if section.answer:
            line(section.title, book.style(bold=True))
        for text in [*section.answer, *(block.text for block in section.blocks if isinstance(block, Text))]:
            line(text, wrap)
    page.set_column(0, 0, 120)
    names: set[str] = set()
    for section in parts:
        for block in section.blocks:
            if isinstance(block, Table):
                _sheet(book, block, _name(block.name, names))
    return book.finish()


def _name(text: str, taken: set[str]) -> str:
    """A sheet name as spreadsheets allow it: 31 characters, none of the forbidden ones, not there yet."""
    base = re.sub(r"[\[\]:*?/\\']", " ", text).strip()[:28] or "1"
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base}{number}"
    taken.add(name.lower())
    return name


def _sheet(book: Book, table: Table, name: str) -> None:
    page = book.sheet(name)
    head = book.style(bold=True, bottom=1, bg_color="#DDEBF7", text_wrap=True)
    widths = [width_of(title) for title in table.head]
    for column, title in enumerate(table.head):
        put(page, 0, column, title, head)
    rows = [*table.rows, *([table.foot] if table.foot else [])]
    for number, cells in enumerate(rows, 1):
        last = table.foot is not None and number == len(rows)
        for column, cell in enumerate(cells):
            value, style = _cell(book, cell, last)
            put(page, number, column, value, style)
            widths[column] = max(widths[column], width_of(value))
    if table.note:
        put(page, len(rows) + 2, 0, table.note, book.style(italic=True))
    fit(page, widths, most=60)
    page.freeze_panes(1, 0)


def _cell(book: Book, cell: Cell, last: bool) -> tuple[Any, Any]:
    extra = {"bold": True, "top": 1} if last else {}
    if isinstance(cell, Fen):
        return yuan(cell.value), book.style(num_format="+#,##0.00;−#,##0.00;0.00" if cell.signed else "#,##0.00", **extra)
    if isinstance(cell, Share):
        if not cell.whole:
            return "", book.style(**extra)
        return Decimal(decimal_text(Fraction(cell.part, cell.whole), 6)), book.style(num_format="0.0%", **extra)
    if isinstance(cell, int):
        return cell, book.style(num_format="#,##0", **extra)
    return cell, book.style(text_wrap=True, **extra)
