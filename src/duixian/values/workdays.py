"""Working days by the State Council's yearly arrangement of holidays (国务院办公厅节假日安排), as data: `calendar/〈year〉.csv`. A year not loaded is said, never guessed.

Source: 民法典 §201 (the first day is not counted), §203 (a last day that is a holiday moves on).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

OWN = Path(__file__).parent / "calendar"
_folders: list[Path] = [OWN]


class CalendarMissing(Exception):
    """The holidays of a year are not loaded. year: which one."""

    def __init__(self, year: int) -> None:
        super().__init__(f"{year} 年的节假日安排还没有装入：请把国务院办公厅的通知录成 calendar/{year}.csv。 (The holidays of {year} are not loaded.)")
        self.year = year


class CalendarUnreadable(Exception):
    """A calendar file that cannot be read; the text names file, line and what was expected."""


def look_in(folder: Path) -> None:
    """Also look for years in this folder; what is found there comes before the years that come with the project."""
    if folder not in _folders:
        _folders.insert(0, folder)
    exceptions_of.cache_clear()


@lru_cache(maxsize=64)
def exceptions_of(year: int) -> dict[date, bool]:
    """Day -> whether it is worked, for the days of a year that are not as their weekday says. Raises CalendarMissing, CalendarUnreadable."""
    path = next((folder / f"{year}.csv" for folder in _folders if (folder / f"{year}.csv").is_file()), None)
    if path is None:
        raise CalendarMissing(year)
    return read_calendar(path, year)


def read_calendar(path: Path, year: int) -> dict[date, bool]:
    """A calendar file: 起, 止, 类型 (休 or 班), 节日, 依据. Raises CalendarUnreadable with the line."""
    found: dict[date, bool] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                first, last = date.fromisoformat(row["起"]), date.fromisoformat(row["止"])
                worked = {"休": False, "班": True}[row["类型"]]
            except (KeyError, ValueError, TypeError) as error:
                raise CalendarUnreadable(f"{path.name} 第 {number} 行：要有 起、止（如 2026-10-01）和 类型（休、班）。") from error
            if not (first <= last and first.year == year == last.year and (last - first).days < 30):
                raise CalendarUnreadable(f"{path.name} 第 {number} 行：日期要在 {year} 年内，起不晚于止，一段不超过 30 天。")
            for day in _days(first, last):
                if found.setdefault(day, worked) is not worked:
                    raise CalendarUnreadable(f"{path.name} 第 {number} 行：{day} 又休又班。")
    return found


def is_workday(day: date) -> bool:
    """Whether a day is worked. Raises CalendarMissing."""
    return exceptions_of(day.year).get(day, day.weekday() < 5)


def after(day: date, count: int) -> date:
    """The last day of a period of `count` working days that begins after `day`: the day itself is not counted. Raises CalendarMissing."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def between(first: date, last: date) -> int:
    """Working days after `first` up to and including `last`; negative where `last` is the earlier. Raises CalendarMissing."""
    if last < first:
        return -between(last, first)
    return sum(is_workday(day) for day in _days(first + timedelta(days=1), last))


def next_workday(day: date) -> date:
    """The day itself where it is worked, else the next that is (民法典 §203). Raises CalendarMissing."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
