"""Dates, validity periods and the length of a time (时长), counted to the day."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日$")


def parse_date(text: str) -> date | None:
    """`2025-01-01` or `2025年1月1日` as a date; None where it is neither or no such day exists."""
    found = _ISO.match(text) or _CHINESE.match(text)
    if not found:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def after(start: date, amount: int, unit: str) -> date:
    """The day on which a time of `amount` 年/月/日 that began on `start` is full.

    Source: 民法典 第二百零二条: the corresponding day; where there is none, the last day of that month.
    """
    if unit == "日":
        return date.fromordinal(start.toordinal() + amount)
    months = start.year * 12 + start.month - 1 + amount * (12 if unit == "年" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def window_of(window: Any, year: int) -> tuple[date, date]:
    """First and last day of a 期间 (start and end: years from the award year, month, day) in an award year."""
    (first_year, *first), (last_year, *last) = window.start, window.end
    return date(year + first_year, *first), date(year + last_year, *last)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a policy holds (有效期); an end of None is open. Dates include both days."""

    start: date | None = None
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.start is None or day >= self.start) and (self.end is None or day <= self.end)

    def holds_in(self, year: int, rule: str) -> bool:
        """Whether an award year counts: 年末在有效期内, or 年内有一日在有效期内."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        if rule == "年末在有效期内":
            return self.holds_on(last)
        return (self.start is None or last >= self.start) and (self.end is None or first <= self.end)

    def holds_year(self, year: int) -> bool:
        """Whether any day of the year is inside: what 政策期内 counts in a ledger that holds years."""
        return self.holds_in(year, "年内有一日在有效期内")
