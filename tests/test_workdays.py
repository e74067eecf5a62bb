"""Working days: the calendar that comes with the project is the State Council's, a year that is not loaded is said."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from duixian.values import workdays


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_a_loaded_year_agrees_with_an_independent_calendar(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert workdays.is_workday(day) is chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(("first", "count", "last"), [
    (date(2026, 3, 2), 5, date(2026, 3, 9)),  # published on a Monday: that day is not counted, the week-end is not worked
    (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
    (date(2026, 9, 30), 5, date(2026, 10, 13)),  # the first week of October is not, its Saturday is
    (date(2026, 2, 13), 1, date(2026, 2, 14)),
    (date(2025, 12, 31), 1, date(2026, 1, 4)),  # over the end of a year
])  # fmt: skip
def test_the_last_day_of_a_period(first: date, count: int, last: date) -> None:
    assert workdays.after(first, count) == last
    assert workdays.between(first, last) == count
    assert workdays.between(last, first) == -count


def test_a_last_day_on_a_holiday_moves_on() -> None:
    assert workdays.next_workday(date(2026, 10, 1)) == date(2026, 10, 8)
    assert workdays.next_workday(date(2026, 10, 10)) == date(2026, 10, 10)


def test_a_year_that_is_not_loaded_is_said_with_what_to_do() -> None:
    with pytest.raises(workdays.CalendarMissing, match=r"calendar/2031\.csv"):
        workdays.after(date(2030, 12, 31), 1)
