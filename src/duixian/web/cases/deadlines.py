"""Days by which something is due, in working days; where a year's holidays are not loaded the page says so instead of guessing."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from duixian.values.workdays import CalendarMissing, after, between, next_workday
from duixian.web.record.book import Refused

from .models import Application, Cycle

CORRECTION = 10  # working days a firm has to correct what was returned, where the procedure sets no other limit
LONGEST = 366  # a day further off is a slip of the pen


def due_of(cycle: Cycle, stage: str, start: date | None = None) -> date | None:
    """The day by which a stage of the cycle's procedure is due, counted from today; None where the procedure sets no limit. Raises Refused."""
    step = next((step for step in cycle.procedure if step["stage"] == stage), None)
    if step is None or not step.get("days"):
        return None
    start = start or timezone.localdate()
    if step["unit"] == "工作日":
        return _after(start, step["days"])
    try:
        return next_workday(start + timedelta(days=step["days"]))
    except CalendarMissing as missing:
        raise Refused("calendar_is_loaded", str(missing)) from missing


def due_of_correction(cycle: Cycle) -> date:
    """The day by which a firm comes back with what was returned today, where nobody chooses another. Raises Refused."""
    return due_of(cycle, "correct") or _after(timezone.localdate(), CORRECTION)


def overdue(application: Application) -> bool:
    """Whether the day by which somebody had to act has passed."""
    return application.due is not None and application.due < timezone.localdate()


def last_day_of_notice(first: date, days: int) -> date:
    """The last day of a notice of `days` working days that is published on `first`: that day is not counted. Raises Refused."""
    return _after(first, days)


def _after(first: date, days: int) -> date:
    try:
        return after(first, days)
    except CalendarMissing as missing:
        raise Refused("calendar_is_loaded", str(missing)) from missing


def left(day: date) -> int:
    """Working days left until a day (today 0, yesterday −1); calendar days where a year is not loaded."""
    today = timezone.localdate()
    try:
        return between(today, day)
    except CalendarMissing:
        return (day - today).days
