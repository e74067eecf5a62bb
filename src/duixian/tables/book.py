"""A workbook being written: text only as text, numbers only as numbers, the same content always the same bytes.

Holds: no string ever becomes a formula, a link or a number; the creation date is fixed; nothing depends on the clock or the machine.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import xlsxwriter

from ..values.diagnostic import display_width
from ..values.money import decimal_text

FIXED_DATE = datetime(2000, 1, 1)
_LONGEST = 32_767  # characters a cell can hold
_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False,
}  # fmt: skip


class Book:
    """A workbook in memory. `finish` gives its bytes."""

    def __init__(self, title: str) -> None:
        self._stream = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._stream, _OPTIONS)
        self._book.set_properties({"title": title, "author": "duixian", "created": FIXED_DATE})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **properties: Any) -> Any:
        """A cell format; equal ones are made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "top", **properties})
        return self._formats[key]

    def sheet(self, name: str) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)  # printed, every column stays on the page
        return sheet

    def finish(self) -> bytes:
        self._book.close()
        return self._stream.getvalue()


def put(sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
    """One value into one cell. Money and other exact numbers come as Decimal; a number too long for a spreadsheet goes in as text."""
    if value is None or value == "":
        if style is not None:
            sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", style)
    elif isinstance(value, (int, Decimal)):
        if digits(value) <= 15:
            sheet.write_number(row, column, value, style)
        else:
            sheet.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value), style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
    else:
        text = str(value)
        sheet.write_string(row, column, text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…", style)


def digits(value: int | Decimal) -> int:
    """Significant digits of a number."""
    return len(Decimal(value).normalize().as_tuple().digits)


def yuan(fen: int) -> Decimal:
    """分 as 元, exact."""
    return Decimal(fen).scaleb(-2)


def decimal_of(value: int | Fraction) -> Decimal | str:
    """An exact number as Decimal; as text `a/b` where it has no finite decimal."""
    text = decimal_text(Fraction(value))
    return text if "/" in text else Decimal(text)


def fit(sheet: Any, widths: Sequence[int], least: int = 8, most: int = 46) -> None:
    """Column widths by the widest text of each column."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width + 2, least), most))


def width_of(value: Any) -> int:
    """Columns a value takes on the screen."""
    if isinstance(value, Decimal):
        return len(f"{value:,.2f}")
    return max((display_width(line) for line in str(value).split("\n")), default=0) if value is not None else 0
