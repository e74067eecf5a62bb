"""Three-valued logic, and what an operation comes to when a part is unknown or does not exist. An unknown is never swallowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from ..values.facts import NONE, Missing, Thing, Unknown
from ..values.terms import Waits

NUMBERS = frozenset({int, Fraction})
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "≥": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "≤": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
}


def truth(value: Any) -> Any:
    """A value used as a condition: 无 is decided and is not 是."""
    return False if value is NONE else value


def conjunction(results: Iterable[Any]) -> Any:
    """且: one false decides; else anything unknown makes it unknown, with all that is missing."""
    missing: set[Missing] = set()
    for result in results:
        if result is False:
            return False
        if result.__class__ is Unknown:
            missing |= result.missing
    return Unknown(missing) if missing else True


def disjunction(results: Iterable[Any]) -> Any:
    """或: one true decides; else anything unknown makes it unknown."""
    missing: set[Missing] = set()
    for result in results:
        if result is True:
            return True
        if result.__class__ is Unknown:
            missing |= result.missing
    return Unknown(missing) if missing else False


def undefined(thing: Thing, year: int, what: str, why: str) -> Unknown:
    """A number that does not exist: a waiting with its reason."""
    return Unknown({Missing(Waits.APPLICANT, thing.kind, thing.key, what, year, why)})


def combine(thing: Thing, year: int, what: str, *parts: Any) -> Unknown:
    """What an operation comes to when a part is unknown or 无."""
    missing: set[Missing] = set()
    for part in parts:
        if part.__class__ is Unknown:
            missing |= part.missing
        elif part is NONE:
            missing |= undefined(thing, year, what, "为“无”，无法计算").missing
    assert missing, f"{what}: {parts!r} are all known, the checker should have refused them"
    return Unknown(missing)


def ordered(value: Any) -> bool:
    """Whether a value can be compared by size."""
    return value.__class__ in NUMBERS or value.__class__ is date


def by_bounds(value: Unknown, operator: str, bound: Any) -> bool | None:
    """A comparison that what is known of an unknown already decides."""
    if bound.__class__ not in NUMBERS or (value.low is None and value.high is None):
        return None
    low, high = value.low, value.high
    if operator in "≥>":
        if low is not None and COMPARE[operator](low, bound):
            return True
        return False if high is not None and not COMPARE[operator](high, bound) else None
    if high is not None and COMPARE[operator](high, bound):
        return True
    return False if low is not None and not COMPARE[operator](low, bound) else None
