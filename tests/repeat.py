"""How often a test does the same thing over: less by day, in full under --nightly. The idea is tested by day too; the summary says at how many places less was done.

    settings(max_examples=by_day(100, night=300))
"""

from __future__ import annotations

import os
import sys

NIGHT = "DUIXIAN_TEST_NIGHT"  # set by conftest under --nightly; inherited by the programs that tests start
PLACES: dict[str, str] = {}  # file:line -> "how often by day of how often at night", of every place that did less


def by_day(day: int, *, night: int) -> int:
    """How often here. Raises ValueError where the night would do less than the day."""
    if night < day:
        raise ValueError(f"at night {night}, by day {day}")
    if os.environ.get(NIGHT):
        return night
    caller = sys._getframe(1)
    PLACES[f"{caller.f_code.co_filename}:{caller.f_lineno}"] = f"{day}/{night}"
    return day
